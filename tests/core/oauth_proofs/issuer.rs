//! An authorization server and an API in one, on loopback, that counts connections and answers as each test says.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use altyaa_console::app::{LineEnd, SendWish, Server, Services, SignIn, run_line};
use altyaa_console::credentials::oauth::{Flow, Provider};
use altyaa_console::credentials::{CredentialKind, NewCredential, OAuthGrant, Persist};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, RequestDraft};
use altyaa_console::profile::{self, Profile};
use altyaa_console::secret::Secret;
use altyaa_console::transport::{CancelSignal, Limits};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use url::{Url, form_urlencoded};

/// How long anything on loopback may take.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub head: String,
    pub body: String,
}

impl Asked {
    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// A field of the form; empty if it is not there.
    pub fn field(&self, name: &str) -> String {
        let mut pairs = form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// A server that writes down who came.
pub struct Issuer {
    pub url: String,
    address: SocketAddr,
    came: Arc<Mutex<Vec<SocketAddr>>>,
    own: Mutex<HashSet<SocketAddr>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Issuer {
    /// Answers each request with what the closure makes of it and its number among those to the same path, from 0.
    pub fn start(answer: impl Fn(&Asked, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (came, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::<Asked>::new())));
        let (to_came, to_asked, answer) = (Arc::clone(&came), Arc::clone(&asked), Arc::new(answer));
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                to_came.lock().unwrap().push(stream.peer_addr().unwrap());
                let (asked, answer) = (Arc::clone(&to_asked), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream;
                    let Some(request) = read(&mut stream) else { return };
                    let number = {
                        let mut asked = asked.lock().unwrap();
                        asked.push(request.clone());
                        asked.iter().filter(|before| before.path == request.path).count() - 1
                    };
                    let _ = stream.write_all(&answer(&request, number));
                });
            }
        });
        Self { url: format!("http://{address}"), address, came, own: Mutex::default(), asked }
    }

    /// One to which nobody should come.
    pub fn forbidden() -> Self {
        Self::start(|_, _| answer(200, "", "{}"))
    }

    /// How many connections there were, those that nobody has looked at yet included.
    pub fn connections(&self) -> usize {
        // Connections are taken in the order in which they came: once this one was, all before it were.
        let probe = TcpStream::connect(self.address).unwrap();
        let own = probe.local_addr().unwrap();
        self.own.lock().unwrap().insert(own);
        let until = Instant::now() + DEADLINE;
        while !self.came.lock().unwrap().contains(&own) {
            assert!(Instant::now() < until, "the server accepts nothing");
            thread::sleep(Duration::from_millis(2));
        }
        let owns = self.own.lock().unwrap();
        self.came.lock().unwrap().iter().filter(|came| !owns.contains(came)).count()
    }

    /// Every request to a path, in order.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.path == path).cloned().collect()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
    loop {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut words = head.split(' ');
        let path = words.nth(1)?.split('?').next()?.to_owned();
        let asked = Asked { path, head: head.to_owned(), body: body.to_owned() };
        if body.len() >= asked.header("content-length").parse().unwrap_or(0) {
            return Some(asked);
        }
    }
}

/// An answer with a JSON body; the headers with their line ends.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let len = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {len}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// An answer of a token address.
pub fn tokens(access: &str, refresh: &str, expires_in: u32) -> Vec<u8> {
    let body = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": expires_in, "refresh_token": refresh,
        "id_token": format!("id-of-{access}"), "scope": "posts.read posts.write",
    });
    answer(200, "", &body.to_string())
}

/// The document in which the server announces itself.
pub fn metadata(asked: &Asked) -> Vec<u8> {
    let base = format!("http://{}", asked.header("host"));
    let body = json!({
        "issuer": base, "authorization_endpoint": format!("{base}/authorize"), "token_endpoint": format!("{base}/token"),
        "device_authorization_endpoint": format!("{base}/device"), "revocation_endpoint": format!("{base}/revoke"),
        "code_challenge_methods_supported": ["S256"], "response_types_supported": ["code"],
    });
    answer(200, "", &body.to_string())
}

