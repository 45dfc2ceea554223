//! The history in numbers: how fast exchanges are committed, and how fast the first pages of searches come.
//!
//! `HISTORY_ROWS` says how many exchanges it has (20,000; the whole proof takes 1,000,000). Under `cargo test` a few
//! are enough to show that it still works.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use altyaa_console::app::{SendWish, Services, run_line};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{
    CredentialChoice, ExchangeId, ExchangeRecord, LogLine, PreparedRequest, RecordedAttempt, RecordedBody,
    RecordedResponse, RecordedTiming, RequestDraft, ulid,
};
use altyaa_console::history::{FILE_NAME, History, HistoryPage, HistoryQuery, HistoryStore, StatusFilter};
use altyaa_console::profile;
use altyaa_console::sandbox::SandboxSettings;
use altyaa_console::secret::{Redacted, Redactor, Rules, Secret};
use altyaa_console::transport::{Limits, SendOptions, cancel_pair, no_hint};
use jiff::Timestamp;

/// The longest that a page may take for 95 of 100 queries.
const TARGET: Duration = Duration::from_millis(50);
/// How many exchanges a second have to be committed.
const RATE: f64 = 2000.0;
/// How much longer than a bare call the whole line may take, in milliseconds.
const LINE_MS: f64 = 2.0;
/// How many queries of each kind are timed.
const RUNS: usize = 60;

const METHODS: [(&str, u64); 5] = [("GET", 55), ("POST", 25), ("PATCH", 10), ("PUT", 6), ("DELETE", 4)];
const STATUSES: [(u16, u64); 12] = [
    (200, 50),
    (201, 12),
    (204, 5),
    (304, 3),
    (400, 10),
    (401, 3),
    (403, 2),
    (404, 6),
    (409, 2),
    (422, 3),
    (429, 3),
    (503, 1),
];
const COMMON: [&str; 24] = [
    "title",
    "content",
    "author",
    "publishAt",
    "draft",
    "message",
    "channel",
    "status",
    "invalid",
    "request",
    "article",
    "workspace",
    "campaign",
    "language",
    "customer",
    "schedule",
    "timestamp",
    "category",
    "published",
    "description",
    "editorial",
    "newsletter",
    "subscriber",
    "attachment",
];

