//! The one gate of a running program: its rules, and every secret it has held since it started.

use std::sync::Arc;

use super::{Redactor, Registry, Rules};

/// Makes the redactors through which everything leaves memory.
///
/// *Secrets*: yes; it has no `Debug`.
#[derive(Clone)]
pub struct Gate {
    rules: Arc<Rules>,
    registry: Registry,
}

impl Gate {
    /// A gate with these rules and what the registry holds, also what is added to it later.
    pub fn new(rules: Arc<Rules>, registry: Registry) -> Self {
        Self { rules, registry }
    }

    /// Where every secret is written down that the program gets hold of.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A redactor for what is shown or written together.
    pub fn redactor(&self) -> Redactor {
        Redactor::with_known(Arc::clone(&self.rules), self.registry.known())
    }
}

impl Default for Gate {
    /// The program's own rules, and no secret yet.
    fn default() -> Self {
        Self::new(Rules::built_in(), Registry::default())
    }
}
