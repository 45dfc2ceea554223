//! The rules a profile has to keep beyond its types, and where in the text one is broken.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::{Host, Url};

use super::{EnvelopeShape, EnvironmentKind, Fault, FieldRule, Profile, action_ids};

/// One step on the way to a value in the TOML text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A key of a table.
    Key(&'static str),
    /// An entry of a list.
    Item(usize),
}

/// The way to a value.
pub(super) type Place = Vec<Step>;

/// What is wrong, and where.
type Broken = (Fault, Place);

use Step::{Item, Key};

/// The checks' ids, as the document has them.
const CHECK_IDS: [&str; 5] = ["authentication", "payload", "logs", "sandbox", "webhooks"];

/// The first rule that a profile breaks.
pub(super) fn first_broken(profile: &Profile) -> Option<Broken> {
    own_name(profile)
        .or_else(|| environments(profile))
        .or_else(|| headers(profile))
        .or_else(|| pointers(profile))
        .or_else(|| shape(profile))
        .or_else(|| links(profile))
        .or_else(|| codes(profile))
        .or_else(|| checks(profile))
        .or_else(|| requests(profile))
}

/// The bytes of the value at a place, or of the last thing on the way to it that is there.
pub(super) fn span_of(table: &DeTable<'_>, place: &[Step]) -> Option<Range<usize>> {
    let mut steps = place.iter();
    let Some(Key(first)) = steps.next() else { return None };
    let mut at: &Spanned<DeValue<'_>> = table.get(*first)?;
    for step in steps {
        let next = match step {
            Key(key) => at.get_ref().get(*key),
            Item(index) => at.get_ref().get(*index),
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(at.span())
}

/// Names go into file names and keyring entries, so they are plain words.
fn plain_word(word: &str) -> Option<Fault> {
    let is_plain = !word.is_empty()
        && word.len() <= 64
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    (!is_plain).then(|| Fault::BadForm {
        what: "a plain name",
        word: word.to_owned(),
        fix: "write at most 64 of the characters a-z, 0-9, _ and -",
    })
}

fn own_name(profile: &Profile) -> Option<Broken> {
    plain_word(&profile.name).map(|fault| (fault, vec![Key("name")]))
}

fn environments(profile: &Profile) -> Option<Broken> {
    for (i, environment) in profile.environments.iter().enumerate() {
        let at = |key| vec![Key("environments"), Item(i), Key(key)];
        if let Some(fault) = plain_word(&environment.name) {
            return Some((fault, at("name")));
        }
        let is_repeated = profile.environments.iter().take(i).any(|earlier| earlier.name == environment.name);
        if is_repeated {
            return Some((Fault::Twice { what: "the environment", name: environment.name.clone() }, at("name")));
        }
        match (&environment.base, environment.kind) {
            (Some(_), EnvironmentKind::Embedded) => return Some((Fault::EmbeddedBase, at("base"))),
            (None, EnvironmentKind::Production | EnvironmentKind::Sandbox) => {
                return Some((Fault::MissingKey("base".into()), at("base")));
            }
            (Some(base), _) if !is_base(base) => {
                let fix =
                    "write scheme and host, such as \"https://api.example.com\", without user name, query or fragment";
                return Some((Fault::BadForm { what: "a base address", word: base.clone(), fix }, at("base")));
            }
            _ => {}
        }
    }
    let defaults: Vec<usize> =
        profile.environments.iter().enumerate().filter(|(_, e)| e.is_default).map(|(i, _)| i).collect();
    match defaults.as_slice() {
        [_] => None,
        [] if profile.environments.is_empty() => None,
        [] => Some((Fault::Defaults(0), vec![Key("environments"), Item(0)])),
        [_, second, ..] => {
            Some((Fault::Defaults(defaults.len()), vec![Key("environments"), Item(*second), Key("is_default")]))
        }
    }
}

fn is_base(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

/// Headers that the connection sets itself, or that carry what only a credential may.
const NOT_TO_FILL: [&str; 7] =
    ["host", "content-length", "transfer-encoding", "connection", "authorization", "cookie", "proxy-authorization"];

fn headers(profile: &Profile) -> Option<Broken> {
    let auth_header = profile.auth.as_ref().map_or("", |auth| auth.header.as_str());
    if let Some(rule) = &profile.workspace {
        let name = rule.header.as_str();
        if name.eq_ignore_ascii_case(auth_header) || NOT_TO_FILL.iter().any(|other| name.eq_ignore_ascii_case(other)) {
            let fix = "write the header that names a workspace, such as \"X-Workspace\"";
            let fault = Fault::BadForm { what: "a header that a profile may fill in", word: name.to_owned(), fix };
            return Some((fault, vec![Key("workspace"), Key("header")]));
        }
    }
    let auth = profile.auth.iter().map(|auth| (&auth.header, vec![Key("auth"), Key("header")]));
    let workspace = profile.workspace.iter().map(|rule| (&rule.header, vec![Key("workspace"), Key("header")]));
    let ids = profile
        .request_id
        .headers
        .iter()
        .enumerate()
        .map(|(i, name)| (name, vec![Key("request_id"), Key("headers"), Item(i)]));
    for (name, place) in auth.chain(workspace).chain(ids) {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            let fix = "write a name of letters, digits and -, such as \"X-Request-Id\"";
            return Some((Fault::BadForm { what: "a header name", word: name.clone(), fix }, place));
        }
    }
    let prefix = profile.auth.as_ref().map(|auth| &auth.prefix)?;
    let fix = "write visible ASCII, such as \"Bearer \"";
    prefix
        .bytes()
        .any(|byte| !(byte == b' ' || byte.is_ascii_graphic()))
        .then(|| (Fault::BadForm { what: "a prefix", word: prefix.clone(), fix }, vec![Key("auth"), Key("prefix")]))
}

fn pointers(profile: &Profile) -> Option<Broken> {
    let ids = profile
        .request_id
        .body
        .iter()
        .enumerate()
        .map(|(i, pointer)| (pointer, vec![Key("request_id"), Key("body"), Item(i)]));
    let shape = profile.envelope.iter().flat_map(shape_pointers);
    ids.chain(shape).find(|(pointer, _)| !is_pointer(pointer)).map(|(pointer, place)| {
        let fix =
            "write the way to the member, such as \"/error/code\"; ~1 stands for a slash in a name, ~0 for a tilde";
        (Fault::BadForm { what: "a JSON Pointer", word: pointer.clone(), fix }, place)
    })
}

/// Every pointer of a shape with its place.
fn shape_pointers(shape: &EnvelopeShape) -> Vec<(&String, Place)> {
    let mut all = Vec::new();
    let several = [
        ("code", &shape.code.0),
        ("message", &shape.message.0),
        ("reason", &shape.reason.0),
        ("doc_url", &shape.doc_url.0),
        ("ids", &shape.ids.0),
        ("without", &shape.without),
    ];
    for (key, pointers) in several {
        all.extend(pointers.iter().enumerate().map(|(i, pointer)| (pointer, vec![Key("envelope"), Key(key), Item(i)])));
    }
    all.extend(shape.field.iter().map(|pointer| (pointer, vec![Key("envelope"), Key("field")])));
    for (i, condition) in shape.requires.iter().enumerate() {
        all.push((&condition.at, vec![Key("envelope"), Key("requires"), Item(i), Key("at")]));
    }
    for (i, rule) in shape.fields.iter().enumerate() {
        let at = |key| vec![Key("envelope"), Key("fields"), Item(i), Key(key)];
        let one = [("each", &rule.each), ("keys_of", &rule.keys_of), ("place", &rule.place)];
        all.extend(one.into_iter().filter_map(|(key, pointer)| Some((pointer.as_ref()?, at(key)))));
        all.extend(rule.path.iter().map(|pointer| (pointer, at("path"))));
        all.extend(rule.reason.iter().map(|pointer| (pointer, at("reason"))));
    }
    all
}

/// What a shape has to say so that it can be told from others.
fn shape(profile: &Profile) -> Option<Broken> {
    let shape = profile.envelope.as_ref()?;
    if shape.code.is_empty() && shape.requires.is_empty() {
        return Some((Fault::MissingKey("code".into()), vec![Key("envelope")]));
    }
    let is_open = |rule: &FieldRule| match (&rule.each, &rule.keys_of) {
        (Some(_), None) => rule.path.is_empty(),
        (None, Some(_)) => false,
        _ => true,
    };
    let i = shape.fields.iter().position(is_open)?;
    let fault = Fault::BadForm {
        what: "a rule for fields",
        word: "fields".into(),
        fix: "write each = \"/list\" with path = \"/member\", or keys_of = \"/object\"",
    };
    Some((fault, vec![Key("envelope"), Key("fields"), Item(i)]))
}

/// RFC 6901 §3: empty, or every token begins with a slash and every tilde is followed by 0 or 1.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|after| after.starts_with(['0', '1']))
}

fn links(profile: &Profile) -> Option<Broken> {
    for (i, link) in profile.links.iter().enumerate() {
        let at = |key| vec![Key("links"), Item(i), Key(key)];
        if profile.links.iter().take(i).any(|earlier| earlier.topic == link.topic) {
            return Some((Fault::Twice { what: "the link topic", name: link.topic.clone() }, at("topic")));
        }
        if let Some(url) = &link.url
            && !is_openable(url)
        {
            let fix = "write an https address without a user name";
            return Some((Fault::BadForm { what: "a link that may be opened", word: url.clone(), fix }, at("url")));
        }
    }
    None
}

/// The rule for links that came from outside: https, or http on this machine, without a user name.
pub fn is_openable(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    let is_scheme_fine = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    is_scheme_fine && url.username().is_empty() && url.password().is_none()
}

fn topic(profile: &Profile, topic: &str) -> Option<Fault> {
    profile.link(topic).is_none().then(|| Fault::UnknownWord {
        what: "a link topic",
        word: topic.to_owned(),
        known: profile.links.iter().map(|link| link.topic.clone()).collect(),
    })
}

fn codes(profile: &Profile) -> Option<Broken> {
    for (i, entry) in profile.codes.iter().enumerate() {
        let at = |key| vec![Key("codes"), Item(i), Key(key)];
        if profile.codes.iter().take(i).any(|earlier| earlier.code == entry.code) {
            return Some((Fault::Twice { what: "the code", name: entry.code.clone() }, at("code")));
        }
        if let Some(fault) = entry.link.as_deref().and_then(|link| topic(profile, link)) {
            return Some((fault, at("link")));
        }
        for (n, action) in entry.actions.iter().enumerate() {
            if !action_ids().any(|id| id == action) {
                let known = action_ids().map(str::to_owned).collect();
                let fault = Fault::UnknownWord { what: "an action id", word: action.clone(), known };
                return Some((fault, vec![Key("codes"), Item(i), Key("actions"), Item(n)]));
            }
        }
    }
    None
}

fn checks(profile: &Profile) -> Option<Broken> {
    for (i, check) in profile.checks.iter().enumerate() {
        let at = |key| vec![Key("checks"), Item(i), Key(key)];
        if !CHECK_IDS.contains(&check.id.as_str()) {
            let known = CHECK_IDS.map(str::to_owned).to_vec();
            return Some((Fault::UnknownWord { what: "a check id", word: check.id.clone(), known }, at("id")));
        }
        if profile.checks.iter().take(i).any(|earlier| earlier.id == check.id) {
            return Some((Fault::Twice { what: "the check", name: check.id.clone() }, at("id")));
        }
        if let Some(fault) = check.link.as_deref().and_then(|link| topic(profile, link)) {
            return Some((fault, at("link")));
        }
    }
    None
}

fn requests(profile: &Profile) -> Option<Broken> {
    for (i, request) in profile.requests.iter().enumerate() {
        let at = |key| vec![Key("requests"), Item(i), Key(key)];
        if http::Method::from_bytes(request.method.as_bytes()).is_err() {
            let fix = "write one word, such as GET or POST";
            return Some((Fault::BadForm { what: "a method", word: request.method.clone(), fix }, at("method")));
        }
        // A profile can lead a request only to its own environments.
        if !request.url.starts_with("{{base}}/") {
            let fix = "begin it with {{base}}/, which stands for the environment's address";
            return Some((Fault::BadForm { what: "a request's address", word: request.url.clone(), fix }, at("url")));
        }
    }
    None
}
