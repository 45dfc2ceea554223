//! The cookies of one environment: taken from answers, shown, edited, and sent where they belong.

use std::cmp::Reverse;
use std::fmt;

use cookie_store::{Cookie, CookieDomain, CookieStore};
use jiff::Timestamp;
use url::Url;

use super::cookie_rules::{MALFORMED, build, expires_at, is_http, is_safe, is_shadowed, read};
use crate::secret::Secret;
use crate::text::visible_line;

/// The most cookies of a jar.
const JAR_MAX: usize = 300;
/// The most cookies of a domain. Source: RFC 6265 §6.1.
const HOST_MAX: usize = 50;
/// The most characters of a refused cookie's name.
const NAME_SHOWN_CHARS: usize = 80;
/// Shorter values are everywhere, and the redactor does not look for them.
const KNOWN_MIN_CHARS: usize = 6;

/// The cookies of one environment, by the rules of RFC 6265.
///
/// No list of public suffixes is at hand: `Domain=com` is refused, `Domain=co.uk` is not. Ports are not told apart
/// (RFC 6265 §8.5). A jar is therefore for the origins of one environment only.
/// *Secrets*: yes, every value; `Debug` prints counts only.
#[derive(Clone, Default)]
pub struct CookieJar {
    store: CookieStore,
}

/// What became of a cookie. Names of foreign cookies are foreign text.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieOutcome {
    /// It is in the jar and was not before.
    Stored {
        /// Its name.
        name: String,
    },
    /// It took the place of the one with its name, domain and path.
    Replaced {
        /// Its name.
        name: String,
    },
    /// It came expired, as servers withdraw cookies: the jar holds none of its name, domain and path now.
    Removed {
        /// Its name.
        name: String,
    },
    /// The jar is as it was.
    Refused {
        /// Its name made visible, at most 80 characters; none if it has none.
        name: Option<String>,
        /// The reason, to follow `because`. Shape: `it names another domain`.
        why: &'static str,
    },
}

/// One cookie, as it is shown and edited.
///
/// *Secrets*: yes, in `value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieFacts {
    /// Its name; with domain and path what tells it from all others.
    pub name: String,
    /// The host it goes to. Shape: `api.example.com`, `127.0.0.1`, `[::1]`; no leading dot.
    pub domain: String,
    /// Whether it goes to exactly that host; else also to the hosts below it.
    pub is_host_only: bool,
    /// The path it goes to, and all below. Shape: `/v1`.
    pub path: String,
    /// When it lapses, to the second; none for a cookie of the session.
    pub expires_at: Option<Timestamp>,
    /// Whether it goes over https or to this machine only.
    pub is_secure: bool,
    /// Whether scripts of a page may not read it; says nothing here and is kept for showing.
    pub is_http_only: bool,
    /// Its value as it is sent, quotes included.
    pub value: Secret,
}

impl CookieJar {
    /// Takes the value of one `Set-Cookie` line that came with an answer from `url`.
    ///
    /// A value that is replaced or removed is no longer among [`CookieJar::secrets`]: take those before, too.
    pub fn store(&mut self, set_cookie: &str, url: &Url) -> CookieOutcome {
        let put = read(set_cookie, url).and_then(|cookie| {
            // RFC 6265bis §5.7: what anyone on the way can write does not push out what only the server can.
            if !is_safe(url) && self.store.iter_any().any(|old| is_shadowed(old, &cookie)) {
                return Err("it came over plain http and would hide a Secure cookie");
            }
            self.put(cookie, url)
        });
        put.unwrap_or_else(|why| {
            let pair = set_cookie.split(';').next().unwrap_or_default();
            refused(pair.split_once('=').map_or("", |(name, _)| name), why)
        })
    }

    /// Adds or changes one by hand; one whose name, domain or path was changed stays beside it until it is removed.
    pub fn set(&mut self, facts: &CookieFacts) -> CookieOutcome {
        build(facts).and_then(|(cookie, url)| self.put(cookie, &url)).unwrap_or_else(|why| refused(&facts.name, why))
    }

