//! The cases of known values: every position crossed with every encoding, sampled evenly.

use serde_json::{Value, json};

use super::carriers::PLACES;
use super::encodings::{NAMES, Written, encode, json as json_text};
use super::messages::{PARTS, plain};
use super::rng::Rng;
use super::values::{KINDS, Known, known};
use super::{Case, Form, Planted, Why};

/// All cases of known values.
pub(crate) fn cases(rng: &mut Rng) -> Vec<Case> {
    let mut cases = Vec::new();
    let turn = rng.below(KINDS);
    for (i, place) in PLACES.iter().enumerate() {
        for n in 0..NAMES.len() {
            if (i * 7 + n * 3) % 4 != 0 && n != 0 {
                continue;
            }
            let (known, secret) = draw(turn + i * 5 + n * 7, n, rng);
            let Some(secret) = secret else { continue };
            let Some(placed) = place.fill(&secret, rng) else { continue };
            let what = what(&known, place.name, n);
            cases.push(case(place.form, known.value, what, placed.text, placed.written, placed.kept));
        }
    }
    let forms = [(Form::Http, false), (Form::Exchange, false), (Form::Har, false), (Form::Har, true)];
    for (i, part) in PARTS.iter().enumerate() {
        for n in 0..NAMES.len() {
            for (f, (form, base64)) in forms.into_iter().enumerate() {
                if (i * 5 + n * 7 + f * 3) % 12 > usize::from(n == 0) * 3 {
                    continue;
                }
                let (known, secret) = draw(turn + i * 11 + n + f * 3, n, rng);
                let Some(secret) = secret else { continue };
                let Some(filled) = part.fill(&secret, form, base64, rng) else { continue };
                let content = if base64 { ", content in base64" } else { "" };
                let what = what(&known, part.name, n) + content;
                cases.push(case(filled.form, known.value, what, filled.text, filled.written, filled.kept));
            }
        }
    }
    for k in 0..KINDS {
        cases.push(archive(k, rng));
        cases.push(many(k, rng));
    }
    cases
}

/// A value of kind `k` in encoding `n`, or of a later kind where that encoding does not change it.
fn draw(k: usize, n: usize, rng: &mut Rng) -> (Known, Option<Written>) {
    for step in 0..KINDS {
        let value = known(k + step, rng);
        let secret = encode(n, &value.value, rng);
        if secret.is_some() {
            return (value, secret);
        }
    }
    (known(k, rng), None)
}

fn what(known: &Known, place: &str, n: usize) -> String {
    format!("{} in {place}, {}", known.kind, NAMES[n])
}

fn case(form: Form, value: String, what: String, text: String, written: String, kept: Vec<String>) -> Case {
    let planted = vec![Planted { why: Why::Known, what: what.clone(), value: value.clone(), written }];
    Case { name: format!("known: {what} ({form:?})"), form, text, known: vec![value], planted, kept }
}

/// A known value in the lists of an archive: cookies, query, parameters of posted data.
fn archive(k: usize, rng: &mut Rng) -> Case {
    let Known { kind, value } = known(k, rng);
    let message = plain(rng);
    let mut har = message.har(None);
    let entry = &mut har["log"]["entries"][0];
    let (place, pointer) = match k % 4 {
        0 => ("cookie of a HAR request", "/request/cookies"),
        1 => ("queryString of a HAR request", "/request/queryString"),
        2 => ("postData parameter of a HAR request", "/request/postData/params"),
        _ => ("cookie of a HAR response", "/response/cookies"),
    };
    entry["request"]["postData"]["params"] = json!([]);
    *entry.pointer_mut(pointer).unwrap() =
        json!([{"name": "page", "value": "27"}, {"name": "ref", "value": value}]) as Value;
    let text = har.to_string();
    let kept = message.kept.into_iter().filter(|word| text.contains(word.as_str())).collect();
    let written = json_text(&value);
    case(Form::Har, value, format!("{kind} in {place}, plain"), text, written, kept)
}

/// Three known values in one text, each in several writings.
fn many(k: usize, rng: &mut Rng) -> Case {
    let mut planted = Vec::new();
    let (mut text, mut known_values) = (String::from("run 4471 started\n"), Vec::new());
    for i in 0..3 {
        let Known { kind, value } = known(k + i * 5, rng);
        for n in [0, rng.range(1, 11), rng.range(12, 18), rng.range(19, 35)] {
            let Some(secret) = encode(n, &value, rng) else { continue };
            text += &format!("step {i}.{n} saw [{}{}{}] and went on\n", secret.before, secret.core, secret.behind);
            let what = format!("{kind} among several, {}", NAMES[n]);
            planted.push(Planted { why: Why::Known, what, value: value.clone(), written: secret.core });
        }
        known_values.push(value);
    }
    text += "run 4471 ended with status 503\n";
    let kept = vec!["run 4471 started".to_owned(), "run 4471 ended with status 503".to_owned()];
    Case {
        name: format!("known: three values in several writings, {k}"),
        form: Form::Text,
        text,
        known: known_values,
        planted,
        kept,
    }
}
