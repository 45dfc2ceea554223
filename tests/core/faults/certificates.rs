//! A test's own authorities and the certificates they give: good, expired, early, for other names, for clients.

use std::path::{Path, PathBuf};

use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The names of a good server: two that loopback has, and one for a proxy or a resolver to lead here.
pub const GOOD_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "api.test"];

/// The names of a wrong server.
pub const WRONG_NAMES: [&str; 2] = ["other.test", "*.wrong.test"];

/// Valid from the first to the second of January, as years.
type Years = (i32, i32);
const VALID: Years = (2020, 2120);
const EXPIRED: Years = (2020, 2021);
const EARLY: Years = (2110, 2120);

/// Who signs certificates. Each one has a key of its own, so that equal names are still different authorities.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, and those above it up to the root.
    chain: Vec<Certificate>,
}

impl Authority {
    /// A root.
    pub fn new(name: &str) -> Self {
        let (params, key) = (authority_params(name), KeyPair::generate().unwrap());
        let own = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), chain: vec![own] }
    }

    /// An authority below this one.
    pub fn intermediate(&self, name: &str) -> Self {
        let (params, key) = (authority_params(name), KeyPair::generate().unwrap());
        let own = params.signed_by(&key, &self.issuer).unwrap();
        Self { issuer: Issuer::new(params, key), chain: [&[own], &self.chain[..]].concat() }
    }

    /// The root's certificate, for a `--ca-file`.
    pub fn pem(&self) -> String {
        self.chain.last().unwrap().pem()
    }

    /// Writes [`Authority::pem`] as `ca.pem`.
    pub fn file_in(&self, dir: &Path) -> PathBuf {
        let path = dir.join("ca.pem");
        std::fs::write(&path, self.pem()).unwrap();
        path
    }

    /// What a client trusts who trusts this root.
    pub fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.chain.last().unwrap().der().clone()).unwrap();
        roots
    }

    /// For [`GOOD_NAMES`].
    pub fn good(&self) -> Identity {
        self.server(&GOOD_NAMES, VALID)
    }

    /// Good until 2021-01-01.
    pub fn expired(&self) -> Identity {
        self.server(&GOOD_NAMES, EXPIRED)
    }

    /// Good from 2110-01-01 on.
    pub fn not_yet_valid(&self) -> Identity {
        self.server(&GOOD_NAMES, EARLY)
    }

    /// For [`WRONG_NAMES`].
    pub fn wrong_name(&self) -> Identity {
        self.server(&WRONG_NAMES, VALID)
    }

    fn server(&self, names: &[&str], years: Years) -> Identity {
        self.issue(&params(names[0], names, years, ExtendedKeyUsagePurpose::ServerAuth))
    }

    /// For a client, whose name is the subject's common name.
    pub fn client(&self, name: &str) -> Identity {
        self.issue(&params(name, &[], VALID, ExtendedKeyUsagePurpose::ClientAuth))
    }

    /// For a client, but good only until 2021-01-01.
    pub fn expired_client(&self, name: &str) -> Identity {
        self.issue(&params(name, &[], EXPIRED, ExtendedKeyUsagePurpose::ClientAuth))
    }

    fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let own = params.signed_by(&key, &self.issuer).unwrap();
        Identity { key, chain: [&[own], &self.chain[..]].concat() }
    }
}

/// For [`GOOD_NAMES`], signed by nobody but itself.
pub fn self_signed() -> Identity {
    let key = KeyPair::generate().unwrap();
    let params = params(GOOD_NAMES[0], &GOOD_NAMES, VALID, ExtendedKeyUsagePurpose::ServerAuth);
    Identity { chain: vec![params.self_signed(&key).unwrap()], key }
}

fn params(common_name: &str, names: &[&str], years: Years, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(VALID.0, 1, 1);
    params.not_after = date_time_ymd(VALID.1, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A certificate with its key.
pub struct Identity {
    key: KeyPair,
    /// Its own certificate, and those above it up to the root.
    chain: Vec<Certificate>,
}

impl Identity {
    /// What a server or client sends: its own certificate and those between it and the root.
    pub fn sent_chain(&self) -> Vec<CertificateDer<'static>> {
        let without_root = self.chain.len().max(2) - 1;
        self.chain[..without_root].iter().map(|one| one.der().clone()).collect()
    }

    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// Its own certificate alone, as DER.
    pub fn own_der(&self) -> Vec<u8> {
        self.chain[0].der().to_vec()
    }

    /// Its own certificate alone; of a self-signed one also what a `--ca-file` may hold.
    pub fn own_pem(&self) -> String {
        self.chain[0].pem()
    }

    /// The same, as sent by a server that forgot the certificates between its own and the root.
    pub fn without_intermediates(mut self) -> Self {
        let root = self.chain.pop().unwrap();
        self.chain.truncate(1);
        self.chain.push(root);
        self
    }

    /// Writes what a person gives to a client: certificate and key as PEM, and both as PKCS#12 with that pass phrase.
    pub fn files_in(&self, dir: &Path, pass_phrase: &str) -> IdentityFiles {
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let sent = self.sent_chain().len();
        let certificates: String = self.chain[..sent].iter().map(Certificate::pem).collect();
        let key = self.key.serialize_pem();
        IdentityFiles {
            certificate: file("client.pem", certificates.as_bytes()),
            key: file("client.key", key.as_bytes()),
            both: file("client-both.pem", format!("{certificates}{key}").as_bytes()),
            pkcs12: file("client.p12", &self.pkcs12(pass_phrase)),
        }
    }

    fn pkcs12(&self, pass_phrase: &str) -> Vec<u8> {
        let key = PrivateKey::from_der(self.key.serialized_der()).unwrap();
        let certificates = self.chain.iter().map(|one| p12_keystore::Certificate::from_der(one.der()).unwrap());
        let mut store = KeyStore::new();
        store.add_entry("client", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("1", key, certificates)));
        // As many rounds as OpenSSL takes.
        store.writer(pass_phrase).encryption_iterations(2048).mac_iterations(2048).write().unwrap()
    }
}

/// The files that [`Identity::files_in`] wrote.
pub struct IdentityFiles {
    /// `client.pem`: the certificates that are sent, its own first.
    pub certificate: PathBuf,
    /// `client.key`: the key in PKCS#8.
    pub key: PathBuf,
    /// `client-both.pem`: the certificates, then the key.
    pub both: PathBuf,
    /// `client.p12`: key and certificates up to the root, under a pass phrase.
    pub pkcs12: PathBuf,
}
