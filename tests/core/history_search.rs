//! What is searched is found, newest first, whatever was typed; filters, pages, groups and counters agree with the rows.

use std::collections::BTreeSet;

use altyaa_console::exchange::{ExchangeRecord, RecordedBody, RecordedResponse, RecordedTiming, ulid};
use altyaa_console::history::{HistoryQuery, HistoryStore, StatusFilter};
use altyaa_console::secret::{Redacted, Redactor, Rules};
use jiff::Timestamp;
use proptest::prelude::*;

/// A call whose every part can be set; redacted by the real redactor.
#[derive(Clone)]
pub struct Call {
    pub number: u32,
    pub method: &'static str,
    pub url: String,
    pub environment: &'static str,
    pub status: Option<u16>,
    pub code: Option<&'static str>,
    pub field: Option<&'static str>,
    pub request: String,
    pub response: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Call {
    pub fn new(number: u32) -> Self {
        Self {
            number,
            method: "GET",
            url: format!("https://api.example.com/v1/posts/{number}"),
            environment: "production",
            status: Some(200),
            code: None,
            field: None,
            request: String::new(),
            response: "{}".into(),
            headers: Vec::new(),
        }
    }

    pub fn id(&self) -> String {
        let number = self.number.to_be_bytes();
        ulid(self.at(), [7, 7, 7, 7, 7, 7, number[0], number[1], number[2], number[3]])
    }

    pub fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(1_760_000_000_000 + i64::from(self.number) * 1000).unwrap()
    }

    pub fn record(&self) -> Redacted<ExchangeRecord> {
        let body = |text: &str| RecordedBody {
            text: text.into(),
            len_bytes: text.len() as u64,
            is_binary: false,
            is_cut: false,
        };
        let record = ExchangeRecord {
            id: self.id(),
            started_at: self.at().to_string(),
            environment: self.environment.into(),
            profile: "altyaa".into(),
            method: self.method.into(),
            url: self.url.clone(),
            url_template: self.url.clone(),
            request_headers: vec![("accept".into(), "application/json".into())],
            request_body: body(&self.request),
            credential: Some("editor".into()),
            workspace: None,
            response: self.status.map(|status| RecordedResponse {
                status,
                reason: None,
                http_version: "HTTP/1.1".into(),
                headers: self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
                trailers: Vec::new(),
                encodings: Vec::new(),
                body: body(&self.response),
                wire_bytes: 2,
                is_truncated: false,
            }),
            transport_error: None,
            timing: RecordedTiming { total_ms: 12.0, ..RecordedTiming::default() },
            attempts: Vec::new(),
            redirects: Vec::new(),
            advice: None,
            log: Vec::new(),
            diagnosis: None,
            code: self.code.map(str::to_owned),
            field: self.field.map(str::to_owned),
            message: None,
            request_id: None,
        };
        Redactor::new(Rules::built_in(), Vec::new()).redact(record)
    }
}

fn query(text: &str) -> HistoryQuery {
    HistoryQuery { text: text.into(), ..HistoryQuery::default() }
}

fn ids(store: &HistoryStore, query: &HistoryQuery) -> Vec<String> {
    store.search(query).unwrap().entries.into_iter().map(|entry| entry.id).collect()
}

fn index_all(store: &mut HistoryStore) {
    while store.index_waiting().unwrap() {}
}

