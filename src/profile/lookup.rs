//! Questions one asks a profile.

use url::{Origin, Url};

use super::{CodeEntry, Environment, EnvironmentKind, Link, Profile};

impl Profile {
    /// The environment of that name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }

    /// The environment to begin with; none for a profile without environments.
    pub fn default_environment(&self) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.is_default)
    }

    /// Whether an address's origin belongs to one of the environments.
    ///
    /// The embedded sandbox has no address here: who started it knows its origin and asks before this.
    pub fn owns(&self, origin: &Origin) -> bool {
        self.environment_of(origin).is_some()
    }

    /// The environment that has this origin (scheme, host and port).
    pub fn environment_of(&self, origin: &Origin) -> Option<&Environment> {
        if !origin.is_tuple() {
            return None;
        }
        self.environments
            .iter()
            .filter(|environment| environment.kind != EnvironmentKind::Embedded)
            .find(|environment| environment.base_url().is_some_and(|base| base.origin() == *origin))
    }

    /// What the catalogue says of a code.
    pub fn code_entry(&self, code: &str) -> Option<&CodeEntry> {
        self.codes.iter().find(|entry| entry.code == code)
    }

    /// The link of a topic.
    pub fn link(&self, topic: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.topic == topic)
    }

    /// Whether a name is that of the credential's or the workspace's header, in any case.
    pub fn is_own_header(&self, name: &str) -> bool {
        let auth = self.auth.as_ref().map(|auth| auth.header.as_str());
        let workspace = self.workspace.as_ref().map(|workspace| workspace.header.as_str());
        [auth, workspace].into_iter().flatten().any(|own| own.eq_ignore_ascii_case(name))
    }
}

impl Environment {
    /// The base address, parsed; none for the embedded sandbox.
    pub fn base_url(&self) -> Option<Url> {
        self.base.as_deref().and_then(|base| Url::parse(base).ok())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::built_in;
    use super::*;

    fn origin(text: &str) -> Origin {
        Url::parse(text).unwrap().origin()
    }

    #[test]
    fn an_origin_is_owned_by_scheme_host_and_port() {
        let altyaa = built_in("altyaa").unwrap();
        assert!(altyaa.owns(&origin("https://api.altyaa.example/v1/posts")));
        assert!(altyaa.owns(&origin("https://api.altyaa.example:443")));
        for other in [
            "http://api.altyaa.example",
            "https://api.altyaa.example:8443",
            "https://api.altyaa.example.evil.example",
            "https://altyaa.example",
            "data:text/plain,x",
        ] {
            assert!(!altyaa.owns(&origin(other)), "{other}");
        }
    }

    #[test]
    fn own_headers_are_known_in_any_case() {
        let altyaa = built_in("altyaa").unwrap();
        assert!(altyaa.is_own_header("x-altyaa-workspace"));
        assert!(altyaa.is_own_header("AUTHORIZATION"));
        assert!(!altyaa.is_own_header("x-altyaa"));
    }
}
