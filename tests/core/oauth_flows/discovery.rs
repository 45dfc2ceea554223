//! What a server says of itself is believed only as far as it is its own.

use altyaa_console::credentials::oauth::{OAuthError, OAuthFault, Provider, discover};

use super::*;

/// Metadata of a server at this base, with members put in or replaced.
fn metadata(base: &str, changes: &serde_json::Value) -> String {
    let mut object = serde_json::json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "device_authorization_endpoint": format!("{base}/device"),
        "revocation_endpoint": format!("{base}/revoke"),
        "code_challenge_methods_supported": ["plain", "S256"],
        "response_types_supported": ["code"],
    });
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object.to_string()
}

/// Discovers a server whose only document has these changes.
async fn discovered(changes: serde_json::Value) -> Result<Provider, OAuthError> {
    let server = Server::start(move |seen, _| {
        let base = format!("http://{}", seen.header("host").unwrap());
        match seen.target.as_str() {
            "/.well-known/oauth-authorization-server" => json(200, &metadata(&base, &changes)),
            _ => json(404, "{}"),
        }
    })
    .await;
    let desk = Desk::new();
    discover(&desk.talk(), &server.at("")).await
}

#[tokio::test]
async fn a_server_is_found_where_rfc_8414_has_it() {
    let server = Server::start(|seen, _| {
        let base = format!("http://{}", seen.header("host").unwrap());
        json(200, &metadata(&base, &serde_json::json!({"authorization_response_iss_parameter_supported": true})))
    })
    .await;
    let desk = Desk::new();
    let provider = discover(&desk.talk(), &server.at("")).await.unwrap();
    assert_eq!(
        provider,
        Provider {
            issuer: Some(server.at("")),
            authorize_url: Some(server.at("/authorize")),
            token_url: server.at("/token"),
            device_url: Some(server.at("/device")),
            revoke_url: Some(server.at("/revoke")),
            is_iss_announced: true,
            is_secret_in_form: false,
        }
    );
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/.well-known/oauth-authorization-server"]);
    assert_eq!(desk.titles(), ["Discovery"]);
}

#[tokio::test]
async fn a_path_is_looked_for_in_all_three_places() {
    for found_at in [
        "/.well-known/oauth-authorization-server/tenant/1",
        "/tenant/1/.well-known/openid-configuration",
        "/.well-known/openid-configuration/tenant/1",
    ] {
        let server = Server::start(move |seen, _| {
            let base = format!("http://{}/tenant/1", seen.header("host").unwrap());
            if seen.target == found_at {
                json(200, &metadata(&base, &serde_json::json!({})))
            } else {
                // What single-page applications say to every address that they do not know.
                answer(200, "text/html", "", "<!doctype html><title>App</title>")
            }
        })
        .await;
        let desk = Desk::new();
        let provider = discover(&desk.talk(), &server.at("/tenant/1")).await.unwrap();
        assert_eq!(provider.token_url, server.at("/tenant/1/token"), "{found_at}");
        assert_eq!(server.seen().last().unwrap().target, found_at);
    }
}

#[tokio::test]
async fn another_issuer_is_refused() {
    let error = discovered(serde_json::json!({"issuer": "https://attacker.example"})).await.unwrap_err();
    assert_eq!(error.kind(), "wrong_issuer");
    assert!(error.summary().contains("https://attacker.example"), "{error}");
    assert!(error.exchange.is_some());
    let missing = discovered(serde_json::json!({"issuer": null})).await.unwrap_err();
    assert_eq!(missing.kind(), "not_oauth");
    assert!(missing.summary().contains("names no issuer"), "{missing}");
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_is_another_issuer() {
    let server = Server::start(|seen, _| {
        let base = format!("http://{}/tenant/", seen.header("host").unwrap());
        json(200, &metadata(&base, &serde_json::json!({})))
    })
    .await;
    let desk = Desk::new();
    let error = discover(&desk.talk(), &server.at("/tenant")).await.unwrap_err();
    assert_eq!(error.kind(), "wrong_issuer");
    assert!(error.summary().contains("slash"), "{error}");
    discover(&desk.talk(), &server.at("/tenant/")).await.unwrap();
}

#[tokio::test]
async fn an_address_of_another_host_is_refused_by_name() {
    for member in ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "revocation_endpoint"] {
        let error = discovered(serde_json::json!({member: "https://attacker.example/x"})).await.unwrap_err();
        assert_eq!(error.kind(), "foreign_endpoint", "{member}");
        assert!(error.summary().contains(member) && error.summary().contains("https://attacker.example/x"), "{error}");
        assert!(error.fix().contains("--authorize-url and --token-url"), "{}", error.fix());
    }
    // Another port of this machine is another origin too.
    let error = discovered(serde_json::json!({"token_endpoint": "http://127.0.0.1:9/token"})).await.unwrap_err();
    assert_eq!(error.kind(), "foreign_endpoint");
}

