//! Why a text is not read as a cURL command: what, where and what to do.

use thiserror::Error;

use crate::text::Position;

/// Why a cURL command could not be read.
///
/// *Secrets*: none; an option is named without its value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CurlError {
    /// The text does not begin with the command.
    #[error("this is no cURL command, {position}")]
    NoCommand {
        /// Where the command should begin.
        position: Position,
    },
    /// A quote or bracket is not closed.
    #[error("the {sign} at {position} is not closed")]
    Unclosed {
        /// What opens there. Shape: `"`, `$(`.
        sign: &'static str,
        /// Where.
        position: Position,
    },
    /// An option stands at the end without its value.
    #[error("the option {option} at {position} has no value")]
    NoValue {
        /// The option. Shape: `--header`.
        option: String,
        /// Where.
        position: Position,
    },
    /// No word of the command is an address.
    #[error("the command names no address")]
    NoAddress,
    /// More than 100,000 words.
    #[error("the command has more than 100,000 words")]
    TooManyWords,
    /// More than 256 MiB.
    #[error("the text is larger than 256 MiB")]
    TooLarge,
}

impl CurlError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::NoCommand { .. } => "this is no cURL command".to_owned(),
            Self::Unclosed { sign, .. } => format!("the {sign} is not closed"),
            Self::NoValue { option, .. } => format!("the option {option} has no value"),
            Self::NoAddress | Self::TooManyWords | Self::TooLarge => self.to_string(),
        }
    }

    /// Where. Shape: `line 1, column 7`; empty where it is the whole text.
    pub fn place(&self) -> String {
        match self {
            Self::NoCommand { position } | Self::Unclosed { position, .. } | Self::NoValue { position, .. } => {
                position.to_string()
            }
            Self::NoAddress | Self::TooManyWords | Self::TooLarge => String::new(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoCommand { .. } => "begin with the command, such as curl https://api.example.com/v1/posts",
            Self::Unclosed { .. } => "close it, or copy the command again with its last line",
            Self::NoValue { .. } => "write the value as the next word, or copy the command again with its last line",
            Self::NoAddress => "add the address, such as https://api.example.com/v1/posts",
            Self::TooManyWords => "give a single command",
            Self::TooLarge => "give a part of it",
        }
    }
}
