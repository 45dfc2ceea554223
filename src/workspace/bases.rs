//! Where each environment lives right now.

use std::collections::BTreeMap;

use url::Url;

use crate::profile::Profile;

/// The base address and workspace of each environment, by name.
///
/// The embedded sandbox gets a new address at each start, so a draft never holds one: it says `{{base}}`.
#[derive(Clone, Debug, Default)]
pub struct Bases {
    by_name: BTreeMap<String, Base>,
}

#[derive(Clone, Debug)]
struct Base {
    url: Url,
    workspace: Option<String>,
}

impl Bases {
    /// The addresses that a profile itself names.
    pub fn of(profile: &Profile) -> Self {
        let mut bases = Self::default();
        for environment in &profile.environments {
            if let Some(url) = environment.base.as_deref().and_then(|base| Url::parse(base).ok()) {
                bases.set(&environment.name, url, None);
            }
        }
        bases
    }

    /// Says where an environment lives, for one that was started just now.
    pub fn set(&mut self, environment: &str, url: Url, workspace: Option<String>) {
        self.by_name.insert(environment.to_owned(), Base { url, workspace });
    }

    /// The base address of an environment.
    pub fn url(&self, environment: &str) -> Option<&Url> {
        self.by_name.get(environment).map(|base| &base.url)
    }

    /// The workspace an environment comes with.
    pub fn workspace(&self, environment: &str) -> Option<&str> {
        self.by_name.get(environment).and_then(|base| base.workspace.as_deref())
    }

    /// Whether some environment lives at that origin.
    pub fn owns(&self, url: &Url) -> bool {
        self.by_name.values().any(|base| base.url.origin() == url.origin())
    }
}
