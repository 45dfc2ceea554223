//! TLS servers that do it right, with any certificate and version, and want one of the client if told to.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::server::{Acceptor, WebPkiClientVerifier};
use rustls::{ProtocolVersion, ServerConfig, SupportedProtocolVersion, version};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::certificates::{Authority, Identity};
use super::web::{self, Answerer, Asked, answer};
use super::{Loopback, Seen, Server, hold};

/// Versions that are offered.
pub type Versions = &'static [&'static SupportedProtocolVersion];

/// TLS 1.2 alone.
pub const ONLY_12: Versions = &[&version::TLS12];
/// TLS 1.3 alone.
pub const ONLY_13: Versions = &[&version::TLS13];

/// What a server offers and wants.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    pub versions: Versions,
    /// Protocols in order of preference. Shape: `["h2", "http/1.1"]`; none: nothing is said of it.
    pub alpn: &'a [&'a str],
    /// Whose client certificates are wanted; without one the handshake fails.
    pub clients_of: Option<&'a Authority>,
}

impl Default for Options<'_> {
    /// Both versions, HTTP/1.1, no client certificate.
    fn default() -> Self {
        Self { versions: rustls::ALL_VERSIONS, alpn: &["http/1.1"], clients_of: None }
    }
}

/// A server's configuration, which the servers of HTTP/2, proxies and redirects take too.
pub fn config(identity: &Identity, options: Options<'_>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(options.versions).unwrap();
    let builder = match options.clients_of {
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authority.roots()), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(identity.sent_chain(), identity.private_key()).unwrap();
    config.alpn_protocols = options.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// What came of one connection.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The name that the client asked for; never an address.
    pub server_name: Option<String>,
    /// What the client offered. Shape: `["h2", "http/1.1"]`.
    pub offered: Vec<String>,
    /// What was agreed on.
    pub alpn: Option<String>,
    pub version: Option<ProtocolVersion>,
    /// The client's certificates as DER, its own first.
    pub client_certificates: Vec<Vec<u8>>,
    /// Why it failed, in the words of the server's library.
    pub error: Option<String>,
}

/// An HTTPS server; it answers 200 `secure` unless told otherwise.
pub struct TlsServer {
    loopback: Loopback,
    seen: Seen<Handshake>,
    asked: Seen<Asked>,
}

impl TlsServer {
    pub async fn start(identity: &Identity) -> Self {
        Self::start_as(identity, Options::default()).await
    }

    pub async fn start_as(identity: &Identity, options: Options<'_>) -> Self {
        Self::start_with(config(identity, options), |_| answer("200 OK", &[], b"secure")).await
    }

    pub async fn start_with(
        config: Arc<ServerConfig>,
        answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (seen, asked) = (Seen::new(), Seen::new());
        let (answer, all_seen, all_asked): (Answerer, _, _) = (Arc::new(answer), seen.clone(), asked.clone());
        let serve = move |stream| {
            let (config, answer) = (Arc::clone(&config), Arc::clone(&answer));
            let (seen, asked) = (all_seen.clone(), all_asked.clone());
            async move { serve(stream, config, &answer, &seen, &asked).await }
        };
        Self { loopback: Loopback::start(serve).await, seen, asked }
    }

    /// All handshakes so far, failed ones too.
    pub fn seen(&self) -> Vec<Handshake> {
        self.seen.all()
    }

    /// Waits for that many handshakes: a client may know of a failure first.
    pub async fn seen_at_least(&self, count: usize) -> Vec<Handshake> {
        self.seen.at_least(count).await
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.all()
    }
}

impl Server for TlsServer {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    answer: &Answerer,
    seen: &Seen<Handshake>,
    asked: &Seen<Asked>,
) {
    let mut handshake = Handshake::default();
    let start = match LazyConfigAcceptor::new(Acceptor::default(), stream).await {
        Ok(start) => start,
        Err(error) => return seen.push(Handshake { error: Some(error.to_string()), ..handshake }),
    };
    let hello = start.client_hello();
    handshake.server_name = hello.server_name().map(str::to_owned);
    handshake.offered = hello.alpn().into_iter().flatten().map(text).collect();
    match start.into_stream(config).into_fallible().await {
        Ok(stream) => {
            let (_, connection) = stream.get_ref();
            handshake.alpn = connection.alpn_protocol().map(text);
            handshake.version = connection.protocol_version();
            let certificates = connection.peer_certificates().unwrap_or_default();
            handshake.client_certificates = certificates.iter().map(|one| one.to_vec()).collect();
            seen.push(handshake);
            web::serve(stream, answer, asked).await;
        }
        Err((error, mut stream)) => {
            seen.push(Handshake { error: Some(error.to_string()), ..handshake });
            // What the client still sends is read, so that no reset overtakes the alert.
            let _ = stream.shutdown().await;
            hold(&mut stream).await;
        }
    }
}
