//! The request that the words of a cURL command describe.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::curl_body::{Payload, urlencoded};
use super::curl_error::CurlError;
use super::curl_options::{CurlOption, Role, by_letter, by_name};
use super::model::header;
use super::words::{Split, Word};
use super::{ImportedRequest, PartKind};
use crate::text::Position;

/// A request, and how curl was told to end its output.
pub(super) struct Described {
    pub request: ImportedRequest,
    /// The text of `--write-out`.
    pub write_out: Option<String>,
}

/// Reads the words of a command, its own name first; `text` is what they were cut from.
pub(super) fn describe(text: &str, split: Split) -> Result<Described, CurlError> {
    let mut reader = Reader { input: split.input.as_deref(), ..Reader::default() };
    let mut words = split.words.iter().skip(1);
    let mut only_addresses = false;
    while let Some(word) = words.next() {
        let is_doubtful = std::mem::take(&mut reader.is_after_unknown);
        match word.bytes.as_slice() {
            _ if only_addresses => reader.addresses.push((word.text(), false)),
            b"--" => only_addresses = true,
            [b'-', b'-', name @ ..] => {
                let name = String::from_utf8_lossy(name);
                let Some(option) = by_name(&name) else {
                    reader.unknown_option(&name);
                    continue;
                };
                let value = if option.takes_value { Some(value_of(text, word, &name, &mut words)?) } else { None };
                if reader.take(option, &format!("--{name}"), value.unwrap_or_default()) == Flow::Stop {
                    break;
                }
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                if reader.letters(text, word, letters, &mut words)? == Flow::Stop {
                    break;
                }
            }
            _ => reader.addresses.push((word.text(), is_doubtful)),
        }
    }
    let asks_for_input = reader.request.named_parts.iter().any(|part| part.what == PartKind::StandardInput);
    for (by, what, kind) in &split.insertions {
        if *kind != PartKind::StandardInput || asks_for_input {
            reader.request.add_part(by, what, *kind);
        }
    }
    if split.is_cut_by_ampersand {
        reader.request.add_unknown("&");
    }
    reader.finish()
}

/// The word that is an option's value.
fn value_of<'w>(
    text: &str,
    word: &Word,
    name: &str,
    words: &mut impl Iterator<Item = &'w Word>,
) -> Result<&'w [u8], CurlError> {
    let option = if name.len() == 1 { format!("-{name}") } else { format!("--{name}") };
    let missing = || CurlError::NoValue { option, position: Position::of(text, word.at) };
    words.next().map(|word| word.bytes.as_slice()).ok_or_else(missing)
}

/// Whether more words belong to the request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Go,
    Stop,
}

/// What was read so far.
#[derive(Default)]
struct Reader<'s> {
    request: ImportedRequest,
    payload: Payload,
    /// What stands in the text as standard input.
    input: Option<&'s [u8]>,
    /// Words that are no option, and whether they may be the value of an unknown one.
    addresses: Vec<(String, bool)>,
    is_after_unknown: bool,
    method: Option<String>,
    is_get: bool,
    is_head: bool,
    is_upload: bool,
    /// Headers that other options imply, which one of that name replaces.
    implied: Vec<(&'static str, String)>,
    /// Names of headers that were taken away.
    removed: Vec<String>,
    cookies: Vec<String>,
    user: Option<String>,
    has_other_sign_in: bool,
    query: Vec<Vec<u8>>,
    scheme: Option<String>,
    write_out: Option<String>,
}

