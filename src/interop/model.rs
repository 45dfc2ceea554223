//! What is read out of foreign text: a request, an answer, and the parts that stay named.

use std::fmt;

/// More named parts and unread options than this are not listed one by one.
const MOST_LISTED: usize = 1000;

/// A request as a text describes it; nothing of it was sent.
///
/// *Secrets*: possibly, in every part; its `Debug` prints none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ImportedRequest {
    /// The method. Shape: `POST`.
    pub method: String,
    /// The address as written: absolute, `//host/path` where the text does not say the scheme, or a path.
    pub url: String,
    /// Header names and values in order.
    pub headers: Vec<(String, String)>,
    /// The payload as far as it stands in the text.
    pub body: Vec<u8>,
    /// Whether `body` is all of the payload; not if the text does not hold it, or names a file for it.
    pub is_body_whole: bool,
    /// What names a file, runs something or changes the route; none of it was done.
    pub named_parts: Vec<NamedPart>,
    /// Options that were not read, by their names.
    pub unknown: Vec<String>,
}

impl ImportedRequest {
    /// A header's value, case ignored; of several the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The payload's text, empty if there is none; none where it is not all known or no text.
    pub fn payload(&self) -> Option<&str> {
        if self.is_body_whole { std::str::from_utf8(&self.body).ok() } else { None }
    }

    pub(super) fn add_part(&mut self, option: &str, value: &str, what: PartKind) {
        let part = NamedPart { option: option.to_owned(), value: value.to_owned(), what };
        if self.named_parts.len() < MOST_LISTED {
            self.named_parts.push(part);
        }
    }

    pub(super) fn add_unknown(&mut self, option: &str) {
        if self.unknown.len() < MOST_LISTED && !self.unknown.iter().any(|known| known == option) {
            self.unknown.push(option.to_owned());
        }
    }
}

impl fmt::Debug for ImportedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedRequest")
            .field("headers", &self.headers.len())
            .field("url_bytes", &self.url.len())
            .field("body_bytes", &self.body.len())
            .field("is_body_whole", &self.is_body_whole)
            .field("named_parts", &self.named_parts)
            .field("unknown", &self.unknown.len())
            .finish_non_exhaustive()
    }
}

/// An answer as a text describes it.
///
/// *Secrets*: possibly, in every part; its `Debug` prints none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ImportedAnswer {
    /// The status code; none where the text does not say it.
    pub status: Option<u16>,
    /// Header names and values in order.
    pub headers: Vec<(String, String)>,
    /// The body as far as it stands in the text.
    pub body: Vec<u8>,
}

impl ImportedAnswer {
    /// Whether it tells of a failure by its status.
    pub(super) fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }
}

impl fmt::Debug for ImportedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedAnswer")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// A part of a request that stands elsewhere or changes its way, and that a person has to confirm.
#[derive(Clone, PartialEq, Eq)]
pub struct NamedPart {
    /// Who names it. Shape: `--data`, `-F`, `>`.
    pub option: String,
    /// What is named: a path, an address; empty where it is a secret.
    pub value: String,
    /// What it would do.
    pub what: PartKind,
}

impl fmt::Debug for NamedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamedPart({} {:?})", self.option, self.what)
    }
}

/// What a named part would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Read the payload, or a piece of it.
    PayloadFile,
    /// Read a part of a form.
    FormFile,
    /// Read headers.
    HeaderFile,
    /// Read more options.
    ConfigFile,
    /// Read or keep cookies.
    CookieFile,
    /// Read user name and password.
    CredentialFile,
    /// Show a client certificate.
    ClientCertificate,
    /// Use a private key.
    PrivateKey,
    /// Trust other certificates.
    TrustStore,
    /// Trust any certificate.
    Unchecked,
    /// Write a file.
    OutputFile,
    /// Go another way than the address says.
    Route,
    /// Read standard input.
    StandardInput,
    /// Put a variable's value in.
    Variable,
    /// Run a command and put its output in.
    Command,
    /// A password or pass phrase that was left out.
    Password,
    /// Ask for a password.
    Prompt,
    /// An address that is none of HTTP.
    OtherScheme,
}