    /// The value of the `Cookie` header for a request, the longest path first; none if no cookie belongs there.
    ///
    /// Shape: `a=1; b=2`. *Secrets*: yes; mark the header sensitive.
    pub fn header_for(&self, url: &Url, now: Timestamp) -> Option<Secret> {
        if !is_http(url) {
            return None;
        }
        let is_wanted = |cookie: &&Cookie<'_>| cookie.matches(url) && expires_at(cookie).is_none_or(|at| at > now);
        let mut cookies: Vec<_> = self.store.iter_any().filter(is_wanted).collect();
        // Of one length RFC 6265 wants the older first; the store keeps no ages, and an order by name is at least one.
        cookies.sort_by_key(|cookie| (Reverse(cookie.path.len()), cookie.name(), &cookie.domain));
        // Room for all of it, so that the text never moves and leaves a copy behind.
        let len = cookies.iter().map(|cookie| cookie.name().len() + cookie.value().len() + 3).sum();
        let mut text = String::with_capacity(len);
        for cookie in &cookies {
            let gap = if text.is_empty() { "" } else { "; " };
            for part in [gap, cookie.name(), "=", cookie.value()] {
                text.push_str(part);
            }
        }
        (!cookies.is_empty()).then(|| Secret::new(text))
    }

    /// Every cookie by domain, path and name, expired ones too until the next is stored.
    pub fn list(&self) -> Vec<CookieFacts> {
        let mut list: Vec<_> = self.store.iter_any().map(facts).collect();
        list.sort_by(|a, b| (&a.domain, &a.path, &a.name).cmp(&(&b.domain, &b.path, &b.name)));
        list
    }

    /// Removes the cookie of these facts as listed; whether there was one.
    pub fn remove(&mut self, domain: &str, path: &str, name: &str) -> bool {
        self.store.remove(domain, path, name).is_some()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.store.clear();
    }

    /// Every value of 6 characters and more, also without its quotes, for redaction by exact value.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut values: Vec<&str> = self.store.iter_any().flat_map(|c| [c.value(), c.value_trimmed()]).collect();
        values.retain(|value| value.chars().count() >= KNOWN_MIN_CHARS);
        values.sort_unstable();
        values.dedup();
        values.into_iter().map(|value| Secret::new(value.into())).collect()
    }

    fn put(&mut self, cookie: Cookie<'static>, url: &Url) -> Result<CookieOutcome, &'static str> {
        let name = cookie.name().to_owned();
        let (domain, path) = (String::from(&cookie.domain), String::from(&cookie.path));
        if cookie.is_expired() {
            self.store.remove(&domain, &path, &name);
            return Ok(CookieOutcome::Removed { name });
        }
        let expired: Vec<_> = self.store.iter_any().filter(|old| old.is_expired()).map(facts).collect();
        for old in expired {
            self.store.remove(&old.domain, &old.path, &old.name);
        }
        let is_known = self.store.contains_any(&domain, &path, &name);
        if !is_known && self.store.iter_any().count() >= JAR_MAX {
            return Err("the jar is full with 300 cookies");
        }
        let of_host = self.store.iter_any().filter(|old| old.domain.as_cow().as_deref() == Some(&*domain)).count();
        if !is_known && of_host >= HOST_MAX {
            return Err("the jar holds 50 cookies of its domain already");
        }
        self.store.insert(cookie, url).map_err(|_| MALFORMED)?;
        Ok(if is_known { CookieOutcome::Replaced { name } } else { CookieOutcome::Stored { name } })
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar").field("cookies", &self.store.iter_any().count()).finish_non_exhaustive()
    }
}

fn facts(cookie: &Cookie<'_>) -> CookieFacts {
    CookieFacts {
        name: cookie.name().into(),
        domain: String::from(&cookie.domain),
        is_host_only: matches!(cookie.domain, CookieDomain::HostOnly(_)),
        path: String::from(&cookie.path),
        expires_at: expires_at(cookie),
        is_secure: cookie.secure() == Some(true),
        is_http_only: cookie.http_only() == Some(true),
        value: Secret::new(cookie.value().into()),
    }
}

fn refused(name: &str, why: &'static str) -> CookieOutcome {
    let name: String = visible_line(name.trim()).chars().take(NAME_SHOWN_CHARS).collect();
    CookieOutcome::Refused { name: (!name.is_empty()).then_some(name), why }
}

#[cfg(test)]
#[path = "cookies_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
