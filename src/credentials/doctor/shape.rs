//! How a secret was pasted: what stands around and inside it that does not belong, and the secret without that.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::model::{TokenAction, TokenFinding};
use crate::credentials::CredentialKind;
use crate::credentials::header::check_secret;
use crate::secret::{Secret, placeholders};

const ID: &str = "shape";
/// How often layers are taken off; a value pasted more often than this is not put right by itself.
const LAYERS: usize = 8;
const QUOTES: [(char, char); 7] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('„', '“'), ('«', '»')];
/// Texts that stand for a secret in examples and in programs that had none.
const STAND_INS: [&str; 14] = [
    "token",
    "secret",
    "password",
    "apikey",
    "api_key",
    "api-key",
    "access_token",
    "changeme",
    "undefined",
    "null",
    "none",
    "[object object]",
    "example",
    "todo",
];

/// Looks at how the secret was pasted. Names what is wrong and where, never the text.
pub(super) fn shape(kind: CredentialKind, secret: Option<&Secret>) -> TokenFinding {
    let Some(secret) = secret else { return TokenFinding::unknown(ID, "The secret could not be read") };
    let text = secret.expose();
    let replace = "Copy the secret again from where it was made, alone and whole, and replace it";
    let peeled = Peeled::of(kind, text);
    if peeled.text.is_empty() {
        return TokenFinding::fail(ID, "There is no secret: what is stored is empty", replace)
            .because(peeled.said)
            .with(TokenAction::Replace);
    }
    if is_stand_in(&peeled.text) {
        return TokenFinding::fail(ID, "What is stored is a placeholder from an example, not a secret", replace)
            .with(TokenAction::Replace);
    }
    let mut left = Vec::new();
    if let Some(at) = peeled.text.chars().position(|c| !c.is_ascii() && kind != CredentialKind::Basic) {
        left.push(format!("a character at place {} that is no ASCII, so no header carries it", at + 1));
    }
    if let Some(at) = peeled.text.chars().position(|c| c.is_ascii_control()) {
        left.push(format!("a control character at place {}", at + 1));
    }
    if let Some(at) = peeled.text.chars().position(|c| c == ' ')
        && kind != CredentialKind::Basic
    {
        left.push(format!("a space inside it, at place {}", at + 1));
    }
    match (peeled.said.is_empty(), left.is_empty(), clean(kind, secret).is_some()) {
        (true, true, _) => TokenFinding::pass(ID, "Nothing stands around or inside the secret that does not belong"),
        (false, true, true) => {
            let summary = format!("The secret was pasted with {}", peeled.said.join(", "));
            let fix = "Store it without that";
            let found = match peeled.is_certain {
                true => TokenFinding::fail(ID, summary, fix),
                false => TokenFinding::attention(ID, summary, fix),
            };
            found.with(TokenAction::CleanSecret)
        }
        (_, false, _) if left.iter().all(|what| what.starts_with("a space")) => {
            TokenFinding::attention(ID, format!("There is {}", left.join(", ")), replace)
                .because(peeled.said)
                .with(TokenAction::Replace)
        }
        _ => {
            let all: Vec<String> = peeled.said.into_iter().chain(left).collect();
            TokenFinding::fail(ID, format!("The secret holds {}", all.join(", ")), replace).with(TokenAction::Replace)
        }
    }
}

/// The secret without what does not belong to it; none where nothing is to be done, or nothing good comes of it.
///
/// *Secrets*: yes.
pub fn clean(kind: CredentialKind, secret: &Secret) -> Option<Secret> {
    let mut peeled = Peeled::of(kind, secret.expose());
    if peeled.said.is_empty() || is_stand_in(&peeled.text) {
        return None;
    }
    let cleaned = Secret::new(std::mem::take(&mut *peeled.text));
    // Everything that is still wrong is nothing that taking away puts right.
    check_secret(kind, &cleaned).is_ok().then_some(cleaned)
}

