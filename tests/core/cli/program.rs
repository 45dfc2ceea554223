//! Runs the built program with a data directory of its own and a deadline.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long any one command may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// What a finished command left.
pub struct Done {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let out = String::from_utf8_lossy(self.out.get(..4000).unwrap_or(&self.out));
        write!(f, "exit {}\n--- output\n{out}\n--- errors\n{}", self.code, self.err)
    }
}

impl Done {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// Its standard output as exactly one line of JSON.
    pub fn json(&self) -> Value {
        assert_eq!(self.text().lines().count(), 1, "{self:?}");
        serde_json::from_slice(&self.out).unwrap()
    }

    /// A refusal: this code, nothing on standard output, and these words on standard error.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.text()), (code, ""), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word} is not in {}", self.err);
        }
    }
}

/// A data directory, and a folder for the test's files.
pub struct Altyaa {
    pub dir: tempfile::TempDir,
}

impl Altyaa {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A file in the folder; returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    /// The command, ready to be started; no keyring, no proxy and nobody's settings are in reach.
    pub fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_altyaa"));
        if !words.iter().any(|word| word.as_ref() == "--data-dir") {
            command.arg("--data-dir").arg(self.dir.path().join("data"));
        }
        command.args(words);
        command.current_dir(self.dir.path());
        command.env_clear().env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Done {
        self.run_with(words, b"")
    }

    #[track_caller]
    pub fn run_with<S: AsRef<OsStr>>(&self, words: &[S], input: &[u8]) -> Done {
        finished(self.command(words).spawn().unwrap(), input)
    }

    /// A profile like the built-in one whose environment `sandbox` is at this address.
    pub fn profile_for(&self, url: &str) -> String {
        let text = include_str!("../../../assets/profiles/altyaa.toml");
        assert!(text.contains("https://sandbox.altyaa.example"));
        self.file("profile.toml", text.replace("https://sandbox.altyaa.example", url))
    }
}

/// Waits for a command to end; none may outlast the deadline.
#[track_caller]
pub fn finished(mut child: Child, input: &[u8]) -> Done {
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that ends before it read everything breaks the pipe, which is its right.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let reader = |mut from: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            bytes
        })
    };
    let out = child.stdout.take().map(|out| reader(Box::new(out)));
    let err = child.stderr.take().map(|err| reader(Box::new(err)));
    let until = Instant::now() + DEADLINE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("the program did not end in time");
        }
        thread::sleep(Duration::from_millis(5));
    };
    writer.join().unwrap();
    let read = |thread: Option<thread::JoinHandle<Vec<u8>>>| thread.map(|t| t.join().unwrap()).unwrap_or_default();
    let (out, err) = (read(out), read(err));
    let err = String::from_utf8(err).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    Done { code: status.code().expect("ended by itself"), out, err }
}

/// `altyaa sandbox --json`, running until dropped.
pub struct RunningSandbox {
    child: Child,
    pub first_line: Value,
}

impl RunningSandbox {
    pub fn start(altyaa: &Altyaa, words: &[&str]) -> Self {
        let mut all = vec!["sandbox", "--json"];
        all.extend(words);
        let mut child = altyaa.command(&all).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, first_line: serde_json::from_str(&line).unwrap() }
    }

    pub fn text(&self, name: &str) -> &str {
        self.first_line[name].as_str().unwrap()
    }

    /// The header that carries a key. Shape: `Authorization: Bearer …`.
    pub fn bearer(&self, name: &str) -> String {
        let keys = self.first_line["credentials"].as_array().unwrap();
        let key = keys.iter().find(|key| key["name"] == name).unwrap();
        format!("Authorization: Bearer {}", key["token"].as_str().unwrap())
    }

    /// Interrupts it and returns its exit code.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> Option<i32> {
        interrupt(&self.child);
        self.child.wait().unwrap().code()
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What Ctrl+C does.
#[cfg(unix)]
pub fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}
