//! The profiles inside the program, and choosing one by name or by file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::{MAX_PROFILE_BYTES, Profile, ProfileError, RequestIdRule, load};

/// The names of the built-in profiles, the default first.
pub const BUILT_IN_NAMES: [&str; 3] = ["altyaa", "generic", "oauth"];

/// A built-in profile; none for a name that is not in [`BUILT_IN_NAMES`].
pub fn built_in(name: &str) -> Option<Profile> {
    let text = match name {
        "altyaa" => include_str!("../../assets/profiles/altyaa.toml"),
        "generic" => include_str!("../../assets/profiles/generic.toml"),
        "oauth" => include_str!("../../assets/profiles/oauth.toml"),
        _ => return None,
    };
    load(text, name).ok()
}

/// The profile for every origin that no profile owns: no host, no headers, no catalogue.
pub fn generic() -> Profile {
    // The built-in file always loads, as a test proves; an empty profile says the same without it.
    built_in("generic").unwrap_or_else(|| Profile {
        name: "generic".into(),
        title: "Other API".into(),
        environments: Vec::new(),
        auth: None,
        workspace: None,
        request_id: RequestIdRule::default(),
        envelope: None,
        codes: Vec::new(),
        links: Vec::new(),
        checks: Vec::new(),
        requests: Vec::new(),
    })
}

/// The built-in profile of that name, or the one in the file of that path.
///
/// A name wins over a file of the same name; `./altyaa` means the file.
///
/// # Errors
///
/// `NotFound` if it is neither, `Unreadable` if the file cannot be read, otherwise what [`load`] says.
pub fn find(name_or_path: &str) -> Result<Profile, ProfileError> {
    if let Some(profile) = built_in(name_or_path) {
        return Ok(profile);
    }
    let path = Path::new(name_or_path);
    let is_path = path.extension().is_some() || name_or_path.contains(['/', '\\']) || path.exists();
    if !is_path {
        return Err(ProfileError::NotFound { name: name_or_path.to_owned() });
    }
    read_file(path, name_or_path)
}

/// The profile in a file; `shown` is how messages call it.
pub(super) fn read_file(path: &Path, shown: &str) -> Result<Profile, ProfileError> {
    let unreadable = |source| ProfileError::Unreadable { file: shown.to_owned(), source };
    let mut bytes = Vec::new();
    // One byte more than is taken, so that a larger file is seen without being read whole.
    let limit = u64::try_from(MAX_PROFILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    // Looked at before it is opened: opening a pipe waits until somebody writes to it.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")));
    }
    File::open(path).map_err(unreadable)?.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MAX_PROFILE_BYTES {
        return Err(ProfileError::TooLong { file: shown.to_owned() });
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| ProfileError::NotUtf8 { file: shown.to_owned(), at: error.utf8_error().valid_up_to() })?;
    load(&text, shown)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_built_in_profile_loads() {
        for name in BUILT_IN_NAMES {
            assert_eq!(built_in(name).unwrap().name, name);
        }
        assert_eq!(generic(), built_in("generic").unwrap());
    }

    #[test]
    fn every_profile_in_assets_loads_and_is_built_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/profiles");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let profile = find(path.to_str().unwrap()).unwrap();
            assert_eq!(path.file_stem().unwrap().to_str().unwrap(), profile.name);
            names.push(profile.name);
        }
        names.sort();
        assert_eq!(names, BUILT_IN_NAMES);
    }

    #[test]
    fn a_file_is_found_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        std::fs::write(&path, "name = \"mine\"\ntitle = \"Mine\"\n").unwrap();
        assert_eq!(find(path.to_str().unwrap()).unwrap().title, "Mine");

        let missing = find(folder.path().join("other.toml").to_str().unwrap()).unwrap_err();
        assert!(matches!(missing, ProfileError::Unreadable { .. }));
        let slip = find("altya").unwrap_err();
        assert_eq!(slip.summary(), "there is no profile named altya");
        assert!(slip.fix().contains("altyaa"), "{}", slip.fix());
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.toml");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
            let refused = find(path.to_str().unwrap()).unwrap_err();
            assert!(matches!(refused, ProfileError::Unreadable { .. }), "{refused}");
            assert!(refused.place().is_some() && refused.summary().contains("not a file"), "{refused}");
        }
    }

    #[test]
    fn broken_files_of_every_kind_are_refused_with_place_and_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.toml");
        let deep = format!("a = {}", "[".repeat(100_000));
        let deep_table = format!("[{}]\n", vec!["a"; 50_000].join("."));
        for text in
            ["", "\0\0", "{\"name\": 1}", "name = \"a\"\nname = \"b\"", "[[[", deep.as_str(), deep_table.as_str()]
        {
            std::fs::write(&path, text).unwrap();
            let refused = find(path.to_str().unwrap()).unwrap_err();
            assert!(matches!(refused, ProfileError::Broken { .. }), "{refused}");
            assert!(refused.place().unwrap().contains("broken.toml, line "), "{refused}");
            assert!(!refused.fix().is_empty() && refused.summary().len() < 1000, "{refused}");
        }
        std::fs::write(&path, "name = \"a\"\ntitle = \"b\"\n\"\\u001b[2J\\u202e\" = 1\n").unwrap();
        let refused = find(path.to_str().unwrap()).unwrap_err();
        assert!(!refused.summary().contains(['\u{1b}', '\u{202e}']), "{refused}");
    }

    #[test]
    fn a_huge_file_and_one_that_is_no_text_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.toml");
        std::fs::write(&path, vec![b'#'; MAX_PROFILE_BYTES + 1]).unwrap();
        assert!(matches!(find(path.to_str().unwrap()), Err(ProfileError::TooLong { .. })));
        std::fs::write(&path, b"name = \"\xff\"").unwrap();
        assert!(matches!(find(path.to_str().unwrap()), Err(ProfileError::NotUtf8 { at: 8, .. })));
    }
}
