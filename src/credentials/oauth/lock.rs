//! One renewal of a credential at a time, in this process and among all that share the data directory.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OwnedMutexGuard;

use crate::credentials::VaultError;
use crate::disk::{self, DataDir, DiskError};

/// How long another process may take for its renewal before this one gives up.
const WAIT: Duration = Duration::from_secs(60);
/// How often the lock file is tried.
const PAUSE: Duration = Duration::from_millis(50);

/// Who renews which credential in this process.
#[derive(Debug, Default)]
pub(in crate::credentials) struct Renewals(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

/// The right to renew one credential; given back when dropped.
#[derive(Debug)]
pub(in crate::credentials) struct Held {
    _file: Option<File>,
    _guard: OwnedMutexGuard<()>,
}

impl Renewals {
    /// Waits until nobody else renews that credential.
    ///
    /// *Errors*: [`VaultError::RenewalBusy`] after a minute; [`VaultError::Disk`].
    pub(in crate::credentials) async fn hold(&self, data_dir: &DataDir, name: &str) -> Result<Held, VaultError> {
        let own = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(name.to_owned()).or_default())
        };
        let guard = own.lock_owned().await;
        let path = path(data_dir, name);
        let file = disk::open_lock(&path)?;
        let until = Instant::now() + WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held { _file: Some(file), _guard: guard }),
                Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(VaultError::RenewalBusy { name: name.into(), path }),
                // Some network file systems know no locks; then only this process is kept from renewing twice.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Held { _file: None, _guard: guard });
                }
                Err(TryLockError::Error(source)) => {
                    return Err(DiskError::System { action: "lock the renewal", path, source }.into());
                }
            }
        }
    }
}

/// The lock file of a credential. Its name is from a safe alphabet.
fn path(data_dir: &DataDir, name: &str) -> PathBuf {
    data_dir.file(&format!("renew-{name}.lock"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_in_this_process_and_among_processes() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
        // Two sets stand for two processes: only the file is between them.
        let (one, two) = (Renewals::default(), Renewals::default());
        let held = one.hold(&data_dir, "login").await.unwrap();
        let soon = Duration::from_millis(200);
        assert!(tokio::time::timeout(soon, one.hold(&data_dir, "login")).await.is_err());
        assert!(tokio::time::timeout(soon, two.hold(&data_dir, "login")).await.is_err());
        assert!(tokio::time::timeout(soon, two.hold(&data_dir, "other")).await.is_ok(), "others are not kept waiting");
        drop(held);
        drop(two.hold(&data_dir, "login").await.unwrap());
        one.hold(&data_dir, "login").await.unwrap();
    }
}
