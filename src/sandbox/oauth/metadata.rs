//! What the server says about itself (RFC 8414).

use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::json;

use super::scope::ALL;
use super::{AUTHORIZE, DEVICE_AUTHORIZATION, METADATA, REVOKE, TOKEN};
use crate::sandbox::answer::{error_answer, json_answer};
use crate::sandbox::failure::Failure;
use crate::sandbox::state::Shared;

/// Answers one request for the metadata.
pub(super) fn answer(shared: &Shared, head: &Parts) -> Response {
    if head.method != Method::GET && head.method != Method::HEAD {
        return error_answer(&Failure::method(&head.method, METADATA, "GET, HEAD"));
    }
    let issuer = &shared.oauth.issuer;
    let methods = ["none", "client_secret_basic", "client_secret_post"];
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}{AUTHORIZE}"),
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "device_authorization_endpoint": format!("{issuer}{DEVICE_AUTHORIZATION}"),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "scopes_supported": ALL,
        "authorization_response_iss_parameter_supported": true,
    });
    json_answer(StatusCode::OK, &document)
}
