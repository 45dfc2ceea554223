//! Runs the program once for people and once as JSON, and compares what it says with the golden file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::cli::program::{Altyaa, Done, finished};
use crate::faults::certificates::Authority;

/// Stands in the query and in the `Authorization` header of every request here, and may be read nowhere.
pub const CANARY: &str = "canary_q7Xw93LmZt";

/// Words of libraries that nobody is to read.
const LIBRARY_WORDS: [&str; 9] = [
    "hyper",
    "reqwest",
    "rustls",
    "h2::",
    "os error",
    "error sending",
    "error trying",
    "message completed",
    "Custom {",
];

/// One run of the program.
#[derive(Clone)]
pub struct Case {
    name: &'static str,
    method: &'static str,
    url: String,
    words: Vec<String>,
    env: Vec<(String, String)>,
    is_counted: bool,
    is_once: bool,
    other: Option<(&'static str, &'static str)>,
}

/// GET from that address, to which the canary's query is added.
pub fn case(name: &'static str, url: String) -> Case {
    let (words, env) = (Vec::new(), Vec::new());
    Case { name, method: "GET", url, words, env, is_counted: false, is_once: false, other: None }
}

impl Case {
    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// Flags of `altyaa send`.
    pub fn with(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|&word| word.to_owned()));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// How many bytes came until then is a matter of time, and replaced.
    pub fn counted(self) -> Self {
        Self { is_counted: true, ..self }
    }

    /// Asks only once: the server answers differently the second time.
    pub fn once(self) -> Self {
        Self { is_once: true, ..self }
    }

    /// Where these words are said, they are as that golden has them: who was faster is not for us to say.
    pub fn or(self, words: &'static str, name: &'static str) -> Self {
        Self { other: Some((words, name)), is_once: true, ..self }
    }
}

/// A folder for a test's files, and what was not as its golden says.
pub struct Told {
    pub altyaa: Altyaa,
    wrong: Vec<String>,
}

impl Told {
    pub fn new() -> Self {
        let altyaa = Altyaa::new();
        // The machine's trust store is this one CA, which signed nothing here: no test depends on whose machine it is.
        altyaa.file("system-cas.pem", Authority::new("System Root").pem());
        Self { altyaa, wrong: Vec::new() }
    }

    pub fn path(&self) -> &Path {
        self.altyaa.dir.path()
    }

    /// Runs the case and compares; returns the JSON, which is null for a case that asks only once.
    pub async fn add(&mut self, case: Case) -> Value {
        let (done, json) = if case.is_once {
            (self.run(&case, &[]).await, Value::Null)
        } else {
            let (done, json) = tokio::join!(self.run(&case, &[]), self.run(&case, &["--json", "--quiet"]));
            assert_eq!(done.code, json.code, "{}: {done:?}\n{json:?}", case.name);
            let json = json.json();
            self.check_error(&case, &done, &json["transport_error"]);
            (done, json)
        };
        self.compare(&case, &done, &json);
        json
    }

    /// Runs the case as JSON alone, without a golden.
    pub async fn json(&self, case: &Case) -> (i32, Value) {
        let done = self.run(case, &["--json", "--quiet"]).await;
        (done.code, done.json())
    }

    /// Runs the case for people alone, without a golden.
    pub async fn run(&self, case: &Case, more: &[&str]) -> Done {
        let separator = if case.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{separator}token={CANARY}", case.url);
        let header = format!("Authorization: Bearer {CANARY}");
        let data = tempfile::tempdir_in(self.path()).unwrap();
        let at = |name: &str| data.path().join(name).to_str().unwrap().to_owned();
        let mut words = vec!["--data-dir".to_owned(), at("data"), "send".into(), case.method.into(), url];
        words.extend(["-H".into(), header, "--no-credential".into()]);
        words.extend(case.words.iter().cloned());
        words.extend(more.iter().map(|&word| word.to_owned()));
        let mut command = self.altyaa.command(&words);
        command.env("ALTYAA_CACHE_DIR", at("cache")).env("SSL_CERT_FILE", self.path().join("system-cas.pem"));
        command.envs(case.env.iter().map(|(name, value)| (name, value)));
        let running = command.spawn().unwrap();
        let done = tokio::task::spawn_blocking(move || finished(running, b"")).await.unwrap();
        for bytes in [&done.out[..], done.err.as_bytes()] {
            assert!(!holds(bytes, CANARY), "{} tells the canary: {done:?}", case.name);
        }
        for (name, bytes) in files(data.path()) {
            assert!(!holds(&bytes, CANARY), "{}: the canary is in {}", case.name, name.display());
        }
        done
    }

