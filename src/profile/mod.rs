//! What an API is, read from TOML: environments, headers, envelope shape, error catalogue, checklist texts, links.

mod actions;
mod builtin;
mod envelope;
mod error;
mod folder;
mod load;
mod lookup;
mod model;
mod nearest;
mod rules;

pub use actions::{action_ids, action_label};
pub use builtin::{BUILT_IN_NAMES, built_in, find, generic};
pub use envelope::{Condition, EnvelopeShape, FieldRule, Pointers, ValueKind};
pub use error::{Fault, ProfileError};
pub use folder::{PROFILES_FOLDER, ProfileChoice, choices, choose};
pub use load::{MAX_PROFILE_BYTES, load};
pub use model::{
    Auth, CheckText, CodeEntry, Environment, EnvironmentKind, Link, Profile, RequestIdRule, StarterRequest,
    WorkspaceRule,
};
pub use nearest::nearest_name;
pub use rules::is_openable;
