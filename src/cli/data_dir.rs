//! The common flag `--data-dir`, and how a refusal is written.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::disk::{DataDir, DiskError};

/// The flag that every subcommand takes.
#[derive(Args, Clone, Debug, Default)]
pub struct DataDirArg {
    /// Where everything but keyring entries is kept; else ALTYAA_DATA_DIR, else the system's place for it.
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

impl DataDirArg {
    /// Finds the directory and makes it where needed.
    ///
    /// *Errors*: those of [`DataDir::resolve`].
    pub fn resolve(self) -> Result<DataDir, DiskError> {
        DataDir::resolve(self.data_dir)
    }
}

/// Writes what happened, where, and what to do, on standard error's behalf.
///
/// The place is left out where the first line already names it.
/// Shape: `altyaa: The data directory belongs to another user (/x)`, then `  Name a directory of your own …`.
pub fn refuse(to: &mut dyn Write, summary: &str, place: &str, fix: &str) {
    let said = summary.to_lowercase();
    let is_said = place.split(' ').all(|word| said.contains(&word.to_lowercase()));
    let place = if is_said { String::new() } else { format!(" ({})", shown(place)) };
    // Nothing can be said when standard error itself is gone.
    let _ = writeln!(to, "altyaa: {}{place}", shown(summary));
    if !fix.is_empty() {
        let _ = writeln!(to, "  {}", shown(fix));
    }
}

/// Makes what a terminal would obey visible. Shape: `\u{1b}`.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_bidi =
            matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || is_bidi {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_named_is_not_named_twice() {
        let mut out = Vec::new();
        refuse(&mut out, "There is no credential named x", "credential x", "");
        refuse(&mut out, "The file is gone", "", "");
        refuse(&mut out, "The file is gone", "/y", "");
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "altyaa: There is no credential named x\naltyaa: The file is gone\naltyaa: The file is gone (/y)\n"
        );
    }

    #[test]
    fn a_refusal_obeys_nothing_that_came_from_outside() {
        let mut out = Vec::new();
        refuse(&mut out, "No file", "a\u{1b}[2J\u{202e}b", "Do this");
        assert_eq!(String::from_utf8(out).unwrap(), "altyaa: No file (a\\u{1b}[2J\\u{202e}b)\n  Do this\n");
    }
}
