//! Why a profile is refused: what, where and what to write instead.

use thiserror::Error;

use super::{BUILT_IN_NAMES, nearest_name};

/// Why there is no profile.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// No built-in profile has this name, and no file this path.
    #[error("there is no profile named {name}")]
    NotFound {
        /// What was asked for.
        name: String,
    },
    /// The file could not be read.
    #[error("the profile could not be read: {source}: {file}")]
    Unreadable {
        /// The file as it was named.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is longer than [`super::MAX_PROFILE_BYTES`].
    #[error("the profile is longer than 1 MiB: {file}")]
    TooLong {
        /// The file as it was named.
        file: String,
    },
    /// The file is not UTF-8.
    #[error("the profile is not UTF-8 text, from byte {at} on: {file}")]
    NotUtf8 {
        /// The file as it was named.
        file: String,
        /// The first byte that does not fit, counted from 0.
        at: usize,
    },
    /// Something in it is wrong.
    #[error("{fault}, line {line}, column {column}: {file}")]
    Broken {
        /// The file as it was named.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1.
        column: usize,
        /// What is wrong there.
        fault: Fault,
    },
}

/// What is wrong at one place of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// It is not TOML.
    #[error("this is not TOML: {0}")]
    Syntax(String),
    /// A key that profiles do not have.
    #[error("there is no key {key} here")]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The keys that may stand here.
        known: Vec<String>,
    },
    /// A key that has to be there and is not.
    #[error("the key {0} is missing")]
    MissingKey(String),
    /// A value of another type.
    #[error("{0}")]
    WrongType(String),
    /// A word that is none of those allowed, with those allowed.
    #[error("{what} cannot be {word:?}")]
    UnknownWord {
        /// What the word stands for. Shape: `an action id`.
        what: &'static str,
        /// The word as written.
        word: String,
        /// The words that may stand here.
        known: Vec<String>,
    },
    /// Two entries with one name.
    #[error("{what} {name:?} is there twice")]
    Twice {
        /// What kind of entry. Shape: `the code`.
        what: &'static str,
        /// Their name.
        name: String,
    },
    /// A name, header, address or pointer that breaks its rule.
    #[error("{word:?} is not {what}")]
    BadForm {
        /// What it should be. Shape: `a JSON Pointer`.
        what: &'static str,
        /// The text as written.
        word: String,
        /// What to write instead.
        fix: &'static str,
    },
    /// Environments without exactly one default.
    #[error("{0} environments are the default")]
    Defaults(usize),
    /// The embedded environment has an address, although it gets one at each start.
    #[error("an embedded environment has no base")]
    EmbeddedBase,
    /// Anything else the reader said.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// What to write instead.
    pub fn fix(&self) -> String {
        match self {
            Self::Syntax(_) => "correct the line so that it reads like: key = \"value\"".to_owned(),
            Self::UnknownKey { key, known } => meant(key, known),
            Self::UnknownWord { word, known, .. } => meant(word, known),
            Self::MissingKey(key) => format!("add {key} to this table"),
            Self::WrongType(text) => right_type(text),
            Self::Twice { .. } => "remove one of them, or give it another name".to_owned(),
            Self::BadForm { fix, .. } => (*fix).to_owned(),
            Self::Defaults(0) => "write is_default = true in one environment".to_owned(),
            Self::Defaults(_) => "keep is_default = true in one environment and remove it from the others".to_owned(),
            Self::EmbeddedBase => "remove base: the embedded sandbox gets its address at each start".to_owned(),
            Self::Other(_) => "compare it with assets/profiles/altyaa.toml".to_owned(),
        }
    }
}

/// "Did you mean", or the list of what is possible.
fn meant(word: &str, known: &[String]) -> String {
    match nearest_name(word, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("write one of {}", known.join(", ")),
    }
}

/// The fix for the reader's sentence "invalid type: integer `5`, expected a string".
fn right_type(text: &str) -> String {
    let expected = text.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    match expected {
        "a string" => "write text in quotes, such as \"value\"".to_owned(),
        "a boolean" => "write true or false, without quotes".to_owned(),
        "a sequence" => "write a list, such as [\"one\", \"two\"], or [[name]] tables".to_owned(),
        other if other.starts_with("struct") => "write a table with the keys it holds".to_owned(),
        _ => "compare it with assets/profiles/altyaa.toml".to_owned(),
    }
}

impl ProfileError {
    /// What happened, in a few words.
    pub fn summary(&self) -> String {
        match self {
            Self::NotFound { name } => format!("there is no profile named {name}"),
            Self::Unreadable { source, .. } => format!("the profile could not be read: {source}"),
            Self::TooLong { .. } => "the profile is longer than 1 MiB".to_owned(),
            Self::NotUtf8 { .. } => "the profile is not UTF-8 text".to_owned(),
            Self::Broken { fault, .. } => fault.to_string(),
        }
    }

    /// Where. Shape: `mine.toml, line 3, column 1`; none where there is no file.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => None,
            Self::Unreadable { file, .. } | Self::TooLong { file } => Some(file.clone()),
            Self::NotUtf8 { file, at } => Some(format!("{file}, byte {at}")),
            Self::Broken { file, line, column, .. } => Some(format!("{file}, line {line}, column {column}")),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound { name } => match nearest_name(name, BUILT_IN_NAMES) {
                Some(near) => format!("did you mean {near}? Otherwise give the path of a profile file"),
                None => format!(
                    "choose one of {}, put the file into the folder profiles of the data directory, or give its path",
                    BUILT_IN_NAMES.join(", ")
                ),
            },
            Self::Unreadable { .. } => "check that the file is there and may be read".to_owned(),
            Self::TooLong { .. } => "check that it is a profile; a real one is a few kilobytes long".to_owned(),
            Self::NotUtf8 { .. } => "save it as UTF-8".to_owned(),
            Self::Broken { fault, .. } => fault.fix(),
        }
    }
}
