//! Which proxy a request goes through, and why.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use super::client::is_loopback;
use super::settings::{ProxyChoice, RouteSecrets};
use crate::exchange::ProxyFacts;
use crate::secret::Secret;

/// The proxy of one request, decided.
///
/// *Secrets*: yes, user and password.
#[derive(Clone, Debug)]
pub(super) struct ProxyTarget {
    /// The proxy's address without its user.
    pub url: Url,
    /// User and password.
    pub auth: Option<(String, Secret)>,
}

/// Why a proxy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProxyProblem {
    /// What is wrong, for a person.
    pub summary: String,
    /// What to write instead.
    pub fix: String,
}

/// The port of a SOCKS proxy that names none. Source: RFC 1928 §3.
pub(super) const SOCKS_PORT: u16 = 1080;

/// The environment variables that name a proxy for a scheme, as they are asked.
const VARIABLES: [(&str, [&str; 4]); 2] = [
    ("http", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]),
    ("https", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
];

/// Decides for one address.
///
/// A loopback address is never given to the system's proxy: there it would mean the proxy's own machine. A proxy that
/// the person named is used for it all the same, unless the bypass list names it.
/// *Errors*: the proxy's address is none.
pub(super) fn choose(
    choice: &ProxyChoice,
    secrets: &RouteSecrets,
    url: &Url,
) -> Result<(Option<ProxyTarget>, ProxyFacts), ProxyProblem> {
    let host = url.host_str().unwrap_or_default();
    let direct = |why: String| Ok((None, ProxyFacts { used: None, why }));
    match choice {
        ProxyChoice::Direct => direct("no proxy, as chosen for this environment".into()),
        ProxyChoice::System if is_loopback(url) => {
            direct(format!("{host} is this machine, which no proxy of the system is asked for"))
        }
        ProxyChoice::System => match intercept(&Matcher::from_system(), url) {
            None => match (variable_for(url), variable(&["NO_PROXY", "no_proxy"])) {
                (Some(name), _) if !is_readable(name) => Err(ProxyProblem {
                    summary: format!("The proxy that the environment variable {name} names has no readable address"),
                    fix: format!("Correct {name}, or choose a proxy for this environment"),
                }),
                (Some(_), Some(name)) => direct(format!("{name} names {host}")),
                _ => direct("neither the environment nor the system names a proxy".to_owned()),
            },
            Some(found) => {
                let why = match variable_for(url) {
                    Some(name) => format!("the environment variable {name}"),
                    None => "the system's settings".to_owned(),
                };
                let target = target_of(&found)?;
                Ok((Some(target.clone()), ProxyFacts { used: Some(shown(&target.url)), why }))
            }
        },
        ProxyChoice::Explicit { url: proxy, bypass } => {
            let parsed = parse(proxy)?;
            let matcher = Matcher::builder().all("http://proxy.invalid").no(bypass.as_str()).build();
            if intercept(&matcher, url).is_none() {
                return direct(format!("the bypass list names {host}"));
            }
            let target = ProxyTarget { url: parsed, auth: secrets.proxy.clone() };
            let facts = ProxyFacts { used: Some(shown(&target.url)), why: "chosen for this environment".into() };
            Ok((Some(target), facts))
        }
    }
}

/// Whether a proxy's address can be used.
///
/// *Errors*: what is wrong and what to write instead.
pub fn check_proxy(text: &str) -> Result<(), (String, String)> {
    parse(text).map(|_| ()).map_err(|problem| (problem.summary, problem.fix))
}

/// A proxy's address as typed. Shape: `proxy:8080` is taken for `http://proxy:8080`.
///
/// *Errors*: it is no address, its scheme is not known, or it holds a password.
fn parse(text: &str) -> Result<Url, ProxyProblem> {
    let url = readable(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ProxyProblem {
            summary: "The proxy's address holds a user or password, which would be seen in settings and logs".into(),
            fix: "Take them out and name a credential of the kind basic for the proxy".into(),
        });
    }
    Ok(url)
}

/// The address of a proxy with or without a user.
///
/// *Errors*: it is no address, or its scheme is not known.
fn readable(text: &str) -> Result<Url, ProxyProblem> {
    let wrong = |summary: String| ProxyProblem {
        summary,
        fix: "Write it like http://host:port, https://host:port, socks5://host:port or socks5h://host:port".into(),
    };
    let text = text.trim();
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).map_err(|error| wrong(format!("The proxy's address is none: {error}")))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h" | "socks4" | "socks4a") {
        return Err(wrong(format!("{} is no kind of proxy", url.scheme())));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("The proxy's address has no host".into()));
    }
    Ok(url)
}