fn main() {
    let is_measuring = std::env::args().any(|argument| argument == "--bench");
    let rows = std::env::var("HISTORY_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: u32 = if is_measuring { rows.unwrap_or(20_000) } else { 500 };
    let runs = if is_measuring { RUNS } else { 3 };
    let dir = tempfile::tempdir().expect("a folder");
    let mut corpus = Corpus::new();
    let mut out = std::io::stdout().lock();
    let mut is_fine = true;

    let begin = Instant::now();
    let mut apart = Corpus::new();
    let made: Vec<ExchangeRecord> = (0..rows.min(5_000)).map(|number| apart.record(number)).collect();
    let making = begin.elapsed();
    let begin = Instant::now();
    let count = made.len();
    for record in made {
        std::hint::black_box(redact(record));
    }
    let _ = writeln!(out, "| redacting one, µs | {:.0} |", begin.elapsed().as_secs_f64() * 1e6 / count as f64);
    let _ = writeln!(
        out,
        "| making one up, not part of the rate's work, µs | {:.0} |",
        making.as_secs_f64() * 1e6 / count as f64
    );

    let (writing, indexing) = steps(rows.min(5_000));
    let _ = writeln!(out, "| writing one, µs | {writing:.0} |");
    let _ = writeln!(out, "| putting the words of one into the index, µs | {indexing:.0} |");

    let (rate, last_rate) = fill(dir.path(), &mut corpus, rows);
    let _ = writeln!(out, "| exchanges, a transaction each, redacted | {rows} |");
    let _ = writeln!(out, "| committed a second, over all | {rate:.0} |");
    let _ = writeln!(out, "| committed a second, the last tenth, over {RATE} wanted | {last_rate:.0} |");
    is_fine &= last_rate > RATE;

    let (bare, line) = the_line(if is_measuring { 300 } else { 3 });
    let _ = writeln!(out, "| a call to the sandbox, p50 / p95 / worst, ms | {} |", spread(bare.clone()));
    let _ = writeln!(out, "| the whole line up to committed, p50 / p95 / worst, ms | {} |", spread(line.clone()));
    let more = ms(median(line)) - ms(median(bare));
    let _ = writeln!(out, "| more than the call, ms, at most {LINE_MS} wanted | {more:.2} |");
    is_fine &= more < LINE_MS;

    let (history, opening) = open(dir.path());
    let _ = writeln!(out, "| opening, ms (median of 5) | {:.1} |", ms(opening));
    let commit = commits(&history, &mut corpus, runs * 4);
    let _ = writeln!(out, "| hand over to committed, one at a time, p50 / p95 / worst, ms | {} |", spread(commit));
    // Words of what was just committed go into the index first.
    std::thread::sleep(Duration::from_millis(300));

    let mut all = Vec::new();
    for (name, queries) in corpus.queries(runs) {
        let (first, second) = pages(&history, &queries);
        let _ = writeln!(out, "| {name}, p50 / p95 / worst, ms | {} |", spread(first.clone()));
        if !second.is_empty() {
            let _ = writeln!(out, "| … page two | {} |", spread(second.clone()));
        }
        all.extend(first);
        all.extend(second);
    }
    let (first, second) = groups(&history, runs);
    let _ = writeln!(out, "| the groups, p50 / p95 / worst, ms | {} |", spread(first.clone()));
    let _ = writeln!(out, "| … page two | {} |", spread(second.clone()));
    all.extend(first);
    all.extend(second);
    let facets = timed(runs, |_| drop(history.facets().expect("facets")));
    let _ = writeln!(out, "| what can be filtered by, p50 / p95 / worst, ms | {} |", spread(facets));
    let deleted = timed(runs, |_| {
        let ids: Vec<String> = history.newest(16).expect("entries").into_iter().map(|entry| entry.id).collect();
        history.delete(&ids).expect("a deletion");
    });
    let _ = writeln!(out, "| deleting 16 exchanges, p50 / p95 / worst, ms | {} |", spread(deleted));
    all.sort();
    let p95 = all[all.len() * 95 / 100];
    let _ = writeln!(out, "| p95 over all pages, ms, under {} wanted | {:.2} |", TARGET.as_millis(), ms(p95));
    let bytes: u64 = ["", "-wal"]
        .iter()
        .filter_map(|end| std::fs::metadata(dir.path().join(format!("{FILE_NAME}{end}"))).ok())
        .map(|about| about.len())
        .sum();
    let _ = writeln!(out, "| file, KiB an exchange | {:.1} |", bytes as f64 / 1024.0 / f64::from(rows));
    is_fine &= p95 < TARGET;
    if is_measuring && !is_fine {
        let _ = writeln!(out, "a target was missed");
        std::process::exit(1);
    }
}

/// What the writer does for one exchange, in microseconds: the commit, and later the words.
fn steps(rows: u32) -> (f64, f64) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = HistoryStore::open(dir.path()).expect("a history");
    let mut corpus = Corpus::new();
    let records: Vec<_> = (0..rows).map(|number| corpus.redacted(number)).collect();
    let (mut writing, mut indexing) = (Duration::ZERO, Duration::ZERO);
    for part in records.chunks(200) {
        let begin = Instant::now();
        for record in part {
            store.insert(record).expect("a commit");
        }
        writing += begin.elapsed();
        let begin = Instant::now();
        while store.index_waiting().expect("an index") {}
        indexing += begin.elapsed();
    }
    let per = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(rows);
    (per(writing), per(indexing))
}

