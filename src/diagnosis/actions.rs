//! Which guided actions an answer gets: those the catalogue names, less those the evidence rules out.

use super::{Action, FieldFinding, Location};
use crate::profile::{Profile, action_label};

/// What decides whether an action makes sense.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// The blamed fields.
    pub fields: &'a [FieldFinding],
    /// Whether the answer says how long to wait.
    pub has_wait: bool,
    /// Whether there is an address to open.
    pub has_docs: bool,
    /// The profile, for its status page and its workspace header.
    pub profile: &'a Profile,
}

/// The actions of a list of ids that make sense here, with their labels filled in.
pub(super) fn offered(ids: &[String], evidence: Evidence<'_>) -> Vec<Action> {
    ids.iter().filter_map(|id| Some(Action { id: id.clone(), label: label(id, evidence)? })).collect()
}

/// The label; none if the action could do nothing.
fn label(id: &str, evidence: Evidence<'_>) -> Option<String> {
    let template = action_label(id)?;
    let in_body = evidence.fields.iter().find(|field| field.location == Location::Body);
    let makes_sense = match id {
        "set_field" => in_body.is_some(),
        "add_header" => evidence.profile.workspace.is_some(),
        "propose_slug" => in_body.is_some_and(|field| last_word(&field.path).eq_ignore_ascii_case("slug")),
        "wait_and_send" => evidence.has_wait,
        "open_docs" => evidence.has_docs,
        "open_status" => evidence.profile.link("status_page").is_some(),
        _ => true,
    };
    if !makes_sense {
        return None;
    }
    let field = in_body.map_or_else(String::new, |field| shortened(&field.path));
    let header = evidence.profile.workspace.as_ref().map_or("", |rule| rule.header.as_str());
    // The header comes from the profile and holds no brace; the field comes from outside and is filled in last.
    Some(template.replace("{workspace_header}", header).replace("{field}", &field))
}

/// A path that fits on a button.
fn shortened(path: &str) -> String {
    match path.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", path.get(..at).unwrap_or("")),
        None => path.to_owned(),
    }
}

/// The last name in a path, whatever its spelling.
fn last_word(path: &str) -> &str {
    path.trim_end_matches([']', '"', '\'']).rsplit(['.', '/', '[', '"', '\'']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_of_a_path() {
        for path in ["slug", "post.slug", "/post/slug", "post[slug]", "post['slug']", "$.post[\"slug\"]"] {
            assert_eq!(last_word(path), "slug", "{path}");
        }
        assert_eq!(last_word(""), "");
    }
}
