//! OAuth 2: where an authorization server is reached, and what it gives.
//!
//! Every call goes through [`Talk`], which sends it without redirects, retries and cookies and tells of it as a
//! [`Step`] once its secrets are known to the redactor. Nothing here opens a browser, prints or stores.

mod access;
mod answer;
pub mod code;
pub mod device;
mod discover;
mod error;
mod grant;
mod lock;
mod provider;
mod redirect;
mod renew;
mod talk;
mod tokens;

pub use access::ClientAccess;
pub use discover::discover;
pub use error::{OAuthError, OAuthFault};
pub use grant::{TokenHint, client_credentials, refresh, revoke};
pub use provider::{Endpoint, EndpointError, Flow, Provider};
pub use redirect::REDIRECT_PATH;
pub use renew::{Renewal, RenewalError, is_due, renew, sign_out};
pub use talk::{Step, Talk};
pub use tokens::Tokens;

pub(in crate::credentials) use lock::Renewals;
