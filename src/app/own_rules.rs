//! The redaction rules with what the person added to them in the data directory.

use std::sync::Arc;

use crate::disk::{self, DataDir};
use crate::secret::{OWN_RULES_FILE, Rules};

/// The largest file of own rules, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The program's rules with those of `redaction.toml`, if there is one.
///
/// *Errors*: what happened, where, and what to do, for a file that cannot be read or is wrong.
pub fn redaction_rules(data_dir: &DataDir) -> Result<Arc<Rules>, (String, String, String)> {
    let bytes = match disk::read_bounded(&data_dir.file(OWN_RULES_FILE), MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(Rules::built_in()),
        Err(error) => return Err((error.summary(), error.place(), error.fix())),
    };
    let text = String::from_utf8_lossy(&bytes);
    Rules::with_own(&text).map(Arc::new).map_err(|error| (error.summary(), error.place(), error.fix()))
}
