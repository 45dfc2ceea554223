//! A path's first step apart from the rest, for words that name a part of the request.

use super::Pointer;
use super::path::{Reading, readings};

/// A path's first step, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The first step's name.
    pub name: String,
    /// The path behind it, in a spelling of its own.
    pub rest: String,
    /// The text of the next step, where it is the last.
    pub last: Option<String>,
}

/// The first step of a path in each way to understand it, where another step follows.
///
/// `query.limit`, `/query/limit`, `query[limit]` and `["query","limit"]` begin with `query`.
pub fn first_steps(path: &str) -> Vec<Step> {
    let step = |reading: Reading<'_>| {
        let [first, rest @ ..] = reading.segments.as_slice() else { return None };
        let next = rest.first()?;
        let last = (rest.len() == 1).then(|| next.text.clone().into_owned());
        let rest = match reading.is_joinable {
            true => path.get(next.from..)?.trim().to_owned(),
            false => Pointer::from_tokens(rest.iter().map(|segment| &segment.text)).to_string(),
        };
        Some(Step { name: first.text.clone().into_owned(), rest, last })
    };
    readings(path).into_iter().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_a_path_of_its_own() {
        let rest = |path: &str| first_steps(path).into_iter().find(|step| step.name == "a").map(|s| (s.rest, s.last));
        let said = |rest: &str, last: Option<&str>| Some((rest.to_owned(), last.map(str::to_owned)));
        assert_eq!(rest("a.b"), said("b", Some("b")));
        assert_eq!(rest("a.b[0].c"), said("b[0].c", None));
        assert_eq!(rest("a['b c']"), said("['b c']", Some("b c")));
        assert_eq!(rest("a[b][c]"), said("[b][c]", None));
        assert_eq!(rest("/a/b~1c"), said("/b~1c", Some("b/c")));
        assert_eq!(rest("[\"a\", \"b\", 0]"), said("/b/0", None));
        assert_eq!(rest("a -> b -> c"), said("b -> c", None));
        assert_eq!(rest("a"), None);
        assert_eq!(rest(""), None);
    }
}
