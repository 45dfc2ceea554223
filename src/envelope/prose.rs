//! Fields that an answer names only in its sentences, for the formats that are known to do so.

use super::Stated;
use super::reading::Fields;

/// How much of a sentence is searched, in bytes.
const SEARCHED_BYTES: usize = 64 * 1024;

/// The beginning of a text that is searched.
fn searched(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SEARCHED_BYTES)).unwrap_or(text)
}

/// Slack's way: `[ERROR] must be a string [json-pointer:/blocks/0/type]`; the whole text is the reason.
pub(super) fn json_pointers(text: &str, fields: &mut Fields) {
    for part in searched(text).split("[json-pointer:").skip(1) {
        if let Some((pointer, _)) = part.split_once(']') {
            fields.add(pointer, Some(text.to_owned()), Stated::Body);
        }
    }
}

/// Notion's way: every path that begins with `body.` and stands before a verb; the reason is its line.
///
/// Shape: `body.parent.id should be a valid uuid, instead was ...`.
pub(super) fn body_paths(text: &str, fields: &mut Fields) {
    for line in searched(text).lines() {
        let mut rest = line;
        // A sentence may go on with another path after a comma or a full stop; each has a verb of its own.
        let mut starts: Vec<usize> = Vec::new();
        let mut offset = 0;
        while let Some(at) = rest.find("body.") {
            let is_word = line.get(..offset + at).is_none_or(|before| !before.ends_with(|c: char| is_path_char(c)));
            let after = rest.get(at..).unwrap_or("");
            let path_end = after.find(|c: char| !is_path_char(c)).unwrap_or(after.len());
            let verb = after.get(path_end..).unwrap_or("").trim_start_matches(['`', '"', '\'']).trim_start();
            if is_word
                && ["should", "must", "is ", "was ", "has ", "failed", "cannot", "does"]
                    .iter()
                    .any(|v| verb.starts_with(v))
            {
                starts.push(offset + at);
            }
            let step = at + "body.".len();
            offset += step;
            rest = rest.get(step..).unwrap_or("");
        }
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(line.len());
            let Some(part) = line.get(*start..end) else { continue };
            let path_end = part.find(|c: char| !is_path_char(c)).unwrap_or(part.len());
            let path = part.get(..path_end).unwrap_or("").trim_end_matches(['.', ',', ':']);
            let reason = part.trim().trim_end_matches(" or").trim_end_matches(" and").trim_end_matches(',').trim_end();
            fields.add(path, Some(reason.to_owned()), Stated::Body);
        }
    }
}

/// Anthropic's way: the sentence begins with the path and a colon. Shape: `messages.0.content: Field required`.
pub(super) fn leading_path(text: &str, fields: &mut Fields) {
    for line in searched(text).lines().take(100) {
        let Some((path, reason)) = line.split_once(": ") else { continue };
        let is_path = path.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && path.chars().all(is_path_char)
            && path.chars().any(char::is_alphanumeric);
        if is_path {
            fields.add(path, Some(reason.trim().to_owned()), Stated::Nowhere);
        }
    }
}

fn is_path_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '$')
}

/// The texts in double quotes of a sentence, in order; of each quote at most this many bytes.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    searched(text).split('"').skip(1).step_by(2).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(read: impl Fn(&mut Fields)) -> Vec<(String, Option<String>)> {
        let mut fields = Fields::default();
        read(&mut fields);
        fields.into_vec().into_iter().map(|field| (field.path, field.reason)).collect()
    }

    fn field(path: &str, reason: &str) -> (String, Option<String>) {
        (path.to_owned(), Some(reason.to_owned()))
    }

    #[test]
    fn notion_names_paths_before_a_verb() {
        let text = "body failed validation. Fix one:\nbody.parent.page_id should be defined, instead was `undefined`.\n\
                    body.children[0].type should be `text`, instead was `\"body.x\"`.";
        let expected = [
            field("body.parent.page_id", "body.parent.page_id should be defined, instead was `undefined`."),
            field("body.children[0].type", "body.children[0].type should be `text`, instead was `\"body.x\"`."),
        ];
        assert_eq!(said(|fields| body_paths(text, fields)), expected);
        assert_eq!(said(|fields| body_paths("anybody.x should know", fields)), []);
    }

    #[test]
    fn anthropic_begins_with_the_path() {
        let read = |text: &str| said(|fields| leading_path(text, fields));
        assert_eq!(read("messages.0.content: Field required"), [field("messages.0.content", "Field required")]);
        assert_eq!(read("max_tokens: 9 > 8: too many"), [field("max_tokens", "9 > 8: too many")]);
        assert_eq!(read("Your request failed: try again"), []);
        assert_eq!(read("no path here"), []);
    }

    #[test]
    fn slack_writes_pointers_in_brackets() {
        let text = "[ERROR] must be a valid value [json-pointer:/blocks/0/type]";
        assert_eq!(said(|fields| json_pointers(text, fields)), [field("/blocks/0/type", text)]);
        assert_eq!(said(|fields| json_pointers("[json-pointer:/a", fields)), []);
    }
}
