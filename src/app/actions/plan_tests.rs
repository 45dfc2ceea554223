//! Every plan, made from an answer as a server gives it and a draft as a person has it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use super::plan::plan;
use super::{ActionPlan, ActionWish, Change, Refusal, Step};
use crate::app::answer::Answer;
use crate::credentials::oauth::{Endpoint, Flow, Provider};
use crate::credentials::{Credential, CredentialKind, OAuthFacts, StoredIn};
use crate::diagnosis;
use crate::exchange::{
    CredentialChoice, Exchange, ExchangeId, ExchangeRecord, HeaderLine, PreparedRequest, RequestDraft, Response, Timing,
};
use crate::profile;
use crate::secret::{Redactor, Rules};

const NOW: &str = "2026-11-25T20:31:12Z";
const ADDRESS: &str = "https://api.altyaa.example/v1/posts";

/// An answer with that status and body to a POST with that payload, and the wish for an action on it.
fn wish(id: &str, status: u16, body: &str, payload: &str) -> ActionWish {
    let now: Timestamp = NOW.parse().unwrap();
    let profile = Arc::new(profile::built_in("altyaa").unwrap());
    let header = ("x-altyaa-workspace".parse::<HeaderName>().unwrap(), HeaderValue::from_static("ws_sent"));
    let exchange = Exchange {
        id: ExchangeId::new(now),
        started_at: now,
        request: PreparedRequest {
            method: Method::POST,
            url_template: "{{base}}/v1/posts".into(),
            url: Url::parse(ADDRESS).unwrap(),
            headers: vec![header],
            origin_headers: Vec::new(),
            body: Arc::from(payload.as_bytes()),
            environment: "production".into(),
            profile: profile.name.clone(),
            credential: Some("my-key".into()),
            secrets: Vec::new(),
        },
        response: Some(Response::whole(status, Vec::new(), body.as_bytes().to_vec())),
        transport_error: None,
        attempts: Vec::new(),
        redirects: Vec::new(),
        advice: None,
        timing: Timing::default(),
        log: Vec::new(),
    };
    let said = diagnosis::from_exchange(&exchange, &profile, now);
    let record = Redactor::new(Rules::built_in(), Vec::new()).redact(ExchangeRecord::from_exchange(&exchange, None));
    let answer = Answer::from_exchange(exchange, said, record, false, &profile, &profile, Vec::new());
    ActionWish {
        id: id.into(),
        number: 1,
        draft: RequestDraft {
            method: "POST".into(),
            url: "{{base}}/v1/posts".into(),
            body: payload.into(),
            environment: "production".into(),
            credential: CredentialChoice::Named("my-key".into()),
            ..RequestDraft::default()
        },
        answer: Arc::new(answer),
        finding: 0,
        typed: None,
        choice: 0,
        takes: std::collections::BTreeMap::new(),
        profile,
        workspace: Some("ws_own".into()),
        credential: Some(Box::new(key("my-key"))),
        others: Vec::new(),
        usable: Vec::new(),
        with_others: false,
        now,
    }
}

fn refusal(field: &str, reason: &str) -> String {
    let details = format!("{{\"field\":\"{field}\",\"reason\":\"{reason}\"}}");
    format!("{{\"error\":{{\"code\":\"invalid_request\",\"message\":\"No\",\"details\":{details}}}}}")
}

/// The wish to set a field that was blamed for that reason.
fn set(field: &str, reason: &str, payload: &str) -> ActionWish {
    wish("set_field", 400, &refusal(field, reason), payload)
}

fn key(name: &str) -> Credential {
    let origin = ADDRESS.parse::<Url>().ok().and_then(|url| crate::credentials::Origin::of(&url)).unwrap();
    Credential {
        name: name.into(),
        kind: CredentialKind::Bearer,
        header: None,
        origins: vec![origin],
        workspace: None,
        scopes: Vec::new(),
        expires_at: None,
        last4: Some("1a2b".into()),
        stored: StoredIn::Session,
        created_at: NOW.parse().unwrap(),
        oauth: None,
    }
}

