//! HTTP proxies, plain and over TLS: one that works, and ones that want a password, refuse, close or talk nonsense.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::ServerConfig;
use tokio::io::{AsyncWriteExt as _, BufReader, BufStream, copy, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::web::{Asked, answer, read_asked};
use super::{Loopback, Seen, Server, Stream, hold, read_head};

/// What a proxy does with what it is asked.
#[derive(Clone, Copy, Debug)]
pub enum ProxyMode {
    /// Forwards requests and opens tunnels.
    Works,
    /// The same for who sends this name and password; 407 with a Basic challenge for all others.
    WantsPassword { user: &'static str, password: &'static str },
    /// 407 with this `Proxy-Authenticate` whatever comes. Shape: `Negotiate`.
    Challenges(&'static str),
    /// No tunnels. Shape of `status`: `403 Forbidden`.
    RefusesConnect { status: &'static str, body: &'static str },
    /// Opens a tunnel and ends it at once.
    ClosesTunnel,
    /// Ends the connection after the request.
    Closes,
    /// Answers with something that is no HTTP.
    Garbage,
    /// Never answers.
    Silent,
}

/// One request to the proxy.
#[derive(Clone, Debug)]
pub struct ProxySaw {
    /// Shape: `CONNECT api.test:443 HTTP/1.1`, `GET http://api.test/v1/posts HTTP/1.1`.
    pub line: String,
    /// The value of `Proxy-Authorization`, if it came.
    pub authorization: Option<String>,
    pub head: String,
}

/// A proxy on loopback.
pub struct HttpProxy {
    loopback: Loopback,
    seen: Seen<ProxySaw>,
}

impl HttpProxy {
    /// `origin` is where everything goes, whatever name was asked for; without it, the name is looked up.
    pub async fn start(mode: ProxyMode, origin: Option<SocketAddr>) -> Self {
        let seen = Seen::new();
        let all = seen.clone();
        let serve = move |stream| {
            let all = all.clone();
            async move {
                let _ = serve(stream, mode, origin, &all).await;
            }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// The same, but the way to the proxy itself is TLS.
    pub async fn start_tls(mode: ProxyMode, origin: Option<SocketAddr>, config: Arc<ServerConfig>) -> Self {
        let seen = Seen::new();
        let (all, acceptor) = (seen.clone(), TlsAcceptor::from(config));
        let serve = move |stream| {
            let (all, acceptor) = (all.clone(), acceptor.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = serve(stream, mode, origin, &all).await;
                }
            }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// All requests so far; not what went through tunnels.
    pub fn seen(&self) -> Vec<ProxySaw> {
        self.seen.all()
    }
}

impl Server for HttpProxy {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve<S: Stream>(
    stream: S,
    mode: ProxyMode,
    origin: Option<SocketAddr>,
    seen: &Seen<ProxySaw>,
) -> std::io::Result<()> {
    let mut stream = BufStream::new(stream);
    while let Some(asked) = read_asked(&mut stream).await {
        let authorization = asked.header("proxy-authorization").map(str::to_owned);
        seen.push(ProxySaw {
            line: asked.line().to_owned(),
            authorization: authorization.clone(),
            head: asked.head.clone(),
        });
        let is_connect = asked.method() == "CONNECT";
        let challenge = match mode {
            ProxyMode::Challenges(challenge) => Some(challenge),
            ProxyMode::WantsPassword { user, password } => {
                let wanted = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
                (authorization != Some(wanted)).then_some("Basic realm=\"test\"")
            }
            _ => None,
        };
        match mode {
            _ if challenge.is_some() => {
                // The connection is kept, so that the client may try again on it.
                let headers = [("Proxy-Authenticate", challenge.unwrap())];
                stream.write_all(&answer("407 Proxy Authentication Required", &headers, b"who are you")).await?;
                stream.flush().await?;
                continue;
            }
            ProxyMode::RefusesConnect { status, body } if is_connect => {
                stream.write_all(&answer(status, &[("Connection", "close")], body.as_bytes())).await?;
            }
            ProxyMode::ClosesTunnel if is_connect => stream.write_all(OPENED).await?,
            ProxyMode::Closes => {}
            ProxyMode::Garbage => stream.write_all(b"\x05\xff\0garbage, and no HTTP\r\n\r\n").await?,
            ProxyMode::Silent => {
                hold(&mut stream).await;
                return Ok(());
            }
            _ if is_connect => return tunnel(stream, &asked, origin).await,
            _ => forward(&mut stream, &asked, origin).await?,
        }
        stream.flush().await?;
        stream.shutdown().await?;
        hold(&mut stream).await;
        return Ok(());
    }
    Ok(())
}

const OPENED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

async fn tunnel<S: Stream>(mut stream: BufStream<S>, asked: &Asked, origin: Option<SocketAddr>) -> std::io::Result<()> {
    let Ok(mut upstream) = connect(asked.target(), origin).await else {
        stream.write_all(&answer("502 Bad Gateway", &[("Connection", "close")], b"no way there")).await?;
        return stream.shutdown().await;
    };
    stream.write_all(OPENED).await?;
    stream.flush().await?;
    copy_bidirectional(&mut stream, &mut upstream).await.map(|_| ())
}

/// Asks the origin as it wants to be asked, and closes afterwards, which both sides are told.
async fn forward<S: Stream>(
    stream: &mut BufStream<S>,
    asked: &Asked,
    origin: Option<SocketAddr>,
) -> std::io::Result<()> {
    let Ok(url) = Url::parse(asked.target()) else {
        return stream.write_all(&answer("400 Bad Request", &[("Connection", "close")], b"no absolute form")).await;
    };
    let authority = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
    let Ok(upstream) = connect(&authority, origin).await else {
        return stream.write_all(&answer("502 Bad Gateway", &[("Connection", "close")], b"no way there")).await;
    };
    let mut upstream = BufReader::new(upstream);
    let mut head =
        format!("{} {} HTTP/1.1\r\n", asked.method(), &url[url::Position::BeforePath..url::Position::AfterQuery]);
    for line in asked.head.lines().skip(1).filter(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name != "connection" && !name.starts_with("proxy-") {
            head.push_str(&format!("{line}\r\n"));
        }
    }
    head.push_str("Connection: close\r\nVia: 1.1 test-proxy\r\n\r\n");
    upstream.write_all(&[head.as_bytes(), &asked.body].concat()).await?;
    if let Some(head) = read_head(&mut upstream).await {
        let head = head.replacen("\r\n", "\r\nConnection: close\r\nVia: 1.1 test-proxy\r\n", 1);
        stream.write_all(head.as_bytes()).await?;
        copy(&mut upstream, stream).await?;
    }
    Ok(())
}

async fn connect(authority: &str, origin: Option<SocketAddr>) -> std::io::Result<TcpStream> {
    match origin {
        Some(origin) => TcpStream::connect(origin).await,
        None => TcpStream::connect(authority).await,
    }
}
