//! Device flow (RFC 8628): a code that the person enters on any device while the program asks again and again.

use std::fmt;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::access::{ClientAccess, Form};
use super::answer::{read, seconds_of, text_of};
use super::error::{OAuthError, OAuthFault};
use super::grant::token_answer;
use super::provider::{Endpoint, Provider};
use super::talk::{Answer, Talk};
use super::tokens::Tokens;
use crate::exchange::Layer;
use crate::secret::Secret;
use crate::text::visible_line;

/// How often is asked where the server does not say.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// How much longer each `slow_down` makes the interval, for good.
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// Connections that fail make the interval no longer than this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// The longest life of a code that is believed, in seconds.
const LONGEST_LIFE: i64 = 86_400;
/// The longest code that a person is asked to type, in characters.
const MAX_USER_CODE: usize = 64;

/// A sign-in that waits for the person to enter a code somewhere.
///
/// *Secrets*: yes, the device's own code; `Debug` does not show it.
pub struct PendingDevice {
    /// What the person enters; nothing in it is hidden.
    pub user_code: String,
    /// Where.
    pub verification_uri: Endpoint,
    /// The same with the code in it, where the server offers that.
    pub verification_uri_complete: Option<Endpoint>,
    /// How long the code is good, from its answer on.
    pub expires_in: Duration,
    /// How long is waited between two questions, to begin with.
    pub interval: Duration,
    deadline: Instant,
    device_code: Secret,
    provider: Provider,
    client: ClientAccess,
}

/// Asks the server for a code.
///
/// *Errors*: [`OAuthFault::NoSuchFlow`] where it has no such flow, [`OAuthFault::ForeignEndpoint`] where it sends the
/// person to another origin than its own.
pub async fn begin(
    talk: &Talk<'_>,
    provider: &Provider,
    client: &ClientAccess,
    scopes: &[String],
) -> Result<PendingDevice, OAuthError> {
    let Some(url) = &provider.device_url else {
        return Err(OAuthError::new(OAuthFault::NoSuchFlow { missing: "device address" }, "provider"));
    };
    let form = Form::default().client(provider, client)?.scopes(scopes)?;
    let answer = talk.post("Device authorization", "device address", url.url(), form).await?;
    let begun = Instant::now();
    let (object, answer) = read(talk, answer)?;
    let missing = |answer: Answer, member: &str| {
        answer.fails(OAuthFault::NotOAuth { why: format!("The server's answer holds no {member}") })
    };
    let Some(device_code) = text_of(&object, "device_code") else { return Err(missing(answer, "device_code")) };
    let Some(user_code) = text_of(&object, "user_code") else { return Err(missing(answer, "user_code")) };
    if visible_line(user_code) != user_code || user_code.chars().count() > MAX_USER_CODE {
        let why = "The user_code holds what cannot be shown, or is too long to type".to_owned();
        return Err(answer.fails(OAuthFault::NotOAuth { why }));
    }
    // Some servers still spell it as a draft of the standard did.
    let address = text_of(&object, "verification_uri").or_else(|| text_of(&object, "verification_url"));
    let Some(address) = address else { return Err(missing(answer, "verification_uri")) };
    let checked = own_address(talk, provider, "verification_uri", address).and_then(|uri| {
        let complete = text_of(&object, "verification_uri_complete");
        let complete = complete.map(|text| own_address(talk, provider, "verification_uri_complete", text));
        Ok((uri, complete.transpose()?))
    });
    let (verification_uri, verification_uri_complete) = match checked {
        Ok(addresses) => addresses,
        Err(fault) => return Err(answer.fails(fault)),
    };
    let Some(life) = seconds_of(&object, "expires_in").filter(|seconds| *seconds > 0) else {
        return Err(missing(answer, "expires_in that is a time to come"));
    };
    let expires_in = Duration::from_secs(life.min(LONGEST_LIFE).unsigned_abs());
    let interval = seconds_of(&object, "interval").map(|seconds| seconds.clamp(1, LONGEST_LIFE).unsigned_abs());
    Ok(PendingDevice {
        user_code: user_code.to_owned(),
        verification_uri,
        verification_uri_complete,
        expires_in,
        interval: interval.map_or(DEFAULT_INTERVAL, Duration::from_secs),
        deadline: begun + expires_in,
        device_code: Secret::new(device_code.to_owned()),
        provider: provider.clone(),
        client: client.clone(),
    })
}

