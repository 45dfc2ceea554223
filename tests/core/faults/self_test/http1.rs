//! The faults of HTTP/1.1, byte for byte.

use std::io::ErrorKind;
use std::time::Duration;

use super::{ask, ask_once, ask_some, asking, is_quiet, take};
use crate::faults::http1::{self, Bodiless, End, STATUS_LINES, Step, Steps};
use crate::faults::web::{Web, answer};

#[tokio::test]
async fn a_reset_comes_after_the_bytes() {
    for _ in 0..50 {
        let got = ask(&http1::reset_in_head().await, "/").await;
        assert_eq!((got.text(), got.error), ("HTTP/1.1 200 OK\r\nContent-Ty", Some(ErrorKind::ConnectionReset)));
        let server = http1::reset_in_body(100_000, 50_000).await;
        let got = ask(&server, "/here").await;
        assert_eq!((got.body().len(), got.error), (50_000, Some(ErrorKind::ConnectionReset)));
        assert!(got.text().contains("Content-Length: 100000\r\n"));
        assert!(server.seen()[0].starts_with("GET /here HTTP/1.1\r\n"));
    }
}

#[tokio::test]
async fn a_body_may_be_shorter_or_longer_than_announced() {
    let got = ask(&http1::short_body(20, 7).await, "/").await;
    assert_eq!(got.text(), "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nxxxxxxx");
    let got = ask(&http1::long_body(3, 5).await, "/").await;
    assert_eq!((got.text(), got.error), ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxxxxx", None));
}

#[tokio::test]
async fn chunks_may_be_garbled_or_cut() {
    assert_eq!(ask(&http1::bad_chunk_size().await, "/").await.body(), b"3\r\nabc\r\nzz\r\ndef\r\n0\r\n\r\n");
    assert_eq!(ask(&http1::cut_chunk().await, "/").await.body(), b"3\r\nabc\r\n5\r\nde");
    let got = ask(&http1::no_last_chunk().await, "/").await;
    assert_eq!((got.body(), got.error), (&b"3\r\nabc\r\n"[..], None));
}

#[tokio::test]
async fn headers_may_have_no_end() {
    let got = ask_some(&http1::endless_headers().await, 3 << 20).await;
    assert!(got.starts_with(b"HTTP/1.1 200 OK\r\nX-Again: and again\r\nX-Again"));
    assert!(!got.windows(4).any(|four| four == b"\r\n\r\n"));
    let got = ask_some(&http1::endless_interim().await, 3 << 20).await;
    assert!(got.starts_with(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103"));
    assert!(!got.windows(12).any(|twelve| twelve == b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_header_may_be_a_mebibyte() {
    let got = ask(&http1::long_header(1 << 20).await, "/").await;
    let line = got.text().lines().nth(1).unwrap();
    assert_eq!((line.len(), got.body()), ("X-Long: ".len() + (1 << 20), &b"ok"[..]));
}

#[tokio::test]
async fn interim_answers_come_in_order_before_the_answer() {
    let server = http1::interim(&[100, 103, 103, 102]).await;
    let got = ask(&server, "/").await;
    let lines: Vec<_> = got.text().lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).collect();
    assert_eq!(lines, ["100 Interim", "103 Interim", "103 Interim", "102 Interim", "200 OK"]);
    let answer = super::client().build().unwrap().get(format!("http://127.0.0.1:{}/", server.port())).send();
    assert_eq!(answer.await.unwrap().text().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_drip_goes_on() {
    let got = ask_some(&http1::slow_body(Duration::from_millis(5)).await, 60).await;
    assert!(got.starts_with(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabcxx"), "{got:?}");
    let got = ask_some(&http1::slow_head(Duration::from_millis(5)).await, 40).await;
    assert!(got.starts_with(b"HTTP/1.1 200 OK\r\nX-Slow: xxx"), "{got:?}");
}

#[tokio::test]
async fn answers_without_a_body_keep_the_connection_open() {
    for status in [204, 205, 304] {
        for (kind, end) in [
            (Bodiless::Clean, "\r\n\r\n"),
            (Bodiless::Zero, "Content-Length: 0\r\n\r\n"),
            (Bodiless::Announced, "Content-Length: 9\r\n\r\n"),
            (Bodiless::Body, "Content-Length: 5\r\n\r\nhello"),
            (Bodiless::Chunked, "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ] {
            let server = http1::bodiless(status, kind).await;
            let mut stream = asking(&server, "/").await;
            let text = String::from_utf8(take(&mut stream, len_of(status, kind)).await).unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status} Nothing\r\n")) && text.ends_with(end), "{text}");
            if status == 204 {
                is_quiet(&mut stream).await;
            }
        }
    }
}

fn len_of(status: u16, kind: Bodiless) -> usize {
    let head = format!("HTTP/1.1 {status} Nothing\r\nETag: \"1\"\r\n").len();
    head + match kind {
        Bodiless::Clean => 2,
        Bodiless::Zero | Bodiless::Announced => 21,
        Bodiless::Body => 26,
        Bodiless::Chunked => 45,
    }
}

#[tokio::test]
async fn status_lines_come_as_they_are() {
    for (name, line) in STATUS_LINES {
        let got = ask(&http1::status_line(line).await, "/").await;
        assert_eq!(got.text(), format!("{line}\r\nContent-Length: 2\r\n\r\nok"), "{name}");
    }
    let server = http1::unasked_upgrade().await;
    let mut stream = asking(&server, "/").await;
    assert_eq!(take(&mut stream, 12).await, b"HTTP/1.1 101");
}

#[tokio::test]
async fn what_is_no_answer_comes_as_it_is() {
    assert!(ask(&http1::http09().await, "/").await.text().starts_with("<html>"));
    let got = ask(&http1::two_lengths().await, "/").await;
    assert_eq!(got.text().matches("Content-Length: ").count(), 2);
}

#[tokio::test]
async fn steps_follow_one_another_and_the_last_stays() {
    let steps =
        vec![Step::new("", End::Reset), Step::answer("503 Busy", &[], b"later"), Step::answer("200 OK", &[], b"")];
    let server = Steps::start(steps).await;
    assert_eq!(ask(&server, "/1").await.error, Some(ErrorKind::ConnectionReset));
    assert_eq!(ask(&server, "/2").await.body(), b"later");
    for path in ["/3", "/4"] {
        assert!(ask(&server, path).await.text().starts_with("HTTP/1.1 200 OK\r\n"));
    }
    let targets: Vec<_> = server.seen().iter().map(|head| head[..6].to_owned()).collect();
    assert_eq!(targets, ["GET /1", "GET /2", "GET /3", "GET /4"]);
    let server = Steps::start(vec![Step::new("HTTP/1.1 200 OK\r\n\r\n", End::Hold)]).await;
    let mut stream = asking(&server, "/").await;
    take(&mut stream, 19).await;
    is_quiet(&mut stream).await;
}

#[tokio::test]
async fn a_web_server_keeps_connections_and_writes_down_what_came() {
    let server = Web::start(|asked| answer("200 OK", &[], asked.target().as_bytes())).await;
    let client = super::client().build().unwrap();
    for path in ["/a", "/b?c=d"] {
        let url = crate::faults::Server::http(&server, path);
        let got = client.post(url).header("X-Key", "1").body("sent").send().await.unwrap();
        assert_eq!(got.text().await.unwrap(), path);
    }
    let seen = server.seen();
    assert_eq!((seen[1].line(), seen[1].header("x-key")), ("POST /b?c=d HTTP/1.1", Some("1")));
    assert_eq!((seen[0].method(), &seen[0].body[..]), ("POST", &b"sent"[..]));
    let server = Web::always(answer("404 Not Found", &[], b"none")).await;
    assert_eq!(ask_once(&server, "/").await.body(), b"none");
    let server = http1::failing_first(2, "503 Service Unavailable", &[("Retry-After", "0")]).await;
    for wanted in ["503", "503", "200", "200"] {
        assert!(ask_once(&server, "/").await.text().starts_with(&format!("HTTP/1.1 {wanted} ")));
    }
}
