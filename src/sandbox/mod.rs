//! The embedded Altyaa API: the default environment and our own test server.
//!
//! It answers every error code of the troubleshooting document from its natural cause, in the document's envelope.
//! Posts live in memory; ports, tokens and the control key are made at each start. What it promises is in
//! `assets/sandbox/openapi.json`, which it serves itself at `/openapi.json`.
//!
//! It has an authorization server of its own, whose tokens work beside the keys.
//!
//! A channel of a post is an object such as `{"name":"blog","audience":"subscribers"}`; in a payload the bare name
//! `"blog"` is accepted as its short form, answers always hold objects.

mod answer;
mod control;
mod failure;
mod keys;
mod limit;
mod oauth;
mod payload;
mod posts;
mod query;
mod rules;
mod seed;
mod server;
mod settings;
mod state;
mod status;
mod store;

pub use keys::{CredentialState, SandboxCredential};
pub use oauth::{OauthClient, OauthFlow};
pub use rules::Rule;
pub use server::{Sandbox, SandboxError};
pub use settings::{Clock, RateLimit, SandboxSettings};
