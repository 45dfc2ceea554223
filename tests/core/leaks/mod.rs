//! A corpus that judges the redactor, made without knowledge of it: texts with planted secrets and texts without any.
//!
//! A secret is first written in an encoding; the place where it stands then escapes that as such a place does, so that
//! `hexadecimal with blanks` in a URL has `%20` for its blanks. [`faults`] checks that a case is fit to judge a tool.

pub(crate) mod carriers;
pub(crate) mod clean;
pub(crate) mod clean_apis;
pub(crate) mod clean_docs;
pub(crate) mod clean_logs;
pub(crate) mod clean_more;
pub(crate) mod encodings;
pub(crate) mod known;
pub(crate) mod messages;
pub(crate) mod money;
pub(crate) mod named;
pub(crate) mod names;
pub(crate) mod rng;
pub(crate) mod shaped;
pub(crate) mod structures;
pub(crate) mod tokens;
pub(crate) mod tokens_more;
pub(crate) mod values;

use rng::Rng;

/// How a case is given to the tool.
#[expect(clippy::enum_variant_names, reason = "the variants are called as the tool calls its input forms")]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) enum Form {
    /// Plain text.
    Text,
    /// A JSON document.
    Json,
    /// One HTTP message.
    Http,
    /// An HTTP archive.
    Har,
    /// A form of the type `application/x-www-form-urlencoded`.
    Form,
    /// One object `{"request": {method, url, headers, body}, "response": {status, headers, body}}`.
    Exchange,
}

/// Why a planted value is secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) enum Why {
    /// It is handed to the tool as known.
    Known,
    /// The name of its place says so.
    Name,
    /// Its own documented structure says so.
    Shape,
}

/// A secret in a case.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    /// Why it is secret.
    pub(crate) why: Why,
    /// What it is, where, and how written.
    pub(crate) what: String,
    /// The bare secret.
    pub(crate) value: String,
    /// The secret as it stands in the text.
    pub(crate) written: String,
}

/// A text with secrets.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// A name that no other case has.
    pub(crate) name: String,
    /// How it is given to the tool.
    pub(crate) form: Form,
    /// The text.
    pub(crate) text: String,
    /// The values handed to the tool as known.
    pub(crate) known: Vec<String>,
    /// The secrets that must go.
    pub(crate) planted: Vec<Planted>,
    /// The strings that must stay.
    pub(crate) kept: Vec<String>,
}

/// A text without secrets.
#[derive(Clone, Debug)]
pub(crate) struct CleanCase {
    /// A name that no other case has.
    pub(crate) name: String,
    /// How it is given to the tool.
    pub(crate) form: Form,
    /// The text.
    pub(crate) text: String,
    /// The number of leaf values in it.
    pub(crate) values: usize,
    /// The leaf values as they stand in the text.
    pub(crate) leaves: Vec<String>,
}

/// All cases with secrets that follow from `seed`.
pub(crate) fn dirty(seed: u64) -> Vec<Case> {
    let mut rng = Rng::new(seed);
    let mut cases = known::cases(&mut rng);
    cases.extend(named::cases(&mut rng));
    cases.extend(shaped::cases(&mut rng));
    for (i, case) in cases.iter_mut().enumerate() {
        case.name = format!("{i:04} {}", case.name);
        let planted = &case.planted;
        case.kept.retain(|k| {
            !planted.iter().any(|p| k.contains(&p.value) || k.contains(&p.written) || p.written.contains(k.as_str()))
        });
    }
    cases
}

/// All cases without secrets that follow from `seed`.
pub(crate) fn clean(seed: u64) -> Vec<CleanCase> {
    clean::cases(&mut Rng::new(seed ^ 0x00c1_ea00))
}

/// What is wrong with a case itself, apart from any tool: nothing if it is fit to judge one.
pub(crate) fn faults(case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rest = case.text.clone();
    for secret in &case.planted {
        if secret.written.is_empty() || !case.text.contains(&secret.written) {
            faults.push(format!("not in the text as written: {:?}", secret.written));
        }
        rest = rest.replace(&secret.written, "\u{1}");
    }
    for secret in &case.planted {
        rest = rest.replace(&secret.value, "\u{1}");
        if secret.why == Why::Known && !case.known.contains(&secret.value) {
            faults.push("planted as known, not handed over".to_owned());
        }
    }
    for kept in case.kept.iter().filter(|k| !rest.contains(k.as_str())) {
        faults.push(format!("to be kept, but not apart from the secrets: {kept:?}"));
    }
    faults
}

/// A stretch of the secret as written that `output` still has, half of the secret long and eight characters at least:
/// found where a secret was taken out by halves.
pub(crate) fn leftover(secret: &Planted, output: &str) -> Option<String> {
    let starts: Vec<usize> = secret.written.char_indices().map(|(at, _)| at).chain([secret.written.len()]).collect();
    let least = ((starts.len() - 1) / 2).max(8);
    let pieces = starts.iter().zip(starts.iter().skip(least)).map(|(start, end)| &secret.written[*start..*end]);
    // A row of backslashes stands in many places and says nothing.
    let says = |piece: &&str| piece.chars().filter(|c| c.is_alphanumeric()).count() * 2 >= least;
    pieces.into_iter().filter(says).find(|piece| output.contains(piece)).map(str::to_owned)
}
