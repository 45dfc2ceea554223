//! Finds the secret values of JSON by their keys, at any depth, whole or broken, without recursion.

use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace, NameRule};
use super::shapes::secret_parts;
use super::words::is_opaque;

/// The shortest string that is worth a look whether it is base64.
const MIN_BASE64_BYTES: usize = 16;

/// A kept value shorter than this looks like nothing that a pattern finds.
const MIN_KEPT_BYTES: usize = 12;

/// Members whose text is the name of what stands in a [`VALUE_MEMBERS`] member beside them.
const NAME_MEMBERS: [&str; 10] = ["name", "key", "Name", "Key", "NAME", "KEY", "field", "header", "parameter", "k"];
const VALUE_MEMBERS: [&str; 4] = ["value", "Value", "VALUE", "v"];

/// What one pass over a JSON text saw.
pub(in crate::secret) struct Scan {
    /// Values that are secret by their key.
    pub found: Vec<Found>,
    /// The other strings, without quotes, whose inside may hold more: with an escape, a sign of a pair, or base64.
    pub strings: Vec<Range<usize>>,
    /// Numbers and words outside quotes; a placeholder there needs quotes of its own.
    pub scalars: Vec<Range<usize>>,
    /// Values that stay by their name, unless they are known secrets.
    pub kept: Vec<Range<usize>>,
    /// Whether the text was strict enough for the pass to have seen all of it as meant.
    pub is_clean: bool,
    /// Where the pass ended.
    pub end: usize,
}

/// How far a pass goes.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::secret) enum Extent {
    /// To the end, whatever comes.
    Whole,
    /// To the end of the first object or list, or to what is no JSON.
    First,
}

/// An object or list that is open.
struct Frame<'r> {
    is_object: bool,
    /// The rule of a secret name above.
    rule: Option<&'r NameRule>,
    /// The name of that rule, for the manifest.
    rule_name: Range<usize>,
    /// Whether it stands inside an error, where a field's name holds reasons.
    is_error: bool,
    /// Whether its members are named after packages and commands.
    is_catalog: bool,
    /// Whether it is a list below `headers` and its like, or such a list's entry.
    pairs: Pairs,
    /// The member's name whose value comes next.
    key: Option<Range<usize>>,
    /// The text of a `name` or `key` member, or of a pair's first entry.
    named: Option<Range<usize>>,
    /// The `value` member met before its `name`.
    waiting: Option<Token>,
    count: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Pairs {
    No,
    List,
    Entry,
}

/// A value that is no object and no list.
#[derive(Clone)]
struct Token {
    /// Without quotes.
    range: Range<usize>,
    is_string: bool,
}

struct Scanner<'l, 'r, 't> {
    names: &'l mut Lookup<'r>,
    text: &'t str,
    frames: Vec<Frame<'r>>,
    scan: Scan,
    extent: Extent,
}

/// Reads the text once from `start` on.
pub(in crate::secret) fn scan(names: &mut Lookup<'_>, text: &str, start: usize, extent: Extent) -> Scan {
    let scan = Scan {
        found: Vec::new(),
        strings: Vec::new(),
        scalars: Vec::new(),
        kept: Vec::new(),
        is_clean: true,
        end: text.len(),
    };
    let mut scanner = Scanner { names, text, frames: Vec::new(), scan, extent };
    // The root behaves as an object, so that a fragment such as `"password": "x"` is read as well.
    scanner.frames.push(Frame::new(true, None, 0..0, false, Pairs::No));
    scanner.run(start);
    // A `value` before its `name` is decided on when its object ends.
    scanner.scan.scalars.sort_unstable_by_key(|range| range.start);
    scanner.scan.kept.sort_unstable_by_key(|range| range.start);
    scanner.scan
}

/// A JSON string's inside without its escapes; as it stands if the escapes are wrong.
pub(in crate::secret) fn unescaped(inside: &str) -> Cow<'_, str> {
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    match serde_json::from_str::<String>(&format!("\"{inside}\"")) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(inside),
    }
}

