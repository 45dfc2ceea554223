//! What can go wrong with our own files, in words.

use std::io;
use std::path::{Path, PathBuf};

/// A failure of the data directory or of a file in it.
///
/// *Secrets*: none; it names paths and the system's reason, never a file's content.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system names no home directory and none was given.
    #[error("no home directory is known, so there is no place for the data directory")]
    NoHome,
    /// The path is a symbolic link, which is never followed.
    #[error("refused to follow a symbolic link: {}", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A directory was expected and something else is there.
    #[error("not a directory: {}", .path.display())]
    NotADirectory {
        /// What is there.
        path: PathBuf,
    },
    /// An ordinary file was expected and something else is there.
    #[error("not an ordinary file: {}", .path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// The directory belongs to another user.
    #[error("the directory belongs to another user: {}", .path.display())]
    ForeignOwner {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds files already and other users may enter it.
    #[error("the directory is open to other users: {}", .path.display())]
    OpenToOthers {
        /// The directory.
        path: PathBuf,
    },
    /// The file is longer than what is read.
    #[error("the file is larger than {max_bytes} bytes: {}", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        max_bytes: u64,
    },
    /// A new file was asked for and one is there.
    #[error("the file exists already: {}", .path.display())]
    Exists {
        /// The file that is there.
        path: PathBuf,
    },
    /// The path does not end in a file name.
    #[error("the path names no file: {}", .path.display())]
    NoFileName {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not {action}: {source}: {}", .path.display())]
    System {
        /// What was being done. Shape: `write the file`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A setting of the process could not be changed.
    #[error("could not {action}: {source}")]
    Process {
        /// What was being done.
        action: &'static str,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl DiskError {
    /// What happened, one sentence without full stop.
    pub fn summary(&self) -> String {
        match self {
            Self::NoHome => "No home directory is known, so there is no place for the program's data".into(),
            Self::Link { .. } => "There is a symbolic link where the program's own file or directory should be".into(),
            Self::NotADirectory { .. } => "There is a file where the data directory should be".into(),
            Self::NotAFile { .. } => "What is there is not an ordinary file".into(),
            Self::ForeignOwner { .. } => "The data directory belongs to another user".into(),
            Self::OpenToOthers { .. } => "The data directory holds files already and other users may enter it".into(),
            Self::TooLarge { max_bytes, .. } => format!("The file is larger than the {max_bytes} bytes that are read"),
            Self::Exists { .. } => "The file exists already and was left as it is".into(),
            Self::NoFileName { .. } => "The path names no file".into(),
            Self::System { action, source, .. } => format!("Could not {action}: {}", reason(source)),
            Self::Process { action, source } => format!("Could not {action}: {}", reason(source)),
        }
    }

    /// The path it is about; none where it is about the process.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::NoHome | Self::Process { .. } => None,
            Self::Link { path }
            | Self::NotADirectory { path }
            | Self::NotAFile { path }
            | Self::ForeignOwner { path }
            | Self::OpenToOthers { path }
            | Self::TooLarge { path, .. }
            | Self::Exists { path }
            | Self::NoFileName { path }
            | Self::System { path, .. } => Some(path),
        }
    }

    /// Where, as text for a person; empty where it is about the process.
    ///
    /// The path may hold characters that a terminal obeys: whoever shows it makes them visible.
    pub fn place(&self) -> String {
        self.path().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::NoHome => {
                "Name a directory with --data-dir or ALTYAA_DATA_DIR, and with ALTYAA_CACHE_DIR for large bodies".into()
            }
            Self::Link { .. } => "Give the real path instead, or remove the link".into(),
            Self::NotADirectory { .. } => {
                "Move that file away, or name another directory with --data-dir or ALTYAA_DATA_DIR".into()
            }
            Self::NotAFile { .. } => "Move it away and try again".into(),
            Self::ForeignOwner { .. } => "Name a directory of your own with --data-dir or ALTYAA_DATA_DIR".into(),
            Self::OpenToOthers { path } => {
                format!("Run `chmod 700 {}`, or name a new or empty directory", path.display())
            }
            Self::TooLarge { .. } => "Move the file away; it was not written by this program".into(),
            Self::Exists { .. } => "Choose another name, or say that the file may be replaced".into(),
            Self::NoFileName { .. } => "Give a path that ends in a file name".into(),
            Self::System { source, .. } => fix_for(source.kind()).into(),
            Self::Process { .. } => "The program can go on; report it if it happens at each start".into(),
        }
    }

    /// Whether the file or directory is simply not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::System { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether a new file was asked for and one is there.
    pub fn is_already_there(&self) -> bool {
        matches!(self, Self::Exists { .. })
    }

    /// The thread that wrote a file ended before the file did.
    pub fn thread_gone() -> Self {
        Self::system("write the file", Path::new("spill"), io::Error::other("the thread that wrote it is gone"))
    }

    pub(super) fn system(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::System { action, path: path.to_path_buf(), source }
    }
}

/// The system's reason without its error number, which helps nobody.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text.get(..end).unwrap_or(&text).to_lowercase(),
        None => text,
    }
}

fn fix_for(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::NotFound => "Check that the directory exists and is spelt as meant",
        io::ErrorKind::PermissionDenied => "Check the permissions of the path, or name another directory",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Make room on the disk and try again",
        io::ErrorKind::ReadOnlyFilesystem => "The disk is read-only: name a directory on another one",
        io::ErrorKind::IsADirectory => "There is a directory of that name: choose another name",
        _ => "Check the path and the disk, and try again",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_where_and_what_to_do() {
        let path = PathBuf::from("/data/x");
        let all = [
            DiskError::NoHome,
            DiskError::Link { path: path.clone() },
            DiskError::NotADirectory { path: path.clone() },
            DiskError::NotAFile { path: path.clone() },
            DiskError::ForeignOwner { path: path.clone() },
            DiskError::OpenToOthers { path: path.clone() },
            DiskError::TooLarge { path: path.clone(), max_bytes: 7 },
            DiskError::Exists { path: path.clone() },
            DiskError::NoFileName { path: path.clone() },
            DiskError::system("write the file", &path, io::Error::from_raw_os_error(28)),
            DiskError::Process { action: "switch core dumps off", source: io::Error::other("no") },
        ];
        for error in all {
            assert!(!error.summary().is_empty() && !error.summary().ends_with('.'), "{error}");
            assert!(!error.fix().is_empty() && !error.fix().ends_with('.'), "{error}");
            assert_eq!(error.path().is_some(), error.place() == "/data/x", "{error}");
        }
    }

    #[test]
    fn the_error_number_is_left_out() {
        let error = DiskError::system("write the file", Path::new("x"), io::Error::from(io::ErrorKind::NotFound));
        assert!(error.is_not_found());
        let error = DiskError::system("write the file", Path::new("x"), io::Error::from_raw_os_error(28));
        assert!(!error.summary().contains("os error"), "{}", error.summary());
    }
}
