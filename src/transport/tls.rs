//! TLS as asked for: the system's trust store, extra CAs, a client certificate, and a verifier that writes down what
//! it saw before it judges.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, NamedGroup, SignatureScheme};

use super::certificate;
use super::clock;
use super::identity::{self, IdentityError};
use super::settings::{HttpVersion, MinTls, Route};
use crate::secret::Secret;

/// What holds for one host alone, and for nobody on the way to it or behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Trust {
    /// The host as in an address. Shape: `api.test`, `[::1]`.
    pub host: String,
    /// Whether its certificates are taken as they are.
    pub is_unverified: bool,
    /// Whether it may see the client certificate.
    pub has_identity: bool,
    /// Which handshake of a connection is with it: the second where the proxy before it speaks TLS, which may well have
    /// the same name.
    pub handshake: u32,
}

impl Trust {
    fn is_for(&self, server_name: &str) -> bool {
        // A connection that nobody waits for any longer counts none, and without a proxy there is only the one.
        let is_its = clock::current_handshake().map_or(self.handshake == 1, |(_, n)| n == self.handshake);
        is_its && self.host.trim_matches(['[', ']']).eq_ignore_ascii_case(server_name)
    }
}

/// What rustls is told for one route. The route's own wishes for trust are not looked at: `trust` has decided them.
///
/// *Errors*: a file that cannot be read or is not what it should be.
pub(super) fn client_config(
    route: &Route,
    trust: &Trust,
    passphrase: Option<&Secret>,
) -> Result<ClientConfig, IdentityError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = identity::read_cas(&route.ca_files)?;
    let inner: Arc<dyn ServerCertVerifier> =
        match rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider)) {
            Ok(verifier) => Arc::new(verifier),
            // A machine without any CA still reaches plain http; https says what is missing.
            Err(error) => Arc::new(NoRoots(error.to_string())),
        };
    let identity = match route.client_certificate.as_ref().filter(|_| trust.has_identity) {
        Some(certificate) => Some(identity::read_identity(certificate, passphrase, &provider)?),
        None => None,
    };
    let versions: &[&rustls::SupportedProtocolVersion] = match route.min_tls {
        MinTls::V1_2 => &[&rustls::version::TLS13, &rustls::version::TLS12],
        MinTls::V1_3 => &[&rustls::version::TLS13],
    };
    let verifier = Arc::new(Recorder { inner, provider: Arc::clone(&provider), trust: trust.clone() });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| IdentityError::Setup { reason: error.to_string() })?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::new(ClientIdentity { key: identity, trust: trust.clone() }));
    config.resumption = Resumption::store(Arc::new(NoSessions));
    config.alpn_protocols = match route.http {
        HttpVersion::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersion::Http1 => vec![b"http/1.1".to_vec()],
        HttpVersion::Http2 => vec![b"h2".to_vec()],
    };
    Ok(config)
}

/// Writes down the chain, the verdict and the version, then says what the platform's verifier says.
#[derive(Debug)]
struct Recorder {
    inner: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
    trust: Trust,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).take(certificate::MAX_CHAIN);
        let facts = chain.map(|der| certificate::facts(der)).collect();
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        // Switched off for a server, verification is not switched off for the proxy in front of it.
        let is_unverified = self.trust.is_unverified && self.trust.is_for(&server_name.to_str());
        clock::mark_certificates(facts, verdict.is_ok(), is_unverified);
        match verdict {
            Err(_) if is_unverified => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        clock::mark_tls_version("TLS 1.2");
        // Who holds the key is checked also where nobody asks whose it is.
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        clock::mark_tls_version("TLS 1.3");
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Trusts nobody, because the machine has no CA.
#[derive(Debug)]
struct NoRoots(String);

/// What [`NoRoots`] says begins with this, by which the failure is told.
pub(super) const NO_ROOTS: &str = "no CA on this machine";

impl ServerCertVerifier for NoRoots {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Err(rustls::Error::General(format!("{NO_ROOTS}: {}", self.0)))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(NO_ROOTS.to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General(NO_ROOTS.to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Vec::new()
    }
}

/// The client certificate, and the knowledge that it was asked for.
#[derive(Debug)]
struct ClientIdentity {
    key: Option<Arc<CertifiedKey>>,
    trust: Trust,
}

impl rustls::client::ResolvesClientCert for ClientIdentity {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        clock::mark_client_certificate_wanted();
        let name = clock::current_handshake().map_or_else(|| self.trust.host.clone(), |(name, _)| name);
        let is_wanted_here = self.trust.is_for(name.trim_matches(['[', ']']));
        self.key.clone().filter(|_| is_wanted_here)
    }

    fn has_certs(&self) -> bool {
        // Always, so that a server's question is heard also where there is no answer to it.
        true
    }
}

/// Keeps no session, so that each new connection shows its own certificates; being asked tells that a handshake begins.
#[derive(Debug)]
struct NoSessions;

impl ClientSessionStore for NoSessions {
    fn set_kx_hint(&self, _server_name: ServerName<'static>, _group: NamedGroup) {}

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        clock::mark_tls_start(server_name.to_str().into_owned());
        None
    }

    fn set_tls12_session(&self, _server_name: ServerName<'static>, _value: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _server_name: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _server_name: ServerName<'static>, _value: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _server_name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
