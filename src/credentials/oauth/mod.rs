//! OAuth 2: where an authorization server is reached, and what it gives.

mod provider;

pub use provider::{Endpoint, EndpointError, Flow, Provider};
