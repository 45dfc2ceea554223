//! The cases of secrets that only the name of their place gives away: headers, parameters, keys, elements, settings.

use serde_json::{Value, json};

use super::carriers::{Esc, escape};
use super::encodings::{Done, form as form_text, json as json_text, named as xml_text};
use super::messages::{Message, Spot, plain};
use super::names::{ANSWERS, HEADERS, KEYS, PARAMS, VALUES, styled};
use super::rng::Rng;
use super::{Case, Form, Planted, Why};

/// All cases of secrets by name.
pub(crate) fn cases(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    headers(&mut cases, rng);
    parameters(&mut cases, rng);
    keys(&mut cases, rng);
    lists(&mut cases, rng);
    texts(&mut cases, rng);
    cases
}

/// An ordinary word, or a random one.
fn value(rng: &mut Rng, narrow: bool) -> String {
    loop {
        let value = if rng.chance(75) { rng.pick(&VALUES).to_owned() } else { rng.alnum(24) };
        if !narrow || value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return value;
        }
    }
}

fn case(form: Form, what: String, text: String, secrets: Vec<(String, String)>, kept: Vec<String>) -> Case {
    let plant = |(value, written)| Planted { why: Why::Name, what: what.clone(), value, written };
    let planted = secrets.into_iter().map(plant).collect();
    Case { name: format!("name: {what} ({form:?})"), form, text, known: Vec::new(), planted, kept }
}

fn exchange(cases: &mut Vec<Case>, message: Message, form: Form, spot: Spot, what: String, secret: (String, String)) {
    let text = message.render(form, spot);
    let (value, written) = secret;
    let written = if form == Form::Http { written } else { json_text(&written) };
    let kept = message.kept.into_iter().filter(|k| text.contains(k.as_str())).collect();
    cases.push(case(form, what, text, vec![(value, written)], kept));
}

fn headers(cases: &mut Vec<Case>, rng: &mut Rng) {
    for (i, (name, shape)) in HEADERS.into_iter().chain(ANSWERS).enumerate() {
        let spot = if i < HEADERS.len() { Spot::Header(name) } else { Spot::Answer(name) };
        for form in if i % 3 == 0 { [Form::Http, Form::Har] } else { [Form::Http, Form::Exchange] } {
            let secret = value(rng, true);
            let mut message = plain(rng);
            message.put(spot, shape.replace("@@", &secret));
            exchange(cases, message, form, spot, format!("{name}: {shape}"), (secret.clone(), secret));
        }
    }
}

