//! Files that only their owner may read: written whole or not at all, never through a link, read up to a limit.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::DiskError;

/// Writes a file so that a reader finds the old content or the new one, never a part.
///
/// The bytes go to a new owner-only file beside it, are forced to the disk and take the name; a link that bore
/// the name is replaced, not followed.
/// *Errors*: [`DiskError::NoFileName`], [`DiskError::NotAFile`] where a directory bears the name,
/// [`DiskError::System`].
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
        return Err(DiskError::NotAFile { path: path.to_path_buf() });
    }
    let beside = sibling(path, "new")?;
    let written = write_new(&beside, bytes)
        .map_err(|source| DiskError::system("write the file", path, source))
        .and_then(|()| fs::rename(&beside, path).map_err(|source| DiskError::system("replace the file", path, source)));
    if written.is_err() {
        // Nothing is lost if this fails too: the old file stands.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_directory(path);
    Ok(())
}

/// Writes a file that must not exist yet.
///
/// *Errors*: [`DiskError::Exists`] (also for a link that leads nowhere), [`DiskError::NoFileName`],
/// [`DiskError::System`]; a file that could not be written whole is removed.
pub fn create_new(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    if path.file_name().is_none() {
        return Err(DiskError::NoFileName { path: path.to_path_buf() });
    }
    let mut file = match new_file(path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            return Err(DiskError::Exists { path: path.to_path_buf() });
        }
        Err(source) => return Err(DiskError::system("create the file", path, source)),
    };
    if let Err(source) = file.write_all(bytes).and_then(|()| file.sync_all()) {
        let _ = fs::remove_file(path);
        return Err(DiskError::system("write the file", path, source));
    }
    sync_directory(path);
    Ok(())
}

/// Reads a whole file, at most `max_bytes` of it, without following a link in its last part.
///
/// *Errors*: [`DiskError::TooLarge`] for one byte more, [`DiskError::Link`], [`DiskError::NotAFile`] for a
/// directory, a pipe or a device, [`DiskError::System`] (see [`DiskError::is_not_found`]).
pub fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>, DiskError> {
    let failed = |source| DiskError::system("read the file", path, source);
    let file = open_to_read(path)?;
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(DiskError::NotAFile { path: path.to_path_buf() });
    }
    // The length is only a hint: the file may grow while it is read.
    let hint = usize::try_from(about.len().min(max_bytes)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(hint);
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max_bytes {
        return Err(DiskError::TooLarge { path: path.to_path_buf(), max_bytes });
    }
    Ok(bytes)
}

/// Makes a folder that only its owner may enter, inside one that is there; one that exists already is taken as it is.
///
/// *Errors*: [`DiskError::NotADirectory`], [`DiskError::System`].
pub fn private_folder(path: &Path) -> Result<PathBuf, DiskError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Ok(()) => Ok(path.to_path_buf()),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) => Ok(path.to_path_buf()),
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            Err(DiskError::NotADirectory { path: path.to_path_buf() })
        }
        Err(source) => Err(DiskError::system("make the folder", path, source)),
    }
}

/// Gives a broken file another name beside it, so that it can be looked at; returns that name.
///
/// Shape: `credentials.json.broken-1f00ab34`.
/// *Errors*: [`DiskError::NoFileName`], [`DiskError::System`].
pub fn move_aside(path: &Path) -> Result<PathBuf, DiskError> {
    let aside = sibling(path, "broken")?;
    fs::rename(path, &aside).map_err(|source| DiskError::system("move the file aside", path, source))?;
    Ok(aside)
}

/// Opens (or makes) an owner-only file to be locked between processes with [`File::lock`].
///
/// *Errors*: [`DiskError::Link`], [`DiskError::NotAFile`], [`DiskError::System`].
pub fn open_lock(path: &Path) -> Result<File, DiskError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    unix_open(&mut options);
    let file = options.open(path).map_err(|source| open_failed("open the lock file", path, source))?;
    match file.metadata() {
        Ok(about) if about.is_file() => Ok(file),
        Ok(_) => Err(DiskError::NotAFile { path: path.to_path_buf() }),
        Err(source) => Err(DiskError::system("open the lock file", path, source)),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = new_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    unix_open(&mut options);
    options.open(path)
}

fn open_to_read(path: &Path) -> Result<File, DiskError> {
    #[cfg(not(unix))]
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return Err(DiskError::Link { path: path.to_path_buf() });
    }
    let mut options = OpenOptions::new();
    options.read(true);
    unix_open(&mut options);
    options.open(path).map_err(|source| open_failed("read the file", path, source))
}

