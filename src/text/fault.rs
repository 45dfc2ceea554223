//! Why a text is not strict JSON, and where, in words.

use std::fmt;

use super::{Position, Span};

/// What was expected at the first wrong byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A value: the whole text is empty or begins with something else.
    Value,
    /// A value or `]` after `[`.
    ItemOrEnd,
    /// A value after a comma in an array.
    Item,
    /// A key or `}` after `{`.
    KeyOrEnd,
    /// A key after a comma in an object.
    Key,
    /// `:` after a key.
    Colon,
    /// A value after `:`.
    MemberValue,
    /// `,` or `]` after an item.
    CommaOrBracket,
    /// `,` or `}` after a member.
    CommaOrBrace,
    /// The end of the text after the value.
    EndOfText,
    /// The rest of `true`, `false` or `null`.
    Literal,
    /// A digit in a number.
    Digit,
    /// No more digits after a leading `0`.
    LeadingZero,
    /// The escaped form of a control character in a string.
    ControlCharacter,
    /// One of `" \ / b f n r t u` after a backslash.
    Escape,
    /// Four hexadecimal digits after `\u`.
    HexDigit,
    /// The closing quote of a string.
    ClosingQuote,
    /// A text of less than 4 GiB.
    TooLong,
}

/// The first place where a text stops being strict JSON (RFC 8259).
///
/// *Secrets*: none but the one wrong character.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at {position}", self.summary())]
pub struct SyntaxError {
    /// Byte offset of the first wrong byte; the text's length where it ends too early.
    pub offset: usize,
    /// The same as line and column.
    pub position: Position,
    /// What was expected there.
    pub fault: Fault,
    /// The character that stands there; none at the end of the text.
    pub found: Option<char>,
}

impl SyntaxError {
    /// What is wrong, e.g. "expected `,` or `}` after a member, found `x`".
    pub fn summary(&self) -> String {
        let expected = match self.fault {
            Fault::Value => "expected a JSON value",
            Fault::ItemOrEnd => "expected a value or `]` after `[`",
            Fault::Item => "expected a value after the comma",
            Fault::KeyOrEnd => "expected a key in double quotes or `}` after `{`",
            Fault::Key => "expected a key in double quotes after the comma",
            Fault::Colon => "expected `:` after the key",
            Fault::MemberValue => "expected a value after `:`",
            Fault::CommaOrBracket => "expected `,` or `]` after an item",
            Fault::CommaOrBrace => "expected `,` or `}` after a member",
            Fault::EndOfText => "expected the end of the text after the value",
            Fault::Literal => "expected `true`, `false` or `null`",
            Fault::Digit => "expected a digit in the number",
            Fault::LeadingZero => "expected no digit after a leading `0`",
            Fault::ControlCharacter => "expected an escape instead of a control character in a string",
            Fault::Escape => "expected one of `\"\\/bfnrtu` after a backslash",
            Fault::HexDigit => "expected four hexadecimal digits after `\\u`",
            Fault::ClosingQuote => "expected a closing `\"` for the string",
            Fault::TooLong => return "expected a text of less than 4 GiB".to_owned(),
        };
        format!("{expected}, found {}", Found(self.found))
    }

    /// Where, e.g. "line 3, column 7".
    pub fn place(&self) -> String {
        self.position.to_string()
    }

