//! Every reader of foreign bytes under libFuzzer; `FUZZ_TARGET` names the reader.
//!
//! A panic, an overflow or an input that takes longer than the time-out is a find. What a find taught goes into the
//! regression cases beside the reader.
#![no_main]

use std::sync::LazyLock;

use altyaa_console::diagnosis::{DiagnosisInput, diagnose};
use altyaa_console::interop::{read_curl, read_har, read_paste};
use altyaa_console::profile::{self, Profile};
use altyaa_console::text::{Document, Form, find, find_one_based, first_steps, graphql_token, spelled, surroundings};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

static ALTYAA: LazyLock<Profile> = LazyLock::new(|| profile::built_in("altyaa").expect("the profile loads"));
static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let known = TARGETS.iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("FUZZ_TARGET is none of {:?}", TARGETS.map(|(name, _)| name))).1
});

const TARGETS: [(&str, fn(&[u8])); 7] = [
    ("envelope", envelope),
    ("path", path),
    ("document", document),
    ("curl", curl),
    ("har", har),
    ("paste", paste),
    ("profile", profile_file),
];

fuzz_target!(|data: &[u8]| (*TARGET)(data));

/// Lines before the first empty one are headers, the rest the body; the first byte chooses the status.
fn envelope(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let status = [200, 207, 301, 400, 401, 404, 409, 422, 429, 500, 503][usize::from(*first) % 11];
    let split = rest.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = split.map_or((&b""[..], rest), |at| (&rest[..at], &rest[at + 2..]));
    let head = String::from_utf8_lossy(head);
    let headers: Vec<(String, String)> =
        head.lines().filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    // The body's own text stands in for a payload, so that paths and values meet.
    let payload = String::from_utf8_lossy(body);
    let input = DiagnosisInput {
        status,
        headers: &headers,
        body,
        method: Some("POST"),
        url: Some("https://api.example.com/v1/posts/p_1?limit=5"),
        request_headers: &["X-Key"],
        payload: Some(&payload),
    };
    let said = diagnose(&input, &ALTYAA, Timestamp::UNIX_EPOCH);
    for field in &said.fields {
        if let Some(span) = field.span {
            assert!(payload.get(span.start..span.end).is_some(), "a span that fits no text");
        }
    }
}

/// The first line is a path, the rest the payload.
fn path(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (path, payload) = text.split_once('\n').unwrap_or((&text, ""));
    let document = Document::parse(payload);
    first_steps(path);
    let found = find(&document, path);
    find_one_based(&document, path, found.map(|found| found.node));
    if let Some(form) = Form::read(payload, None) {
        form.nearest(path);
        let span = form.find(path).map(|found| found.part.span);
        assert!(span.is_none_or(|span| span.slice(payload).is_some()), "a part that fits no text");
    }
    let token = graphql_token(&document, 1 + path.len() % 7, 1 + path.len() % 61);
    assert!(token.is_none_or(|span| span.slice(payload).is_some_and(|token| !token.is_empty())), "no token");
    match found {
        Some(found) => {
            spelled(found.node);
            let pointer = found.node.pointer();
            assert!(found.node.span().slice(payload).is_some());
            let again = document.at_pointer(pointer.as_str()).expect("a pointer leads back");
            assert_eq!(again.pointer(), pointer);
        }
        None => {
            surroundings(&document, path);
        }
    }
}

/// Every value's span is whole text that reads as the same value again.
fn document(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let document = Document::parse(&text);
    for node in document.descendants().take(1000) {
        let span = node.span();
        let raw = span.slice(&text).expect("a span fits the text");
        if document.is_complete() {
            assert!(Document::parse(raw).is_complete(), "{raw:?}");
        }
        document.node_at(span.start);
    }
}

/// A command's end lies in the text, and what is refused is told with a remedy.
fn curl(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match read_curl(&text) {
        Ok(command) => assert!(text.get(command.end..).is_some(), "an end that fits no text"),
        Err(error) => assert!(!error.fix().is_empty()),
    }
}

/// No more entries than are counted, none but whole ones.
fn har(data: &[u8]) {
    match read_har(&String::from_utf8_lossy(data)) {
        Ok(har) => assert!(har.entries.len() <= har.total),
        Err(error) => assert!(!error.fix().is_empty()),
    }
}

/// Whatever is pasted has a diagnosis or a remedy.
fn paste(data: &[u8]) {
    match read_paste(&String::from_utf8_lossy(data)) {
        Ok(pasted) => {
            let names = pasted.header_names();
            let input = pasted.input(&names);
            let said = diagnose(&input, &ALTYAA, Timestamp::UNIX_EPOCH);
            for span in said.fields.iter().filter_map(|field| field.span) {
                let payload = input.payload.expect("a place is in a payload");
                assert!(payload.get(span.start..span.end).is_some(), "a span that fits no text");
            }
        }
        Err(error) => assert!(!error.fix().is_empty()),
    }
}

fn profile_file(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Err(error) = profile::load(text, "fuzzed.toml")
    {
        assert!(!error.fix().is_empty());
    }
}