/// A secret layer by layer until its core.
struct Peeled {
    text: Zeroizing<String>,
    /// What was taken away and where, outermost first.
    said: Vec<String>,
    /// Whether what was taken away is certainly no part of it.
    is_certain: bool,
}

impl Peeled {
    fn of(kind: CredentialKind, text: &str) -> Self {
        let mut peeled = Self { text: Zeroizing::new(text.to_owned()), said: Vec::new(), is_certain: false };
        let mut schemes = 0;
        for _ in 0..LAYERS {
            let before = peeled.text.len();
            peeled.space_around();
            peeled.quotes();
            peeled.field_name();
            if peeled.scheme(kind) {
                schemes += 1;
            }
            if peeled.text.len() == before {
                break;
            }
        }
        match schemes {
            0 => {}
            1 => peeled.certain("the scheme before it, which is added when it is sent"),
            2 => peeled.certain("the scheme before it, twice"),
            n => peeled.certain(&format!("the scheme before it, {n} times")),
        }
        peeled.breaks(kind);
        peeled.percent(kind);
        peeled.said.dedup();
        peeled
    }

    fn certain(&mut self, what: &str) {
        self.is_certain = true;
        self.said.push(what.to_owned());
    }

    fn set(&mut self, text: &str) {
        self.text = Zeroizing::new(text.to_owned());
    }

    fn space_around(&mut self) {
        let text = std::mem::take(&mut self.text);
        let is_space = |c: char| c.is_whitespace() || is_zero_width(c);
        let core = text.trim_matches(is_space);
        if core.len() != text.len() && !core.is_empty() {
            let front = text.trim_start_matches(is_space);
            let before = text.get(..text.len() - front.len()).unwrap_or_default();
            let after = text.get(text.trim_end_matches(is_space).len()..).unwrap_or_default();
            for (around, place) in [(before, "before"), (after, "behind")] {
                if !around.is_empty() {
                    self.certain(&format!("{} {place} it", name_of_space(around)));
                }
            }
        } else if core.len() != text.len() {
            self.certain("nothing but white space");
        }
        self.set(core);
    }

    fn quotes(&mut self) {
        let text = std::mem::take(&mut self.text);
        let inner = QUOTES.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
        if inner.is_some() {
            self.certain("quotes around it");
        }
        self.set(inner.unwrap_or(&text));
    }

    /// Takes the header's name off. Shape: `Authorization: …`.
    fn field_name(&mut self) {
        let text = std::mem::take(&mut self.text);
        let rest = ["authorization", "proxy-authorization", "x-api-key", "api-key"].iter().find_map(|name| {
            let head = text.get(..name.len())?;
            let rest = text.get(name.len()..)?.trim_start();
            head.eq_ignore_ascii_case(name).then(|| rest.strip_prefix([':', '=']))?
        });
        if rest.is_some() {
            self.certain("the header's name before it");
        }
        self.set(rest.unwrap_or(&text));
    }

    /// Takes the scheme off. Shape: `Bearer …`, `bearer:…`, `Basic …`.
    fn scheme(&mut self, kind: CredentialKind) -> bool {
        let text = std::mem::take(&mut self.text);
        let word = if kind == CredentialKind::Basic { "basic" } else { "bearer" };
        let has_word = text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = text.get(word.len()..).filter(|rest| {
            has_word
                && match kind {
                    // A user may be called basic, and a colon is part of it.
                    CredentialKind::Basic => rest.starts_with(' ') && !rest.contains(':'),
                    _ => rest.is_empty() || rest.starts_with([' ', ':', '\t', '=']),
                }
        });
        let Some(rest) = rest.map(|rest| rest.trim_start_matches([' ', ':', '\t', '='])) else {
            self.set(&text);
            return false;
        };
        match kind {
            CredentialKind::Basic => {
                let decoded = STANDARD.decode(rest.trim()).ok().map(Zeroizing::new);
                let decoded = decoded.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                let Some(decoded) = decoded.filter(|decoded| decoded.contains(':')) else {
                    self.set(&text);
                    return false;
                };
                self.set(decoded);
            }
            _ => self.set(rest),
        }
        true
    }

