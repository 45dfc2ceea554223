//! Below HTTP: nobody listens, nobody speaks, or somebody speaks another protocol.

use super::told::{Told, case};
use crate::faults::socks::{Socks5, SocksMode};
use crate::faults::tcp::{GREETINGS, Refused, TcpFault, TcpServer};
use crate::faults::{Server, http1};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_refuses_is_named() {
    let (mut told, server) = (Told::new(), Refused::start());
    told.add(case("refused", server.http("/v1/posts"))).await;
    told.add(case("refused_https", server.https("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_the_connection_and_says_nothing_is_given_up() {
    let (mut told, server) = (Told::new(), TcpServer::start(TcpFault::Silent).await);
    told.add(case("silent", server.http("/v1/posts")).with(&["--first-byte-timeout", "1"])).await;
    told.add(case("silent_https", server.https("/v1/posts")).with(&["--connect-timeout", "1"])).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_the_answer_is_told_from_a_reset() {
    let mut told = Told::new();
    let server = TcpServer::start(TcpFault::Closes).await;
    told.add(case("closed_before_answer", server.http("/v1/posts"))).await;
    let server = TcpServer::start(TcpFault::Resets).await;
    told.add(case("reset_before_answer", server.http("/v1/posts"))).await;
    let server = http1::reset_in_head().await;
    told.add(case("reset_in_head", server.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_protocol_is_said_to_be_one() {
    let mut told = Told::new();
    let names = ["speaks_ssh", "speaks_smtp", "speaks_ftp", "speaks_redis", "speaks_mysql", "speaks_http2"];
    for (name, (protocol, bytes)) in names.into_iter().zip(GREETINGS) {
        assert!(name.ends_with(protocol));
        let server = TcpServer::start(TcpFault::Greets(bytes)).await;
        told.add(case(name, server.http("/v1/posts")).with(&["--first-byte-timeout", "5"])).await;
    }
    let server = TcpServer::start(TcpFault::Greets(b"SSH-2.0-OpenSSH_9.9\r\n")).await;
    told.add(case("speaks_ssh_https", server.https("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_named() {
    const HOST: &str = "altyaa-console-nowhere.invalid";
    let mut told = Told::new();
    // Without a network some resolvers never answer; then there is nothing to be seen here.
    let looked = tokio::time::timeout(std::time::Duration::from_secs(4), tokio::net::lookup_host((HOST, 80))).await;
    match looked {
        Ok(Err(error)) if !error.to_string().contains("emporary") => {
            told.add(case("unknown_host", format!("https://{HOST}/v1/posts"))).await;
            // A proxy of the kind socks5 is given addresses: the name is this machine's to look up.
            let proxy = Socks5::start(SocksMode::Works, None).await;
            let via = format!("socks5://{}", proxy.address());
            let socks = case("unknown_host_before_socks", format!("http://{HOST}/v1/posts"));
            told.add(socks.with(&["--proxy", &via])).await;
        }
        _ => println!("NOT RUN: unknown_host needs a resolver that answers for .invalid"),
    }
    told.add(case("placeholder_host", "https://api.altyaa.example/v1/posts".into())).await;
    told.end();
}
