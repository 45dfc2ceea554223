//! `altyaa oauth login` as a script runs it: what the browser is given, and what attackers of its listener get.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command};
use std::time::Instant;

use serde_json::Value;
use url::Url;

use super::issuer::*;
use super::search::Needles;
use crate::cli::program::{Altyaa, Done, finished};

/// Whether the keyring of this session is a private one that tests may write to.
pub fn is_private_session(test: &str) -> bool {
    let is_private = std::env::var_os("ALTYAA_TEST_KEYRING").is_some_and(|value| value == "1");
    if !is_private {
        println!("NOT RUN: {test} needs ALTYAA_TEST_KEYRING=1 and a private session with an unlocked keyring");
    }
    is_private
}

/// The command with this session's keyring.
pub fn kept_command<S: AsRef<OsStr>>(altyaa: &Altyaa, words: &[S]) -> Command {
    let mut command = altyaa.command(words);
    for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

pub fn kept_run<S: AsRef<OsStr>>(altyaa: &Altyaa, words: &[S], input: &[u8]) -> Done {
    finished(kept_command(altyaa, words).spawn().unwrap(), input)
}

/// A sign-in under way.
pub struct Login {
    child: Child,
    lines: BufReader<ChildStdout>,
    out: Vec<u8>,
}

impl Login {
    /// Starts it and gives it its standard input.
    pub fn start(mut command: Command, input: &[u8]) -> Self {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines, out: Vec::new() }
    }

    /// The address of its event `open`, from `--json`.
    #[track_caller]
    pub fn opened(&mut self) -> Url {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        self.out.extend_from_slice(line.as_bytes());
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line} {:?}", self.child.wait()));
        assert_eq!(event["event"], "open", "{line}");
        event["url"].as_str().unwrap().parse().unwrap()
    }

    pub fn end(mut self) -> Done {
        let mut err = String::new();
        self.lines.read_to_end(&mut self.out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = self.child.wait().unwrap().code().expect("ended by itself");
        Done { code, out: std::mem::take(&mut self.out), err }
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The words of a sign-in with the code flow.
pub fn login_words<'a>(issuer: &'a Issuer, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["oauth", "login", "login", "--issuer", &issuer.url, "--client-id", "client-id-by-design", "--json"];
    [&words[..], more].concat()
}

/// What came of it where no keyring takes the token: the server gave it, and it is said to be lost.
#[track_caller]
pub fn lost(done: &Done) {
    let last: Value = serde_json::from_str(done.text().lines().last().unwrap()).unwrap();
    assert_eq!(
        (done.code, &last["event"], &last["error"]["kind"]),
        (4, &"failed".into(), &"keyring".into()),
        "{done:?}"
    );
}

fn server() -> Issuer {
    Issuer::start(|asked, _| match asked.path.as_str() {
        "/token" => tokens("at-canary-6120", "rt-canary-7731", 3600),
        _ => metadata(asked),
    })
}

#[test]
fn attacks_on_the_listener_neither_end_a_sign_in_nor_take_it_over() {
    let (altyaa, issuer) = (Altyaa::new(), server());
    let mut login = Login::start(altyaa.command(&login_words(&issuer, &["--no-browser"])), b"");
    let open = login.opened();
    let state = parameter(&open, "state");
    let back = Url::parse(&parameter(&open, "redirect_uri")).unwrap();
    let (address, port) = (format!("127.0.0.1:{}", back.port().unwrap()), back.port().unwrap());
    let path = back.path();
    let right = format!("{path}?code=code-of-the-attacker&state={state}");
    let navigation = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    let form = "code=code-of-the-attacker";
    let post = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len());
    for (what, request, wanted) in [
        ("rebinding", format!("GET {right} HTTP/1.1\r\nHost: attacker.example:{port}\r\n\r\n"), 403),
        ("rebinding by link", format!("GET {right} HTTP/1.1\r\nHost: attacker.example\r\n{navigation}\r\n"), 403),
        (
            "a form",
            format!(
                "POST {right} HTTP/1.1\r\nHost: {address}\r\nOrigin: https://attacker.example\r\n{navigation}{post}\r\n{form}"
            ),
            403,
        ),
        (
            "a form without origin",
            format!("POST {right} HTTP/1.1\r\nHost: {address}\r\n{navigation}{post}\r\n{form}"),
            403,
        ),
        (
            "a script",
            format!(
                "GET {right} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n\r\n"
            ),
            403,
        ),
        (
            "a frame",
            format!(
                "GET {right} HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n\r\n"
            ),
            403,
        ),
        (
            "a preflight",
            format!(
                "OPTIONS {right} HTTP/1.1\r\nHost: {address}\r\nOrigin: https://attacker.example\r\nAccess-Control-Request-Method: GET\r\n\r\n"
            ),
            403,
        ),
        (
            "another state",
            format!(
                "GET {path}?code=code-of-the-attacker&state=guessed HTTP/1.1\r\nHost: {address}\r\n{navigation}\r\n"
            ),
            400,
        ),
        (
            "a refusal of another state",
            format!("GET {path}?error=access_denied&state=guessed HTTP/1.1\r\nHost: {address}\r\n{navigation}\r\n"),
            400,
        ),
    ] {
        let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let said = raw(&address, &request).unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(status_of(&said), wanted, "{what}: {said}");
        assert!(!said.to_lowercase().contains("access-control") && !said.contains(&state), "{what}: {said}");
        assert!(issuer.asked("/token").is_empty(), "{what} went through");
    }
    let page = come_back(&open, &state, "code=code-canary-1").unwrap();
    assert_eq!(status_of(&page), 200, "{page}");
    // Whether it is still there to refuse or gone already, the second one gets nothing.
    if let Some(second) = come_back(&open, &state, "code=code-of-the-attacker") {
        assert!(status_of(&second) >= 400, "{second}");
    }
    lost(&login.end());
    let asked = issuer.asked("/token");
    assert_eq!((asked.len(), asked[0].field("code")), (1, "code-canary-1".into()));
    assert!(raw(&address, "GET / HTTP/1.1\r\n\r\n").is_none(), "the listener is gone");
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::collections::BTreeMap;
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    /// Arguments and environment of every process that came from one, itself excepted.
    fn watch(root: u32, is_over: &AtomicBool) -> BTreeMap<u32, (Vec<u8>, Vec<u8>)> {
        let mut seen = BTreeMap::new();
        let mut of = vec![root];
        while !is_over.load(Ordering::Relaxed) {
            for entry in fs::read_dir("/proc").unwrap().flatten() {
                let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
                let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
                let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split(' ').nth(2)?.parse::<u32>().ok());
                if pid == root || !parent.is_some_and(|parent| of.contains(&parent)) && !of.contains(&pid) {
                    continue;
                }
                if !of.contains(&pid) {
                    of.push(pid);
                }
                let (Ok(words), Ok(environ)) =
                    (fs::read(entry.path().join("cmdline")), fs::read(entry.path().join("environ")))
                else {
                    continue;
                };
                // Between fork and exec a child is still its parent; what it is in the end counts.
                if !words.is_empty() && memchr::memmem::find(&words, b"\0login\0").is_none() {
                    seen.insert(pid, (words, environ));
                }
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        seen
    }

    #[test]
    fn what_is_started_for_the_browser_has_neither_secret_nor_token() {
        let (altyaa, issuer) = (Altyaa::new(), server());
        let script = altyaa.file(
            "browser",
            "#!/bin/sh\n/bin/cat /proc/$$/cmdline > \"$0.args\"\n/bin/cat /proc/$$/environ > \"$0.env.part\"\n\
             /bin/mv \"$0.env.part\" \"$0.env\"\n",
        );
        fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let mut command = altyaa.command(&login_words(&issuer, &["--client-secret-env", "CLIENT_SECRET"]));
        command.env("BROWSER", &script).env("CLIENT_SECRET", "cs-canary/4471+x").env("BY_DESIGN", "inherited-2207");
        let mut login = Login::start(command, b"");
        let (root, is_over) = (login.child.id(), Arc::new(AtomicBool::new(false)));
        let watcher = std::thread::spawn({
            let is_over = Arc::clone(&is_over);
            move || watch(root, &is_over)
        });
        let open = login.opened();
        let environ_file = format!("{script}.env");
        let until = Instant::now() + DEADLINE;
        while fs::metadata(&environ_file).is_err() {
            assert!(Instant::now() < until, "no browser was opened");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(status_of(&come_back(&open, &parameter(&open, "state"), "code=code-canary-1").unwrap()), 200);
        lost(&login.end());
        is_over.store(true, Ordering::Relaxed);
        let seen = watcher.join().unwrap();
        let (words, environ) = (fs::read(format!("{script}.args")).unwrap(), fs::read(environ_file).unwrap());

        let asked = &issuer.asked("/token")[0];
        let verifier = asked.field("code_verifier");
        assert!(verifier.len() >= 43, "{asked:?}");
        let proof = asked.header("authorization").trim_start_matches("Basic ").to_owned();
        assert!(!proof.is_empty(), "the secret was used: {asked:?}");
        let needles =
            Needles::of(&["cs-canary/4471+x", "at-canary-6120", "rt-canary-7731", "code-canary-1", &verifier, &proof]);
        needles.are_not_in("the browser's arguments", &words);
        needles.are_not_in("the browser's environment", &environ);
        for (pid, (words, environ)) in &seen {
            needles.are_not_in(&format!("the arguments of process {pid}"), words);
            needles.are_not_in(&format!("the environment of process {pid}"), environ);
        }
        // The search can find: what is there by design is found, also in the process between.
        let by_design = Needles::of(&[open.as_str()]);
        assert!(by_design.found_in(&words).is_some(), "{}", String::from_utf8_lossy(&words));
        let inherited = Needles::of(&["inherited-2207"]);
        assert!(inherited.found_in(&environ).is_some() && memchr::memmem::find(&environ, b"CLIENT_SECRET").is_none());
        let between: Vec<_> =
            seen.values().filter(|(words, _)| memchr::memmem::find(words, b"\0open-link").is_some()).collect();
        assert!(!between.is_empty(), "the program in between was seen: {seen:?}");
        for (words, environ) in between {
            assert!(by_design.found_in(words).is_none(), "the address is no argument of ours");
            assert!(memchr::memmem::find(environ, b"CLIENT_SECRET").is_none());
            assert!(inherited.found_in(environ).is_some());
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod with_a_keyring {
    use altyaa_console::credentials::{Persist, StoredIn, Vault};
    use altyaa_console::disk::DataDir;

    use super::*;

    /// A token that has lapsed, in the keyring of a data directory.
    fn lapsed(altyaa: &Altyaa, issuer: &Issuer) -> Vault {
        let vault = Vault::open(&DataDir::resolve(Some(altyaa.dir.path().join("data"))).unwrap());
        let stored = vault.sign_in(signed_in("login", &issuer.url, "at-old", "rt-old", -5), Persist::Keyring).unwrap();
        assert_eq!(stored.credential.stored, StoredIn::Keyring);
        vault
    }

    #[test]
    fn two_processes_renew_once_and_the_keyring_has_it_before_the_call() {
        if !is_private_session("two_processes_renew_once_and_the_keyring_has_it_before_the_call") {
            return;
        }
        let altyaa = Altyaa::new();
        let (data, held) = (altyaa.dir.path().join("data"), std::sync::Arc::new(std::sync::Mutex::new(Vec::new())));
        let own_held = std::sync::Arc::clone(&held);
        let issuer = Issuer::start(move |asked, _| match asked.path.as_str() {
            "/token" => {
                std::thread::sleep(std::time::Duration::from_millis(300));
                tokens("at-new", "rt-new", 3600)
            }
            _ => {
                // As another process would: nothing but what is in the keyring at this moment.
                let other = Vault::open(&DataDir::resolve(Some(data.clone())).unwrap());
                let secrets = other.all_secrets().secrets.into_iter().map(|(_, secret)| secret.expose().to_owned());
                own_held.lock().unwrap().push(secrets.collect::<Vec<_>>());
                answer(200, "", "{}")
            }
        });
        let vault = lapsed(&altyaa, &issuer);
        let url = format!("{}/v1/posts", issuer.url);
        let words = ["send", "GET", &url, "--credential", "login"];
        let both = [(); 2].map(|()| kept_command(&altyaa, &words).spawn().unwrap());
        for child in both {
            let done = finished(child, b"");
            assert_eq!(done.code, 0, "{done:?}");
        }
        assert_eq!(issuer.asked("/token").len(), 1);
        assert!(issuer.asked("/v1/posts").iter().all(|call| call.header("authorization") == "Bearer at-new"));
        for held in held.lock().unwrap().iter() {
            assert!(held.contains(&"at-new".into()) && held.contains(&"rt-new".into()), "{held:?}");
            assert!(!held.contains(&"rt-old".into()), "{held:?}");
        }
        vault.remove("login").unwrap();
    }

    #[test]
    fn a_refused_renewal_is_asked_for_once_by_all_processes_and_exits_with_2() {
        if !is_private_session("a_refused_renewal_is_asked_for_once_by_all_processes_and_exits_with_2") {
            return;
        }
        let (altyaa, issuer) = (Altyaa::new(), Issuer::start(|_, _| answer(400, "", r#"{"error":"invalid_grant"}"#)));
        let vault = lapsed(&altyaa, &issuer);
        let url = format!("{}/v1/posts", issuer.url);
        for _ in 0..3 {
            let done = kept_run(&altyaa, &["send", "GET", &url, "--credential", "login"], b"");
            done.refused(2, &["login has expired", "credential", "ign in again"]);
        }
        let done = kept_run(&altyaa, &["oauth", "refresh", "login"], b"");
        done.refused(1, &["not asked again", "Sign in again"]);
        assert_eq!((issuer.asked("/token").len(), issuer.connections()), (1, 1));
        vault.remove("login").unwrap();
    }

    /// The list on disk is for showing: neither the token's address nor its origins are taken from it.
    #[test]
    fn a_list_that_somebody_changed_leads_no_refresh_token_away() {
        if !is_private_session("a_list_that_somebody_changed_leads_no_refresh_token_away") {
            return;
        }
        let (altyaa, hostile) = (Altyaa::new(), Issuer::forbidden());
        let issuer = Issuer::start(|asked, _| match asked.path.as_str() {
            "/token" => tokens("at-new", "rt-new", 3600),
            _ => answer(200, "", "{}"),
        });
        let vault = lapsed(&altyaa, &issuer);
        let list = altyaa.path("data/credentials.json");
        let text = std::fs::read_to_string(&list).unwrap();
        assert!(text.contains(&issuer.url), "{text}");
        std::fs::write(&list, text.replace(&issuer.url, &hostile.url)).unwrap();
        let done = kept_run(&altyaa, &["send", "GET", &format!("{}/v1/x", hostile.url), "--credential", "login"], b"");
        done.refused(2, &["does not go to"]);
        assert_eq!(issuer.connections(), 0, "nothing is renewed for it either");
        let done = kept_run(&altyaa, &["send", "GET", &format!("{}/v1/x", issuer.url), "--credential", "login"], b"");
        assert_eq!(done.code, 0, "{done:?}");
        assert_eq!(issuer.asked("/v1/x")[0].header("authorization"), "Bearer at-new");
        assert_eq!(hostile.connections(), 0);
        vault.remove("login").unwrap();
    }
}
