//! An answer that was pasted: read and shown as one that came, without sending anything.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use super::answer::Answer;
use super::command::Command;
use super::effect::Effect;
use super::line::redactor_for;
use super::services::Services;
use super::state::{Dialog, NoticeKind, State};
use super::update::{inspect_body, show_answer};
use crate::diagnosis::{self, DiagnosisInput};
use crate::exchange::{
    CredentialChoice, Exchange, ExchangeId, ExchangeRecord, HeaderLine, PreparedRequest, RequestDraft, Response, Timing,
};
use crate::interop::{ImportedRequest, read_paste};
use crate::profile::Profile;
use crate::text::visible_line;

/// How many parts that were not done are named.
const MOST_PARTS: usize = 5;
/// Headers of a pasted request that say who sent it or how it travelled; they are never put into a draft.
const NOT_TAKEN: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "accept-encoding",
];

/// What happens with a pasted text: it is read, shown, or refused.
pub(super) fn update(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::ReadPaste { text, status } => {
            vec![Effect::ReadPaste { text, status, environment: state.draft.environment.clone() }]
        }
        Command::PasteRead { draft, answer, what, host, parts } if state.in_flight.is_none() => {
            state.dialog = Dialog::None;
            state.wanted_entry = None;
            state.replace_draft(*draft);
            state.open_entry = Some(answer.id.clone());
            show_answer(state, answer);
            let fix = match host {
                Some(host) => format!(
                    "nothing was sent; what is in the editors would go to the environment's own address, not to {host}"
                ),
                None => "nothing was sent".to_owned(),
            };
            state.say(NoticeKind::Done, format!("Read as {what}"), fix);
            if !parts.is_empty() {
                state.say(NoticeKind::Attention, "The command names more, and none of it was opened or done", parts);
            }
            vec![inspect_body(state)]
        }
        Command::PasteRefused { summary, fix } => {
            state.say(NoticeKind::Failure, summary, fix);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Reads a pasted text and makes of it what a sent request would have given; `status` is what the person typed.
pub(super) fn read(services: &Services, text: &str, status: Option<u16>, environment: &str) -> Command {
    let refused = |summary: String, fix: String| Command::PasteRefused { summary, fix };
    let pasted = match read_paste(text) {
        Ok(pasted) => pasted,
        Err(error) => return refused(error.summary(), error.fix().to_owned()),
    };
    if !pasted.has_answer {
        let summary = "There is no answer in the text".to_owned();
        return refused(summary, "paste what came back as well: the body alone is enough".to_owned());
    }
    let Some(status) = pasted.status.or(status) else {
        let summary = "The text does not say the answer's status".to_owned();
        return refused(summary, "type it beside the text, such as 422".to_owned());
    };
    let kind = pasted.kind;
    let request = pasted.request.unwrap_or_default();
    let Some(url) = address(&request.url) else {
        let summary = "The address in the text cannot be read".to_owned();
        return refused(summary, "correct it, or paste the answer alone".to_owned());
    };
    let is_foreign = url.has_host() && !is_own(services, &url);
    let profile: &Profile = if is_foreign { &services.generic } else { &services.profile };
    let now = Timestamp::now();
    let exchange = Exchange {
        id: ExchangeId::new(now),
        started_at: now,
        request: PreparedRequest {
            method: Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET),
            url_template: url.to_string(),
            url: url.clone(),
            headers: request.headers.iter().filter_map(|(name, value)| header(name, value)).collect(),
            origin_headers: Vec::new(),
            body: Arc::from(request.body.as_slice()),
            environment: environment.to_owned(),
            profile: profile.name.clone(),
            credential: None,
            secrets: Vec::new(),
        },
        response: Some(Response::whole(status, pasted.headers, pasted.body)),
        transport_error: None,
        attempts: Vec::new(),
        redirects: Vec::new(),
        advice: None,
        timing: Timing::default(),
        log: Vec::new(),
    };
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let response = exchange.response.as_ref();
    let input = DiagnosisInput {
        status,
        headers: response.map_or(&[][..], |response| response.headers.as_slice()),
        body: response.map_or(&[][..], |response| response.sample.as_ref()),
        method: Some(exchange.request.method.as_str()),
        url: Some(exchange.request.url.as_str()),
        request_headers: &names,
        // A payload that stands in a file is not known, which is something else than none.
        payload: request.payload(),
    };
    let diagnosis = Some(diagnosis::diagnose(&input, profile, now));
    let value = diagnosis.as_ref().and_then(|diagnosis| serde_json::to_value(diagnosis).ok());
    let record = redactor_for(services, &exchange).redact(ExchangeRecord::from_exchange(&exchange, value.as_ref()));
    let answer = Answer::from_exchange(exchange, diagnosis, record, is_foreign, profile, &services.profile, Vec::new());
    let draft = draft(&request, &url, services, environment);
    let host = url.host_str().map(str::to_owned);
    let parts = request.named_parts.iter().take(MOST_PARTS);
    let parts = parts.map(|part| format!("{} {}: {}", part.option, visible_line(&part.value), part.what.words()));
    Command::PasteRead {
        draft: Box::new(draft),
        answer: Arc::new(answer),
        what: kind.words(),
        host,
        parts: parts.collect::<Vec<_>>().join("; "),
    }
}

/// The address as it stood; one without a host is marked as pasted, so that nobody takes it for a real one.
fn address(text: &str) -> Option<Url> {
    let absolute = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    // Without a scheme there is a host before the path, or a variable of a shell.
    let rest = text.strip_prefix("//").unwrap_or(text);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    absolute.or_else(|| Url::parse(&format!("pasted:{path}")).ok())
}

fn is_own(services: &Services, url: &Url) -> bool {
    let bases = services.bases();
    let mut environments = services.profile.environments.iter();
    environments.any(|environment| bases.url(&environment.name).is_some_and(|base| base.origin() == url.origin()))
}

fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
}

/// What can be sent again: method, path, query and payload, on the environment's own address. Where the text came from and
/// who sent it is shown and not used.
fn draft(request: &ImportedRequest, url: &Url, services: &Services, environment: &str) -> RequestDraft {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let workspace = services.profile.workspace.as_ref().map(|rule| rule.header.as_str());
    let is_taken = |name: &str| {
        !NOT_TAKEN.iter().any(|known| name.eq_ignore_ascii_case(known))
            && !services.profile.is_own_header(name)
            && workspace.is_none_or(|own| !name.eq_ignore_ascii_case(own))
    };
    let lines = request.headers.iter().filter(|(name, _)| is_taken(name));
    RequestDraft {
        name: "Pasted".to_owned(),
        method: if request.method.is_empty() { "GET".to_owned() } else { request.method.clone() },
        url: format!("{}{query}", url.path()),
        headers: lines
            .map(|(name, value)| HeaderLine { name: name.clone(), value: value.clone(), is_enabled: true })
            .collect(),
        body: Arc::from(String::from_utf8_lossy(&request.body).as_ref()),
        environment: environment.to_owned(),
        credential: CredentialChoice::Environment,
        ..RequestDraft::default()
    }
}