impl PartKind {
    /// What it would do, in words. Shape: `a file would be written`.
    pub fn words(self) -> &'static str {
        match self {
            Self::PayloadFile => "the payload, or a piece of it, would be read from a file",
            Self::FormFile => "a part of the form would be read from a file",
            Self::HeaderFile => "headers would be read from a file",
            Self::ConfigFile => "more options would be read from a file",
            Self::CookieFile => "cookies would be read from or kept in a file",
            Self::CredentialFile => "user name and password would be read from a file",
            Self::ClientCertificate => "a client certificate would be shown",
            Self::PrivateKey => "a private key would be read from a file",
            Self::TrustStore => "other certificates than the system's would be trusted",
            Self::Unchecked => "any certificate of the server would be accepted",
            Self::OutputFile => "a file would be written",
            Self::Route => "the request would go another way than its address says",
            Self::StandardInput => "the payload, or a piece of it, would be read from standard input",
            Self::Variable => "the shell would put a variable's value here",
            Self::Command => "the shell would run a command and put its output here",
            Self::Password => "a password or pass phrase was left out",
            Self::Prompt => "the password would be asked for",
            Self::OtherScheme => "the address is none of HTTP",
        }
    }

    /// Its stable word in `--json` output. Shape: `payload_file`.
    pub fn word(self) -> &'static str {
        match self {
            Self::PayloadFile => "payload_file",
            Self::FormFile => "form_file",
            Self::HeaderFile => "header_file",
            Self::ConfigFile => "config_file",
            Self::CookieFile => "cookie_file",
            Self::CredentialFile => "credential_file",
            Self::ClientCertificate => "client_certificate",
            Self::PrivateKey => "private_key",
            Self::TrustStore => "trust_store",
            Self::Unchecked => "unchecked_certificate",
            Self::OutputFile => "output_file",
            Self::Route => "route",
            Self::StandardInput => "standard_input",
            Self::Variable => "variable",
            Self::Command => "command",
            Self::Password => "password",
            Self::Prompt => "prompt",
            Self::OtherScheme => "other_scheme",
        }
    }

    /// Whether a piece of the payload is missing because of it.
    pub fn is_of_payload(self) -> bool {
        matches!(self, Self::PayloadFile | Self::FormFile | Self::StandardInput)
    }
}

/// A header's value by its name, case ignored; of several the first.
pub(super) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_that_may_be_secret() {
        let mut request = ImportedRequest {
            url: "https://x/?key=canary-1".to_owned(),
            headers: vec![("Authorization".to_owned(), "Bearer canary-2".to_owned())],
            body: b"canary-3".to_vec(),
            ..ImportedRequest::default()
        };
        request.add_part("--proxy", "http://a:canary-4@b", PartKind::Route);
        let answer = ImportedAnswer { body: b"canary-5".to_vec(), ..ImportedAnswer::default() };
        let said = format!("{request:?} {answer:?}");
        assert!(!said.contains("canary") && said.contains("--proxy Route"), "{said}");
    }

    #[test]
    fn a_payload_that_is_not_all_there_is_none() {
        let mut request = ImportedRequest { body: b"a".to_vec(), ..ImportedRequest::default() };
        assert_eq!(request.payload(), None);
        request.is_body_whole = true;
        assert_eq!(request.payload(), Some("a"));
        request.body = vec![0xff];
        assert_eq!(request.payload(), None);
    }

    #[test]
    fn lists_are_bounded() {
        let mut request = ImportedRequest::default();
        for n in 0..2 * MOST_LISTED {
            request.add_part("$", "x", PartKind::Variable);
            request.add_unknown(&n.to_string());
        }
        assert_eq!((request.named_parts.len(), request.unknown.len()), (MOST_LISTED, MOST_LISTED));
    }
}
