//! The TLS servers, as rustls sees them.

use std::sync::Arc;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, InvalidMessage, PeerIncompatible, ProtocolVersion,
    RootCertStore,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{asking, connect, is_quiet};
use crate::faults::certificates::{Authority, Identity, WRONG_NAMES, self_signed};
use crate::faults::tls::{ONLY_12, ONLY_13, Options, TlsServer, Versions};
use crate::faults::tls_broken::{self as broken, BrokenTls, TlsFault};
use crate::faults::{Server, within};

/// A client that trusts these roots.
pub fn connector(roots: RootCertStore, versions: Versions, alpn: &[&str], own: Option<&Identity>) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match own {
        Some(own) => builder.with_client_auth_cert(own.sent_chain(), own.private_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

pub async fn connected(
    server: &impl Server,
    connector: &TlsConnector,
    name: &'static str,
) -> std::io::Result<TlsStream<TcpStream>> {
    within(connector.connect(ServerName::try_from(name).unwrap(), connect(server).await)).await
}

/// What the library says of a failure; an end or a reset is its kind.
#[derive(Debug)]
enum Failed {
    Tls(Error),
    Io(std::io::ErrorKind),
}

fn failed(error: &std::io::Error) -> Failed {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => Failed::Tls(error.clone()),
        None => Failed::Io(error.kind()),
    }
}

/// Connects, asks and reads the answer.
async fn ask(server: &impl Server, connector: &TlsConnector, name: &'static str) -> Result<String, Failed> {
    let mut stream = connected(server, connector, name).await.map_err(|error| failed(&error))?;
    let request = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(request).await;
    let mut text = String::new();
    within(stream.read_to_string(&mut text)).await.map_err(|error| failed(&error))?;
    Ok(text)
}

fn plain(authority: &Authority) -> TlsConnector {
    connector(authority.roots(), rustls::ALL_VERSIONS, &["h2", "http/1.1"], None)
}

#[track_caller]
fn certificate_error(result: Result<String, Failed>) -> CertificateError {
    match result {
        Err(Failed::Tls(Error::InvalidCertificate(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_good_certificate_holds_for_its_three_names() {
    let authority = Authority::new("Good");
    let server = TlsServer::start(&authority.good()).await;
    for name in ["127.0.0.1", "localhost", "api.test"] {
        assert!(ask(&server, &plain(&authority), name).await.unwrap().ends_with("\r\n\r\nsecure"), "{name}");
    }
    let seen = server.seen();
    let names: Vec<_> = seen.iter().map(|one| one.server_name.as_deref()).collect();
    assert_eq!(names, [None, Some("localhost"), Some("api.test")]);
    assert_eq!(
        (&seen[0].offered[..], seen[0].alpn.as_deref()),
        (&["h2".into(), "http/1.1".into()][..], Some("http/1.1"))
    );
    assert_eq!((seen[0].version, server.asked()[0].target()), (Some(ProtocolVersion::TLSv1_3), "/"));
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let client = super::client().tls_certs_only([root]).build().unwrap();
    assert_eq!(client.get(server.https("/")).send().await.unwrap().text().await.unwrap(), "secure");
}

#[tokio::test]
async fn bad_certificates_are_bad_for_their_reason() {
    let authority = Authority::new("Bad");
    let client = plain(&authority);
    let error = |identity: Identity, name| {
        let client = client.clone();
        async move { certificate_error(ask(&TlsServer::start(&identity).await, &client, name).await) }
    };
    let expired = error(authority.expired(), "localhost").await;
    assert!(matches!(expired, CertificateError::ExpiredContext { .. }), "{expired:?}");
    let early = error(authority.not_yet_valid(), "localhost").await;
    assert!(matches!(early, CertificateError::NotValidYetContext { .. }), "{early:?}");
    for name in ["127.0.0.1", "localhost", "api.test"] {
        let wrong = error(authority.wrong_name(), name).await;
        assert!(matches!(wrong, CertificateError::NotValidForNameContext { .. }), "{wrong:?}");
    }
    for identity in
        [self_signed(), Authority::new("Other").good(), Authority::new("Other").intermediate("Below").good()]
    {
        assert_eq!(error(identity, "localhost").await, CertificateError::UnknownIssuer);
    }
    // Another authority of the same name is another authority.
    assert_eq!(error(Authority::new("Bad").good(), "localhost").await, CertificateError::BadSignature);
}

#[tokio::test]
async fn what_the_certificate_says_is_there() {
    let authority = Authority::new("Names");
    let server = TlsServer::start(&authority.wrong_name()).await;
    for name in [WRONG_NAMES[0], "api.wrong.test"] {
        assert!(ask(&server, &plain(&authority), name).await.is_ok(), "{name}");
    }
    let der = authority.expired().own_der();
    let (_, expired) = x509_parser::parse_x509_certificate(&der).unwrap();
    assert_eq!(expired.validity().not_after.to_string(), "Jan  1 00:00:00 2021 +00:00");
    // Given as an authority, a certificate that is signed by itself is good.
    let own = self_signed();
    let server = TlsServer::start(&own).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(own.own_pem().as_bytes()).unwrap()).unwrap();
    assert!(ask(&server, &connector(roots, rustls::ALL_VERSIONS, &[], None), "localhost").await.is_ok());
}

#[tokio::test]
async fn a_chain_of_three_needs_its_middle() {
    let root = Authority::new("Top");
    let middle = root.intermediate("Middle");
    assert_eq!(middle.pem(), root.pem());
    let good = middle.good();
    assert_eq!(good.sent_chain().len(), 2);
    assert!(ask(&TlsServer::start(&good).await, &plain(&root), "localhost").await.is_ok());
    let lacking = good.without_intermediates();
    assert_eq!(lacking.sent_chain().len(), 1);
    let error = certificate_error(ask(&TlsServer::start(&lacking).await, &plain(&root), "localhost").await);
    assert_eq!(error, CertificateError::UnknownIssuer);
}

#[tokio::test]
async fn versions_are_the_ones_offered() {
    let authority = Authority::new("Versions");
    for (versions, other, agreed) in
        [(ONLY_12, ONLY_13, ProtocolVersion::TLSv1_2), (ONLY_13, ONLY_12, ProtocolVersion::TLSv1_3)]
    {
        let options = Options { versions, ..Options::default() };
        let server = TlsServer::start_as(&authority.good(), options).await;
        assert!(ask(&server, &plain(&authority), "localhost").await.is_ok());
        let refused = ask(&server, &connector(authority.roots(), other, &[], None), "localhost").await;
        assert!(
            matches!(refused, Err(Failed::Tls(Error::AlertReceived(AlertDescription::ProtocolVersion)))),
            "{refused:?}"
        );
        let seen = server.seen_at_least(2).await;
        assert_eq!((seen[0].version, seen[1].version), (Some(agreed), None));
        assert!(seen[1].error.is_some());
    }
}

#[tokio::test]
async fn a_client_certificate_is_wanted_and_written_down() {
    let (servers, clients) = (Authority::new("Servers"), Authority::new("Clients"));
    let own = clients.client("someone");
    for versions in [ONLY_12, ONLY_13] {
        let options = Options { versions, clients_of: Some(&clients), ..Options::default() };
        let server = TlsServer::start_as(&servers.good(), options).await;
        let client = |own: Option<&Identity>| connector(servers.roots(), rustls::ALL_VERSIONS, &[], own);
        assert!(ask(&server, &client(Some(&own)), "localhost").await.is_ok());
        match ask(&server, &client(None), "localhost").await {
            Err(Failed::Tls(Error::AlertReceived(alert))) => assert_eq!(alert, AlertDescription::CertificateRequired),
            other => panic!("{other:?}"),
        }
        for wrong in [Authority::new("Clients").client("someone"), clients.expired_client("someone")] {
            let refused = ask(&server, &client(Some(&wrong)), "localhost").await;
            assert!(matches!(refused, Err(Failed::Tls(Error::AlertReceived(_)))), "{refused:?}");
        }
        let seen = server.seen_at_least(4).await;
        assert_eq!(seen[0].client_certificates, [own.own_der()]);
        assert!(seen[1..].iter().all(|one| one.client_certificates.is_empty() && one.error.is_some()), "{seen:?}");
        assert_eq!(server.asked().len(), 1, "who was refused asked nothing");
    }
}

#[tokio::test]
async fn identity_files_hold_the_certificate_and_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let clients = Authority::new("Clients").intermediate("Staff");
    let own = clients.client("someone");
    let files = own.files_in(dir.path(), "pass phrase ü");
    for path in [&files.certificate, &files.both] {
        let read: Vec<_> = CertificateDer::pem_file_iter(path).unwrap().map(Result::unwrap).collect();
        assert_eq!(read, own.sent_chain());
    }
    for path in [&files.key, &files.both] {
        assert_eq!(PrivateKeyDer::from_pem_file(path).unwrap(), own.private_key());
    }
    let bytes = std::fs::read(&files.pkcs12).unwrap();
    let store = KeyStore::from_pkcs12(&bytes, "pass phrase ü", Pkcs12ImportPolicy::Strict).unwrap();
    let (_, chain) = store.private_key_chain().unwrap();
    assert_eq!(chain.key().as_der(), own.private_key().secret_der());
    assert_eq!((chain.certs()[0].as_der(), chain.certs().len()), (&own.own_der()[..], 3));
    assert!(KeyStore::from_pkcs12(&bytes, "another", Pkcs12ImportPolicy::Strict).is_err());
    let root = std::fs::read_to_string(clients.file_in(dir.path())).unwrap();
    assert_eq!(root, clients.pem());
}

async fn broken(fault: TlsFault) -> Failed {
    let authority = Authority::new("Broken");
    let server = BrokenTls::start(fault).await;
    let failed = ask(&server, &plain(&authority), "localhost").await.unwrap_err();
    let hello = &server.seen()[0];
    assert_eq!((hello[0], hello[5]), (22, 1), "a handshake record with a ClientHello");
    failed
}

#[tokio::test]
async fn old_versions_are_refused_by_the_client() {
    for version in [broken::TLS_10, broken::TLS_11] {
        let got = broken(TlsFault::OldServerHello { version }).await;
        let wanted = PeerIncompatible::ServerDoesNotSupportTls12Or13;
        assert!(matches!(&got, Failed::Tls(Error::PeerIncompatible(kind)) if *kind == wanted), "{got:?}");
        let got = broken(TlsFault::Alert { version, number: broken::PROTOCOL_VERSION }).await;
        let wanted = AlertDescription::ProtocolVersion;
        assert!(matches!(got, Failed::Tls(Error::AlertReceived(alert)) if alert == wanted), "{got:?}");
    }
}

#[tokio::test]
async fn alerts_come_with_their_number() {
    for (number, wanted) in [
        (broken::HANDSHAKE_FAILURE, AlertDescription::HandshakeFailure),
        (broken::INTERNAL_ERROR, AlertDescription::InternalError),
        (broken::UNRECOGNIZED_NAME, AlertDescription::UnrecognisedName),
    ] {
        let got = broken(TlsFault::Alert { version: broken::TLS_12, number }).await;
        assert!(matches!(got, Failed::Tls(Error::AlertReceived(alert)) if alert == wanted), "{got:?}");
    }
}

#[tokio::test]
async fn handshakes_end_in_their_way() {
    use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};

    let got = broken(TlsFault::PlainHttp).await;
    let wanted = InvalidMessage::InvalidContentType;
    assert!(matches!(&got, Failed::Tls(Error::InvalidMessage(kind)) if *kind == wanted), "{got:?}");
    for (fault, wanted) in [
        (TlsFault::Closes, UnexpectedEof),
        (TlsFault::ClosesHalfWay, UnexpectedEof),
        (TlsFault::Resets, ConnectionReset),
        (TlsFault::ResetsHalfWay, ConnectionReset),
    ] {
        let got = broken(fault).await;
        assert!(matches!(got, Failed::Io(kind) if kind == wanted), "{fault:?}: {got:?}");
    }
    let server = BrokenTls::start(TlsFault::Silent).await;
    let connector = plain(&Authority::new("Silent"));
    let handshake = connector.connect(ServerName::try_from("localhost").unwrap(), connect(&server).await);
    assert!(tokio::time::timeout(crate::faults::DEADLINE / 20, handshake).await.is_err());
    assert_eq!(server.seen().len(), 1);
    // Who speaks plain HTTP to a TLS port gets no HTTP.
    let server = TlsServer::start(&self_signed()).await;
    let mut stream = asking(&server, "/").await;
    let got = super::rest(&mut stream).await;
    assert!(!got.bytes.starts_with(b"HTTP/"), "{got:?}");
    assert!(server.seen_at_least(1).await[0].error.is_some());
    let mut silent = connect(&server).await;
    is_quiet(&mut silent).await;
}