/// Sends bytes to an address and reads to the end; none where nobody listens or answers.
pub fn raw(address: &str, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(DEADLINE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned()).filter(|answer| !answer.is_empty())
}

pub fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A parameter of an address.
pub fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} in {url}")).1.into_owned()
}

/// Comes back to the listener of a sign-in as a browser does; the status and the page.
pub fn come_back(authorize: &Url, state: &str, rest: &str) -> Option<String> {
    let back = Url::parse(&parameter(authorize, "redirect_uri")).unwrap();
    let address = format!("127.0.0.1:{}", back.port().unwrap());
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    let request = format!(
        "GET {}?{query}&{rest} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: cross-site\r\n\
         Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nConnection: close\r\n\r\n",
        back.path()
    );
    raw(&address, &request)
}

/// The built-in profile with its environment `sandbox` at this address.
pub fn profile_at(url: &str) -> Profile {
    let mut profile = profile::built_in("altyaa").unwrap();
    let environment = profile.environments.iter_mut().find(|environment| environment.name == "sandbox").unwrap();
    environment.base = Some(url.to_owned());
    profile
}

/// The program's parts over a data directory of their own.
pub fn services(folder: &tempfile::TempDir, profile: Profile) -> Arc<Services> {
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, notices) = Services::open(profile, data_dir, Limits::default()).unwrap();
    assert_eq!(notices, []);
    Arc::new(services)
}

/// A credential of this session, for one origin.
pub fn bearer(name: &str, origin: &str, secret: &str) -> NewCredential {
    NewCredential {
        name: name.into(),
        kind: CredentialKind::Bearer,
        header: None,
        origins: vec![origin.parse().unwrap()],
        workspace: None,
        scopes: Vec::new(),
        expires_at: None,
        created_at: Timestamp::now(),
        secret: Secret::new(secret.into()),
        oauth: None,
    }
}

/// One that came from a sign-in an hour ago and has these seconds left.
pub fn signed_in(name: &str, url: &str, access: &str, refresh: &str, left_s: i64) -> NewCredential {
    let now = Timestamp::now();
    NewCredential {
        kind: CredentialKind::OAuth,
        created_at: now - SignedDuration::from_hours(1),
        expires_at: Some(now + SignedDuration::from_secs(left_s)),
        oauth: Some(Box::new(OAuthGrant {
            client_id: "console".into(),
            flow: Flow::Code,
            provider: Provider::of_token_url(format!("{url}/token").parse().unwrap()),
            refresh: Some(Secret::new(refresh.into())),
            client_secret: None,
            refused_at: None,
        })),
        ..bearer(name, url, access)
    }
}

pub fn wish(name: &str, url: &str, flow: Flow, client_secret: Option<&str>) -> SignIn {
    SignIn {
        name: name.into(),
        server: Server::Issuer(url.parse().unwrap()),
        client_id: "client-id-by-design".into(),
        client_secret: client_secret.map(|secret| Secret::new(secret.into())),
        flow,
        scopes: vec!["posts.read".into(), "posts.write".into()],
        origins: vec![url.parse().unwrap()],
        workspace: None,
        persist: Persist::Session,
    }
}

/// A call of the environment `sandbox` with a credential by its name.
pub fn call(url: &str, credential: &str) -> RequestDraft {
    RequestDraft {
        method: "GET".into(),
        url: url.into(),
        environment: "sandbox".into(),
        credential: CredentialChoice::Named(credential.into()),
        ..RequestDraft::default()
    }
}

pub async fn run(services: &Arc<Services>, draft: RequestDraft) -> LineEnd {
    run_line(services, draft, SendWish::default(), CancelSignal::never(), |_| {}).await
}
