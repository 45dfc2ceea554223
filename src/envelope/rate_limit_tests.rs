//! What each family's way of telling rate limits is read as, and what malformed values leave.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

/// 2026-11-23T00:00:00Z, which is 1795392000.
fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn with_body(headers: &[(&str, &str)], body: &str) -> Vec<RateLimit> {
    let headers: Vec<(String, String)> = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    rate_limits(&Answer { status: 429, headers: &headers, body: body.as_bytes() }, now())
}

fn read(headers: &[(&str, &str)]) -> Vec<RateLimit> {
    with_body(headers, "")
}

/// Family, name and unit; limit, remaining and used; reset and window.
type Row<'a> = (&'a str, Option<&'a str>, &'a str, [Option<f64>; 3], [Option<f64>; 2]);

fn rows(readings: &[RateLimit]) -> Vec<Row<'_>> {
    readings.iter().map(row).collect()
}

fn row(reading: &RateLimit) -> Row<'_> {
    let RateLimit { family, name, unit, limit, remaining, used, reset_s, window_s, .. } = reading;
    (family, name.as_deref(), unit, [*limit, *remaining, *used], [*reset_s, *window_s])
}

fn raw(reading: &RateLimit) -> Vec<(&str, &str)> {
    reading.raw.iter().map(|(place, value)| (place.as_str(), value.as_str())).collect()
}

