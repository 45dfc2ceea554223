//! The faults of HTTP/2, as the crate `h2` sees them.

use bytes::Bytes;
use h2::Reason;
use http::Request;

use super::connect;
use super::tls::{connected, connector};
use crate::faults::certificates::Authority;
use crate::faults::http2::{BODY, Http2Fault, Http2Server, PART};
use crate::faults::{Server as _, Stream, tls, within};

/// What a client got: the status, the body so far, and how it went wrong.
type Got = (Option<u16>, Vec<u8>, Option<h2::Error>);

async fn ask<S: Stream + 'static>(stream: S) -> Got {
    ask_both(stream).await.0
}

/// The same with what went wrong with the connection.
async fn ask_both<S: Stream + 'static>(stream: S) -> (Got, Option<h2::Error>) {
    let (send, connection) = within(h2::client::handshake(stream)).await.unwrap();
    let driving = tokio::spawn(connection);
    let mut send = within(send.ready()).await.unwrap();
    let request = Request::post("http://api.test/v1/posts").header("x-key", "1").body(()).unwrap();
    let (answer, mut body) = send.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(b"sent"), true).unwrap();
    // With its last handle the connection would end by itself.
    let got = read(answer).await;
    drop((send, body));
    (got, within(driving).await.unwrap().err())
}

async fn read(answer: h2::client::ResponseFuture) -> Got {
    let answer = match within(answer).await {
        Ok(answer) => answer,
        Err(error) => return (None, Vec::new(), Some(error)),
    };
    let (status, mut body, mut bytes) = (answer.status().as_u16(), answer.into_body(), Vec::new());
    while let Some(part) = within(body.data()).await {
        match part {
            Ok(part) => bytes.extend_from_slice(&part),
            Err(error) => return (Some(status), bytes, Some(error)),
        }
    }
    (Some(status), bytes, None)
}

async fn ask_plain(fault: Http2Fault) -> Got {
    let server = Http2Server::start(fault).await;
    let got = ask(connect(&server).await).await;
    assert_eq!(server.seen().len(), 1);
    got
}

#[tokio::test]
async fn a_good_server_answers_and_writes_down_what_came() {
    let server = Http2Server::start(Http2Fault::Good).await;
    let (status, body, error) = ask(connect(&server).await).await;
    assert_eq!((status, &body[..], error.is_none()), (Some(200), BODY, true));
    assert_eq!(server.seen(), ["POST http://api.test/v1/posts\nx-key: 1\n\nsent"]);
    let client = super::client().http2_prior_knowledge().build().unwrap();
    let got = client.get(server.http("/again")).send().await.unwrap();
    assert_eq!((got.version(), got.text().await.unwrap().as_bytes()), (http::Version::HTTP_2, BODY));
}

#[tokio::test]
async fn streams_are_reset_with_their_reason() {
    for reason in [Reason::REFUSED_STREAM, Reason::ENHANCE_YOUR_CALM, Reason::INTERNAL_ERROR, Reason::HTTP_1_1_REQUIRED]
    {
        for (is_mid_body, status, part) in [(false, None, &b""[..]), (true, Some(200), PART)] {
            let (got, body, error) = ask_plain(Http2Fault::Reset { reason, is_mid_body }).await;
            let error = error.unwrap();
            assert!(error.is_reset() && error.is_remote(), "{error:?}");
            assert_eq!((got, &body[..], error.reason()), (status, part, Some(reason)));
        }
    }
}

#[tokio::test]
async fn connections_are_given_up_with_their_reason() {
    for reason in [Reason::ENHANCE_YOUR_CALM, Reason::INTERNAL_ERROR, Reason::NO_ERROR] {
        for (is_mid_body, is_processed) in [(false, false), (false, true), (true, true)] {
            let server = Http2Server::start(Http2Fault::Goaway { reason, is_mid_body, is_processed }).await;
            let ((status, body, error), of_connection) = ask_both(connect(&server).await).await;
            let error = error.unwrap();
            // The reason reaches the stream only if the server did not begin with it; else its end is all there is.
            if is_processed {
                assert!(error.is_io() || error.is_go_away(), "{error:?}");
            } else {
                assert!(error.is_go_away() && error.is_remote(), "{error:?}");
                assert_eq!(error.reason(), Some(reason));
            }
            let told = of_connection.as_ref().and_then(h2::Error::reason);
            assert_eq!(told, (reason != Reason::NO_ERROR).then_some(reason), "{of_connection:?}");
            assert_eq!(status.is_some(), is_mid_body);
            assert!(PART.starts_with(&body));
        }
    }
}

#[tokio::test]
async fn connections_end_without_a_word() {
    for is_mid_body in [false, true] {
        let (status, _, error) = ask_plain(Http2Fault::Close { is_mid_body }).await;
        let error = error.unwrap();
        assert!(error.is_io() && status.is_some() == is_mid_body, "{error:?}");
    }
}

#[tokio::test]
async fn a_frame_may_be_larger_than_allowed() {
    let error = ask_plain(Http2Fault::OversizedFrame).await.2.unwrap();
    assert_eq!((error.is_library(), error.reason()), (true, Some(Reason::FRAME_SIZE_ERROR)), "{error:?}");
}

#[tokio::test]
async fn a_silent_server_stands_and_stays_silent() {
    let server = Http2Server::start(Http2Fault::Silent).await;
    let asking = ask(connect(&server).await);
    assert!(tokio::time::timeout(crate::faults::DEADLINE / 20, asking).await.is_err());
    assert_eq!(server.seen(), ["stream 1"]);
}

#[tokio::test]
async fn all_of_it_comes_over_tls_too() {
    let authority = Authority::new("HTTP/2");
    let options = tls::Options { alpn: &["h2", "http/1.1"], ..tls::Options::default() };
    let config = tls::config(&authority.good(), options);
    for (fault, reason) in [
        (Http2Fault::Good, None),
        (Http2Fault::Reset { reason: Reason::CANCEL, is_mid_body: true }, Some(Reason::CANCEL)),
    ] {
        let server = Http2Server::start_tls(fault, config.clone()).await;
        let connector = connector(authority.roots(), rustls::ALL_VERSIONS, &["h2"], None);
        let stream = connected(&server, &connector, "api.test").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (status, _, error) = ask(stream).await;
        assert_eq!((status, error.and_then(|error| error.reason())), (Some(200), reason));
        assert_eq!(server.seen().len(), 1);
    }
}
