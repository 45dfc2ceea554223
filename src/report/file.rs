//! The report's file: its name, where it goes, and that nothing is overwritten unasked.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::error::ReportError;
use crate::disk::{DataDir, create_new, write_atomic};
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How many names are tried before giving up on a folder.
const TRIES: u32 = 100;

/// A file name from a safe alphabet. Shape: `altyaa-report-2026-11-22-120000-invalid_request.md`.
pub fn file_name(record: &ExchangeRecord) -> String {
    let time = record.started_at.parse::<Timestamp>().unwrap_or_default().strftime("%Y-%m-%d-%H%M%S").to_string();
    let status = || record.response.as_ref().map_or("no-answer".to_owned(), |response| response.status.to_string());
    let subject: String = record
        .code
        .clone()
        .unwrap_or_else(status)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' })
        .take(40)
        .collect();
    format!("altyaa-report-{time}-{subject}.md")
}

/// Writes a report, readable by its owner only, and says where.
///
/// Without a path it is a new file in the folder for downloads; with another data directory than the default, in its
/// folder `reports`, so that everything of that directory stays together.
/// *Errors*: [`ReportError::Disk`]; a file that is there is replaced only if `is_replacing`.
pub fn write(
    text: &Redacted<String>,
    path: Option<PathBuf>,
    record: &ExchangeRecord,
    data_dir: &DataDir,
    is_replacing: bool,
) -> Result<PathBuf, ReportError> {
    let Some(path) = path else { return write_new(text, &folder(data_dir)?, &file_name(record)) };
    let written = if is_replacing { write_atomic(&path, text.as_bytes()) } else { create_new(&path, text.as_bytes()) };
    written.map_err(ReportError::Disk)?;
    Ok(path)
}

fn folder(data_dir: &DataDir) -> Result<PathBuf, ReportError> {
    let downloads = directories::UserDirs::new().and_then(|dirs| dirs.download_dir().map(Path::to_path_buf));
    match downloads.filter(|folder| data_dir.is_default() && folder.is_dir()) {
        Some(folder) => Ok(folder),
        None => crate::disk::private_folder(&data_dir.file("reports")).map_err(ReportError::Disk),
    }
}

fn write_new(text: &Redacted<String>, folder: &Path, name: &str) -> Result<PathBuf, ReportError> {
    let stem = name.trim_end_matches(".md");
    let mut number = 1;
    loop {
        let path = folder.join(if number == 1 { name.to_owned() } else { format!("{stem}-{number}.md") });
        match create_new(&path, text.as_bytes()) {
            Ok(()) => return Ok(path),
            Err(error) if error.is_already_there() && number < TRIES => number += 1,
            Err(error) => return Err(ReportError::Disk(error)),
        }
    }
}

/// The SHA-256 of a text in lower-case hexadecimal digits.
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
