//! Texts that carry one secret: JSON, XML, YAML, logs, commands, SQL, tables; `@@` is the place of the secret.

use super::Form;
use super::encodings::{Done, Written, form, json, named, percent};
use super::rng::Rng;

/// How a place escapes what stands in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Esc {
    /// Not at all, and line ends cannot stand there.
    Line,
    /// Not at all; several lines may stand there.
    Lines,
    /// As a cookie value: one line without a semicolon.
    Cookie,
    /// As the inside of a JSON string.
    Json,
    /// As JSON in a JSON string.
    Json2,
    /// As JSON in a JSON string in a JSON string.
    Json3,
    /// As XML text or attribute value.
    Xml,
    /// As a part of a URL.
    Url,
    /// As a value of a form.
    Form,
    /// As an SQL string: `'` is doubled.
    Sql,
    /// As a CSV field in quotes: `"` is doubled.
    Csv,
    /// As a single-quoted word of a shell.
    Shell,
}

/// Escapes `text`, or gives nothing where the place cannot hold it.
pub(crate) fn escape(esc: Esc, text: &str, done: Done) -> Option<String> {
    let control = text.contains(['\r', '\n', '\0']);
    let once = || if done == Done::Json { text.to_owned() } else { json(text) };
    Some(match esc {
        Esc::Line if !control => text.to_owned(),
        Esc::Lines => text.to_owned(),
        Esc::Cookie if !control && !text.contains([';', ',', '"', ' ']) => text.to_owned(),
        Esc::Line | Esc::Cookie => return None,
        Esc::Json => once(),
        Esc::Json2 => json(&once()),
        Esc::Json3 => json(&json(&once())),
        Esc::Xml if done == Done::Xml => text.to_owned(),
        Esc::Xml => named(text),
        Esc::Url | Esc::Form if done == Done::Url => text.to_owned(),
        Esc::Url => percent(text, true, |c| !c.is_ascii_alphanumeric() && !"-._~".contains(c)),
        Esc::Form => form(text),
        Esc::Sql => text.replace('\'', "''"),
        Esc::Csv => text.replace('"', "\"\""),
        Esc::Shell => text.replace('\'', "'\\''"),
    })
}

/// A template with a place for one secret.
pub(crate) struct Place {
    /// What it is.
    pub(crate) name: &'static str,
    /// The form of the text.
    pub(crate) form: Form,
    /// How the place escapes.
    pub(crate) esc: Esc,
    /// The text, `@@` for the secret and `%%` for a request id.
    pub(crate) text: &'static str,
    /// What must stay.
    pub(crate) kept: &'static [&'static str],
}

const fn at(name: &'static str, form: Form, esc: Esc, text: &'static str, kept: &'static [&'static str]) -> Place {
    Place { name, form, esc, text, kept }
}

