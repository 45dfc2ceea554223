//! A jar of cookies as one text, for the keyring.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::cookies::{CookieFacts, CookieJar, CookieOutcome};
use crate::secret::Secret;

/// The version of the text's shape.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    v: u32,
    cookies: Vec<KeptCookie<'a>>,
}

/// What is no or none is left out: some keyrings are narrow.
#[derive(Serialize, Deserialize)]
struct KeptCookie<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    domain: Cow<'a, str>,
    path: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at_secs: Option<i64>,
    #[serde(default, skip_serializing_if = "is_no")]
    is_host_only: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    is_secure: bool,
    #[serde(default, skip_serializing_if = "is_no")]
    is_http_only: bool,
}

impl CookieJar {
    /// The whole jar, cookies of the session too; none only if it cannot be written at all.
    ///
    /// Shape: `{"v":1,"cookies":[{"name":"id","value":"…","domain":"api.example.com","path":"/"}]}`.
    pub fn to_secret(&self) -> Option<Secret> {
        let list = self.list();
        let cookies: Vec<_> = list.iter().map(KeptCookie::of).collect();
        // Room for the worst escaping, so that the buffer never moves and leaves a copy behind.
        let room: usize = cookies.iter().map(KeptCookie::max_len).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(room + 64));
        serde_json::to_writer(&mut *bytes, &Kept { v: VERSION, cookies }).ok()?;
        String::from_utf8(std::mem::take(&mut *bytes)).ok().map(Secret::new)
    }

    /// Reads a jar back; none if the text is not ours, of a later version, or holds a cookie that cannot be.
    ///
    /// Cookies that have expired meanwhile are left out.
    pub fn from_secret(text: &Secret) -> Option<Self> {
        // The parser's error may quote the text: it is dropped.
        let kept: Kept<'_> = serde_json::from_str(text.expose()).ok()?;
        if kept.v != VERSION {
            return None;
        }
        let mut jar = Self::default();
        for cookie in kept.cookies {
            if let CookieOutcome::Refused { .. } = jar.set(&cookie.into_facts()?) {
                return None;
            }
        }
        Some(jar)
    }
}

impl<'a> KeptCookie<'a> {
    fn of(facts: &'a CookieFacts) -> Self {
        Self {
            name: facts.name.as_str().into(),
            value: facts.value.expose().into(),
            domain: facts.domain.as_str().into(),
            path: facts.path.as_str().into(),
            expires_at_secs: facts.expires_at.map(Timestamp::as_second),
            is_host_only: facts.is_host_only,
            is_secure: facts.is_secure,
            is_http_only: facts.is_http_only,
        }
    }

    /// Cookies are of visible ASCII, of which JSON escapes quote and backslash with one more; 192 for all the rest.
    fn max_len(&self) -> usize {
        2 * (self.name.len() + self.value.len() + self.domain.len() + self.path.len()) + 192
    }

    fn into_facts(self) -> Option<CookieFacts> {
        let expires_at = match self.expires_at_secs {
            Some(secs) => Some(Timestamp::from_second(secs).ok()?),
            None => None,
        };
        Some(CookieFacts {
            name: self.name.into_owned(),
            domain: self.domain.into_owned(),
            is_host_only: self.is_host_only,
            path: self.path.into_owned(),
            expires_at,
            is_secure: self.is_secure,
            is_http_only: self.is_http_only,
            value: Secret::new(self.value.into_owned()),
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature is serde's
fn is_no(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use url::Url;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(lines: &[&str], from: &str) -> CookieJar {
        let mut jar = CookieJar::default();
        for line in lines {
            let outcome = jar.store(line, &url(from));
            assert!(matches!(outcome, CookieOutcome::Stored { .. }), "{line}: {outcome:?}");
        }
        jar
    }

    fn sent(jar: &CookieJar, to: &str) -> String {
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        jar.header_for(&url(to), now).map_or_else(String::new, |value| value.expose().into())
    }

    #[test]
    fn a_jar_is_read_back_whole() {
        let mut jar = jar(
            &[
                "session=s\"\\1; HttpOnly",
                "wide=2; Domain=example.com; Secure; Path=/v1",
                "long=3; Expires=Sun, 01 Jun 2998 12:00:00 GMT",
                "ever=4; Max-Age=99999999999999999999",
            ],
            "https://api.example.com/a;b/c",
        );
        jar.store("here=5", &url("http://[::1]:9/"));
        let text = jar.to_secret().unwrap();
        let again = CookieJar::from_secret(&text).unwrap();
        assert_eq!(again.list(), jar.list());
        assert_eq!(again.list().len(), 5);
        assert_eq!(sent(&again, "http://[::1]:8/"), "here=5");
        assert_eq!(CookieJar::from_secret(&CookieJar::default().to_secret().unwrap()).unwrap().list(), []);
    }

    #[test]
    fn the_text_of_a_jar_has_the_shape_promised() {
        let jar = jar(&["id=1; Path=/"], "https://a.test/");
        assert_eq!(
            jar.to_secret().unwrap().expose(),
            r#"{"v":1,"cookies":[{"name":"id","value":"1","domain":"a.test","path":"/","is_host_only":true}]}"#
        );
    }

    #[test]
    fn foreign_and_broken_text_is_no_jar_and_expired_cookies_are_left_out() {
        let text =
            jar(&["id=1; Path=/; Expires=Sun, 01 Jun 2998 12:00:00 GMT"], "https://a.test/").to_secret().unwrap();
        let good = text.expose();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"1\"", "\"1; x\""),
            ("\"a.test\"", "\"\""),
            ("\"/\"", "\"\""),
            ("\"id\"", "\"\""),
            ("32453697600", "9e99"),
            ("]}", "]"),
        ] {
            assert!(good.contains(from), "{good}");
            assert!(CookieJar::from_secret(&Secret::new(good.replace(from, to))).is_none(), "{to}");
        }
        for text in ["", "plain", "[]", "{}", r#"{"v":1}"#, &"[".repeat(100_000)] {
            assert!(CookieJar::from_secret(&Secret::new(text.into())).is_none(), "{text:.20}");
        }
        let old = Secret::new(good.replace("32453697600", "1"));
        assert_eq!(CookieJar::from_secret(&old).unwrap().list(), []);
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_jar_stores_is_sent_as_one_line_and_read_back(
            line in "[a-c=]{0,4}=[ -~é\t]{0,12}(; ?(Domain|Path|Max-Age|Expires|Secure)=?[ -~.é]{0,12}){0,3}",
            path in "[/a;%\"é]{0,6}",
        ) {
            let (mut jar, from) = (CookieJar::default(), url(&format!("https://api.example.com/{path}")));
            jar.store(&line, &from);
            let header = sent(&jar, from.as_str());
            proptest::prop_assert!(header.bytes().all(|b| (0x20..0x7f).contains(&b)) && header.matches(';').count() == 0);
            let again = CookieJar::from_secret(&jar.to_secret().unwrap()).unwrap();
            proptest::prop_assert_eq!(again.list(), jar.list());
        }
    }
}
