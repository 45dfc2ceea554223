//! Every one of the seven codes from its natural cause, told from outside.

use serde_json::{Value, json};

use super::program::{Altyaa, Done, RunningSandbox};

#[track_caller]
fn told(done: &Done, status: u16, code: &str) -> Value {
    assert_eq!(done.code, 1, "{done:?}");
    let said = done.json();
    assert_eq!((&said["response"]["status"], &said["diagnosis"]["code"]), (&json!(status), &json!(code)), "{said}");
    assert!(said["diagnosis"]["meaning"].is_string() && said["diagnosis"]["resolve"][0].is_string(), "{said}");
    assert!(said["diagnosis"]["request_id"]["value"].as_str().unwrap().starts_with("req_"), "{said}");
    said
}

#[test]
fn the_embedded_sandbox_answers_for_its_own_keys() {
    let altyaa = Altyaa::new();
    let send = |words: &[&str]| altyaa.run(&[&["send", "--json"], words].concat());
    told(&send(&["GET", "/v1/posts", "--no-credential"]), 401, "unauthorized");
    told(&send(&["GET", "/v1/posts", "--credential", "expired key"]), 401, "unauthorized");
    told(&send(&["GET", "/v1/posts", "--credential", "revoked key"]), 401, "unauthorized");
    told(&send(&["GET", "/v1/posts", "--workspace", ""]), 401, "unauthorized");
    let post = ["POST", "/v1/posts", "--data", "{\"title\":\"A\",\"slug\":\"post-of-today\"}"];
    told(&send(&[&post[..], &["--credential", "read-only key"]].concat()), 403, "forbidden");
    told(&send(&[&post[..], &["--credential", "local.read-only-key"]].concat()), 403, "forbidden");
    told(&send(&["GET", "/v1/posts/post_gone"]), 404, "not_found");
    let said = told(&send(&["POST", "/v1/posts", "--data", "{\"titel\":\"A\"}"]), 400, "invalid_request");
    assert!(!said["diagnosis"]["fields"].as_array().unwrap().is_empty(), "{said}");
    assert_eq!(send(&["GET", "/v1/posts"]).code, 0);
    let created = send(&post);
    assert_eq!((created.code, &created.json()["response"]["status"]), (0, &json!(201)), "{created:?}");
}

#[test]
fn a_running_sandbox_answers_through_a_profile_file() {
    let altyaa = Altyaa::new();
    let sandbox = RunningSandbox::start(&altyaa, &[]);
    let profile = altyaa.profile_for(sandbox.text("url"));
    let (editor, workspace) = (sandbox.bearer("editor key"), sandbox.text("workspace"));
    let send = |words: &[&str]| {
        let common =
            ["--profile", &profile, "--env", "sandbox", "send", "--json", "-H", &editor, "--workspace", workspace];
        altyaa.run(&[&common[..], words].concat())
    };
    let post = ["POST", "/v1/posts", "--data", "{\"title\":\"A\",\"slug\":\"same-slug\"}"];
    let created = send(&post);
    assert_eq!((created.code, &created.json()["response"]["status"]), (0, &json!(201)), "{created:?}");
    let said = told(&send(&post), 409, "conflict");
    assert_eq!(said["diagnosis"]["fields"][0]["path"], "slug");
    assert!(said["diagnosis"]["fields"][0]["span"].is_object(), "{said}");

    let control = format!("Authorization: Bearer {}", sandbox.text("control_key"));
    let off =
        ["send", "POST", sandbox.text("control_url"), "-H", &control, "--data", "{\"available\":false}", "--quiet"];
    assert_eq!(altyaa.run(&off).code, 0);
    let said = told(&send(&["GET", "/v1/posts"]), 503, "service_unavailable");
    assert!(said["diagnosis"]["retry_after_s"].is_number(), "{said}");
    assert_eq!(sandbox.interrupt(), Some(0));
}

#[test]
fn the_rate_limit_is_a_real_one() {
    let altyaa = Altyaa::new();
    let sandbox = RunningSandbox::start(&altyaa, &["--limit", "2/60"]);
    let profile = altyaa.profile_for(sandbox.text("url"));
    let editor = sandbox.bearer("editor key");
    let words = ["--profile", &profile, "--env", "sandbox", "send", "GET", "/v1/posts", "--json", "-H", &editor];
    let words = [&words[..], &["--workspace", sandbox.text("workspace")]].concat();
    assert_eq!((altyaa.run(&words).code, altyaa.run(&words).code), (0, 0));
    let said = told(&altyaa.run(&words), 429, "rate_limit_exceeded");
    let wait = said["diagnosis"]["retry_after_s"].as_f64().unwrap();
    assert!(wait > 0.0 && wait <= 60.0, "{wait}");
}

#[test]
fn the_first_line_of_the_sandbox_says_everything() {
    let altyaa = Altyaa::new();
    let sandbox = RunningSandbox::start(&altyaa, &[]);
    let line = &sandbox.first_line;
    let url = sandbox.text("url");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    for name in ["openapi_url", "status_url", "control_url"] {
        assert!(sandbox.text(name).starts_with(url), "{line}");
    }
    assert!(!sandbox.text("control_key").is_empty());
    let keys = line["credentials"].as_array().unwrap();
    let has = |test: &dyn Fn(&Value) -> bool| keys.iter().any(test);
    for key in keys {
        assert!(key["name"].is_string() && key["kind"].is_string() && key["token"].is_string(), "{key}");
        assert!(key["scopes"].is_array() && key["workspace"].is_string(), "{key}");
    }
    let both = json!(["posts.read", "posts.write"]);
    assert!(has(&|key| key["scopes"] == both && key["state"] == "valid"));
    assert!(has(&|key| key["scopes"] == json!(["posts.read"]) && key["state"] == "valid"));
    assert!(has(&|key| key["state"] == "expired") && has(&|key| key["state"] == "revoked"));
    assert!(has(&|key| key["workspace"] != line["workspace"]));
    let secret = &line["oauth"]["clients"][1]["secret"];
    assert!(secret.as_str().is_some_and(|secret| secret.len() > 40), "{line}");
    let clients = json!([
        { "id": "altyaa-console", "secret": null, "flows": ["authorization_code", "device_code"] },
        { "id": "altyaa-service", "secret": secret, "flows": ["client_credentials"] },
    ]);
    assert_eq!(line["oauth"], json!({ "issuer": url, "clients": clients }));
    for name in ["openapi_url", "status_url"] {
        let said = altyaa.run(&["send", "GET", sandbox.text(name), "--json", "--quiet"]).json();
        assert_eq!(said["response"]["status"], 200, "{said}");
    }
}
