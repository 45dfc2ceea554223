//! Which programs are running: each holds a lock on a file of its own, which the system lets go of when it ends.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::disk::{self, DiskError};

/// What the lock files are called. Shape: `history-run-1f00ab341f00ab34.lock`.
const BEGIN: &str = "history-run-";
const END: &str = ".lock";

/// This program's own run, from opening the history to the end.
#[derive(Debug)]
pub(super) struct Run {
    id: String,
    path: PathBuf,
    /// Held for its lock.
    _file: File,
}

impl Run {
    /// Begins a run in that folder.
    ///
    /// *Errors*: [`DiskError::System`] where the file cannot be made or locked.
    pub(super) fn begin(folder: &Path) -> Result<Self, DiskError> {
        let mut random = [0_u8; 8];
        let failed = |path: &Path, source| DiskError::System {
            action: "mark the history as being in use",
            path: path.to_path_buf(),
            source,
        };
        getrandom::fill(&mut random).map_err(|_| failed(folder, std::io::Error::other("no randomness")))?;
        let id = format!("{:016x}", u64::from_be_bytes(random));
        let path = path_of(folder, &id);
        for _ in 0..20 {
            let file = disk::open_lock(&path)?;
            match file.try_lock() {
                // Another program that sweeps may have taken the file away before it was locked.
                Ok(()) if path.exists() => return Ok(Self { id, path, _file: file }),
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed(&path, source)),
            }
        }
        Err(failed(&path, std::io::Error::other("another program holds it")))
    }

    /// Whether no other run is alive.
    pub(super) fn is_alone(&self, folder: &Path) -> bool {
        ids(folder).iter().all(|id| *id == self.id || is_over(folder, id))
    }

    /// Its id, which is in no other run.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // The lock goes with the file handle; a name that stays behind is swept by the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the run of that id has ended; its file goes then.
pub(super) fn is_over(folder: &Path, id: &str) -> bool {
    let path = path_of(folder, id);
    // Ids are our own; anything else in the database could name a file elsewhere.
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) || fs::symlink_metadata(&path).is_err() {
        return true;
    }
    let Ok(file) = disk::open_lock(&path) else { return false };
    match file.try_lock() {
        Ok(()) => {
            let _ = fs::remove_file(&path);
            true
        }
        Err(_) => false,
    }
}

/// Removes the files of runs that were killed.
pub(super) fn sweep(folder: &Path) {
    for id in ids(folder) {
        let _ = is_over(folder, &id);
    }
}

fn ids(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let id = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some(name.strip_prefix(BEGIN)?.strip_suffix(END)?.to_owned())
    };
    entries.flatten().filter_map(id).collect()
}

fn path_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{BEGIN}{id}{END}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_over_when_its_lock_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::begin(dir.path()).unwrap();
        let id = run.id().to_owned();
        assert!(!is_over(dir.path(), &id));
        sweep(dir.path());
        assert!(!is_over(dir.path(), &id), "a sweep leaves living runs alone");
        drop(run);
        assert!(is_over(dir.path(), &id));
        assert!(is_over(dir.path(), "../../x") && is_over(dir.path(), ""));
        fs::write(path_of(dir.path(), "ab12"), "").unwrap();
        sweep(dir.path());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
