//! The cases of secrets that their own structure gives away, each in several innocent places.

use serde_json::json;

use super::encodings::{encode, json as json_text};
use super::messages::{Spot, plain};
use super::money::{CARDS, COUNTRIES, card, iban};
use super::rng::Rng;
use super::structures::{Framed, framed};
use super::{Case, Form, Planted, Why, tokens, tokens_more};

/// How many places [`place`] knows.
const PLACES: usize = 14;

/// All cases of secrets by shape.
pub(crate) fn cases(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    for (i, (name, make)) in tokens::FORMATS.into_iter().chain(tokens_more::FORMATS).enumerate() {
        for turn in 0..4 {
            let value = make(rng);
            cases.extend(place(i * 3 + turn * 5, &Framed::bare(name, value), rng));
        }
        if i % 3 == 0 {
            cases.extend(encoded(i / 3, name, make(rng), rng));
        }
    }
    for turn in 0..3 {
        for (i, secret) in framed(rng).iter().enumerate() {
            cases.extend(place(i * 5 + turn * 3, secret, rng));
        }
    }
    for turn in 0..4 {
        for (i, (name, _, _)) in CARDS.into_iter().enumerate() {
            let number = card(i, turn, rng);
            let name = format!("{name} number {}", ["plain", "with blanks", "with dashes", "plain again"][turn]);
            cases.extend(place(turn * 4 + i, &Framed::bare(&name, number), rng));
        }
    }
    for (i, (country, _)) in COUNTRIES.into_iter().enumerate() {
        for spaced in [false, true] {
            let name = format!("IBAN of {country}{}", if spaced { " with blanks" } else { "" });
            cases.extend(place(i + usize::from(spaced) * 4, &Framed::bare(&name, iban(i, spaced, rng)), rng));
        }
    }
    cases
}

fn case(form: Form, what: String, text: String, value: &str, written: String, kept: Vec<String>) -> Case {
    let planted = vec![Planted { why: Why::Shape, what: what.clone(), value: value.to_owned(), written }];
    Case { name: format!("shape: {what} ({form:?})"), form, text, known: Vec::new(), planted, kept }
}

/// The secret in place `n`, or in a later one where that cannot hold it; nothing if no place can.
fn place(n: usize, secret: &Framed, rng: &mut Rng) -> Option<Case> {
    (0..PLACES).find_map(|step| attempt((n + step) % PLACES, secret, rng))
}