/// Whether a string's first bytes are all of the base64 alphabets, and there are enough of them.
pub(in crate::secret) fn is_base64_like(inside: &[u8]) -> bool {
    inside
        .get(..MIN_BASE64_BYTES)
        .is_some_and(|head| head.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_')))
}

/// Whether a string's inside may hold a pair, an escape, markup or a command's flag.
fn has_signs(inside: &[u8]) -> bool {
    let mut previous = 0;
    inside.iter().any(|byte| {
        let is_flag = *byte == b'-' && previous == b'-';
        previous = *byte;
        is_flag || matches!(byte, b'\\' | b'=' | b':' | b'%' | b'&' | b'<')
    })
}

impl<'r> Frame<'r> {
    fn new(is_object: bool, rule: Option<&'r NameRule>, rule_name: Range<usize>, is_error: bool, pairs: Pairs) -> Self {
        Self {
            is_object,
            rule,
            rule_name,
            is_error,
            is_catalog: false,
            pairs,
            key: None,
            named: None,
            waiting: None,
            count: 0,
        }
    }
}

impl Scanner<'_, '_, '_> {
    fn run(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => at += 1,
                b'{' | b'[' => {
                    self.open(*byte == b'{');
                    at += 1;
                }
                b'}' | b']' => {
                    self.close(*byte == b'}');
                    at += 1;
                    if self.extent == Extent::First && self.frames.len() == 1 {
                        self.scan.end = at;
                        return;
                    }
                }
                b'"' => {
                    let end = self.string_end(at + 1);
                    let token = Token { range: at + 1..end, is_string: true };
                    at = (end + 1).min(bytes.len());
                    self.token(token, at);
                }
                _ => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let stop = |b: &u8| {
                        matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"')
                    };
                    let end = at + rest.iter().position(stop).unwrap_or(rest.len());
                    let word = self.text.get(at..end).unwrap_or_default();
                    let is_plain =
                        word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
                    if !is_plain && !matches!(word, "true" | "false" | "null") {
                        self.scan.is_clean = false;
                    }
                    self.token(Token { range: at..end, is_string: false }, end);
                    at = end;
                }
            }
            if self.extent == Extent::First && !self.scan.is_clean {
                self.scan.end = at;
                break;
            }
        }
        self.scan.is_clean &= self.frames.len() == 1;
        while !self.frames.is_empty() {
            self.settle();
            self.frames.pop();
        }
    }

    /// The place of the closing quote, or the text's end.
    fn string_end(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            at += found;
            if bytes.get(at) == Some(&b'"') {
                if bytes.get(start..at).is_some_and(|inside| memchr::memchr(b'\n', inside).is_some()) {
                    self.scan.is_clean = false;
                }
                return at;
            }
            at += 2;
        }
        self.scan.is_clean = false;
        bytes.len()
    }

    fn open(&mut self, is_object: bool) {
        let Some(parent) = self.frames.last_mut() else { return };
        parent.count += 1;
        let key = parent.key.take();
        let name = key.clone().and_then(|key| self.text.get(key)).map(unescaped);
        let own = name.as_deref().and_then(|name| self.names.find(NamePlace::Key, name));
        let rules = self.names.rules();
        let inherited = parent.rule;
        let (rule, rule_name) = match (own, key) {
            (Some(rule), Some(key)) if !is_object || rule.is_deep => (Some(rule), key),
            _ => (inherited.filter(|rule| !is_object || rule.is_deep), parent.rule_name.clone()),
        };
        let is_error = parent.is_error || name.as_deref().is_some_and(|name| rules.is_error(name));
        let pairs = match (parent.pairs, is_object) {
            (Pairs::List, false) => Pairs::Entry,
            (_, false) if name.as_deref().is_some_and(|name| rules.is_pair_list(name)) => Pairs::List,
            _ => Pairs::No,
        };
        let is_catalog = is_object && name.as_deref().is_some_and(|name| rules.is_catalog(name));
        self.frames.push(Frame { is_catalog, ..Frame::new(is_object, rule, rule_name, is_error, pairs) });
    }

    fn close(&mut self, is_object: bool) {
        if self.frames.len() < 2 {
            self.scan.is_clean = false;
            return;
        }
        self.scan.is_clean &= self.frames.last().is_some_and(|frame| frame.is_object == is_object);
        self.settle();
        self.frames.pop();
    }

    /// A `value` whose `name` came after it, or never.
    fn settle(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(token) = frame.waiting.take() {
            let named = frame.named.clone();
            self.value(token, named, true);
        }
    }

    fn token(&mut self, token: Token, next: usize) {
        let is_key = self.frames.last().is_some_and(|frame| frame.key.is_none())
            && self
                .text
                .as_bytes()
                .get(next..)
                .is_some_and(|rest| rest.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':'));
        let Some(frame) = self.frames.last_mut() else { return };
        if is_key {
            frame.key = Some(token.range.clone());
            // A name in a list is broken JSON, but still a name.
            self.scan.is_clean &= frame.is_object;
            if token.is_string && self.text.as_bytes().get(token.range.clone()).is_some_and(has_signs) {
                self.scan.strings.push(token.range);
            }
            return;
        }
        frame.count += 1;
        let key = frame.key.take();
        match (&key, frame.is_object) {
            (Some(key), true) => match self.text.get(key.clone()) {
                Some(name) if token.is_string && NAME_MEMBERS.contains(&name) => {
                    frame.named = Some(token.range.clone());
                    self.value(token, Some(key.clone()), false);
                }
                Some(name) if VALUE_MEMBERS.contains(&name) => {
                    // Its own name says nothing; what it is stands beside it, perhaps behind it.
                    if frame.named.is_some() {
                        let named = frame.named.clone();
                        self.value(token, named, true);
                    } else {
                        frame.waiting = Some(token);
                    }
                }
                _ => self.value(token, Some(key.clone()), false),
            },
            (_, false) if frame.pairs == Pairs::Entry => {
                if frame.count == 1 && token.is_string {
                    frame.named = Some(token.range.clone());
                    self.plain(token);
                } else {
                    let named = frame.named.clone();
                    self.value(token, named, true);
                }
            }
            _ => self.value(token, key, false),
        }
    }

    /// Decides on one value; `is_named` says that the name stands beside it as a value, not as its key.
    fn value(&mut self, token: Token, name: Option<Range<usize>>, is_named: bool) {
        let Some(frame) = self.frames.last() else { return };
        let inside = self.text.get(token.range.clone()).unwrap_or_default();
        let name_text = name.clone().and_then(|name| self.text.get(name)).map(unescaped);
        let place = if is_named { NamePlace::Text } else { NamePlace::Key };
        let mut own = name_text.as_deref().and_then(|name| self.names.find(place, name));
        if is_named && own.is_none_or(|rule| rule.is_opaque_only) {
            // A pair is a parameter as well as anything else.
            own = name_text.as_deref().and_then(|name| self.names.find(NamePlace::Parameter, name)).or(own);
        }
        if frame.is_catalog && !is_opaque(inside) {
            own = None;
        }
        let own = own.filter(|rule| !rule.is_opaque_only || is_opaque(inside) || frame.rule.is_none());
        let rules = self.names.rules();
        let (rule, rule_name) = match (own, name) {
            (Some(rule), Some(name)) => (Some(rule), name),
            _ => (frame.rule, frame.rule_name.clone()),
        };
        let Some(rule) = rule else {
            if inside.len() >= MIN_KEPT_BYTES && name_text.is_some_and(|name| self.names.is_kept(place, &name)) {
                self.scan.kept.push(token.range.clone());
            }
            return self.plain(token);
        };
        let is_nothing = inside.is_empty() || (!token.is_string && matches!(inside, "null" | "true" | "false"));
        let is_reason = token.is_string
            && (frame.is_error || !frame.is_object)
            && (rules.is_reason(inside) || (frame.is_error && rules.is_reason_word(inside)));
        let is_beside = own.is_none()
            && frame.is_object
            && !is_opaque(inside)
            && name_text.as_deref().is_some_and(|name| rules.is_beside(name));
        if is_nothing || is_reason || is_beside {
            return self.plain(token);
        }
        let rule_name = self.text.get(rule_name).map(|name| unescaped(name).to_lowercase()).unwrap_or_default();
        let is_inside = own.is_none() && frame.is_object;
        // Below `cookies` a value is no header line of cookies any more.
        let parts =
            if is_inside { std::iter::once(0..inside.len()).collect() } else { secret_parts(rules, rule, inside) };
        if parts.is_empty() {
            return self.plain(token);
        }
        for part in parts {
            let range = token.range.start + part.start..token.range.start + part.end;
            self.scan.found.push(Found {
                label: rule.label.clone(),
                rule: format!("name {rule_name}"),
                value: Zeroizing::new(unescaped(inside.get(part).unwrap_or_default()).into_owned()),
                range,
                how: if token.is_string { How::Plain } else { How::Quoted },
            });
        }
    }

    /// A value that stays by its name, and is looked into later.
    fn plain(&mut self, token: Token) {
        if !token.is_string {
            self.scan.scalars.push(token.range);
        } else if self.text.as_bytes().get(token.range.clone()).is_some_and(|s| has_signs(s) || is_base64_like(s)) {
            self.scan.strings.push(token.range);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::names::NameRules;
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let names = NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap();
        scan(&mut names.lookup(), text, 0, Extent::Whole)
            .found
            .into_iter()
            .map(|found| text[found.range].to_owned())
            .collect()
    }

    #[test]
    fn values_under_secret_keys_are_found_at_any_depth() {
        let cases: &[(&str, &[&str])] = &[
            (r#"{"a":{"b":[{"password":"x"}]}}"#, &["x"]),
            (r#"{"token":5,"b":1}"#, &["5"]),
            (r#"{"tokens":["abc12345def","plain"]}"#, &["abc12345def"]),
            (r#"{"auth":{"type":"bearer","value":"v1"}}"#, &["v1"]),
            (r#"{"headers":{"Authorization":"Bearer abc"}}"#, &["abc"]),
            (r#"{"headers":[["Authorization","Bearer abc"],["Accept","x"]]}"#, &["abc"]),
            (r#"[{"name":"Cookie","value":"a=1; b=2"}]"#, &["1", "2"]),
            (r#"[{"value":"k1","name":"X-Api-Key"}]"#, &["k1"]),
            (r#"{"p\u0061ssword":"x"}"#, &["x"]),
            (r#"{"password":"a","password":"b"}"#, &["a", "b"]),
            (r#"{"password": "x"#, &["x"]),
            (r#"{password: hunter2}"#, &["hunter2"]),
            (r#""secret": "y", ]]]"#, &["y"]),
            (r#"{"cookies":[{"name":"sid","value":"abc","path":"/"}]}"#, &["abc"]),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), *expected, "{text}");
        }
    }

    #[test]
    fn plain_values_stay() {
        for text in [
            r#"{"max_tokens":100,"next_page_token":"abc123def456","author":"Ann","state":"draft","code":"invalid_request"}"#,
            r#"{"password":["This field is required."]}"#,
            r#"{"errors":{"password":"is too short"}}"#,
            r#"{"password":null,"token":"","secret":false}"#,
            r#"{"required":["password","email"]}"#,
            r#"{"session":{"title":"Keynote"}}"#,
            r#"[{"name":"title","value":"x"}]"#,
            r#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp","details":{"field":"publishAt","reason":"value is in the past"}}}"#,
        ] {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_hundred_thousand_levels_are_read() {
        let text = format!("{}\"password\":\"x\"", "{\"a\":[".repeat(100_000));
        assert_eq!(values(&text), vec!["x"]);
    }
}
