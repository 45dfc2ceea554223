//! Finds our own placeholders in a text.

/// Every placeholder in a text, in order. Shape: `‹token#1›`.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('‹').filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        // A label has at most 40 characters, a number ten digits, and each bracket three bytes.
        let near = rest.get(..rest.floor_char_boundary(60))?;
        let end = near.find('›')? + '›'.len_utf8();
        rest.get(..end).filter(|found| is_placeholder(found))
    })
}

fn is_placeholder(text: &str) -> bool {
    let inside = text.strip_prefix('‹').and_then(|rest| rest.strip_suffix('›'));
    inside.and_then(|inside| inside.split_once('#')).is_some_and(|(label, number)| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_placeholders_are_found() {
        let found = |text: &'static str| placeholders(text).collect::<Vec<_>>();
        assert_eq!(found("a ‹token#1› ‹‹x_2#10›› b"), ["‹token#1›", "‹x_2#10›"]);
        for text in ["", "‹", "‹token#1", "‹Token#1›", "‹token›", "‹#1›", "‹token#›", "‹a b#1›", "‹token#1x›"]
        {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
