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
    if path.is_empty() {
        let node = doc.root().filter(|_| doc.is_complete())?;
        return Some(Found { node, is_exact: true });
    }
    each_way(doc, path, |reading, dropped, is_exact, start| {
        let node = Search::new(reading, dropped, is_exact).run(start)?;
        Some(Found { node, is_exact })
    })
}

/// What the path would name if its indexes counted from 1, where that is another value than the `usual` one that
/// [`find`] gives: it holds an index, none of its indexes is 0, and the value is there. None where an index is beyond the
/// end by more than one.
pub fn find_one_based<'d, 't>(doc: &'d Document<'t>, path: &str, usual: Option<Node<'d, 't>>) -> Option<Found<'d, 't>> {
    if !path.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    each_way(doc, path, |reading, dropped, is_exact, start| {
        let mut search = Search::new(reading, dropped, is_exact);
        let node = search.run(start);
        // Where the way ends otherwise than behind an array's last item, counting from 1 explains nothing.
        if node.is_none() && !search.ends_behind_the_last_item() {
            return None;
        }
        let mut search = Search::new(reading, dropped, is_exact);
        search.is_one_based = true;
        let node = search.run(start)?;
        usual.is_none_or(|usual| usual != node).then_some(Found { node, is_exact })
    })
}

/// Tries every understanding of a path in the order of the rules, until one gives something.
fn each_way<'d, 't, T>(
    doc: &'d Document<'t>,
    path: &str,
    mut find: impl FnMut(&Reading<'_>, usize, bool, Node<'d, 't>) -> Option<T>,
) -> Option<T> {
    let root = doc.root().filter(|_| doc.is_complete())?;
    let readings = readings(path);
    let variables = graphql_variables(root);
    // Words that name the request go only where the path leads nowhere with them.
    let words = readings.iter().map(Reading::request_words).max().unwrap_or(0);
    for dropped in 0..=words {
        for start in [Some(root), variables].into_iter().flatten() {
            for is_exact in [true, false] {
                for reading in readings.iter().filter(|reading| reading.request_words() >= dropped) {
                    // What is left of `body` alone is the payload, not its variables.
                    if reading.segments.len() == dropped && start != root {
                        continue;
                    }
                    if let Some(found) = find(reading, dropped, is_exact, start) {
                        return Some(found);
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
    /// Whether indexes count from 1.
    is_one_based: bool,
    /// The place that most segments led to, and how many; the start before the search.
    pub(super) deepest: Option<(usize, Node<'d, 't>)>,
}

impl<'s, 'p, 'd, 't> Search<'s, 'p, 'd, 't> {
    pub(super) fn new(reading: &'s Reading<'p>, first: usize, is_exact: bool) -> Self {
        Self { reading, first, is_exact, is_one_based: false, deepest: None }
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
                    let index = index_from_token(&segment.text);
                    let index = index.and_then(|index| index.checked_sub(usize::from(self.is_one_based)));
                    let item = index.and_then(|index| node.index(index));
                    ways.extend(item.map(|item| (next + 1, item)));
                }
                Kind::Object => self.add_members(&mut ways, next, segment, node),
                _ => {}
            }
        }
        None
    }

    /// Whether a search that found nothing got as far as an array of exactly as many items as the index says.
    fn ends_behind_the_last_item(&self) -> bool {
        let Some((reached, node)) = self.deepest.filter(|(_, node)| node.kind() == Kind::Array) else {
            return false;
        };
        let index = self.reading.segments.get(reached).and_then(|segment| index_from_token(&segment.text));
        index.is_some_and(|index| index > 0 && node.len() == index)
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
            self.add_variants(ways, next, object);
        }
        ways.get_mut(before..).unwrap_or_default().sort_by_key(|way| way.0);
    }

    /// Adds the members whose key is a segment, or several, in another case or style, where it is the only such key.
    fn add_variants(&self, ways: &mut Vec<(usize, Node<'d, 't>)>, next: usize, object: Node<'d, 't>) {
        let segments = self.reading.segments.get(next..).unwrap_or_default();
        let Some(first) = segments.first() else {
            return;
        };
        let joined = if self.reading.is_joinable { MOST_JOINED } else { 1 };
        let mut spellings: Vec<Variant<'d, 't>> = Vec::new();
        for (step, last) in segments.iter().enumerate().take(joined) {
            let text = self.reading.path.get(first.from..last.to).unwrap_or_default();
            let folded = folded(if step == 0 { &first.text } else { text });
            spellings.push(Variant { after: next + step + 1, folded, key: None, value: None, is_ambiguous: false });
        }
        for member in object.members() {
            let key = folded(&member.key);
            let Some(spelling) = spellings.iter_mut().find(|each| each.folded == key && !key.is_empty()) else {
                continue;
            };
            // Of duplicates the last; two different keys are no answer.
            let is_other = spelling.key.as_ref().is_some_and(|known| *known != member.key);
            spelling.is_ambiguous |= is_other;
            spelling.value = Some(member.value);
            spelling.key.get_or_insert_with(|| member.key.into_owned());
        }
        let sure = spellings.into_iter().filter(|each| !each.is_ambiguous);
        ways.extend(sure.filter_map(|each| Some((each.after, each.value?))));
    }
}

/// One spelling that a key may have apart from case and style.
struct Variant<'d, 't> {
    /// The segment after it.
    after: usize,
    folded: String,
    /// The first key found.
    key: Option<String>,
    /// The newest value of that key.
    value: Option<Node<'d, 't>>,
    /// Whether another key fits too.
    is_ambiguous: bool,
}

/// A key without what case and style change: `publish_at`, `PublishAt` and `publish-at` are one.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}
