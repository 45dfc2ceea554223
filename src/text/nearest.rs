//! Around a field that is not there: the object it belongs in and the key that was perhaps meant.

use super::locate::{Search, find, folded, graphql_variables};
use super::path::{Reading, readings};
use super::{Document, Kind, Node};

/// Longer keys are not compared. In characters.
const LONGEST_KEY: usize = 128;
/// How many keys of one object are compared.
const MOST_KEYS: usize = 5_000;

/// What stands around a field that is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings<'d, 't> {
    /// The deepest object on the way that is there.
    pub within: Option<Node<'d, 't>>,
    /// The key in it that is spelled most like the missing one.
    pub nearest: Option<String>,
    /// Whether `within` is the very object that the field belongs in, rather than one further up.
    pub is_parent: bool,
    /// The name of the first step that is not there.
    pub missing: Option<String>,
}

/// The surroundings of a path that is not there; nothing for one that is, or in a text that is not strict JSON.
pub fn surroundings<'d, 't>(doc: &'d Document<'t>, path: &str) -> Surroundings<'d, 't> {
    let root = doc.root().filter(|_| doc.is_complete());
    let Some(root) = root.filter(|_| find(doc, path).is_none()) else {
        return Surroundings::default();
    };
    let readings = readings(path);
    let mut best: Option<Way<'_, '_, '_, '_>> = None;
    for start in [Some(root), graphql_variables(root)].into_iter().flatten() {
        for reading in &readings {
            for dropped in 0..=reading.request_words() {
                let mut search = Search::new(reading, dropped, false);
                search.run(start);
                let Some((reached, node)) = search.deepest else {
                    continue;
                };
                let way = Way { rank: (reached - dropped, dropped), reading, reached, node };
                // The first of equals, but one that can say which key was meant goes before one that cannot.
                let is_better = best.as_ref().is_none_or(|best| {
                    way.rank > best.rank
                        || (way.rank == best.rank && best.nearest_key().is_none() && way.nearest_key().is_some())
                });
                if is_better {
                    best = Some(way);
                }
            }
        }
    }
    let Some(best) = best else {
        return Surroundings::default();
    };
    let mut within = Some(best.node);
    while within.is_some_and(|node| node.kind() != Kind::Object) {
        within = within.and_then(Node::parent);
    }
    let is_parent = within == Some(best.node) && best.reached + 1 == best.reading.segments.len();
    let missing = best.reading.segments.get(best.reached).map(|segment| segment.text.clone().into_owned());
    Surroundings { within, nearest: best.nearest_key(), is_parent, missing }
}

/// How far one reading of a path leads.
struct Way<'s, 'p, 'd, 't> {
    /// How many segments led somewhere, and how many words were dropped.
    rank: (usize, usize),
    reading: &'s Reading<'p>,
    /// The segment that leads nowhere.
    reached: usize,
    /// Where the one before leads.
    node: Node<'d, 't>,
}

impl Way<'_, '_, '_, '_> {
    fn nearest_key(&self) -> Option<String> {
        nearest_key(self.node, &self.reading.segments.get(self.reached)?.text)
    }
}

/// The key of an object most like `wanted` by edit distance (case and style aside), if one is reasonably near: at most
/// a third of the longer one's letters differ. Of equals the one that is spelled more alike.
pub fn nearest_key(object: Node<'_, '_>, wanted: &str) -> Option<String> {
    nearest_name(object.members().map(|member| (member.key.clone(), member.key)), wanted)
}

/// The same among names of any kind: what is compared, and what is given back.
pub(super) fn nearest_name<C: AsRef<str>, N: Into<String>>(
    names: impl Iterator<Item = (C, N)>,
    wanted: &str,
) -> Option<String> {
    let goal: Vec<char> = folded(wanted).chars().take(LONGEST_KEY + 1).collect();
    if goal.is_empty() || goal.len() > LONGEST_KEY {
        return None;
    }
    // Of equal distances the key that is spelled more alike, case and style included.
    let spelled: Vec<char> = wanted.chars().take(LONGEST_KEY).collect();
    let mut best: Option<(usize, usize, String)> = None;
    for (compared, name) in names.take(MOST_KEYS) {
        let compared = compared.as_ref();
        if compared.len() > LONGEST_KEY * 4 {
            continue;
        }
        let key: Vec<char> = folded(compared).chars().collect();
        let allowed = goal.len().max(key.len()) / 3;
        let limit = best.as_ref().map_or(allowed, |(distance, ..)| allowed.min(*distance));
        if key.is_empty() || goal.len().abs_diff(key.len()) > limit {
            continue;
        }
        let distance = edit_distance(&goal, &key, limit);
        if distance > limit {
            continue;
        }
        let as_spelled: Vec<char> = compared.chars().take(LONGEST_KEY).collect();
        let exact = edit_distance(&spelled, &as_spelled, LONGEST_KEY);
        if best.as_ref().is_none_or(|(least, alike, _)| (distance, exact) < (*least, *alike)) {
            best = Some((distance, exact, name.into()));
        }
    }
    best.map(|(.., key)| key)
}

