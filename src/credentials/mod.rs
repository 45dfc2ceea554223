//! Tokens in the OS keyring, bound to the origins they were given for.
//!
//! The keyring item holds the secret and what it may be used for; the settings file holds a copy of the facts, for
//! showing only. [`Vault`] is the way in.

mod binding;
mod change;
pub mod doctor;
mod error;
mod header;
mod item;
mod kept;
mod model;
pub mod oauth;
mod origin;
mod parts;
mod platform;
mod settings;
mod state;
mod vault;
mod worker;

pub use binding::{CredentialUse, Purpose};
pub use error::{SecretFault, VaultError};
pub use header::SECRET_MAX_BYTES;
pub use model::{Credential, CredentialKind, InvalidFact, NewCredential, OAuthFacts, OAuthGrant, Persist, StoredIn};
pub use origin::{Origin, OriginError};
pub use settings::SETTINGS_FILE;
pub use state::{KeyringFailure, KeyringState};
pub use vault::{AllSecrets, Removed, SERVICE, Stored, Vault};
