//! The answer: body as text and bytes, pages, timing, headers, and trying again.

use std::time::{Duration, Instant};

use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{Desk, Plan};
use crate::server::{Server, answer};

/// A window whose environment "Sandbox" is that server, ready to send a GET.
fn desk_on(server: &Server) -> Desk {
    let mut desk = Desk::open_with(Plan { profile: server.profile(), has_foreign_text: true, ..Plan::default() });
    desk.choose("Environment", "Sandbox");
    desk.press_button("GET List posts");
    desk
}

fn answering(status: &'static str, headers: &'static str, body: Vec<u8>) -> Server {
    Server::start(move |_, _| answer(status, headers, &body))
}

#[test]
fn bytes_are_shown_as_bytes_and_as_text_if_wished() {
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0, 1, 2, 3], b"IHDR text"].concat();
    let server = answering("200 OK", "Content-Type: image/png\r\n", png.clone());
    let mut desk = desk_on(&server);
    desk.send();
    desk.assert_sees(&["00000000  89 50 4e 47 0d 0a 1a 0a  00 01 02 03 49 48 44 52  |.PNG........IHDR|"]);
    desk.press_button("Show the body as text");
    desk.assert_sees(&["IHDR text"]);
    desk.assert_sees_not("00000000  89");
    desk.press_button("Show the body as bytes");
    desk.assert_sees(&["00000000  89 50 4e 47"]);
    let path = desk.dir.path().join("answer.png");
    desk.press_button("Save body…");
    desk.fill("Body file", &path.display().to_string());
    desk.press_button("Save the body");
    desk.assert_sees(&["bytes of the answer were written to"]);
    assert_eq!(std::fs::read(&path).unwrap(), png);
    // A file that is there is not replaced, and that is said in the dialog.
    std::fs::write(&path, "mine").unwrap();
    desk.press_button("Save body…");
    desk.press_button("Save the body");
    desk.assert_sees(&["Save the answer's body"]);
    assert_eq!(desk.all(Role::Alert).len(), 1, "{:?}", desk.all(Role::Alert));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[test]
fn text_can_be_looked_at_as_bytes() {
    let server = answering("200 OK", "Content-Type: text/plain; charset=latin1\r\n", b"gr\xfcn".to_vec());
    let mut desk = desk_on(&server);
    desk.send();
    desk.assert_sees(&["grün", "Charset: read as"]);
    desk.press_button("Show the body as bytes");
    desk.assert_sees(&["67 72 fc 6e"]);
}

#[test]
fn a_body_on_the_disk_is_shown_page_by_page() {
    let mut body = String::new();
    while body.len() < 12_000_000 {
        body.push_str(&format!("line {:09}\n", body.len()));
    }
    let total = body.len();
    let server = answering("200 OK", "Content-Type: text/plain\r\n", body.into_bytes());
    let mut desk = desk_on(&server);
    desk.send();
    desk.assert_sees(&[&format!("Bytes 0 to 524287 of {total}"), "line 000000000"]);
    assert!(desk.is_disabled("First page") && desk.is_disabled("Previous page"));
    // Only the rows in sight are there at all.
    assert!(desk.texts().iter().filter(|text| text.starts_with("line ")).count() < 60);
    desk.press_button("Next page");
    desk.assert_sees(&["Bytes 524288 to 1048575 of"]);
    desk.press_button("Last page");
    desk.assert_sees(&[&format!("to {} of {total}", total - 1)]);
    assert!(desk.is_disabled("Next page") && desk.is_disabled("Last page"));
    desk.fill("Byte to go to", "6000000");
    desk.press_button("Go to the byte");
    // A line is 15 bytes.
    desk.assert_sees(&[&format!("line {:09}", 6_000_000 / 15 * 15)]);
    desk.press_button("Show the body as bytes");
    desk.fill("Byte to go to", "0x");
    desk.assert_sees(&["Not a byte of it: write 0 to"]);
    desk.fill("Byte to go to", "9000000");
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees(&[&format!("{:08x}  ", 9_000_000 / 16 * 16)]);
    desk.press_button("First page");
    desk.assert_sees(&["Bytes 0 to 524287 of", "00000000  "]);
}

