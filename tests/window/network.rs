//! How requests go out: the dialog, what it refuses, and the warning that stays.

use altyaa_console::app::{Command, NetworkSettings};
use altyaa_console::transport::{HttpVersion, MinTls, ProxyChoice};
use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{Desk, Plan, add_session_credential};
use crate::server::{Server, answer};

const PHRASE: &str = "planted pass phrase 4711";

fn open_network(desk: &mut Desk) {
    desk.open_tab("Request", "Auth");
    desk.press_button("Network…");
}

#[test]
fn what_is_set_is_kept_for_the_chosen_environment_and_after_a_restart() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "bearer-key", "https://proxy.corp:8080", "planted_bearer_secret");
    desk.choose("Credential kind", "User name and password");
    add_session_credential(&mut desk, "proxy-key", "https://proxy.corp:8080", "user:planted-password");
    desk.press_button("Close");
    desk.choose("Environment", "Sandbox");
    open_network(&mut desk);
    desk.assert_sees(&["Network of Sandbox", "POST and PATCH without an idempotency key are never repeated unasked"]);
    desk.fill("Seconds for opening a connection", "2.5");
    desk.fill("Body kept, in MiB", "8");
    desk.fill("Redirects to follow", "0");
    desk.fill("Retries", "3");
    desk.choose("Proxy", "The one named here");
    desk.fill("Proxy address", "http://proxy.corp:8080");
    desk.fill("Hosts without the proxy", "localhost,.corp");
    desk.choose("Proxy credential", "proxy-key");
    desk.choose("Oldest TLS", "TLS 1.3");
    desk.choose("HTTP version", "HTTP/1.1 only");
    for (field, text) in [
        ("CA files", "/etc/ca one.pem"),
        ("Client certificate file", "/etc/client.p12"),
        ("Pass phrase", PHRASE),
        ("Addresses of names", "api.test=127.0.0.1"),
    ] {
        desk.focus(field);
        desk.type_text(text);
    }
    desk.click(Role::CheckBox, "Keep and send cookies");
    desk.assert_sees_not(PHRASE);
    desk.press_button("Save network settings");
    let assert_is_set = |desk: &mut Desk| {
        let settings = desk.state(|state| state.network.environments.get("altyaa/sandbox").cloned()).unwrap();
        assert_eq!((settings.connect_s, settings.body_cap_bytes), (2.5, 8 << 20));
        assert_eq!((settings.max_redirects, settings.retries, settings.has_cookies), (0, 3, true));
        assert_eq!(settings.proxy_credential.as_deref(), Some("proxy-key"));
        let (url, bypass) = ("http://proxy.corp:8080".into(), "localhost,.corp".into());
        assert_eq!(settings.route.proxy, ProxyChoice::Explicit { url, bypass });
        assert_eq!((settings.route.min_tls, settings.route.http), (MinTls::V1_3, HttpVersion::Http1));
        assert_eq!(settings.route.ca_files, [std::path::PathBuf::from("/etc/ca one.pem")]);
        assert_eq!(settings.route.client_certificate.unwrap().file, std::path::PathBuf::from("/etc/client.p12"));
        assert_eq!(settings.route.names["api.test"], ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    };
    assert_is_set(&mut desk);
    // The other environment has none of it.
    desk.choose("Environment", "Local sandbox");
    desk.press_button("Network…");
    assert_eq!(desk.text_of("Seconds for opening a connection"), "10");
    desk.press_button("Close");
    let Desk { harness, dir, .. } = desk;
    drop(harness);
    for file in std::fs::read_dir(dir.path().join("data")).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(PHRASE.len()).any(|part| part == PHRASE.as_bytes()), "{}", path.display());
    }
    let mut desk = Desk::open_in(dir, Plan::default());
    assert_is_set(&mut desk);
}

#[test]
fn only_credentials_of_the_kind_basic_are_offered_for_a_proxy() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "bearer-key", "https://proxy.corp:8080", "planted_bearer_secret");
    desk.assert_sees(&["···· cret"]);
    desk.press_button("Close");
    open_network(&mut desk);
    desk.choose("Proxy", "The one named here");
    desk.click(Role::ComboBox, "Proxy credential");
    desk.rect(Role::Button, "No credential");
    let offered = desk.texts().into_iter().filter(|text| text == "bearer-key").count();
    assert_eq!(offered, 0);
}