/// A bare call and the whole line from Send to committed, taking turns, against the embedded sandbox.
fn the_line(runs: usize) -> (Vec<Duration>, Vec<Duration>) {
    let dir = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).expect("a data directory");
    let profile = profile::built_in("altyaa").expect("a profile");
    let (services, _) = Services::open(profile, data_dir, Limits::default()).expect("services");
    let services = Arc::new(services);
    let started = runtime.block_on(services.start_sandbox(SandboxSettings::default()));
    let base = started.expect("a sandbox").base;
    let (mut bare, mut line) = (Vec::new(), Vec::new());
    for _ in 0..runs + 10 {
        let request = PreparedRequest {
            method: http::Method::GET,
            url: url::Url::parse(&format!("{base}/v1/posts")).expect("an address"),
            url_template: "/v1/posts".into(),
            headers: Vec::new(),
            origin_headers: Vec::new(),
            body: Arc::from(&b""[..]),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: None,
            secrets: Vec::new(),
        };
        let begin = Instant::now();
        let id = ExchangeId::new(Timestamp::now());
        let (_handle, cancel) = cancel_pair();
        runtime.block_on(services.transport.send(id, request, &SendOptions::default(), cancel, &no_hint, |_| {}));
        bare.push(begin.elapsed());
        let draft = RequestDraft {
            method: "GET".into(),
            url: "/v1/posts".into(),
            environment: "local".into(),
            // Both are refused in the same way, so that the answers are alike.
            credential: CredentialChoice::Nothing,
            ..RequestDraft::default()
        };
        let begin = Instant::now();
        let (_handle, cancel) = cancel_pair();
        runtime.block_on(run_line(&services, draft, SendWish::default(), cancel, |_| {}));
        line.push(begin.elapsed());
    }
    // The first ones open connections.
    (bare.split_off(10), line.split_off(10))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len() - 1)).copied().unwrap_or_default();
    format!("{:.2} / {:.2} / {:.2}", ms(at(50)), ms(at(95)), ms(at(100)))
}

/// Fills a history through the handle, as the program does; returns the rates.
fn fill(dir: &Path, corpus: &mut Corpus, rows: u32) -> (f64, f64) {
    let (history, _) = History::open(dir).expect("a history");
    let begin = Instant::now();
    let mut receipts = VecDeque::new();
    let mut last = begin;
    for number in 0..rows {
        if number == rows / 10 * 9 {
            last = Instant::now();
        }
        receipts.push_back(history.record(corpus.redacted(number)));
        if receipts.len() > 32 {
            receipts.pop_front().expect("one").wait(Duration::from_secs(60)).expect("a commit");
        }
        if number % 100_000 == 99_999 {
            let _ = writeln!(std::io::stderr(), "{} of {rows}, {:.0} s", number + 1, begin.elapsed().as_secs_f64());
        }
    }
    for receipt in receipts {
        receipt.wait(Duration::from_secs(60)).expect("a commit");
    }
    let rate = |count: u32, since: Instant| f64::from(count) / since.elapsed().as_secs_f64();
    (rate(rows, begin), rate(rows - rows / 10 * 9, last))
}

fn open(dir: &Path) -> (History, Duration) {
    let mut times = Vec::new();
    let mut opened = None;
    for _ in 0..5 {
        drop(opened.take());
        let begin = Instant::now();
        let (history, notice) = History::open(dir).expect("a history");
        assert!(notice.is_none(), "{notice:?}");
        times.push(begin.elapsed());
        opened = Some(history);
    }
    times.sort();
    (opened.expect("opened"), times[2])
}

fn commits(history: &History, corpus: &mut Corpus, runs: usize) -> Vec<Duration> {
    let begin = corpus.next;
    timed(runs, |run| {
        let record = corpus.redacted(begin + run as u32);
        history.record(record).wait(Duration::from_secs(10)).expect("a commit");
    })
}

