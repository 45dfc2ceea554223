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

/// Notion's way: every path that begins with `body.`, `path.` or `query.` and stands before a verb.
///
/// The reason of a single one is the whole text, of several each one's own line. Shape: `body failed validation:
/// body.parent.id should be a valid uuid, instead was ...`.
pub(super) fn named_paths(text: &str, fields: &mut Fields) {
    let mut found = Vec::new();
    for line in searched(text).lines() {
        let mut starts = path_starts(line);
        starts.push(line.len());
        for (start, end) in starts.iter().zip(starts.iter().skip(1)) {
            let Some(part) = line.get(*start..*end) else { continue };
            let path_end = part.find(|c: char| !is_path_char(c)).unwrap_or(part.len());
            let path = part.get(..path_end).unwrap_or("").trim_end_matches('.');
            let reason = part.trim().trim_end_matches(" or").trim_end_matches(" and").trim_end_matches(',').trim_end();
            found.push((path, reason));
        }
    }
    let is_one = found.len() == 1;
    for (path, reason) in found {
        let stated = match path.split('.').next() {
            Some("path") => Stated::Path,
            Some("query") => Stated::Query,
            _ => Stated::Body,
        };
        fields.add(path, Some(if is_one { text } else { reason }.to_owned()), stated);
    }
}

/// Where a path begins that a verb follows.
fn path_starts(line: &str) -> Vec<usize> {
    let verbs = ["should", "must", "is ", "was ", "has ", "failed", "cannot", "does"];
    let is_start = |at: usize| {
        let before_is_word = line.get(..at).is_some_and(|before| before.ends_with(is_path_char));
        let after = line.get(at..).unwrap_or("");
        let path_end = after.find(|c: char| !is_path_char(c)).unwrap_or(after.len());
        let verb = after.get(path_end..).unwrap_or("").trim_start_matches(['`', '"', '\'']).trim_start();
        !before_is_word && verbs.iter().any(|word| verb.starts_with(word))
    };
    let parts = ["body.", "path.", "query."];
    let mut starts: Vec<usize> = parts.iter().flat_map(|part| line.match_indices(part)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    starts.truncate(200);
    starts.retain(|at| is_start(*at));
    starts
}

/// Anthropic's way: the sentence begins with the path and a colon. Shape: `messages.0.content: Field required`.
pub(super) fn leading_path(text: &str, fields: &mut Fields) {
    for line in searched(text).lines().take(100) {
        let Some((path, _)) = line.split_once(": ") else { continue };
        let is_path = path.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && path.chars().all(is_path_char)
            && path.chars().any(char::is_alphanumeric);
        if is_path {
            // The path is part of the sentence.
            let sentence = if text.lines().nth(1).is_none() { text } else { line };
            fields.add(path, Some(sentence.trim().to_owned()), Stated::Nowhere);
        }
    }
}

/// OpenAI's way, where `param` is not filled. Shape: `Missing required parameter: 'messages[0].role'.`
pub(super) fn parameter(text: &str, fields: &mut Fields) {
    let starts = [
        "Unrecognized request argument supplied: ",
        "Unrecognized request arguments supplied: ",
        "Missing required parameter: ",
    ];
    let starts = starts.iter().chain(&["Unknown parameter: ", "Unsupported parameter: ", "Invalid type for "]);
    let Some(rest) = starts.copied().find_map(|start| searched(text).strip_prefix(start)) else { return };
    for name in rest.split(", ").take(50) {
        let name = name.trim_start_matches(['\'', '"', '`']);
        let end = name.find(|c: char| !is_path_char(c)).unwrap_or(name.len());
        fields.add(name.get(..end).unwrap_or("").trim_end_matches('.'), Some(text.to_owned()), Stated::Nowhere);
        // Behind a quote or blank the sentence goes on.
        if end < name.len() {
            break;
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
        assert_eq!(said(|fields| named_paths(text, fields)), expected);
        assert_eq!(said(|fields| named_paths("anybody.x should know", fields)), []);
    }

    #[test]
    fn anthropic_begins_with_the_path() {
        let read = |text: &str| said(|fields| leading_path(text, fields));
        assert_eq!(
            read("messages.0.content: Field required"),
            [field("messages.0.content", "messages.0.content: Field required")]
        );
        assert_eq!(read("max_tokens: 9 > 8: too many"), [field("max_tokens", "max_tokens: 9 > 8: too many")]);
        assert_eq!(read("Your request failed: try again"), []);
        assert_eq!(read("no path here"), []);
    }

    #[test]
    fn openai_names_a_parameter_behind_its_sentence() {
        let read =
            |text: &str| said(|fields| parameter(text, fields)).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert_eq!(read("Missing required parameter: 'messages[0].role'."), ["messages[0].role"]);
        assert_eq!(read("Unrecognized request argument supplied: max_token"), ["max_token"]);
        assert_eq!(read("Unrecognized request arguments supplied: a, b"), ["a", "b"]);
        assert_eq!(read("Something else: max_token"), [""; 0]);
    }

    #[test]
    fn slack_writes_pointers_in_brackets() {
        let text = "[ERROR] must be a valid value [json-pointer:/blocks/0/type]";
        assert_eq!(said(|fields| json_pointers(text, fields)), [field("/blocks/0/type", text)]);
        assert_eq!(said(|fields| json_pointers("[json-pointer:/a", fields)), []);
    }
}
