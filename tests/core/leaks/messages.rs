//! Requests and answers that carry one secret, written as HTTP text, as one exchange object or as an HTTP archive.

use serde_json::{Value, json};

use super::Form;
use super::carriers::{Esc, escape};
use super::encodings::{Written, json as json_text, stretch};
use super::rng::Rng;

/// Where in an exchange a template belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spot {
    /// A request header of this name.
    Header(&'static str),
    /// A response header of this name.
    Answer(&'static str),
    /// The URL.
    Url,
    /// The request body of this media type.
    Body(&'static str),
    /// The response body of this media type.
    Reply(&'static str),
}

/// A template of a part of an exchange, `@@` for the secret.
pub(crate) struct Part {
    /// What it is.
    pub(crate) name: &'static str,
    /// Where it belongs.
    pub(crate) spot: Spot,
    /// How the place escapes.
    pub(crate) esc: Esc,
    /// The content.
    pub(crate) text: &'static str,
}

const fn part(name: &'static str, spot: Spot, esc: Esc, text: &'static str) -> Part {
    Part { name, spot, esc, text }
}

const JSON: &str = "application/json";

/// All positions in an exchange.
pub(crate) const PARTS: [Part; 26] = [
    part("Authorization header", Spot::Header("Authorization"), Esc::Line, "Bearer @@"),
    part("custom header", Spot::Header("X-Acme-Context"), Esc::Line, "v=2 ctx=@@"),
    part("Cookie header", Spot::Header("Cookie"), Esc::Cookie, "theme=dark; sid=@@; lang=de"),
    part("Set-Cookie header", Spot::Answer("Set-Cookie"), Esc::Cookie, "sid=@@; Path=/; HttpOnly; Secure"),
    part("URL path segment", Spot::Url, Esc::Url, "https://api.example.com/v1/shares/@@/files?page=27"),
    part("URL query value", Spot::Url, Esc::Url, "https://api.example.com/v1/orders?ref=@@&page=27"),
    part("URL query value, form style", Spot::Url, Esc::Form, "https://api.example.com/v1/orders?ref=@@&page=27"),
    part("URL query name", Spot::Url, Esc::Url, "https://api.example.com/v1/orders?@@=1&page=27"),
    part("URL fragment", Spot::Url, Esc::Url, "https://app.example.com/done?page=27#ref=@@&x=1"),
    part("Referer header", Spot::Header("Referer"), Esc::Url, "https://app.example.com/start?from=@@"),
    part("Location header", Spot::Answer("Location"), Esc::Url, "https://app.example.com/next/@@?step=2"),
    part("Link header", Spot::Answer("Link"), Esc::Url, "<https://api.example.com/v1/orders?after=@@>; rel=\"next\""),
    part("response debug header", Spot::Answer("X-Debug"), Esc::Line, "worker=9 saw=@@"),
    part("JSON request value", Spot::Body(JSON), Esc::Json, r#"{"note":"@@","quantity":-1}"#),
    part("JSON request key", Spot::Body(JSON), Esc::Json, r#"{"labels":{"@@":true},"quantity":-1}"#),
    part("longer JSON request string", Spot::Body(JSON), Esc::Json, r#"{"comment":"see @@ below","quantity":-1}"#),
    part("JSON string in the request", Spot::Body(JSON), Esc::Json2, r#"{"event":"{\"note\":\"@@\"}","quantity":-1}"#),
    part(
        "JSON string twice in the request",
        Spot::Body(JSON),
        Esc::Json3,
        r#"{"event":"{\"in\":\"{\\\"note\\\":\\\"@@\\\"}\"}"}"#,
    ),
    part("form body", Spot::Body("application/x-www-form-urlencoded"), Esc::Form, "quantity=-1&note=@@&city=Lucerne"),
    part(
        "multipart part",
        Spot::Body("multipart/form-data; boundary=b42"),
        Esc::Lines,
        "--b42\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n@@\r\n--b42\r\nContent-Disposition: form-data; name=\"city\"\r\n\r\nLucerne\r\n--b42--\r\n",
    ),
    part(
        "multipart file",
        Spot::Body("multipart/form-data; boundary=b42"),
        Esc::Lines,
        "--b42\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nline one\r\n@@\r\n--b42--\r\n",
    ),
    part(
        "XML request text",
        Spot::Body("application/xml"),
        Esc::Xml,
        "<order><note>@@</note><city>Lucerne</city></order>",
    ),
    part("XML request attribute", Spot::Body("text/xml"), Esc::Xml, "<order label=\"@@\"><city>Lucerne</city></order>"),
    part(
        "JSON error message",
        Spot::Reply(JSON),
        Esc::Json,
        r#"{"error":{"code":"invalid_subject","message":"no such subject: @@","field":"subject"}}"#,
    ),
    part(
        "JSON answer value",
        Spot::Reply(JSON),
        Esc::Json,
        r#"{"error":{"code":"invalid_subject","message":"unknown"},"echo":"@@"}"#,
    ),
    part("HTML error page", Spot::Reply("text/html"), Esc::Xml, "<html><body><h1>422</h1><pre>@@</pre></body></html>"),
];

/// An exchange in parts.
#[derive(Clone)]
pub(crate) struct Message {
    /// The method.
    pub(crate) method: &'static str,
    /// The absolute URL.
    pub(crate) url: String,
    /// The request headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The request body.
    pub(crate) body: String,
    /// The status code.
    pub(crate) status: u16,
    /// The response headers.
    pub(crate) answers: Vec<(String, String)>,
    /// The response body.
    pub(crate) reply: String,
    /// What must stay of all that.
    pub(crate) kept: Vec<String>,
}

/// An exchange without a secret, its request ids, dates, limits and error envelope noted as kept.
pub(crate) fn plain(rng: &mut Rng) -> Message {
    let (ours, idem, theirs) = (rng.uuid(), rng.uuid(), format!("req_{}", rng.alnum(14)));
    let trace = format!("00-{}-{}-01", rng.hex(32), rng.hex(16));
    let ray = format!("{}-ZRH", rng.hex(16));
    let date = format!("Wed, 25 Nov 2026 {:02}:{:02}:{:02} GMT", rng.below(24), rng.below(60), rng.below(60));
    let (limit, left, reset) = (rng.digits(4), rng.digits(3), format!("17{}", rng.chars("0123456789", 8)));
    let tag = format!("{}-{}", rng.hex(8), rng.hex(5));
    let retry = rng.range(11, 99).to_string();
    let message = "The field quantity must be positive.";
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Message {
        method: "POST",
        url: "https://api.example.com/v1/orders?page=27".to_owned(),
        headers: pairs(&[
            ("Host", "api.example.com"),
            ("Accept", JSON),
            ("User-Agent", "acme-client/2.4.1"),
            ("X-Request-Id", &ours),
            ("Idempotency-Key", &idem),
            ("traceparent", &trace),
        ]),
        body: r#"{"quantity":-1,"sku":"SKU-901"}"#.to_owned(),
        status: 422,
        answers: pairs(&[
            ("Date", &date),
            ("Content-Type", JSON),
            ("x-request-id", &theirs),
            ("cf-ray", &ray),
            ("X-RateLimit-Limit", &limit),
            ("X-RateLimit-Remaining", &left),
            ("X-RateLimit-Reset", &reset),
            ("Retry-After", &retry),
            ("ETag", &format!("W/\"{tag}\"")),
        ]),
        reply: format!(
            r#"{{"error":{{"code":"invalid_parameter","message":"{message}","field":"quantity"}},"request_id":"{theirs}"}}"#
        ),
        kept: [ours, idem, theirs, trace, ray, date, limit, left, reset, tag, retry, message.to_owned()]
            .into_iter()
            .chain(
                ["invalid_parameter", "invalid_subject", "acme-client/2.4.1", "api.example.com", "Lucerne", "SKU-901"]
                    .map(String::from),
            )
            .collect(),
    }
}

/// Sets a header of this name, in the place of one that is there.
pub(crate) fn set(list: &mut Vec<(String, String)>, name: &str, value: String) {
    match list.iter_mut().find(|(k, _)| k.eq_ignore_ascii_case(name)) {
        Some(pair) => pair.1 = value,
        None => list.insert(list.len() / 2, (name.to_owned(), value)),
    }
}

impl Message {
    /// Puts `text` at `spot`.
    pub(crate) fn put(&mut self, spot: Spot, text: String) {
        match spot {
            Spot::Header(name) => set(&mut self.headers, name, text),
            Spot::Answer(name) => set(&mut self.answers, name, text),
            Spot::Url => self.url = text,
            Spot::Body(kind) => {
                set(&mut self.headers, "Content-Type", kind.to_owned());
                self.body = text;
            }
            Spot::Reply(kind) => {
                set(&mut self.answers, "Content-Type", kind.to_owned());
                self.reply = text;
            }
        }
    }

    /// Writes the exchange in `form`, of HTTP text only the half that holds `spot`.
    pub(crate) fn render(&self, form: Form, spot: Spot) -> String {
        match form {
            Form::Http => self.http(matches!(spot, Spot::Answer(_) | Spot::Reply(_))),
            Form::Har => self.har(None).to_string(),
            _ => json!({
                "request": {"method": self.method, "url": self.url, "headers": self.headers, "body": self.body},
                "response": {"status": self.status, "headers": self.answers, "body": self.reply},
            })
            .to_string(),
        }
    }

    fn http(&self, answer: bool) -> String {
        let (first, headers, body) = if answer {
            (format!("HTTP/1.1 {} Unprocessable Content", self.status), &self.answers, &self.reply)
        } else {
            let target = self.url.splitn(4, '/').nth(3).unwrap_or_default();
            (format!("{} /{target} HTTP/1.1", self.method), &self.headers, &self.body)
        };
        let lines: String = headers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
        format!("{first}\r\n{lines}\r\n{body}")
    }

    /// The exchange as an HTTP archive, the response content replaced by `content` if given.
    pub(crate) fn har(&self, content: Option<Value>) -> Value {
        let pairs =
            |list: &[(String, String)]| list.iter().map(|(k, v)| json!({"name": k, "value": v})).collect::<Vec<_>>();
        let kind = |list: &[(String, String)]| {
            list.iter().find(|(k, _)| k == "Content-Type").map_or(JSON.to_owned(), |(_, v)| v.clone())
        };
        let content = content
            .unwrap_or_else(|| json!({"size": self.reply.len(), "mimeType": kind(&self.answers), "text": self.reply}));
        json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "entries": [{
            "startedDateTime": "2026-03-04T05:06:07.123Z", "time": 187.4,
            "request": {"method": self.method, "url": self.url, "httpVersion": "HTTP/1.1", "headers": pairs(&self.headers),
                "cookies": [], "queryString": [], "headersSize": -1, "bodySize": self.body.len(),
                "postData": {"mimeType": kind(&self.headers), "text": self.body}},
            "response": {"status": self.status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": pairs(&self.answers),
                "cookies": [], "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1},
            "cache": {}, "timings": {"send": 0.1, "wait": 180.2, "receive": 7.1}}]}})
    }
}

/// An exchange with a secret in it, written in some form.
pub(crate) struct Filled {
    /// The whole text.
    pub(crate) text: String,
    /// The secret as it stands there.
    pub(crate) written: String,
    /// What must stay.
    pub(crate) kept: Vec<String>,
    /// The form, which is another than asked for where that cannot hold the position.
    pub(crate) form: Form,
}

impl Part {
    /// Puts the secret into an exchange and writes it in `form`; `base64` writes the content of an archive as base64.
    pub(crate) fn fill(&self, secret: &Written, form: Form, base64: bool, rng: &mut Rng) -> Option<Filled> {
        let [before, core, behind] =
            [&secret.before, &secret.core, &secret.behind].map(|t| escape(self.esc, t, secret.done));
        let (before, core, behind) = (before?, core?, behind?);
        if core.contains('\0') && self.esc != Esc::Json {
            return None;
        }
        let form = if form == Form::Http && self.text.contains('#') { Form::Exchange } else { form };
        let mut message = plain(rng);
        message.put(self.spot, self.text.replace("@@", &format!("{before}{core}{behind}")));
        let mut written = if form == Form::Http { core.clone() } else { json_text(&core) };
        let text = if base64 && form == Form::Har {
            let Spot::Reply(kind) = self.spot else { return None };
            let (head, tail) = self.text.split_once("@@").unwrap();
            let all = stretch(
                format!("{head}{before}").as_bytes(),
                core.as_bytes(),
                format!("{behind}{tail}").as_bytes(),
                false,
            );
            written.clone_from(&all.core);
            let content = json!({"size": message.reply.len(), "mimeType": kind, "encoding": "base64",
                "text": format!("{}{}{}", all.before, all.core, all.behind)});
            message.har(Some(content)).to_string()
        } else {
            message.render(form, self.spot)
        };
        let kept = message.kept.into_iter().filter(|k| text.contains(k.as_str())).collect();
        Some(Filled { text, written, kept, form })
    }
}
