//! The jar, from a `Set-Cookie` line to a `Cookie` header and to the text that is kept.

use super::*;

const CANARY: &str = "canary0123456789";

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-06-01T00:00:00Z")
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
    jar.header_for(&url(to), now()).map_or_else(String::new, |value| value.expose().into())
}

fn why(outcome: &CookieOutcome) -> &'static str {
    let CookieOutcome::Refused { why, .. } = outcome else { panic!("{outcome:?}") };
    why
}

fn given(name: &str, value: &str, domain: &str) -> CookieFacts {
    CookieFacts {
        name: name.into(),
        domain: domain.into(),
        is_host_only: true,
        path: "/".into(),
        expires_at: None,
        is_secure: false,
        is_http_only: false,
        value: Secret::new(value.into()),
    }
}

#[test]
fn a_cookie_of_another_host_never_goes_out() {
    let jar = jar(&["id=1", "wide=2; Domain=.Example.com"], "https://api.example.com/v1/login");
    for to in [
        "https://evil.test/v1/x",
        "https://api.example.com.evil.test/v1/x",
        "https://evilexample.com/v1/x",
        "https://example.com.evil/v1/x",
        "https://api.example.com./v1/x",
        "ftp://api.example.com/v1/x",
        "data:text/plain,x",
    ] {
        assert_eq!(sent(&jar, to), "", "{to}");
    }
    assert_eq!(sent(&jar, "https://api.example.com/v1/x"), "id=1; wide=2");
}

#[test]
fn a_cookie_goes_to_hosts_below_only_if_it_names_its_domain() {
    let jar = jar(&["host=1; Path=/", "wide=2; Domain=example.com; Path=/"], "https://api.example.com/");
    assert_eq!(sent(&jar, "https://api.example.com/"), "host=1; wide=2");
    assert_eq!(sent(&jar, "https://other.example.com/"), "wide=2");
    assert_eq!(sent(&jar, "https://example.com/"), "wide=2");
    assert_eq!(sent(&jar, "https://deep.api.example.com/"), "wide=2");
}

#[test]
fn a_domain_that_is_not_the_host_s_own_is_refused() {
    let mut jar = CookieJar::default();
    for (line, from, reason) in [
        ("id=1; Domain=evil.test", "https://api.example.com/", "it names another domain"),
        ("id=1; Domain=deep.api.example.com", "https://api.example.com/", "it names another domain"),
        ("id=1; Domain=0.0.1", "http://127.0.0.1/", "it names another domain"),
        ("id=1; Domain=com", "https://example.com/", "its domain is a whole top-level domain"),
        ("id=1; Domain=com.", "https://example.com./", "its domain is a whole top-level domain"),
    ] {
        let outcome = jar.store(line, &url(from));
        assert_eq!(outcome, CookieOutcome::Refused { name: Some("id".into()), why: reason }, "{line}");
    }
    assert_eq!(jar.list(), []);
    // What names the host itself where nothing can be shared is of that host only.
    for from in ["http://localhost:1/", "http://127.0.0.1:1/", "https://intranet/"] {
        let line = format!("id=1; Domain={}", url(from).host_str().unwrap());
        assert_eq!(jar.store(&line, &url(from)), CookieOutcome::Stored { name: "id".into() });
    }
    assert!(jar.list().iter().all(|cookie| cookie.is_host_only));
}

#[test]
fn the_longest_path_comes_first_and_a_path_holds_whole_segments_only() {
    let jar =
        jar(&["b=root; Path=/", "a=deep; Path=/v1/posts", "c=mid; Path=/v1/", "d=own"], "https://a.test/v1/posts/7");
    assert_eq!(sent(&jar, "https://a.test/v1/posts/8?x=1"), "a=deep; d=own; c=mid; b=root");
    assert_eq!(sent(&jar, "https://a.test/v1/postscript"), "c=mid; b=root");
    assert_eq!(sent(&jar, "https://a.test/v1"), "b=root");
}

#[test]
fn a_secure_cookie_travels_over_https_or_within_this_machine() {
    let mut of_host = jar(&["id=1; Secure; Path=/"], "https://a.test/");
    assert_eq!(sent(&of_host, "http://a.test/"), "");
    assert_eq!(why(&of_host.store("x=1; Secure", &url("http://a.test/"))), "it is Secure and came over plain http");
    for own in ["http://127.0.0.1:8080/", "http://localhost:8080/", "http://[::1]:8080/"] {
        let jar = jar(&["id=1; Secure"], own);
        assert_eq!(sent(&jar, own), "id=1", "{own}");
    }
}