#[test]
fn the_draft_joins_what_is_left_with_its_policy() {
    let readings = read(&[
        ("RateLimit-Policy", r#""burst";q=100;w=60,"day";q=65535;qu="content-bytes";w=86400;pk=:aGk=:"#),
        ("RateLimit-Policy", r#""spare"; q=5"#),
        ("RateLimit", r#""burst";r=50;t=30, "day";r=2000000;t=2000000;pk=:aGk=:"#),
        ("RateLimit", r#""other";r=300000000"#),
    ]);
    assert_eq!(
        rows(&readings),
        [
            ("ietf", Some("burst"), "requests", [Some(100.0), Some(50.0), None], [Some(30.0), Some(60.0)]),
            ("ietf", Some("day"), "content-bytes", [Some(65535.0), Some(2e6), None], [Some(2e6), Some(86400.0)]),
            ("ietf", Some("other"), "unknown", [None, Some(3e8), None], [None, None]),
            ("ietf", Some("spare"), "requests", [Some(5.0), None, None], [None, None]),
        ]
    );
    assert_eq!(
        raw(&readings[0]),
        [("ratelimit", r#""burst";r=50;t=30"#), ("ratelimit-policy", r#""burst";q=100;w=60"#)]
    );
    assert_eq!(raw(&readings[3]), [("ratelimit-policy", r#""spare"; q=5"#)]);
}

#[test]
fn policies_of_another_partition_are_not_joined() {
    let readings =
        read(&[("RateLimit-Policy", r#""a";q=9;pk=:eA==:"#), ("RateLimit", r#""a";r=1;pk=:eQ==:,"a";r=2;pk=:eA==:"#)]);
    let limits: Vec<_> = readings.iter().map(|reading| (reading.limit, reading.remaining)).collect();
    assert_eq!(limits, [(None, Some(1.0)), (Some(9.0), Some(2.0))]);
}

#[test]
fn malformed_draft_fields_are_ignored_as_a_whole() {
    for value in [
        r#""a";r=1, "b""#,
        r#""a";r=-1"#,
        r#""a";r=1.5"#,
        r#""a";r=1;t=x"#,
        r#""a";r=1;pk=2"#,
        "a;r=1",
        r#""a";r=1,"#,
        r#"("a");r=1"#,
        "limit=x, reset=5",
        "soon",
        "50",
    ] {
        let readings = read(&[("RateLimit", value), ("RateLimit-Policy", r#""a";q=3"#)]);
        assert_eq!(rows(&readings), [("ietf", Some("a"), "requests", [Some(3.0), None, None], [None; 2])], "{value}");
    }
    for value in [r#""a""#, r#""a";q=1;w=0"#, r#""a";q=1;qu=bytes"#, r#""a";q=1, 5"#, "100", "x"] {
        let readings = read(&[("RateLimit", r#""a";r=1"#), ("RateLimit-Policy", value)]);
        assert_eq!(rows(&readings), [("ietf", Some("a"), "unknown", [None, Some(1.0), None], [None; 2])], "{value}");
    }
}

#[test]
fn older_drafts_are_read_with_their_policies() {
    let quota = |figures, times| ("ietf", None, "quota units", figures, times);
    let plain = [("RateLimit-Limit", "100"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "7")];
    assert_eq!(rows(&read(&plain)), [quota([Some(100.0), Some(0.0), None], [Some(7.0), None])]);

    let listed = read(&[("RateLimit-Limit", "100, 100;w=60, 5000;w=3600"), ("RateLimit-Remaining", "9")]);
    assert_eq!(
        rows(&listed),
        [
            quota([Some(100.0), Some(9.0), None], [None, Some(60.0)]),
            quota([Some(5000.0), None, None], [None, Some(3600.0)]),
        ]
    );
    assert_eq!(raw(&listed[0])[0], ("ratelimit-limit", "100, 100;w=60, 5000;w=3600"));

    let beside = read(&[plain[0], ("RateLimit-Policy", r#"10;w=1;burst=5, 100;w=60;comment="x""#)]);
    assert_eq!(
        rows(&beside),
        [quota([Some(100.0), None, None], [None, Some(60.0)]), quota([Some(10.0), None, None], [None, Some(1.0)]),]
    );
    assert_eq!(raw(&beside[0])[1], ("ratelimit-policy", r#"100;w=60;comment="x""#));

    let dictionary = read(&[("RateLimit", "limit=20, remaining=3, reset=37"), ("RateLimit-Policy", "20;w=60")]);
    assert_eq!(rows(&dictionary), [quota([Some(20.0), Some(3.0), None], [Some(37.0), Some(60.0)])]);

    let epoch = read(&[("RateLimit-Reset", "1795392090")]);
    assert_eq!(rows(&epoch), [quota([None; 3], [Some(90.0), None])]);
}

#[test]
fn github_names_its_resource_and_counts_points_in_graphql() {
    let answer = |resource| {
        read(&[
            ("X-RateLimit-Limit", "5000"),
            ("X-RateLimit-Remaining", "4999"),
            ("X-RateLimit-Used", "1"),
            ("X-RateLimit-Reset", "1795392090"),
            ("X-RateLimit-Resource", resource),
        ])
    };
    let figures = [Some(5000.0), Some(4999.0), Some(1.0)];
    let core = answer("core");
    assert_eq!(rows(&core), [("github", Some("core"), "requests", figures, [Some(90.0), None])]);
    assert_eq!(raw(&core[0]).len(), 5);
    assert!(raw(&core[0]).contains(&("x-ratelimit-reset", "1795392090")));
    assert_eq!(rows(&answer("graphql")), [("github", Some("graphql"), "points", figures, [Some(90.0), None])]);
}

#[test]
fn times_count_from_the_date_of_the_answer() {
    let date = ("Date", "Mon, 23 Nov 2026 00:01:00 GMT");
    let reset = |value| read(&[date, ("x-rate-limit-reset", value)])[0].reset_s;
    assert_eq!(reset("1795392090"), Some(30.0));
    assert_eq!(reset("1795392000"), Some(0.0));
    assert_eq!(reset("30"), Some(30.0));
}

#[test]
fn x_is_read_under_its_own_names() {
    let readings =
        read(&[("x-rate-limit-limit", "900"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1795392600")]);
    assert_eq!(rows(&readings), [("x", None, "requests", [Some(900.0), Some(0.0), None], [Some(600.0), None])]);
}

#[test]
fn discord_prefers_the_wait_to_the_time() {
    let readings = read(&[
        ("X-RateLimit-Limit", "5"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "1795392099.5"),
        ("X-RateLimit-Reset-After", "1.25"),
        ("X-RateLimit-Bucket", "abcd1234"),
        ("X-RateLimit-Scope", "user"),
    ]);
    let name = Some("abcd1234");
    assert_eq!(rows(&readings), [("discord", name, "requests", [Some(5.0), Some(0.0), None], [Some(1.25), None])]);
    assert!(raw(&readings[0]).contains(&("x-ratelimit-reset", "1795392099.5")));
    assert!(raw(&readings[0]).contains(&("x-ratelimit-scope", "user")));

    let global = read(&[("X-RateLimit-Global", "true"), ("X-RateLimit-Reset", "1795392001.5")]);
    assert_eq!(rows(&global), [("discord", None, "requests", [None; 3], [Some(1.5), None])]);
}

#[test]
fn openai_tells_requests_and_tokens_apart() {
    let readings = read(&[
        ("x-ratelimit-limit-requests", "60"),
        ("x-ratelimit-limit-tokens", "150000"),
        ("x-ratelimit-remaining-requests", "59"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-requests", "20ms"),
        ("x-ratelimit-reset-tokens", "6m0s"),
    ]);
    assert_eq!(
        rows(&readings),
        [
            ("openai", Some("requests"), "requests", [Some(60.0), Some(59.0), None], [Some(0.02), None]),
            ("openai", Some("tokens"), "tokens", [Some(150000.0), Some(0.0), None], [Some(360.0), None]),
        ]
    );
    assert_eq!(read(&[("x-ratelimit-reset-tokens", "12")])[0].reset_s, Some(12.0));
    assert_eq!(read(&[("x-ratelimit-reset-tokens", "soon")])[0].reset_s, None);
}

#[test]
fn anthropic_has_as_many_windows_as_names() {
    let readings = read(&[
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-requests-remaining", "49"),
        ("anthropic-ratelimit-requests-reset", "2026-11-23T00:00:30Z"),
        ("Anthropic-RateLimit-Input-Tokens-Remaining", "0"),
        ("anthropic-ratelimit-unified-5h-reset", "1795392090"),
        ("anthropic-ratelimit-tokens-reset", "30"),
    ]);
    assert_eq!(
        rows(&readings),
        [
            ("anthropic", Some("requests"), "requests", [Some(50.0), Some(49.0), None], [Some(30.0), None]),
            ("anthropic", Some("input-tokens"), "tokens", [None, Some(0.0), None], [None; 2]),
            ("anthropic", Some("unified-5h"), "unknown", [None; 3], [Some(90.0), None]),
            ("anthropic", Some("tokens"), "tokens", [None; 3], [None; 2]),
        ]
    );
    assert_eq!(raw(&readings[3]), [("anthropic-ratelimit-tokens-reset", "30")]);
}

#[test]
fn shopify_tells_calls_in_a_header_and_cost_in_the_body() {
    let calls = read(&[("X-Shopify-Shop-Api-Call-Limit", "32/40")]);
    assert_eq!(rows(&calls), [("shopify", None, "requests", [Some(40.0), None, Some(32.0)], [None; 2])]);
    for nonsense in ["32", "a/b", "/"] {
        let calls = read(&[("X-Shopify-Shop-Api-Call-Limit", nonsense)]);
        assert_eq!(rows(&calls), [("shopify", None, "requests", [None; 3], [None; 2])]);
        assert_eq!(raw(&calls[0]), [("x-shopify-shop-api-call-limit", nonsense)]);
    }

    let body = r#"{"errors":[{"message":"Throttled"}],"extensions":{"cost":{"requestedQueryCost":202,
        "actualQueryCost":null,"throttleStatus":{"maximumAvailable":1000.0,"currentlyAvailable":118,"restoreRate":50.0}}}}"#;
    let cost = with_body(&[], body);
    assert_eq!(rows(&cost), [("shopify", Some("cost"), "points", [Some(1000.0), Some(118.0), None], [None; 2])]);
    assert!(raw(&cost[0]).contains(&("/extensions/cost/throttleStatus/maximumAvailable", "1000.0")));
    assert!(raw(&cost[0]).contains(&("/extensions/cost/throttleStatus/restoreRate", "50.0")));
}

#[test]
fn hubspot_has_a_day_a_second_and_an_interval() {
    let readings = read(&[
        ("X-HubSpot-RateLimit-Daily", "250000"),
        ("X-HubSpot-RateLimit-Daily-Remaining", "249999"),
        ("X-HubSpot-RateLimit-Secondly-Remaining", "9"),
        ("X-HubSpot-RateLimit-Max", "100"),
        ("X-HubSpot-RateLimit-Remaining", "99"),
        ("X-HubSpot-RateLimit-Interval-Milliseconds", "10000"),
    ]);
    // A rolling window has room again after one of its length at the latest; a day's length says nothing of its end.
    let row = |name, figures, reset, window| ("hubspot", Some(name), "requests", figures, [reset, Some(window)]);
    assert_eq!(
        rows(&readings),
        [
            row("daily", [Some(250000.0), Some(249999.0), None], None, 86400.0),
            row("secondly", [None, Some(9.0), None], None, 1.0),
            row("interval", [Some(100.0), Some(99.0), None], Some(10.0), 10.0),
        ]
    );
}

#[test]
fn meta_writes_percentages_as_json() {
    let app = read(&[("X-App-Usage", r#"{"call_count":28,"total_time":25.5,"total_cputime":"0"}"#)]);
    let row = |name, used, reset| ("meta", Some(name), "percent", [None, None, used], [reset, None]);
    assert_eq!(
        rows(&app),
        [
            row("call_count", Some(28.0), None),
            row("total_cputime", Some(0.0), None),
            row("total_time", Some(25.5), None)
        ]
    );
    assert_eq!(raw(&app[0]), [("x-app-usage", r#"{"call_count":28,"total_time":25.5,"total_cputime":"0"}"#)]);

    let entry = r#"{"type":"pages","call_count":100,"estimated_time_to_regain_access":19}"#;
    let business =
        read(&[("x-business-use-case-usage", &format!(r#"{{"66":[{entry},7],"67":[{{"call_count":-1}}]}}"#))]);
    assert_eq!(
        rows(&business),
        [row("66 pages call_count", Some(100.0), Some(1140.0)), row("67 call_count", None, None)]
    );
    assert_eq!(raw(&business[0]), [("x-business-use-case-usage", entry)]);

    for nonsense in ["28", "{\"call_count\":", "[1]", "x"] {
        let readings = read(&[("x-app-usage", nonsense)]);
        assert_eq!(rows(&readings), [("meta", None, "percent", [None; 3], [None; 2])], "{nonsense}");
        assert_eq!(raw(&readings[0]), [("x-app-usage", nonsense)]);
    }
}

#[test]
fn azure_says_only_what_is_left() {
    let readings = read(&[
        ("x-ms-ratelimit-remaining-subscription-reads", "11992"),
        ("x-ms-ratelimit-remaining-resource", "Microsoft.Compute/PutVM3Min;239,Microsoft.Compute/PutVM30Min;1198"),
        ("x-ms-ratelimit-remaining-resource", "odd"),
        ("x-ms-ratelimit-remaining-moons", "many"),
    ]);
    let row = |name, unit, remaining| ("azure", name, unit, [None, remaining, None], [None; 2]);
    assert_eq!(
        rows(&readings),
        [
            row(Some("Microsoft.Compute/PutVM3Min"), "requests", Some(239.0)),
            row(Some("Microsoft.Compute/PutVM30Min"), "requests", Some(1198.0)),
            row(None, "requests", None),
            row(Some("subscription-reads"), "requests", Some(11992.0)),
            row(Some("moons"), "unknown", None),
        ]
    );
    assert_eq!(raw(&readings[0]), [("x-ms-ratelimit-remaining-resource", "Microsoft.Compute/PutVM3Min;239")]);
    assert_eq!(raw(&readings[2]), [("x-ms-ratelimit-remaining-resource", "odd")]);
}

#[test]
fn the_common_names_alone_belong_to_no_family() {
    let readings = read(&[
        ("X-RateLimit-Limit", r#"10, 10;w=1;name="per-ip""#),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "50000000"),
    ]);
    let figures = [Some(10.0), Some(0.0), None];
    assert_eq!(rows(&readings), [("generic", Some("per-ip"), "unknown", figures, [None, Some(1.0)])]);
    assert_eq!(raw(&readings[0])[2], ("x-ratelimit-reset", "50000000"));

    let nonsense = read(&[("X-RateLimit-Limit", "unlimited"), ("X-RateLimit-Remaining", "-1")]);
    assert_eq!(rows(&nonsense), [("generic", None, "unknown", [None; 3], [None; 2])]);
    assert_eq!(raw(&nonsense[0]), [("x-ratelimit-limit", "unlimited"), ("x-ratelimit-remaining", "-1")]);
}

#[test]
fn an_answer_without_limits_has_none() {
    assert_eq!(with_body(&[("Content-Type", "application/json"), ("Retry-After", "5")], "{\"limit\":5}"), []);
    assert_eq!(read(&[("X-RateLimit-Limit", "  ")]), []);
}

#[test]
fn foreign_answers_cannot_make_it_long() {
    let many: Vec<String> = (0..500).map(|n| format!("anthropic-ratelimit-w{n}-limit")).collect();
    let headers: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(read(&headers).len(), MAX_READINGS);

    let list = (0..500).map(|n| format!("\"p{n}\";r=1")).collect::<Vec<_>>().join(",");
    let granted = (0..500).map(|n| format!("{n};w=1")).collect::<Vec<_>>().join(",");
    let readings = read(&[("RateLimit", &list), ("RateLimit-Policy", &granted), ("RateLimit-Limit", &granted)]);
    assert_eq!(readings.len(), MAX_READINGS);

    let long = read(&[("X-RateLimit-Limit", &"é".repeat(5000))]);
    let (_, value) = &long[0].raw[0];
    assert_eq!((value.chars().count(), value.ends_with('…')), (256, true));
    assert_eq!(bounded(&"é".repeat(256)), "é".repeat(256));
    let deep = "{\"a\":".repeat(50_000);
    assert_eq!(read(&[("x-business-use-case-usage", &deep)]).len(), 1);
}

#[test]
fn a_reading_survives_being_stored() {
    let reading = &read(&[("x-rate-limit-reset", "30")])[0];
    let text = serde_json::to_string(reading).unwrap();
    assert_eq!(&serde_json::from_str::<RateLimit>(&text).unwrap(), reading);
}

#[test]
fn the_answer_may_say_whether_to_send_again() {
    let said = |name: &str, value: &str| {
        should_retry(&Answer { status: 409, headers: &[(name.into(), value.into())], body: b"" })
    };
    assert_eq!(said("Stripe-Should-Retry", "true"), Some(true));
    assert_eq!(said("stripe-should-retry", "False"), Some(false));
    assert_eq!(said("x-should-retry", "maybe"), None);
    assert_eq!(said("retry-after", "true"), None);
}
