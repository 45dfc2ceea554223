//! What a shape says of a body, put together piece by piece.

use super::{BlamedField, Stated};

/// How many blamed fields of one answer are kept; nobody reads more, and a hostile body must not make millions.
const MOST_FIELDS: usize = 1000;
/// How much of the reasons for one field is kept, in bytes.
const REASON_BYTES: usize = 16 * 1024;

/// What a shape reads from a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// The shape's name.
    pub format: String,
    /// The machine code.
    pub code: Option<String>,
    /// The sentence for people.
    pub message: Option<String>,
    /// The blamed fields.
    pub fields: Fields,
    /// The answer's own documentation link.
    pub doc_url: Option<String>,
    /// JSON Pointers of members that are ids of the call in this shape alone, best first.
    pub ids: Vec<String>,
    /// Seconds to wait, where only this shape says it.
    pub retry_after_s: Option<f64>,
}

impl Reading {
    /// A reading in which nothing is said yet.
    pub(super) fn new(format: &str) -> Self {
        Self { format: format.to_owned(), ..Self::default() }
    }
}

/// The blamed fields in their order, one entry each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<BlamedField>);

impl Fields {
    /// Adds a field; an empty name blames none, and several reasons for one field become one.
    pub(super) fn add(&mut self, path: impl Into<String>, reason: Option<String>, stated: Stated) {
        let path = path.into();
        if path.trim().is_empty() {
            return;
        }
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        let is_full = self.0.len() >= MOST_FIELDS;
        match self.0.iter_mut().find(|field| field.path == path && field.stated == stated) {
            Some(field) => join(&mut field.reason, reason),
            None if is_full => {}
            None => self.0.push(BlamedField { path, reason, stated }),
        }
    }

    /// The same for a path that may not be there.
    pub(super) fn add_some(&mut self, path: Option<String>, reason: Option<String>, stated: Stated) {
        if let Some(path) = path {
            self.add(path, reason, stated);
        }
    }

    /// The fields.
    pub(super) fn into_vec(self) -> Vec<BlamedField> {
        self.0
    }

    /// The reason of the first field, for answers whose first entry speaks for the whole.
    pub(super) fn first_reason(&self) -> Option<String> {
        self.0.first().and_then(|field| field.reason.clone())
    }

    /// Whether no field is blamed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Adds a reason to those that are there; the same one is not said twice.
fn join(known: &mut Option<String>, more: Option<String>) {
    match (known, more) {
        (_, None) => {}
        (none @ None, more) => *none = more,
        (Some(known), Some(more)) => {
            if known.len() + more.len() < REASON_BYTES && !known.split("; ").any(|each| each == more) {
                known.push_str("; ");
                known.push_str(&more);
            }
        }
    }
}

/// The first code that is one: a number that repeats the status, its phrase and `about:blank` are none.
pub(super) fn code(status: u16, candidates: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    candidates.into_iter().flatten().find(|code| is_code(status, code))
}

/// Whether a text says more than the status does.
fn is_code(status: u16, code: &str) -> bool {
    let code = code.trim();
    if code.is_empty() || code == "about:blank" {
        return false;
    }
    if code.parse::<f64>().is_ok_and(|number| number == f64::from(status)) {
        return false;
    }
    let phrase = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    phrase != Some(code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_repeats_the_status_is_no_code() {
        let first = |status, texts: &[&str]| code(status, texts.iter().map(|text| Some((*text).to_owned())));
        assert_eq!(first(404, &["404", "Not Found", "about:blank", " ", "NotFound"]).as_deref(), Some("NotFound"));
        assert_eq!(first(404, &["404.0", "40400"]).as_deref(), Some("40400"));
        assert_eq!(first(401, &["unauthorized"]).as_deref(), Some("unauthorized"));
        assert_eq!(first(401, &["Unauthorized"]), None);
        assert_eq!(first(400, &["404"]).as_deref(), Some("404"));
    }

    #[test]
    fn a_field_has_one_entry_whatever_it_is_blamed_for() {
        let mut fields = Fields::default();
        fields.add("a", Some("too long".into()), Stated::Nowhere);
        fields.add("", Some("nothing".into()), Stated::Nowhere);
        fields.add("b", None, Stated::Nowhere);
        fields.add("a", Some("taken".into()), Stated::Nowhere);
        fields.add("a", Some("taken".into()), Stated::Nowhere);
        fields.add("b", Some("odd".into()), Stated::Nowhere);
        fields.add("a", Some("unknown".into()), Stated::Query);
        let said: Vec<_> = fields.into_vec().into_iter().map(|f| (f.path, f.reason.unwrap(), f.stated)).collect();
        let expected =
            [("a", "too long; taken", Stated::Nowhere), ("b", "odd", Stated::Nowhere), ("a", "unknown", Stated::Query)];
        assert_eq!(said, expected.map(|(path, reason, stated)| (path.into(), reason.into(), stated)));
    }

    #[test]
    fn no_body_can_blame_without_end() {
        let mut fields = Fields::default();
        for index in 0..2 * MOST_FIELDS {
            fields.add(format!("f{index}"), None, Stated::Nowhere);
        }
        assert_eq!(fields.into_vec().len(), MOST_FIELDS);
    }
}
