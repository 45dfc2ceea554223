//! What guided actions ask the API, against the real sandbox: ids, the latest state, free slugs.

use std::sync::Arc;

use altyaa_console::app::asks::{
    AskFrom, IdSource, Latest, PlannedGet, Verdict, fetch_latest, fetch_pages, ids_of, merge_rows, merged, next_slug,
    other_workspaces, planned, planned_latest, planned_list, run, taken_slugs,
};
use altyaa_console::app::{Answer, LineEnd, SendWish, Services, run_line};
use altyaa_console::credentials::{CredentialKind, NewCredential, Origin};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, RequestDraft};
use altyaa_console::profile;
use altyaa_console::sandbox::SandboxSettings;
use altyaa_console::secret::Secret;
use altyaa_console::transport::{CancelSignal, Limits};
use jiff::Timestamp;
use serde_json::Value;

struct Place {
    services: Arc<Services>,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, notices) =
        Services::open(profile::built_in("altyaa").unwrap(), data_dir, Limits::default()).unwrap();
    assert!(notices.is_empty());
    let services = Arc::new(services);
    services.start_sandbox(SandboxSettings::default()).await.unwrap();
    Place { services, _folder: folder }
}

fn draft(method: &str, url: &str, body: &str) -> RequestDraft {
    let (method, url, body) = (method.to_owned(), url.to_owned(), body.into());
    RequestDraft { method, url, body, environment: "local".into(), ..RequestDraft::default() }
}

fn post(slug: &str) -> String {
    let channels = r#"[{"name": "blog"}]"#;
    format!(
        "{{\n  \"title\": \"Mine\",\n  \"slug\": \"{slug}\",\n  \"publishAt\": null,\n  \"channels\": {channels}\n}}"
    )
}

impl Place {
    async fn send(&self, draft: RequestDraft) -> Arc<Answer> {
        match run_line(&self.services, draft, SendWish::default(), CancelSignal::never(), |_| {}).await {
            LineEnd::Finished(finished) => finished.answer,
            LineEnd::Refused(problem) => panic!("refused: {problem:?}"),
        }
    }

    async fn sent(&self, draft: RequestDraft, status: u16) -> Value {
        let answer = self.send(draft).await;
        assert_eq!(answer.status, Some(status), "{}", answer.raw.text);
        serde_json::from_str(&answer.raw.text).unwrap_or_default()
    }

    /// Makes a post and gives its id.
    async fn made(&self, draft: RequestDraft) -> String {
        self.sent(draft, 201).await["id"].as_str().unwrap().to_owned()
    }

    fn origin(&self) -> Origin {
        Origin::of(self.services.bases().url("local").unwrap()).unwrap()
    }

    fn token(&self, name: &str) -> Secret {
        let secrets = self.services.vault.session_secrets();
        secrets.into_iter().find(|(known, _)| known == name).unwrap().1
    }

    fn add(&self, name: &str, origin: Origin, workspace: &str, secret: Secret, expires_at: Option<Timestamp>) {
        let new = NewCredential {
            name: name.into(),
            kind: CredentialKind::Bearer,
            header: None,
            origins: vec![origin],
            workspace: Some(workspace.into()),
            scopes: Vec::new(),
            expires_at,
            created_at: Timestamp::now(),
            secret,
            oauth: None,
        };
        self.services.vault.add_session_credential(new).unwrap();
    }

    /// The verdicts of planned calls by title.
    async fn run(&self, gets: Vec<PlannedGet>) -> Vec<(String, Verdict)> {
        let mut said = Vec::new();
        for get in gets {
            let result = run(&self.services, get, CancelSignal::never()).await;
            said.push((result.title, result.verdict));
        }
        said
    }

    async fn latest(&self, draft: &RequestDraft) -> Latest {
        let get = planned_latest(draft).unwrap();
        fetch_latest(&self.services, &get, draft, CancelSignal::never()).await.unwrap()
    }

    fn calls(&self) -> usize {
        self.services.history.newest(500).unwrap().len()
    }
}

