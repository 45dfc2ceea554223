//! How an error looks, declared with JSON Pointers into its body.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// How an error looks, with JSON Pointers into its body.
///
/// A body is of this shape if `requires` holds, none of `without` is there, and, where `requires` is empty, the code is
/// a text.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeShape {
    /// The machine code; of several pointers the first that leads to one counts. Shape: `/error/code`.
    #[serde(default)]
    pub code: Pointers,
    /// The sentence for people. Shape: `/error/message`.
    #[serde(default)]
    pub message: Pointers,
    /// The one blamed field's path.
    #[serde(default)]
    pub field: Option<String>,
    /// Why that field is blamed.
    #[serde(default)]
    pub reason: Pointers,
    /// Where more blamed fields stand.
    #[serde(default)]
    pub fields: Vec<FieldRule>,
    /// The answer's own documentation link.
    #[serde(default)]
    pub doc_url: Pointers,
    /// Members that are ids of the call in this shape alone.
    #[serde(default)]
    pub ids: Pointers,
    /// What has to be there.
    #[serde(default)]
    pub requires: Vec<Condition>,
    /// Members that other APIs have in the same place: a body with one of them is not of this shape.
    #[serde(default)]
    pub without: Vec<String>,
    /// Headers that only other APIs send: an answer with one of them is not of this shape.
    #[serde(default)]
    pub without_headers: Vec<String>,
    /// Whether such a body is an error whatever the status says; else only from 400 on.
    #[serde(default)]
    pub in_any_status: bool,
}

/// Something that a body of a shape has.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Where, as a JSON Pointer; `null` counts as not there.
    pub at: String,
    /// What kind of value it is.
    #[serde(default)]
    pub is: Option<ValueKind>,
    /// The text it is, or one of several.
    #[serde(default)]
    pub equals: Pointers,
    /// A text it is not.
    #[serde(default)]
    pub not: Option<String>,
}

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// An array with something in it.
    List,
    /// An object.
    Object,
}

/// Where blamed fields stand: in the entries of a list, or as the keys of an object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    /// The list with an entry for each field. Shape: `/error/details`.
    #[serde(default)]
    pub each: Option<String>,
    /// The object whose keys are the fields and whose values are their reasons. Shape: `/errors`.
    #[serde(default)]
    pub keys_of: Option<String>,
    /// The field's path in an entry, also a list of paths. Shape: `/field`.
    #[serde(default)]
    pub path: Pointers,
    /// Why it is blamed, in an entry. Shape: `/message`.
    #[serde(default)]
    pub reason: Pointers,
    /// The member of an entry that says in which part of the request it is: body, query, path, header or cookie.
    #[serde(default)]
    pub place: Option<String>,
}

/// One text, or several of which the first that helps counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers(pub Vec<String>);

impl Pointers {
    /// In their order.
    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Pointers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Pointers;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Pointers, E> {
                Ok(Pointers(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Pointers, A::Error> {
                let mut all = Vec::new();
                while let Some(text) = texts.next_element()? {
                    all.push(text);
                }
                Ok(Pointers(all))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}
