//! The values that a sentence allows. Shape: `must be one of draft, scheduled`, `expected "a" or "b"`.

/// How many are offered.
const MOST: usize = 12;
/// How much of a sentence is read, in bytes.
const READ_BYTES: usize = 2000;
/// What stands before a list of allowed values.
const STARTS: [&str; 8] =
    ["one of:", "one of", "allowed values:", "allowed values are", "allowed:", "expected:", "either", "must be"];

/// The values in the order of the sentence; none where it lists fewer than two.
pub(super) fn values(sentence: &str) -> Vec<String> {
    let read = sentence.get(..sentence.floor_char_boundary(READ_BYTES)).unwrap_or(sentence);
    let lower = read.to_ascii_lowercase();
    let found = STARTS.iter().filter_map(|start| Some((lower.find(start)? + start.len(), *start)));
    let lists = found.filter_map(|(at, start)| {
        let rest = read.get(at..)?;
        // A sentence ends the list; a full stop inside a value has no blank behind it.
        let end = rest.find([';', '\n']).unwrap_or(rest.len()).min(rest.find(". ").unwrap_or(rest.len()));
        let list = rest.get(..end)?.trim().trim_end_matches('.');
        let list = list.trim_start_matches(['[', '(', '{']).trim_end_matches([']', ')', '}']);
        let items = items(list);
        // `must be` begins many sentences that list nothing.
        let is_loose = start == "must be" || start == "either";
        let is_list = items.len() >= 2 && (!is_loose || list.contains(['"', '\'', '`']));
        is_list.then_some(items)
    });
    // Of equals the first, whose words say the most.
    lists.reduce(|best, other| if other.len() > best.len() { other } else { best }).unwrap_or_default()
}

fn items(list: &str) -> Vec<String> {
    let list = list.replace(" or ", ", ").replace(" and ", ", ").replace(" | ", ", ");
    let bare = |item: &str| item.trim_matches(|c: char| c.is_whitespace() || "\"'`:".contains(c)).to_owned();
    let words: Vec<String> = list.split(',').map(bare).filter(|word| !word.is_empty()).take(MOST).collect();
    // A value is a word; anything longer is the rest of a sentence.
    if words.iter().all(|word| word.chars().count() <= 60 && word.split_whitespace().count() <= 2) {
        words
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_form_are_read() {
        let cases: [(&str, &[&str]); 8] = [
            ("must be one of draft, scheduled", &["draft", "scheduled"]),
            ("status must be one of: \"draft\", \"scheduled\" or \"sent\".", &["draft", "scheduled", "sent"]),
            ("Expected: 'a' | 'b'", &["a", "b"]),
            ("should be one of [low, high]. Try again", &["low", "high"]),
            ("must be either `on` or `off`", &["on", "off"]),
            ("must be a future timestamp", &[]),
            ("must be positive and small", &[]),
            ("is too long", &[]),
        ];
        for (sentence, expected) in cases {
            assert_eq!(values(sentence), expected, "{sentence}");
        }
    }
}
