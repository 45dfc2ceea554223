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
    text.strip_prefix('‹').and_then(|rest| rest.strip_suffix('›')).is_some_and(is_inside_of_one)
}

/// Whether the byte at that place stands inside one of our own placeholders.
pub(in crate::secret) fn is_in_placeholder(text: &str, at: usize) -> bool {
    // A placeholder is at most 60 bytes long, so only the text just before is looked at.
    let near = text.floor_char_boundary(at.saturating_sub(60));
    let Some(open) = text.get(near..at).and_then(|before| before.rfind('‹')).map(|open| near + open) else {
        return false;
    };
    let Some(rest) = text.get(open..) else { return false };
    placeholders(rest).next().is_some_and(|found| rest.starts_with(found) && open + found.len() > at)
}

/// Whether nothing but our own placeholders is in a value.
pub(in crate::secret) fn is_ours(value: &str) -> bool {
    if !value.contains('‹') {
        return false;
    }
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('‹') {
        let Some((inside, behind)) = after.split_once('›') else { return false };
        if !is_inside_of_one(inside) || before.chars().any(char::is_alphanumeric) {
            return false;
        }
        rest = behind;
    }
    !rest.chars().any(char::is_alphanumeric)
}

fn is_inside_of_one(inside: &str) -> bool {
    inside.split_once('#').is_some_and(|(label, number)| {
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