fn attempt(n: usize, secret: &Framed, rng: &mut Rng) -> Option<Case> {
    let whole = format!("{}{}{}", secret.before, secret.written, secret.behind);
    let one_line = !whole.contains('\n');
    let url_safe = whole.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
    let path_safe = url_safe
        || (secret.before.is_empty() && whole.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:=".contains(c)));
    let id = rng.uuid();
    let plain_text = |what: &str, text: String| {
        let kept = [id.as_str(), "Lucerne", "HTTP 503", "E-4417"]
            .iter()
            .filter(|k| text.contains(**k))
            .map(|k| (*k).to_owned())
            .collect();
        Some(case(Form::Text, format!("{} in {what}", secret.name), text, &secret.value, secret.written.clone(), kept))
    };
    let document = |what: &str, text: String, depth: usize| {
        let written = (0..depth).fold(secret.written.clone(), |text, _| json_text(&text));
        let kept = vec![id.clone(), "Lucerne".to_owned()];
        Some(case(Form::Json, format!("{} in {what}", secret.name), text, &secret.value, written, kept))
    };
    let mut exchange = |what: &str, form: Form, spot: Spot, text: String, json_body: bool| {
        let mut message = plain(rng);
        message.put(spot, text);
        let text = message.render(form, spot);
        let once = if json_body { json_text(&secret.written) } else { secret.written.clone() };
        let written = if form == Form::Http { once } else { json_text(&once) };
        let kept = message.kept.into_iter().filter(|k| text.contains(k.as_str())).collect();
        Some(case(form, format!("{} in {what}", secret.name), text, &secret.value, written, kept))
    };
    match n {
        0 => plain_text("a sentence", format!("Ticket {id}: the customer from Lucerne sent {whole} by mistake.")),
        1 if one_line => {
            plain_text("a log line", format!("2026-03-04T05:06:07Z ERROR [{id}] cannot parse {whole} (E-4417)\n"))
        }
        2 => document("a JSON note", json!({"id": id, "note": whole, "city": "Lucerne"}).to_string(), 1),
        3 => document(
            "a JSON list",
            json!({"id": id, "lines": ["first", whole, "third"], "city": "Lucerne"}).to_string(),
            1,
        ),
        4 => document(
            "a longer JSON string",
            json!({"id": id, "message": format!("cannot use {whole} here"), "city": "Lucerne"}).to_string(),
            1,
        ),
        5 => document(
            "a JSON string in JSON",
            json!({"id": id, "raw": json!({"note": whole}).to_string(), "city": "Lucerne"}).to_string(),
            2,
        ),
        6 if one_line => exchange("a debug header", Form::Http, Spot::Header("X-Debug"), format!("saw {whole}"), false),
        7 if one_line => exchange(
            "a debug header of the answer",
            Form::Exchange,
            Spot::Answer("X-Debug"),
            format!("saw {whole}"),
            false,
        ),
        8 if path_safe => exchange(
            "a URL path",
            Form::Http,
            Spot::Url,
            format!("https://api.example.com/v1/shares/{whole}/files?page=27"),
            false,
        ),
        9 if url_safe => exchange(
            "a query value",
            Form::Exchange,
            Spot::Url,
            format!("https://api.example.com/v1/orders?ref={whole}&page=27"),
            false,
        ),
        10 => exchange(
            "an error message",
            Form::Exchange,
            Spot::Reply("application/json"),
            json!({"error": {"code": "invalid_subject", "message": format!("unknown: {whole}")}}).to_string(),
            true,
        ),
        11 => exchange(
            "a JSON answer",
            Form::Http,
            Spot::Reply("application/json"),
            json!({"echo": {"text": whole}, "code": "invalid_subject"}).to_string(),
            true,
        ),
        12 => exchange(
            "a HAR response",
            Form::Har,
            Spot::Reply("application/json"),
            json!({"echo": [whole], "code": "invalid_subject"}).to_string(),
            true,
        ),
        13 if one_line && !whole.contains([',', '"']) => {
            plain_text("a table", format!("id,text,city\n{id},{whole},Lucerne\n"))
        }
        _ => None,
    }
}

/// The secret in a lightly escaped writing that every reader of the place undoes.
fn encoded(n: usize, name: &str, value: String, rng: &mut Rng) -> Option<Case> {
    let (kind, encoding, form, text, kept) = match n % 5 {
        0 => (
            "percent-encoded in every byte, in a log line",
            3,
            Form::Text,
            "GET /v1/orders?ref=@@&page=27 503\n",
            "page=27",
        ),
        1 => ("JSON escapes for all characters", 19, Form::Json, r#"{"note":"@@","city":"Lucerne"}"#, "Lucerne"),
        2 => ("JSON escapes for some characters", 20, Form::Json, r#"{"list":["@@"],"city":"Lucerne"}"#, "Lucerne"),
        3 => ("decimal HTML entities", 24, Form::Text, "<p>@@</p><p>Lucerne</p>", "Lucerne"),
        _ => ("percent-encoded in some characters, in a form", 5, Form::Form, "city=Lucerne&note=@@", "Lucerne"),
    };
    let secret = encode(encoding, &value, rng)?;
    Some(case(
        form,
        format!("{name}, {kind}"),
        text.replace("@@", &secret.core),
        &value,
        secret.core,
        vec![kept.to_owned()],
    ))
}
