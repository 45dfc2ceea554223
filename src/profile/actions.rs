//! The guided actions' stable ids and labels, read from `assets/standards/actions.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionFile {
    actions: Vec<ActionText>,
}

/// One action.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionText {
    id: String,
    label: String,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static ACTIONS: LazyLock<ActionFile> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/actions.toml")).unwrap_or_default());

/// Every action's id. Shape: `set_field`.
pub fn action_ids() -> impl Iterator<Item = &'static str> {
    ACTIONS.actions.iter().map(|action| action.id.as_str())
}

/// The label of an action, with `{field}` and `{workspace_header}` still to be filled in; none for an unknown id.
pub fn action_label(id: &str) -> Option<&'static str> {
    ACTIONS.actions.iter().find(|action| action.id == id).map(|action| action.label.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_those_of_the_contract_in_its_order() {
        let contract = "set_field, add_header, choose_credential, refresh_token, sign_in, regenerate, show_scope, \
             check_id, fetch_latest, propose_slug, wait_and_send, retry_backoff, open_status, open_docs, validate, \
             replay_sandbox, export_report";
        assert_eq!(action_ids().collect::<Vec<_>>(), contract.split(", ").collect::<Vec<_>>());
    }
}
