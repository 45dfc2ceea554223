//! The word before a path that names a part of the request: `query.limit`, `headers.x-api-key`.

use super::Location;
use crate::text::{Step, first_steps};

/// What such a path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedPart {
    /// The part.
    pub location: Location,
    /// The word, as spelled.
    pub word: String,
    /// The path behind the word.
    pub rest: String,
    /// The name behind it, taken out of its spelling where it is a single one.
    pub name: String,
}

/// The part that a path's first word names; words for the request as a whole may stand before it.
pub(super) fn named_part(path: &str) -> Option<NamedPart> {
    let mut steps = first_steps(path);
    for _ in 0..3 {
        let mut outer: Option<String> = None;
        for Step { name: word, rest, last } in steps {
            if let Some(location) = part_of(&word) {
                let name = last.unwrap_or_else(|| rest.clone());
                return Some(NamedPart { location, word, rest, name });
            }
            if matches!(word.as_str(), "$" | "#" | "request" | "req") {
                outer.get_or_insert(rest);
            }
        }
        steps = first_steps(&outer?);
    }
    None
}

/// The part a word names, in any case and style.
fn part_of(word: &str) -> Option<Location> {
    if word.len() > 20 {
        return None;
    }
    let folded: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match folded.as_str() {
        "query" | "querystring" | "queryparam" | "queryparams" | "queryparameter" | "queryparameters" => {
            Some(Location::Query)
        }
        "path" | "params" | "pathparam" | "pathparams" | "pathparameter" | "pathparameters" => Some(Location::Path),
        "header" | "headers" => Some(Location::Header),
        "cookie" | "cookies" => Some(Location::Cookie),
        "body" | "requestbody" | "payload" => Some(Location::Body),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_told_in_every_spelling() {
        let part = |path: &str| named_part(path).map(|part| (part.location, part.name));
        for (path, location, name) in [
            ("query.limit", Location::Query, "limit"),
            ("/query/limit", Location::Query, "limit"),
            ("#/query/limit", Location::Query, "limit"),
            (".query.limit", Location::Query, "limit"),
            ("query[limit]", Location::Query, "limit"),
            ("[\"query\",\"limit\"]", Location::Query, "limit"),
            ("query -> limit", Location::Query, "limit"),
            ("request.query.limit", Location::Query, "limit"),
            ("$.query['limit']", Location::Query, "limit"),
            ("queryParams.filter[state]", Location::Query, "filter[state]"),
            ("querystring.page", Location::Query, "page"),
            ("params.id", Location::Path, "id"),
            ("path.id", Location::Path, "id"),
            ("headers.x-api-key", Location::Header, "x-api-key"),
            ("req.headers['x-api-key']", Location::Header, "x-api-key"),
            ("header.X.Y", Location::Header, "X.Y"),
            ("cookies.sid", Location::Cookie, "sid"),
            ("body.query.x", Location::Body, "query.x"),
            ("request.body.title", Location::Body, "title"),
        ] {
            assert_eq!(part(path), Some((location, name.to_owned())), "{path}");
        }
        for path in ["query", "limit", "body", "", "$", "queries.a", "a.query.b", "data.query.x"] {
            assert_eq!(part(path), None, "{path}");
        }
    }
}
