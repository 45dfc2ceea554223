//! `altyaa redact`: any text without its secrets, and an account of what was removed.

use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::file_input::{FileInput, read_file};
use super::foreign_bytes::{bytes_of, text_of};
use super::jsonl::answer_texts;
use super::output::{print, refuse, unless_closed};
use super::program::{FAILURE, Stop, USAGE};
use crate::disk;
use crate::secret::{DocumentForm, KnownValues, Leak, Redactor, Rules, Secret};
use crate::text::visible;

/// `altyaa redact …`.
#[derive(Args, Clone, Debug)]
pub struct RedactArgs {
    /// The text; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// What the text is
    #[arg(long = "as", value_enum, default_value_t, value_name = "FORM")]
    pub form: Form,
    /// An environment variable that holds a secret, removed wherever and however it is written
    #[arg(long, value_name = "NAME")]
    pub secret_env: Vec<String>,
    /// Where to write what was removed and what was kept, as JSON
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// One exchange or any JSON value a line on standard input, each redacted on a line of standard output
    #[arg(long, conflicts_with_all = ["file", "manifest", "form"])]
    pub jsonl: bool,
}

/// A form of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Told by its beginning
    #[default]
    Auto,
    /// Free text, such as a log
    Text,
    /// JSON, also one value a line
    Json,
    /// HTTP messages with head and body
    Http,
    /// An HTTP archive
    Har,
    /// A form as browsers send it
    Form,
}

impl Form {
    fn document(self) -> DocumentForm {
        match self {
            Self::Auto => DocumentForm::Auto,
            Self::Text => DocumentForm::Text,
            Self::Json | Self::Har => DocumentForm::Json,
            Self::Http => DocumentForm::Http,
            Self::Form => DocumentForm::Form,
        }
    }
}

/// Runs the command; 1 if the finished text still held a secret, which is then not written.
pub(super) fn run(args: &RedactArgs, rules: Arc<Rules>, input: &mut dyn BufRead) -> Result<u8, Stop> {
    let known = Arc::new(KnownValues::new(secrets(&args.secret_env)?));
    if args.jsonl {
        return stream(&rules, &known, input);
    }
    let file = args.file.as_deref().unwrap_or("-");
    let bytes = read_file(file, FileInput::Text, input).map_err(|error| Stop::new(FAILURE, error, ""))?;
    let (text, way) = text_of(&bytes);
    let mut redactor = Redactor::with_known(rules, known);
    let clean = redactor.document(&text, args.form.document()).map_err(stop_of)?;
    if let Some(path) = &args.manifest {
        let manifest = serde_json::to_vec_pretty(redactor.manifest())
            .map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?;
        disk::write_atomic(path, &[manifest.as_slice(), b"\n"].concat())?;
    }
    // A terminal obeys what stands in a text; a file and a pipe get the bytes.
    let is_shown = io::stdout().is_terminal();
    print(&if is_shown { visible(&clean).into_owned().into_bytes() } else { bytes_of(&clean, way) })?;
    Ok(0)
}

/// Each line by itself: what one gave away says nothing of the next.
fn stream(rules: &Arc<Rules>, known: &Arc<KnownValues>, input: &mut dyn BufRead) -> Result<u8, Stop> {
    let mut output = io::stdout().lock();
    let written = answer_texts(input, &mut output, |line| {
        let mut redactor = Redactor::with_known(Arc::clone(rules), Arc::clone(known));
        match redactor.document(line, DocumentForm::Json) {
            Ok(clean) => Some(clean.into_inner()),
            Err(leak) => {
                refuse(&mut io::stderr().lock(), &leak.summary(), &leak.place(), &leak.fix());
                None
            }
        }
    });
    let flushed = written.and_then(|()| output.flush());
    unless_closed(flushed).map_err(|error| {
        Stop::new(FAILURE, format!("the stream broke off: {error}"), "Give it a pipe that stays open")
    })?;
    Ok(0)
}

fn secrets(names: &[String]) -> Result<Vec<(String, Secret)>, Stop> {
    let mut secrets = Vec::new();
    for name in names {
        match std::env::var(name) {
            Ok(value) if !value.is_empty() => secrets.push((name.clone(), Secret::new(value))),
            _ => {
                return Err(Stop::new(
                    USAGE,
                    format!("The environment variable {name} is empty, not set, or no text"),
                    "Set it, or leave --secret-env out: nothing was written",
                ));
            }
        }
    }
    Ok(secrets)
}

fn stop_of(leak: Leak) -> Stop {
    Stop { code: 1, summary: leak.summary(), place: leak.place(), fix: leak.fix() }
}