#[test]
fn a_body_that_was_cut_says_so() {
    let server = answering("200 OK", "Content-Type: text/plain\r\n", vec![b'x'; 3 << 20]);
    let mut desk = desk_on(&server);
    desk.press_button("Network settings");
    desk.fill("Body kept, in MiB", "1");
    desk.press_button("Save network settings");
    desk.send();
    desk.open_tab("Answer", "Answer");
    desk.assert_sees(&["Not the whole body: it was cut after 1.0 MB"]);
}

#[test]
fn redirects_and_tries_are_told_one_by_one() {
    let server = Server::start(|head, before| match before {
        0 => answer("503 Service Unavailable", "", b"busy"),
        _ if head.starts_with("GET /v1/posts") => answer("302 Found", "Location: /elsewhere\r\n", b""),
        _ => answer("200 OK", "Content-Type: text/plain\r\n", b"there"),
    });
    let mut desk = desk_on(&server);
    desk.press_button("Network settings");
    desk.fill("Retries", "2");
    desk.press_button("Save network settings");
    desk.send();
    desk.assert_sees(&["200 OK"]);
    desk.open_tab("Answer", "Timing");
    desk.assert_sees(&["Try 1 of 2: 503 Service Unavailable", "Try 2 of 2: 200 OK", "Waited ", "2 tries took"]);
    desk.assert_sees(&["302 from http://127.0.0.1", "/elsewhere", "Nothing was left behind", "no proxy of the system"]);
    desk.assert_sees(&[
        "Queue",
        "Name lookup",
        "TLS handshake",
        "not seen",
        "First byte",
        "Download",
        "Total",
        "HTTP/1.1",
    ]);
}

#[test]
fn what_a_redirect_left_behind_is_told() {
    let server = Server::start(|head, _| match head.starts_with("POST") {
        true => answer("303 See Other", "Location: /elsewhere\r\n", b""),
        false => answer("200 OK", "Content-Type: text/plain\r\n", b"there"),
    });
    let mut desk = desk_on(&server);
    desk.press_button("POST Schedule a post");
    desk.send();
    desk.open_tab("Answer", "Timing");
    desk.assert_sees(&["303 from http://127.0.0.1", "GET http://127.0.0.1", "Left behind: ", "payload"]);
}

#[test]
fn rate_limits_and_trailers_stand_among_the_headers() {
    let server = Server::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 100\r\nX-RateLimit-Remaining: 28\r\n\
                    Transfer-Encoding: chunked\r\nTrailer: X-Checksum\r\nConnection: close\r\n\r\n";
        format!("{head}2\r\n{{}}\r\n0\r\nX-Checksum: abc123\r\n\r\n").into_bytes()
    });
    let mut desk = desk_on(&server);
    desk.send();
    desk.open_tab("Answer", "Headers");
    desk.assert_sees(&["28 of 100", "x-ratelimit-remaining said", "x-checksum", "abc123"]);
}

#[test]
fn how_far_a_body_has_come_is_told_and_it_can_be_cancelled() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4000\r\n\r\n".to_vec();
    let server = Server::holding([head, vec![b'x'; 1000]].concat());
    let mut desk = desk_on(&server);
    desk.click_now("Send");
    desk.wait_for("1.0 kB of 4.0 kB");
    assert!(desk.all(Role::ProgressIndicator).iter().any(|(name, _)| name == "25 % of the answer came"));
    desk.click_now("Cancel");
    desk.settle();
    desk.assert_sees(&["cancelled"]);
    // What came until then is kept.
    desk.open_tab("Answer", "Answer");
    desk.assert_sees(&["Not the whole body: it was cut after 1.0 kB"]);
}

/// Sends, and gives how many requests the server has seen.
fn seen_after(desk: &mut Desk, server: &Server, button: &str) -> usize {
    desk.press_button(button);
    server.seen().len()
}

