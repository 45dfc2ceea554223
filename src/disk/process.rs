//! Settings of the whole process that keep its memory and files private; called once, first thing in `main`.

use super::error::DiskError;

/// Makes every file that anything in this process creates owner-only, also those that SQLite makes by itself.
///
/// Does nothing on Windows, where the user's own profile directory already is private.
pub fn set_private_umask() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Keeps a crash from writing the process's memory, secrets and all, to a file.
///
/// Does nothing on Windows, which writes no dump without being told to.
/// *Errors*: [`DiskError::Process`] if the system refuses.
pub fn forbid_core_dumps() -> Result<(), DiskError> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};

        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
            .map_err(|error| DiskError::Process { action: "switch core dumps off", source: error.into() })?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn core_dumps_are_off() {
        forbid_core_dumps().unwrap();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
