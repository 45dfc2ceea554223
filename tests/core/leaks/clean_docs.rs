//! Documents about secrets that hold none: schemas, API descriptions, labels, manifests, lock files, discovery, public keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::clean::words;
use super::clean_apis::Maker;
use super::rng::Rng;

/// The makers of this file.
pub(crate) const ALL: [Maker; 12] = [
    ("JSON Schema", schema),
    ("OpenAPI", openapi),
    ("labels", labels),
    ("package.json", manifest),
    ("npm lock file", lock),
    ("OAuth discovery", discovery),
    ("JWKS", jwks),
    ("certificates", certificates),
    ("SSH public keys", ssh_keys),
    ("GraphQL introspection", graphql),
    ("changelog", changelog),
    ("form description", form_fields),
];

fn property(kind: &str, text: &str, rng: &mut Rng) -> Value {
    json!({"type": kind, "description": text, "minLength": rng.range(1, 12), "maxLength": rng.range(64, 512), "title": words(2, rng)})
}

fn schema(rng: &mut Rng) -> Value {
    json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/login.schema.json", "title": "Login", "type": "object", "properties": {
        "username": property("string", "The name of the user", rng), "password": property("string", "The password, at least 8 characters", rng),
        "token": property("string", "A token from the mail", rng), "apiKey": property("string", "The key of the project", rng),
        "client_secret": property("string", "The secret of the client", rng), "remember": {"type": "boolean", "default": false}},
        "required": ["username", "password", "apiKey"], "$defs": {"secret": property("string", "Any secret", rng), "credentials": {"type": "object", "properties": {"private_key": property("string", "PEM", rng)}}}})
}

fn openapi(rng: &mut Rng) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "Shop API", "version": format!("{}.{}.0", rng.below(9), rng.below(20)), "description": words(12, rng)},
        "servers": [{"url": "https://api.example.com/v1"}], "security": [{"bearerAuth": []}, {"api_key": []}],
        "paths": {"/login": {"post": {"operationId": "login", "summary": "Exchange a password for a token", "parameters": [
            {"name": "X-Api-Key", "in": "header", "required": true, "schema": {"type": "string", "minLength": 20}},
            {"name": "access_token", "in": "query", "description": "The access token", "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Login"}}}},
            "responses": {"200": {"description": "A token"}, "401": {"description": "The password is wrong"}}}}},
        "components": {"schemas": {"Login": {"type": "object", "properties": {"password": property("string", "The password", rng), "accessToken": property("string", "The token", rng)}}},
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}, "api_key": {"type": "apiKey", "name": "X-Api-Key", "in": "header"},
                "oauth": {"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": "https://auth.example.com/authorize", "tokenUrl": "https://auth.example.com/token", "refreshUrl": "https://auth.example.com/refresh", "scopes": {"orders:read": "Read orders"}}}}}}})
}

fn labels(rng: &mut Rng) -> Value {
    json!({"login": {"passwordLabel": "Password", "passwordPlaceholder": "Enter your password", "forgotPasswordLink": "Forgot your password?", "tokenHint": "You find the token in the mail.",
        "apiKeyTitle": "Your API keys", "secretHelpText": "Keep the secret to yourself.", "signInButton": "Sign in"},
        "de": {"passwordLabel": "Passwort", "passwordTooShortMessage": "Mindestens 8 Zeichen", "tokenExpiredTitle": "Der Link ist abgelaufen"},
        "fr": {"passwordLabel": "Mot de passe", "passwordPlaceholder": "Votre mot de passe", "note": words(5, rng)}})
}

fn manifest(rng: &mut Rng) -> Value {
    let dependencies: Map<String, Value> = [
        "express",
        "jsonwebtoken",
        "js-tokens",
        "cookie",
        "cookie-parser",
        "csrf",
        "passport",
        "keyv",
        "secrets.js-grempe",
        "password-validator",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), json!(format!("^{}.{}.{}", rng.range(1, 9), rng.below(30), rng.below(20)))))
    .collect();
    json!({"name": "@acme/shop", "version": "2.4.1", "description": words(8, rng), "main": "dist/index.js", "keywords": ["token", "password", "auth"], "author": "Ada Lovelace <ada@example.com>",
        "license": "MIT", "scripts": {"build": "tsc -p .", "test": "vitest run", "rotate-token": "node scripts/rotate.js"}, "engines": {"node": ">=20"}, "dependencies": dependencies})
}