/// How many letters must be put in, left out, changed or swapped with their neighbour; some number above `limit` where
/// it is more than that.
fn edit_distance(a: &[char], b: &[char], limit: usize) -> usize {
    let mut two_back: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, left) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, right) in b.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&above, column) + usize::from(left != right);
            let mut least = changed.min(at(&above, column + 1) + 1).min(at(&current, column) + 1);
            let is_swap = row > 0 && column > 0 && a.get(row - 1) == Some(right) && b.get(column - 1) == Some(left);
            if is_swap {
                least = least.min(at(&two_back, column - 1) + 1);
            }
            current.push(least);
        }
        // A swap reaches back over one row, so two in a row must be beyond.
        let is_beyond = |line: &[usize]| !line.is_empty() && line.iter().all(|least| *least > limit);
        if is_beyond(&current) && is_beyond(&above) {
            return limit.saturating_add(1);
        }
        two_back = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn around(text: &str, path: &str) -> (Option<String>, Option<String>) {
        let doc = Document::parse(text);
        let Surroundings { within, nearest, .. } = surroundings(&doc, path);
        (within.map(|node| node.pointer().to_string()), nearest)
    }

    fn said(within: &str, nearest: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(within.to_owned()), nearest.map(str::to_owned))
    }

    #[test]
    fn distances_count_letters_and_swaps() {
        let distance =
            |a: &str, b: &str| edit_distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>(), 9);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("publsih", "publish"), 1);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn the_deepest_object_and_the_nearest_key_are_named() {
        let text = r#"{"publishAt": 1, "id": 2, "contact": {"phone": 3, "mail": 4}, "items": [{"url": 5}], "s": "x"}"#;
        assert_eq!(around(text, "publishedAt"), said("", Some("publishAt")));
        assert_eq!(around(text, "body.publish_dat"), said("", Some("publishAt")));
        assert_eq!(around(text, "contact.phnoe"), said("/contact", Some("phone")));
        assert_eq!(around(text, "/contact/address/city"), said("/contact", None));
        assert_eq!(around(text, "items[0].uri"), said("/items/0", Some("url")));
        assert_eq!(around(text, "items[7].url"), said("", None), "an item belongs in an array, that in the root");
        assert_eq!(around(text, "s.length"), said("", None), "a string holds nothing");
        assert_eq!(around(text, "ip"), said("", None), "two letters are too few to guess from");
        assert_eq!(around(text, "kontakt.phone"), said("", Some("contact")));
        let twice = r#"{"publish_at": 1, "publishAt": 2}"#;
        assert_eq!(around(twice, "PublishAt"), said("", Some("publishAt")), "the one that is spelled more alike");
    }

    #[test]
    fn only_the_object_that_a_field_belongs_in_is_its_parent() {
        let doc = Document::parse(r#"{"contact": {"phone": 3}, "items": [{}]}"#);
        let is_parent = |path: &str| surroundings(&doc, path).is_parent;
        for path in ["contact.mail", "body.title", "/items/0/url", "title"] {
            assert!(is_parent(path), "{path}");
        }
        for path in ["billing.iban", "items[7].url", "items[7]", "contact.phone.area", "contact.phone"] {
            assert!(!is_parent(path), "{path}");
        }
    }

    #[test]
    fn nothing_surrounds_what_is_there_or_cannot_be_read() {
        assert_eq!(around(r#"{"a": 1}"#, "a"), (None, None));
        assert_eq!(around(r#"{"a": 1"#, "b"), (None, None));
        assert_eq!(around("[1]", "a"), (None, None), "there is no object");
        assert_eq!(around("{}", "a"), said("", None));
    }

    #[test]
    fn graphql_fields_belong_in_the_variables_where_those_know_better() {
        let text = r#"{"query": "mutation", "variables": {"input": {"title": ""}}}"#;
        assert_eq!(around(text, "input.titel"), said("/variables/input", Some("title")));
        assert_eq!(around(text, "inptu"), said("/variables", Some("input")));
    }
}
