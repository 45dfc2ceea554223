//! A slug that is free: the one that was refused, with the next number.

use std::collections::HashSet;

use super::list::items;
use crate::text::Document;

/// The longest slug proposed, in characters.
const LONGEST: usize = 100;
/// The longest number at a slug's end that counts copies, in digits: a longer one is a year or a date.
const COUNT_DIGITS: usize = 3;

/// The next slug that is not taken, at most 100 characters.
///
/// Shape: `winter-launch` becomes `winter-launch-2`, that one `winter-launch-3`; `winter-2026` becomes `winter-2026-2`.
pub fn next_slug(slug: &str, taken: &[String]) -> String {
    let taken: HashSet<String> = taken.iter().map(|slug| slug.to_lowercase()).collect();
    let counted = slug.rsplit_once('-').and_then(|(stem, digits)| Some((stem, count_of(digits)?)));
    let (stem, first) = counted.map_or((slug, 2), |(stem, number)| (stem, number + 1));
    let with = |number: usize| {
        let ending = format!("-{number}");
        let stem: String = stem.chars().take(LONGEST.saturating_sub(ending.len())).collect();
        let stem = stem.trim_end_matches('-');
        if stem.is_empty() { number.to_string() } else { format!("{stem}{ending}") }
    };
    // One more than are taken: numbers differ, so one of them is free.
    let mut numbers = first..=first.saturating_add(taken.len());
    numbers
        .find_map(|number| Some(with(number)).filter(|slug| !taken.contains(&slug.to_lowercase())))
        .unwrap_or_else(|| with(first))
}

/// The number that counts copies. Shape: `2`, not `02` and not `2026`.
fn count_of(digits: &str) -> Option<usize> {
    let is_count =
        digits.len() <= COUNT_DIGITS && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_count)
}

/// The slugs of the things that a list's answer holds.
///
/// Shape: `[{"slug":"a"}]`, `{"data":[{"slug":"a"}]}`.
pub fn taken_slugs(list: &str) -> Vec<String> {
    let document = Document::parse(list);
    let slugs = items(&document).filter_map(|item| item.get("slug")?.as_str().map(|slug| slug.into_owned()));
    slugs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_number_that_is_free_is_proposed() {
        let taken = ["winter-launch", "winter-launch-2", "Winter-Launch-3"].map(str::to_owned);
        assert_eq!(next_slug("winter-launch", &taken), "winter-launch-4");
        assert_eq!(next_slug("winter-launch", &[]), "winter-launch-2");
        assert_eq!(next_slug("winter-launch-2", &[]), "winter-launch-3");
        assert_eq!(next_slug("winter-2026", &[]), "winter-2026-2");
        assert_eq!(next_slug("part-01", &[]), "part-01-2");
        assert_eq!(next_slug("a", &[]), "a-2");
        assert_eq!(next_slug("", &[]), "2");
        assert_eq!(next_slug("7", &[]), "7-2");
        assert_eq!(next_slug(&format!("{}-b", "x".repeat(97)), &[]), format!("{}-2", "x".repeat(97)));
    }

    #[test]
    fn only_the_things_of_the_list_have_slugs_that_are_taken() {
        let list = r#"{"data":[{"slug":"a","author":{"slug":"no"}},{"slug":1},{"slug":"b\u002dc"}],"slug":"no"}"#;
        assert_eq!(taken_slugs(list), ["a", "b-c"]);
        assert_eq!(taken_slugs(r#"[{"slug":"a"}]"#), ["a"]);
        assert_eq!(taken_slugs("<html>"), [""; 0]);
    }

    proptest! {
        #[test]
        fn a_proposal_is_free_short_and_a_slug(slug in "[a-z0-9]{1,60}(-[a-z0-9]{1,50}){0,2}", copies in 0usize..30) {
            let mut taken = vec![slug.clone()];
            for _ in 0..copies {
                let next = next_slug(&slug, &taken);
                prop_assert!(!taken.contains(&next));
                prop_assert!(next.chars().count() <= LONGEST);
                prop_assert!(!next.starts_with('-') && !next.ends_with('-') && !next.contains("--"));
                taken.push(next);
            }
        }
    }
}