fn parameters(cases: &mut Vec<Case>, rng: &mut Rng) {
    for (i, name) in PARAMS.into_iter().enumerate() {
        let secret = value(rng, false);
        let written = form_text(&secret);
        let (key, pair) = (form_text(name), (secret.clone(), written.clone()));
        let mut message = plain(rng);
        message.put(Spot::Url, format!("https://api.example.com/v1/orders?page=27&{key}={written}&limit=5"));
        let form = [Form::Http, Form::Exchange, Form::Har][i % 3];
        exchange(cases, message, form, Spot::Url, format!("query parameter {name}"), pair.clone());
        let kept = vec!["Ada".to_owned(), "Lucerne".to_owned()];
        match i % 4 {
            0 | 1 => {
                let text = format!("first=Ada&{key}={written}&city=Lucerne");
                cases.push(case(Form::Form, format!("form parameter {name}"), text, vec![pair], kept));
            }
            2 => {
                let mut message = plain(rng);
                message.put(Spot::Body("application/x-www-form-urlencoded"), format!("{key}={written}&city=Lucerne"));
                exchange(cases, message, Form::Http, Spot::Body(""), format!("form body parameter {name}"), pair);
            }
            _ => {
                let mut message = plain(rng);
                let field = |name: &str, value: &str| {
                    format!("--b42\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                };
                let body = field("city", "Lucerne") + &field(name, &secret) + "--b42--\r\n";
                message.put(Spot::Body("multipart/form-data; boundary=b42"), body);
                let form = if i % 8 == 3 { Form::Http } else { Form::Exchange };
                exchange(
                    cases,
                    message,
                    form,
                    Spot::Body(""),
                    format!("multipart part {name}"),
                    (secret.clone(), secret),
                );
            }
        }
        if i % 5 == 0 {
            let text = format!(
                "2026-03-04T05:06:07Z GET https://api.example.com/v1/orders?page=27&{key}={written}&limit=5 -> 503 in 41ms\n"
            );
            let kept = vec!["503 in 41ms".to_owned(), "page=27".to_owned()];
            let pair = (value_of(&written), written);
            cases.push(case(Form::Text, format!("query parameter {name} in a log line"), text, vec![pair], kept));
        }
        if i % 6 == 1 {
            let secret = value(rng, true);
            let text =
                format!("Redirected to https://app.example.com/cb#state=ordinary-page&{key}={secret}&expires_in=3600");
            cases.push(case(
                Form::Text,
                format!("fragment parameter {name}"),
                text,
                vec![(secret.clone(), secret)],
                vec!["app.example.com".to_owned()],
            ));
        }
    }
}

/// What a form-encoded text says.
fn value_of(written: &str) -> String {
    percent_encoding::percent_decode_str(&written.replace('+', " ")).decode_utf8().unwrap().into_owned()
}

fn keys(cases: &mut Vec<Case>, rng: &mut Rng) {
    for (i, words) in KEYS.into_iter().enumerate() {
        for turn in 0..3 {
            let key = styled(words, i + turn * 2);
            let (first, second) = (value(rng, false), value(rng, false));
            let number = rng.digits(9);
            let (content, secrets, kind): (Value, Vec<String>, _) = match (i + turn) % 8 {
                0 => (json!(number.parse::<u64>().unwrap()), vec![number], "number"),
                1 => (json!([first, second]), vec![first, second], "array"),
                2 => (json!({"live": first, "test": {"inner": second}}), vec![first, second], "object"),
                3 => (json!([number.parse::<u64>().unwrap(), [first]]), vec![number, first], "nested array"),
                _ => (json!(first), vec![first], "string"),
            };
            let id = rng.uuid();
            let inner = json!({"id": id, "city": "Lucerne", key.clone(): content, "quantity": 8123});
            let pairs = |depth: usize| {
                let write = |s: &String| (0..depth).fold(s.clone(), |text, _| json_text(&text));
                secrets.iter().map(|s| (s.clone(), write(s))).collect::<Vec<_>>()
            };
            let kept = vec![id.clone(), "Lucerne".to_owned(), "8123".to_owned()];
            let what = format!("{kind} under JSON key {key}");
            match (i * 3 + turn) % 7 {
                0 => cases.push(case(Form::Json, what, inner.to_string(), pairs(1), kept)),
                1 => cases.push(case(
                    Form::Json,
                    what + ", deep",
                    json!({"a": [[{"b": inner}]]}).to_string(),
                    pairs(1),
                    kept,
                )),
                2 => {
                    let text = serde_json::to_string_pretty(&inner).unwrap();
                    cases.push(case(Form::Json, what + ", pretty", text, pairs(1), kept));
                }
                3 => {
                    let text = json!({"raw": inner.to_string(), "n": 3}).to_string();
                    cases.push(case(Form::Json, what + ", in a JSON string", text, pairs(2), kept));
                }
                4 => {
                    let text = format!("2026-03-04T05:06:07Z WARN body was {inner} (status 422)\n");
                    cases.push(case(Form::Text, what + ", in a log line", text, pairs(1), kept));
                }
                5 => {
                    let mut message = plain(rng);
                    message.put(Spot::Body("application/json"), inner.to_string());
                    let text = message.render(Form::Exchange, Spot::Body(""));
                    cases.push(case(Form::Exchange, what + ", request body", text, pairs(2), kept));
                }
                _ => {
                    let mut message = plain(rng);
                    message.put(Spot::Reply("application/json"), inner.to_string());
                    let text = message.render(Form::Http, Spot::Reply(""));
                    cases.push(case(Form::Http, what + ", response body", text, pairs(1), kept));
                }
            }
        }
    }
}

/// Pairs of name and value, and the lists of an archive.
fn lists(cases: &mut Vec<Case>, rng: &mut Rng) {
    let kept = || vec!["Lucerne".to_owned()];
    for (i, name) in [
        "password",
        "API_TOKEN",
        "DB_PASSWORD",
        "client_secret",
        "x-api-key",
        "Authorization",
        "githubToken",
        "secretKey",
    ]
    .into_iter()
    .enumerate()
    {
        let secret = value(rng, false);
        let (one, two) = [("name", "value"), ("key", "value"), ("Name", "Value"), ("Key", "Value")][i % 4];
        let text = json!({"env": [{one: "CITY", two: "Lucerne"}, {one: name, two: secret}]}).to_string();
        cases.push(case(
            Form::Json,
            format!("pair {one}/{two} of {name}"),
            text,
            vec![(secret.clone(), json_text(&secret))],
            kept(),
        ));
        let secret = value(rng, false);
        let text = json!({"env": [{two: secret, one: name}, {two: "Lucerne", one: "CITY"}]}).to_string();
        cases.push(case(
            Form::Json,
            format!("pair {two}/{one} of {name}"),
            text,
            vec![(secret.clone(), json_text(&secret))],
            kept(),
        ));
        let secret = value(rng, false);
        let text = json!({"headers": [["X-City", "Lucerne"], [name, secret]]}).to_string();
        cases.push(case(
            Form::Json,
            format!("two-element list of {name}"),
            text,
            vec![(secret.clone(), json_text(&secret))],
            kept(),
        ));
    }
    for (i, name) in
        ["sid", "PHPSESSID", "connect.sid", "_session_id", "auth", "laravel_session", "access_token", "csrftoken"]
            .into_iter()
            .enumerate()
    {
        let secret = value(rng, true);
        let message = plain(rng);
        let mut har = message.har(None);
        let list = if i % 2 == 0 { "/log/entries/0/request/cookies" } else { "/log/entries/0/response/cookies" };
        *har.pointer_mut(list).unwrap() = json!([{"name": name, "value": secret, "path": "/", "httpOnly": true}]);
        let kept = vec!["2026-03-04T05:06:07.123Z".to_owned(), "acme-client/2.4.1".to_owned()];
        cases.push(case(
            Form::Har,
            format!("cookie {name} of {list}"),
            har.to_string(),
            vec![(secret.clone(), secret)],
            kept,
        ));
    }
    for (i, name) in
        ["access_token", "password", "api_key", "client_secret", "sig", "refresh_token"].into_iter().enumerate()
    {
        let secret = value(rng, false);
        let mut har = plain(rng).har(None);
        let pairs = json!([{"name": "city", "value": "Lucerne"}, {"name": name, "value": secret}]);
        let list = if i % 2 == 0 { "queryString" } else { "postData.params" };
        let request = &mut har["log"]["entries"][0]["request"];
        if i % 2 == 0 {
            request["queryString"] = pairs
        } else {
            request["postData"]["params"] = pairs
        }
        cases.push(case(
            Form::Har,
            format!("{name} in {list}"),
            har.to_string(),
            vec![(secret.clone(), json_text(&secret))],
            kept(),
        ));
    }
}

/// A setting: what it is, its text with `@@`, and how the place escapes.
const SETTINGS: [(&str, &str, Esc); 40] = [
    ("XML element", "<login><user>ada</user><password>@@</password><city>Lucerne</city></login>", Esc::Xml),
    (
        "XML element with namespace",
        "<s:Body><s:ClientSecret>@@</s:ClientSecret><s:City>Lucerne</s:City></s:Body>",
        Esc::Xml,
    ),
    (
        "WS-Security password",
        "<wsse:UsernameToken><wsse:Username>ada</wsse:Username><wsse:Password Type=\"PasswordText\">@@</wsse:Password></wsse:UsernameToken><c>Lucerne</c>",
        Esc::Xml,
    ),
    ("XML API key element", "<cfg><apiKey>@@</apiKey><city>Lucerne</city></cfg>", Esc::Xml),
    ("XML access token element", "<r><access_token>@@</access_token><city>Lucerne</city></r>", Esc::Xml),
    ("XML password attribute", "<db user=\"ada\" password=\"@@\" city=\"Lucerne\"/>", Esc::Xml),
    ("XML token attribute", "<session authToken=\"@@\" city=\"Lucerne\"/>", Esc::Xml),
    (
        "XML add key",
        "<appSettings><add key=\"City\" value=\"Lucerne\"/><add key=\"ApiSecret\" value=\"@@\"/></appSettings>",
        Esc::Xml,
    ),
    ("YAML password", "city: Lucerne\npassword: @@\nport: 5432\n", Esc::Line),
    ("YAML quoted password", "city: Lucerne\ndb:\n  user: ada\n  password: \"@@\"\n", Esc::Json),
    ("YAML API key", "city: Lucerne\n  apiKey: '@@'\n", Esc::Sql),
    ("YAML list entry", "env:\n  - name: CITY\n    value: Lucerne\n  - name: API_TOKEN\n    value: @@\n", Esc::Line),
    ("YAML client secret", "oauth:\n  client-secret: @@\n  city: Lucerne\n", Esc::Line),
    (".env password", "CITY=Lucerne\nDB_PASSWORD=@@\nDB_PORT=5432\n", Esc::Line),
    (".env quoted key", "CITY=Lucerne\nSTRIPE_SECRET_KEY=\"@@\"\n", Esc::Json),
    (".env export", "export CITY=Lucerne\nexport GITHUB_TOKEN='@@'\n", Esc::Shell),
    (".env API key", "OPENAI_API_KEY=@@\nCITY=Lucerne\n", Esc::Line),
    (".env AWS secret", "AWS_SECRET_ACCESS_KEY=@@\nAWS_DEFAULT_REGION=eu-west-1\nCITY=Lucerne\n", Esc::Line),
    (".npmrc", "registry=https://registry.npmjs.org/\n//registry.npmjs.org/:_authToken=@@\n; Lucerne\n", Esc::Line),
    ("INI password", "[db]\nuser = ada\npassword = @@\ncity = Lucerne\n", Esc::Line),
    ("INI secret key", "[default]\naws_secret_access_key=@@\ncity=Lucerne\n", Esc::Line),
    ("TOML token", "[registry]\ntoken = \"@@\"\ncity = \"Lucerne\"\n", Esc::Json),
    ("properties", "spring.datasource.password=@@\napp.city=Lucerne\n", Esc::Line),
    (".netrc", "machine api.example.com\nlogin ada\npassword @@\n# Lucerne\n", Esc::Cookie),
    ("logfmt", "level=info city=Lucerne password=\"@@\" status=401\n", Esc::Json),
    ("logfmt token", "level=info city=Lucerne access_token=@@ status=401\n", Esc::Cookie),
    ("log with colon", "2026-03-04 05:06:07 DEBUG login of ada from Lucerne, password: @@\n", Esc::Line),
    (
        "log of a header",
        "2026-03-04 05:06:07 DEBUG > Authorization: Bearer @@\n2026-03-04 05:06:08 INFO Lucerne answered\n",
        Esc::Cookie,
    ),
    ("log of an API key header", "> X-Api-Key: @@\n> Accept: text/csv\n< 401 Lucerne\n", Esc::Line),
    ("cURL header", "curl -H 'Authorization: Bearer @@' https://api.example.com/Lucerne\n", Esc::Cookie),
    ("cURL key header", "curl -H \"X-Api-Key: @@\" 'https://api.example.com/Lucerne'\n", Esc::Cookie),
    ("cURL user", "curl -u ada:@@ https://api.example.com/Lucerne\n", Esc::Cookie),
    ("cURL long user", "curl --user \"ada:@@\" https://api.example.com/Lucerne\n", Esc::Cookie),
    ("cURL form", "curl https://api.example.com/Lucerne -d grant_type=password -d client_secret=@@\n", Esc::Form),
    ("cURL cookie", "curl -b 'sid=@@' https://api.example.com/Lucerne\n", Esc::Cookie),
    ("connection string", "Server=db.example.com;Database=Lucerne;User Id=ada;Password=@@;Encrypt=True", Esc::Cookie),
    ("connection string Pwd", "Driver={SQL Server};Server=Lucerne;Uid=ada;Pwd=@@;", Esc::Cookie),
    ("libpq string", "host=db.example.com dbname=Lucerne user=ada password=@@ sslmode=require", Esc::Cookie),
    ("SQL password", "CREATE USER ada IDENTIFIED BY '@@'; -- Lucerne\n", Esc::Sql),
    ("command option", "deploy --city Lucerne --password=@@ --dry-run\n", Esc::Cookie),
];

fn texts(cases: &mut Vec<Case>, rng: &mut Rng) {
    for (name, text, esc) in SETTINGS {
        for _ in 0..2 {
            let (secret, written) = loop {
                let secret = value(rng, esc == Esc::Line);
                if let Some(written) = escape(esc, &secret, Done::No) {
                    break (secret, written);
                }
            };
            debug_assert!(esc != Esc::Xml || written == xml_text(&secret));
            let kept = vec!["Lucerne".to_owned()];
            cases.push(case(
                Form::Text,
                format!("{name}, {secret}"),
                text.replace("@@", &written),
                vec![(secret, written)],
                kept,
            ));
        }
    }
}