/// Tells a link from other refusals: `O_NOFOLLOW` gives another number on each system.
fn open_failed(action: &'static str, path: &Path, source: io::Error) -> DiskError {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        DiskError::Link { path: path.to_path_buf() }
    } else {
        DiskError::system(action, path, source)
    }
}

/// Owner-only from creation, no link followed, and no waiting at a pipe that bears the name.
#[cfg(unix)]
pub(super) fn unix_open(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;

    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    options.mode(0o600).custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
}

#[cfg(not(unix))]
pub(super) fn unix_open(_options: &mut OpenOptions) {}

/// Forces the new name to the disk; a system that cannot do so for a directory is no failure of the write.
fn sync_directory(path: &Path) {
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let _ = File::open(parent).and_then(|directory| directory.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A name beside `path` that nobody else has.
fn sibling(path: &Path, what: &str) -> Result<PathBuf, DiskError> {
    let name = path.file_name().ok_or_else(|| DiskError::NoFileName { path: path.to_path_buf() })?;
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random)
        .map_err(|_| DiskError::system("choose a name beside the file", path, io::Error::other("no randomness")))?;
    let mut beside = OsString::from(name);
    beside.push(format!(".{what}-{:08x}", u32::from_be_bytes(random)));
    Ok(path.with_file_name(beside))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn written_content_is_read_back_and_nothing_lies_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(read_bounded(&path, 3).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_byte_too_many_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_atomic(&path, b"1234").unwrap();
        assert!(matches!(read_bounded(&path, 3), Err(DiskError::TooLarge { max_bytes: 3, .. })));
    }

    #[test]
    fn an_existing_file_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.md");
        create_new(&path, b"first").unwrap();
        assert!(matches!(create_new(&path, b"second"), Err(DiskError::Exists { .. })));
        assert_eq!(read_bounded(&path, 100).unwrap(), b"first");
    }

    #[test]
    fn a_directory_in_the_way_is_named_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::create_dir(&path).unwrap();
        assert!(matches!(write_atomic(&path, b"x"), Err(DiskError::NotAFile { .. })));
        assert!(read_bounded(&path, 10).is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing half written stays");
    }

    #[test]
    fn a_missing_file_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_bounded(&dir.path().join("none"), 10).unwrap_err().is_not_found());
        assert!(write_atomic(&dir.path().join("none/a"), b"x").unwrap_err().is_not_found());
        assert!(matches!(write_atomic(Path::new("/"), b"x"), Err(DiskError::NotAFile { .. })));
        assert!(matches!(create_new(Path::new(".."), b"x"), Err(DiskError::NoFileName { .. })));
    }

    #[test]
    fn a_broken_file_keeps_its_content_under_another_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_atomic(&path, b"{").unwrap();
        let aside = move_aside(&path).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(&aside).unwrap(), b"{");
        assert!(aside.file_name().unwrap().to_string_lossy().starts_with("a.json.broken-"));
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        #[test]
        fn files_are_owner_only() {
            let dir = tempfile::tempdir().unwrap();
            let (a, b, c) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
            fs::write(&a, b"old").unwrap();
            fs::set_permissions(&a, fs::Permissions::from_mode(0o644)).unwrap();
            write_atomic(&a, b"x").unwrap();
            create_new(&b, b"x").unwrap();
            open_lock(&c).unwrap();
            for path in [a, b, c] {
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
            }
        }

        #[test]
        fn links_are_replaced_or_refused_but_never_followed() {
            let dir = tempfile::tempdir().unwrap();
            let (target, link) = (dir.path().join("target"), dir.path().join("link"));
            fs::write(&target, b"precious").unwrap();
            symlink(&target, &link).unwrap();
            assert!(matches!(read_bounded(&link, 100), Err(DiskError::Link { .. })));
            assert!(matches!(create_new(&link, b"x"), Err(DiskError::Exists { .. })));
            assert!(matches!(open_lock(&link), Err(DiskError::Link { .. })));
            write_atomic(&link, b"mine").unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"precious");
            assert_eq!(read_bounded(&link, 100).unwrap(), b"mine");
        }

        #[test]
        fn a_pipe_is_refused_without_waiting() {
            let dir = tempfile::tempdir().unwrap();
            let pipe = dir.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            assert!(matches!(read_bounded(&pipe, 100), Err(DiskError::NotAFile { .. })));
        }
    }
}
