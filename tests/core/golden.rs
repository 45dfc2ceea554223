//! Golden pairs: an answer as a case, and the whole diagnosis object that has to come out.
//!
//! `tests/core/golden/FOLDER/NAME.case.json` is one case of `altyaa diagnose --jsonl`, plus an optional `"profile"`;
//! `NAME.expected.json` is written by the rules of the diagnosis object before the program has printed one. In the folder
//! `altyaa` it is the whole object; in the others the members that are read from the answer, since meaning, resolution
//! and actions are the standard's there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use altyaa_console::cli::diagnose::{DiagnoseArgs, run};
use altyaa_console::profile;
use serde_json::Value;

/// Every case file below the golden folder.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/golden");
    let mut cases = Vec::new();
    for folder in fs::read_dir(root).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.to_str().unwrap().ends_with(".case.json") {
                cases.push(path);
            }
        }
    }
    cases.sort();
    cases
}

fn expected_path(case: &Path) -> PathBuf {
    PathBuf::from(case.to_str().unwrap().replace(".case.json", ".expected.json"))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

#[test]
fn every_case_gives_its_expected_diagnosis() {
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let args = DiagnoseArgs {
        file: None,
        status: None,
        headers: Vec::new(),
        method: None,
        url: None,
        request: None,
        jsonl: true,
    };
    let mut wrong = Vec::new();
    let cases = cases();
    for path in &cases {
        let case = json(path);
        let profile = profile::find(case.get("profile").and_then(Value::as_str).unwrap_or("altyaa")).unwrap();
        // Through the stream, so that the contract's own reader and writer are in the test.
        let line = format!("{case}\n");
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let code = run(&args, &profile, true, now, &mut line.as_bytes(), &mut output, &mut errors);
        assert_eq!((code, errors.as_slice()), (0, b"".as_slice()));
        let printed: Value = serde_json::from_slice(&output).unwrap();
        let expected = json(&expected_path(path));
        let is_whole = path.parent().unwrap().ends_with("altyaa");
        if !if is_whole { is_whole_object(&expected, &printed) } else { agrees(&expected, &printed) } {
            wrong.push(format!("{}\n{}", path.display(), differences(&expected, &printed)));
        }
        let keys: Vec<&String> = printed.as_object().unwrap().keys().collect();
        if is_whole {
            // Members that are there only at times may be left out of the expected file.
            let wanted: Vec<&String> = expected.as_object().unwrap().keys().collect();
            let stated: Vec<&String> = keys.into_iter().filter(|name| *name != "disagreements").collect();
            assert_eq!(stated, wanted, "order of members");
        } else {
            let read = ["format", "code", "message", "fields", "request_id", "retry_after_s", "doc_url", "answered_by"];
            assert!(read.iter().all(|name| expected.get(name).is_some()), "{path:?} leaves a member out");
        }
    }
    assert!(wrong.is_empty(), "{} of {} are wrong\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Whether the printed object is the expected one, apart from members that are there only at times.
fn is_whole_object(expected: &Value, printed: &Value) -> bool {
    let mut printed = printed.clone();
    if expected.get("disagreements").is_none() {
        printed.as_object_mut().unwrap().remove("disagreements");
    }
    let fields = printed["fields"].as_array_mut().unwrap();
    for (field, wanted) in fields.iter_mut().zip(expected["fields"].as_array().unwrap()) {
        for member in ["found_as", "one_based", "text_span"] {
            if wanted.get(member).is_none() {
                field.as_object_mut().unwrap().remove(member);
            }
        }
    }
    printed == *expected
}

/// Whether every member that is expected is printed so; more may be printed.
fn agrees(expected: &Value, printed: &Value) -> bool {
    match (expected, printed) {
        (Value::Object(expected), Value::Object(printed)) => {
            expected.iter().all(|(name, value)| printed.get(name).is_some_and(|printed| agrees(value, printed)))
        }
        (Value::Array(expected), Value::Array(printed)) => {
            expected.len() == printed.len() && expected.iter().zip(printed).all(|(one, other)| agrees(one, other))
        }
        (Value::Number(expected), Value::Number(printed)) => expected.as_f64() == printed.as_f64(),
        _ => expected == printed,
    }
}

/// The members in which two objects differ.
fn differences(expected: &Value, printed: &Value) -> String {
    let members = expected.as_object().unwrap().iter();
    let unlike = members.filter(|(name, value)| !printed.get(name).is_some_and(|printed| agrees(value, printed)));
    unlike
        .map(|(name, value)| format!("  {name}\n    expected {value}\n    printed  {}", printed[name.as_str()]))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_code_of_the_catalogue_has_a_case_and_every_case_its_partner() {
    let cases = cases();
    assert!(cases.len() >= 30);
    let codes: BTreeSet<String> =
        cases.iter().filter_map(|path| json(&expected_path(path))["code"].as_str().map(str::to_owned)).collect();
    for entry in profile::built_in("altyaa").unwrap().codes {
        assert!(codes.contains(&entry.code), "no case for {}", entry.code);
    }
}

#[test]
fn every_shape_has_several_cases_and_the_unknown_and_the_harmless_have_theirs() {
    let mut formats: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let (mut unknown, mut harmless, mut traps) = (0, 0, 0);
    for path in cases() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        unknown += usize::from(name.starts_with("unknown_"));
        harmless += usize::from(name.starts_with("noerror_"));
        traps += usize::from(name.contains("trap_"));
        *formats.entry(json(&expected_path(&path))["format"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let shapes = "altyaa problem google stripe github twilio shopify microsoft aws s3 paypal plaid square adyen hubspot \
                  meta linkedin x tiktok buffer ayrshare upload_post discord slack notion openai anthropic cloudflare \
                  kubernetes jira salesforce zendesk zoho huawei akamai jsonapi graphql oauth fastapi spring laravel \
                  aspnet ably";
    for shape in shapes.split_whitespace() {
        assert!(formats.get(shape).is_some_and(|count| *count >= 2), "{shape} has too few cases");
    }
    assert!(unknown >= 10 && harmless >= 20 && traps >= 12, "{unknown} {harmless} {traps}");
}