fn timed(runs: usize, mut act: impl FnMut(usize)) -> Vec<Duration> {
    let mut time = |run| {
        let begin = Instant::now();
        act(run);
        begin.elapsed()
    };
    (0..runs).map(&mut time).collect()
}

fn pages(history: &History, queries: &[HistoryQuery]) -> (Vec<Duration>, Vec<Duration>) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for is_warm in [false, true] {
        for query in queries {
            let (page, time) = page(history, query);
            if is_warm {
                first.push(time);
            }
            if let Some(next) = page.next {
                let (_, time) = self::page(history, &HistoryQuery { before: Some(next), ..query.clone() });
                if is_warm {
                    second.push(time);
                }
            }
        }
    }
    (first, second)
}

fn page(history: &History, query: &HistoryQuery) -> (HistoryPage, Duration) {
    let begin = Instant::now();
    let page = history.search(query).expect("a page");
    (page, begin.elapsed())
}

fn groups(history: &History, runs: usize) -> (Vec<Duration>, Vec<Duration>) {
    let mut next = None;
    let first = timed(runs, |_| next = history.groups(None, 50).expect("groups").next);
    let second = timed(runs, |_| drop(history.groups(next, 50).expect("groups")));
    (first, second)
}

/// Makes calls like those of an API for publishing; the same ones in every run.
struct Corpus {
    random: u64,
    words: Vec<String>,
    /// How often each word and those before it are used, after Zipf.
    weights: Vec<f64>,
    ids: Vec<String>,
    next: u32,
}

impl Corpus {
    fn new() -> Self {
        let mut corpus = Self { random: 7, words: Vec::new(), weights: Vec::new(), ids: Vec::new(), next: 0 };
        corpus.words.extend(COMMON.iter().map(|word| (*word).to_owned()));
        while corpus.words.len() < 60_000 {
            let syllables = 2 + corpus.below(3);
            let word: String = (0..syllables)
                .map(|_| {
                    let (c, v) = (corpus.below(17) as usize, corpus.below(5) as usize);
                    format!("{}{}", &"bcdfghklmnprstvwz"[c..=c], &"aeiou"[v..=v])
                })
                .collect();
            corpus.words.push(word);
        }
        let mut sum = 0.0;
        for rank in 0..corpus.words.len() {
            sum += 1.0 / (rank as f64 + 2.7);
            corpus.weights.push(sum);
        }
        corpus
    }

