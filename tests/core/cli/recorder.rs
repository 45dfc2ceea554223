//! A server on loopback that keeps what it was sent and answers as it was told.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// One listener that answers every connection with the same bytes.
pub struct Recorder {
    pub url: String,
    received: Receiver<Vec<u8>>,
}

impl Recorder {
    /// Answers with exactly these bytes and closes; with none it waits until the other side gives up.
    pub fn raw(answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, answer) = (sender.clone(), answer.clone());
                thread::spawn(move || serve(stream, &answer, &sender));
            }
        });
        Self { url, received }
    }

    /// Answers with a status, headers and a body.
    pub fn answering(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut answer = format!("HTTP/1.1 {status} Some Reason\r\nContent-Length: {}\r\n", body.len()).into_bytes();
        for (name, value) in headers {
            answer.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        answer.extend_from_slice(b"Connection: close\r\n\r\n");
        answer.extend_from_slice(body);
        Self::raw(answer)
    }

    /// The next request: its head in lower case, and its body.
    pub fn received(&self) -> (String, Vec<u8>) {
        let request = self.received.recv_timeout(Duration::from_secs(60)).unwrap();
        let end = request.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
        (String::from_utf8_lossy(&request[..end]).to_lowercase(), request[end + 4..].to_vec())
    }

    /// Whether nothing was ever sent to it.
    pub fn is_untouched(&self) -> bool {
        self.received.recv_timeout(Duration::from_millis(200)).is_err()
    }
}

fn serve(mut stream: TcpStream, answer: &[u8], received: &Sender<Vec<u8>>) -> Option<()> {
    let mut request = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let wanted = |request: &[u8]| {
        let end = request.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        Some(end + length.unwrap_or(0))
    };
    let mut needed = None;
    while needed.is_none_or(|needed| request.len() < needed) {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
        needed = needed.or_else(|| wanted(&request));
    }
    received.send(request).ok()?;
    if answer.is_empty() {
        while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    } else {
        stream.write_all(answer).ok()?;
    }
    Some(())
}
