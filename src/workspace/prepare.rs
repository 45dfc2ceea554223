//! From a draft to a request that can be sent, or to what is wrong with it.

use http::{HeaderName, HeaderValue, Method, header};
use url::Url;

use super::bases::Bases;
use super::problem::{DraftPart, DraftProblem};
use crate::exchange::{PreparedRequest, RequestDraft};
use crate::profile::{EnvironmentKind, Profile};
use crate::secret::{Redactor, Rules, Secret, placeholders};

/// The methods offered when one is not understood.
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS";
/// The methods that are meant also when they are typed in small letters.
const COMMON_METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];

/// A credential that may be used for the resolved origin, as a header.
#[derive(Clone, Debug)]
pub struct ReadyCredential {
    /// Its name.
    pub name: String,
    /// The header it travels in.
    pub header: HeaderName,
    /// The header's value, marked sensitive.
    pub value: HeaderValue,
    /// The secret in it, and every text made from it.
    pub secrets: Vec<Secret>,
}

/// A draft with everything filled in but the credential, which is asked for by origin.
#[derive(Clone, Debug)]
pub struct Resolved {
    request: PreparedRequest,
    is_foreign: bool,
}

impl Resolved {
    /// The address it will go to.
    pub fn url(&self) -> &Url {
        &self.request.url
    }

    /// Whether the address belongs to none of the profile's environments, so that it goes out under `generic`.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// The workspace that the request names in that header.
    pub fn workspace(&self, header: Option<&str>) -> Option<String> {
        let name = HeaderName::from_bytes(header?.as_bytes()).ok()?;
        let (_, value) = self.request.headers.iter().find(|(other, _)| *other == name)?;
        value.to_str().ok().map(str::to_owned)
    }

    /// The finished request. A header the person typed themselves wins over the credential's.
    pub fn finish(mut self, credential: Option<ReadyCredential>) -> PreparedRequest {
        if let Some(credential) = credential {
            let is_typed = self.request.headers.iter().any(|(name, _)| *name == credential.header);
            if !is_typed {
                self.request.headers.push((credential.header, credential.value));
                self.request.secrets.extend(credential.secrets);
                self.request.credential = Some(credential.name);
            }
        }
        self.request
    }
}

/// Fills in variables, checks every part, and adds what the profile asks for.
///
/// Nothing is sent, read or looked up. A URL of another origin gets no header of the profile.
///
/// *Errors*: the first part that is wrong, with what to write instead.
pub fn resolve(draft: &RequestDraft, profile: &Profile, bases: &Bases) -> Result<Resolved, DraftProblem> {
    let method = method_of(&draft.method)?;
    no_placeholder(DraftPart::Url, "The URL", &draft.url)?;
    let url = url_of(draft, profile, bases)?;
    let owner = bases.owner(&url, &draft.environment);
    let is_foreign = owner.is_none();
    if let Some(owner) = owner.filter(|owner| *owner != draft.environment) {
        return Err(wrong_context(owner, draft, profile));
    }
    let mut headers = headers_of(draft, profile, bases)?;
    no_placeholder(DraftPart::Body, "The payload", &draft.body)?;
    // Also where it was typed by hand for an address of nobody: it names whose data is meant.
    let workspace_header = profile.workspace.as_ref().and_then(|rule| rule.header.parse().ok());
    if let (false, Some(rule)) = (is_foreign, &profile.workspace) {
        let workspace = draft.workspace.as_deref().or_else(|| bases.workspace(&draft.environment)).unwrap_or("");
        no_placeholder(DraftPart::Workspace, "The workspace", workspace)?;
        add_workspace(&mut headers, &rule.header, workspace)?;
    }
    if is_json_like(&draft.body) && !headers.iter().any(|(name, _)| *name == header::CONTENT_TYPE) {
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
    }
    let request = PreparedRequest {
        method,
        url,
        url_template: draft.url.trim().to_owned(),
        headers,
        origin_headers: workspace_header.into_iter().collect(),
        body: draft.body_bytes.clone().unwrap_or_else(|| draft.body.as_bytes().into()),
        environment: draft.environment.clone(),
        profile: if is_foreign { "generic".to_owned() } else { profile.name.clone() },
        credential: None,
        secrets: Vec::new(),
    };
    Ok(Resolved { request, is_foreign })
}