#[test]
fn a_wait_that_the_server_asked_for_is_offered_and_kept() {
    let server = Server::start(|_, before| match before {
        0 => answer("429 Too Many Requests", "Retry-After: 5\r\n", b"{}"),
        _ => answer("200 OK", "", b"{}"),
    });
    let mut desk = desk_on(&server);
    let begun = Instant::now();
    desk.send();
    desk.assert_sees(&["Try again", "Safe after 5 s: the server counted the call and did not do it"]);
    desk.rect(Role::Button, "Retry with backoff");
    desk.assert_sees(&["waits of up to 0.5, 1, 2, 4, 8 s, or what the answer asks for"]);
    // The count goes down while nothing is pressed.
    desk.wait_for("Wait 3 s and send");
    desk.click_now("Wait 3 s and send");
    // While it is on its way there is nothing to press but Cancel.
    desk.rect(Role::Button, "Cancel");
    assert!(desk.all(Role::Button).iter().all(|(name, _)| name != "Retry with backoff" && !name.starts_with("Wait ")));
    desk.settle();
    desk.assert_sees(&["200 OK"]);
    assert_eq!(server.seen().len(), 2);
    assert!(begun.elapsed() >= Duration::from_secs(5), "it waits for the rest, and not for all of it once more");
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_wait_that_is_over_is_not_waited_for_again() {
    let server = answering("429 Too Many Requests", "Retry-After: 1\r\n", b"{}".to_vec());
    let mut desk = desk_on(&server);
    desk.send();
    desk.wait_for("Send now");
    desk.press_button("Send now");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn a_temporary_failure_is_tried_again_with_backoff_and_can_be_cancelled() {
    let server = answering("503 Service Unavailable", "Retry-After: 60\r\n", b"busy".to_vec());
    let mut desk = desk_on(&server);
    desk.send();
    desk.click_now("Retry with backoff");
    desk.wait_for("Try 2 of 6 in ");
    desk.click_now("Cancel");
    desk.settle();
    desk.rect(Role::Button, "Send");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn what_may_be_done_twice_is_asked_first() {
    let server = answering("504 Gateway Timeout", "", b"slow".to_vec());
    let mut desk = desk_on(&server);
    desk.press_button("POST Schedule a post");
    desk.send();
    desk.assert_sees(&["May duplicate: the gateway gave up waiting, and the server may have acted on it"]);
    assert!(desk.all(Role::Button).iter().all(|(name, _)| name != "Retry with backoff"));
    assert_eq!(seen_after(&mut desk, &server, "Send again anyway…"), 1);
    desk.assert_sees(&["It may be done twice: the server may have acted on the first one already"]);
    assert_eq!(seen_after(&mut desk, &server, "Do not send"), 1);
    desk.assert_sees_not("It may be done twice");
    desk.press_button("Send again anyway…");
    assert_eq!(seen_after(&mut desk, &server, "Send it twice"), 2);
    // The question belongs to the answer it was asked of.
    desk.assert_sees_not("It may be done twice");
}

#[test]
fn what_is_pointless_has_no_button_and_other_requests_none_either() {
    let server = answering("404 Not Found", "", b"{}".to_vec());
    let mut desk = desk_on(&server);
    desk.send();
    desk.assert_sees(&["Pointless: the same request gets the same answer"]);
    let is_again =
        |name: &str| name.starts_with("Wait ") || name.starts_with("Retry with") || name.starts_with("Send again");
    assert!(desk.all(Role::Button).iter().all(|(name, _)| !is_again(name)));
    // A transport error has its own.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    desk.fill("URL", &format!("http://127.0.0.1:{port}/v1/posts"));
    desk.send();
    desk.assert_sees(&["Safe now: nothing of the request reached the server"]);
    desk.rect(Role::Button, "Retry with backoff");
    desk.press_button("GET Fetch a post");
    assert!(desk.all(Role::Button).iter().all(|(name, _)| !is_again(name)));
}
