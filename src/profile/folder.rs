//! The profiles that can be chosen: those inside the program, and the files a person put into the profiles folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::builtin::read_file;
use super::{BUILT_IN_NAMES, Profile, ProfileError, built_in, find};

/// The folder's name in the data directory.
pub const PROFILES_FOLDER: &str = "profiles";
/// How many files are listed.
const MOST_FILES: usize = 200;
/// The profile of authorization servers, which is used by itself and chosen by nobody.
const NOT_CHOSEN: &str = "oauth";

/// A profile that can be chosen, or a file that would be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileChoice {
    /// What it is chosen by: a built-in name, or the file's name without `.toml`.
    pub key: String,
    /// The profile's own name; of a broken file its key.
    pub name: String,
    /// Its name for people; of a broken file its file name.
    pub title: String,
    /// The file; none for a built-in one.
    pub file: Option<PathBuf>,
    /// Why it cannot be chosen: what is wrong, where, and what to write instead.
    pub problem: Option<(String, String)>,
}

/// Everything that can be chosen, the built-in ones first, then the folder's files by name.
///
/// A folder that is not there has no files.
pub fn choices(folder: &Path) -> Vec<ProfileChoice> {
    let names = BUILT_IN_NAMES.into_iter().filter(|name| *name != NOT_CHOSEN);
    let own = names.filter_map(|name| {
        let profile = built_in(name)?;
        Some(ProfileChoice {
            key: name.to_owned(),
            name: profile.name,
            title: profile.title,
            file: None,
            problem: None,
        })
    });
    own.chain(files(folder).into_iter().map(of_file)).collect()
}

/// The profile of that key or path: a built-in name, a file of the folder, then any file.
///
/// # Errors
///
/// As [`find`]; a file of the folder that is broken is refused with line and remedy.
pub fn choose(key_or_path: &str, folder: &Path) -> Result<Profile, ProfileError> {
    if built_in(key_or_path).is_none() && is_key(key_or_path) {
        let file = folder.join(format!("{key_or_path}.toml"));
        if file.is_file() {
            return read_file(&file, &file.to_string_lossy());
        }
    }
    find(key_or_path)
}

/// A key names a file of the folder and never a way out of it.
fn is_key(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '\\', '\0', ':']) && !text.starts_with('.')
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.take(10 * MOST_FILES).filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files.truncate(MOST_FILES);
    files
}

fn of_file(path: PathBuf) -> ProfileChoice {
    let key = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if built_in(&key).is_some() {
        let problem = ("a built-in profile has this name".to_owned(), "give the file another name".to_owned());
        return ProfileChoice { name: key.clone(), key, title: name, file: Some(path), problem: Some(problem) };
    }
    match read_file(&path, &name) {
        Ok(profile) => ProfileChoice { key, name: profile.name, title: profile.title, file: Some(path), problem: None },
        Err(error) => {
            let place = error.place().map(|place| format!(" ({place})")).unwrap_or_default();
            let problem = (format!("{}{place}", error.summary()), error.fix());
            ProfileChoice { name: key.clone(), key, title: name, file: Some(path), problem: Some(problem) }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_are_listed_after_the_built_in_ones_and_broken_ones_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        put(
            "shop.toml",
            "name = \"shop\"\ntitle = \"Shop\"\n[envelope]\ncode = \"/fault/id\"\nmessage = \"/fault/text\"\n",
        );
        put("broken.toml", "name = \"broken\"\ntitle = \"B\"\n[auth]\nhaeder = \"X\"\n");
        put("altyaa.toml", "name = \"altyaa\"\ntitle = \"Mine\"\n");
        put("readme.md", "no profile");
        let found = choices(folder.path());
        let said: Vec<(&str, &str, bool)> =
            found.iter().map(|c| (c.key.as_str(), c.title.as_str(), c.problem.is_none())).collect();
        let expected = [
            ("altyaa", "Altyaa", true),
            ("generic", "Other API", true),
            ("altyaa", "altyaa.toml", false),
            ("broken", "broken.toml", false),
            ("shop", "Shop", true),
        ];
        assert_eq!(said, expected);
        let (what, fix) = found[3].problem.clone().unwrap();
        assert_eq!(what, "there is no key haeder here (broken.toml, line 4, column 1)");
        assert_eq!(fix, "did you mean header?");
        assert_eq!(choose("shop", folder.path()).unwrap().title, "Shop");
        assert_eq!(choose("altyaa", folder.path()).unwrap().title, "Altyaa", "the built-in one");
        assert!(matches!(choose("broken", folder.path()).unwrap_err(), ProfileError::Broken { line: 4, .. }));
        for outside in ["../shop", "none", ""] {
            assert!(choose(outside, &folder.path().join("sub")).is_err(), "{outside}");
        }
        assert_eq!(choices(&folder.path().join("none")).len(), 2);
    }
}