impl Reader<'_> {
    fn unknown_option(&mut self, name: &str) {
        match name.split_once('=') {
            // The value is left out, as it may be a secret.
            Some((name, _)) => self.request.add_unknown(&format!("--{name}=")),
            None => {
                self.request.add_unknown(&format!("--{name}"));
                self.is_after_unknown = true;
            }
        }
    }

    /// Letters behind one dash: flags, the last of them perhaps with its value right behind it or in the next word.
    fn letters<'w>(
        &mut self,
        text: &str,
        word: &Word,
        letters: &[u8],
        words: &mut impl Iterator<Item = &'w Word>,
    ) -> Result<Flow, CurlError> {
        for (n, letter) in letters.iter().enumerate() {
            let name = char::from(*letter).to_string();
            let Some(option) = by_letter(*letter) else {
                // A letter that is none may stand for anything, so what follows it is not read as letters.
                let whole = String::from_utf8_lossy(letters.get(n..).unwrap_or_default());
                self.request.add_unknown(&format!("-{}", whole.chars().next().unwrap_or_default()));
                self.is_after_unknown = true;
                return Ok(Flow::Go);
            };
            if !option.takes_value {
                if self.take(option, &format!("-{name}"), b"") == Flow::Stop {
                    return Ok(Flow::Stop);
                }
                continue;
            }
            let value = match letters.get(n + 1..).filter(|rest| !rest.is_empty()) {
                Some(rest) => rest,
                None => value_of(text, word, &name, words)?,
            };
            return Ok(self.take(option, &format!("-{name}"), value));
        }
        Ok(Flow::Go)
    }

    /// What one option says.
    fn take(&mut self, option: CurlOption, name: &str, value: &[u8]) -> Flow {
        let text = || String::from_utf8_lossy(value).into_owned();
        let request = &mut self.request;
        match option.role {
            Role::Method => self.method = Some(text()),
            Role::Url => self.addresses.push((text(), false)),
            Role::Header => self.header(name, &text()),
            Role::Data => self.payload.add_data(long_name(name), value, self.input, request),
            Role::DataRaw => self.payload.add_raw(value),
            Role::DataUrlencode => self.payload.add_urlencoded(value, self.input, request),
            Role::Json => self.payload.add_json(value, self.input, request),
            Role::UrlQuery => {
                let piece = match value.strip_prefix(b"+") {
                    Some(plain) => plain.to_vec(),
                    None => urlencoded(name, value, self.input, request),
                };
                self.query.push(piece);
            }
            Role::Get => self.is_get = true,
            Role::Head => self.is_head = true,
            Role::Form => self.payload.add_form(value, request),
            Role::FormString => self.payload.add_form_string(value),
            Role::Upload => {
                self.is_upload = true;
                let what = if value == b"-" { PartKind::StandardInput } else { PartKind::PayloadFile };
                match self.input.filter(|_| what == PartKind::StandardInput) {
                    Some(input) => request.body = input.to_vec(),
                    None => request.add_part(name, &text(), what),
                }
            }
            Role::User => self.user = Some(text()),
            Role::Bearer => imply(&mut self.implied, "Authorization", format!("Bearer {}", text())),
            Role::OtherSignIn => {
                self.has_other_sign_in = true;
                request.add_unknown(name);
            }
            // What holds no pair is a file's name.
            Role::Cookie if value.contains(&b'=') => self.cookies.push(text()),
            Role::Cookie => request.add_part(name, &text(), PartKind::CookieFile),
            Role::UserAgent => imply(&mut self.implied, "User-Agent", text()),
            Role::Referer => {
                let address = text();
                let address = address.strip_suffix(";auto").unwrap_or(&address);
                imply(&mut self.implied, "Referer", address.to_owned());
            }
            Role::Range => imply(&mut self.implied, "Range", format!("bytes={}", text())),
            Role::WriteOut => match value.strip_prefix(b"@") {
                Some(file) => request.add_part(name, &String::from_utf8_lossy(file), PartKind::ConfigFile),
                None => self.write_out = Some(text()),
            },
            Role::Next => {
                request.add_unknown(name);
                return Flow::Stop;
            }
            Role::ProtoDefault => self.scheme = Some(text()),
            Role::ConfigFile => request.add_part(name, &text(), PartKind::ConfigFile),
            Role::CookieFile => request.add_part(name, &text(), PartKind::CookieFile),
            Role::CredentialFile => request.add_part(name, &text(), PartKind::CredentialFile),
            Role::ClientCertificate => self.certificate(name, &text()),
            Role::PrivateKey => request.add_part(name, &text(), PartKind::PrivateKey),
            Role::TrustStore => request.add_part(name, &text(), PartKind::TrustStore),
            Role::Unchecked => request.add_part(name, "", PartKind::Unchecked),
            Role::OutputFile if value == b"-" || value == b"/dev/null" => {}
            Role::OutputFile => request.add_part(name, &text(), PartKind::OutputFile),
            Role::Route => request.add_part(name, &text(), PartKind::Route),
            Role::Password => request.add_part(name, "", PartKind::Password),
            Role::Variable => request.add_part(name, &text(), PartKind::Variable),
            Role::Nothing => {}
            Role::Unread => request.add_unknown(name),
        }
        Flow::Go
    }

    /// `Name: value`, `Name:` which takes one away, `Name;` which is one without a value, `@file`.
    fn header(&mut self, option: &str, line: &str) {
        if let Some(file) = line.strip_prefix('@') {
            self.request.add_part(option, file, PartKind::HeaderFile);
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => self.removed.push(name.trim().to_owned()),
            Some((name, value)) => self.request.headers.push((name.trim().to_owned(), value.trim().to_owned())),
            None => {
                if let Some(name) = line.trim().strip_suffix(';') {
                    self.request.headers.push((name.to_owned(), String::new()));
                }
            }
        }
    }

    /// `path`, or `path:pass phrase`, of which only the path is kept.
    fn certificate(&mut self, option: &str, value: &str) {
        // A letter before the first colon is a drive.
        let from = if value.get(1..2) == Some(":") { 2 } else { 0 };
        let end = value.get(from..).and_then(|rest| rest.find(':')).map_or(value.len(), |at| from + at);
        self.request.add_part(option, value.get(..end).unwrap_or_default(), PartKind::ClientCertificate);
        if end < value.len() {
            self.request.add_part(option, "", PartKind::Password);
        }
    }

    fn finish(mut self) -> Result<Described, CurlError> {
        let address = self.address()?;
        if let Some(user) = self.user.take() {
            if !user.contains(':') {
                self.request.add_part("--user", &user, PartKind::Prompt);
            } else if !self.has_other_sign_in {
                imply(&mut self.implied, "Authorization", format!("Basic {}", STANDARD.encode(user)));
            }
        }
        if !self.cookies.is_empty() {
            self.implied.push(("Cookie", self.cookies.join("; ")));
        }
        let is_form = self.payload.is_form();
        let has_payload = self.payload.has_data || is_form;
        if self.payload.is_json {
            self.implied.push(("Accept", "application/json".to_owned()));
        }
        let (body, content_type) = self.payload.finish();
        let mut query = self.query;
        let is_in_address = self.is_get && !is_form;
        let request = &mut self.request;
        if is_in_address {
            query.insert(0, body);
            // JSON keeps its type even there.
            self.implied.extend(content_type.filter(|own| own.ends_with("json")).map(|own| ("Content-Type", own)));
        } else if has_payload {
            request.body = body;
            let stated = request.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            match (stated, content_type) {
                // The line between a form's parts is told whatever else the type says.
                (Some((_, stated)), Some(own)) => {
                    stated.push_str(own.strip_prefix("multipart/form-data").unwrap_or(""))
                }
                (None, own) => self.implied.extend(own.map(|own| ("Content-Type", own))),
                (Some(_), None) => {}
            }
            self.implied.retain(|(name, _)| *name != "Range");
        }
        let method = match (self.is_head, self.is_upload, has_payload && !is_in_address) {
            (true, ..) => "HEAD",
            (_, true, _) => "PUT",
            (_, _, true) => "POST",
            _ => "GET",
        };
        request.method = self.method.unwrap_or_else(|| method.to_owned());
        query.retain(|piece| !piece.is_empty());
        request.url = with_query(address, &String::from_utf8_lossy(&query.join(&b'&')));
        for (name, value) in self.implied {
            let is_replaced = header(&request.headers, name).is_some();
            let is_removed = self.removed.iter().any(|removed| removed.eq_ignore_ascii_case(name));
            if !is_replaced && !is_removed && !value.is_empty() {
                request.headers.push((name.to_owned(), value));
            }
        }
        request.is_body_whole = is_in_address || !request.named_parts.iter().any(|part| part.what.is_of_payload());
        Ok(Described { request: self.request, write_out: self.write_out })
    }

    /// The address; where a word may be the value of an unknown option, another word is preferred.
    fn address(&mut self) -> Result<String, CurlError> {
        let certain = self.addresses.iter().position(|(_, is_doubtful)| !is_doubtful);
        let chosen = certain.or(if self.addresses.is_empty() { None } else { Some(0) }).ok_or(CurlError::NoAddress)?;
        let (address, _) = self.addresses.remove(chosen);
        for (more, is_doubtful) in std::mem::take(&mut self.addresses) {
            if !is_doubtful {
                self.request.add_part("URL", &more, PartKind::Route);
            }
        }
        let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") => Ok(address),
            Some(scheme) if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) => {
                self.request.add_part("URL", &address, PartKind::OtherScheme);
                Ok(address)
            }
            // A variable may stand for the scheme too.
            _ if address.starts_with(['$', '{', '%', '/']) => Ok(address),
            _ => Ok(format!("{}://{address}", self.scheme.as_deref().unwrap_or("http"))),
        }
    }
}

/// The name under which an option is told, letters spelled out where the payload's rules ask.
fn long_name(name: &str) -> &str {
    if name == "-d" { "--data" } else { name }
}

/// Adds a header that an option implies, in place of one that an earlier option did.
fn imply(implied: &mut Vec<(&'static str, String)>, name: &'static str, value: String) {
    implied.retain(|(known, _)| *known != name);
    implied.push((name, value));
}

/// An address with a query added before its fragment.
fn with_query(address: String, query: &str) -> String {
    if query.is_empty() {
        return address;
    }
    let (base, fragment) = match address.find('#') {
        Some(at) => address.split_at(at),
        None => (address.as_str(), ""),
    };
    let sign = match base.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{base}{sign}{query}{fragment}")
}
