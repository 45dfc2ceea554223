//! A SOCKS5 proxy (RFC 1928, RFC 1929) that works, wants a password, fails in each way it can, or talks nonsense.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::{Loopback, Seen, Server, hold};

/// What the proxy does.
#[derive(Clone, Copy, Debug)]
pub enum SocksMode {
    /// Opens the way without a password.
    Works,
    /// Opens it for who sends this name and password; without the method it says 0xFF, to a wrong one status 1.
    WantsPassword { user: &'static str, password: &'static str },
    /// Accepts none of the client's methods: 0xFF.
    NoMethod,
    /// Answers the request with that code, 1 to 8.
    Fails(u8),
    /// Answers the greeting as a web server would.
    Nonsense,
    /// Ends the connection after the greeting.
    Closes,
    /// Ends the connection after the request.
    ClosesLate,
    /// Never answers.
    Silent,
}

/// One connection to the proxy.
#[derive(Clone, Debug, Default)]
pub struct SocksSaw {
    /// The methods that the client offered: 0 without, 2 with a password.
    pub methods: Vec<u8>,
    /// Name and password, if they came.
    pub login: Option<(String, String)>,
    /// Where it wanted to go. Shape: `api.test:443`; empty if it did not come to that.
    pub target: String,
    /// Whether that was a name to be looked up here, or an address.
    pub is_by_name: bool,
}

/// A proxy on loopback.
pub struct Socks5 {
    loopback: Loopback,
    seen: Seen<SocksSaw>,
}

impl Socks5 {
    /// `origin` is where every way leads, whatever was asked for; without it, to what was asked for.
    pub async fn start(mode: SocksMode, origin: Option<SocketAddr>) -> Self {
        let seen = Seen::new();
        let all = seen.clone();
        let serve = move |mut stream| {
            let all = all.clone();
            async move {
                let mut saw = SocksSaw::default();
                let opened = negotiate(&mut stream, mode, &mut saw).await;
                all.push(saw.clone());
                // A client that goes is no fault of the proxy.
                let _ = finish(stream, opened, &saw.target, origin).await;
            }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// All connections so far, each once its last word is about to be said.
    pub fn seen(&self) -> Vec<SocksSaw> {
        self.seen.all()
    }

    /// Waits for that many connections.
    pub async fn seen_at_least(&self, count: usize) -> Vec<SocksSaw> {
        self.seen.at_least(count).await
    }
}

impl Server for Socks5 {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

/// How the talk ended.
enum Last {
    /// The way is to be opened.
    Open,
    /// These are the last bytes.
    Say(Vec<u8>),
    /// Nothing more is said, and the connection stays.
    Hold,
}

fn reply(code: u8) -> Vec<u8> {
    vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

async fn negotiate(stream: &mut TcpStream, mode: SocksMode, saw: &mut SocksSaw) -> std::io::Result<Last> {
    if stream.read_u8().await? != 5 {
        return Ok(Last::Say(Vec::new()));
    }
    saw.methods = counted(stream).await?;
    let wanted = match mode {
        SocksMode::NoMethod => return Ok(Last::Say(vec![5, 0xff])),
        SocksMode::Nonsense => return Ok(Last::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())),
        SocksMode::Closes => return Ok(Last::Say(Vec::new())),
        SocksMode::Silent => return Ok(Last::Hold),
        SocksMode::WantsPassword { .. } => 2,
        SocksMode::Works | SocksMode::Fails(_) | SocksMode::ClosesLate => 0,
    };
    if !saw.methods.contains(&wanted) {
        return Ok(Last::Say(vec![5, 0xff]));
    }
    stream.write_all(&[5, wanted]).await?;
    if let SocksMode::WantsPassword { user, password } = mode {
        // The version of the sub-negotiation.
        stream.read_u8().await?;
        let login = (text(counted(stream).await?), text(counted(stream).await?));
        let is_right = (login.0.as_str(), login.1.as_str()) == (user, password);
        saw.login = Some(login);
        if !is_right {
            return Ok(Last::Say(vec![1, 1]));
        }
        stream.write_all(&[1, 0]).await?;
    }
    // Version, command, reserved; then the type of the address.
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
        3 => text(counted(stream).await?),
        4 => format!("[{}]", Ipv6Addr::from(stream.read_u128().await?)),
        _ => return Ok(Last::Say(reply(8))),
    };
    saw.is_by_name = head[3] == 3;
    saw.target = format!("{host}:{}", stream.read_u16().await?);
    Ok(match mode {
        SocksMode::Fails(code) => Last::Say(reply(code)),
        SocksMode::ClosesLate => Last::Say(Vec::new()),
        _ if head[1] != 1 => Last::Say(reply(7)),
        _ => Last::Open,
    })
}

async fn finish(
    mut stream: TcpStream,
    last: std::io::Result<Last>,
    target: &str,
    origin: Option<SocketAddr>,
) -> std::io::Result<()> {
    match last? {
        Last::Open => {
            let upstream = match origin {
                Some(origin) => TcpStream::connect(origin).await,
                None => TcpStream::connect(target).await,
            };
            if let Ok(mut upstream) = upstream {
                stream.write_all(&reply(0)).await?;
                return copy_bidirectional(&mut stream, &mut upstream).await.map(|_| ());
            }
            stream.write_all(&reply(5)).await?;
            stream.shutdown().await?;
        }
        Last::Say(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
        }
        Last::Hold => {}
    }
    hold(&mut stream).await;
    Ok(())
}

/// Bytes with their number before them.
async fn counted(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
