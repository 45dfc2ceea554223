//! Secrets, and the one gate through which anything leaves memory.

mod edits;
mod json;
mod known;
mod manifest;
mod names;
mod pairs;
mod patterns;
mod placeholder;
mod redacted;
mod redactor;
mod rules;
mod shapes;
mod value;

pub use edits::{Edit, Edits};
pub use manifest::{Manifest, Removed};
pub use placeholder::placeholders;
pub use redacted::{Redactable, Redacted};
pub use redactor::{Leak, Redactor};
pub use rules::{RuleError, Rules};
pub use value::Secret;
