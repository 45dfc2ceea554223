//! The type that proves that a value passed the gate.

use std::ops::Deref;

use serde::Serialize;

use super::Redactor;

/// A value from which every secret was removed; the only thing that is written, exported or copied.
///
/// Only a [`Redactor`] makes one, and [`Redacted::from_own_store`] for what a redactor wrote before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

/// A value that knows which of its parts are text that may hold secrets.
pub trait Redactable: Sized {
    /// The value with each of its texts passed through the redactor's method for that kind of place.
    fn redact_with(self, redactor: &mut Redactor) -> Self;
}

impl<T> Redacted<T> {
    pub(in crate::secret) fn new(value: T) -> Self {
        Self(value)
    }

    /// Wraps what was read back from the history, which takes only redacted values in.
    ///
    /// For the history alone: nothing is removed here. A value from anywhere else passes [`Redactor::redact`].
    pub(crate) fn from_own_store(value: T) -> Self
    where
        T: Redactable,
    {
        Self(value)
    }

    /// The value without its proof, for reading on.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Redacted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl Redactable for String {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        redactor.text(&self)
    }
}

impl<T: Redactable> Redactable for Vec<T> {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        self.into_iter().map(|item| item.redact_with(redactor)).collect()
    }
}

impl<T: Redactable> Redactable for Option<T> {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        self.map(|value| value.redact_with(redactor))
    }
}
