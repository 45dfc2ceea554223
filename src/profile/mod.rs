//! What an API is, read from TOML: environments, headers, envelope shape, error catalogue, checklist texts, links.

mod model;

pub use model::{
    Auth, CheckText, CodeEntry, EnvelopeShape, Environment, EnvironmentKind, Link, Profile, RequestIdRule,
    StarterRequest, WorkspaceRule,
};