/// Scheme, host and port.
fn shown(url: &Url) -> String {
    // SOCKS has a port of its own that no reader of addresses knows.
    let is_known = url.port_or_known_default().is_some();
    let port = url.port().or_else(|| (!is_known).then_some(SOCKS_PORT)).map(|port| format!(":{port}"));
    format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or("?"), port.unwrap_or_default())
}

fn intercept(matcher: &Matcher, url: &Url) -> Option<Intercept> {
    matcher.intercept(&url.as_str().parse().ok()?)
}

fn target_of(found: &Intercept) -> Result<ProxyTarget, ProxyProblem> {
    let problem = || ProxyProblem {
        summary: "The proxy that the environment or the system names has no readable address".into(),
        fix: "Correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or choose a proxy for this environment".into(),
    };
    let url = Url::parse(&found.uri().to_string()).map_err(|_| problem())?;
    let auth = match (found.raw_auth(), found.basic_auth()) {
        (Some((user, password)), _) => Some((user.to_owned(), Secret::new(password.to_owned()))),
        (None, Some(value)) => basic(value),
        (None, None) => None,
    };
    Ok(ProxyTarget { url, auth })
}

/// The texts in which user and password of a proxy travel, for redaction.
pub(super) fn spellings((user, password): &(String, Secret)) -> [Secret; 2] {
    use base64::Engine as _;
    let pair = Secret::new(format!("{user}:{}", password.expose()));
    [password.clone(), Secret::new(base64::engine::general_purpose::STANDARD.encode(pair.expose()))]
}

/// User and password of a Basic header.
fn basic(value: &http::HeaderValue) -> Option<(String, Secret)> {
    use base64::Engine as _;
    let coded = value.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(coded).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password.to_owned())))
}

/// Whether the variable's value is an address of a proxy, with or without a user.
fn is_readable(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| readable(&value).is_ok())
}

fn variable_for(url: &Url) -> Option<&'static str> {
    VARIABLES.iter().find(|(scheme, _)| *scheme == url.scheme()).and_then(|(_, names)| variable(names))
}

/// The first of these variables that is set to something.
fn variable(names: &[&'static str]) -> Option<&'static str> {
    names.iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn explicit(proxy: &str, bypass: &str) -> ProxyChoice {
        ProxyChoice::Explicit { url: proxy.into(), bypass: bypass.into() }
    }

    fn used(choice: &ProxyChoice, target: &str) -> (Option<String>, String) {
        let (_, facts) = choose(choice, &RouteSecrets::default(), &url(target)).unwrap();
        (facts.used, facts.why)
    }

    #[test]
    fn a_proxy_that_was_named_is_used_also_for_this_machine() {
        let choice = explicit("proxy.corp:8080", "");
        assert_eq!(used(&choice, "http://127.0.0.1:1/").0.as_deref(), Some("http://proxy.corp:8080"));
        assert_eq!(used(&choice, "https://api.test/").0.as_deref(), Some("http://proxy.corp:8080"));
        assert_eq!(used(&ProxyChoice::System, "http://localhost:1/").0, None);
        assert_eq!(used(&ProxyChoice::Direct, "https://api.test/").0, None);
    }

    #[test]
    fn the_bypass_list_names_hosts_domains_and_networks() {
        let choice = explicit("socks5h://proxy.corp:1080", "localhost,.corp,10.0.0.0/8");
        for (target, is_used) in [
            ("http://localhost/", false),
            ("https://api.corp/", false),
            ("http://10.1.2.3/", false),
            ("http://api.test/", true),
        ] {
            let (proxy, why) = used(&choice, target);
            assert_eq!(proxy.is_some(), is_used, "{target}: {why}");
            assert!(!why.is_empty());
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_words_and_without_its_password() {
        for text in ["ftp://proxy:1", "http://", "http://user:canary-secret@proxy:1", "::::"] {
            let problem = parse(text).unwrap_err();
            assert!(!problem.summary.contains("canary") && !problem.fix.is_empty(), "{problem:?}");
        }
    }
}