fn lock(rng: &mut Rng) -> Value {
    let packages: Map<String, Value> = (0..30).map(|i| {
        let (name, version) = (rng.pick(&["js-tokens", "cookie", "keyv", "ms", "semver", "undici", "zod", "csrf"]), format!("{}.{}.{}", rng.range(1, 9), rng.below(30), rng.below(20)));
        (format!("node_modules/{name}-{i}"), json!({"version": version, "resolved": format!("https://registry.npmjs.org/{name}/-/{name}-{version}.tgz"), "integrity": format!("sha512-{}", STANDARD.encode(rng.bytes(64))), "license": "MIT"}))
    }).collect();
    json!({"name": "@acme/shop", "version": "2.4.1", "lockfileVersion": 3, "packages": packages})
}

fn discovery(rng: &mut Rng) -> Value {
    let host = format!("https://login-{}.example.com", rng.below(90));
    json!({"issuer": host, "authorization_endpoint": format!("{host}/authorize"), "token_endpoint": format!("{host}/oauth/token"), "userinfo_endpoint": format!("{host}/userinfo"), "jwks_uri": format!("{host}/.well-known/jwks.json"),
        "revocation_endpoint": format!("{host}/oauth/revoke"), "device_authorization_endpoint": format!("{host}/oauth/device/code"), "scopes_supported": ["openid", "profile", "offline_access"],
        "response_types_supported": ["code", "token", "id_token", "code token"], "code_challenge_methods_supported": ["S256", "plain"], "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"], "grant_types_supported": ["authorization_code", "refresh_token", "password"]})
}

fn jwks(rng: &mut Rng) -> Value {
    let rsa: Vec<Value> = (0..5).map(|_| json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": rng.hex(40), "n": URL_SAFE_NO_PAD.encode(rng.bytes(256)), "e": "AQAB"})).collect();
    let ec: Vec<Value> = (0..3).map(|_| json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": rng.uuid(), "x": URL_SAFE_NO_PAD.encode(rng.bytes(32)), "y": URL_SAFE_NO_PAD.encode(rng.bytes(32))})).collect();
    let keys = [rsa, ec].concat();
    json!({"keys": keys})
}

fn pem(label: &str, size: usize, rng: &mut Rng) -> String {
    let body = STANDARD.encode([&[0x30, 0x82, 0x03, 0x75][..], &rng.bytes(size)].concat());
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn certificates(rng: &mut Rng) -> Value {
    let certificates: Vec<Value> = (0..5).map(|_| json!({"subject": "CN=shop.example.com", "issuer": "C=US, O=Let's Encrypt, CN=R11", "serial": rng.hex(36), "notAfter": rng.instant(), "pem": pem("CERTIFICATE", 900, rng),
        "fingerprint_sha256": rng.hex(64), "publicKeyPem": pem("PUBLIC KEY", 290, rng), "spki": format!("sha256/{}", STANDARD.encode(rng.bytes(32)))})).collect();
    json!({"certificates": certificates})
}

fn ssh_keys(rng: &mut Rng) -> Value {
    json!({"keys": (0..8).map(|_| json!({"id": rng.below(900_000), "title": "ada@laptop", "created_at": rng.instant(), "read_only": true,
        "public_key": format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} ada@laptop", STANDARD.encode(rng.bytes(32))), "fingerprint": format!("SHA256:{}", STANDARD.encode(rng.bytes(32)).trim_end_matches('='))})).collect::<Vec<_>>(),
        "host_keys": [format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{}", STANDARD.encode(rng.bytes(384)))]})
}

fn graphql(rng: &mut Rng) -> Value {
    let fields: Vec<Value> = ["password", "accessToken", "apiKey", "secret", "author", "cursor", "state", "code"].into_iter()
        .map(|name| json!({"name": name, "description": words(6, rng), "type": {"kind": "SCALAR", "name": "String"}, "isDeprecated": false})).collect();
    json!({"data": {"__schema": {"queryType": {"name": "Query"}, "types": [{"kind": "INPUT_OBJECT", "name": "LoginInput", "inputFields": fields}]}}})
}

fn changelog(rng: &mut Rng) -> Value {
    json!({"versions": (0..10).map(|i| json!({"version": format!("4.{i}.0"), "date": rng.instant(), "notes": [words(9, rng), "Tokens now expire after an hour", "The password form shows its rules", "Renamed api_key to project_key"], "commit": rng.hex(40), "size": rng.below(99_999)})).collect::<Vec<_>>()})
}

fn form_fields(rng: &mut Rng) -> Value {
    let fields: Vec<Value> = ["username", "password", "password_confirmation", "otp"].into_iter().map(|name| {
        json!({"id": name, "name": name, "type": "password", "label": words(2, rng), "required": true, "minLength": 8,
            "helpText": "password must be at least 8 characters", "order": rng.below(30)})
    }).collect();
    json!({"form": "signup", "fields": fields})
}
