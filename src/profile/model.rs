//! The types of a profile: what an API is, as data.

use serde::Deserialize;

use super::EnvelopeShape;

/// Everything the program knows of one API.
///
/// *Source*: a TOML file; `assets/profiles/altyaa.toml` is the fullest example.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name for choosing it. Shape: `altyaa`.
    pub name: String,
    /// Its name for people. Shape: `Altyaa`.
    pub title: String,
    /// The environments it owns, in the order shown; empty for `generic`.
    #[serde(default)]
    pub environments: Vec<Environment>,
    /// How a credential travels; none if the API has no rule.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// The workspace header; none if the API has no workspaces.
    #[serde(default)]
    pub workspace: Option<WorkspaceRule>,
    /// Where request ids stand.
    #[serde(default)]
    pub request_id: RequestIdRule,
    /// How an error looks; none leaves it to detection.
    #[serde(default)]
    pub envelope: Option<EnvelopeShape>,
    /// What is known of each error code.
    #[serde(default)]
    pub codes: Vec<CodeEntry>,
    /// Links by topic.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The checklist's texts, in order.
    #[serde(default)]
    pub checks: Vec<CheckText>,
    /// Requests to begin with.
    #[serde(default)]
    pub requests: Vec<StarterRequest>,
}

/// One place where the API lives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name for choosing it and for history. Shape: `local`.
    pub name: String,
    /// Its name for people. Shape: `Local sandbox`.
    pub title: String,
    /// What kind of place it is.
    pub kind: EnvironmentKind,
    /// The base address; none for the embedded sandbox, whose address changes at each start.
    #[serde(default)]
    pub base: Option<String>,
    /// Whether it is the one to begin with; exactly one of a profile's environments is.
    #[serde(default)]
    pub is_default: bool,
}

/// What kind of place an environment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentKind {
    /// Real data: visibly different from the others.
    Production,
    /// The provider's place for trying things out.
    Sandbox,
    /// The sandbox inside this program.
    Embedded,
}

/// How a credential travels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The header's name. Shape: `Authorization`.
    pub header: String,
    /// What stands before the secret. Shape: `Bearer `.
    #[serde(default)]
    pub prefix: String,
}

/// The header that names the workspace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceRule {
    /// The header's name. Shape: `X-Altyaa-Workspace`.
    pub header: String,
}

/// Where request ids stand, best first.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestIdRule {
    /// Header names.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Body members as JSON Pointers. Shape: `/error/requestId`.
    #[serde(default)]
    pub body: Vec<String>,
}

/// What is known of one error code.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    /// The code. Shape: `invalid_request`.
    pub code: String,
    /// What it means.
    pub meaning: String,
    /// What to do, step by step.
    pub resolve: Vec<String>,
    /// The topic of the link that says more, one of the profile's `links`.
    #[serde(default)]
    pub link: Option<String>,
    /// Ids of the actions that help, in the order offered. Shape: `add_header`.
    #[serde(default)]
    pub actions: Vec<String>,
}

/// A link by topic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What other entries call it. Shape: `rate_limits`.
    pub topic: String,
    /// Its title. Shape: `Rate Limits & Quotas`.
    pub title: String,
    /// Where it leads; none where no address is known, so that only the title is shown.
    #[serde(default)]
    pub url: Option<String>,
}

/// One of the checklist's texts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckText {
    /// `authentication`, `payload`, `logs`, `sandbox` or `webhooks`.
    pub id: String,
    /// Its title. Shape: `Validate Authentication`.
    pub title: String,
    /// What the document says to do.
    pub text: String,
    /// The topic of the link that says more.
    #[serde(default)]
    pub link: Option<String>,
}

/// A request to begin with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarterRequest {
    /// Its name in the list. Shape: `Schedule a post`.
    pub name: String,
    /// The method.
    pub method: String,
    /// The address. Shape: `{{base}}/v1/posts`.
    pub url: String,
    /// The payload; empty for none.
    #[serde(default)]
    pub body: String,
    /// The credential it needs; none for the one that is chosen. Shape: `local.control-key`.
    #[serde(default)]
    pub credential: Option<String>,
}
