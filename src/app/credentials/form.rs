//! From what was typed into the credentials' forms to what is asked for, or what is wrong with it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::act::{CredentialForm, SignInForm};
use super::sign_in::{Server, SignIn};
use crate::credentials::oauth::{Endpoint, EndpointError, Flow, Provider};
use crate::credentials::{CredentialKind, NewCredential, Origin, Persist};
use crate::text::visible_line;

/// What is wrong, and what to write instead.
type Words = (String, String);

/// The new credential of a form.
pub(super) fn credential_of(form: CredentialForm, now: Timestamp) -> Result<(NewCredential, Persist), Words> {
    let expires_at = match form.expires.trim() {
        "" => None,
        text => Some(parse_expiry(text).ok_or_else(|| {
            let fix = "Write a day such as 2026-12-31, or a time such as 2026-12-31T12:00:00Z";
            (format!("{} is no day and no time", visible_line(text)), fix.to_owned())
        })?),
    };
    let new = NewCredential {
        name: form.name.clone(),
        kind: form.kind,
        header: given(&form.header).filter(|_| matches!(form.kind, CredentialKind::ApiKey | CredentialKind::Header)),
        origins: origins(&form.origins)?,
        workspace: given(&form.workspace),
        scopes: words(&form.scopes),
        expires_at,
        created_at: now,
        secret: form.secret,
        oauth: None,
    };
    Ok((new, persist(form.is_session_only)))
}

/// The sign-in of a form.
pub(super) fn sign_in_of(form: SignInForm) -> Result<SignIn, Words> {
    let server = match given(&form.issuer) {
        Some(issuer) => Server::Issuer(endpoint("The sign-in server", &issuer)?),
        None => Server::ByHand(Box::new(Provider {
            authorize_url: optional("The authorize address", &form.authorize_url)?,
            device_url: optional("The device address", &form.device_url)?,
            revoke_url: optional("The revocation address", &form.revoke_url)?,
            ..Provider::of_token_url(endpoint("The token address", &form.token_url)?)
        })),
    };
    if form.client_id.trim().is_empty() {
        return Err((
            "The client id is missing".into(),
            "Write the id that the sign-in server gave this program".into(),
        ));
    }
    if form.flow == Flow::ClientCredentials && form.client_secret.is_empty() {
        let summary = "This flow needs the client's secret, because the program signs in as itself".into();
        return Err((summary, "Paste the client's secret, or choose another flow".into()));
    }
    Ok(SignIn {
        name: form.name.trim().to_owned(),
        server,
        client_id: form.client_id.trim().to_owned(),
        client_secret: Some(form.client_secret).filter(|secret| !secret.is_empty()),
        flow: form.flow,
        scopes: words(&form.scopes),
        origins: origins(&form.origins)?,
        workspace: given(&form.workspace),
        persist: persist(form.is_session_only),
    })
}

/// Shape: `2026-12-31T12:00:00Z` or `2026-12-31`, which is the end of that day in UTC.
pub fn parse_expiry(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let next = text.parse::<Date>().and_then(|day| day.checked_add(1.day()));
    next.and_then(|next| next.to_zoned(TimeZone::UTC)).map(|at| at.timestamp()).ok()
}

fn endpoint(what: &str, text: &str) -> Result<Endpoint, Words> {
    text.parse().map_err(|error: EndpointError| {
        (format!("{what} {} cannot be used: {error}", visible_line(text)), error.fix().to_owned())
    })
}

fn optional(what: &str, text: &str) -> Result<Option<Endpoint>, Words> {
    given(text).map(|text| endpoint(what, &text)).transpose()
}

fn origins(text: &str) -> Result<Vec<Origin>, Words> {
    let parse = |text: &str| {
        text.parse::<Origin>()
            .map_err(|error| (format!("{} is no origin: {error}", visible_line(text)), error.fix().to_owned()))
    };
    text.split([' ', ',', '\n']).filter(|text| !text.is_empty()).map(parse).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', ',', '\n']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn persist(is_session_only: bool) -> Persist {
    if is_session_only { Persist::Session } else { Persist::Keyring }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::secret::Secret;

    fn form() -> SignInForm {
        let empty = String::new;
        SignInForm {
            name: "login".into(),
            issuer: "https://login.example.com".into(),
            authorize_url: empty(),
            token_url: empty(),
            device_url: empty(),
            revoke_url: empty(),
            client_id: " console ".into(),
            client_secret: Secret::new(empty()),
            flow: Flow::Code,
            scopes: "posts:read, posts:write".into(),
            origins: "https://api.example.com".into(),
            workspace: empty(),
            is_session_only: false,
        }
    }

    #[test]
    fn a_form_becomes_a_sign_in() {
        let wish = sign_in_of(form()).unwrap();
        assert_eq!(wish.server, Server::Issuer("https://login.example.com".parse().unwrap()));
        assert_eq!((wish.client_id.as_str(), wish.client_secret, wish.workspace), ("console", None, None));
        assert_eq!(wish.scopes, ["posts:read", "posts:write"]);
    }

    #[test]
    fn addresses_by_hand_stand_where_no_issuer_is_given() {
        let by_hand = SignInForm {
            issuer: String::new(),
            token_url: "https://login.example.com/token".into(),
            authorize_url: "https://login.example.com/allow".into(),
            ..form()
        };
        let Server::ByHand(provider) = sign_in_of(by_hand).unwrap().server else { panic!("not by hand") };
        assert_eq!(provider.token_url.as_str(), "https://login.example.com/token");
        assert_eq!((provider.issuer, provider.device_url), (None, None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (change, word) in [
            (SignInForm { issuer: "http://login.example.com".into(), ..form() }, "not https"),
            (SignInForm { issuer: String::new(), ..form() }, "token address"),
            (SignInForm { client_id: " ".into(), ..form() }, "client id"),
            (SignInForm { origins: "api.example.com".into(), ..form() }, "no origin"),
            (SignInForm { flow: Flow::ClientCredentials, ..form() }, "client's secret"),
        ] {
            let (summary, fix) = sign_in_of(change).unwrap_err();
            assert!(summary.contains(word) && !fix.is_empty(), "{summary}");
        }
    }

    #[test]
    fn a_day_lapses_at_its_end() {
        assert_eq!(parse_expiry("2026-12-31").unwrap().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(parse_expiry("2026-12-31T12:00:00Z").unwrap().to_string(), "2026-12-31T12:00:00Z");
        assert_eq!(parse_expiry("tomorrow"), None);
    }
}
