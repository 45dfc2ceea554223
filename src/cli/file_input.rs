//! Reads the files that arguments name, bounded, `-` from standard input.

use std::fs::File;
use std::io::{self, BufRead, Read};

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What a file is, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileInput {
    /// An answer's body.
    Answer,
    /// A request's payload.
    Payload,
    /// Any text.
    Text,
}

impl FileInput {
    fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Payload => "payload",
            Self::Text => "text",
        }
    }
}

/// A file's bytes, or all of standard input for `-`.
///
/// # Errors
///
/// A sentence for people: what could not be read, why, and the file last.
pub fn read_file(name: &str, what: FileInput, input: &mut dyn BufRead) -> Result<Vec<u8>, String> {
    let failed = |error: io::Error| {
        format!(
            "the {} could not be read: {error}; name a file that can be, or - for standard input: {name}",
            what.word()
        )
    };
    let mut bytes = Vec::new();
    // One byte more than is taken, so that a larger file is seen without being read whole.
    let read = if name == "-" {
        input.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)
    } else {
        File::open(name).map_err(failed)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)
    };
    let length = read.map_err(failed)?;
    if u64::try_from(length).is_ok_and(|length| length > MAX_FILE_BYTES) {
        return Err(format!("the {} is larger than 256 MiB; give a part of it: {name}", what.word()));
    }
    Ok(bytes)
}
