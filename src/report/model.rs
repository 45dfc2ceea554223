//! What a report holds, before it gets a form.

use jiff::Timestamp;

use crate::checklist::{self, Check};
use crate::exchange::ExchangeRecord;
use crate::profile::Profile;
use crate::secret::Redacted;
use crate::text::{Document, LineIndex, locate};

/// Everything support asks for, without a secret.
#[derive(Clone, Debug)]
pub struct EscalationReport<'r> {
    /// The exchange.
    pub record: &'r Redacted<ExchangeRecord>,
    /// The environment's title.
    pub environment: String,
    /// The blamed fields with the line and column in the redacted payload.
    pub fields: Vec<ReportField>,
    /// The five checks.
    pub checks: Vec<Check>,
    /// The profile's status page and support links: titles, and addresses where known.
    pub links: Vec<(String, Option<String>)>,
    /// Credentials whose values could not be read for the last scan, by name.
    pub unread: Vec<String>,
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
    ) -> Self {
        let is_foreign = record.profile == generic.name;
        let profile = if is_foreign { generic } else { own };
        let environment = match own.environment(&record.environment) {
            Some(environment) if !is_foreign => environment.title.clone(),
            _ => "an address of no environment".to_owned(),
        };
        Self {
            record,
            environment,
            fields: fields(record),
            checks: checklist::evaluate(&checklist::gather(record, profile), own),
            links: own
                .links
                .iter()
                .filter(|link| matches!(link.topic.as_str(), "status_page" | "developer_portal"))
                .map(|link| (link.title.clone(), link.url.clone()))
                .collect(),
            unread,
            made_at,
        }
    }
}

/// The fields of the diagnosis, their places found anew in the redacted payload.
fn fields(record: &ExchangeRecord) -> Vec<ReportField> {
    let Some(list) = record.diagnosis.as_ref().and_then(|d| d.get("fields")).and_then(serde_json::Value::as_array)
    else {
        return Vec::new();
    };
    let document = Document::parse(&record.request_body.text);
    let lines = LineIndex::new(&record.request_body.text);
    let text =
        |field: &serde_json::Value, name: &str| field.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    list.iter()
        .filter_map(|field| {
            let path = text(field, "path")?;
            let is_in_payload = field.get("span").is_some_and(serde_json::Value::is_object);
            let place = is_in_payload.then(|| locate(&document, &path)).flatten().map(|node| {
                let position = lines.position(node.span().start);
                (position.line, position.column)
            });
            Some(ReportField { reason: text(field, "reason"), path, place })
        })
        .collect()
}
