//! Where a field path lies in a form, in whichever spelling path and form have.

use std::borrow::Cow;
use std::collections::HashMap;

use super::form::{Form, FormPart};
use super::locate::folded;
use super::nearest::nearest_name;
use super::path::{Reading, names_of, readings};
use super::pointer::index_from_token;

/// Stands between the steps of a name; in no name that anyone writes.
const BETWEEN: char = '\u{0}';
/// Longer names have no steps, in bytes.
const LONGEST_NAME: usize = 4096;
/// How many indexes of one path are tried as those of a list without numbers.
const MOST_INDEXES: usize = 8;

/// A part of a form that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundPart<'f, 't> {
    /// The part.
    pub part: &'f FormPart<'t>,
    /// Which of the parts of that name it is, counted from 0.
    pub occurrence: usize,
    /// Whether every name in it is spelled as in the path, apart from what separates them.
    pub is_exact: bool,
}

/// Where the parts of each name are, by the name and by its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormIndex {
    names: HashMap<String, Vec<usize>>,
    /// By the steps as spelled, and apart from case and style.
    steps: [HashMap<String, Vec<usize>>; 2],
}

impl FormIndex {
    pub(super) fn new(parts: &[FormPart<'_>]) -> Self {
        let mut index = Self::default();
        for (at, part) in parts.iter().enumerate() {
            let key = key(&part.name);
            let [exact, variant] = &mut index.steps;
            variant.entry(folded(&key)).or_default().push(at);
            exact.entry(key).or_default().push(at);
            index.names.entry(part.name.clone().into_owned()).or_default().push(at);
        }
        index
    }
}

impl<'t> Form<'t> {
    /// The part that a field path names: by its own name, else by its steps, so that `user.email` and `/user/email` are
    /// `user[email]`; at last in another case or style, where that is the only one.
    ///
    /// `items[1].url` is also the second `items[][url]`, `tags[1]` the second `tags[]` or `tags`. Of equal names the last.
    pub fn find(&self, path: &str) -> Option<FoundPart<'_, 't>> {
        self.find_behind(path, |reading| reading.request_words())
    }

    /// The same for a form that is no payload, so that words for the request are names like any other.
    pub fn find_bare(&self, path: &str) -> Option<FoundPart<'_, 't>> {
        self.find_behind(path, |_| 0)
    }