#[test]
fn plain_http_does_not_push_out_a_secure_cookie() {
    let mut jar = jar(&["id=good; Secure; Path=/"], "https://api.example.com/");
    for line in ["id=bad", "id=bad; Domain=example.com", "id=; Max-Age=0; Path=/"] {
        let outcome = jar.store(line, &url("http://api.example.com/"));
        assert_eq!(why(&outcome), "it came over plain http and would hide a Secure cookie");
    }
    assert_eq!(sent(&jar, "https://api.example.com/"), "id=good");
    let other = jar.store("id=1", &url("http://another.test/"));
    assert_eq!(other, CookieOutcome::Stored { name: "id".into() });
}

#[test]
fn the_same_name_domain_and_path_is_replaced_and_max_age_0_removes() {
    let (mut jar, from) = (jar(&["id=1"], "https://a.test/"), url("https://a.test/"));
    assert_eq!(jar.store("id=2; HttpOnly", &from), CookieOutcome::Replaced { name: "id".into() });
    assert_eq!(sent(&jar, "https://a.test/"), "id=2");
    assert_eq!(jar.store("id=; Path=/v1; Max-Age=0", &from), CookieOutcome::Removed { name: "id".into() });
    assert_eq!(jar.list().len(), 1, "that was another path");
    assert_eq!(jar.store("id=; Max-Age=0", &from), CookieOutcome::Removed { name: "id".into() });
    assert_eq!(jar.list(), []);
    jar.store("id=3", &from);
    let gone = "id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(jar.store(gone, &from), CookieOutcome::Removed { name: "id".into() });
    assert_eq!(jar.list(), []);
}

#[test]
fn an_expired_cookie_is_not_sent() {
    let jar = jar(&["id=1; Expires=Sun, 01 Jun 2998 12:00:00 GMT"], "https://a.test/");
    let ask = |now: &str| jar.header_for(&url("https://a.test/"), at(now)).is_some();
    assert!(ask("2998-06-01T11:59:59Z"));
    assert!(!ask("2998-06-01T12:00:00Z") && !ask("2999-01-01T00:00:00Z"));
    assert_eq!(jar.list()[0].expires_at, Some(at("2998-06-01T12:00:00Z")));
}

