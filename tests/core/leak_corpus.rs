//! The corpus of planted secrets against the redactor: what must go, what must stay, and how often it errs.

use std::collections::BTreeMap;
use std::sync::Arc;

use altyaa_console::secret::{DocumentForm, KnownValues, Redactor, Rules, Secret};

use crate::leaks::{self, Case, Form, Why, leftover};

/// The corpus of the ordinary tests; others are drawn by `tests/long leaks`.
const SEED: u64 = 1;

fn form(form: Form) -> DocumentForm {
    match form {
        Form::Text => DocumentForm::Text,
        Form::Json | Form::Har | Form::Exchange => DocumentForm::Json,
        Form::Http => DocumentForm::Http,
        Form::Form => DocumentForm::Form,
    }
}

/// The text without its secrets; what the last look said where it refused.
fn clean(text: &str, kind: Form, known: &[String]) -> Result<String, String> {
    let known = known.iter().map(|value| ("known".to_owned(), Secret::new(value.clone()))).collect();
    let mut redactor = Redactor::with_known(Rules::built_in(), Arc::new(KnownValues::new(known)));
    redactor.document(text, form(kind)).map(|clean| clean.into_inner()).map_err(|leak| leak.to_string())
}

/// How many were planted and how many are left, by why they are secret.
#[derive(Default)]
struct Tally {
    planted: BTreeMap<&'static str, (usize, usize)>,
    left: Vec<String>,
    lost: Vec<String>,
    refused: Vec<String>,
}

/// A stretch of the text with what stands before and behind it, for a person who reads what failed.
fn around(text: &str, what: &str) -> String {
    let at = text.find(what).unwrap_or(0);
    let start = text.floor_char_boundary(at.saturating_sub(80));
    let end = text.ceil_char_boundary((at + what.len().min(120) + 30).min(text.len()));
    text[start..end].escape_debug().to_string()
}

fn judge(case: &Case, tally: &mut Tally) {
    let output = match clean(&case.text, case.form, &case.known) {
        Ok(output) => output,
        Err(leak) => {
            tally.refused.push(format!("{}: {leak}", case.name));
            String::new()
        }
    };
    for secret in &case.planted {
        let why = match secret.why {
            Why::Known => "known",
            Why::Name => "name",
            Why::Shape => "shape",
        };
        let count = tally.planted.entry(why).or_default();
        count.0 += 1;
        let is_left =
            output.contains(&secret.value) || output.contains(&secret.written) || leftover(secret, &output).is_some();
        if is_left {
            count.1 += 1;
            tally.left.push(format!("{} | {} | {}", case.name, secret.what, around(&case.text, &secret.written)));
        }
    }
    for kept in case.kept.iter().filter(|kept| !output.contains(kept.as_str()) && !output.is_empty()) {
        tally.lost.push(format!("{} | {}", case.name, kept.escape_debug()));
    }
}

fn tally(seed: u64) -> Tally {
    let mut tally = Tally::default();
    for case in leaks::dirty(seed) {
        assert_eq!(leaks::faults(&case), Vec::<String>::new(), "{}", case.name);
        judge(&case, &mut tally);
    }
    tally
}

/// How many values of clean texts there are, and which were removed.
fn false_removals(seed: u64) -> (usize, Vec<String>) {
    let mut values = 0;
    let mut removed = Vec::new();
    for case in leaks::clean(seed) {
        values += case.values;
        match clean(&case.text, case.form, &[]) {
            Ok(output) => {
                let gone = case.leaves.iter().filter(|leaf| !output.contains(leaf.as_str()));
                removed.extend(gone.map(|leaf| format!("{} | {}", case.name, around(&case.text, leaf))));
            }
            Err(leak) => removed.push(format!("{} | refused: {leak}", case.name)),
        }
    }
    (values, removed)
}

/// Everything that is wrong with one corpus, in words; what failed is printed.
fn faults_of(seed: u64) -> Vec<String> {
    let tally = tally(seed);
    for (why, (planted, left)) in &tally.planted {
        println!("seed {seed}: {why}: {planted} planted, {left} left");
    }
    let (values, removed) = false_removals(seed);
    println!(
        "seed {seed}: {values} clean values, {} removed; {} kept ones lost; {} refused",
        removed.len(),
        tally.lost.len(),
        tally.refused.len()
    );
    for line in tally.left.iter().chain(&tally.refused).chain(&tally.lost).chain(&removed) {
        println!("  {line}");
    }
    let mut faults = Vec::new();
    let mut fault = |is_wrong: bool, what: String| {
        if is_wrong {
            faults.push(format!("seed {seed}: {what}"));
        }
    };
    for why in ["known", "name"] {
        fault(tally.planted[why].1 > 0, format!("{} secret by {why} are left", tally.planted[why].1));
    }
    let (planted, left) = tally.planted["shape"];
    fault(left * 50 > planted, format!("{left} of {planted} tokens are left"));
    fault(!tally.lost.is_empty(), format!("{} that must stay are lost", tally.lost.len()));
    fault(!tally.refused.is_empty(), format!("{} were refused", tally.refused.len()));
    fault(removed.len() * 200 >= values, format!("{} of {values} clean values are gone", removed.len()));
    faults
}

#[test]
fn planted_secrets_go_and_the_rest_stays() {
    assert_eq!(faults_of(SEED), Vec::<String>::new());
}

/// Corpora that nobody has looked at, for `tests/long leaks`.
#[test]
#[ignore = "takes minutes; tests/long leaks runs it"]
fn long_planted_secrets_of_other_seeds_go_too() {
    let faults: Vec<String> = (2..=9).flat_map(faults_of).collect();
    assert_eq!(faults, Vec::<String>::new());
}
