//! Where spill files are put, who may see the folder, and what a sweep takes away.

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_argument_wins_over_the_variable_and_that_over_the_default() {
    let [a, b, c] = ["/a", "/b", "/c"].map(PathBuf::from);
    let place = |root: Option<&Path>, variable: Option<&str>, default: Option<&Path>| {
        let dir = SpillDir::from_places(root.map(Into::into), variable.map(Into::into), default.map(Into::into));
        dir.shared.place.clone()
    };
    assert_eq!(place(Some(&a), Some("/b"), Some(&c)), Some(a));
    assert_eq!(place(None, Some("/b"), Some(&c)), Some(b));
    assert_eq!(place(None, Some(""), Some(&c)), Some(c.clone()));
    assert_eq!(place(None, None, Some(&c)), Some(c));
    assert_eq!(place(None, None, None), None);
}

#[test]
fn the_default_is_not_the_systems_temporary_folder() {
    let default = platform_default().unwrap();
    assert_ne!(default, env::temp_dir());
    assert_ne!(default.parent(), Some(env::temp_dir().as_path()));
}

#[test]
fn nothing_is_touched_before_the_first_file() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("cache");
    let spill = SpillDir::new(Some(place.clone()));
    spill.sweep().unwrap();
    assert!(!place.exists());
    let mut writer = spill.create().unwrap();
    writer.append(b"x").unwrap();
    assert!(place.join("spill").is_dir());
}

#[test]
fn without_a_place_there_is_nothing_to_sweep_and_no_file_to_make() {
    let spill = SpillDir::from_places(None, None, None);
    spill.sweep().unwrap();
    assert!(matches!(spill.create(), Err(DiskError::NoHome)));
}

#[test]
fn a_sweep_removes_what_a_killed_run_left_and_only_that() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spill");
    fs::create_dir(&folder).unwrap();
    for name in ["spill-00ff", "spill-", "notes.txt", "my-spill-1"] {
        fs::write(folder.join(name), "x").unwrap();
    }
    fs::create_dir(folder.join("spill-folder")).unwrap();
    fs::write(dir.path().join("spill-beside"), "x").unwrap();
    SpillDir::open(Some(dir.path().to_path_buf())).unwrap();
    assert_eq!(names(&folder), ["my-spill-1", "notes.txt", "spill-folder"]);
    assert_eq!(names(dir.path()), ["spill", "spill-beside"]);
}

#[test]
fn the_first_file_sweeps_too_and_later_ones_do_not() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("spill");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("spill-left"), "x").unwrap();
    let spill = SpillDir::new(Some(dir.path().to_path_buf()));
    let first = spill.create().unwrap();
    assert!(!folder.join("spill-left").exists());
    fs::write(folder.join("spill-of-another-run"), "x").unwrap();
    let second = spill.clone().create().unwrap();
    assert!(folder.join("spill-of-another-run").exists());
    drop((first, second));
}

#[test]
fn a_cache_cleared_while_the_program_runs_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("cache");
    let spill = SpillDir::new(Some(place.clone()));
    drop(spill.create().unwrap());
    fs::remove_dir_all(&place).unwrap();
    spill.create().unwrap().append(b"x").unwrap();
}

#[test]
fn a_file_in_the_way_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let place = fs::canonicalize(dir.path()).unwrap();
    let in_the_way = place.join("spill");
    fs::write(&in_the_way, "").unwrap();
    let error = SpillDir::new(Some(place)).create().unwrap_err();
    assert_eq!(error.summary(), "Could not prepare the cache directory: a file is in its place");
    assert_eq!(error.path(), Some(in_the_way.as_path()));
    assert!(!error.fix().is_empty());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_is_closed_to_others_and_the_one_around_it_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        fs::create_dir_all(old.join("spill")).unwrap();
        set_mode(&old, 0o755);
        set_mode(&old.join("spill"), 0o755);
        for place in [&old, &new] {
            drop(SpillDir::new(Some(place.clone())).create().unwrap());
            assert_eq!(mode(&place.join("spill")), 0o700);
        }
        assert_eq!((mode(&old), mode(&new)), (0o755, 0o700));
    }

    #[test]
    fn links_are_refused_and_nothing_behind_them_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let (theirs, cache, link) = (dir.path().join("theirs"), dir.path().join("cache"), dir.path().join("link"));
        fs::create_dir_all(&theirs).unwrap();
        fs::create_dir_all(&cache).unwrap();
        fs::write(theirs.join("spill-precious"), "x").unwrap();
        symlink(&theirs, cache.join("spill")).unwrap();
        symlink(&cache, &link).unwrap();
        for place in [cache, link] {
            let spill = SpillDir::new(Some(place));
            assert!(matches!(spill.sweep(), Err(DiskError::Link { .. })));
            assert!(matches!(spill.create(), Err(DiskError::Link { .. })));
        }
        assert!(theirs.join("spill-precious").exists());
    }

    #[test]
    fn a_link_among_the_leftovers_goes_and_its_target_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("spill");
        fs::create_dir(&folder).unwrap();
        fs::write(dir.path().join("target"), "x").unwrap();
        symlink(dir.path().join("target"), folder.join("spill-link")).unwrap();
        SpillDir::open(Some(dir.path().to_path_buf())).unwrap();
        assert!(names(&folder).is_empty());
        assert!(dir.path().join("target").exists());
    }

    #[test]
    fn another_users_directory_is_said_to_be_that() {
        let foreign = DiskError::ForeignOwner { path: PathBuf::from("/theirs") };
        let error = about_the_cache(foreign);
        assert_eq!(error.summary(), "Could not prepare the cache directory: it belongs to another user");
        assert_eq!(error.place(), "/theirs");
        if rustix::process::geteuid().is_root() {
            return;
        }
        let error = SpillDir::new(Some(PathBuf::from("/"))).create().unwrap_err();
        assert_eq!(error.summary(), "Could not prepare the cache directory: it belongs to another user");
    }

    #[test]
    fn a_read_only_directory_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(dir.path()).unwrap();
        let folder = place.join("spill");
        let spill = SpillDir::new(Some(place));
        drop(spill.create().unwrap());
        set_mode(&folder, 0o500);
        // Root may write everywhere.
        if fs::write(folder.join("probe"), "").is_ok() {
            return;
        }
        let error = spill.create().unwrap_err();
        assert_eq!(error.summary(), "Could not make a file for a large body: permission denied");
        assert_eq!(error.path(), Some(folder.as_path()));
        assert_eq!(error.fix(), "Check the permissions of the path, or name another directory");
    }
}
