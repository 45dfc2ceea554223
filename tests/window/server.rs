//! A tiny HTTP/1.1 server on loopback, plain or encrypted, that answers each request by a function.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use altyaa_console::profile::{self, Profile};

/// What a request is answered with: all its bytes, after which the connection ends. Gets the head and how many came
/// before.
type Answerer = dyn Fn(&str, usize) -> Vec<u8> + Send + Sync;

/// A running server; it takes no more connections once it is dropped.
pub struct Server {
    address: SocketAddr,
    is_encrypted: bool,
    seen: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::listen(None, Arc::new(answer))
    }

    /// With a certificate for 127.0.0.1 that nobody signed but itself.
    pub fn start_tls(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "api.test".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .unwrap();
        Self::listen(Some(Arc::new(config)), Arc::new(answer))
    }

    fn listen(tls: Option<Arc<rustls::ServerConfig>>, answer: Arc<Answerer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (all, end, is_encrypted) = (Arc::clone(&seen), Arc::clone(&is_over), tls.is_some());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, all, tls) = (Arc::clone(&answer), Arc::clone(&all), tls.clone());
                std::thread::spawn(move || match tls {
                    None => serve(stream, &*answer, &all),
                    Some(config) => {
                        let session = rustls::ServerConnection::new(config).unwrap();
                        serve(rustls::StreamOwned::new(session, stream), &*answer, &all);
                    }
                });
            }
        });
        Self { address, is_encrypted, seen, is_over }
    }

    /// Shape: `http://127.0.0.1:40001`.
    pub fn base(&self) -> String {
        format!("http{}://{}", if self.is_encrypted { "s" } else { "" }, self.address)
    }

    /// The heads of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The built-in profile whose environment "Sandbox" is this server.
    pub fn profile(&self) -> Profile {
        let mut profile = profile::built_in("altyaa").unwrap();
        let environment = profile.environments.iter_mut().find(|environment| environment.name == "sandbox").unwrap();
        environment.base = Some(self.base());
        profile
    }

    /// Sends these bytes and then nothing more, without ending the connection, until it is dropped.
    pub fn holding(bytes: Vec<u8>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let end = Arc::clone(&is_over);
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for mut stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let _ = stream.write_all(&bytes);
                held.push(stream);
            }
        });
        Self { address, is_encrypted: false, seen: Arc::default(), is_over }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: impl Read + Write, answer: &Answerer, all: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            // A handshake that was broken off, or nobody there any more.
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let before = {
        let mut all = all.lock().unwrap();
        all.push(head.clone());
        all.len() - 1
    };
    let _ = stream.write_all(&answer(&head, before));
    let _ = stream.flush();
}

/// The bytes of a whole answer. Shape: `answer("404 Not Found", "Content-Type: text/plain\r\n", b"…")`.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}