    /// The part behind as many words as a reading may drop.
    fn find_behind(&self, path: &str, words_of: fn(&Reading<'_>) -> usize) -> Option<FoundPart<'_, 't>> {
        if let Some(found) = self.last_of(path, true) {
            return Some(found);
        }
        let readings = readings(path);
        let words = readings.iter().map(words_of).max().unwrap_or(0);
        for is_exact in [true, false] {
            let normal = |text: &str| if is_exact { text.to_owned() } else { folded(text) };
            for dropped in 0..=words {
                for reading in readings.iter().filter(|reading| words_of(reading) >= dropped) {
                    let segments = reading.segments.get(dropped..).unwrap_or_default();
                    let steps: Vec<String> = segments.iter().map(|segment| normal(&segment.text)).collect();
                    if let Some(found) = self.by_steps(&steps, is_exact) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    /// The part of that decoded name; `occurrence` counts equal names from 0.
    pub fn part(&self, name: &str, occurrence: usize) -> Option<&FormPart<'t>> {
        self.parts.get(*self.index.names.get(name)?.get(occurrence)?)
    }

    /// The name that was perhaps meant by a path that names no part.
    pub fn nearest(&self, path: &str) -> Option<String> {
        let reading = readings(path).into_iter().max_by_key(|reading| reading.segments.len())?;
        let steps = reading.segments.get(reading.request_words()..)?;
        let wanted: Vec<&str> = steps.iter().map(|segment| &*segment.text).collect();
        let shown = |name: &str| key(name).replace(BETWEEN, ".");
        nearest_name(self.parts.iter().map(|part| (shown(&part.name), &*part.name)), &wanted.join("."))
    }

    fn by_steps(&self, steps: &[String], is_exact: bool) -> Option<FoundPart<'_, 't>> {
        if steps.iter().all(String::is_empty) {
            return None;
        }
        let wanted = joined(steps);
        if let Some(name) = self.only_name(&wanted, is_exact) {
            return self.last_of(name, is_exact);
        }
        let indexes = steps.iter().enumerate().filter_map(|(at, step)| Some((at, index_from_token(step)?)));
        for (at, index) in indexes.take(MOST_INDEXES) {
            let mut unnumbered = steps.to_vec();
            if let Some(step) = unnumbered.get_mut(at) {
                step.clear();
            }
            let is_last = at > 0 && at + 1 == steps.len();
            let repeated = steps.get(..at).filter(|_| is_last).map(joined);
            for list in [Some(joined(&unnumbered)), repeated].into_iter().flatten() {
                let part = self.only_name(&list, is_exact).and_then(|name| self.part(name, index));
                if let Some(part) = part {
                    return Some(FoundPart { part, occurrence: index, is_exact });
                }
            }
        }
        // A list of one item is the item.
        let name = self.only_name(&format!("{wanted}{BETWEEN}"), is_exact)?;
        self.last_of(name, is_exact).filter(|found| found.occurrence == 0)
    }

    /// The name under these steps: of several the last, but in another case or style none.
    fn only_name(&self, wanted: &str, is_exact: bool) -> Option<&str> {
        let [exact, variant] = &self.index.steps;
        let found = if is_exact { exact } else { variant }.get(wanted)?;
        let mut names = found.iter().rev().filter_map(|at| self.parts.get(*at)).map(|part| &*part.name);
        let last = names.next()?;
        (is_exact || names.all(|name| name == last)).then_some(last)
    }

    fn last_of(&self, name: &str, is_exact: bool) -> Option<FoundPart<'_, 't>> {
        let found = self.index.names.get(name)?;
        let part = self.parts.get(*found.last()?)?;
        Some(FoundPart { part, occurrence: found.len() - 1, is_exact })
    }
}

/// A name's steps in one text: `items[][url]` and `items..url` are one. A name of any length is kept whole.
fn key(name: &str) -> String {
    if name.len() > LONGEST_NAME {
        return name.to_owned();
    }
    let steps: Vec<String> = names_of(name).into_iter().map(Cow::into_owned).collect();
    joined(&steps)
}

fn joined(steps: &[String]) -> String {
    steps.join(&BETWEEN.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn found(text: &str, path: &str) -> Option<(String, bool)> {
        let form = Form::read(text, None).unwrap();
        form.find(path).map(|found| (found.part.whole.slice(text).unwrap().to_owned(), found.is_exact))
    }

    #[test]
    fn parts_are_found_in_every_spelling() {
        let text = "user%5Bemail%5D=e&items[0][url]=u0&items[1][url]=u1&list[][n]=l0&list[][n]=l1&tags=t0&tags=t1\
                    &set[]=s0&set[]=s1&one[]=o&Name=N&shipping.city=c&a.b=1&userId=7&empty=&flag";
        for (path, expected) in [
            ("user[email]", "user%5Bemail%5D=e"),
            ("user%5Bemail%5D", "user%5Bemail%5D=e"),
            ("user.email", "user%5Bemail%5D=e"),
            ("/user/email", "user%5Bemail%5D=e"),
            ("#/user/email", "user%5Bemail%5D=e"),
            ("user -> email", "user%5Bemail%5D=e"),
            ("[\"user\",\"email\"]", "user%5Bemail%5D=e"),
            ("body.user.email", "user%5Bemail%5D=e"),
            ("$.user['email']", "user%5Bemail%5D=e"),
            ("items.0.url", "items[0][url]=u0"),
            ("items[1].url", "items[1][url]=u1"),
            ("list.1.n", "list[][n]=l1"),
            ("list[0].n", "list[][n]=l0"),
            ("list[][n]", "list[][n]=l1"),
            ("tags", "tags=t1"),
            ("tags.0", "tags=t0"),
            ("set[1]", "set[]=s1"),
            ("set[]", "set[]=s1"),
            ("one", "one[]=o"),
            ("shipping[city]", "shipping.city=c"),
            ("a.b", "a.b=1"),
            ("empty", "empty="),
            ("flag", "flag"),
        ] {
            assert_eq!(found(text, path), Some((expected.to_owned(), true)), "{path}");
        }
        for (path, expected) in [("name", "Name=N"), ("user_id", "userId=7"), ("USER.Email", "user%5Bemail%5D=e")] {
            assert_eq!(found(text, path), Some((expected.to_owned(), false)), "{path}");
        }
        for path in ["", "$", "body", "user", "set", "items", "items[2].url", "tags.2", "list[2].n", "mail", "."] {
            assert_eq!(found(text, path), None, "{path}");
        }
    }

    #[test]
    fn two_names_that_fit_are_no_answer() {
        assert_eq!(found("userId=1&user_id=2", "UserID"), None);
        assert_eq!(found("userId=1&userId=2", "user_id").unwrap().0, "userId=2");
        assert_eq!(found("a[b]=1&a.b=2", "a.b").unwrap().0, "a.b=2");
        assert_eq!(found("a[b]=1&a.b=2", "a[b]").unwrap().0, "a[b]=1");
    }

    #[test]
    fn the_name_that_was_meant_is_told() {
        let form = Form::read("user[email]=1&publish_at=2&x=3", None).unwrap();
        assert_eq!(form.nearest("user.emial").as_deref(), Some("user[email]"));
        assert_eq!(form.nearest("body.publishedAt").as_deref(), Some("publish_at"));
        assert_eq!(form.nearest("other"), None);
    }
}
