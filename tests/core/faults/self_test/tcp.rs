//! The faults below HTTP.

use std::io::ErrorKind;

use tokio::net::TcpStream;

use super::{ask, asking, connect, is_quiet, rest, take};
use crate::faults::tcp::{GREETINGS, Refused, TcpFault, TcpServer};
use crate::faults::{Server as _, within};

#[tokio::test]
async fn a_refused_port_refuses_every_time() {
    let server = Refused::start();
    for _ in 0..3 {
        let error = within(TcpStream::connect(("127.0.0.1", server.port()))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_queue_leaves_a_client_waiting() {
    let server = crate::faults::tcp::NeverAccepts::start().await;
    let connecting = tokio::time::timeout(crate::faults::DEADLINE / 20, TcpStream::connect(server.address()));
    assert!(connecting.await.is_err());
}

#[tokio::test]
async fn a_silent_server_stays_silent_and_hears() {
    let server = TcpServer::start(TcpFault::Silent).await;
    let mut stream = asking(&server, "/quiet").await;
    is_quiet(&mut stream).await;
    assert!(server.seen()[0].starts_with(b"GET /quiet HTTP/1.1\r\n"));
}

#[tokio::test]
async fn an_end_is_told_from_a_reset() {
    let got = ask(&TcpServer::start(TcpFault::Closes).await, "/").await;
    assert_eq!((got.bytes.len(), got.error), (0, None));
    let got = ask(&TcpServer::start(TcpFault::Resets).await, "/").await;
    assert_eq!((got.bytes.len(), got.error), (0, Some(ErrorKind::ConnectionReset)));
    let server = TcpServer::start(TcpFault::ResetsUnasked).await;
    let got = rest(&mut connect(&server).await).await;
    assert_eq!((got.bytes.len(), got.error), (0, Some(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn a_greeting_comes_before_any_request() {
    for (name, bytes) in GREETINGS {
        let server = TcpServer::start(TcpFault::Greets(bytes)).await;
        let mut stream = connect(&server).await;
        assert_eq!(take(&mut stream, bytes.len()).await, bytes, "{name}");
        is_quiet(&mut stream).await;
    }
}

#[tokio::test]
async fn a_dropped_server_takes_its_connections_along() {
    let server = TcpServer::start(TcpFault::Silent).await;
    let mut stream = asking(&server, "/").await;
    is_quiet(&mut stream).await;
    drop(server);
    let got = rest(&mut stream).await;
    assert!(matches!(got.error, None | Some(ErrorKind::ConnectionReset)), "{got:?}");
}
