//! What a status means by the standard, from `assets/standards/http_status.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusFile {
    status: Vec<StatusText>,
    class: Vec<ClassText>,
}

/// One status with what is said of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusText {
    status: u16,
    meaning: String,
    resolve: Vec<String>,
    actions: Vec<String>,
}

/// What is said of every other status of a class.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassText {
    class: u16,
    meaning: String,
    resolve: Vec<String>,
    actions: Vec<String>,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static TEXTS: LazyLock<StatusFile> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/http_status.toml")).unwrap_or_default());

/// What the standard says of a status: its meaning, what to do, and the actions that help.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standard {
    /// What it means.
    pub meaning: &'static str,
    /// What to do, step by step.
    pub resolve: &'static [String],
    /// Ids of actions.
    pub actions: &'static [String],
}

/// What the standard says of a status; none below 400 and above 599.
pub(super) fn standard(status: u16) -> Option<Standard> {
    let exact = TEXTS.status.iter().find(|text| text.status == status);
    if let Some(StatusText { meaning, resolve, actions, .. }) = exact {
        return Some(Standard { meaning, resolve, actions });
    }
    let class = TEXTS.class.iter().find(|text| text.class == status / 100);
    class.map(|ClassText { meaning, resolve, actions, .. }| Standard { meaning, resolve, actions })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::action_ids;

    #[test]
    fn the_file_loads_in_order_and_names_only_actions_that_exist() {
        let statuses: Vec<u16> = TEXTS.status.iter().map(|text| text.status).collect();
        assert!(statuses.len() > 20 && statuses.is_sorted_by(|a, b| a < b));
        let actions = TEXTS.status.iter().flat_map(|text| &text.actions);
        for action in actions.chain(TEXTS.class.iter().flat_map(|text| &text.actions)) {
            assert!(action_ids().any(|id| id == action), "{action}");
        }
    }

    #[test]
    fn a_status_without_an_entry_is_explained_by_its_class() {
        assert_eq!(standard(418).unwrap().meaning, "The server holds the request to be at fault.");
        assert_eq!(standard(529).unwrap().meaning, "The server failed to do what seems to be a valid request.");
        assert!(standard(399).is_none());
        assert!(standard(600).is_none());
    }
}
