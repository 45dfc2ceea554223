//! Writes an answer's body to a file of the person's choice, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::exchange::{Body, CopyError};

/// Writes a body to a file; returns how many bytes it has.
///
/// The bytes go to a new file beside it that takes the name at the end, so that a disk that is full leaves no half of
/// an answer and what was there before stays. A device or a pipe is written to as it is.
/// *Errors*: what happened and what to do.
pub fn save_body(body: &Body, path: &Path, is_replacing: bool) -> Result<u64, (String, String)> {
    let at = path.display();
    let failed = |error: &io::Error| {
        (
            format!("The answer could not be written: {error} ({at})"),
            "Name a file in a folder that can be written".to_owned(),
        )
    };
    let found = fs::metadata(path).ok();
    if found.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err((format!("The answer could not be written: {at} is a folder"), "Name a file in it".to_owned()));
    }
    if found.is_some() && !is_replacing {
        return Err((
            format!("{at} is there already"),
            "Name another file, or say that it is to be replaced".to_owned(),
        ));
    }
    if found.is_some_and(|found| !found.is_file()) {
        let mut file = OpenOptions::new().write(true).open(path).map_err(|error| failed(&error))?;
        return copied(body.copy_to(&mut file), &failed);
    }
    let (beside, mut file) = beside(path).map_err(|error| failed(&error))?;
    let written = copied(body.copy_to(&mut file), &failed).and_then(|count| {
        file.flush().and_then(|()| fs::rename(&beside, path)).map(|()| count).map_err(|error| failed(&error))
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn copied(
    copied: Result<u64, CopyError>,
    failed: &impl Fn(&io::Error) -> (String, String),
) -> Result<u64, (String, String)> {
    copied.map_err(|error| match error {
        CopyError::Read(error) => (error.summary(), error.fix()),
        CopyError::Write(error) => failed(&error),
    })
}

/// A new file in the same folder, with the permissions that any new file of the person has.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or_else(|| io::Error::other("there is no file name"))?;
    for number in 0..100u32 {
        let mut other = name.to_owned();
        other.push(format!(".part{number}"));
        let beside = path.with_file_name(other);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (beside, file)),
        }
    }
    Err(io::Error::other("too many unfinished files lie beside it"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_body_is_written_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.json");
        let body = Body::from(b"{}".to_vec());
        assert_eq!(save_body(&body, &path, false), Ok(2));
        assert!(save_body(&body, &path, false).unwrap_err().0.contains("is there already"));
        assert_eq!(save_body(&Body::from(b"[1]".to_vec()), &path, true), Ok(3));
        assert_eq!(fs::read(&path).unwrap(), b"[1]");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_takes_no_file_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing").join("x")] {
            let (summary, fix) = save_body(&Body::empty(), &path, true).unwrap_err();
            assert!(!summary.is_empty() && !fix.is_empty());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_as_it_is() {
        assert_eq!(save_body(&Body::from(b"x".to_vec()), Path::new("/dev/null"), true), Ok(1));
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
