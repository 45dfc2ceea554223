//! A request to this machine goes straight, whatever proxy the environment names.

use std::process::{Command, Output};

use serde_json::Value;

use crate::transport_server::FaultServer;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n";

/// Sends with the built terminal program, to which the proxy is a matter of its environment.
async fn send_through(proxy: u16, url: String) -> (Output, Value) {
    let data = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_altyaa"));
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        command.env_remove(name);
    }
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, format!("http://127.0.0.1:{proxy}"));
    }
    command.arg("--data-dir").arg(data.path()).args([
        "--json",
        "send",
        "GET",
        &url,
        "--no-credential",
        "--timeout",
        "20",
    ]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat())));
    (output, value)
}

#[tokio::test]
async fn loopback_never_goes_to_a_proxy_and_the_rest_does() {
    let own = FaultServer::answering(ANSWER, b"direct").await;
    let proxy = FaultServer::answering(ANSWER, b"proxy!").await;
    for host in ["127.0.0.1", "localhost", "127.1.2.3"] {
        if host == "127.1.2.3" && !cfg!(target_os = "linux") {
            // Other systems give this machine only the first of its 16 million addresses.
            continue;
        }
        let before = own.seen().len();
        let (_, sent) = send_through(proxy.port(), format!("http://{host}:{}/v1/posts", own.port())).await;
        if host == "127.1.2.3" {
            // Nothing listens there; what counts is who was asked.
            assert_eq!(sent["transport_error"]["kind"], "refused");
        } else {
            assert_eq!(sent["response"]["body"], "direct", "{sent}");
            assert_eq!(own.seen().len(), before + 1);
        }
        assert_eq!(proxy.seen(), Vec::<String>::new());
    }
    // The same environment with another host shows that the proxy would have been used.
    let (_, sent) = send_through(proxy.port(), "http://elsewhere.invalid/v1/posts".into()).await;
    assert_eq!(sent["response"]["body"], "proxy!", "{sent}");
    assert!(proxy.seen()[0].starts_with("GET http://elsewhere.invalid/v1/posts HTTP/1.1\r\n"), "{:?}", proxy.seen());
}
