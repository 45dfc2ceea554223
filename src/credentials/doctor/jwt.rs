//! Reads a JSON Web Token without believing it: nothing here checks a signature.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::credentials::CredentialKind;
use crate::secret::Secret;

/// The largest token that is read; a header line of this length is refused everywhere.
const TOKEN_MAX_BYTES: usize = 256 * 1024;
/// The first number of seconds that only a clock in milliseconds shows: the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// Some servers pad the parts, some leave bits behind the last byte.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a secret is, as far as it can be told.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// Nothing can be read from it.
    Opaque,
    /// An enciphered JWT: five parts of which only the issuer can read the content.
    Enciphered,
    /// It begins as a JWT does, and the rest cannot be read.
    Damaged(&'static str),
    /// A JWT.
    Jwt(Box<Claims>),
}

impl Token {
    pub(super) fn claims(&self) -> Option<&Claims> {
        match self {
            Self::Jwt(claims) => Some(claims),
            _ => None,
        }
    }
}

/// What a JWT says of itself.
///
/// *Secrets*: perhaps; only what a finding needs is ever shown.
#[derive(Clone)]
pub(super) struct Claims {
    /// The algorithm of its header.
    pub algorithm: Option<String>,
    /// Whether the third part is empty.
    pub is_unsigned: bool,
    /// The names that stand more than once, of those that the doctor reads.
    pub twice: Vec<&'static str>,
    members: Vec<(String, Value)>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(hidden)")
    }
}

/// A time as a claim says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeClaim {
    /// A time; the ends of the calendar stand for what lies beyond them.
    At {
        /// When, in milliseconds since 1970.
        at_ms: i64,
        /// Whether it is a text rather than a number, which servers may refuse.
        is_text: bool,
        /// Whether it is so large that it was meant in milliseconds.
        is_far: bool,
    },
    /// Neither a number nor a text of one.
    NoTime,
}

/// The claims that are read here.
const READ: [&str; 11] =
    ["exp", "nbf", "iat", "aud", "iss", "scope", "scp", "scopes", "workspace", "workspace_id", "alg"];

impl Claims {
    /// The claim of that name; of several the last, as most readers have it.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A claim that is a text or a list of texts; none if it is neither.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.get(name)? {
            Value::String(text) => Some(vec![text]),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect()),
            _ => None,
        }
    }

    /// A claim that is a time; none where it is missing.
    pub(super) fn time(&self, name: &str) -> Option<TimeClaim> {
        let (number, is_text) = match self.get(name)? {
            Value::Number(number) => (number.as_f64(), false),
            Value::String(text) => (text.trim().parse::<f64>().ok(), true),
            _ => (None, false),
        };
        let Some(seconds) = number.filter(|seconds| seconds.is_finite()) else { return Some(TimeClaim::NoTime) };
        // Beyond the calendar `as` stops at the ends of i64, and the calendar's own ends are nearer still.
        let at_ms = (seconds * 1000.0) as i64;
        let at_ms = at_ms.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        Some(TimeClaim::At { at_ms, is_text, is_far: seconds >= MILLISECONDS_FROM })
    }
}

/// Says what a secret is.
pub(super) fn read(kind: CredentialKind, secret: &Secret) -> Token {
    let text = secret.expose();
    if kind == CredentialKind::Basic || text.len() > TOKEN_MAX_BYTES {
        return Token::Opaque;
    }
    let parts: Vec<&str> = text.splitn(6, '.').collect();
    let Some(header) = parts.first().and_then(|part| object(part).ok()) else { return Token::Opaque };
    let algorithm = header.get("alg").and_then(Value::as_str).map(str::to_owned);
    match parts.as_slice() {
        [_, _, _, _, _] if algorithm.is_some() => Token::Enciphered,
        [_, payload, signature] if is_base64url(signature) => match object(payload) {
            Ok(Members { members, mut twice }) => {
                twice.extend(header.twice);
                let twice = READ.into_iter().filter(|name| twice.contains(*name)).collect();
                Token::Jwt(Box::new(Claims { algorithm, is_unsigned: signature.is_empty(), twice, members }))
            }
            Err(_) if algorithm.is_none() => Token::Opaque,
            Err(why) => Token::Damaged(why),
        },
        [_, _, _] if algorithm.is_some() => Token::Damaged("its signature holds characters that no JWT has"),
        [_] | [_, _] if algorithm.is_some() => Token::Damaged("parts are missing, so it was cut when it was copied"),
        _ => Token::Opaque,
    }
}

fn is_base64url(part: &str) -> bool {
    let bare = part.trim_end_matches('=');
    bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The JSON object that a part holds.
fn object(part: &str) -> Result<Members, &'static str> {
    let bytes = BASE64URL.decode(part.trim_end_matches('=')).map_err(|_| "its content is no base64url")?;
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|_| "its content is not UTF-8 text")?;
    serde_json::from_str(text).map_err(|_| "its content is no JSON object")
}