fn signed_in(flow: Flow, has_refresh: bool) -> Credential {
    let at = |url: &str| url.parse::<Endpoint>().unwrap();
    let provider = Provider {
        authorize_url: Some(at("https://login.example/authorize")),
        ..Provider::of_token_url(at("https://tokens.example/token"))
    };
    let facts =
        OAuthFacts { client_id: "me".into(), flow, provider, has_refresh, has_client_secret: false, refused_at: None };
    Credential { kind: CredentialKind::OAuth, oauth: Some(Box::new(facts)), ..key("login") }
}

#[track_caller]
fn made(wish: &ActionWish) -> ActionPlan {
    plan(wish, &[]).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

#[track_caller]
fn refused(wish: &ActionWish) -> Refusal {
    let (what, fix) = plan(wish, &[]).err().unwrap();
    assert!(!what.is_empty() && !fix.is_empty());
    (what, fix)
}

fn body(plan: &ActionPlan) -> &str {
    &plan.draft.as_ref().unwrap().body
}

#[test]
fn a_value_is_set_and_no_other_byte_changes() {
    let payload = "{\n\t\"title\": \"x\",\n  \"publishAt\" : \"2024-01-05T09:00:00+02:00\"   }\r\n";
    let plan = made(&set("publishAt", "value is in the past", payload));
    let ahead = "2026-11-25T23:35:00+02:00";
    assert_eq!(body(&plan), payload.replace("2024-01-05T09:00:00+02:00", ahead));
    let [Change { what, before, after }] = plan.changes.as_slice() else { panic!("{:?}", plan.changes) };
    assert_eq!((what.as_str(), after.as_str()), ("publishAt", format!("\"{ahead}\"").as_str()));
    assert_eq!(before.as_deref(), Some("\"2024-01-05T09:00:00+02:00\""));
    assert_eq!(plan.input.unwrap().value, ahead);
    let typed = ActionWish { typed: Some("2031".into()), ..set("publishAt", "value is in the past", payload) };
    assert!(body(&made(&typed)).contains("\"2031\""));
    let epoch = made(&set("at", "must be in the future", "{\"at\":1700000000000}"));
    assert_eq!(body(&epoch), "{\"at\":1795642500000}");
}

#[test]
fn allowed_values_are_offered_and_another_kind_is_put_in_where_it_is_wanted() {
    let plan = made(&set("status", "must be one of draft, scheduled", "{\"status\":\"sent\"}"));
    assert_eq!(plan.input.as_ref().unwrap().suggestions, ["draft", "scheduled"]);
    assert_eq!(body(&plan), "{\"status\":\"draft\"}");
    let plan = made(&set("limit", "must be an integer", "{\"limit\":\"5\"}"));
    assert_eq!(body(&plan), "{\"limit\":5}");
    let plan = made(&set("name", "must be a string", "{\"name\":5}"));
    assert_eq!(body(&plan), "{\"name\":\"5\"}");
    let plan = made(&set("name", "is taken", "{\"name\":\"a\"}"));
    assert_eq!(plan.input.as_ref().unwrap().value, "a", "nothing is made up");
    assert!(plan.notes[0].contains("what is there already"), "{:?}", plan.notes);
}

#[test]
fn a_missing_field_is_renamed_or_added_as_the_person_chooses() {
    let payload = "{\n  \"titel\": \"A\",\n  \"n\": 1\n}";
    let wish = set("title", "is required", payload);
    let plan = made(&wish);
    assert_eq!(plan.choices, ["Rename titel to title", "Add title"]);
    assert_eq!(body(&plan), payload.replace("titel", "title"));
    let other = ActionWish { choice: 1, typed: Some("B".into()), ..wish };
    let plan = made(&other);
    assert_eq!((plan.choice, body(&plan)), (1, "{\n  \"titel\": \"A\",\n  \"n\": 1,\n  \"title\": \"B\"\n}"));
    let alone = made(&ActionWish { typed: Some("true".into()), ..set("notify", "is required", "{\"a\":1}") });
    assert_eq!((alone.choices.len(), body(&alone)), (0, "{\"a\":1,\"notify\":true}"));
}

#[test]
fn a_field_that_is_not_known_is_removed_renamed_or_set_as_the_person_chooses() {
    let payload = "{\n  \"a\": 1,\n  \"titel\" : \"T\"\n}";
    let wish = set("titel", "field is unknown", payload);
    let plan = made(&wish);
    assert_eq!(plan.choices, ["Remove titel", "Rename titel", "Set another value for titel"]);
    assert_eq!(body(&plan), "{\n  \"a\": 1\n}");
    let renamed = made(&ActionWish { choice: 1, typed: Some("title".into()), ..wish.clone() });
    assert_eq!(body(&renamed), payload.replace("titel", "title"));
    let other = made(&ActionWish { choice: 2, typed: Some("U".into()), ..wish });
    assert_eq!((other.choice, body(&other)), (2, payload.replace("\"T\"", "\"U\"").as_str()));
    let first = made(&set("a", "Unrecognized field", "{ \"a\": [1], \"b\": 2 }"));
    assert_eq!(body(&first), "{ \"b\": 2 }");
    let only = made(&set("x.a", "unknown field", "{\"x\": { \"a\": {} }}"));
    assert_eq!(body(&only), "{\"x\": {  }}");
}

#[test]
fn the_place_is_looked_for_in_the_draft_as_it_is_now() {
    let wish = set("a.b", "is wrong", "{\"a\":{\"b\":1}}");
    let draft = |body: &str| RequestDraft { body: body.into(), ..wish.draft.clone() };
    let moved = ActionWish { draft: draft("{\"x\":[],\n\"a\":{\"b\":2}}"), typed: Some("3".into()), ..wish.clone() };
    assert_eq!(body(&made(&moved)), "{\"x\":[],\n\"a\":{\"b\":3}}");
    let (what, _) = refused(&ActionWish { draft: draft("{\"a\":{}}"), ..wish.clone() });
    assert_eq!(what, "a.b is no longer in the payload");
    let (what, _) = refused(&ActionWish { draft: draft("{\"a\":"), ..wish });
    assert_eq!(what, "The payload is not JSON now");
}

#[test]
fn of_duplicate_keys_the_last_is_set_and_the_first_stays() {
    let plan = made(&ActionWish { typed: Some("c".into()), ..set("n", "is taken", r#"{"n":"a", "n":"b"}"#) });
    assert_eq!(body(&plan), r#"{"n":"a", "n":"c"}"#);
    assert_eq!(plan.changes[0].before.as_deref(), Some("\"b\""));
}

#[test]
fn a_field_that_was_put_in_since_is_set_and_not_put_in_twice() {
    let wish = set("title", "is required", "{\"n\":1}");
    let draft = RequestDraft { body: "{\"n\":1,\"title\":\"\"}".into(), ..wish.draft.clone() };
    let plan = made(&ActionWish { draft, typed: Some("A".into()), ..wish.clone() });
    assert_eq!(body(&plan), "{\"n\":1,\"title\":\"A\"}");
    // A key that was typed wrong since is the nearest one now.
    let draft = RequestDraft { body: "{\"n\":1,\"titel\":\"A\"}".into(), ..wish.draft.clone() };
    let plan = made(&ActionWish { draft, ..wish });
    assert_eq!(body(&plan), "{\"n\":1,\"title\":\"A\"}");
}

#[test]
fn a_missing_field_goes_where_its_path_says_under_its_whole_name() {
    let added = |field: &str, payload: &str| {
        let plan = made(&ActionWish { typed: Some("7".into()), ..set(field, "is required", payload) });
        body(&plan).to_owned()
    };
    assert_eq!(added("/a/x~1y", r#"{"a":{"b":1},"c":2}"#), r#"{"a":{"b":1,"x/y":7},"c":2}"#);
    assert_eq!(added("a['x.y']", r#"{"a": {"b": 1}}"#), r#"{"a": {"b": 1, "x.y": 7}}"#);
    assert_eq!(
        added("list[1].size", "{\"list\":[{\"id\":1},\n{\"id\":2}]}"),
        "{\"list\":[{\"id\":1},\n{\"id\":2,\"size\":7}]}"
    );
    assert_eq!(added("a.size", "{\n  \"a\": {}\n}"), "{\n  \"a\": {\"size\": 7}\n}");
    let (what, fix) = refused(&set("far.away.size", "is required", "{\"a\":1}"));
    assert!(what.contains("far.away.size is not in the payload") || what.contains("belongs in"), "{what}");
    assert!(fix.contains("by hand"), "{fix}");
    let ahead = made(&set("publishAt", "is required and must be in the future", "{\"a\":1}"));
    assert_eq!(body(&ahead), "{\"a\":1,\"publishAt\":\"2026-11-25T21:35:00Z\"}");
}

#[test]
fn of_several_findings_the_chosen_one_is_set() {
    let params = r#"[{"name":"a","reason":"must be one of x, y"},{"name":"b","reason":"is wrong"}]"#;
    let answer = format!("{{\"type\":\"about:blank\",\"title\":\"No\",\"status\":400,\"invalid-params\":{params}}}");
    let wish = wish("set_field", 400, &answer, r#"{"a":"1","b":"2"}"#);
    assert_eq!(wish.answer.diagnosis.as_ref().unwrap().fields.len(), 2);
    let second = ActionWish { finding: 1, typed: Some("3".into()), ..wish.clone() };
    assert_eq!(body(&made(&second)), r#"{"a":"1","b":"3"}"#);
    assert_eq!(body(&made(&wish)), r#"{"a":"x","b":"2"}"#);
}

#[test]
fn a_forms_value_is_set_in_its_own_encoding() {
    let payload = "title=a%20b&at=1700000000&tags[]=x";
    let plan = made(&ActionWish { typed: Some("c & d".into()), ..set("title", "is taken", payload) });
    assert_eq!(body(&plan), "title=c+%26+d&at=1700000000&tags[]=x");
    let plan = made(&set("at", "must be in the future", payload));
    assert_eq!(body(&plan), "title=a%20b&at=1795642500&tags[]=x");
    assert_eq!(made(&set("title", "is taken", payload)).input.unwrap().value, "a b");
}

#[test]
fn the_workspace_header_is_added_or_corrected() {
    let mut wish = wish("add_header", 401, "{}", "{}");
    let plan = made(&wish);
    assert_eq!(plan.changes[0].before.as_deref(), Some("ws_sent"));
    assert_eq!(plan.changes[0].after, "ws_own");
    assert_eq!(plan.draft.as_ref().unwrap().workspace.as_deref(), Some("ws_own"));
    let line = HeaderLine { name: "x-altyaa-WORKSPACE".into(), value: "ws_typed".into(), is_enabled: true };
    wish.draft.headers.push(line);
    let plan = made(&wish);
    assert_eq!(plan.changes[0].before.as_deref(), Some("ws_typed"));
    assert!(plan.draft.unwrap().headers.is_empty(), "one line of the name, not two");
    wish.typed = Some(" ws_other ".into());
    let plan = made(&wish);
    assert_eq!(plan.changes[0].after, "ws_other");
    assert_eq!(plan.input.unwrap().suggestions, ["ws_own"]);
}

#[test]
fn another_credential_is_chosen_by_what_is_known_of_it() {
    let wish = wish("choose_credential", 403, "{}", "{}");
    let (what, _) = refused(&wish);
    assert_eq!(what, "No other credential of yours may go to this address");
    let lapsed = Credential { expires_at: Some(Timestamp::UNIX_EPOCH), ..key("a-lapsed") };
    let elsewhere = Credential { workspace: Some("ws_b".into()), ..key("b-elsewhere") };
    let fitting = Credential { scopes: vec!["posts.write".into()], ..key("c-fitting") };
    let wish = ActionWish { usable: vec![lapsed, elsewhere, fitting], ..wish };
    let plan = made(&wish);
    let choices = [
        "c-fitting ···· 1a2b, posts.write",
        "b-elsewhere ···· 1a2b, workspace ws_b, scopes unknown",
        "a-lapsed ···· 1a2b, scopes unknown, expired",
    ];
    assert_eq!(plan.choices, choices);
    assert_eq!(plan.draft.unwrap().credential, CredentialChoice::Named("c-fitting".into()));
    let plan = made(&ActionWish { choice: 1, ..wish });
    let said: Vec<_> = plan.changes.iter().map(|c| (c.what.as_str(), c.before.as_deref(), c.after.as_str())).collect();
    let header = ("header X-Altyaa-Workspace", Some("ws_own"), "ws_b");
    assert_eq!(said, [("credential", Some("my-key"), "b-elsewhere"), header]);
    assert_eq!(plan.draft.unwrap().workspace.as_deref(), Some("ws_b"));
}

#[test]
fn renewing_and_signing_in_say_whom_they_ask() {
    let of = |id: &str, credential: Credential| ActionWish {
        credential: Some(Box::new(credential)),
        ..wish(id, 401, "{}", "{}")
    };
    let plan = made(&of("refresh_token", signed_in(Flow::Code, true)));
    assert_eq!(plan.step, Some(Step::Refresh("login".into())));
    assert!(plan.notes[0].contains("tokens.example"), "{:?}", plan.notes);
    assert!(plan.draft.is_none(), "nothing of the request changes");
    let (_, fix) = refused(&of("refresh_token", signed_in(Flow::Code, false)));
    assert_eq!(fix, "sign in again");
    let plan = made(&of("sign_in", signed_in(Flow::Code, false)));
    assert_eq!(plan.step, Some(Step::SignIn("login".into())));
    assert!(plan.notes[0].contains("The browser opens login.example"), "{:?}", plan.notes);
    let (what, _) = refused(&of("sign_in", key("my-key")));
    assert_eq!(what, "my-key came from no sign-in");
    refused(&ActionWish { credential: None, ..wish("sign_in", 401, "{}", "{}") });
}

#[test]
fn a_key_is_made_anew_on_its_page_if_that_may_be_opened() {
    let mut wish = wish("regenerate", 401, "{}", "{}");
    let plan = made(&wish);
    assert_eq!((plan.link.as_ref(), plan.replaces.as_deref()), (None, Some("my-key")));
    assert!(plan.notes[0].contains("1a2b"), "{:?}", plan.notes);
    for (address, may_be_opened) in [("https://dev.altyaa.example/keys", true), ("http://dev.altyaa.example/", false)] {
        let mut profile = profile::built_in("altyaa").unwrap();
        let portal = profile.links.iter_mut().find(|link| link.topic == "developer_portal").unwrap();
        portal.url = Some(address.into());
        wish.profile = Arc::new(profile);
        assert_eq!(made(&wish).link.is_some(), may_be_opened, "{address}");
    }
    refused(&ActionWish { credential: Some(Box::new(key("local.editor-key"))), ..wish.clone() });
    refused(&ActionWish { credential: Some(Box::new(signed_in(Flow::Code, true))), ..wish });
}

#[test]
fn a_missing_scope_is_shown_beside_those_that_are_there() {
    let body = "{\"error\":{\"code\":\"forbidden\",\"message\":\"Missing required scope posts.write\"}}";
    let mut wish = wish("show_scope", 403, body, "{}");
    let has = |plan: &ActionPlan, text: &str| plan.notes.iter().any(|note| note.contains(text));
    let plan = made(&wish);
    assert!(has(&plan, "Needed: posts.write") && has(&plan, "my-key has: unknown"), "{:?}", plan.notes);
    let scopes = vec!["posts.read".to_owned()];
    wish.credential = Some(Box::new(Credential { scopes, ..key("my-key") }));
    let plan = made(&wish);
    assert!(has(&plan, "my-key has: posts.read") && has(&plan, "Missing: posts.write"), "{:?}", plan.notes);
    assert!(plan.draft.is_none() && plan.changes.is_empty());
    let unknown = made(&self::wish("show_scope", 403, "{}", "{}"));
    assert!(has(&unknown, "Needed: unknown"), "{:?}", unknown.notes);
}

#[test]
fn what_nothing_does_is_refused() {
    for id in ["validate", "replay_sandbox", "make_coffee"] {
        refused(&wish(id, 400, "{}", "{}"));
    }
}