    /// What to do next.
    pub fn fix(&self) -> &'static str {
        match (self.fault, self.found) {
            (Fault::TooLong, _) => "Split the text",
            (_, Some('/' | '#')) => "Remove the comment: JSON has none",
            (_, Some('\'' | '‘' | '’' | '“' | '”')) => "Use straight double quotes",
            (Fault::Item | Fault::Key, Some(']' | '}')) => "Remove the comma before it",
            (Fault::Value, None) => "Write a value, e.g. `{}`",
            (_, None) => "Complete the text: it ends too early",
            (Fault::Key | Fault::KeyOrEnd, _) => "Put the key in double quotes",
            (Fault::Colon, _) => "Put a colon between key and value",
            (Fault::CommaOrBracket | Fault::CommaOrBrace, _) => "Add the comma or the closing bracket before it",
            (Fault::EndOfText, _) => "Remove what follows the value, or put both into an array",
            (Fault::Digit | Fault::LeadingZero, _) => {
                "Write the number with digits on both sides of the point and no leading zero"
            }
            (Fault::ControlCharacter, Some('\n' | '\r')) => "Close the string, or write the line break as `\\n`",
            (Fault::ControlCharacter, _) => "Write it as an escape, e.g. `\\t` or `\\u0000`",
            (Fault::Escape | Fault::HexDigit, _) => "Write a backslash as `\\\\`",
            _ => "Write a string in double quotes, a number, `true`, `false`, `null`, an object or an array",
        }
    }

    /// The wrong character's bytes, or nothing at the end of the text.
    pub fn span(&self) -> Span {
        Span { start: self.offset, end: self.offset + self.found.map_or(0, char::len_utf8) }
    }
}

/// The wrong character, shown so that it can be seen.
struct Found(Option<char>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the end of the text"),
            Some('\n' | '\r') => f.write_str("a line break"),
            Some('\t') => f.write_str("a tab"),
            Some('`') => f.write_str("a backtick"),
            Some(c) if c.is_whitespace() || super::visible::is_hidden(c) => write!(f, "U+{:04X}", u32::from(c)),
            Some(c) => write!(f, "`{c}`"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::Document;
    use super::*;

    #[test]
    fn the_first_wrong_byte_is_named() {
        let cases = [
            ("", 0, Fault::Value),
            (" \n", 2, Fault::Value),
            ("NaN", 0, Fault::Value),
            ("'a'", 0, Fault::Value),
            ("[1,]", 3, Fault::Item),
            ("[,1]", 1, Fault::ItemOrEnd),
            ("[1 2]", 3, Fault::CommaOrBracket),
            ("[1}", 2, Fault::CommaOrBracket),
            ("{\"a\":1,}", 7, Fault::Key),
            ("{a:1}", 1, Fault::KeyOrEnd),
            ("{\"a\" 1}", 5, Fault::Colon),
            ("{\"a\":}", 5, Fault::MemberValue),
            ("{\"a\":1 \"b\":2}", 7, Fault::CommaOrBrace),
            ("{} x", 3, Fault::EndOfText),
            ("tru}", 3, Fault::Literal),
            ("01", 1, Fault::LeadingZero),
            ("-", 1, Fault::Digit),
            ("1.e1", 2, Fault::Digit),
            ("+1", 0, Fault::Value),
            ("\"a\tb\"", 2, Fault::ControlCharacter),
            ("\"12345678\\x\"", 10, Fault::Escape),
            ("\"\\u12é\"", 5, Fault::HexDigit),
            ("\"abc", 4, Fault::ClosingQuote),
            ("{} // no", 3, Fault::EndOfText),
            ("[1\u{a0}]", 2, Fault::CommaOrBracket),
        ];
        for (text, offset, fault) in cases {
            let doc = Document::parse(text);
            let error = doc.error().unwrap();
            assert_eq!((error.offset, error.fault), (offset, fault), "{text:?}");
        }
    }

    #[test]
    fn what_is_whole_before_a_fault_says_so() {
        let doc = Document::parse("{\"a\": [1, 2], \"b\": 12");
        let whole: Vec<_> = doc.descendants().map(|node| (node.raw(), node.is_complete())).collect();
        assert_eq!(
            whole,
            [("{\"a\": [1, 2], \"b\": 12", false), ("[1, 2]", true), ("1", true), ("2", true), ("12", false)]
        );
        let error = doc.error().unwrap();
        assert_eq!(
            error.to_string(),
            "expected `,` or `}` after a member, found the end of the text at line 1, column 22"
        );
        assert_eq!(error.fix(), "Complete the text: it ends too early");
        assert_eq!(Document::parse("{\"a\": \"cut").descendants().count(), 1, "a string that is cut is no value");
        assert_eq!(Document::parse("\u{feff}[1]").root().unwrap().span(), Span::new(3, 6));
    }
}
