//! The posts a sandbox starts with.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::store::{Audience, Channel, ChannelName, Post, Store};
use crate::exchange::ulid;

/// The workspace of most keys.
pub(super) const NORTHWIND: &str = "ws_northwind";
/// The other workspace.
pub(super) const CONTOSO: &str = "ws_contoso";
/// The workspaces, in the order of the stores.
pub(super) const WORKSPACES: [&str; 2] = [NORTHWIND, CONTOSO];

/// Posts that `ws_northwind` starts with, besides the deleted one.
const NORTHWIND_POSTS: usize = 45;
/// Posts that `ws_contoso` starts with.
const CONTOSO_POSTS: usize = 5;
/// The time in seeded ids: fixed, so that a seed gives the same ids at each start. 2026-01-01T00:00:00Z.
const ID_SECOND: i64 = 1_767_225_600;

/// Words for titles and texts.
///
/// *Source*: `assets/sandbox/seed.json`.
#[derive(Debug, Default, Deserialize)]
struct Words {
    subjects: Vec<String>,
    editions: Vec<String>,
    bodies: Vec<String>,
}

/// Numbers that follow from a seed alone (splitmix64, Steele, Lea and Flood 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of a list; `fallback` of an empty one.
    fn pick<'a>(&mut self, list: &'a [String], fallback: &'a str) -> &'a str {
        let index = usize::try_from(self.next() % list.len().max(1) as u64).unwrap_or(0);
        list.get(index).map_or(fallback, String::as_str)
    }
}

/// The stores of a new sandbox, in the order of [`WORKSPACES`].
pub(super) fn stores(seed: u64, now: Timestamp) -> [Store; 2] {
    let words: Words = serde_json::from_str(include_str!("../../assets/sandbox/seed.json")).unwrap_or_default();
    let mut numbers = Numbers(seed);
    let mut northwind = fill(&words, &mut numbers, NORTHWIND_POSTS + 1, now);
    let contoso = fill(&words, &mut numbers, CONTOSO_POSTS, now);
    // The oldest one is gone, so that there is a deleted id from the first moment.
    let oldest = post_id(&mut Numbers(seed), 0);
    let _ = northwind.delete(&oldest);
    [northwind, contoso]
}

/// An id of a seeded post: the same for the same seed, in the order of `index`.
fn post_id(numbers: &mut Numbers, index: usize) -> String {
    let at = Timestamp::from_second(ID_SECOND + i64::try_from(index).unwrap_or(0) * 3600).unwrap_or_default();
    let mut random = [0u8; 10];
    for byte in &mut random {
        *byte = numbers.next().to_le_bytes()[0];
    }
    format!("post_{}", ulid(at, random))
}

/// `count` posts: of each five, three are published, one is scheduled and one is a draft.
fn fill(words: &Words, numbers: &mut Numbers, count: usize, now: Timestamp) -> Store {
    let mut store = Store::default();
    for index in 0..count {
        let id = post_id(numbers, index);
        let title = format!(
            "{} {}, {}",
            numbers.pick(&words.subjects, "Post"),
            index + 1,
            numbers.pick(&words.editions, "first edition")
        );
        let days = |days: usize| Duration::from_secs(86_400 * days as u64);
        let created_at = now.checked_sub(days(count - index)).unwrap_or(now);
        let publish_at = match index % 5 {
            0..3 => created_at.checked_add(Duration::from_secs(6 * 3600)).ok(),
            3 => now.checked_add(days(index + 1)).ok(),
            _ => None,
        };
        let all = ChannelName::ALL.into_iter().map(|name| Channel { name, audience: Audience::Everyone });
        store.put(Post {
            id,
            slug: slug_of(&title),
            title,
            body: Some(numbers.pick(&words.bodies, "").to_owned()),
            publish_at,
            channels: all.take(1 + index % 3).collect(),
            notify: index % 2 == 0,
            version: 1,
            created_at,
            updated_at: created_at,
        });
    }
    store
}

/// A title in lower-case words joined by hyphens.
fn slug_of(title: &str) -> String {
    let words: Vec<String> = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sandbox::query::read_list_query;

    fn ids(seed: u64) -> Vec<String> {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let [northwind, _] = stores(seed, now);
        let page = northwind.list(&read_list_query("limit=100").unwrap(), now);
        page.posts.iter().map(|post| post.id.clone()).collect()
    }

    #[test]
    fn the_words_are_there() {
        let words: Words = serde_json::from_str(include_str!("../../assets/sandbox/seed.json")).unwrap();
        assert!(!words.subjects.is_empty() && !words.editions.is_empty() && !words.bodies.is_empty());
    }

    #[test]
    fn a_seed_gives_the_same_ids_and_another_seed_others() {
        assert_eq!(ids(1).len(), NORTHWIND_POSTS);
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn every_state_is_there_and_one_post_is_deleted() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let [northwind, contoso] = stores(1, now);
        for state in ["draft", "scheduled", "published"] {
            for store in [&northwind, &contoso] {
                let query = read_list_query(&format!("state={state}")).unwrap();
                assert!(!store.list(&query, now).posts.is_empty(), "{state}");
            }
        }
        let deleted = post_id(&mut Numbers(1), 0);
        let failure = northwind.get(&deleted).unwrap_err();
        assert_eq!(failure.details.unwrap().1, "post was deleted");
    }
}
