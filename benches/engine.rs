//! What `transport::send` costs over the same loop on bare reqwest: 1,000 small requests on one kept connection.
//!
//! Runs of both are interleaved, so that a machine whose speed drifts slows both; the medians are compared.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use altyaa_console::disk::SpillDir;
use altyaa_console::exchange::{ExchangeId, PreparedRequest};
use altyaa_console::transport::{CancelSignal, SendOptions, Transport, no_hint};
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req_01\r\n\
Content-Length: 27\r\nDate: Wed, 25 Nov 2026 10:00:00 GMT\r\n\r\n{\"id\":\"post_1\",\"state\":\"ok\"}";

/// The allowed ratio.
const TARGET: f64 = 1.15;

fn main() {
    let is_measuring = std::env::args().any(|argument| argument == "--bench");
    let (runs, requests) = if is_measuring { (15, 1000) } else { (2, 20) };
    let server = runtime();
    let address = server.block_on(serve());
    let client = runtime();
    let bare = client.block_on(async { Bare::new(address) });
    let engine = Engine::new(address);
    // The first connection and the first allocations are nobody's cost.
    client.block_on(async {
        bare.run(requests.min(100)).await;
        engine.run(requests.min(100)).await;
    });
    let (mut of_bare, mut of_engine) = (Vec::new(), Vec::new());
    for run in 0..runs {
        // Whoever goes first finds a colder cache, so they take turns.
        for is_bare in [run % 2 == 0, run % 2 != 0] {
            let start = Instant::now();
            if is_bare {
                client.block_on(bare.run(requests));
                of_bare.push(start.elapsed());
            } else {
                client.block_on(engine.run(requests));
                of_engine.push(start.elapsed());
            }
        }
    }
    let (bare, engine) = (median(&mut of_bare), median(&mut of_engine));
    let ratio = engine.as_secs_f64() / bare.as_secs_f64();
    let per = |all: Duration| all.as_secs_f64() * 1e6 / f64::from(requests);
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "| bare reqwest, a request, µs (median of {runs} runs of {requests}) | {:.1} |", per(bare));
    let _ = writeln!(out, "| transport::send, a request, µs | {:.1} |", per(engine));
    let _ = writeln!(out, "| ratio, at most {TARGET} wanted | {ratio:.3} |");
    if is_measuring && ratio > TARGET {
        let _ = writeln!(out, "the ratio is over {TARGET}");
        std::process::exit(1);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Answers every head with the same bytes, on connections that stay.
async fn serve() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let mut buffer = [0u8; 4096];
                let mut filled = 0;
                while let Ok(read @ 1..) = stream.read(&mut buffer[filled..]).await {
                    filled += read;
                    if buffer[..filled].ends_with(b"\r\n\r\n") {
                        filled = 0;
                        if stream.write_all(ANSWER).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

fn headers() -> Vec<(HeaderName, HeaderValue)> {
    vec![
        (HeaderName::from_static("accept"), HeaderValue::from_static("*/*")),
        (HeaderName::from_static("accept-encoding"), HeaderValue::from_static("gzip, br, zstd, deflate")),
        (HeaderName::from_static("user-agent"), HeaderValue::from_static("altyaa-console/0.1.0")),
        (HeaderName::from_static("x-altyaa-workspace"), HeaderValue::from_static("ws_northwind")),
    ]
}

struct Bare {
    client: reqwest::Client,
    url: url::Url,
}

impl Bare {
    fn new(address: std::net::SocketAddr) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(Duration::from_secs(10))
            .build()
            .expect("a client");
        Self { client, url: format!("http://{address}/v1/posts").parse().expect("a URL") }
    }

    async fn run(&self, requests: u32) {
        for _ in 0..requests {
            let mut request = reqwest::Request::new(Method::GET, self.url.clone());
            request.headers_mut().extend(headers());
            let mut answer = self.client.execute(request).await.expect("an answer");
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.expect("a body") {
                body.extend_from_slice(&chunk);
            }
            assert_eq!((answer.status().as_u16(), body.len()), (200, 27));
        }
    }
}

struct Engine {
    transport: Transport,
    options: SendOptions,
    request: PreparedRequest,
}

impl Engine {
    fn new(address: std::net::SocketAddr) -> Self {
        let request = PreparedRequest {
            method: Method::GET,
            url: format!("http://{address}/v1/posts").parse().expect("a URL"),
            url_template: "{{base}}/v1/posts".into(),
            headers: headers(),
            origin_headers: vec![HeaderName::from_static("x-altyaa-workspace")],
            body: Arc::from([]),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: None,
            secrets: Vec::new(),
        };
        let transport = Transport::new(SpillDir::new(None));
        Self { transport, options: SendOptions::default(), request }
    }

    async fn run(&self, requests: u32) {
        for _ in 0..requests {
            let id = ExchangeId::new(Timestamp::now());
            let request = self.request.clone();
            let never = CancelSignal::never();
            let exchange = self.transport.send(id, request, &self.options, never, &no_hint, |_| {}).await;
            let response = exchange.response.expect("an answer");
            assert_eq!((response.status, response.body.len_bytes()), (200, 27));
            assert!(!exchange.log.is_empty() && exchange.timing.first_byte.is_some());
        }
    }
}
