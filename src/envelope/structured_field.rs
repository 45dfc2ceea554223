//! Lists and dictionaries of structured fields, as far as rate limits need them.
//!
//! Source: RFC 9651. Inner lists are refused, since no field read here may hold one.

/// A value without its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// At most 15 digits. Shape: `100`.
    Integer(i64),
    /// Quotes and escapes undone. Shape: `"default"`.
    Text(String),
    /// As it stands between its colons. Shape: `:cHsdsRa894==:`.
    Bytes(&'t str),
    /// A decimal, token, boolean, date or display string, none of which any reader here asks for.
    Other,
}

/// A value with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item<'t> {
    /// The value itself.
    pub value: Value<'t>,
    /// The text it was read from, parameters included.
    pub raw: &'t str,
    parameters: Vec<(&'t str, Value<'t>)>,
}

impl<'t> Item<'t> {
    /// The parameter of that name; of duplicates the last.
    pub(super) fn parameter(&self, name: &str) -> Option<&Value<'t>> {
        self.parameters.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// Reads a list; none if any of it is malformed. Shape: `"burst";q=100;w=60, "daily";q=1000`.
pub(super) fn list(text: &str) -> Option<Vec<Item<'_>>> {
    Scanner { rest: text }.members(Scanner::item)
}

/// Reads a dictionary; none if any of it is malformed. Shape: `limit=100, reset=5`.
pub(super) fn dictionary(text: &str) -> Option<Vec<(&str, Value<'_>)>> {
    Scanner { rest: text }.members(|scanner| {
        let key = scanner.key()?;
        let value = if scanner.eat('=') { scanner.value()? } else { Value::Other };
        scanner.parameters()?;
        Some((key, value))
    })
}

struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    fn members<T>(mut self, member: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut members = Vec::new();
        self.rest = self.rest.trim_matches(' ');
        if self.rest.is_empty() {
            return Some(members);
        }
        loop {
            members.push(member(&mut self)?);
            self.take_while(is_blank);
            if self.rest.is_empty() {
                return Some(members);
            }
            if !self.eat(',') {
                return None;
            }
            self.take_while(is_blank);
        }
    }

    fn item(&mut self) -> Option<Item<'t>> {
        let from = self.rest;
        let value = self.value()?;
        let parameters = self.parameters()?;
        let raw = from.get(..from.len() - self.rest.len())?;
        Some(Item { value, raw, parameters })
    }

    fn parameters(&mut self) -> Option<Vec<(&'t str, Value<'t>)>> {
        let mut parameters = Vec::new();
        while self.eat(';') {
            self.take_while(|c| c == ' ');
            let key = self.key()?;
            parameters.push((key, if self.eat('=') { self.value()? } else { Value::Other }));
        }
        Some(parameters)
    }

    fn key(&mut self) -> Option<&'t str> {
        self.rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '*').then(|| {
            self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*'))
        })
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.rest.chars().next()? {
            '-' | '0'..='9' => self.number(),
            '"' => self.string().map(Value::Text),
            ':' => {
                self.eat(':');
                let bytes = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
                self.eat(':').then_some(Value::Bytes(bytes))
            }
            '?' => {
                self.eat('?');
                (self.eat('0') || self.eat('1')).then_some(Value::Other)
            }
            '@' => {
                self.eat('@');
                matches!(self.number()?, Value::Integer(_)).then_some(Value::Other)
            }
            '%' => {
                self.eat('%');
                self.string().map(|_| Value::Other)
            }
            c if c.is_ascii_alphabetic() || c == '*' => {
                self.take_while(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(c));
                Some(Value::Other)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value<'t>> {
        let is_negative = self.eat('-');
        let whole = self.take_while(|c| c.is_ascii_digit());
        if self.eat('.') {
            let part = self.take_while(|c| c.is_ascii_digit());
            let is_decimal = (1..=12).contains(&whole.len()) && (1..=3).contains(&part.len());
            return is_decimal.then_some(Value::Other);
        }
        if whole.len() > 15 {
            return None;
        }
        let number: i64 = whole.parse().ok()?;
        Some(Value::Integer(if is_negative { -number } else { number }))
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.strip_prefix('"')?.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => text.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
                c @ ' '..='~' => text.push(c),
                _ => return None,
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.strip_prefix(wanted).map(|rest| self.rest = rest).is_some()
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (head, tail) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn items_keep_their_own_text() {
        let text = " \"a\\\"b\"; q=10;w=1 ,\t100;w=60;note=?1;at=@5;x=1.5;y=tok/en;z=%\"%c3%bc\";pk=:aGk=:;on";
        let items = list(text).unwrap();
        let [first, second] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!(first.value, Value::Text("a\"b".into()));
        assert_eq!(first.raw, r#""a\"b"; q=10;w=1"#);
        assert_eq!(first.parameter("q"), Some(&Value::Integer(10)));
        assert_eq!(second.value, Value::Integer(100));
        assert_eq!(second.parameter("pk"), Some(&Value::Bytes("aGk=")));
        assert_eq!(second.parameter("on"), Some(&Value::Other));
        assert_eq!(second.parameter("q"), None);
    }

    #[test]
    fn the_last_of_two_parameters_counts() {
        assert_eq!(list("1;w=1;w=2").unwrap().first().unwrap().parameter("w"), Some(&Value::Integer(2)));
    }

    #[test]
    fn a_dictionary_is_read_by_its_keys() {
        let members = dictionary("limit=100, reset=5;x=1, on").unwrap();
        assert_eq!(members, [("limit", Value::Integer(100)), ("reset", Value::Integer(5)), ("on", Value::Other)]);
        assert_eq!(dictionary("Limit=100"), None);
    }

    #[test]
    fn malformed_fields_are_refused_as_a_whole() {
        let wrong = [
            "1,",
            ",1",
            "1 2",
            "1;",
            "1;W=1",
            "1;w=",
            "\"a",
            "\"a\\n\"",
            "\"é\"",
            "(1 2)",
            "1234567890123456",
            "--1",
            "1.",
            "1.2345",
            ":a",
            "?2",
            "@x",
            "%x",
            "é",
            "1;w=(1)",
        ];
        for text in wrong {
            assert_eq!(list(text), None, "{text}");
        }
        assert_eq!(list("  "), Some(Vec::new()));
    }
}