/// A placeholder stands for what was removed when the exchange was kept; it is never sent as if it were the value.
fn no_placeholder(part: DraftPart, what: &str, text: &str) -> Result<(), DraftProblem> {
    match placeholders(text).next() {
        None => Ok(()),
        Some(found) => Err(DraftProblem::new(
            part,
            format!("{what} holds {found}, which stands for something that was not kept"),
            "Write the real value in its place",
        )),
    }
}

/// The guard against the wrong place: data of one environment sent to another by a slip.
fn wrong_context(owner: &str, draft: &RequestDraft, profile: &Profile) -> DraftProblem {
    let title =
        |name: &str| profile.environment(name).map_or(name, |environment| environment.title.as_str()).to_owned();
    let (owner, chosen) = (title(owner), title(&draft.environment));
    DraftProblem::new(
        DraftPart::Environment,
        format!("This address belongs to {owner}, but the environment chosen is {chosen}"),
        format!("Choose {owner}, or write a path that begins with / to stay in {chosen}"),
    )
}

/// Whether a payload looks like a JSON object or list, so that it is announced as JSON where nothing else is said.
pub fn is_json_like(payload: &str) -> bool {
    payload.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with(['{', '['])
}

fn method_of(text: &str) -> Result<Method, DraftProblem> {
    let text = text.trim();
    let wrong = |summary: String| DraftProblem::new(DraftPart::Method, summary, format!("Write {METHODS}"));
    if text.is_empty() {
        return Err(wrong("There is no method".into()));
    }
    if text.eq_ignore_ascii_case("CONNECT") {
        return Err(wrong("CONNECT asks a proxy for a tunnel and cannot be sent as a request".into()));
    }
    if let Some(common) = COMMON_METHODS.into_iter().find(|method| text.eq_ignore_ascii_case(method.as_str())) {
        return Ok(common);
    }
    Method::from_bytes(text.as_bytes())
        .map_err(|_| wrong(format!("`{}` is no HTTP method", crate::text::visible(text))))
}

fn url_of(draft: &RequestDraft, profile: &Profile, bases: &Bases) -> Result<Url, DraftProblem> {
    let wrong = |summary: String, fix: &str| DraftProblem::new(DraftPart::Url, summary, fix);
    let text = draft.url.trim();
    if text.is_empty() {
        return Err(wrong("There is no URL".into(), "Write a path such as /v1/posts or a whole address"));
    }
    let filled =
        fill(text, draft, profile, bases).map_err(|problem| DraftProblem { part: DraftPart::Url, ..problem })?;
    let full = if filled.starts_with('/') {
        let base = base_of(draft, profile, bases)?;
        format!("{}{filled}", base.as_str().trim_end_matches('/'))
    } else {
        filled
    };
    if !full.contains("://") {
        return Err(wrong(
            format!("`{}` has no scheme", crate::text::visible(text)),
            "Begin with https:// or http://, or with / for a path of the environment",
        ));
    }
    let url = Url::parse(&full)
        .map_err(|error| wrong(format!("This is no URL: {error}"), "Write it like https://host/path?name=value"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("The scheme {} cannot be sent", url.scheme()), "Use https:// or http://"));
    }
    if url.as_str().parse::<http::Uri>().is_err() {
        return Err(wrong(
            format!("The URL cannot be sent: it is too long or odd ({} bytes)", url.as_str().len()),
            "Shorten it; at most 65534 bytes can be sent",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "The URL holds a user name or password, which would be seen in logs".into(),
            "Take them out and add a credential of the kind basic",
        ));
    }
    Ok(url)
}

