//! Whom a token is for, and who made it.

use url::Url;

use super::input::DoctorInput;
use super::jwt::Claims;
use super::model::{TokenAction, TokenFinding};
use super::shown::Shown;
use crate::credentials::Origin;

const AUDIENCE: &str = "audience";
const ISSUER: &str = "issuer";

/// Whether the token is for where it goes.
pub(super) fn audience(input: &DoctorInput<'_>, claims: Option<&Claims>, shown: &Shown) -> TokenFinding {
    let Some(claims) = claims else { return TokenFinding::unknown(AUDIENCE, "It does not say whom it is for") };
    let Some(named) = claims.texts("aud") else {
        return match claims.get("aud") {
            None => TokenFinding::unknown(AUDIENCE, "The token names nobody whom it is for (aud)"),
            Some(_) => TokenFinding::attention(
                AUDIENCE,
                "The token's audience (aud) is neither a text nor a list of texts",
                "Get a new token: servers may refuse this one",
            ),
        };
    };
    let origins: Vec<&Origin> = match input.call {
        Some(call) => vec![&call.origin],
        None => input.facts.origins.iter().collect(),
    };
    let asked = origins.iter().map(|origin| origin.as_str()).collect::<Vec<_>>().join(", ");
    let evidence = [format!("aud {}", shown.list(named.iter().copied())), format!("it goes to {asked}")];
    let addresses: Vec<Place> = named.iter().filter_map(|name| Place::of(name)).collect();
    let found = if addresses.iter().any(|place| origins.iter().any(|origin| place.is(origin))) {
        TokenFinding::pass(AUDIENCE, "The token is for where it goes")
    } else if addresses.len() < named.len() || named.is_empty() {
        // A name such as `posts-api` or a client's id may well be this API's own.
        TokenFinding::unknown(AUDIENCE, "The token names its audience by a name that is no address")
    } else {
        let named = shown.list(named.iter().copied());
        TokenFinding::attention(
            AUDIENCE,
            format!("The token is for {named}, and it goes to {asked}"),
            "Get a token for this API, or use another credential",
        )
        .with(TokenAction::ChooseCredential)
    };
    found.because(evidence)
}

/// Who made the token, against the server that is recorded.
pub(super) fn issuer(input: &DoctorInput<'_>, claims: Option<&Claims>, shown: &Shown) -> TokenFinding {
    let Some(issuer) = claims.and_then(|claims| claims.text("iss")) else {
        return TokenFinding::unknown(ISSUER, "It does not say who made it");
    };
    let evidence = [format!("iss {}", shown.text(issuer))];
    let Some(expected) = input.issuer else {
        return TokenFinding::unknown(ISSUER, "It says who made it, and no issuer is recorded to compare it with")
            .because(evidence);
    };
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    let found = if bare(issuer) == bare(expected) {
        TokenFinding::pass(ISSUER, "The token was made by the server that is recorded")
    } else {
        let summary = format!("The token was made by {}, and {} is recorded", shown.text(issuer), shown.text(expected));
        TokenFinding::attention(ISSUER, summary, "Sign in again at the recorded server").with(TokenAction::SignIn)
    };
    found.because(evidence)
}

/// A name that is an address, or the host of one.
pub(super) enum Place {
    Origin(Origin),
    Host(String),
}

impl Place {
    pub(super) fn of(name: &str) -> Option<Self> {
        if let Ok(url) = Url::parse(name)
            && name.contains("://")
        {
            return Origin::of(&url).map(Self::Origin);
        }
        // A bare name is a host only with a dot in it; `urn:…` and `api.read` differ by what stands behind the dot.
        let is_host = name.contains('.')
            && !name.ends_with('.')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b));
        let url = Url::parse(&format!("https://{name}")).ok().filter(|_| is_host)?;
        url.host_str().map(|host| Self::Host(host.to_owned()))
    }

    pub(super) fn is(&self, origin: &Origin) -> bool {
        match self {
            Self::Origin(own) => own == origin,
            Self::Host(host) => {
                Url::parse(origin.as_str()).is_ok_and(|url| url.host_str().is_some_and(|other| other == host))
            }
        }
    }
}
