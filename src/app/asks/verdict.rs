//! What an answer says of an id: it is there, it was deleted, it is not here, or nothing for certain.

use crate::app::answer::Answer;
use crate::envelope::AnsweredBy;
use crate::text::{Document, Kind, Node};

/// What became of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The workspace that was asked lists it.
    Listed,
    /// The API says that it was deleted.
    Deleted,
    /// The API does not know it in that workspace.
    NotHere,
    /// Nothing that could be told; why, in words.
    Unknown(String),
}

impl Verdict {
    /// What it says, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Listed => "it is there".to_owned(),
            Self::Deleted => "it was deleted".to_owned(),
            Self::NotHere => "it is not there, or lies outside this workspace".to_owned(),
            Self::Unknown(why) => format!("unknown; {why}"),
        }
    }
}

/// Words that say for certain that a thing was deleted.
const DELETED: [&str; 6] =
    ["was deleted", "been deleted", "is deleted", "already deleted", "was removed", "been removed"];
/// Words beside them that take the certainty away.
const DOUBT: [&str; 10] =
    ["may ", "might ", "could ", " or ", "perhaps", "possibly", "maybe", "not deleted", "unless ", " if "];
/// Members that mark what is kept after its deletion.
const MARKS: [&str; 6] = ["deleted", "isDeleted", "is_deleted", "deletedAt", "deleted_at", "deletedOn"];

/// What the answer to a GET of one thing says of it.
pub(super) fn verdict_of(answer: &Answer) -> Verdict {
    if let Some(error) = &answer.transport_error {
        return Verdict::Unknown(error.summary.clone());
    }
    let Some(status) = answer.status else { return Verdict::Unknown("no answer came".to_owned()) };
    let said = answer.diagnosis.as_ref();
    let reasons = said.into_iter().flat_map(|said| {
        let reasons = said.fields.iter().filter_map(|field| field.reason.as_deref());
        reasons.chain(said.code.as_deref()).chain(said.message.as_deref())
    });
    let seen = Seen {
        status,
        is_error: answer.is_failure(),
        reasons: reasons.collect(),
        answered_by: said.map_or(AnsweredBy::Unknown, |said| said.answered_by),
        body: &answer.raw.text,
    };
    seen.verdict().unwrap_or_else(|| Verdict::Unknown(format!("the API answered {}", answer.status_line())))
}

/// What decides.
struct Seen<'a> {
    status: u16,
    is_error: bool,
    reasons: Vec<&'a str>,
    answered_by: AnsweredBy,
    body: &'a str,
}

impl Seen<'_> {
    fn verdict(&self) -> Option<Verdict> {
        // What stands in between does not know what the API has.
        if matches!(self.answered_by, AnsweredBy::Gateway | AnsweredBy::Cdn | AnsweredBy::Proxy) {
            return Some(Verdict::Unknown(format!("not the API answered, but a {}", self.answered_by.word())));
        }
        match self.status {
            200..=299 if !self.is_error => Some(self.of_success()),
            410 => Some(Verdict::Deleted),
            404 if self.reasons.iter().any(|words| says_deleted(words)) => Some(Verdict::Deleted),
            404 if self.answered_by == AnsweredBy::Api || self.is_json_or_empty() => Some(Verdict::NotHere),
            404 => Some(Verdict::Unknown("a page answered, not the API: the path itself may not exist".to_owned())),
            401 => Some(Verdict::Unknown("the API did not take the credential".to_owned())),
            403 => Some(Verdict::Unknown("this credential may not see it".to_owned())),
            429 => Some(Verdict::Unknown("the API wants no more calls for now".to_owned())),
            _ => None,
        }
    }

    fn is_json_or_empty(&self) -> bool {
        self.body.trim().is_empty() || Document::parse(self.body).is_complete()
    }

    fn of_success(&self) -> Verdict {
        let document = Document::parse(self.body);
        let root = document.root().filter(|root| document.is_complete() && root.kind() == Kind::Object);
        let Some(root) = root else {
            return Verdict::Unknown("the answer is no JSON object".to_owned());
        };
        let inner = root.get("data").filter(|inner| inner.kind() == Kind::Object);
        if [Some(root), inner].into_iter().flatten().any(is_marked) { Verdict::Deleted } else { Verdict::Listed }
    }
}

/// Shape: `"deleted": true`, `"deletedAt": "2026-01-01T00:00:00Z"`.
fn is_marked(thing: Node<'_, '_>) -> bool {
    MARKS.iter().filter_map(|name| thing.get(name)).any(|mark| match mark.kind() {
        Kind::String => mark.as_str().is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit())),
        _ => mark.as_bool() == Some(true),
    })
}

/// Whether words say for certain that a thing was deleted.
fn says_deleted(words: &str) -> bool {
    let words: String = words.chars().take(1000).flat_map(char::to_lowercase).collect();
    let is_word_alone = matches!(words.trim(), "deleted" | "gone" | "resource_deleted" | "removed");
    is_word_alone
        || (DELETED.iter().any(|said| words.contains(said)) && !DOUBT.iter().any(|doubt| words.contains(doubt)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16, reasons: &[&str], answered_by: AnsweredBy, body: &str) -> Option<Verdict> {
        Seen { status, is_error: status >= 400, reasons: reasons.to_vec(), answered_by, body }.verdict()
    }

    #[test]
    fn only_certain_words_say_that_something_was_deleted() {
        for yes in ["post was deleted", "This user has been deleted.", "deleted", "Object is deleted"] {
            assert!(says_deleted(yes), "{yes}");
        }
        for no in [
            "it may have been deleted",
            "the page was deleted or never existed",
            "post does not exist",
            "not deleted",
            "deleted items are not shown",
        ] {
            assert!(!says_deleted(no), "{no}");
        }
    }

    #[test]
    fn who_answers_and_with_what_decides() {
        let api = AnsweredBy::Api;
        assert_eq!(verdict(200, &[], AnsweredBy::Unknown, r#"{"id":"a"}"#), Some(Verdict::Listed));
        assert_eq!(verdict(200, &[], AnsweredBy::Unknown, r#"{"id":"a","deleted":true}"#), Some(Verdict::Deleted));
        let at = r#"{"data":{"deletedAt":"2026-01-01T00:00:00Z"}}"#;
        assert_eq!(verdict(200, &[], AnsweredBy::Unknown, at), Some(Verdict::Deleted));
        let kept = r#"{"deletedAt":null,"deleted":false}"#;
        assert_eq!(verdict(200, &[], AnsweredBy::Unknown, kept), Some(Verdict::Listed));
        assert!(matches!(verdict(200, &[], AnsweredBy::Unknown, "<html>"), Some(Verdict::Unknown(_))));
        assert_eq!(verdict(410, &[], api, ""), Some(Verdict::Deleted));
        assert_eq!(verdict(404, &["post was deleted"], api, "{}"), Some(Verdict::Deleted));
        assert_eq!(verdict(404, &["no such post"], api, "{}"), Some(Verdict::NotHere));
        assert_eq!(verdict(404, &[], AnsweredBy::Unknown, ""), Some(Verdict::NotHere));
        for (status, by, body) in [
            (404, AnsweredBy::Unknown, "<html>404</html>"),
            (404, AnsweredBy::Gateway, "{}"),
            (410, AnsweredBy::Cdn, ""),
            (403, api, "{}"),
        ] {
            assert!(matches!(verdict(status, &[], by, body), Some(Verdict::Unknown(_))), "{status} {by:?}");
        }
        assert_eq!(verdict(500, &["post was deleted"], api, "{}"), None);
    }
}
