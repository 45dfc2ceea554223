//! Redirects that never end, that leave the origin, and that leave TLS.

use std::sync::Arc;

use rustls::ServerConfig;

use super::Server as _;
use super::tls::TlsServer;
use super::web::{Asked, Web, answer};

/// The bytes of a redirect, without a body.
///
/// Shape: `to(302, "/elsewhere")`.
pub fn to(status: u16, location: &str) -> Vec<u8> {
    answer(&format!("{status} Moved"), &[("Location", location)], b"")
}

/// `/7` goes to `/8` and so on for ever.
pub async fn endless(status: u16) -> Web {
    Web::start(move |asked| {
        let n: u64 = asked.target().trim_start_matches('/').parse().unwrap_or(0);
        to(status, &format!("/{}", n + 1))
    })
    .await
}

/// Everything goes to `/b`, and `/b` to `/a`.
pub async fn two_step_loop(status: u16) -> Web {
    Web::start(move |asked| to(status, if asked.target() == "/b" { "/a" } else { "/b" })).await
}

/// A server that sends everybody to another one, which is another origin by its port.
pub struct Away<F> {
    /// Where to begin.
    pub first: F,
    /// Where the redirect leads, at the same path; it answers 200 `arrived` and sees what came along.
    pub second: Web,
}

async fn second() -> Web {
    Web::always(answer("200 OK", &[], b"arrived")).await
}

fn sending_to(status: u16, second: &Web) -> impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static {
    let base = second.http("");
    move |asked| to(status, &format!("{base}{}", asked.target()))
}

/// From one origin to another, both plain.
pub async fn to_other_origin(status: u16) -> Away<Web> {
    let second = second().await;
    Away { first: Web::start(sending_to(status, &second)).await, second }
}

/// From `https` to `http`.
pub async fn downgrade(status: u16, config: Arc<ServerConfig>) -> Away<TlsServer> {
    let second = second().await;
    Away { first: TlsServer::start_with(config, sending_to(status, &second)).await, second }
}
