//! What the words of an answer want a value to be.

/// Words for a time that has to lie ahead.
const AHEAD: [&str; 8] = [
    "future",
    "in the past",
    "lie ahead",
    "already passed",
    "has passed",
    "later than now",
    "after now",
    "after the current time",
];
/// Words for a value that is no text.
const NO_TEXT: [&str; 9] =
    ["integer", "a number", "type number", "numeric", "boolean", "an array", "type array", "an object", "not a string"];
/// Words for a value that is a text.
const TEXT: [&str; 4] = ["be a string", "type string", "expected string", "expected a string"];

/// What a new value has to be, as far as the words say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    /// A time that lies ahead.
    pub future: bool,
    /// Anything but a text, so that what is typed counts as JSON.
    pub no_text: bool,
    /// A text, whatever was there.
    pub text: bool,
}

impl Wants {
    /// Reads them; sentences are short, and more than their beginning is not read.
    pub(super) fn of(words: &[&str]) -> Self {
        let mut wants = Self::default();
        for sentence in words {
            let head = sentence.get(..sentence.floor_char_boundary(2000)).unwrap_or(sentence);
            let lower = head.to_lowercase();
            let says = |list: &[&str]| list.iter().any(|word| lower.contains(word));
            wants.future |= says(&AHEAD);
            wants.no_text |= says(&NO_TEXT);
            wants.text |= says(&TEXT);
        }
        // Where both are spoken of, what was there decides.
        if wants.no_text && wants.text {
            (wants.no_text, wants.text) = (false, false);
        }
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sentence_wants() {
        assert!(Wants::of(&["publishAt must be a future timestamp"]).future);
        assert!(Wants::of(&["The date is in the past"]).future);
        assert!(Wants::of(&["count must be an Integer"]).no_text);
        assert!(Wants::of(&["Expected string, got number"]).text);
        assert_eq!(Wants::of(&["must be an array or be a string"]), Wants::default());
        assert_eq!(Wants::of(&["is required", "invalid request"]), Wants::default());
    }
}