#[test]
fn what_cannot_be_read_is_said_beside_its_field_and_not_saved() {
    let mut desk = Desk::open();
    open_network(&mut desk);
    desk.fill("Seconds for one try in all", "soon");
    desk.assert_sees(&["Not a number of seconds: write more than 0 and at most 86400", "1 field cannot be read"]);
    desk.fill("Retries", "-1");
    desk.assert_sees(&["Not a count: write 0 to 100", "2 fields cannot be read"]);
    desk.choose("Proxy", "The one named here");
    desk.fill("Proxy address", "ftp://proxy.corp");
    desk.assert_sees(&["ftp is no kind of proxy"]);
    assert!(desk.is_disabled("Save network settings"));
    desk.key(Modifiers::NONE, Key::Escape);
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees_not("Network of");
    assert!(desk.state(|state| state.network.environments.is_empty()));
    // What was not saved is not there the next time.
    desk.press_button("Network…");
    assert_eq!(desk.text_of("Seconds for one try in all"), "120");
}

#[test]
fn what_is_wrong_with_the_network_when_sending_opens_the_dialog_and_says_it() {
    let mut desk = Desk::open();
    let named = Some("no-such-key".into());
    let mut settings = NetworkSettings { proxy_credential: named, ..NetworkSettings::default() };
    settings.route.proxy = ProxyChoice::Explicit { url: "http://127.0.0.1:9".into(), bypass: String::new() };
    desk.push(Command::SetNetwork { environment: "local".into(), settings: Box::new(settings), passphrase: None });
    desk.send();
    desk.assert_sees(&["Network of Local sandbox", "For the proxy: ", "no-such-key"]);
    desk.choose("Proxy credential", "No credential");
    desk.choose("Proxy", "None");
    desk.press_button("Save network settings");
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
}

#[test]
fn a_pass_phrase_that_was_not_saved_is_forgotten() {
    let mut desk = Desk::open();
    desk.press_button("Network settings");
    desk.focus("Pass phrase");
    desk.type_text(PHRASE);
    desk.assert_sees_not(PHRASE);
    desk.assert_sees(&["Kept until the program ends"]);
    desk.press_button("Close");
    desk.press_button("Network settings");
    assert_eq!(desk.text_of("Pass phrase"), "");
    desk.focus("Pass phrase");
    desk.key(crate::desk::CTRL, Key::Z);
    assert_eq!(desk.text_of("Pass phrase"), "");
}

#[test]
fn a_look_at_the_cookies_keeps_what_was_typed() {
    let mut desk = Desk::open();
    desk.press_button("Network settings");
    desk.fill("Seconds for opening a connection", "7");
    desk.press_button("Show cookies…");
    desk.assert_sees(&["Cookies of Local sandbox"]);
    desk.press_button("Back to the network…");
    assert_eq!(desk.text_of("Seconds for opening a connection"), "7");
}

#[test]
fn verification_that_is_off_is_said_until_it_is_on_again() {
    const WARNING: &str =
        "Certificates of Sandbox are not verified: anybody between could read and change what is sent";
    let server = Server::start_tls(|_, _| answer("200 OK", "", b"hello"));
    let mut desk = Desk::open_with(Plan { profile: server.profile(), ..Plan::default() });
    desk.choose("Environment", "Sandbox");
    desk.press_button("GET List posts");
    desk.send();
    desk.assert_sees(&["no answer", "Pointless"]);
    desk.assert_sees_not("are not verified: anybody");
    assert_eq!(server.seen().len(), 0);

    desk.press_button("Network settings");
    desk.click(Role::CheckBox, "Do not verify certificates");
    desk.assert_sees(&["Anybody between could then read and change what is sent to this environment"]);
    desk.press_button("Save network settings");
    assert_eq!(desk.all(Role::Alert).iter().filter(|(name, _)| name == WARNING).count(), 1);
    desk.send();
    desk.assert_sees(&["200 OK", WARNING]);
    desk.open_tab("Answer", "Timing");
    desk.assert_sees(&[
        "Not verified: it is switched off for this environment",
        "TLS 1.3",
        "CN=rcgen self signed cert",
    ]);
    desk.assert_sees(&["For 127.0.0.1, api.test", "Valid until", "Issued by", "opened for this try"]);
    // It belongs to its environment, and Escape does not take it away.
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees(&[WARNING]);
    desk.choose("Environment", "Local sandbox");
    desk.assert_sees_not("are not verified: anybody");
    desk.choose("Environment", "Sandbox");
    desk.assert_sees(&[WARNING]);
    desk.press_button("Verify again");
    desk.assert_sees_not("are not verified: anybody");
    assert!(desk.state(|state| !state.network_settings().route.is_unverified));
    desk.send();
    desk.assert_sees(&["no answer"]);
}
