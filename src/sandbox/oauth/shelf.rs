//! A bounded store in which the oldest makes room for the newest.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::Hash;

use sha2::{Digest as _, Sha256};

/// What a secret that was handed out is found by.
///
/// The hash and not the text: the time of a look-up then tells nothing about the text, and nothing that could be
/// presented again lies in memory or shows in `Debug`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Print([u8; 32]);

impl Print {
    /// The print of a code, a token or a ticket.
    pub(super) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}

impl fmt::Debug for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Print")
    }
}

/// At most so many entries, each under its key.
#[derive(Debug)]
pub(super) struct Shelf<K, V> {
    most: usize,
    next: u64,
    places: HashMap<K, u64>,
    kept: BTreeMap<u64, (K, V)>,
}

impl<K: Clone + Eq + Hash, V> Shelf<K, V> {
    /// An empty one.
    pub(super) fn new(most: usize) -> Self {
        Self { most, next: 0, places: HashMap::new(), kept: BTreeMap::new() }
    }

    /// Puts an entry in; the oldest goes when there is no more room.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        while self.kept.len() >= self.most {
            let Some((_, (oldest, _))) = self.kept.pop_first() else { break };
            self.places.remove(&oldest);
        }
        self.places.insert(key.clone(), self.next);
        self.kept.insert(self.next, (key, value));
        self.next = self.next.wrapping_add(1);
    }

    /// The entry of a key.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.kept.get(self.places.get(key)?).map(|(_, value)| value)
    }

    /// The entry of a key, for changing it.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.kept.get_mut(self.places.get(key)?).map(|(_, value)| value)
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.places.remove(key)?;
        self.kept.remove(&place).map(|(_, value)| value)
    }

    /// Every entry, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.kept.values().map(|(key, value)| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room_and_what_is_taken_out_leaves_none_behind() {
        let mut shelf = Shelf::new(3);
        for n in 0..3 {
            shelf.insert(n, n * 10);
        }
        assert_eq!(shelf.remove(&1), Some(10));
        shelf.insert(3, 30);
        assert_eq!(shelf.get(&0), Some(&0), "there was room");
        shelf.insert(4, 40);
        assert_eq!(shelf.get(&0), None);
        assert_eq!(shelf.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!((shelf.places.len(), shelf.kept.len()), (3, 3));
    }

    #[test]
    fn the_same_key_is_kept_once() {
        let mut shelf = Shelf::new(2);
        shelf.insert("a", 1);
        shelf.insert("a", 2);
        assert_eq!((shelf.get(&"a"), shelf.kept.len()), (Some(&2), 1));
    }
}
