//! OAuth against real servers on loopback that answer what each test has them answer.

mod code;
mod device;
mod discovery;
mod leaks;
mod strictness;

mod tokens;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use altyaa_console::credentials::oauth::{ClientAccess, Endpoint, Provider, Step, Talk};
use altyaa_console::disk::SpillDir;
use altyaa_console::exchange::ExchangeRecord;
use altyaa_console::secret::{Gate, Secret};
use altyaa_console::transport::{CancelSignal, ProxyChoice, Route, SendOptions, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::form_urlencoded;

/// How long anything on loopback may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    method: String,
    target: String,
    head: String,
    body: String,
}

impl Seen {
    /// A header's value.
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A field of the form; panics where it is there twice.
    fn field(&self, name: &str) -> Option<String> {
        let mut values = form_urlencoded::parse(self.body.as_bytes()).filter(|(known, _)| known == name);
        let first = values.next().map(|(_, value)| value.into_owned());
        assert!(values.next().is_none(), "{name} is there twice");
        first
    }
}

/// A server that answers each request with the bytes that a closure makes of it and its number, from 0.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(answer: impl Fn(&Seen, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&seen), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut stream).await else { return };
                    let number = {
                        let mut kept = kept.lock().unwrap();
                        kept.push(request.clone());
                        kept.len() - 1
                    };
                    let bytes = answer(&request, number);
                    let _ = stream.write_all(&bytes).await;
                    let _ = stream.shutdown().await;
                    // Closing with unread bytes would reset the connection before the answer is read.
                    let _ = timeout(DEADLINE, stream.read(&mut [0; 64])).await;
                });
            }
        });
        Self { address, seen, task }
    }

    /// One that answers everything alike.
    async fn saying(bytes: Vec<u8>) -> Self {
        Self::start(move |_, _| bytes.clone()).await
    }

    fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    fn at(&self, path: &str) -> Endpoint {
        format!("{}{path}", self.base()).parse().unwrap()
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The server as written down by hand, with an issuer.
    fn provider(&self) -> Provider {
        Provider {
            issuer: Some(self.at("/")),
            authorize_url: Some(self.at("/authorize?audience=api")),
            token_url: self.at("/token"),
            device_url: Some(self.at("/device")),
            revoke_url: Some(self.at("/revoke")),
            is_iss_announced: false,
            is_secret_in_form: false,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let n = timeout(DEADLINE, stream.read(&mut piece)).await.ok()?.ok()?;
        bytes.extend_from_slice(piece.get(..n)?);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut words = head.split(' ');
            let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
            let seen = Seen { method, target, head: head.to_owned(), body: body.to_owned() };
            let wanted = seen.header("content-length").map_or(0, |len| len.parse().unwrap());
            if body.len() >= wanted {
                return Some(seen);
            }
        }
        if n == 0 {
            return None;
        }
    }
}

/// An answer with a JSON body.
fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, "application/json", "", body)
}

fn answer(status: u16, kind: &str, headers: &str, body: &str) -> Vec<u8> {
    let len = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{headers}content-length: {len}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A good answer of a token address.
const TOKENS: &str = r#"{"access_token":"at-canary-8471","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-canary-5530","scope":"posts:read posts:write","id_token":"id-canary-9902"}"#;

/// What a sign-in needs beside a server.
struct Desk {
    transport: Transport,
    gate: Gate,
    steps: Arc<Mutex<Vec<Step>>>,
    /// The record of each step, redacted at the moment when it was told of.
    records: Arc<Mutex<Vec<String>>>,
    hear: Box<dyn Fn(Step) + Send + Sync>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::default();
        let steps = Arc::new(Mutex::new(Vec::new()));
        let records = Arc::new(Mutex::new(Vec::new()));
        let (to_steps, to_records, own_gate) = (Arc::clone(&steps), Arc::clone(&records), gate.clone());
        let hear = move |step: Step| {
            let record = ExchangeRecord::from_exchange(&step.exchange, None);
            let record = own_gate.redactor().redact(record);
            to_records.lock().unwrap().push(serde_json::to_string(&*record).unwrap());
            to_steps.lock().unwrap().push(step);
        };
        Self {
            transport: Transport::new(SpillDir::new(Some(folder.path().to_path_buf()))),
            gate,
            steps,
            records,
            hear: Box::new(hear),
            _folder: folder,
        }
    }

    fn talk(&self) -> Talk<'_> {
        self.talk_until(CancelSignal::never())
    }

    fn talk_until(&self, cancel: CancelSignal) -> Talk<'_> {
        Talk {
            transport: &self.transport,
            options: options(),
            environment: "local".into(),
            on_step: &*self.hear,
            cancel,
            registry: self.gate.registry(),
        }
    }

    fn titles(&self) -> Vec<&'static str> {
        self.steps.lock().unwrap().iter().map(|step| step.title).collect()
    }
}

fn options() -> SendOptions {
    let route = Route { proxy: ProxyChoice::Direct, is_unverified: true, ..Route::default() };
    SendOptions { route, max_redirects: 10, ..SendOptions::default() }
}

fn public() -> ClientAccess {
    ClientAccess { id: "console".into(), secret: None }
}

fn confidential() -> ClientAccess {
    ClientAccess { id: "console".into(), secret: Some(Secret::new("cs-canary/4471 x".into())) }
}

/// Sends bytes as they are and reads to the end; `{own}` becomes the address.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.replace("{own}", &address.to_string()).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut answer)).await.expect("an answer").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// What a browser sends when a server on another site sends it back.
async fn come_back(address: SocketAddr, target: &str) -> String {
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {{own}}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n\
         Sec-Fetch-Dest: document\r\nConnection: close\r\n\r\n"
    );
    raw(address, &request).await
}

fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