#[test]
fn words_are_found_wherever_they_stand_before_and_behind_the_index() {
    let mut store = HistoryStore::in_memory().unwrap();
    let mut call = Call::new(1);
    call.request = "{\"title\": \"Grüße aus Zürich\", \"note\": \"テスト данные\", \"tag\": \"it\"}".into();
    call.response = "{\"error\": {\"code\": \"invalid_request\", \"hint\": \"publishAt lies in the past\"}}".into();
    call.code = Some("invalid_request");
    call.field = Some("publishAt");
    call.status = Some(400);
    call.headers = vec![
        ("X-Request-Id", "req_01JD8Q6Z4N5T0V9M2K7B3C8D1E".into()),
        ("X-Trace", "6f1f9a40-3f0b-4a52-9a61-2b7b7b0a1c11".into()),
        ("Server", "nginx/1.25".into()),
    ];
    store.insert(&Call::new(0).record()).unwrap();
    store.insert(&call.record()).unwrap();
    for stage in ["waiting", "indexed"] {
        for text in [
            "invalid_request",
            "inval",
            "INVALID",
            "publishAt",
            "publ",
            "past",
            "req_01JD8Q6Z4N5T0V9M2K7B3C8D1E",
            "01JD8Q6Z",
            "6f1f9a40-3f0b-4a52-9a61-2b7b7b0a1c11",
            "x-request-id",
            "nginx",
            "nginx/1.25",
            "grusse",
            "Grüße",
            "zurich",
            "тест данн",
            "данн",
            "テスト",
            "it",
            "400",
            "posts/1",
            "editor x-trace",
            "publishAt past inv",
            &call.id(),
            &call.id().to_lowercase(),
        ] {
            // A folded sharp s is no double s, and the words of another text are not found.
            let expected: &[String] = if ["grusse", "тест данн"].contains(&text) { &[] } else { &[call.id()] };
            assert_eq!(ids(&store, &query(text)), expected, "{text} ({stage})");
        }
        assert_eq!(ids(&store, &query("in")), [call.id()], "two letters are a whole word ({stage})");
        for text in ["pu", "nvalid", "zzz", "***", "\"", "invalid_code"] {
            assert_eq!(ids(&store, &query(text)), Vec::<String>::new(), "{text} ({stage})");
        }
        assert_eq!(ids(&store, &query("v1")).len(), 2);
        assert_eq!(ids(&store, &query("  ")).len(), 2);
        index_all(&mut store);
    }
}

/// Many calls of a few hosts, methods, statuses and codes.
fn many(count: u32) -> (HistoryStore, Vec<Call>) {
    let mut store = HistoryStore::in_memory().unwrap();
    let calls: Vec<Call> = (0..count)
        .map(|number| {
            let mut call = Call::new(number);
            call.method = ["GET", "POST", "DELETE"][number as usize % 3];
            call.url = format!("https://h{}.example.com/v1/posts/{number}", number % 5);
            call.environment = ["production", "sandbox"][number as usize % 2];
            (call.status, call.code) = match number % 7 {
                0 => (Some(400), Some("invalid_request")),
                1 => (Some(404), Some("not_found")),
                2 => (Some(503), None),
                3 => (None, Some("refused")),
                _ => (Some(200), None),
            };
            call.request = format!("{{\"common\": \"commonplace\", \"every{}\": \"x\"}}", number % 10);
            call
        })
        .collect();
    for call in &calls {
        store.insert(&call.record()).unwrap();
        if call.number % 97 == 0 {
            index_all(&mut store);
        }
    }
    (store, calls)
}

fn expected(calls: &[Call], is_wanted: impl Fn(&Call) -> bool) -> Vec<String> {
    calls.iter().rev().filter(|call| is_wanted(call)).map(Call::id).collect()
}

/// All pages of a query.
fn all_pages(store: &HistoryStore, mut query: HistoryQuery) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let page = store.search(&query).unwrap();
        assert!(page.entries.len() <= query.limit as usize);
        all.extend(page.entries.into_iter().map(|entry| entry.id));
        match page.next {
            Some(next) => query.before = Some(next),
            None => return all,
        }
    }
}