    /// What holds for every failure, whatever its words are.
    fn check_error(&self, case: &Case, done: &Done, error: &Value) {
        if error.is_null() {
            // What was cut as allowed is not the whole answer, though nothing failed.
            let is_cut = String::from_utf8_lossy(&done.out).contains("… cut after ");
            assert_eq!(done.code == 3, is_cut, "{}: {done:?}", case.name);
            return;
        }
        assert_eq!(done.code, 3, "{}: {done:?}", case.name);
        let text = |name: &str| error[name].as_str().unwrap_or_default();
        for name in ["summary", "seen", "meaning", "fix"] {
            let said = text(name);
            assert!(!said.is_empty() && !said.ends_with('.') && !said.contains('\n'), "{}: {error}", case.name);
        }
        // Both runs met the same: a failure that is told now so and now so is not explained.
        let human = self.normalised(&String::from_utf8_lossy(&done.out), case.is_counted);
        for name in ["summary", "seen", "meaning", "fix"] {
            let said = self.normalised(text(name), case.is_counted);
            assert!(human.contains(&said), "{}: `{said}` is not in {done:?}", case.name);
        }
        for word in LIBRARY_WORDS {
            let all = error.to_string();
            assert!(!all.contains(word), "{}: `{word}` in {error}", case.name);
        }
        for name in ["layer", "kind"] {
            let word = text(name);
            assert!(!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{error}");
        }
    }

    fn compare(&mut self, case: &Case, done: &Done, json: &Value) {
        let error = &json["transport_error"];
        let layer = match (error["layer"].as_str(), error["kind"].as_str()) {
            (Some(layer), Some(kind)) => format!(", {layer} {kind}"),
            _ => String::new(),
        };
        let env: String = case.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
        let words: String = case.words.iter().map(|word| format!(" {}", quoted(word))).collect();
        // What the program says of it was looked at already; this is what the person typed.
        let words = words.replace(CANARY, "…");
        let output = String::from_utf8(done.out.clone()).unwrap();
        let text = format!(
            "$ {env}altyaa send {} {}{words}\n\n{}{}\nexit {}{layer}\n",
            case.method, case.url, done.err, output, done.code
        );
        let text = self.normalised(&text, case.is_counted);
        let other = case.other.filter(|(words, _)| text.contains(words)).map(|(_, name)| name);
        let path = folder().join(format!("{}.txt", other.unwrap_or(case.name)));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, text).unwrap();
            return;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != text {
            self.wrong.push(format!("{}\n{}", path.display(), differences(&expected, &text)));
        }
    }

    fn normalised(&self, text: &str, is_counted: bool) -> String {
        let mut text = text.replace(self.path().to_str().unwrap(), "DIR");
        let rules = [
            (r"(127\.0\.0\.1|localhost|[a-z]+\.test|\[::1\]):[0-9]+", "$1:PORT"),
            (r"exchange [0-9A-Z]{26}", "exchange ID"),
            (r"[0-9.]+ ms", "N ms"),
            (r"[0-9]+ days ago", "N days ago"),
            (r"clock says [0-9TZ:.-]+", "clock says NOW"),
            // Chance decides how long is waited.
            (r" in [0-9.]+ s: ", " in N s: "),
            // Each system has words of its own.
            (r"The system said: .*", "The system said: WORDS"),
        ];
        for (pattern, to) in rules {
            text = Regex::new(pattern).unwrap().replace_all(&text, to).into_owned();
        }
        if is_counted {
            text = Regex::new("[0-9]+ bytes?( too early)?").unwrap().replace_all(&text, "N bytes$1").into_owned();
            text = Regex::new("xxx+").unwrap().replace_all(&text, "x and so on").into_owned();
        }
        // The log's column of milliseconds.
        Regex::new("(?m)^ +N ms  ").unwrap().replace_all(&text, "  N ms  ").into_owned()
    }

    /// To be called last: fails with everything that is not as its golden says.
    #[track_caller]
    pub fn end(self) {
        assert!(
            self.wrong.is_empty(),
            "{} goldens differ; UPDATE_GOLDEN=1 writes them, and then read each\n\n{}",
            self.wrong.len(),
            self.wrong.join("\n\n")
        );
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/golden_failures")
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// A word as one types it.
fn quoted(word: &str) -> String {
    if word.contains([' ', '*']) { format!("'{word}'") } else { word.to_owned() }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            all.push((path, bytes));
        }
    }
    all
}

/// Lines that only one of them has, in order, with the common ones before them for orientation.
fn differences(expected: &str, text: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), text.lines().collect());
    let mut out = Vec::new();
    for at in 0..old.len().max(new.len()) {
        match (old.get(at), new.get(at)) {
            (Some(old), Some(new)) if old == new => out.push(format!("    {old}")),
            (old, new) => {
                out.extend(old.map(|line| format!("  - {line}")));
                out.extend(new.map(|line| format!("  + {line}")));
            }
        }
    }
    out.join("\n")
}

#[test]
fn every_golden_belongs_to_a_case() {
    let sources = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/failures")).unwrap();
    let sources: String = sources.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".txt").unwrap_or_else(|| panic!("{name} is no golden")).to_owned();
        assert!(sources.contains(&format!("\"{name}\"")), "{name}.txt belongs to no case");
        names.insert(name);
    }
    assert!(names.len() >= 100, "{}", names.len());
}
