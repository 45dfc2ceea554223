//! HTTP/2: streams that are reset, connections that are given up, before and in the middle of an answer.

use h2::Reason;

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::certificates::Authority;
use crate::faults::http2::{Http2Fault as Fault, Http2Server};
use crate::faults::tls::{Options, TlsServer, config};

const HTTP2: [&str; 2] = ["--http", "2"];

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_reset_says_why() {
    let mut told = Told::new();
    for (name, reason, is_mid_body) in [
        ("h2_reset_internal_error", Reason::INTERNAL_ERROR, false),
        ("h2_reset_refused_stream", Reason::REFUSED_STREAM, false),
        ("h2_reset_enhance_your_calm", Reason::ENHANCE_YOUR_CALM, false),
        ("h2_reset_http_1_1_required", Reason::HTTP_1_1_REQUIRED, false),
        ("h2_reset_no_error", Reason::NO_ERROR, false),
        ("h2_reset_cancel_in_body", Reason::CANCEL, true),
        ("h2_reset_internal_error_in_body", Reason::INTERNAL_ERROR, true),
    ] {
        let server = Http2Server::start(Fault::Reset { reason, is_mid_body }).await;
        told.add(case(name, server.http("/v1/posts")).with(&HTTP2)).await;
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_given_up_says_why() {
    let mut told = Told::new();
    for (name, reason, is_mid_body, is_processed) in [
        ("h2_goaway_no_error_unprocessed", Reason::NO_ERROR, false, false),
        ("h2_goaway_no_error", Reason::NO_ERROR, false, true),
        ("h2_goaway_enhance_your_calm", Reason::ENHANCE_YOUR_CALM, false, true),
        ("h2_goaway_internal_error", Reason::INTERNAL_ERROR, false, true),
        ("h2_goaway_no_error_in_body", Reason::NO_ERROR, true, true),
        ("h2_goaway_internal_error_in_body", Reason::INTERNAL_ERROR, true, true),
    ] {
        let server = Http2Server::start(Fault::Goaway { reason, is_mid_body, is_processed }).await;
        told.add(case(name, server.http("/v1/posts")).with(&HTTP2).with(&["--timeout", "5"])).await;
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_without_a_word_is_said_to_have_ended() {
    let mut told = Told::new();
    for (name, fault) in [
        ("h2_closed", Fault::Close { is_mid_body: false }),
        ("h2_closed_in_body", Fault::Close { is_mid_body: true }),
        ("h2_oversized_frame", Fault::OversizedFrame),
    ] {
        let server = Http2Server::start(fault).await;
        told.add(case(name, server.http("/v1/posts")).with(&HTTP2).with(&["--timeout", "5"])).await;
    }
    let server = Http2Server::start(Fault::Silent).await;
    told.add(case("h2_silent", server.http("/v1/posts")).with(&HTTP2).with(&["--timeout", "1"])).await;
    let web = crate::faults::web::Web::always(crate::faults::web::answer("200 OK", &[], b"one")).await;
    let wanted = case("h2_wanted_from_http1", web.http("/v1/posts")).with(&HTTP2).with(&["--timeout", "5"]);
    // Its answer to the greeting may come before anything could be asked.
    told.add(wanted.or("ended before the request was sent", "h2_wanted_from_http1_early")).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_same_is_told_as_in_clear() {
    let mut told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let ca = ["--ca-file", ca.to_str().unwrap()];
    let offering = |alpn| config(&authority.good(), Options { alpn, ..Options::default() });
    let good = Http2Server::start_tls(Fault::Good, offering(&["h2"])).await;
    let json = told.add(case("h2_tls_good", good.https("/v1/posts")).with(&ca)).await;
    assert_eq!(json["attempts"][0]["connection"]["protocol"], "HTTP/2.0");
    let fault = Fault::Reset { reason: Reason::INTERNAL_ERROR, is_mid_body: false };
    let server = Http2Server::start_tls(fault, offering(&["h2"])).await;
    told.add(case("h2_tls_reset", server.https("/v1/posts")).with(&ca)).await;
    let fault = Fault::Goaway { reason: Reason::ENHANCE_YOUR_CALM, is_mid_body: true, is_processed: true };
    let server = Http2Server::start_tls(fault, offering(&["h2"])).await;
    told.add(case("h2_tls_goaway_in_body", server.https("/v1/posts")).with(&ca)).await;
    // A server that has HTTP/1.1 alone is not asked for HTTP/2 unless one insists.
    let old = TlsServer::start_as(&authority.good(), Options::default()).await;
    told.add(case("h2_tls_wanted_from_http1", old.https("/v1/posts")).with(&ca).with(&HTTP2)).await;
    told.end();
}