/// An address that a person may be sent to: safe, and on the issuer's origin or one of the provider's own.
fn own_address(talk: &Talk<'_>, provider: &Provider, member: &'static str, text: &str) -> Result<Endpoint, OAuthFault> {
    let endpoint: Endpoint =
        text.parse().map_err(|error| OAuthFault::UnsafeEndpoint { member, address: talk.words(text), error })?;
    let own = [&provider.issuer, &provider.authorize_url, &provider.device_url].into_iter().flatten();
    let is_own = own.chain(std::iter::once(&provider.token_url)).any(|known| known.origin() == endpoint.origin());
    if is_own {
        return Ok(endpoint);
    }
    let home = provider.issuer.as_ref().unwrap_or(&provider.token_url).origin();
    Err(OAuthFault::ForeignEndpoint {
        member,
        address: talk.words(endpoint.as_str()),
        home: home.map(|origin| origin.to_string()).unwrap_or_default(),
    })
}

impl PendingDevice {
    /// Asks until the person has allowed or refused it, or the code has lapsed.
    ///
    /// *Errors*: [`OAuthFault::Denied`], [`OAuthFault::Expired`], [`OAuthFault::Cancelled`], and those of the server.
    /// A connection that fails is none: it is tried again, less often.
    pub async fn wait(self, talk: &Talk<'_>) -> Result<Tokens, OAuthError> {
        let place = format!("token address {}", talk.words(self.provider.token_url.as_str()));
        let mut pace = Pace(self.interval);
        let mut cancel = talk.cancel.clone();
        loop {
            let next = (Instant::now() + pace.0).min(self.deadline);
            tokio::select! {
                biased;
                () = cancel.raised() => return Err(OAuthError::new(OAuthFault::Cancelled, place)),
                () = sleep(next.saturating_duration_since(Instant::now())) => {}
            }
            if Instant::now() >= self.deadline {
                return Err(OAuthError::new(OAuthFault::Expired, place));
            }
            let form = Form::new("urn:ietf:params:oauth:grant-type:device_code")
                .secret("device_code", &self.device_code)
                .client(&self.provider, &self.client)?;
            let answer = match token_answer(talk, "Device poll", &self.provider, form).await {
                Ok(answer) => answer,
                Err(error) if is_passing(&error) => {
                    pace.back_off();
                    continue;
                }
                Err(error) => return Err(error),
            };
            let code = answer.object.as_ref().and_then(|object| text_of(object, "error"));
            match code {
                Some("authorization_pending") => {}
                Some("slow_down") => pace.slow_down(),
                None if answer.status == 429 || answer.status >= 500 => pace.back_off(),
                _ => return Tokens::read(talk, answer),
            }
        }
    }
}

/// Whether no answer came for a reason that may pass.
fn is_passing(error: &OAuthError) -> bool {
    match &error.fault {
        OAuthFault::NoAnswer(error) => !matches!(error.layer, Layer::Tls | Layer::Policy),
        _ => false,
    }
}

/// How long is waited between two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace(Duration);

impl Pace {
    fn slow_down(&mut self) {
        self.0 = self.0.saturating_add(SLOW_DOWN);
    }

    /// RFC 8628 3.5: a connection that timed out doubles the interval. It never makes it shorter.
    fn back_off(&mut self) {
        self.0 = self.0.saturating_mul(2).min(LONGEST_BACKOFF).max(self.0);
    }
}

impl fmt::Debug for PendingDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDevice")
            .field("user_code", &self.user_code)
            .field("verification_uri", &self.verification_uri.as_str())
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn each_slow_down_adds_five_seconds_for_good() {
        let mut pace = Pace(DEFAULT_INTERVAL);
        pace.slow_down();
        pace.slow_down();
        assert_eq!(pace.0, Duration::from_secs(15));
    }

    #[test]
    fn a_lost_connection_doubles_the_interval_up_to_a_minute_and_never_shortens_it() {
        let mut pace = Pace(DEFAULT_INTERVAL);
        let mut seen = Vec::new();
        for _ in 0..5 {
            pace.back_off();
            seen.push(pace.0.as_secs());
        }
        assert_eq!(seen, [10, 20, 40, 60, 60]);
        let mut slow = Pace(Duration::from_secs(90));
        slow.back_off();
        assert_eq!(slow.0, Duration::from_secs(90));
    }
}
