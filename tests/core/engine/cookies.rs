//! Cookies stay with the origin that set them.

use std::sync::{Arc, OnceLock};

use altyaa_console::app::{ForThisAddress, LineEnd, NetworkSettings, SendWish, Services, run_line};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::RequestDraft;
use altyaa_console::profile;
use altyaa_console::sandbox::SandboxSettings;
use altyaa_console::transport::{CancelSignal, Limits};

use super::{Place, log_of};
use crate::faults::certificates::Authority;
use crate::faults::tls::{Options, TlsServer, config};
use crate::faults::web::{Web, answer};
use crate::faults::{Server, within};

const OWN: &str = "own=canary-cookie-own";
const OTHER: &str = "other=canary-cookie-other";

/// A redirect that sets a cookie.
fn moved(to: &str, cookie: &str) -> Vec<u8> {
    answer("302 Found", &[("Location", to), ("Set-Cookie", cookie)], b"")
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_stay_behind_at_another_port_and_come_back_at_home() {
    let home: Arc<OnceLock<String>> = Arc::default();
    let back = Arc::clone(&home);
    let second = Web::start(move |_| moved(&format!("{}/end", back.get().unwrap()), OTHER)).await;
    let away = second.http("/mid");
    let first = Web::start(move |asked| match asked.target() {
        "/start" => moved(&away, OWN),
        _ => answer("200 OK", &[], b"arrived"),
    })
    .await;
    home.set(first.http("")).unwrap();
    let (code, json) = Place::new().get(&first.http("/start"), &["--cookies"]).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{json}");
    assert_eq!(second.seen()[0].header("cookie"), None, "a port is another origin");
    // The second server's is not among them.
    assert_eq!(first.seen()[1].header("cookie"), Some(OWN));
    let log = log_of(&json);
    assert!(log.contains("cookie own kept") && !log.contains("cookie other"), "{log}");
    assert!(!json.to_string().contains("canary-cookie-o"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_do_not_leave_tls() {
    let place = Place::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(place.altyaa.dir.path());
    let second = Web::always(answer("200 OK", &[("Set-Cookie", OTHER)], b"arrived")).await;
    let away = second.http("/mid");
    let first = TlsServer::start_with(config(&authority.good(), Options::default()), move |_| moved(&away, OWN)).await;
    let (code, json) = place.get(&first.https("/start"), &["--cookies", "--ca-file", ca.to_str().unwrap()]).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{json}");
    assert_eq!(second.seen()[0].header("cookie"), None);
    let log = log_of(&json);
    assert!(log.contains("cookie own kept") && !log.contains("cookie other"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookies_of_a_foreign_address_are_kept_under_its_own_origin() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, _) = Services::open(profile::built_in("altyaa").unwrap(), data_dir, Limits::default()).unwrap();
    let services = Arc::new(services);
    services.start_sandbox(SandboxSettings::default()).await.unwrap();
    let foreign = Web::always(answer("200 OK", &[("Set-Cookie", OTHER)], b"{}")).await;
    let draft = RequestDraft {
        method: "GET".into(),
        url: foreign.http("/v1/posts"),
        environment: "local".into(),
        ..RequestDraft::default()
    };
    let send = |is_said: bool| {
        let network = NetworkSettings { has_cookies: true, ..NetworkSettings::default() };
        let here = ForThisAddress { has_cookies: is_said, ..ForThisAddress::default() };
        let wish = SendWish { network: Some(network), here, ..SendWish::default() };
        let (services, draft) = (Arc::clone(&services), draft.clone());
        async move {
            match within(run_line(&services, draft, wish, CancelSignal::never(), |_| {})).await {
                LineEnd::Finished(finished) => assert_eq!(finished.answer.status, Some(200)),
                LineEnd::Refused(problem) => panic!("{problem:?}"),
            }
        }
    };
    let held = |name: &str| services.jar(name).lock().unwrap().list().len();
    let own = services.own_jar_name("local").unwrap();
    // The environment's cookies are no wish for those of another address.
    send(false).await;
    assert_eq!((held(&own), held(&foreign.http(""))), (0, 0));
    send(true).await;
    send(true).await;
    assert_eq!((held(&own), held(&foreign.http(""))), (0, 1));
    let sent: Vec<bool> = foreign.seen().iter().map(|asked| asked.header("cookie").is_some()).collect();
    assert_eq!(sent, [false, false, true]);
}
