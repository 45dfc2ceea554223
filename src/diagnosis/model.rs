//! The diagnosis object: what is said of an answer, and where its findings lie.

use serde::Serialize;

use crate::envelope::{AnsweredBy, RequestId};
use crate::profile::Link;

use super::Place;

/// Everything a diagnosis is made from; an exchange, a file or one line of a stream.
///
/// *Secrets*: possibly, in every part.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosisInput<'a> {
    /// The answer's status code.
    pub status: u16,
    /// The answer's headers as received, one entry a line.
    pub headers: &'a [(String, String)],
    /// The answer's body.
    pub body: &'a [u8],
    /// The request's method, if known.
    pub method: Option<&'a str>,
    /// The request's address, absolute or a path with its query, if known.
    pub url: Option<&'a str>,
    /// The names of the headers that were sent, if known.
    pub request_headers: &'a [&'a str],
    /// The payload's text exactly as sent; none if it is not known, empty if there was none.
    pub payload: Option<&'a str>,
}

/// What an answer says, what it means and what to do.
///
/// Its JSON form is the stable contract of `altyaa diagnose`; fields may be added, never renamed.
/// *Secrets*: possibly; texts of the answer may repeat what was sent, so it leaves memory only redacted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The shape's name, `unknown` where none fits.
    pub format: String,
    /// The status code.
    pub status: u16,
    /// The machine code.
    pub code: Option<String>,
    /// The sentence to read first.
    pub message: Option<String>,
    /// Every request field the answer blames, in its order.
    pub fields: Vec<FieldFinding>,
    /// The id that support can find the call by.
    pub request_id: Option<RequestId>,
    /// All other ids, best first.
    pub other_ids: Vec<RequestId>,
    /// Seconds to wait before sending again.
    pub retry_after_s: Option<f64>,
    /// What the code means by the profile's catalogue, else what the status means by its standard.
    pub meaning: Option<String>,
    /// What to do, step by step.
    pub resolve: Vec<String>,
    /// Where more is written: the answer's own link, else the catalogue's.
    pub doc_url: Option<String>,
    /// Who wrote the answer.
    pub answered_by: AnsweredBy,
    /// What the program can do about it, in the order offered.
    pub actions: Vec<Action>,
    /// Where status, headers and body disagree, a sentence each; left out where they do not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub disagreements: Vec<String>,
    /// Who says what `meaning` says.
    #[serde(skip)]
    pub meaning_by: MeaningSource,
    /// The catalogue's link for the code, which may be a title without an address.
    #[serde(skip)]
    pub link: Option<Link>,
    /// Whether the answer tells of an error: a status from 400 on, or an envelope under any status.
    #[serde(skip)]
    pub is_error: bool,
}

/// Who explains a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MeaningSource {
    /// The profile's catalogue of codes.
    Catalogue,
    /// The standards of OAuth.
    OAuth,
    /// The standard of HTTP, by the status alone.
    #[default]
    Http,
}

impl MeaningSource {
    /// What it is called beside the meaning.
    pub fn words(self) -> &'static str {
        match self {
            Self::Catalogue => "by the catalogue",
            Self::OAuth => "by the OAuth standards",
            Self::Http => "by the HTTP standard",
        }
    }
}

/// A request field that the answer blames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldFinding {
    /// The path as the answer spells it.
    pub path: String,
    /// Which part of the request it is in.
    pub location: Location,
    /// Why it is blamed, in the answer's words.
    pub reason: Option<String>,
    /// The value in the payload's text; none for what is not there, and in a text that is not strict JSON.
    pub span: Option<PlaceInText>,
    /// The object that a field belongs in that is not there; none if that is not there either.
    pub within: Option<PlaceInText>,
    /// The key in `within` that was probably meant.
    pub nearest: Option<String>,
    /// Where the object is missing too: the key further up that was probably meant.
    #[serde(skip)]
    pub nearest_above: Option<String>,
    /// How the request spells it, where that differs in case or style; left out where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_as: Option<String>,
    /// The value that is meant if the answer counts from 1, where something speaks for that; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_based: Option<PlaceInText>,
    /// The place in a payload that is no JSON: a form's value as written, a token of a bare GraphQL query; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_span: Option<PlaceInText>,
    /// Where a window marks it.
    #[serde(skip)]
    pub place: Place,
    /// The token of a GraphQL query as it was sent, so that a changed query can be searched for it.
    #[serde(skip)]
    pub token: Option<String>,
}

impl FieldFinding {
    /// Its place in the payload, whatever kind of text that is.
    pub fn in_payload(&self) -> Option<PlaceInText> {
        self.span.or(self.text_span)
    }

    /// Which other place may be meant, in words.
    pub fn doubt(&self) -> Option<String> {
        let PlaceInText { line, column, .. } = self.one_based?;
        let why =
            if self.span.is_some() { "the reason speaks of that value" } else { "counted from 0 it is beyond the end" };
        Some(format!("Counted from 1 this is line {line}, column {column}: {why}"))
    }

    /// How the request spells it otherwise, in words; the name in it is foreign text.
    pub fn difference(&self) -> Option<String> {
        self.found_as.as_ref().map(|name| format!("The request spells it {name}"))
    }
}

/// A part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Location {
    /// The payload.
    Body,
    /// A query parameter of the address.
    Query,
    /// A segment of the address's path.
    Path,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The text of a GraphQL query.
    Graphql,
    /// The payload as a whole.
    Whole,
    /// The answer names a field, and nothing tells where it is.
    Unknown,
}

impl Location {
    /// The word for it in `--json` output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Graphql => "graphql",
            Self::Whole => "whole",
            Self::Unknown => "unknown",
        }
    }
}

/// A value in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceInText {
    /// Its first byte, counted from 0 in UTF-8, a byte-order mark counted.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its column in Unicode scalar values, counted from 1.
    pub column: usize,
}

/// Something the program can do about a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// Its stable id. Shape: `set_field`.
    pub id: String,
    /// What the button says. Shape: `Set publishAt`.
    pub label: String,
}