    /// SplitMix64.
    fn number(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    fn pick<T: Copy>(&mut self, of: &[(T, u64)]) -> T {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in of {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        of[0].0
    }

    fn word(&mut self) -> String {
        let sum = self.weights.last().copied().unwrap_or(1.0);
        let at = self.number() as f64 / u64::MAX as f64 * sum;
        let rank = self.weights.partition_point(|weight| *weight < at).min(self.words.len() - 1);
        self.words[rank].clone()
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn random_id(&mut self, at: Timestamp) -> String {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.number().to_be_bytes());
        random[8..].copy_from_slice(&self.number().to_be_bytes()[..2]);
        ulid(at, random)
    }

    fn uuid(&mut self) -> String {
        let hex = format!("{:016x}{:016x}", self.number(), self.number());
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// A redacted exchange.
    fn redacted(&mut self, number: u32) -> Redacted<ExchangeRecord> {
        self.next = self.next.max(number + 1);
        redact(self.record(number))
    }

    fn record(&mut self, number: u32) -> ExchangeRecord {
        let at = Timestamp::from_millisecond(1_760_000_000_000 + i64::from(number) * 700).expect("a time");
        let (method, status) = (self.pick(&METHODS), self.pick(&STATUSES));
        let host_rank = self.below(6) * self.below(6);
        let environment = ["production", "sandbox", "local"][(host_rank % 3) as usize];
        let host = format!("api{host_rank}.example.com");
        let code = (status >= 400).then(|| {
            let codes =
                ["invalid_request", "not_found", "rate_limited", "insufficient_scope", "conflict", "slug_taken"];
            codes[(u64::from(status) + self.below(2)) as usize % codes.len()].to_owned()
        });
        let field = code.as_ref().filter(|code| *code == "invalid_request").map(|_| self.word());
        let (request_id, trace) = (format!("req_{}", self.random_id(at)), self.uuid());
        if number.is_multiple_of(97) {
            self.ids.push(if number.is_multiple_of(2) { request_id.clone() } else { trace.clone() });
        }
        let resource = self.word();
        let url = format!("https://{host}/v1/{resource}/{}?page={}", self.below(100_000), self.below(40));
        let message = code.as_ref().map(|_| self.text(8));
        let request = if method == "GET" {
            String::new()
        } else {
            let (title, content, author) = (self.text(6), self.text(60), self.word());
            format!(
                "{{\"title\": \"{title}\", \"content\": \"{content}\", \"author\": \"{author}\", \"priority\": {number}}}"
            )
        };
        let response = match &code {
            Some(code) => format!(
                "{{\"error\": {{\"code\": \"{code}\", \"message\": \"{}\", \"details\": {{\"field\": \"{}\"}}}}, \"request_id\": \"{request_id}\"}}",
                message.as_deref().unwrap_or_default(),
                field.as_deref().unwrap_or_default(),
            ),
            None => {
                let items: Vec<String> = (0..8)
                    .map(|_| {
                        format!(
                            "{{\"id\": {}, \"name\": \"{}\", \"summary\": \"{}\"}}",
                            self.below(1_000_000),
                            self.word(),
                            self.text(9)
                        )
                    })
                    .collect();
                format!("{{\"items\": [{}], \"next\": null}}", items.join(", "))
            }
        };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let timing = RecordedTiming { total_ms: self.below(900) as f64, ..RecordedTiming::default() };
        ExchangeRecord {
            id: self.random_id(at),
            started_at: at.to_string(),
            environment: environment.into(),
            profile: "altyaa".into(),
            method: method.into(),
            url_template: url.clone(),
            url,
            request_headers: vec![
                header("accept", "application/json"),
                header("user-agent", "altyaa-console/0.1.0"),
                header("content-type", "application/json"),
                header("idempotency-key", &self.uuid()),
                header("authorization", "Bearer alt_live_4f9a8b7c6d5e4f3a2b1c0d9e"),
            ],
            request_body: body(request),
            credential: Some("editor".into()),
            workspace: Some("ws_1".into()),
            response: Some(RecordedResponse {
                status,
                reason: None,
                http_version: "HTTP/2.0".into(),
                headers: vec![
                    header("content-type", "application/json"),
                    header("date", "Wed, 25 Nov 2026 10:00:00 GMT"),
                    header("server", "nginx"),
                    header("x-request-id", &request_id),
                    header("x-trace-id", &trace),
                    header("x-ratelimit-remaining", &self.below(1000).to_string()),
                ],
                trailers: Vec::new(),
                encodings: vec!["gzip".into()],
                wire_bytes: response.len() as u64 / 3,
                body: body(response),
                is_truncated: false,
            }),
            transport_error: None,
            timing,
            attempts: vec![RecordedAttempt {
                n: 1,
                started_at: at.to_string(),
                status: Some(status),
                transport_error: None,
                timing,
                waited_ms: 0.0,
                why: None,
                connection: None,
                redirects: Vec::new(),
                request_id: Some(request_id.clone()),
                retry_after_s: None,
            }],
            redirects: Vec::new(),
            advice: None,
            log: vec![
                LogLine { at_ms: 0, text: format!("connected to {host}") },
                LogLine { at_ms: 40, text: format!("request id {request_id} (header x-request-id)") },
            ],
            diagnosis: None,
            code,
            field,
            message,
            request_id: Some(request_id),
        }
    }

    /// The kinds of queries that are timed, each with other words.
    fn queries(&mut self, runs: usize) -> Vec<(&'static str, Vec<HistoryQuery>)> {
        let text = |text: String| HistoryQuery { text, ..HistoryQuery::default() };
        let common = |run: usize| COMMON[run % COMMON.len()].to_owned();
        let status = |run: usize| Some(StatusFilter::Exact(STATUSES[run % STATUSES.len()].0));
        let ids = self.ids.clone();
        let id = |run: usize| ids[(run * 7919) % ids.len()].clone();
        let ranks: Vec<usize> = (0..runs).map(|_| 3_000 + self.below(50_000) as usize).collect();
        let rare: Vec<String> = ranks.into_iter().map(|rank| self.words[rank].clone()).collect();
        let head = |word: String, letters: usize| word.chars().take(letters).collect::<String>();
        let all = |make: &dyn Fn(usize) -> HistoryQuery| (0..runs).map(make).collect::<Vec<_>>();
        vec![
            ("a request id", all(&|run| text(id(run)))),
            ("a rare word", all(&|run| text(rare[run].clone()))),
            ("a common word", all(&|run| text(common(run)))),
            ("a common word and a status", all(&|run| HistoryQuery { status: status(run), ..text(common(run)) })),
            (
                "a filter that matches nothing",
                all(&|run| match run % 3 {
                    0 => HistoryQuery {
                        status: Some(StatusFilter::Exact(200)),
                        code: Some("not_found".into()),
                        ..text(common(run))
                    },
                    1 => HistoryQuery { host: Some("nowhere.example.com".into()), ..text(common(run)) },
                    _ => HistoryQuery {
                        environment: Some("sandbox".into()),
                        host: Some("api9.example.com".into()),
                        ..text(String::new())
                    },
                }),
            ),
            ("three letters", all(&|run| text(head(if run % 2 == 0 { common(run) } else { rare[run].clone() }, 3)))),
            ("five letters of a common word", all(&|run| text(head(common(run), 5)))),
            ("five letters of a rare word", all(&|run| text(head(rare[run].clone(), 5)))),
            ("two common words", all(&|run| text(format!("{} {}", common(run), common(run + 5))))),
            ("invalid_request as it is typed", all(&|run| text(head("invalid_request".into(), 4 + run % 12)))),
            ("a status", all(&|run| HistoryQuery { status: status(run), ..text(String::new()) })),
            (
                "failures of a class and a common word",
                all(&|run| HistoryQuery {
                    status: Some(StatusFilter::Class(4)),
                    is_failure: true,
                    ..text(common(run))
                }),
            ),
            (
                "method, host and status",
                all(&|run| HistoryQuery {
                    method: Some(METHODS[run % 5].0.into()),
                    host: Some(format!("api{}.example.com", run % 7)),
                    status: status(run / 2),
                    ..text(String::new())
                }),
            ),
            (
                "a common word in a time long ago",
                all(&|run| HistoryQuery {
                    since: Timestamp::from_millisecond(1_760_000_000_000 + run as i64 * 1_000_000).ok(),
                    until: Timestamp::from_millisecond(1_760_000_000_000 + run as i64 * 1_000_000 + 600_000).ok(),
                    ..text(common(run))
                }),
            ),
            ("everything", all(&|_| HistoryQuery::default())),
        ]
    }
}

/// With the redactor that the line makes for each.
fn redact(record: ExchangeRecord) -> Redacted<ExchangeRecord> {
    let known = vec![("editor".to_owned(), Secret::new("alt_live_4f9a8b7c6d5e4f3a2b1c0d9e".to_owned()))];
    Redactor::new(Rules::built_in(), known).redact(record)
}

fn body(text: String) -> RecordedBody {
    RecordedBody { len_bytes: text.len() as u64, text, is_binary: false, is_cut: false }
}
