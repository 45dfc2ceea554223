//! The scopes that a client asks for and gets.

use super::fault::Fault;
use crate::sandbox::keys::{READ, WRITE};

/// Every scope, in the order in which answers list them.
pub(super) const ALL: [&str; 2] = [READ, WRITE];

/// Some of the scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scopes(Vec<&'static str>);

impl Scopes {
    /// The scopes of a `scope` parameter; without one, every scope.
    ///
    /// *Errors*: `invalid_scope` if one is unknown.
    pub(super) fn read(parameter: Option<&str>) -> Result<Self, Fault> {
        let Some(text) = parameter else { return Ok(Self(ALL.to_vec())) };
        let wanted: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if wanted.is_empty() || !wanted.iter().all(|word| ALL.contains(word)) {
            return Err(Fault::new("invalid_scope", "scope may hold posts.read and posts.write, with a space between"));
        }
        Ok(Self(ALL.into_iter().filter(|scope| wanted.contains(scope)).collect()))
    }

    /// Whether none of `other` is missing here.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.0.contains(scope))
    }

    /// Each of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// As requests and answers write them.
    pub(super) fn text(&self) -> String {
        self.0.join(" ")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_any_order_and_unknown_ones_refused() {
        assert_eq!(Scopes::read(None).unwrap().text(), "posts.read posts.write");
        assert_eq!(Scopes::read(Some("posts.write posts.read posts.write")).unwrap().text(), "posts.read posts.write");
        for wrong in ["posts.delete", "posts.read,posts.write", "POSTS.READ", " ", "posts.read admin"] {
            assert_eq!(Scopes::read(Some(wrong)).unwrap_err().error, "invalid_scope", "{wrong}");
        }
    }

    #[test]
    fn a_part_is_covered_by_the_whole_alone() {
        let (all, read) = (Scopes::read(None).unwrap(), Scopes::read(Some("posts.read")).unwrap());
        assert!(all.covers(&read) && all.covers(&all) && !read.covers(&all));
    }
}
