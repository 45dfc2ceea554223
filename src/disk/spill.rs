//! The one folder of spill files: found late, closed to others, swept of what a killed run left.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::data_dir;
use super::error::DiskError;
use super::spill_file::{NAME_PREFIX, SpillKey, SpillWriter};

/// The environment variable that names the cache directory.
pub const CACHE_DIR_VARIABLE: &str = "ALTYAA_CACHE_DIR";

/// What a failure says was being done.
const PREPARE: &str = "prepare the cache directory";
const SWEEP: &str = "remove an old spill file";

/// Where bodies too large for memory go, as enciphered files whose key is only in this process.
///
/// A clone is the same directory with the same key. Nothing is touched on the disk before [`SpillDir::sweep`] or
/// [`SpillDir::create`].
#[derive(Clone)]
pub struct SpillDir {
    shared: Arc<Shared>,
}

struct Shared {
    /// The cache directory; the files are in its folder `spill`.
    place: Option<PathBuf>,
    /// Made with the first file.
    key: Mutex<Option<SpillKey>>,
}

impl SpillDir {
    /// Names the cache directory: `root`, else `ALTYAA_CACHE_DIR`, else the platform's place; never the system's
    /// temporary folder.
    ///
    /// Shape on Linux: `~/.cache/altyaa-console`.
    pub fn new(root: Option<PathBuf>) -> Self {
        Self::from_places(root, env::var_os(CACHE_DIR_VARIABLE), platform_default())
    }

    /// Names the directory as [`SpillDir::new`] does and sweeps it.
    ///
    /// *Errors*: those of [`SpillDir::sweep`].
    pub fn open(root: Option<PathBuf>) -> Result<Self, DiskError> {
        let dir = Self::new(root);
        dir.sweep()?;
        Ok(dir)
    }

    /// Removes every file that an earlier run left; makes nothing.
    ///
    /// A file that another run has open is left alone: on Unix it has no name, on Windows it is in use.
    /// *Errors*: [`DiskError::Link`], [`DiskError::System`]. One file that cannot be removed does not save the others.
    pub fn sweep(&self) -> Result<(), DiskError> {
        let Some(place) = &self.shared.place else { return Ok(()) };
        match fs::symlink_metadata(folder_in(place)) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
            _ => sweep_folder(&closed_folder(place)?),
        }
    }

    /// Makes a new, empty spill file; the first one also makes the folder, sweeps it and chooses the key.
    ///
    /// *Errors*: [`DiskError::NoHome`], [`DiskError::Link`], [`DiskError::System`].
    pub fn create(&self) -> Result<SpillWriter, DiskError> {
        let place = self.shared.place.as_deref().ok_or(DiskError::NoHome)?;
        // Each time, because a cache may be cleared while the program runs.
        let folder = closed_folder(place)?;
        let key = self.shared.key(&folder)?;
        SpillWriter::create(&folder, key)
    }

    fn from_places(root: Option<PathBuf>, variable: Option<OsString>, default: Option<PathBuf>) -> Self {
        let given = root.or_else(|| variable.map(PathBuf::from)).filter(|path| !path.as_os_str().is_empty());
        Self { shared: Arc::new(Shared { place: given.or(default), key: Mutex::new(None) }) }
    }
}

impl fmt::Debug for SpillDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpillDir").field("place", &self.shared.place).finish_non_exhaustive()
    }
}

impl Shared {
    fn key(&self, folder: &Path) -> Result<SpillKey, DiskError> {
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*kept {
            return Ok(key.clone());
        }
        // What could not be removed does not keep a body from being stored; the sweep at start has said it.
        let _ = sweep_folder(folder);
        let key = SpillKey::random(folder)?;
        *kept = Some(key.clone());
        Ok(key)
    }
}

/// Where the platform wants what a program can make again.
fn platform_default() -> Option<PathBuf> {
    directories::ProjectDirs::from("com", "Altyaa", "altyaa-console").map(|dirs| dirs.cache_dir().to_path_buf())
}

fn folder_in(place: &Path) -> PathBuf {
    place.join("spill")
}

/// The folder in `place`, made where needed, ours and closed to others.
fn closed_folder(place: &Path) -> Result<PathBuf, DiskError> {
    data_dir::make(place).map_err(about_the_cache)?;
    data_dir::refuse_foreign(place).map_err(about_the_cache)?;
    let real = fs::canonicalize(place).map_err(|source| DiskError::system(PREPARE, place, source))?;
    let folder = folder_in(&real);
    data_dir::make(&folder).map_err(about_the_cache)?;
    data_dir::close_to_others(&folder, true).map_err(about_the_cache)?;
    Ok(folder)
}

/// The data directory's failures in words that are true of this one.
fn about_the_cache(error: DiskError) -> DiskError {
    match error {
        DiskError::NotADirectory { path } => {
            DiskError::system(PREPARE, &path, io::Error::new(io::ErrorKind::NotADirectory, "a file is in its place"))
        }
        DiskError::ForeignOwner { path } => DiskError::system(
            PREPARE,
            &path,
            io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"),
        ),
        DiskError::System { path, source, .. } => DiskError::System { action: PREPARE, path, source },
        other => other,
    }
}

fn sweep_folder(folder: &Path) -> Result<(), DiskError> {
    let mut failure = None;
    for entry in fs::read_dir(folder).map_err(|source| DiskError::system(SWEEP, folder, source))? {
        let entry = entry.map_err(|source| DiskError::system(SWEEP, folder, source))?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder || !entry.file_name().as_encoded_bytes().starts_with(NAME_PREFIX.as_bytes()) {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Err(source) if source.kind() != io::ErrorKind::NotFound && !is_in_use(&source) => {
                failure = failure.or(Some(DiskError::system(SWEEP, &entry.path(), source)));
            }
            _ => {}
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Whether another run still has the file open: sharing violation, or access denied while its removal is pending.
#[cfg(windows)]
fn is_in_use(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32))
}

#[cfg(not(windows))]
fn is_in_use(_error: &io::Error) -> bool {
    false
}

#[cfg(test)]
#[path = "spill_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
