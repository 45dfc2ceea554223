//! What a draft from the history has to be filled in with before it can be sent.

use super::history::NOT_KEPT;
use crate::exchange::RequestDraft;
use crate::secret::placeholders;
use crate::text::{Document, LineIndex, visible_line};
use crate::workspace::DraftPart;

/// How many places of a payload are named; behind them only that there are more.
const MAX_GAPS: usize = 200;

/// A place whose value was removed or not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The part of the draft it is in.
    pub part: DraftPart,
    /// What it is called. Shape: `header X-Api-Key`, `body /password`, `the URL`.
    pub name: String,
}

/// The gaps of a payload, in the order of the text. Takes time in proportion to its length.
pub fn gaps_of(document: &Document<'_>, lines: &LineIndex) -> Vec<Gap> {
    let text = document.text();
    let mut gaps: Vec<Gap> = Vec::new();
    for found in placeholders(text) {
        // Both are parts of one text.
        let offset = (found.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let node = document.node_at(offset).filter(|_| document.is_complete());
        let name = match node.map(|node| node.pointer()) {
            _ if found == NOT_KEPT => "the rest of the body, which was not kept".to_owned(),
            Some(pointer) if !pointer.is_root() => format!("body {}", visible_line(pointer.as_str())),
            _ => format!("body line {}", lines.position(offset).line),
        };
        if gaps.last().is_none_or(|last| last.name != name) {
            gaps.push(Gap { part: DraftPart::Body, name });
        }
        if gaps.len() > MAX_GAPS {
            break;
        }
    }
    gaps
}

/// All gaps of a draft: those of its lines and fields, and those that were found in its payload.
pub(super) fn of_draft(draft: &RequestDraft, in_body: &[Gap]) -> Vec<Gap> {
    let is_open = |text: &str| placeholders(text).next().is_some();
    let mut gaps = Vec::new();
    let mut add = |part: DraftPart, name: String| gaps.push(Gap { part, name });
    if is_open(&draft.url) {
        add(DraftPart::Url, "the URL".into());
    }
    for (index, line) in draft.headers.iter().enumerate().filter(|(_, line)| line.is_enabled) {
        if is_open(&line.value) {
            add(DraftPart::Header(index), format!("header {}", visible_line(&line.name)));
        }
    }
    if draft.workspace.as_deref().is_some_and(is_open) {
        add(DraftPart::Workspace, "the workspace".into());
    }
    gaps.extend_from_slice(in_body);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::HeaderLine;

    fn names(text: &str) -> Vec<String> {
        gaps_of(&Document::parse(text), &LineIndex::new(text)).into_iter().map(|gap| gap.name).collect()
    }

    #[test]
    fn a_gap_of_json_is_named_by_its_pointer_and_of_a_text_by_its_line() {
        let json = "{\"password\": \"‹password#1›\",\n \"list\": [1, \"Bearer ‹token#2›\"], \"own\": \"‹not ours›\"}";
        assert_eq!(names(json), ["body /password", "body /list/1"]);
        assert_eq!(names("a=1\nb=‹token#1›&c=‹token#2›\n"), ["body line 2"]);
        assert_eq!(names(&format!("{{\"a\": {NOT_KEPT}")), ["the rest of the body, which was not kept"]);
        assert!(names("{\"a\": 1}").is_empty());
    }

    #[test]
    fn lines_that_are_switched_off_need_nothing() {
        let line = |name: &str, value: &str, is_enabled: bool| HeaderLine {
            name: name.into(),
            value: value.into(),
            is_enabled,
        };
        let draft = RequestDraft {
            url: "{{base}}/x?key=‹token#1›".into(),
            headers: vec![
                line("X-Off", "‹token#2›", false),
                line("X-Api-Key", "‹token#3›", true),
                line("X-Plain", "1", true),
            ],
            ..RequestDraft::default()
        };
        let found: Vec<String> = of_draft(&draft, &[]).into_iter().map(|gap| gap.name).collect();
        assert_eq!(found, ["the URL", "header X-Api-Key"]);
    }
}
