//! The platform's keyring behind one small face, opened anew whenever it is asked to.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::CredentialStore;

use super::state::KeyringFailure;

/// What the vault needs of a keyring; every call may block.
pub(super) trait Platform: Send + Sync + 'static {
    /// Opens the store; may be called again after a failure.
    ///
    /// The keyring crate's own constructor opens once in a process and stays broken if that failed, so it is not used.
    fn open(&self) -> keyring::Result<Arc<CredentialStore>>;

    /// Whether the keyring can be used now, without asking the person anything.
    fn look(&self) -> Result<(), KeyringFailure>;

    /// Asks the person to unlock the keyring; returns when they have answered.
    fn unlock(&self) -> Result<(), KeyringFailure>;

    /// What the store is told when an entry is made.
    fn modifiers<'a>(&self, label: &'a str) -> HashMap<&'static str, &'a str>;

    /// The most bytes of one entry; none if the platform names no limit.
    fn max_bytes(&self) -> Option<u32>;
}

/// The keyring of the system this runs on.
pub(super) struct Native;

#[cfg(all(unix, not(target_os = "macos")))]
mod native {
    use secret_service::EncryptionType;
    use secret_service::blocking::SecretService;

    use super::{Arc, CredentialStore, HashMap, KeyringFailure, Native, Platform};
    use crate::credentials::state::{KeyringState, service_failure};

    impl Platform for Native {
        fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
            Ok(zbus_secret_service_keyring_store::Store::new()?)
        }

        fn look(&self) -> Result<(), KeyringFailure> {
            // No secret crosses this connection, so it needs no encryption of its own.
            let service = SecretService::connect(EncryptionType::Plain).map_err(|error| service_failure(&error))?;
            let keyring = service.get_default_collection().map_err(|error| service_failure(&error))?;
            match keyring.is_locked() {
                Ok(false) => Ok(()),
                Ok(true) => Err(KeyringFailure::new(KeyringState::Locked, "")),
                Err(error) => Err(service_failure(&error)),
            }
        }

        fn unlock(&self) -> Result<(), KeyringFailure> {
            let service = SecretService::connect(EncryptionType::Plain).map_err(|error| service_failure(&error))?;
            let keyring = service.get_default_collection().map_err(|error| service_failure(&error))?;
            keyring.unlock().map_err(|error| service_failure(&error))
        }

        // `target` would name another collection and make it where it is missing, behind a password question.
        fn modifiers<'a>(&self, label: &'a str) -> HashMap<&'static str, &'a str> {
            HashMap::from([("label", label)])
        }

        fn max_bytes(&self) -> Option<u32> {
            None
        }
    }
}

#[cfg(any(target_os = "macos", target_os = "windows"))]
mod native {
    use super::{Arc, CredentialStore, HashMap, KeyringFailure, Native, Platform};
    use crate::credentials::state::failure;

    impl Platform for Native {
        #[cfg(target_os = "macos")]
        fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
            Ok(apple_native_keyring_store::keychain::Store::new()?)
        }

        #[cfg(target_os = "windows")]
        fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
            Ok(windows_native_keyring_store::Store::new()?)
        }

        // These systems ask while an entry is used; looking for one that never exists asks nothing.
        fn look(&self) -> Result<(), KeyringFailure> {
            let looked = self
                .open()
                .and_then(|store| store.build("altyaa-console", "state@look", None))
                .and_then(|entry| entry.get_secret());
            match looked {
                Ok(_) | Err(keyring::Error::NoEntry) => Ok(()),
                Err(error) => Err(failure(&error)),
            }
        }

        fn unlock(&self) -> Result<(), KeyringFailure> {
            Ok(())
        }

        #[cfg(target_os = "macos")]
        fn modifiers<'a>(&self, _label: &'a str) -> HashMap<&'static str, &'a str> {
            HashMap::new()
        }

        // The default would carry the entry to every machine of a Windows domain.
        #[cfg(target_os = "windows")]
        fn modifiers<'a>(&self, _label: &'a str) -> HashMap<&'static str, &'a str> {
            HashMap::from([("persistence", "Local")])
        }

        #[cfg(target_os = "macos")]
        fn max_bytes(&self) -> Option<u32> {
            None
        }

        // CRED_MAX_CREDENTIAL_BLOB_SIZE.
        #[cfg(target_os = "windows")]
        fn max_bytes(&self) -> Option<u32> {
            Some(2560)
        }
    }
}