#[tokio::test]
async fn an_address_that_is_not_safe_is_refused() {
    for address in ["http://login.example/token", "javascript:alert(1)", "https://me@login.example/token", "/token"] {
        let error = discovered(serde_json::json!({"token_endpoint": address})).await.unwrap_err();
        assert_eq!(error.kind(), "unsafe_endpoint", "{address}");
        assert!(error.summary().contains("token_endpoint"), "{error}");
    }
    let error = discovered(serde_json::json!({"token_endpoint": 1})).await.unwrap_err();
    assert_eq!(error.kind(), "not_oauth");
    let error = discovered(serde_json::json!({"token_endpoint": null})).await.unwrap_err();
    assert!(error.summary().contains("no token_endpoint"), "{error}");
}

#[tokio::test]
async fn what_a_server_does_not_offer_is_not_used() {
    let error = discovered(serde_json::json!({"code_challenge_methods_supported": ["plain"]})).await.unwrap_err();
    assert_eq!(error.kind(), "unsupported");
    assert!(error.summary().contains("S256"), "{error}");
    let is_in_form = async |methods: &[&str]| {
        discovered(serde_json::json!({"token_endpoint_auth_methods_supported": methods})).await
    };
    assert!(!is_in_form(&["client_secret_post", "client_secret_basic"]).await.unwrap().is_secret_in_form);
    assert!(is_in_form(&["private_key_jwt", "client_secret_post"]).await.unwrap().is_secret_in_form);
    assert!(!is_in_form(&["none"]).await.unwrap().is_secret_in_form);
    assert_eq!(is_in_form(&["private_key_jwt"]).await.unwrap_err().kind(), "unsupported");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let thief = Server::saying(json(200, "{}")).await;
    let location = format!("location: {}/.well-known/openid-configuration\r\n", thief.base());
    let server = Server::saying(answer(302, "text/plain", &location, "")).await;
    let desk = Desk::new();
    let error = discover(&desk.talk(), &server.at("")).await.unwrap_err();
    assert_eq!(error.kind(), "not_oauth");
    assert!(error.summary().contains("302, a redirect"), "{error}");
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn a_web_page_is_no_metadata() {
    let server = Server::saying(answer(200, "text/html; charset=utf-8", "", "<html>Welcome</html>")).await;
    let desk = Desk::new();
    let error = discover(&desk.talk(), &server.at("")).await.unwrap_err();
    assert!(matches!(error.fault, OAuthFault::NotOAuth { .. }));
    assert!(error.summary().contains("web page"), "{error}");
    assert_eq!(desk.titles().len(), 2);
}

#[tokio::test]
async fn nothing_found_names_the_status() {
    let server = Server::saying(json(404, "{}")).await;
    let desk = Desk::new();
    let error = discover(&desk.talk(), &server.at("")).await.unwrap_err();
    assert!(error.summary().contains("404"), "{error}");
    let with_query = server.at("/?tenant=1");
    assert_eq!(discover(&desk.talk(), &with_query).await.unwrap_err().kind(), "invalid_input");
}

#[tokio::test]
async fn a_document_of_five_megabytes_is_not_read_to_its_end() {
    let server = Server::start(|seen, _| {
        let base = format!("http://{}", seen.header("host").unwrap());
        let padding = "x".repeat(5 << 20);
        json(200, &metadata(&base, &serde_json::json!({"padding": padding})))
    })
    .await;
    let desk = Desk::new();
    let error = discover(&desk.talk(), &server.at("")).await.unwrap_err();
    assert_eq!(error.kind(), "not_oauth");
    assert!(error.summary().contains("longer than 1 MiB"), "{error}");
    let response = error.exchange.unwrap().response.unwrap();
    assert_eq!(response.body.len_bytes(), 1 << 20);
}

#[tokio::test]
async fn nobody_there_is_told_as_what_it_is() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let desk = Desk::new();
    let error = discover(&desk.talk(), &format!("http://{address}").parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), "no_answer");
    assert_eq!(desk.titles(), ["Discovery"]);
    assert!(!error.fix().is_empty());
}
