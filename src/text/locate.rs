//! Where a field path lies in a payload, in whichever spelling an API writes it.

use super::path::{Reading, Segment, readings};
use super::pointer::index_from_token;
use super::{Document, Kind, Node};

/// How many places are tried beyond one a segment before a path counts as not found.
const SPARE_VISITS: usize = 4096;
/// How many segments together are compared with a key in another case or style.
const MOST_JOINED: usize = 8;

/// A field that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'d, 't> {
    /// Its value.
    pub node: Node<'d, 't>,
    /// Whether every key is spelled in the path as in the payload; else one differs in case or style.
    pub is_exact: bool,
}

/// The value a field path names, in any spelling: dots, brackets, JSON Pointer, JSONPath, slashes, arrows.
///
/// None where nothing or more than one thing is meant, and for any path in a text that is not strict JSON.
/// Source: the rules under "Spans" in the terminal program's contract.
pub fn locate<'d, 't>(doc: &'d Document<'t>, path: &str) -> Option<Node<'d, 't>> {
    find(doc, path).map(|found| found.node)
}

/// The same with whether the spelling was the payload's own.
pub fn find<'d, 't>(doc: &'d Document<'t>, path: &str) -> Option<Found<'d, 't>> {
    let root = doc.root().filter(|_| doc.is_complete())?;
    if path.is_empty() {
        return Some(Found { node: root, is_exact: true });
    }
    let readings = readings(path);
    let variables = graphql_variables(root);
    // Words that name the request go only where the path leads nowhere with them.
    let words = readings.iter().map(Reading::request_words).max().unwrap_or(0);
    for dropped in 0..=words {
        let fitting = || readings.iter().filter(|reading| reading.request_words() >= dropped);
        for start in [Some(root), variables].into_iter().flatten() {
            for is_exact in [true, false] {
                for reading in fitting() {
                    // What is left of `body` alone is the payload, not its variables.
                    if reading.segments.len() == dropped && start != root {
                        continue;
                    }
                    let mut search = Search::new(reading, dropped, is_exact);
                    if let Some(node) = search.run(start) {
                        return Some(Found { node, is_exact });
                    }
                }
            }
        }
    }
    None
}

/// The variables of a GraphQL payload.
pub(super) fn graphql_variables<'d, 't>(root: Node<'d, 't>) -> Option<Node<'d, 't>> {
    let variables = root.get("variables").filter(|node| node.kind() == Kind::Object)?;
    let is_query = root.get("query").is_some_and(|node| node.kind() == Kind::String);
    (is_query || root.get("operationName").is_some() || root.get("extensions").is_some()).then_some(variables)
}

/// One reading of a path tried from one place on.
pub(super) struct Search<'s, 'p, 'd, 't> {
    reading: &'s Reading<'p>,
    /// Which segment comes first.
    first: usize,
    /// Whether another case or style of a key does not count.
    is_exact: bool,
    /// The place that most segments led to, and how many; the start before the search.
    pub(super) deepest: Option<(usize, Node<'d, 't>)>,
}

impl<'s, 'p, 'd, 't> Search<'s, 'p, 'd, 't> {
    pub(super) fn new(reading: &'s Reading<'p>, first: usize, is_exact: bool) -> Self {
        Self { reading, first, is_exact, deepest: None }
    }

    /// The place all segments lead to. Among several ways the one with the longest keys wins.
    pub(super) fn run(&mut self, start: Node<'d, 't>) -> Option<Node<'d, 't>> {
        let segments = &self.reading.segments;
        let mut visits = segments.len() + SPARE_VISITS;
        // Ways not tried yet, the best last.
        let mut ways = vec![(self.first, start)];
        while let Some((next, node)) = ways.pop() {
            if self.deepest.is_none_or(|(reached, _)| next > reached) {
                self.deepest = Some((next, node));
            }
            let Some(segment) = segments.get(next) else {
                return Some(node);
            };
            visits = visits.checked_sub(1)?;
            match node.kind() {
                Kind::Array => {
                    let item = index_from_token(&segment.text).and_then(|index| node.index(index));
                    ways.extend(item.map(|item| (next + 1, item)));
                }
                Kind::Object => self.add_members(&mut ways, next, segment, node),
                _ => {}
            }
        }
        None
    }

    /// Adds the members of an object that the path may go on with from segment `next` on.
    fn add_members(
        &self,
        ways: &mut Vec<(usize, Node<'d, 't>)>,
        next: usize,
        segment: &Segment<'p>,
        object: Node<'d, 't>,
    ) {
        let segments = &self.reading.segments;
        let rest = self.reading.path.get(segment.from..).unwrap_or_default();
        let before = ways.len();
        let mut add = |way: (usize, Node<'d, 't>), is_own: bool| {
            // Of duplicates the last; a segment's own text goes before the same segment as written.
            let same = ways.iter_mut().skip(before).find(|known| known.0 == way.0);
            match same {
                Some(known) if is_own => *known = way,
                Some(_) => {}
                None => ways.push(way),
            }
        };
        let mut joined = Vec::new();
        for member in object.members() {
            if member.key == segment.text {
                add((next + 1, member.value), true);
            } else if self.reading.is_joinable && rest.starts_with(&*member.key) {
                let end = segment.from + member.key.len();
                if let Ok(found) = segments.binary_search_by_key(&end, |each| each.to)
                    && found >= next
                {
                    joined.push((found + 1, member.value));
                }
            }
        }
        // Later duplicates first, so that they win.
        for way in joined.into_iter().rev() {
            add(way, false);
        }
        if ways.len() == before && !self.is_exact {
            ways.extend(self.variant(next, object));
        }
        ways.get_mut(before..).unwrap_or_default().sort_by_key(|way| way.0);
    }

    /// The only key of an object that is a segment, or several, in another case or style.
    fn variant(&self, next: usize, object: Node<'d, 't>) -> Option<(usize, Node<'d, 't>)> {
        let segments = self.reading.segments.get(next..)?;
        let first = segments.first()?;
        let mut spellings = vec![(next + 1, folded(&first.text))];
        if self.reading.is_joinable {
            for (step, last) in segments.iter().enumerate().take(MOST_JOINED).skip(1) {
                let text = self.reading.path.get(first.from..last.to).unwrap_or_default();
                spellings.push((next + step + 1, folded(text)));
            }
        }
        let mut found: Option<(String, usize, Node<'d, 't>)> = None;
        for member in object.members() {
            let key = folded(&member.key);
            let Some((after, _)) = spellings.iter().find(|(_, spelling)| *spelling == key && !key.is_empty()) else {
                continue;
            };
            if found.as_ref().is_some_and(|(other, ..)| *other != member.key) {
                return None;
            }
            found = Some((member.key.into_owned(), *after, member.value));
        }
        found.map(|(_, after, value)| (after, value))
    }
}

/// A key without what case and style change: `publish_at`, `PublishAt` and `publish-at` are one.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}