#[test]
fn filters_and_words_give_what_looking_at_every_row_gives() {
    let (store, calls) = many(700);
    let host = |number: u32| format!("h{number}.example.com");
    let all = |query: HistoryQuery| all_pages(&store, query);
    let base = || HistoryQuery { limit: 33, ..HistoryQuery::default() };
    assert_eq!(all(base()), expected(&calls, |_| true));
    let post = HistoryQuery { method: Some("POST".into()), ..base() };
    assert_eq!(all(post.clone()), expected(&calls, |call| call.method == "POST"));
    let text = |text: &str, query: &HistoryQuery| HistoryQuery { text: text.into(), ..query.clone() };
    for word in ["com", "comm", "commonpl", "commonplace ", "common"] {
        assert_eq!(all(text(word, &post)), expected(&calls, |call| call.method == "POST"), "{word}");
    }
    assert_eq!(all(text("every3", &post)), expected(&calls, |call| call.method == "POST" && call.number % 10 == 3));
    let class = HistoryQuery { status: Some(StatusFilter::Class(4)), host: Some(host(2)), ..base() };
    assert_eq!(
        all(text("ever", &class)),
        expected(&calls, |call| call.status.is_some_and(|s| s / 100 == 4) && call.number % 5 == 2)
    );
    let exact = HistoryQuery { status: Some(StatusFilter::Exact(503)), environment: Some("sandbox".into()), ..base() };
    assert_eq!(all(exact), expected(&calls, |call| call.status == Some(503) && call.environment == "sandbox"));
    let code = HistoryQuery { code: Some("refused".into()), ..base() };
    assert_eq!(all(code), expected(&calls, |call| call.code == Some("refused")));
    let failed = HistoryQuery { is_failure: true, ..base() };
    let is_failure = |call: &Call| call.code.is_some() || call.status.is_some_and(|status| status >= 400);
    assert_eq!(all(failed.clone()), expected(&calls, is_failure));
    let since = HistoryQuery { since: Some(calls[100].at()), until: Some(calls[600].at()), ..failed };
    assert_eq!(all(since.clone()), expected(&calls, |call| is_failure(call) && (100..600).contains(&call.number)));
    assert_eq!(
        all(text("every7", &since)),
        expected(&calls, |call| is_failure(call) && (100..600).contains(&call.number) && call.number % 10 == 7)
    );
    for nothing in [
        HistoryQuery { method: Some("POST'".into()), ..base() },
        HistoryQuery { status: Some(StatusFilter::Exact(400)), code: Some("not_found".into()), ..base() },
        HistoryQuery { since: Some(Timestamp::MAX), ..base() },
        HistoryQuery { until: Some(Timestamp::MIN), ..base() },
    ] {
        assert_eq!(all(nothing.clone()), Vec::<String>::new());
        assert_eq!(all(text("common", &nothing)), Vec::<String>::new());
    }
}

#[test]
fn groups_and_counts_are_those_of_the_rows() {
    let (mut store, calls) = many(350);
    let page = store.groups(None, 100).unwrap();
    let count: u64 = page.groups.iter().map(|group| group.count).sum();
    assert_eq!(count, calls.iter().filter(|call| call.number % 7 < 4).count() as u64);
    let group = page.groups.iter().find(|g| g.code.as_deref() == Some("invalid_request") && g.method == "GET").unwrap();
    assert_eq!((group.endpoint.as_str(), group.field.as_deref()), ("/v1/posts/{id}", None));
    let of_group = expected(&calls, |call| call.number % 7 == 0 && call.number % 3 == 0);
    assert_eq!((group.count, &group.last_id), (of_group.len() as u64, &of_group[0]));
    let query = HistoryQuery { group: Some(group.id), limit: 7, ..HistoryQuery::default() };
    assert_eq!(all_pages(&store, query), of_group);
    let unnamed = page.groups.iter().find(|group| group.status == Some(503)).unwrap();
    assert_eq!(unnamed.code, None);
    // Pages of groups.
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.groups(before, 3).unwrap();
        seen.extend(page.groups);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, page.groups);
    // What is deleted counts no longer; what is put back does.
    let facets = store.facets().unwrap();
    let totals = store.totals().unwrap();
    index_all(&mut store);
    let deleted = store.delete(&of_group[..2]).unwrap();
    assert_eq!(deleted, of_group[..2]);
    let page = store.groups(None, 100).unwrap();
    let after = page.groups.iter().find(|g| g.id == group.id).unwrap();
    assert_eq!((after.count, &after.last_id), (group.count - 2, &of_group[2]));
    assert_ne!(store.facets().unwrap(), facets);
    assert_eq!(store.totals().unwrap().0, totals.0 - 2);
    assert!(store.load(&of_group[0]).unwrap().is_none());
    let found: BTreeSet<String> =
        all_pages(&store, HistoryQuery { text: "commonplace".into(), ..HistoryQuery::default() }).into_iter().collect();
    assert!(found.len() == 348 && !found.contains(&of_group[0]));
    assert_eq!(store.undelete(&deleted).unwrap(), 2);
    assert_eq!(store.facets().unwrap(), facets);
    assert_eq!(store.totals().unwrap(), totals);
    assert_eq!(store.groups(None, 100).unwrap().groups.iter().find(|g| g.id == group.id), Some(group));
    assert_eq!(all_pages(&store, query_of("commonplace")).len(), 350);
}