/// All text templates.
pub(crate) const PLACES: [Place; 38] = [
    at("JSON value", Form::Json, Esc::Json, r#"{"note":"@@","order":"ord-7731","request_id":"%%"}"#, &["ord-7731"]),
    at(
        "JSON array element",
        Form::Json,
        Esc::Json,
        r#"{"items":["first-part","@@","third-part"],"page":4}"#,
        &["first-part", "third-part"],
    ),
    at("JSON key", Form::Json, Esc::Json, r#"{"seen":{"@@":12,"plain-neighbour":13},"id":"%%"}"#, &["plain-neighbour"]),
    at(
        "longer JSON string",
        Form::Json,
        Esc::Json,
        r#"{"message":"upstream said: @@ is unknown here","code":"unknown_subject"}"#,
        &["unknown_subject", "is unknown here"],
    ),
    at(
        "deep JSON value",
        Form::Json,
        Esc::Json,
        r#"{"a":[{"b":{"c":[[{"label":"@@"}]]}}],"status":"open-case"}"#,
        &["open-case"],
    ),
    at("JSON in a JSON string", Form::Json, Esc::Json2, r#"{"raw":"{\"note\":\"@@\",\"n\":5}","trace":"%%"}"#, &[]),
    at(
        "JSON twice in a JSON string",
        Form::Json,
        Esc::Json3,
        r#"{"raw":"{\"inner\":\"{\\\"note\\\":\\\"@@\\\"}\"}","trace":"%%"}"#,
        &[],
    ),
    at(
        "pretty JSON",
        Form::Json,
        Esc::Json,
        "{\n  \"label\": \"@@\",\n  \"count\": 8123,\n  \"ref\": \"%%\"\n}\n",
        &["8123"],
    ),
    at(
        "base64 field in JSON",
        Form::Json,
        Esc::Json,
        r#"{"payload":"@@","encoding":"base64","name":"report-09.pdf"}"#,
        &["report-09.pdf"],
    ),
    at("form value", Form::Form, Esc::Form, "first=Ada&note=@@&page=31415", &["Ada", "31415"]),
    at("form name", Form::Form, Esc::Form, "first=Ada&@@=1&city=Lucerne", &["Ada", "Lucerne"]),
    at(
        "XML text",
        Form::Text,
        Esc::Xml,
        "<?xml version=\"1.0\"?>\n<order id=\"7731\"><note>@@</note><city>Lucerne</city></order>\n",
        &["Lucerne", "7731"],
    ),
    at(
        "XML attribute",
        Form::Text,
        Esc::Xml,
        "<order label=\"@@\" city=\"Lucerne\"><item sku=\"SKU-9\"/></order>",
        &["Lucerne", "SKU-9"],
    ),
    at(
        "HTML",
        Form::Text,
        Esc::Xml,
        "<!doctype html><p class=\"msg\">Value: <b>@@</b></p><p>Step 3 of 4</p>",
        &["Step 3 of 4"],
    ),
    at(
        "YAML in double quotes",
        Form::Text,
        Esc::Json,
        "order: 7731\nnote: \"@@\"\ncity: Lucerne\n",
        &["Lucerne", "7731"],
    ),
    at("YAML in single quotes", Form::Text, Esc::Sql, "order: 7731\nnote: '@@'\ncity: Lucerne\n", &["Lucerne"]),
    at("YAML block", Form::Text, Esc::Lines, "order: 7731\nnote: |\n  @@\ncity: Lucerne\n", &["Lucerne"]),
    at(
        "logfmt line",
        Form::Text,
        Esc::Json,
        "ts=2026-03-04T05:06:07Z level=warn msg=\"refused\" subject=\"@@\" status=422 request_id=%%\n",
        &["2026-03-04T05:06:07Z", "status=422"],
    ),
    at(
        "nginx line",
        Form::Text,
        Esc::Url,
        "203.0.113.7 - - [04/Mar/2026:05:06:07 +0000] \"GET /v1/orders?ref=@@ HTTP/1.1\" 422 187 \"-\" \"curl/8.5.0\"\n",
        &["203.0.113.7", "curl/8.5.0", "422 187"],
    ),
    at(
        "nginx referrer",
        Form::Text,
        Esc::Url,
        "203.0.113.7 - - [04/Mar/2026:05:06:07 +0000] \"POST /hook HTTP/1.1\" 500 9 \"https://app.example.com/r/@@/x\" \"Mozilla/5.0\"\n",
        &["app.example.com", "POST /hook"],
    ),
    at(
        "JSON line",
        Form::Text,
        Esc::Json,
        "{\"level\":\"info\",\"msg\":\"start\"}\n{\"level\":\"error\",\"msg\":\"bad value @@\",\"id\":\"%%\"}\n{\"level\":\"info\",\"msg\":\"closing-down\"}\n",
        &["closing-down"],
    ),
    at(
        "stack trace",
        Form::Text,
        Esc::Line,
        "java.lang.IllegalStateException: rejected: @@\n\tat com.example.Orders.place(Orders.java:88)\n\tat com.example.Main.main(Main.java:12)\n",
        &["Orders.java:88", "IllegalStateException"],
    ),
    at(
        "Python trace",
        Form::Text,
        Esc::Line,
        "Traceback (most recent call last):\n  File \"app.py\", line 42, in <module>\nValueError: cannot use '@@' (E-4417)\n",
        &["app.py", "line 42", "E-4417"],
    ),
    at(
        "syslog line",
        Form::Text,
        Esc::Line,
        "<34>1 2026-03-04T05:06:07Z web01 app 712 ID47 - got @@ from peer 198.51.100.23\n",
        &["198.51.100.23", "web01"],
    ),
    at(
        "cURL header",
        Form::Text,
        Esc::Shell,
        "curl -sS -X POST 'https://api.example.com/v1/orders' -H 'X-Trace: @@' -H 'Accept: application/json' --data '{\"qty\":3}'\n",
        &["https://api.example.com/v1/orders", "Accept: application/json"],
    ),
    at(
        "cURL data",
        Form::Text,
        Esc::Shell,
        "curl https://api.example.com/v1/orders -d 'note=@@' -d 'qty=3' --max-time 20\n",
        &["--max-time 20", "qty=3"],
    ),
    at(
        "cURL URL",
        Form::Text,
        Esc::Url,
        "curl 'https://api.example.com/v1/@@/lines?page=27' -H 'Accept: text/csv'\n",
        &["page=27", "text/csv"],
    ),
    at(
        "cURL user",
        Form::Text,
        Esc::Shell,
        "curl -u 'ada:@@' https://api.example.com/v1/orders --retry 2\n",
        &["api.example.com", "--retry 2"],
    ),
    at(
        "SQL",
        Form::Text,
        Esc::Sql,
        "INSERT INTO notes (id, body, city) VALUES (7731, '@@', 'Lucerne');\n",
        &["INSERT INTO notes", "Lucerne"],
    ),
    at(
        "connection string",
        Form::Text,
        Esc::Line,
        "Server=tcp:db.example.com,1433;Database=orders;User ID=ada;Password=@@;Encrypt=True;\n",
        &["db.example.com", "Database=orders"],
    ),
    at(
        "database URL",
        Form::Text,
        Esc::Url,
        "DATABASE_URL=postgres://ada:@@@db.example.com:5432/orders?sslmode=require\n",
        &["db.example.com", "sslmode=require"],
    ),
    at(
        "Markdown",
        Form::Text,
        Esc::Line,
        "# Incident 88\n\nThe call with `@@` failed.\n\n| step | result |\n|------|--------|\n| 1 | HTTP 503 |\n",
        &["Incident 88", "HTTP 503"],
    ),
    at(
        "Markdown code block",
        Form::Text,
        Esc::Lines,
        "Steps:\n\n```text\n@@\n```\n\nThen it answered HTTP 503.\n",
        &["HTTP 503"],
    ),
    at(
        "CSV",
        Form::Text,
        Esc::Csv,
        "id,note,city\r\n7731,\"@@\",Lucerne\r\n7732,\"-\",Geneva\r\n",
        &["Lucerne", "Geneva"],
    ),
    at("TSV", Form::Text, Esc::Line, "id\tnote\tcity\n7731\t@@\tLucerne\n", &["Lucerne"]),
    at(
        "plain sentence",
        Form::Text,
        Esc::Lines,
        "The support asked for @@ and the order 7731 on Tuesday.",
        &["order 7731", "Tuesday"],
    ),
    at(
        "properties file",
        Form::Text,
        Esc::Line,
        "app.city=Lucerne\napp.note=@@\napp.pool.size=24\n",
        &["app.pool.size=24"],
    ),
    at(
        "mail part",
        Form::Text,
        Esc::Lines,
        "Subject: Report 88\nMIME-Version: 1.0\nContent-Type: text/plain\n\nGood morning,\n@@\nKind regards\n",
        &["Report 88", "Kind regards"],
    ),
];

/// A filled text.
pub(crate) struct Placed {
    /// The whole text.
    pub(crate) text: String,
    /// The secret as it stands there.
    pub(crate) written: String,
    /// What must stay.
    pub(crate) kept: Vec<String>,
}

impl Place {
    /// Puts the secret into the template.
    pub(crate) fn fill(&self, secret: &Written, rng: &mut Rng) -> Option<Placed> {
        let [before, written, behind] =
            [&secret.before, &secret.core, &secret.behind].map(|part| escape(self.esc, part, secret.done));
        let (before, written, behind) = (before?, written?, behind?);
        if written.contains('\0') && self.esc != Esc::Json && self.esc != Esc::Lines {
            return None;
        }
        let id = rng.uuid();
        let text = self.text.replace("%%", &id).replace("@@@", &format!("{before}{written}{behind}@"));
        let text = text.replace("@@", &format!("{before}{written}{behind}"));
        let mut kept: Vec<String> = self.kept.iter().map(|k| (*k).to_owned()).collect();
        if self.text.contains("%%") {
            kept.push(id);
        }
        Some(Placed { text, written, kept })
    }
}