fn base_of<'b>(draft: &RequestDraft, profile: &Profile, bases: &'b Bases) -> Result<&'b Url, DraftProblem> {
    bases.url(&draft.environment).ok_or_else(|| {
        let name = crate::text::visible_line(&draft.environment);
        let (summary, fix) = match profile.environment(&draft.environment).map(|environment| environment.kind) {
            Some(EnvironmentKind::Embedded) => (
                "The local sandbox has not started yet".to_owned(),
                "Wait until it has, choose another environment, or write a whole URL".to_owned(),
            ),
            Some(_) => {
                let summary = format!("The environment {name} has no address");
                (summary, "Choose another environment, or write a whole URL".to_owned())
            }
            None if profile.environments.is_empty() => (
                format!("The profile {} has no environment that a path could belong to", profile.name),
                "Write a whole URL".to_owned(),
            ),
            None => {
                let known: Vec<&str> = profile.environments.iter().map(|found| found.name.as_str()).collect();
                let summary = format!("The profile {} has no environment {name}", profile.name);
                (summary, format!("Choose one of {}, or write a whole URL", known.join(", ")))
            }
        };
        DraftProblem::new(DraftPart::Environment, summary, fix)
    })
}

/// Replaces `{{base}}`; any other variable is a problem, so that none is sent as it stands.
fn fill(text: &str, draft: &RequestDraft, profile: &Profile, bases: &Bases) -> Result<String, DraftProblem> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            return Err(DraftProblem::new(
                DraftPart::Url,
                "A variable begins with {{ and does not end",
                "Close it with }}, as in {{base}}",
            ));
        };
        match name.trim() {
            "base" => out.push_str(base_of(draft, profile, bases)?.as_str().trim_end_matches('/')),
            "workspace" => out.push_str(
                draft.workspace.as_deref().or_else(|| bases.workspace(&draft.environment)).unwrap_or_default(),
            ),
            other => {
                return Err(DraftProblem::new(
                    DraftPart::Url,
                    format!("The variable {{{{{}}}}} is not known", crate::text::visible(other)),
                    "Write its value, or use {{base}} or {{workspace}}",
                ));
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// The header lines as typed. What is secret by its name or look is marked sensitive, so that nothing prints it.
fn headers_of(
    draft: &RequestDraft,
    profile: &Profile,
    bases: &Bases,
) -> Result<Vec<(HeaderName, HeaderValue)>, DraftProblem> {
    let mut redactor = Redactor::new(Rules::built_in(), Vec::new());
    let mut headers = Vec::with_capacity(draft.headers.len() + 3);
    for (index, line) in draft.headers.iter().enumerate() {
        let (name, value) = (line.name.trim(), line.value.trim());
        if !line.is_enabled || (name.is_empty() && value.is_empty()) {
            continue;
        }
        let part = DraftPart::Header(index);
        if name.is_empty() {
            return Err(DraftProblem::new(
                part,
                "A header has a value but no name",
                "Write the name or remove the line",
            ));
        }
        let wrong_name = |_| {
            DraftProblem::new(
                part,
                format!("`{}` is no header name", crate::text::visible(name)),
                "Use letters, digits and - only; the colon is not part of the name",
            )
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(wrong_name)?;
        if matches!(name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING | header::CONNECTION | header::HOST) {
            return Err(DraftProblem::new(
                part,
                format!("The header {name} is set by the connection itself"),
                "Remove the line",
            ));
        }
        let filled = fill(value, draft, profile, bases).map_err(|problem| DraftProblem { part, ..problem })?;
        no_placeholder(part, "The header", &filled)?;
        let mut value = HeaderValue::from_bytes(filled.as_bytes()).map_err(|_| {
            DraftProblem::new(
                part,
                format!("The value of {name} holds a character that no header may hold"),
                "Remove line breaks and control characters",
            )
        })?;
        value.set_sensitive(redactor.header(name.as_str(), &filled) != filled);
        headers.push((name, value));
    }
    Ok(headers)
}

fn add_workspace(
    headers: &mut Vec<(HeaderName, HeaderValue)>,
    header: &str,
    workspace: &str,
) -> Result<(), DraftProblem> {
    let Ok(name) = HeaderName::from_bytes(header.as_bytes()) else { return Ok(()) };
    if workspace.is_empty() || headers.iter().any(|(other, _)| *other == name) {
        return Ok(());
    }
    let value = HeaderValue::from_str(workspace).map_err(|_| {
        DraftProblem::new(
            DraftPart::Workspace,
            "The workspace holds a character that no header may hold",
            "Write the workspace's id, such as ws_northwind",
        )
    })?;
    headers.push((name, value));
    Ok(())
}

#[cfg(test)]
#[path = "prepare_tests.rs"]
mod tests;
