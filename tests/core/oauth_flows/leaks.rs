//! After each flow the redactor removes every secret of it, at the moment when a step is told of and later.

use altyaa_console::credentials::oauth::code;
use altyaa_console::credentials::oauth::{Provider, TokenHint, client_credentials, device, refresh, revoke};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::*;

/// Every way in which a canary may stand in a text.
fn forms(canary: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(canary.as_bytes()).collect();
    let json = serde_json::to_string(canary).unwrap().trim_matches('"').to_owned();
    let mut all = vec![canary.to_owned(), form, json, utf8_percent_encode(canary, NON_ALPHANUMERIC).to_string()];
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        all.push(engine.encode(canary));
    }
    // Inside the base64 of `console:` and the form-encoded secret.
    let basic: String = form_urlencoded::byte_serialize(canary.as_bytes()).collect();
    all.push(STANDARD.encode(format!("console:{basic}")));
    all
}

/// Nothing of the canaries is in any record; each of them was in at least one exchange.
fn check(desk: &Desk, canaries: &[&str]) {
    let steps = desk.steps.lock().unwrap();
    let mut plain = String::new();
    let mut records = desk.records.lock().unwrap().clone();
    for step in &*steps {
        let record = ExchangeRecord::from_exchange(&step.exchange, None);
        plain.push_str(&serde_json::to_string(&record).unwrap());
        plain.push_str(&record.request_body.text);
        plain.push_str(record.response.as_ref().map_or("", |response| &response.body.text));
        records.push(serde_json::to_string(&*desk.gate.redactor().redact(record)).unwrap());
        records.push(format!("{step:?}"));
    }
    for canary in canaries {
        let forms = forms(canary);
        assert!(forms.iter().any(|form| plain.contains(form)), "{canary} was never there");
        for form in &forms {
            for record in &records {
                assert!(!record.contains(form), "{form} of {canary} in {record}");
            }
        }
    }
}

/// An answer that has tokens also under names that nobody knows, nested, and beside its members.
const ODD: &str = r#"{"access_token":"at-canary-8471","token_type":"Bearer","refresh_token":"rt-canary/5530+","id_token":"id-canary-9902",
"sundry":"odd-member-canary-0001","inner":{"list":[{"blob":"nested-canary-000002"}]},"instance":"https://api.example/here-it-is"}"#;
const OF_ODD: [&str; 5] =
    ["at-canary-8471", "rt-canary/5530+", "id-canary-9902", "odd-member-canary-0001", "nested-canary-000002"];

#[tokio::test]
async fn the_code_flow_leaks_nothing() {
    let server = Server::saying(json(200, ODD)).await;
    let desk = Desk::new();
    let provider = Provider { is_secret_in_form: true, ..server.provider() };
    let pending = code::begin(&provider, &confidential(), &[]).await.unwrap();
    let state = pending.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = format!("127.0.0.1:{}", pending.redirect_url().port().unwrap()).parse().unwrap();
    let target = format!("/oauth/callback?code=code%2Fcanary+77&state={state}");
    let talk = &desk.talk();
    let (tokens, _) = tokio::join!(pending.wait(talk, DEADLINE), come_back(back, &target));
    assert!(!format!("{:?}", tokens.unwrap()).contains("canary"));
    let verifier = server.seen()[0].field("code_verifier").unwrap();
    let sent = ["code/canary 77", "cs-canary/4471 x", verifier.as_str()];
    check(&desk, &[&OF_ODD[..], &sent[..]].concat());
    // The state is in no exchange, but what is shown elsewhere passes the same gate.
    let shown = desk.gate.redactor().text(&format!("went to /oauth/callback?x={state} again"));
    assert!(!shown.contains(&state), "{shown}");
    let address = desk.gate.redactor().text("https://api.example/here-it-is");
    assert_eq!(address, "https://api.example/here-it-is", "an address of the answer is no secret");
}

#[tokio::test]
async fn the_device_flow_leaks_nothing() {
    let server = Server::start(|seen, number| {
        let base = format!("http://{}", seen.header("host").unwrap());
        match number {
            0 => json(
                200,
                &format!(
                    r#"{{"device_code":"dc-canary-3310","user_code":"AB-1","expires_in":60,"interval":1,"verification_uri":"{base}/enter"}}"#
                ),
            ),
            1 => json(400, r#"{"error":"authorization_pending","error_description":"dc-canary-3310 is not allowed yet"}"#),
            _ => json(200, ODD),
        }
    })
    .await;
    let desk = Desk::new();
    let pending = device::begin(&desk.talk(), &server.provider(), &confidential(), &[]).await.unwrap();
    pending.wait(&desk.talk()).await.unwrap();
    check(&desk, &[&OF_ODD[..], &["dc-canary-3310", "cs-canary/4471 x"][..]].concat());
}

#[tokio::test]
async fn flows_without_a_person_leak_nothing_also_when_they_fail() {
    let echo =
        r#"{"error":"invalid_request","error_description":"cs-canary/4471 x with old-refresh-canary and dG9rZW4"}"#;
    for (status, body, canaries) in [(200, ODD, &OF_ODD[..]), (400, echo, &[][..])] {
        let server = Server::saying(json(status, body)).await;
        let desk = Desk::new();
        let old = Secret::new("old-refresh-canary".into());
        let talk = &desk.talk();
        // First what brings the old token in: what nobody has told of yet, nobody can remove.
        let results = [
            refresh(talk, &server.provider(), &confidential(), &old, &[]).await.map(|_| ()),
            revoke(talk, &server.provider(), &confidential(), &old, TokenHint::Refresh).await,
            client_credentials(talk, &server.provider(), &confidential(), &[]).await.map(|_| ()),
        ];
        for result in results {
            if let Err(error) = result {
                let text = format!("{error} {error:?} {} {}", error.place(), error.fix());
                assert!(!text.contains("canary"), "{text}");
            }
        }
        check(&desk, &[canaries, &["cs-canary/4471 x", "old-refresh-canary"][..]].concat());
    }
}

#[tokio::test]
async fn tokens_in_an_answer_that_is_not_json_are_removed_too() {
    for body in [
        "access_token=form-canary%2F0001&token_type=bearer",
        "plain-canary-token-0002",
        r#"["list-canary-token-0003"]"#,
        r#"{"access_token":"cut-canary-0004","token_ty"#,
    ] {
        let server = Server::saying(json(200, body)).await;
        let desk = Desk::new();
        let error = client_credentials(&desk.talk(), &server.provider(), &confidential(), &[]).await.unwrap_err();
        assert_eq!(error.kind(), "not_oauth");
        let records = desk.records.lock().unwrap();
        assert!(!records[0].contains("canary"), "{}", records[0]);
        // What has a name is known by itself, wherever it stands.
        let elsewhere = desk.gate.redactor().text("sent form-canary/0001 there");
        assert_eq!(elsewhere.contains("form-canary"), !body.starts_with("access_token="), "{elsewhere}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}
