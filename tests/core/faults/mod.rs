//! Servers on loopback that really do each thing wrong, one file a family.
//!
//! Every one listens on a free port of 127.0.0.1, offers what [`Server`] has, and ends with its connections when
//! dropped. They run in the test's tokio runtime: a test that waits for a child process takes
//! `#[tokio::test(flavor = "multi_thread")]`, or waits in `spawn_blocking`.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::transport_server::FaultServer;

pub mod bomb;
pub mod certificates;
pub mod coding;
pub mod http1;
pub mod http2;
pub mod proxy;
pub mod redirect;
pub mod socks;
pub mod tcp;
pub mod tls;
pub mod tls_broken;
pub mod web;

mod self_test;

/// How long anything on loopback may take.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Waits for that, but no longer than [`DEADLINE`].
#[track_caller]
pub fn within<F: Future>(what: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        match tokio::time::timeout(DEADLINE, what).await {
            Ok(output) => output,
            Err(_) => panic!("not within {DEADLINE:?}: {caller}"),
        }
    }
}

/// What every server here has.
pub trait Server {
    fn address(&self) -> SocketAddr;

    fn port(&self) -> u16 {
        self.address().port()
    }

    /// Shape: `http://127.0.0.1:40001/v1/posts`.
    fn http(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Shape: `https://127.0.0.1:40001/v1/posts`.
    fn https(&self, path: &str) -> String {
        format!("https://{}{path}", self.address())
    }
}

impl Server for FaultServer {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], FaultServer::port(self)))
    }
}

/// Both directions of a connection, plain or not.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A listener that gives each connection to a function; it ends with all of them when dropped.
pub struct Loopback {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Loopback {
    pub async fn start<F, W>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // Several writes must not wait for each other's acknowledgement.
                let _ = stream.set_nodelay(true);
                connections.spawn(serve(stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, task }
    }
}

impl Server for Loopback {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a server saw, in order; the copies are one list.
#[derive(Clone)]
pub struct Seen<T>(Arc<watch::Sender<Vec<T>>>);

impl<T: Clone> Seen<T> {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Vec::new())))
    }

    pub fn push(&self, what: T) {
        self.0.send_modify(|all| all.push(what));
    }

    pub fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    /// Waits until there are that many: a server may still be writing down what the client knows already.
    pub async fn at_least(&self, count: usize) -> Vec<T> {
        let mut all = self.0.subscribe();
        within(all.wait_for(|all| all.len() >= count)).await.unwrap().clone()
    }
}

/// The bytes up to and with the next blank line, as text; `None` if the connection ended first.
pub async fn read_head<R: AsyncBufRead + Unpin>(reader: &mut R) -> Option<String> {
    let mut head = Vec::new();
    loop {
        let start = head.len();
        if !matches!(reader.read_until(b'\n', &mut head).await, Ok(1..)) || head.last() != Some(&b'\n') {
            return None;
        }
        if matches!(&head[start..], b"\n" | b"\r\n") {
            return Some(String::from_utf8_lossy(&head).into_owned());
        }
    }
}

/// Reads on until the client goes.
pub async fn hold<R: AsyncRead + Unpin>(reader: &mut R) {
    let mut buffer = [0u8; 4096];
    while matches!(reader.read(&mut buffer).await, Ok(1..)) {}
}