/// The members of an object in order, also those whose names stand more than once.
struct Members {
    members: Vec<(String, Value)>,
    twice: BTreeSet<String>,
}

impl Members {
    fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut found = Members { members: Vec::new(), twice: BTreeSet::new() };
                let mut names = BTreeSet::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if !names.insert(name.clone()) {
                        found.twice.insert(name.clone());
                    }
                    found.members.push((name, value));
                }
                Ok(found)
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(super) mod tests {
    use super::*;

    /// A JWT of these texts with a signature that nobody made.
    pub fn jwt(header: &str, payload: &[u8]) -> Secret {
        let part = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        Secret::new(format!("{}.{}.c2lnbmF0dXJlLW9mLW5vYm9keQ", part(header.as_bytes()), part(payload)))
    }

    fn read_payload(payload: &[u8]) -> Token {
        read(CredentialKind::Bearer, &jwt(r#"{"alg":"RS256"}"#, payload))
    }

    fn time(value: &str) -> TimeClaim {
        let token = read_payload(format!(r#"{{"exp":{value}}}"#).as_bytes());
        token.claims().unwrap().time("exp").unwrap()
    }

    #[test]
    fn what_a_token_is_is_told_apart() {
        let is = |text: &str| match read(CredentialKind::Bearer, &Secret::new(text.into())) {
            Token::Opaque => "opaque",
            Token::Enciphered => "enciphered",
            Token::Damaged(_) => "damaged",
            Token::Jwt(_) => "jwt",
        };
        // {"alg":"none"} and {}
        assert_eq!(is("eyJhbGciOiJub25lIn0.e30."), "jwt");
        assert_eq!(is("eyJhbGciOiJub25lIn0=.e30=.c2ln=="), "jwt");
        assert_eq!(is("eyJhbGciOiJub25lIn0.e30.a.b.c"), "enciphered");
        assert_eq!(is("eyJhbGciOiJub25lIn0.e30"), "damaged");
        assert_eq!(is("eyJhbGciOiJub25lIn0"), "damaged");
        assert_eq!(is("eyJhbGciOiJub25lIn0.e30.a b"), "damaged");
        // [] as payload, and text that is no base64url.
        assert_eq!(is("eyJhbGciOiJub25lIn0.W10.c2ln"), "damaged");
        assert_eq!(is("eyJhbGciOiJub25lIn0.e3+.c2ln"), "damaged");
        // {} as header says nothing of a JWT unless the payload does.
        assert_eq!(is("e30.W10.c2ln"), "opaque");
        assert_eq!(is("e30.e30.c2ln"), "jwt");
        for text in ["", "...", "sk_live_1234", "a.b.c", "a.b.c.d.e.f.g", "eyJhbGciOiJub25lIn0.e30.a.b.c.d"] {
            assert_eq!(is(text), "opaque", "{text}");
        }
        assert!(matches!(read(CredentialKind::Basic, &Secret::new("e30.e30.a".into())), Token::Opaque));
    }

    #[test]
    fn hostile_payloads_are_read_or_refused() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(matches!(read_payload(deep.as_bytes()), Token::Damaged(_)));
        assert!(matches!(read_payload(b"{\"aud\":\"\xff\xfe\"}"), Token::Damaged(_)));
        assert!(matches!(read_payload(b"{\"exp\":1e999}"), Token::Damaged(_)));
        assert!(matches!(read_payload(b"{\"a\":1} {}"), Token::Damaged(_)));
        assert!(matches!(read_payload(&vec![b' '; 400_000]), Token::Opaque));
        let token = read_payload(br#"{"exp":1,"sub":"a","sub":"b","exp":2}"#);
        let claims = token.claims().unwrap();
        assert_eq!((claims.get("exp"), claims.twice.as_slice()), (Some(&Value::from(2)), &["exp"][..]));
        assert_eq!(format!("{token:?}"), "Jwt(Claims(hidden))");
    }

    #[test]
    fn times_of_every_size_are_read_without_overflow() {
        let at = |value: &str| match time(value) {
            TimeClaim::At { at_ms, .. } => Some(at_ms),
            TimeClaim::NoTime => None,
        };
        assert_eq!(at("1700000000"), Some(1_700_000_000_000));
        assert_eq!(at("1700000000.25"), Some(1_700_000_000_250));
        assert_eq!(at("-1"), Some(-1000));
        assert_eq!(at("1e300"), Some(Timestamp::MAX.as_millisecond()));
        assert_eq!(at("-1e300"), Some(Timestamp::MIN.as_millisecond()));
        assert_eq!(at("18446744073709551615"), Some(Timestamp::MAX.as_millisecond()));
        for nonsense in ["null", "true", "[1]", "{}", "\"soon\"", "\"NaN\"", "\"inf\"", "\"\""] {
            assert_eq!(at(nonsense), None, "{nonsense}");
        }
        assert_eq!(time("\" 17 \""), TimeClaim::At { at_ms: 17_000, is_text: true, is_far: false });
        assert!(matches!(time("1700000000000"), TimeClaim::At { is_far: true, .. }));
    }
}