fn plan(draft: &RequestDraft, with_lists: bool, others: &[(String, String)]) -> Vec<PlannedGet> {
    let ids = ids_of(&IdSource { url: &draft.url, payload: &draft.body, content_type: None });
    planned(&ids, &AskFrom::of(draft), with_lists, others)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_id_is_there_deleted_or_in_another_workspace_that_is_asked_only_when_told() {
    let place = place().await;
    let there = place.made(draft("POST", "/v1/posts", &post("there"))).await;
    let gone = place.made(draft("POST", "/v1/posts", &post("gone"))).await;
    place.sent(draft("DELETE", &format!("/v1/posts/{gone}"), ""), 204).await;
    let contoso = RequestDraft {
        credential: CredentialChoice::Named("local.contoso-key".into()),
        workspace: Some("ws_contoso".into()),
        ..draft("POST", "/v1/posts", &post("elsewhere"))
    };
    let elsewhere = place.made(contoso).await;
    place.add("contoso", place.origin(), "ws_contoso", place.token("local.contoso-key"), None);

    let payload = format!("{{\"postIds\": [\"{gone}\", \"{elsewhere}\"]}}");
    let call = draft("PATCH", &format!("{{{{base}}}}/v1/posts/{there}?postId=post_none"), &payload);
    let before = place.calls();
    let gets = plan(&call, false, &[]);
    assert_eq!(place.calls(), before, "planning sends nothing");
    let expected = [
        (format!("{there} (path)"), Verdict::Listed),
        ("post_none (query postId)".to_owned(), Verdict::NotHere),
        (format!("{gone} (payload /postIds/0)"), Verdict::Deleted),
        (format!("{elsewhere} (payload /postIds/1)"), Verdict::NotHere),
    ];
    assert_eq!(place.run(gets).await, expected);
    assert_eq!(place.calls(), before + 4, "one call for each");

    let others = other_workspaces(&place.services, &place.origin(), Some("ws_northwind")).unwrap();
    assert_eq!(others, [("contoso".to_owned(), "ws_contoso".to_owned())]);
    let said = place.run(plan(&call, false, &others)).await;
    assert_eq!(said[..4], expected);
    let there_too: Vec<_> = said[4..].iter().map(|(title, verdict)| (title.as_str(), verdict)).collect();
    let titles: Vec<String> = expected.iter().map(|(id, _)| format!("{id} in the workspace ws_contoso")).collect();
    let verdicts = [Verdict::NotHere, Verdict::NotHere, Verdict::NotHere, Verdict::Listed];
    assert_eq!(there_too, titles.iter().map(String::as_str).zip(&verdicts).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_looked_through_to_its_last_page() {
    let place = place().await;
    let mut list = planned_list(&draft("POST", "/v1/posts", "{}")).unwrap();
    let pages = fetch_pages(&place.services, &list, &CancelSignal::never()).await;
    assert!(pages.is_whole && pages.problem.is_none());
    assert_eq!(pages.answers.len(), 3, "45 posts, 20 to a page");
    let last: Value = serde_json::from_str(pages.bodies().last().unwrap()).unwrap();
    let oldest = last["data"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let call = draft("GET", &format!("/v1/posts/{oldest}"), "");
    let said = place.run(plan(&call, true, &[])).await;
    assert_eq!(said.iter().map(|(_, verdict)| verdict).collect::<Vec<_>>(), [&Verdict::Listed, &Verdict::Listed]);
    let said = place.run(plan(&draft("GET", "/v1/posts/post_none7", ""), true, &[])).await;
    assert_eq!(said.iter().map(|(_, verdict)| verdict).collect::<Vec<_>>(), [&Verdict::NotHere, &Verdict::NotHere]);
    list.credential = CredentialChoice::Named("local.write-only-key".into());
    let pages = fetch_pages(&place.services, &list, &CancelSignal::never()).await;
    assert!(!pages.is_whole && pages.bodies().next().is_none(), "a refusal is no page");
    assert_eq!(pages.problem.as_deref(), Some("403 Forbidden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_conflict_is_merged_with_the_latest_state_and_accepted() {
    let place = place().await;
    let id = place.made(draft("POST", "/v1/posts", &post("merged"))).await;
    let url = format!("{{{{base}}}}/v1/posts/{id}");
    place.sent(draft("PATCH", &url, "{\"title\": \"Theirs\", \"notify\": true, \"version\": 1}"), 200).await;
    let mine = "{\n  \"title\": \"Mine\",\n  \"version\": 1,\n  \"notify\":false\n}\n";
    let stale = draft("PATCH", &url, mine);
    assert_eq!(place.sent(stale.clone(), 409).await["error"]["code"], "conflict");

    let latest = place.latest(&stale).await;
    assert_eq!((latest.url.as_str(), latest.version.as_deref()), (url.as_str(), Some("2")));
    let rows = merge_rows(mine, &latest.body).unwrap();
    let row = |key: &str| rows.iter().find(|row| row.key == key).unwrap();
    assert_eq!(row("title").theirs.as_deref(), Some("\"Theirs\""));
    assert_eq!(row("id").mine, None);
    assert!(!row("version").is_same);
    let body = merged(mine, &latest.body, &["version".to_owned(), "notify".to_owned()]);
    assert_eq!(body, "{\n  \"title\": \"Mine\",\n  \"version\": 2,\n  \"notify\":true\n}\n");
    let accepted = place.sent(draft("PATCH", &url, &body), 200).await;
    assert_eq!(
        (&accepted["title"], &accepted["notify"], &accepted["version"]),
        (&"Mine".into(), &true.into(), &3.into())
    );

    place.sent(draft("DELETE", &url, ""), 204).await;
    let get = planned_latest(&stale).unwrap();
    let none = fetch_latest(&place.services, &get, &stale, CancelSignal::never()).await.unwrap_err();
    assert_eq!(none.summary, "It was deleted meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_conflict_is_solved_with_the_slug_proposed() {
    let place = place().await;
    // The oldest stands on the last page of the list.
    let list = planned_list(&draft("POST", "/v1/posts", "{}")).unwrap();
    let pages = fetch_pages(&place.services, &list, &CancelSignal::never()).await;
    let slug = pages.bodies().flat_map(taken_slugs).last().unwrap();
    place.made(draft("POST", "/v1/posts", &post(&format!("{slug}-2")))).await;
    let refused = draft("POST", "/v1/posts", &post(&slug));
    assert_eq!(place.sent(refused.clone(), 409).await["error"]["code"], "conflict");

    let latest = place.latest(&refused).await;
    let found: Value = serde_json::from_str(&latest.body).unwrap();
    assert_eq!(found["slug"], slug.as_str());
    assert_eq!(latest.url, format!("/v1/posts/{}", found["id"].as_str().unwrap()));

    let list = planned_list(&refused).unwrap();
    let pages = fetch_pages(&place.services, &list, &CancelSignal::never()).await;
    let taken: Vec<String> = pages.bodies().flat_map(taken_slugs).collect();
    assert_eq!(taken.len(), 46);
    let free = next_slug(&slug, &taken);
    assert_eq!(free, format!("{slug}-3"));
    place.made(draft("POST", "/v1/posts", &post(&free))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_bound_elsewhere_or_lapsed_is_neither_offered_nor_sent() {
    let place = place().await;
    let canary = || Secret::new("bound-elsewhere-canary-0123".into());
    place.add("far", "https://api.altyaa.example".parse().unwrap(), "ws_far", canary(), None);
    place.add("old", place.origin(), "ws_old", canary(), Some(Timestamp::UNIX_EPOCH));
    place.add("own", place.origin(), "ws_northwind", canary(), None);
    assert_eq!(other_workspaces(&place.services, &place.origin(), Some("ws_northwind")).unwrap(), []);

    let before = place.calls();
    for (name, workspace) in [("far", "ws_far"), ("old", "ws_old"), ("own", "ws_contoso")] {
        let others = [(name.to_owned(), workspace.to_owned())];
        let get = plan(&draft("GET", "/v1/posts/post_7", ""), false, &others).pop().unwrap();
        let result = run(&place.services, get, CancelSignal::never()).await;
        assert!(result.answer.is_none(), "{name} was sent");
        assert!(matches!(&result.verdict, Verdict::Unknown(why) if why.contains(name)), "{:?}", result.verdict);
    }
    assert_eq!(place.calls(), before, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_stands_in_the_history_without_its_secrets() {
    let place = place().await;
    place.add("contoso", place.origin(), "ws_contoso", place.token("local.contoso-key"), None);
    let others = [("contoso".to_owned(), "ws_contoso".to_owned())];
    let call = draft("PATCH", "/v1/posts/post_7", "{\"session_id\": \"s3cr3t-canary-0123456789\"}");
    assert_eq!(place.run(plan(&call, false, &others)).await.len(), 2);
    let entries = place.services.history.newest(10).unwrap();
    assert_eq!(entries.len(), 2);
    let mut credentials = Vec::new();
    for entry in entries {
        assert_eq!((entry.method.as_str(), entry.status), ("GET", Some(404)));
        let kept = place.services.history.load(&entry.id).unwrap().unwrap();
        let text = serde_json::to_string(&*kept).unwrap();
        assert!(text.contains("uthorization"), "the header is named: {text}");
        for (name, secret) in place.services.vault.session_secrets() {
            assert!(!text.contains(secret.expose()), "{name} is in the history");
        }
        assert!(!text.contains("canary"), "{text}");
        let header = kept.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-altyaa-workspace"));
        credentials.push((kept.credential.clone().unwrap(), header.unwrap().1.clone()));
    }
    let first = place.services.own_credential("local").unwrap();
    assert_eq!(credentials, [others[0].clone(), (first, "ws_northwind".to_owned())]);
}
