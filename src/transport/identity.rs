//! CA files and client certificates, read from PEM, DER and PKCS#12.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;

use super::settings::ClientCertificate;
use crate::disk::{DiskError, read_bounded};
use crate::secret::Secret;
use crate::text::visible_line;

/// The largest certificate or CA file, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Why TLS cannot be set up as asked for.
#[derive(Debug, Error)]
pub(super) enum IdentityError {
    #[error("the file cannot be read")]
    Read(#[source] DiskError),
    #[error("no certificate in {}", file.display())]
    NoCertificate { file: PathBuf },
    #[error("no private key in {}", file.display())]
    NoKey { file: PathBuf },
    #[error("the private key is enciphered in {}", file.display())]
    EncryptedKey { file: PathBuf },
    #[error("the pass phrase is missing or wrong for {}", file.display())]
    Passphrase { file: PathBuf },
    #[error("certificate and key do not fit: {}", file.display())]
    Mismatch { file: PathBuf },
    #[error("TLS cannot be set up: {reason}")]
    Setup { reason: String },
}

impl IdentityError {
    /// What happened, for a person.
    pub(super) fn summary(&self) -> String {
        let name = |file: &Path| visible_line(&file.display().to_string()).into_owned();
        match self {
            Self::Read(error) if error.is_not_found() => format!("There is no file {}", visible_line(&error.place())),
            Self::Read(error) => format!("A certificate file cannot be read: {} ({})", error.summary(), error.place()),
            Self::NoCertificate { file } => format!("There is no certificate in {}", name(file)),
            Self::NoKey { file } => format!("There is no private key for the client certificate in {}", name(file)),
            Self::EncryptedKey { file } => format!("The private key in {} is enciphered", name(file)),
            Self::Passphrase { file } => format!("The pass phrase is missing or wrong for {}", name(file)),
            Self::Mismatch { file } => format!("Certificate and private key do not belong together in {}", name(file)),
            Self::Setup { .. } => "TLS cannot be set up as asked for".to_owned(),
        }
    }

    /// What to do next.
    pub(super) fn fix(&self) -> String {
        match self {
            Self::Read(error) if error.is_not_found() => {
                "Check the names of the CA and certificate files of this environment".into()
            }
            Self::Read(error) => error.fix(),
            Self::NoCertificate { .. } => "Name a file in PEM (it says BEGIN CERTIFICATE), DER or PKCS#12".into(),
            Self::NoKey { .. } => "Name the key's PEM file too (it says BEGIN PRIVATE KEY)".into(),
            Self::EncryptedKey { .. } => {
                "Put certificate and key into a PKCS#12 file: openssl pkcs12 -export -in CERT -inkey KEY -out FILE.p12"
                    .into()
            }
            Self::Passphrase { .. } => {
                "Give the pass phrase that the file was made with (--client-cert-pass-env)".into()
            }
            Self::Mismatch { .. } => "Name the key that the certificate was made for".into(),
            Self::Setup { reason } => format!("Change the TLS settings of this environment: {}", visible_line(reason)),
        }
    }
}

/// The CAs of these files.
///
/// *Errors*: [`IdentityError::Read`], [`IdentityError::NoCertificate`] for a file that holds none.
pub(super) fn read_cas(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let mut all = Vec::new();
    for file in files {
        all.extend(certificates(file, &read(file)?)?);
    }
    Ok(all)
}

/// The client certificate with its key.
///
/// *Errors*: every one of [`IdentityError`].
pub(super) fn read_identity(
    certificate: &ClientCertificate,
    passphrase: Option<&Secret>,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, IdentityError> {
    let file = &certificate.file;
    let bytes = read(file)?;
    let (chain, key) = if is_pkcs12(file, &bytes) {
        from_pkcs12(file, &bytes, passphrase)?
    } else {
        let chain = certificates(file, &bytes)?;
        let key = match &certificate.key {
            Some(key_file) => private_key(key_file, &read(key_file)?)?,
            None => private_key(file, &bytes)?,
        };
        (chain, key)
    };
    let mismatch = |_| IdentityError::Mismatch { file: file.clone() };
    CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(mismatch)
}

fn read(file: &Path) -> Result<Vec<u8>, IdentityError> {
    // A link is fine here: the person named the file, and distributions link their CAs.
    let path = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    read_bounded(&path, MAX_FILE_BYTES).map_err(IdentityError::Read)
}

fn certificates(file: &Path, bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    let none = || IdentityError::NoCertificate { file: file.to_owned() };
    if bytes.starts_with(&[0x30]) && x509_parser::parse_x509_certificate(bytes).is_ok() {
        return Ok(vec![CertificateDer::from(bytes.to_vec())]);
    }
    let found: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn private_key(file: &Path, bytes: &[u8]) -> Result<PrivateKeyDer<'static>, IdentityError> {
    PrivateKeyDer::from_pem_slice(bytes).map_err(|_| {
        let is_encrypted = memchr::memmem::find(bytes, b"ENCRYPTED").is_some();
        let file = file.to_owned();
        if is_encrypted { IdentityError::EncryptedKey { file } } else { IdentityError::NoKey { file } }
    })
}

fn is_pkcs12(file: &Path, bytes: &[u8]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    // PEM begins with dashes or words; DER of any kind with a sequence.
    bytes.starts_with(&[0x30]) && (matches!(ending.as_str(), "p12" | "pfx") || !bytes.starts_with(b"-----"))
}

/// A chain, its own certificate first, and the key.
type ChainAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn from_pkcs12(file: &Path, bytes: &[u8], passphrase: Option<&Secret>) -> Result<ChainAndKey, IdentityError> {
    let passphrase = passphrase.map(Secret::expose).unwrap_or_default();
    // The library's error may quote the store: it is dropped.
    let store = KeyStore::from_pkcs12(bytes, passphrase, Pkcs12ImportPolicy::Relaxed)
        .map_err(|_| IdentityError::Passphrase { file: file.to_owned() })?;
    let (_, chain) = store.private_key_chain().ok_or_else(|| IdentityError::NoKey { file: file.to_owned() })?;
    let certificates: Vec<CertificateDer<'static>> =
        chain.certs().iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect();
    if certificates.is_empty() {
        return Err(IdentityError::NoCertificate { file: file.to_owned() });
    }
    Ok((certificates, PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into()))
}
