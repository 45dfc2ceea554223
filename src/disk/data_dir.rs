//! The one directory that holds everything but keyring entries and spill files.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::DiskError;

/// The environment variable that names the data directory where `--data-dir` does not.
pub const DATA_DIR_VARIABLE: &str = "ALTYAA_DATA_DIR";

/// A data directory that exists, belongs to this user and is closed to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir {
    path: PathBuf,
    is_default: bool,
}

impl DataDir {
    /// Finds the directory and makes it where needed: `flag`, else `ALTYAA_DATA_DIR`, else the platform's place.
    ///
    /// A missing one is made owner-only. An empty one and the platform's own place are closed to other users; one
    /// that others may enter and that holds files already is refused, because those files may not be ours to hide.
    /// *Errors*: [`DiskError::NoHome`], [`DiskError::Link`], [`DiskError::NotADirectory`],
    /// [`DiskError::ForeignOwner`], [`DiskError::OpenToOthers`], [`DiskError::System`].
    pub fn resolve(flag: Option<PathBuf>) -> Result<Self, DiskError> {
        Self::resolve_from(flag, env::var_os(DATA_DIR_VARIABLE), platform_default())
    }

    /// The directory, absolute and with the links above it resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it. Shape of `name`: `credentials.json`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether it is the platform's own place.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// What tells this directory's keyring entries from those of others; none for the platform's own place.
    ///
    /// Shape: twelve hexadecimal digits of the path's SHA-256, `3f9a01c2be77`.
    pub fn mark(&self) -> Option<String> {
        if self.is_default {
            return None;
        }
        let digest = Sha256::digest(self.path.as_os_str().as_encoded_bytes());
        Some(digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect())
    }

    fn resolve_from(
        flag: Option<PathBuf>,
        variable: Option<OsString>,
        default: Option<PathBuf>,
    ) -> Result<Self, DiskError> {
        let given = flag.or_else(|| variable.map(PathBuf::from)).filter(|path| !path.as_os_str().is_empty());
        let wanted = given.or_else(|| default.clone()).ok_or(DiskError::NoHome)?;
        make(&wanted)?;
        let path = fs::canonicalize(&wanted)
            .map_err(|source| DiskError::system("find the data directory", &wanted, source))?;
        let is_default = default.is_some_and(|place| {
            // The default may not exist yet when another one was given.
            place == wanted || fs::canonicalize(place).is_ok_and(|place| place == path)
        });
        close_to_others(&path, is_default)?;
        Ok(Self { path, is_default })
    }
}

/// Where the platform wants a program's data. Shape on Linux: `~/.local/share/altyaa-console`.
fn platform_default() -> Option<PathBuf> {
    directories::ProjectDirs::from("com", "Altyaa", "altyaa-console").map(|dirs| dirs.data_dir().to_path_buf())
}

/// Makes a directory, and those above it, owner-only; one that is there stays as it is, a link or a file is refused.
pub(super) fn make(path: &Path) -> Result<(), DiskError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => return Err(DiskError::Link { path: path.to_path_buf() }),
        Ok(found) if !found.is_dir() => return Err(DiskError::NotADirectory { path: path.to_path_buf() }),
        Ok(_) => return Ok(()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(DiskError::system("open the data directory", path, source)),
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(|source| DiskError::system("make the data directory", path, source))
}

/// Refuses a directory that belongs to another user.
#[cfg(unix)]
pub(super) fn refuse_foreign(path: &Path) -> Result<fs::Metadata, DiskError> {
    use std::os::unix::fs::MetadataExt as _;

    let about =
        fs::symlink_metadata(path).map_err(|source| DiskError::system("look at the data directory", path, source))?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(DiskError::ForeignOwner { path: path.to_path_buf() });
    }
    Ok(about)
}

/// Refuses a directory of another user and closes one of our own: a `is_default` one always, another one if it is empty.
#[cfg(unix)]
pub(super) fn close_to_others(path: &Path, is_default: bool) -> Result<(), DiskError> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let failed = |source| DiskError::system("look at the data directory", path, source);
    let about = refuse_foreign(path)?;
    if about.mode() & 0o077 == 0 {
        return Ok(());
    }
    if !is_default && fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(DiskError::OpenToOthers { path: path.to_path_buf() });
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
        .map_err(|source| DiskError::system("close the data directory to other users", path, source))
}

#[cfg(not(unix))]
pub(super) fn refuse_foreign(_path: &Path) -> Result<(), DiskError> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn close_to_others(_path: &Path, _is_default: bool) -> Result<(), DiskError> {
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_wins_over_the_variable_and_that_over_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let (flag, variable, default) = (root.join("flag"), root.join("variable"), root.join("default"));
        let found =
            DataDir::resolve_from(Some(flag.clone()), Some(variable.clone().into()), Some(default.clone())).unwrap();
        assert_eq!((found.path(), found.is_default()), (flag.as_path(), false));
        let found = DataDir::resolve_from(None, Some(variable.clone().into()), Some(default.clone())).unwrap();
        assert_eq!((found.path(), found.is_default()), (variable.as_path(), false));
        assert!(!default.exists());
        let found = DataDir::resolve_from(None, Some("".into()), Some(default.clone())).unwrap();
        assert_eq!((found.path(), found.is_default(), found.mark()), (default.as_path(), true, None));
        assert!(matches!(DataDir::resolve_from(None, None, None), Err(DiskError::NoHome)));
    }

    #[test]
    fn the_default_named_by_hand_is_still_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let default = dir.path().join("d");
        fs::create_dir(&default).unwrap();
        let spelt = dir.path().join("d").join(".");
        let found = DataDir::resolve_from(Some(spelt), None, Some(default)).unwrap();
        assert!(found.is_default());
    }

    #[test]
    fn the_mark_is_stable_for_a_path_and_differs_between_paths() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: &str| DataDir::resolve_from(Some(dir.path().join(name)), None, None).unwrap().mark().unwrap();
        assert_eq!(of("a"), of("a"));
        assert_eq!(of("a"), of("./a"));
        assert_ne!(of("a"), of("b"));
        assert_eq!(of("a").len(), 12);
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, "").unwrap();
        let error = DataDir::resolve_from(Some(path.clone()), None, None).unwrap_err();
        assert!(matches!(&error, DiskError::NotADirectory { .. }));
        assert_eq!(error.path(), Some(path.as_path()));
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn a_new_and_an_empty_directory_are_closed_to_others() {
            let dir = tempfile::tempdir().unwrap();
            let (new, empty) = (dir.path().join("x/y"), dir.path().join("empty"));
            fs::create_dir(&empty).unwrap();
            fs::set_permissions(&empty, fs::Permissions::from_mode(0o755)).unwrap();
            for path in [new, empty] {
                DataDir::resolve_from(Some(path.clone()), None, None).unwrap();
                assert_eq!(mode(&path), 0o700);
            }
        }

        #[test]
        fn an_open_directory_with_files_is_refused_and_left_as_it_is() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("shared");
            fs::create_dir(&path).unwrap();
            fs::write(path.join("theirs"), "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            let error = DataDir::resolve_from(Some(path.clone()), None, None).unwrap_err();
            assert!(matches!(error, DiskError::OpenToOthers { .. }));
            assert_eq!(mode(&path), 0o755);
        }

        #[test]
        fn a_link_is_refused() {
            let dir = tempfile::tempdir().unwrap();
            let link = dir.path().join("link");
            symlink(dir.path(), &link).unwrap();
            assert!(matches!(DataDir::resolve_from(Some(link), None, None), Err(DiskError::Link { .. })));
        }
    }
}
