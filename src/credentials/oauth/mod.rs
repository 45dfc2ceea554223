//! OAuth 2: where an authorization server is reached, and what it gives.

mod lock;
mod provider;

pub(in crate::credentials) use lock::Renewals;

pub use provider::{Endpoint, EndpointError, Flow, Provider};