#[test]
fn max_age_goes_before_expires_and_never_overflows() {
    let jar = jar(&["id=1; Max-Age=99999999999999999999; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "https://a.test/");
    assert_eq!(jar.list()[0].expires_at, Some(at("9999-12-30T22:00:00Z")));
    assert_eq!(sent(&jar, "https://a.test/"), "id=1");
}

#[test]
fn what_no_header_carries_is_refused_and_its_name_made_visible() {
    let (mut jar, from) = (CookieJar::default(), url("https://a.test/"));
    for (line, name, reason) in [
        ("", None, MALFORMED),
        ("=x", None, MALFORMED),
        ("only-a-word", None, MALFORMED),
        ("a\u{1b}=x", Some("a\\u{1b}"), "its name, value or path holds a character that no header carries"),
        ("a=x\r\nX-Y: z", Some("a"), "its name, value or path holds a character that no header carries"),
        ("a=\u{e9}", Some("a"), "its name, value or path holds a character that no header carries"),
        ("a=x; Path=/\u{0}", Some("a"), "its name, value or path holds a character that no header carries"),
        ("a=x; Domain=xn--\u{ad}.b", Some("a"), MALFORMED),
    ] {
        let outcome = jar.store(line, &from);
        assert_eq!(outcome, CookieOutcome::Refused { name: name.map(Into::into), why: reason }, "{line:?}");
    }
    let outcome = jar.store(&format!("{}\u{7f}=x", "n".repeat(500)), &from);
    assert!(matches!(outcome, CookieOutcome::Refused { name: Some(name), .. } if name == "n".repeat(80)));
    assert_eq!(why(&jar.store("a=x", &url("ws://a.test/"))), "it came neither over https nor over http");
}

#[test]
fn large_cookies_and_full_jars_are_refused() {
    let (mut jar, from) = (CookieJar::default(), url("https://a.test/"));
    assert_eq!(why(&jar.store(&format!("a={}", "x".repeat(4095)), &from)), "it is larger than 4,096 bytes");
    assert_eq!(why(&jar.store(&format!("a=x; Path=/{}", "p".repeat(5000)), &from)), "it is larger than 4,096 bytes");
    for n in 0..50 {
        jar.store(&format!("c{n}=x"), &from);
    }
    assert_eq!(why(&jar.store("more=x", &from)), "the jar holds 50 cookies of its domain already");
    assert_eq!(jar.store("c7=y", &from), CookieOutcome::Replaced { name: "c7".into() });
    for n in 0..250 {
        let host = url(&format!("https://h{n}.test/"));
        assert_eq!(jar.store("c=x", &host), CookieOutcome::Stored { name: "c".into() });
    }
    assert_eq!(why(&jar.store("more=x", &url("https://b.test/"))), "the jar is full with 300 cookies");
    assert!(jar.remove("h7.test", "/", "c") && !jar.remove("h7.test", "/", "c"));
    assert_eq!(jar.store("more=x", &url("https://b.test/")), CookieOutcome::Stored { name: "more".into() });
}

#[test]
fn a_prefix_of_the_name_is_a_promise() {
    let (mut jar, from) = (CookieJar::default(), url("https://api.example.com/v1/"));
    for line in ["__Secure-a=1", "__host-a=1; Secure", "__Host-a=1; Secure; Path=/; Domain=example.com"] {
        assert!(why(&jar.store(line, &from)).starts_with("its name begins with __"), "{line}");
    }
    for line in ["__Secure-a=1; Secure", "__Host-a=1; Secure; Path=/"] {
        assert!(matches!(jar.store(line, &from), CookieOutcome::Stored { .. }), "{line}");
    }
}

#[test]
fn a_cookie_is_edited_by_hand() {
    let mut jar = jar(&["id=1; Secure; HttpOnly; Path=/v1; Domain=example.com"], "https://api.example.com/");
    let mut cookie = jar.list().remove(0);
    assert_eq!((&*cookie.domain, &*cookie.path, cookie.is_host_only), ("example.com", "/v1", false));
    assert!(cookie.is_secure && cookie.is_http_only);
    cookie.value = Secret::new("two words, \"quoted\"".into());
    cookie.expires_at = Some(at("2998-01-01T00:00:00Z"));
    assert_eq!(jar.set(&cookie), CookieOutcome::Replaced { name: "id".into() });
    assert_eq!(jar.list(), [cookie]);
    assert_eq!(sent(&jar, "https://www.example.com/v1"), "id=two words, \"quoted\"");

    let mut own = given("own", "1", "LOCALHOST");
    own.is_secure = true;
    assert_eq!(jar.set(&own), CookieOutcome::Stored { name: "own".into() });
    assert_eq!(sent(&jar, "http://localhost:9/"), "own=1");
    own.domain = "localhost".into();
    own.expires_at = Some(at("-001000-01-01T00:00:00Z"));
    assert_eq!(jar.set(&own), CookieOutcome::Removed { name: "own".into() });
    jar.clear();
    assert_eq!(jar.list(), []);
}

#[test]
fn nothing_typed_by_hand_can_begin_another_cookie_or_header() {
    let mut jar = CookieJar::default();
    for (name, value) in [("a", "1; b=2"), ("a=b", "1"), ("a; Secure", "1"), ("a", " 1"), (" a", "1"), ("", "1")] {
        assert!(!why(&jar.set(&given(name, value, "a.test"))).is_empty(), "{name:?} {value:?}");
    }
    assert_eq!(
        why(&jar.set(&given("a", "1\r\nX: y", "a.test"))),
        "its name, value or path holds a character that no header carries"
    );
    for domain in ["", "a b", "a.test/x", "me@a.test", "a.test:80"] {
        assert_eq!(why(&jar.set(&given("a", "1", domain))), "its domain is no host name", "{domain:?}");
    }
    let mut facts = given("a", "1", "a.test");
    facts.path = "v1".into();
    assert_eq!(why(&jar.set(&facts)), "its path does not begin with a slash");
    assert_eq!(jar.list(), []);
}

#[test]
fn a_value_never_appears_in_debug() {
    let mut jar = CookieJar::default();
    let outcomes = [
        jar.store(&format!("id={CANARY}"), &url("https://a.test/")),
        jar.store(&format!("id={CANARY}; Domain=evil.test"), &url("https://a.test/")),
        jar.store(CANARY, &url("https://a.test/")),
        jar.set(&given("own", &format!("{CANARY};"), "a.test")),
    ];
    let header = jar.header_for(&url("https://a.test/"), now());
    let shown = format!("{jar:?} {:?} {outcomes:?} {header:?} {:?} {:?}", jar.list(), jar.secrets(), jar.to_secret());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.starts_with("CookieJar { cookies: 1, .. }"), "{shown}");
}

#[test]
fn secrets_for_the_redactor_are_values_of_six_characters_and_more() {
    let jar = jar(&["a=12345", "b=123456", "c=\"abcdefg\"", "d=123456"], "https://a.test/");
    let secrets: Vec<_> = jar.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
    assert_eq!(secrets, ["\"abcdefg\"", "123456", "abcdefg"]);
}
