//! The tokens of an answer.

use jiff::{SignedDuration, Timestamp};

use super::access::is_scope;
use super::answer::{read, seconds_of, text_of};
use super::error::{OAuthError, OAuthFault};
use super::talk::{Answer, Talk};
use crate::secret::Secret;

/// No token is believed to live longer, in seconds: ten years.
const LONGEST_LIFE: i64 = 10 * 365 * 86_400;

/// What a server gave.
///
/// *Secrets*: yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// What calls are made with.
    pub access: Secret,
    /// What a new access token is had with. None after [`super::refresh`] means that the old one stays good.
    pub refresh: Option<Secret>,
    /// When the access token lapses; none where the server does not say.
    pub expires_at: Option<Timestamp>,
    /// What was allowed; none where the server does not say, which means what was asked for.
    pub scopes: Option<Vec<String>>,
    /// When they came.
    pub received_at: Timestamp,
}

impl Tokens {
    /// Reads the answer of a token address.
    pub(super) fn read(talk: &Talk<'_>, answer: Answer) -> Result<Self, OAuthError> {
        let received_at = Timestamp::now();
        let (object, answer) = read(talk, answer)?;
        let not_oauth = |answer: Answer, why: &str| Err(answer.fails(OAuthFault::NotOAuth { why: why.into() }));
        let Some(access) = text_of(&object, "access_token") else {
            return not_oauth(answer, "The server's answer holds no access_token");
        };
        if !access.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return not_oauth(answer, "The access_token holds a character that no header carries");
        }
        let Some(kind) = text_of(&object, "token_type") else {
            return not_oauth(answer, "The server's answer holds no token_type");
        };
        if !kind.eq_ignore_ascii_case("bearer") {
            let what = format!("The token is of type {}, and only Bearer can be sent", talk.words(kind));
            return Err(answer.fails(OAuthFault::Unsupported { what }));
        }
        let refresh = match object.get("refresh_token") {
            None | Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::String(text)) => (!text.is_empty()).then(|| Secret::new(text.clone())),
            Some(_) => return not_oauth(answer, "The refresh_token is no text"),
        };
        let scopes = text_of(&object, "scope").map(|text| {
            text.split_ascii_whitespace().filter(|scope| is_scope(scope)).map(str::to_owned).collect::<Vec<_>>()
        });
        Ok(Self {
            access: Secret::new(access.to_owned()),
            refresh,
            expires_at: seconds_of(&object, "expires_in").and_then(|seconds| expiry(received_at, seconds)),
            scopes: scopes.filter(|scopes| !scopes.is_empty()),
            received_at,
        })
    }
}

/// When a token lapses. Servers whose tokens do not lapse say 0 or -1, so these mean that nothing is said.
fn expiry(received_at: Timestamp, seconds: i64) -> Option<Timestamp> {
    let life = SignedDuration::from_secs(seconds.min(LONGEST_LIFE));
    if seconds > 0 { received_at.checked_add(life).ok() } else { None }
}
