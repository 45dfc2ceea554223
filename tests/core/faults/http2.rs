//! HTTP/2 with prior knowledge or over TLS: a good answer, streams that are reset, connections that say GOAWAY.
//!
//! The good answer is that of the crate `h2`; the faults are written frame by frame, since that crate gives up what
//! it has not sent yet when it resets.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::Reason;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use super::{Loopback, Seen, Server, Stream, hold};

/// What happens to each request.
#[derive(Clone, Copy, Debug)]
pub enum Http2Fault {
    /// 200 with [`BODY`].
    Good,
    /// Its stream is reset before an answer, or after the head and [`PART`] of a body.
    Reset { reason: Reason, is_mid_body: bool },
    /// The connection is given up before an answer, or after the head and [`PART`] of a body.
    ///
    /// `is_processed`: whether the frame counts the request among those that the server may have acted on.
    Goaway { reason: Reason, is_mid_body: bool, is_processed: bool },
    /// The connection ends without a word before an answer, or after the head and [`PART`] of a body.
    Close { is_mid_body: bool },
    /// A frame larger than the client allows comes instead of an answer.
    OversizedFrame,
    /// The connection stands, and no answer ever comes.
    Silent,
}

/// The body of the good answer.
pub const BODY: &[u8] = b"{\"ok\":true}";

/// The part of a body that comes before a fault.
pub const PART: &[u8] = b"{\"half\":";

/// A server with one [`Http2Fault`].
pub struct Http2Server {
    loopback: Loopback,
    seen: Seen<String>,
}

impl Http2Server {
    /// In clear text; the client must know beforehand that it is HTTP/2.
    pub async fn start(fault: Http2Fault) -> Self {
        let seen = Seen::new();
        let all = seen.clone();
        Self { loopback: Loopback::start(move |stream| serve(stream, fault, all.clone())).await, seen }
    }

    /// Over TLS; the configuration should offer `h2`, as [`super::tls::Options::alpn`] can.
    pub async fn start_tls(fault: Http2Fault, config: Arc<ServerConfig>) -> Self {
        let seen = Seen::new();
        let (all, acceptor) = (seen.clone(), TlsAcceptor::from(config));
        let serve = move |stream| {
            let (all, acceptor) = (all.clone(), acceptor.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, fault, all).await;
                }
            }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// The requests so far. Shape: of the good server `POST http://127.0.0.1:1/v1/posts\nx-key: value\n\nbody`, of
    /// the others `stream 1`, since they do not unpack headers.
    pub fn seen(&self) -> Vec<String> {
        self.seen.all()
    }
}

impl Server for Http2Server {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve<S: Stream + 'static>(mut stream: S, fault: Http2Fault, seen: Seen<String>) {
    if matches!(fault, Http2Fault::Good) {
        return serve_well(stream, seen).await;
    }
    // A client that goes is no fault of the server.
    let _ = serve_badly(&mut stream, fault, &seen).await;
}

async fn serve_well<S: Stream + 'static>(stream: S, seen: Seen<String>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let seen = seen.clone();
        // Ends with the connection, which is polled meanwhile.
        tokio::spawn(async move {
            let mut text = format!("{} {}\n", request.method(), request.uri());
            for (name, value) in request.headers() {
                text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
            }
            text.push('\n');
            let mut body = request.into_body();
            while let Some(Ok(part)) = body.data().await {
                let _ = body.flow_control().release_capacity(part.len());
                text.push_str(&String::from_utf8_lossy(&part));
            }
            seen.push(text);
            let head = http::Response::builder().header("content-type", "application/json").body(()).unwrap();
            if let Ok(mut stream) = respond.send_response(head, false) {
                let _ = stream.send_data(Bytes::from_static(BODY), true);
            }
        });
    }
}

// The types of frames (RFC 9113, section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

/// Of SETTINGS and PING.
const ACK: u8 = 1;
/// Of HEADERS and DATA.
const END_STREAM: u8 = 1;
/// Of HEADERS.
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

async fn serve_badly<S: Stream>(stream: &mut S, fault: Http2Fault, seen: &Seen<String>) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, b"")).await?;
    loop {
        stream.flush().await?;
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        match kind {
            SETTINGS if flags & ACK == 0 => stream.write_all(&frame(SETTINGS, ACK, 0, b"")).await?,
            PING if flags & ACK == 0 => stream.write_all(&frame(PING, ACK, 0, &payload)).await?,
            HEADERS | DATA if flags & END_STREAM != 0 => {
                let id = u32::from_be_bytes(id);
                seen.push(format!("stream {id}"));
                if do_fault(stream, fault, id).await? {
                    stream.shutdown().await?;
                    hold(stream).await;
                    return Ok(());
                }
            }
            _ => {}
        }
    }
}

/// Answers a request with its fault; tells whether the connection ends.
async fn do_fault<S: Stream>(stream: &mut S, fault: Http2Fault, id: u32) -> std::io::Result<bool> {
    let begin = |is_mid_body: bool| {
        // Entry 8 of the static table is `:status: 200` (RFC 7541, appendix A).
        let begun = [frame(HEADERS, END_HEADERS, id, &[0x88]), frame(DATA, 0, id, PART)].concat();
        if is_mid_body { begun } else { Vec::new() }
    };
    let (bytes, is_end) = match fault {
        Http2Fault::Good | Http2Fault::Silent => (Vec::new(), false),
        Http2Fault::Reset { reason, is_mid_body } => {
            let reset = frame(RST_STREAM, 0, id, &u32::from(reason).to_be_bytes());
            ([begin(is_mid_body), reset].concat(), false)
        }
        Http2Fault::Goaway { reason, is_mid_body, is_processed } => {
            let last = if is_processed { id } else { 0 };
            let payload = [last.to_be_bytes(), u32::from(reason).to_be_bytes()].concat();
            ([begin(is_mid_body), frame(GOAWAY, 0, 0, &payload)].concat(), true)
        }
        Http2Fault::Close { is_mid_body } => (begin(is_mid_body), true),
        // Clients allow 16 KiB unless they say otherwise, and none of those known allows this much.
        Http2Fault::OversizedFrame => (frame(DATA, 0, id, &vec![0; (1 << 24) - 1]), false),
    };
    stream.write_all(&bytes).await?;
    Ok(is_end)
}
