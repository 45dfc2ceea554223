//! Logs, forms, pages and other texts without any secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::clean::{finish, id, number, ulid, words};
use super::rng::Rng;
use super::{CleanCase, Form};

/// All cases of this file.
pub(crate) fn cases(rng: &mut Rng) -> Vec<CleanCase> {
    let mut cases = Vec::new();
    for round in 0..6 {
        for (name, line) in LINES {
            let (mut text, mut leaves) = (String::new(), Vec::new());
            for _ in 0..25 {
                text += &fill(line, &mut leaves, rng);
                text.push('\n');
            }
            cases.push(finish(&format!("{name} {round}"), Form::Text, text, leaves));
        }
        for (name, form, page) in PAGES {
            let mut leaves = Vec::new();
            let text = fill(page, &mut leaves, rng);
            cases.push(finish(&format!("{name} {round}"), form, text, leaves));
        }
    }
    cases
}

/// Fills the marks `{name}` of a template and notes each filling as a leaf.
fn fill(template: &str, leaves: &mut Vec<String>, rng: &mut Rng) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once("{{") {
        let (mark, after) = tail.split_once("}}").unwrap();
        let value = make(mark, rng);
        out += before;
        out += &value;
        leaves.push(value);
        rest = after;
    }
    out + rest
}

fn make(mark: &str, rng: &mut Rng) -> String {
    match mark {
        "time" => rng.instant(),
        "uuid" => rng.uuid(),
        "ulid" => ulid(rng),
        "sha" => rng.hex(40),
        "short" => rng.hex(7),
        "sha256" => rng.hex(64),
        "trace" => format!("00-{}-{}-01", rng.hex(32), rng.hex(16)),
        "ip" => format!("203.0.113.{}", rng.below(255)),
        "ms" => format!("{}ms", rng.range(1, 900)),
        "n" => number(rng.range(2, 6), rng).to_string(),
        "long" => id(rng.range(16, 19), rng),
        "status" => rng.pick(&["200", "201", "304", "401", "404", "422", "500"]).to_owned(),
        "words" => words(6, rng),
        "path" => {
            format!("/v1/{}/{}", rng.pick(&["orders", "tokens", "password-resets", "sessions", "keys"]), number(6, rng))
        }
        "mail" => format!("{}@example.com", rng.pick(&["ada", "grace", "edsger"])),
        "version" => format!("{}.{}.{}", rng.below(9), rng.below(30), rng.below(99)),
        "date" => format!(
            "{:02}/Mar/2026:{:02}:{:02}:{:02} +0000",
            rng.range(1, 28),
            rng.below(24),
            rng.below(60),
            rng.below(60)
        ),
        "geo" => format!("47.{},8.{}", rng.digits(4), rng.digits(4)),
        "price" => format!("CHF {}.{}", rng.digits(3), rng.digits(2)),
        "hash64" => format!("sha512-{}", STANDARD.encode(rng.bytes(64))),
        "line" => format!(
            "{}:{}",
            rng.pick(&["Auth.java", "TokenService.java", "PasswordPolicy.java", "app.py"]),
            rng.range(1, 900)
        ),
        "color" => format!("#{}", rng.hex(6)),
        other => panic!("no such mark: {other}"),
    }
}

