//! Which cookies are taken: the rules of RFC 6265, and those that browsers added since.

use cookie_store::{Cookie, CookieDomain, CookieError, CookieExpiration, CookiePath};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::client::is_loopback;
use super::cookies::CookieFacts;

/// The most bytes of a `Set-Cookie` line, and of name, value, domain and path together. Source: RFC 6265 §6.1.
const COOKIE_MAX_BYTES: usize = 4096;

/// Why a line is refused that is no cookie at all.
pub(super) const MALFORMED: &str = "it is malformed";
const TOO_LARGE: &str = "it is larger than 4,096 bytes";
const NOT_TEXT: &str = "its name, value or path holds a character that no header carries";

/// Reads a `Set-Cookie` line.
pub(super) fn read(line: &str, url: &Url) -> Result<Cookie<'static>, &'static str> {
    if !is_http(url) {
        return Err("it came neither over https nor over http");
    }
    if line.len() > COOKIE_MAX_BYTES {
        return Err(TOO_LARGE);
    }
    let read = Cookie::parse(line, url).map_err(|error| match error {
        CookieError::DomainMismatch => "it names another domain",
        _ => MALFORMED,
    });
    check(read?.into_owned(), url)
}

/// Makes a cookie of facts that a person or a stored text gave, and an address that it may come from.
pub(super) fn build(facts: &CookieFacts) -> Result<(Cookie<'static>, Url), &'static str> {
    let host = facts.domain.strip_prefix('.').unwrap_or(&facts.domain);
    let host = Host::parse(host).map_err(|_| "its domain is no host name")?.to_string();
    let url = Url::parse(&format!("https://{host}/")).map_err(|_| "its domain is no host name")?;
    let expires = match facts.expires_at.map(|at| at.max(Timestamp::UNIX_EPOCH)) {
        Some(at) => DateTimePrinter::new().timestamp_to_rfc9110_string(&at).map_err(|_| MALFORMED)?,
        None => String::new(),
    };
    let line = Zeroizing::new(format!(
        "{}={}{}{}{}{expires}",
        facts.name,
        facts.value.expose(),
        if facts.is_secure { "; Secure" } else { "" },
        if facts.is_http_only { "; HttpOnly" } else { "" },
        if expires.is_empty() { "" } else { "; Expires=" },
    ));
    let mut cookie = Cookie::parse(line.as_str(), &url).map_err(|_| "it has no name")?.into_owned();
    // What would be read otherwise than it was written: a semicolon, an equals sign in the name, spaces around.
    if cookie.name() != facts.name || cookie.value() != facts.value.expose() {
        return Err("its name or value holds a sign that ends it");
    }
    // Not through the line: a default path may hold a semicolon.
    cookie.path = CookiePath::parse(&facts.path).ok_or("its path does not begin with a slash")?;
    if !facts.is_host_only {
        cookie.domain = CookieDomain::Suffix(host);
    }
    Ok((check(cookie, &url)?, url))
}

/// What holds for every cookie, wherever it comes from.
fn check(mut cookie: Cookie<'static>, url: &Url) -> Result<Cookie<'static>, &'static str> {
    let is_plain = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b));
    if !is_plain(cookie.name()) || !is_plain(cookie.value()) || !is_plain(&cookie.path) {
        return Err(NOT_TEXT);
    }
    let is_address = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    if let CookieDomain::Suffix(domain) = &cookie.domain
        && (is_address || !domain.trim_end_matches('.').contains('.'))
    {
        // RFC 6265 §5.3, step 5: what nobody may share is a host's own.
        if !cookie.domain.host_is_identical(url) {
            return Err("its domain is a whole top-level domain");
        }
        cookie.domain = CookieDomain::host_only(url).map_err(|_| MALFORMED)?;
    }
    let is_host_only = matches!(cookie.domain, CookieDomain::HostOnly(_));
    let domain_len = cookie.domain.as_cow().map_or(0, |domain| domain.len());
    if cookie.name().len() + cookie.value().len() + domain_len + cookie.path.len() > COOKIE_MAX_BYTES {
        return Err(TOO_LARGE);
    }
    let is_secure = cookie.secure() == Some(true);
    if is_secure && !is_safe(url) {
        return Err("it is Secure and came over plain http");
    }
    let begins = |prefix: &str| cookie.name().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if begins("__Secure-") && !is_secure {
        return Err("its name begins with __Secure- and it is not Secure");
    }
    if begins("__Host-") && !(is_secure && is_host_only && &*cookie.path == "/") {
        return Err("its name begins with __Host- and it is not Secure, of one host and of the path /");
    }
    Ok(cookie)
}

/// Whether a new cookie would hide or push out an older one that is Secure.
pub(super) fn is_shadowed(old: &Cookie<'_>, new: &Cookie<'_>) -> bool {
    let (old_domain, new_domain) = (String::from(&old.domain), String::from(&new.domain));
    let is_within = |inner: &str, outer: &str| {
        inner == outer || inner.strip_suffix(outer).is_some_and(|before| before.ends_with('.'))
    };
    old.secure() == Some(true)
        && old.name() == new.name()
        && (is_within(&old_domain, &new_domain) || is_within(&new_domain, &old_domain))
}

/// To the second, which is all that a cookie's own time has.
pub(super) fn expires_at(cookie: &Cookie<'_>) -> Option<Timestamp> {
    match &cookie.expires {
        CookieExpiration::AtUtc(at) => {
            // The crate's own latest time lies a day after the latest that jiff knows.
            let secs = at.unix_timestamp().clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
            Timestamp::from_second(secs).ok()
        }
        CookieExpiration::SessionEnd => None,
    }
}

pub(super) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http")
}

/// Whether nobody on the way can read or write what is sent.
pub(super) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}
