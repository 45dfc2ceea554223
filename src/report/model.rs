//! What a report holds, before it gets a form.

use jiff::Timestamp;

use crate::checklist::{self, Check};
use crate::credentials::doctor::TokenFinding;
use crate::exchange::ExchangeRecord;
use crate::profile::Profile;
use crate::secret::{Redacted, Removed};
use crate::text::{Document, LineIndex, locate};

/// How many blamed fields a report names.
pub const MOST_FIELDS: usize = 20;

/// Everything support asks for, without a secret.
#[derive(Clone, Debug)]
pub struct EscalationReport<'r> {
    /// The exchange.
    pub record: &'r Redacted<ExchangeRecord>,
    /// The environment's title; none for an address of no environment.
    pub environment: Option<String>,
    /// The first blamed fields, at most [`MOST_FIELDS`], with line and column in the redacted payload.
    pub fields: Vec<ReportField>,
    /// How many more fields are blamed.
    pub more_fields: usize,
    /// The five checks.
    pub checks: Vec<Check>,
    /// The profile's status page and support links: titles, and addresses where known.
    pub links: Vec<(String, Option<String>)>,
    /// Credentials whose values could not be read for the last scan, by name.
    pub unread: Vec<String>,
    /// Exceptions of the person's that kept a value in.
    pub exceptions: Vec<Removed>,
    /// When the report was made.
    pub made_at: Timestamp,
}

/// A blamed field in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportField {
    /// The path as the answer spells it.
    pub path: String,
    /// Why.
    pub reason: Option<String>,
    /// Line and column, counted from 1, in the redacted payload; none where it is not there.
    pub place: Option<(usize, usize)>,
}

impl<'r> EscalationReport<'r> {
    /// Puts a report together. Reads nothing but its arguments.
    pub fn new(
        record: &'r Redacted<ExchangeRecord>,
        own: &Profile,
        generic: &Profile,
        unread: Vec<String>,
        made_at: Timestamp,
        token: Vec<TokenFinding>,
    ) -> Self {
        // What another profile's environments are, this one cannot say.
        let is_foreign = record.profile != own.name;
        let profile = if is_foreign { generic } else { own };
        let environment = own.environment(&record.environment).filter(|_| !is_foreign);
        let (fields, more_fields) = fields(record);
        Self {
            record,
            environment: environment.map(|environment| environment.title.clone()),
            fields,
            more_fields,
            checks: checklist::evaluate(&checklist::gather(record, profile).with_token(token), own),
            links: own
                .links
                .iter()
                .filter(|link| matches!(link.topic.as_str(), "status_page" | "developer_portal"))
                .map(|link| (link.title.clone(), link.url.clone()))
                .collect(),
            unread,
            exceptions: Vec::new(),
            made_at,
        }
    }
}

/// The first fields of the diagnosis, their places found anew in the redacted payload, and how many more there are.
fn fields(record: &ExchangeRecord) -> (Vec<ReportField>, usize) {
    let Some(list) = record.diagnosis.as_ref().and_then(|d| d.get("fields")).and_then(serde_json::Value::as_array)
    else {
        return (Vec::new(), 0);
    };
    let document = Document::parse(&record.request_body.text);
    let lines = LineIndex::new(&record.request_body.text);
    let text =
        |field: &serde_json::Value, name: &str| field.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let named = list.iter().take(MOST_FIELDS).filter_map(|field| {
        let path = text(field, "path")?;
        let is_query_text = field.get("location").is_some_and(|location| location == "graphql");
        let is_in_payload = !is_query_text && field.get("span").is_some_and(serde_json::Value::is_object);
        let found = is_in_payload.then(|| locate(&document, &path)).flatten().map(|node| {
            let position = lines.position(node.span().start);
            (position.line, position.column)
        });
        // In a form or a query the record's own span is the place; it was moved along with what was removed.
        let number = |name: &str| usize::try_from(field.get("span")?.get(name)?.as_u64()?).ok();
        let place = found.or_else(|| number("line").zip(number("column")));
        Some(ReportField { reason: text(field, "reason"), path, place })
    });
    (named.collect(), list.len().saturating_sub(MOST_FIELDS))
}