const LINES: [(&str, &str); 12] = [
    (
        "nginx log",
        "{{ip}} - - [{{date}}] \"GET {{path}}?page={{n}}&sort=created HTTP/1.1\" {{status}} {{n}} \"-\" \"Mozilla/{{version}}\"",
    ),
    (
        "logfmt log",
        "time={{time}} level=info msg=\"{{words}}\" path={{path}} status={{status}} duration={{ms}} request_id={{uuid}} max_tokens={{n}}",
    ),
    (
        "JSON lines",
        "{\"ts\":\"{{time}}\",\"level\":\"warn\",\"msg\":\"{{words}}\",\"trace_id\":\"{{uuid}}\",\"status\":{{status}},\"prompt_tokens\":{{n}},\"order\":\"{{long}}\"}",
    ),
    (
        "text log",
        "{{time}} WARN [{{ulid}}] password must be at least 8 characters (field user.password, {{status}}) after {{ms}}",
    ),
    ("stack trace", "\tat com.example.auth.TokenStore.read({{line}}) ~[app-{{version}}.jar:{{short}}]"),
    ("git log", "{{sha}} {{time}} {{words}} (#{{n}})"),
    ("lock lines", "  integrity {{hash64}}\n  version {{version}}"),
    ("traces", "{{time}} span={{trace}} from={{ip}} took={{ms}} retry_after={{n}} idempotency_key={{uuid}}"),
    ("CSV", "{{n}},{{long}},{{mail}},{{geo}},{{price}},{{time}},{{uuid}}"),
    ("checksums", "{{sha256}}  release-{{version}}.tar.gz"),
    ("style sheet", ".c{{short}} { color: {{color}}; order: {{n}} }"),
    ("mail log", "{{time}} mail to {{mail}} about password reset queued as {{ulid}} in {{ms}}"),
];

const PAGES: [(&str, Form, &str); 8] = [
    (
        "HTML page",
        Form::Text,
        "<!doctype html><title>{{words}}</title><link rel=\"stylesheet\" integrity=\"{{hash64}}\" href=\"/a.{{short}}.css\"><form><label for=\"p\">Password</label><input id=\"p\" type=\"password\" name=\"password\"></form><p>{{words}} {{price}}</p>",
    ),
    (
        "form",
        Form::Form,
        "page={{n}}&per_page={{n}}&order={{long}}&author=ada&state=open&key=color&grant_type=client_credentials&max_tokens={{n}}&request_id={{uuid}}",
    ),
    (
        "HTTP request",
        Form::Http,
        "GET {{path}}?page={{n}}&cursor={{ulid}} HTTP/1.1\r\nHost: api.example.com\r\nAccept: application/json\r\nUser-Agent: acme/{{version}}\r\nX-Request-Id: {{uuid}}\r\nIdempotency-Key: {{uuid}}\r\ntraceparent: {{trace}}\r\nIf-None-Match: W/{{sha}}\r\n\r\n",
    ),
    (
        "HTTP answer",
        Form::Http,
        "HTTP/1.1 401 Unauthorized\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\nWWW-Authenticate: Bearer realm=\"shop\", error=\"invalid_token\", error_description=\"The token has expired\"\r\nX-Request-Id: {{uuid}}\r\nX-RateLimit-Remaining: {{n}}\r\nRetry-After: {{n}}\r\nContent-Type: application/json\r\n\r\n{\"error\":{\"code\":\"invalid_token\",\"message\":\"The token has expired\",\"request\":\"{{ulid}}\"},\"status\":{{status}}}",
    ),
    (
        "commit message",
        Form::Text,
        "commit {{sha}}\nAuthor: Ada Lovelace <{{mail}}>\nDate:   {{time}}\n\n    {{words}}\n\n    Fix the token limit of the password form; see #{{n}}.\n    Co-authored-by: Grace Hopper <{{mail}}>\n    Change-Id: I{{sha}}\n",
    ),
    (
        "Markdown",
        Form::Text,
        "# Release {{version}}\n\n- {{words}} ({{short}})\n- Set `max_tokens` to {{n}} and `page_size` to {{n}}\n- See <https://docs.example.com/auth#api-keys> and order {{long}}\n\nBuilt {{time}} from {{sha}}.\n",
    ),
    (
        "YAML",
        Form::Text,
        "openapi: 3.1.0\ninfo:\n  title: {{words}}\n  version: {{version}}\ncomponents:\n  schemas:\n    Login:\n      properties:\n        password:\n          type: string\n          minLength: {{n}}\n  securitySchemes:\n    bearerAuth:\n      type: http\n      scheme: bearer\n",
    ),
    (
        "XML",
        Form::Text,
        "<?xml version=\"1.0\"?>\n<order id=\"{{long}}\" created=\"{{time}}\"><city>Lucerne</city><total currency=\"CHF\">{{price}}</total><passwordPolicy minLength=\"{{n}}\"/><ref>{{uuid}}</ref></order>\n",
    ),
];