fn query_of(text: &str) -> HistoryQuery {
    HistoryQuery { text: text.into(), ..HistoryQuery::default() }
}

#[test]
fn pins_and_notes_stay_with_their_entry() {
    let (mut store, calls) = many(60);
    let id = calls[10].id();
    let note = |text: &str| Redactor::new(Rules::built_in(), Vec::new()).redact(text.to_owned());
    assert!(store.set_pinned(&id, true).unwrap());
    assert!(!store.set_pinned("nothing", true).unwrap());
    assert!(store.set_note(&id, &note("ask Ann about the flibbertigibbet")).unwrap());
    for _ in 0..2 {
        assert_eq!(ids(&store, &query("flibb")), *std::slice::from_ref(&id));
        let pinned = HistoryQuery { is_pinned: true, ..query("commonpl") };
        assert_eq!(ids(&store, &pinned), *std::slice::from_ref(&id));
        assert_eq!(ids(&store, &HistoryQuery { is_pinned: true, ..query("nowhere") }), Vec::<String>::new());
        index_all(&mut store);
    }
    // The same exchange written again keeps both.
    store.insert(&calls[10].record()).unwrap();
    let entry = store.entry(&id).unwrap().unwrap();
    assert_eq!((entry.pinned, entry.note.as_deref()), (true, Some("ask Ann about the flibbertigibbet")));
    assert_eq!(ids(&store, &query("flibb")), *std::slice::from_ref(&id));
    assert!(store.set_note(&id, &note(" ")).unwrap());
    index_all(&mut store);
    assert_eq!(ids(&store, &query("flibb")), Vec::<String>::new());
    assert_eq!(store.entry(&id).unwrap().unwrap().note, None);
}

#[test]
fn the_last_good_call_is_of_the_same_endpoint_and_before() {
    let mut store = HistoryStore::in_memory().unwrap();
    let call =
        |number: u32, status: u16, url: &str| Call { status: Some(status), url: url.to_owned(), ..Call::new(number) };
    let calls = [
        call(1, 200, "https://h/v1/posts/1"),
        call(2, 200, "https://h/v1/posts/2"),
        call(3, 200, "https://h/v1/users/2"),
        call(4, 404, "https://h/v1/posts/4"),
        call(5, 200, "https://h/v1/posts/5"),
    ];
    for call in &calls {
        store.insert(&call.record()).unwrap();
    }
    assert_eq!(store.last_good(&calls[3].id()).unwrap(), Some(calls[1].id()));
    store.delete(&[calls[1].id()]).unwrap();
    assert_eq!(store.last_good(&calls[3].id()).unwrap(), Some(calls[0].id()));
    assert_eq!(store.last_good(&calls[0].id()).unwrap(), None);
    assert_eq!(store.last_good("nothing").unwrap(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_typed_is_an_error(text in "\\PC*|[\"'*^(){}:\\-+ a-z\0\u{f8ff}]{0,30}|(AND|OR|NOT|NEAR|\"| |head:|x)*") {
        let mut store = HistoryStore::in_memory().unwrap();
        let mut call = Call::new(1);
        call.request = text.clone();
        store.insert(&call.record()).unwrap();
        let waiting = ids(&store, &query(&text));
        index_all(&mut store);
        let indexed = ids(&store, &query(&text));
        // SQLite's tables of letters are of another Unicode version than Rust's.
        if text.chars().all(|c| c < '\u{250}') {
            prop_assert_eq!(waiting, indexed);
        }
    }
}
