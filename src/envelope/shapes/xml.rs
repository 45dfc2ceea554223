//! AWS in XML: S3's `Error`, and the older query APIs' `ErrorResponse`.

use super::super::Stated;
use super::super::reading::{self, Reading};
use super::super::xml::{Leaf, leaves};

/// Where code and message stand, by the roots that are known.
const ROOTS: [(&str, &str); 3] = [("s3", "/Error"), ("aws", "/ErrorResponse/Error"), ("aws", "/Response/Errors/Error")];

/// What an XML body says, and the ids in it: the value and the way to it.
pub(in super::super) struct XmlReading {
    /// Code, message and fields.
    pub reading: Reading,
    /// Ids, best first. Shape: `("4442587FB7D0A2F9", "/Error/RequestId")`.
    pub ids: Vec<(String, String)>,
}

/// Reads `<Error><Code>…</Code><Message>…</Message><RequestId>…</RequestId><HostId>…</HostId></Error>`.
pub(in super::super) fn read(status: u16, text: &str) -> Option<XmlReading> {
    let all = leaves(text);
    let (format, root) = ROOTS.iter().find(|(_, root)| said(&all, root, "Code").is_some())?;
    let at = |name: &str| said(&all, root, name);
    let mut reading = Reading::new(format);
    reading.code = reading::code(status, [at("Code")]);
    reading.message = at("Message");
    reading.fields.add_some(at("ArgumentName"), reading.message.clone(), Stated::Nowhere);
    reading.fields.add_some(at("Header"), reading.message.clone(), Stated::Header);
    let is_id = |leaf: &&Leaf| {
        leaf.path.rsplit('/').next().is_some_and(|name| ["RequestId", "RequestID", "HostId"].contains(&name))
    };
    let ids = all.iter().filter(is_id).filter(|leaf| !leaf.text.is_empty());
    let mut ids: Vec<(String, String)> = ids.map(|leaf| (leaf.text.clone(), leaf.path.clone())).collect();
    ids.sort_by_key(|(_, path)| path.ends_with("HostId"));
    Some(XmlReading { reading, ids })
}

fn said(all: &[Leaf], root: &str, name: &str) -> Option<String> {
    let is_it = |leaf: &&Leaf| leaf.path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) == Some(name);
    all.iter().find(is_it).map(|leaf| leaf.text.clone()).filter(|text| !text.is_empty())
}