    /// Takes line breaks, and what no token holds, out of the inside.
    fn breaks(&mut self, kind: CredentialKind) {
        if kind == CredentialKind::Basic {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let is_break = |c: char| matches!(c, '\r' | '\n' | '\u{2028}' | '\u{2029}');
        let has_break = text.contains(is_break);
        let mut kept = Zeroizing::new(String::with_capacity(text.len()));
        // By RFC 6750 a bearer token holds no white space; of other secrets only lines that were wrapped are joined.
        let is_dropped = |c: char| {
            is_break(c)
                || is_zero_width(c)
                || (c.is_whitespace() && (kind == CredentialKind::Bearer || has_break && c != ' '))
        };
        kept.extend(text.chars().filter(|c| !is_dropped(*c)));
        let place = |wanted: &dyn Fn(char) -> bool| text.chars().position(wanted).map(|at| at + 1);
        if let Some(at) = place(&is_break) {
            self.certain(&format!("a line break at place {at}"));
        }
        if let Some(at) = place(&is_zero_width) {
            self.certain(&format!("an invisible character at place {at}"));
        }
        let is_plain_space = |c: char| is_dropped(c) && c.is_whitespace() && !is_break(c);
        if let Some(at) = place(&is_plain_space) {
            self.certain(&format!("white space inside it, at place {at}"));
        }
        self.set(&kept);
    }

    /// Undoes the encoding of addresses, which no token has of itself.
    fn percent(&mut self, kind: CredentialKind) {
        if !matches!(kind, CredentialKind::Bearer | CredentialKind::ApiKey) {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let is_hex = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_hexdigit);
        let mut signs = text.match_indices('%').peekable();
        let is_encoded = signs.peek().is_some() && signs.all(|(at, _)| is_hex(at + 1) && is_hex(at + 2));
        let decoded = match is_encoded.then(|| percent_decode_str(&text).decode_utf8()) {
            Some(Ok(Cow::Owned(decoded))) => Some(Zeroizing::new(decoded)),
            _ => None,
        };
        if decoded.as_ref().is_some_and(|decoded| decoded.bytes().all(|b| b.is_ascii_graphic())) {
            self.said.push("percent signs as in an address (percent-encoded)".into());
        }
        match decoded.filter(|decoded| decoded.bytes().all(|b| b.is_ascii_graphic())) {
            Some(decoded) => self.set(&decoded),
            None => self.set(&text),
        }
    }
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn name_of_space(space: &str) -> &'static str {
    if space.contains(is_zero_width) {
        "invisible characters"
    } else if space.contains(['\r', '\n']) {
        "a line break"
    } else {
        "white space"
    }
}

/// Whether a text stands for a secret rather than being one.
fn is_stand_in(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_lowercase());
    let is_framed = |open: &str, close: &str| lower.starts_with(open) && lower.ends_with(close);
    let is_word = lower.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ' '));
    STAND_INS.contains(&lower.as_str())
        || [("<", ">"), ("{{", "}}"), ("${", "}"), ("[your", "]"), ("{", "}"), ("%{", "}")]
            .iter()
            .any(|(open, close)| is_framed(open, close))
        || (is_word && (lower.starts_with("your") || lower.starts_with("my_") || lower.starts_with("insert")))
        || (lower
            .strip_prefix('$')
            .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')))
        || (lower.len() >= 3 && lower.chars().all(|c| matches!(c, 'x' | '*' | '.' | '…' | '•')))
        || placeholders(text).next().is_some()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::model::FindingState;
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn look(kind: CredentialKind, text: &str) -> TokenFinding {
        shape(kind, Some(&secret(text)))
    }

    #[test]
    fn what_was_pasted_around_is_named_and_taken_off() {
        const CORE: &str = "q7Xw93LmZtKp40";
        let cases = [
            (" q7Xw93LmZtKp40", "white space before"),
            ("q7Xw93LmZtKp40\t", "white space behind"),
            ("q7Xw93LmZtKp40\r\n", "line break behind"),
            ("q7Xw93L\r\n  mZtKp40", "line break at place 8"),
            ("q7Xw93L mZtKp40", "white space inside it, at place 8"),
            ("\"q7Xw93LmZtKp40\"", "quotes"),
            ("'q7Xw93LmZtKp40'", "quotes"),
            ("“q7Xw93LmZtKp40”", "quotes"),
            ("Bearer q7Xw93LmZtKp40", "scheme before it"),
            ("bearer:q7Xw93LmZtKp40", "scheme before it"),
            ("Authorization: Bearer q7Xw93LmZtKp40", "header's name"),
            ("Bearer Bearer q7Xw93LmZtKp40", "twice"),
            ("'Authorization: \"Bearer bearer:  q7Xw93LmZtKp40\"'\n", "twice"),
            ("\u{feff}q7Xw93LmZtKp40", "invisible characters before"),
            ("q7Xw93L\u{200b}mZtKp40", "invisible character at place 8"),
        ];
        for (text, words) in cases {
            let found = look(CredentialKind::Bearer, text);
            assert_eq!(found.state, FindingState::Fail, "{text:?} {found:?}");
            assert!(found.summary.contains(words), "{text:?}: {}", found.summary);
            assert_eq!(found.action, Some(TokenAction::CleanSecret));
            assert_eq!(clean(CredentialKind::Bearer, &secret(text)).unwrap().expose(), CORE, "{text:?}");
            assert!(!format!("{found:?}").contains("q7Xw"));
        }
        let found = look(CredentialKind::Bearer, "q7Xw93LmZt%2BKp40%3D%3D");
        assert_eq!((found.state, &found.action), (FindingState::Attention, &Some(TokenAction::CleanSecret)));
        let cleaned = clean(CredentialKind::Bearer, &secret("q7Xw93LmZt%2BKp40%3D%3D")).unwrap();
        assert_eq!(cleaned.expose(), "q7Xw93LmZt+Kp40==");
    }

    #[test]
    fn a_secret_that_is_fine_is_left_alone() {
        for (kind, text) in [
            (CredentialKind::Bearer, "q7Xw93LmZtKp40"),
            (CredentialKind::Bearer, "bearerq7Xw93LmZt"),
            (CredentialKind::Bearer, "e30.e30.c2ln"),
            (CredentialKind::Basic, "user:pass word%20 ü"),
            (CredentialKind::Basic, "basic: x"),
            (CredentialKind::Header, "100%25"),
            (CredentialKind::ApiKey, "100%"),
        ] {
            assert_eq!(look(kind, text).state, FindingState::Pass, "{text}");
            assert_eq!(clean(kind, &secret(text)), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_put_right_is_to_be_replaced() {
        for text in [
            "",
            " \n",
            "\"\"",
            "Bearer ",
            "<token>",
            "YOUR_TOKEN",
            "Bearer your-api-key-here",
            "{{token}}",
            "${API_KEY}",
            "$API_KEY",
            "xxxxxxxx",
            "****",
            "undefined",
            "‹token#1›",
            "q7Xw93–LmZt",
            "q7Xw\u{1}93LmZt",
        ] {
            let found = look(CredentialKind::Bearer, text);
            assert_eq!((found.state, &found.action), (FindingState::Fail, &Some(TokenAction::Replace)), "{text:?}");
            assert_eq!(clean(CredentialKind::Bearer, &secret(text)), None, "{text:?}");
        }
        let found = look(CredentialKind::ApiKey, "q7Xw 93LmZt");
        assert_eq!((found.state, found.action), (FindingState::Attention, Some(TokenAction::Replace)));
    }

    #[test]
    fn a_basic_line_is_taken_apart() {
        let pasted = secret("Authorization: Basic dXNlcjpwYXNz\n");
        assert_eq!(clean(CredentialKind::Basic, &pasted).unwrap().expose(), "user:pass");
        assert_eq!(look(CredentialKind::Basic, "Basic dXNlcjpwYXNz").action, Some(TokenAction::CleanSecret));
    }
}
