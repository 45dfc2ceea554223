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

    /// The environment that an address belongs to: that of its origin, and of those that share it the one whose path
    /// leads there, the longest first. `preferred` wins where several are as good.
    pub fn owner(&self, url: &Url, preferred: &str) -> Option<&str> {
        let of_origin = self.by_name.iter().filter(|(_, base)| base.url.origin() == url.origin());
        let best = of_origin.max_by_key(|(name, base)| (shared_path(&base.url, url), name.as_str() == preferred));
        best.map(|(name, _)| name.as_str())
    }
}

/// How many bytes of the address's path a base's own path is; 0 where it does not lead there.
fn shared_path(base: &Url, url: &Url) -> usize {
    let path = base.path().trim_end_matches('/');
    let rest = url.path().strip_prefix(path);
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) { path.len() } else { 0 }
}
