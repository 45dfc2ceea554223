//! Redirects without end, to another origin, and out of TLS.

use super::told::{CANARY, Told, case};
use crate::faults::certificates::Authority;
use crate::faults::tls::{Options, config};
use crate::faults::web::Asked;
use crate::faults::{Server, redirect};

#[tokio::test(flavor = "multi_thread")]
async fn redirects_that_do_not_end_are_given_up() {
    let mut told = Told::new();
    let endless = redirect::endless(302).await;
    told.add(case("redirects_endless", endless.http("/1"))).await;
    let few = told.add(case("redirects_three", endless.http("/1")).with(&["--max-redirects", "3"])).await;
    assert_eq!(few["redirects"].as_array().unwrap().len(), 3);
    told.add(case("redirects_shown", endless.http("/1")).with(&["--max-redirects", "0"])).await;
    told.add(case("redirects_two_step_loop", redirect::two_step_loop(307).await.http("/a"))).await;
    told.end();
}

/// Nothing of who is calling may have come here.
#[track_caller]
fn is_anonymous(asked: &[Asked]) {
    assert!(!asked.is_empty());
    for asked in asked {
        for name in ["authorization", "cookie", "x-altyaa-workspace", "proxy-authorization"] {
            assert_eq!(asked.header(name), None, "{asked:?}");
        }
        // A name of one's own may be anything, also a key.
        assert_eq!(asked.header("x-other"), None, "{asked:?}");
        assert!(asked.header("accept-encoding").is_some(), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_the_caller_does_not_travel_to_another_origin() {
    let mut told = Told::new();
    let cookie = format!("Cookie: session={CANARY}");
    let of_caller = ["-H", &cookie, "-H", "X-Other: left"];
    let away = redirect::to_other_origin(307).await;
    let post = case("redirect_to_another_origin", away.first.http("/v1/posts")).method("POST");
    let json = told.add(post.with(&of_caller).with(&["--data", "{\"a\":1}"])).await;
    is_anonymous(&away.second.seen());
    assert!(away.first.seen()[0].head.contains(CANARY), "the first server is told who calls");
    assert!(away.second.seen().iter().all(|asked| asked.body == b"{\"a\":1}"));
    assert_eq!(json["redirects"][0]["dropped"], serde_json::json!(["authorization", "cookie", "x-other"]));

    // The workspace belongs to an environment: the first server is one.
    let away = redirect::to_other_origin(302).await;
    let profile = told.altyaa.profile_for(&away.first.http(""));
    let words = ["--profile", &profile, "--env", "sandbox", "--workspace", "ws_0123456789"];
    let own = case("redirect_leaves_the_workspace_behind", away.first.http("/v1/posts"));
    told.add(own.with(&words).with(&of_caller)).await;
    is_anonymous(&away.second.seen());
    assert_eq!(away.first.seen()[0].header("x-altyaa-workspace"), Some("ws_0123456789"));

    let authority = Authority::new("Test Root");
    let away = redirect::downgrade(301, config(&authority.good(), Options::default())).await;
    let ca = authority.file_in(told.path());
    let down = case("redirect_out_of_tls", away.first.https("/v1/posts"));
    told.add(down.with(&["--ca-file", ca.to_str().unwrap()]).with(&of_caller)).await;
    is_anonymous(&away.second.seen());
    told.end();
}
