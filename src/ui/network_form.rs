//! The form for how requests of an environment go out: texts being edited, and what they say once they are read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use zeroize::{Zeroize as _, Zeroizing};

use crate::app::NetworkSettings;
use crate::transport::{
    ClientCertificate, HttpVersion, LONGEST, MOST_TIMES, MinTls, ProxyChoice, check_proxy, own_addresses,
};

/// A mebibyte, in which the cap of a body is typed.
const MIB: f64 = 1_048_576.0;

/// A part of the form that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Opening a connection.
    Connect,
    /// The answer's head.
    FirstByte,
    /// Silence in the body.
    Idle,
    /// One try in all.
    Total,
    /// The cap of a body.
    BodyCap,
    /// How many redirects.
    Redirects,
    /// How many retries.
    Retries,
    /// The proxy's address.
    Proxy,
    /// The client certificate.
    Certificate,
    /// The names.
    Names,
}

/// Which proxy is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// The system's.
    System,
    /// None.
    Direct,
    /// The one that is typed.
    Explicit,
}

/// The texts of the form.
///
/// *Secrets*: yes, the pass phrase; its buffer is overwritten when the form is left.
pub struct NetworkForm {
    /// The environment it was filled from.
    pub environment: String,
    /// Seconds for opening a connection.
    pub connect: String,
    /// Seconds until the answer's head.
    pub first_byte: String,
    /// Seconds between two pieces of the body.
    pub idle: String,
    /// Seconds for one try.
    pub total: String,
    /// Mebibytes of a body that are kept.
    pub body_cap: String,
    /// How many redirects are followed.
    pub redirects: String,
    /// How many times it is tried again.
    pub retries: String,
    /// Which proxy.
    pub proxy: ProxyKind,
    /// The proxy's address.
    pub proxy_url: String,
    /// Hosts that are reached without it.
    pub proxy_bypass: String,
    /// The credential for it.
    pub proxy_credential: Option<String>,
    /// CA files, one a line.
    pub ca_files: String,
    /// The client certificate's file.
    pub certificate: String,
    /// The file of its key.
    pub key: String,
    /// Its pass phrase.
    pub passphrase: Zeroizing<String>,
    /// The oldest TLS.
    pub min_tls: MinTls,
    /// Which HTTP.
    pub http: HttpVersion,
    /// Names and their addresses, one a line.
    pub names: String,
    /// Whether cookies are kept and sent.
    pub has_cookies: bool,
    /// Whether certificates are accepted whatever they are.
    pub is_unverified: bool,
}

impl NetworkForm {
    /// The form as the settings fill it.
    pub fn of(environment: &str, settings: &NetworkSettings) -> Self {
        let route = &settings.route;
        let (proxy, proxy_url, proxy_bypass) = match &route.proxy {
            ProxyChoice::System => (ProxyKind::System, String::new(), String::new()),
            ProxyChoice::Direct => (ProxyKind::Direct, String::new(), String::new()),
            ProxyChoice::Explicit { url, bypass } => (ProxyKind::Explicit, url.clone(), bypass.clone()),
        };
        let certificate = route.client_certificate.as_ref();
        let lines = |lines: Vec<String>| lines.join("\n");
        let names = route.names.iter().map(|(host, addresses)| {
            let addresses: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
            format!("{host}={}", addresses.join(","))
        });
        Self {
            environment: environment.to_owned(),
            connect: settings.connect_s.to_string(),
            first_byte: settings.first_byte_s.to_string(),
            idle: settings.idle_s.to_string(),
            total: settings.total_s.to_string(),
            // A power of two divides without a rest, so that an untouched cap stays what it was.
            body_cap: (settings.body_cap_bytes as f64 / MIB).to_string(),
            redirects: settings.max_redirects.to_string(),
            retries: settings.retries.to_string(),
            proxy,
            proxy_url,
            proxy_bypass,
            proxy_credential: settings.proxy_credential.clone(),
            ca_files: lines(route.ca_files.iter().map(|file| file.display().to_string()).collect()),
            certificate: certificate.map(|certificate| certificate.file.display().to_string()).unwrap_or_default(),
            key: certificate.and_then(|one| one.key.as_ref()).map(|key| key.display().to_string()).unwrap_or_default(),
            passphrase: Zeroizing::default(),
            min_tls: route.min_tls,
            http: route.http,
            names: lines(names.collect()),
            has_cookies: settings.has_cookies,
            is_unverified: route.is_unverified,
        }
    }

    /// The settings that the texts say, and beside which fields they cannot be read, and what to write there.
    pub fn read(&self) -> (NetworkSettings, Vec<(Field, Cow<'static, str>)>) {
        let mut settings = NetworkSettings::default();
        let mut problems = Vec::new();
        let times = [
            (Field::Connect, &self.connect, &mut settings.connect_s),
            (Field::FirstByte, &self.first_byte, &mut settings.first_byte_s),
            (Field::Idle, &self.idle, &mut settings.idle_s),
            (Field::Total, &self.total, &mut settings.total_s),
        ];
        for (field, text, slot) in times {
            match text.trim().parse::<f64>().ok().filter(|secs| *secs > 0.0 && *secs <= LONGEST.as_secs_f64()) {
                Some(secs) => *slot = secs,
                None => {
                    let most = LONGEST.as_secs();
                    let text = format!("Not a number of seconds: write more than 0 and at most {most}");
                    problems.push((field, text.into()));
                }
            }
        }
        match self.body_cap.trim().parse::<f64>().ok().map(|mib| mib * MIB).filter(|cap| *cap >= 1.0 && *cap < 1e15) {
            Some(cap) => settings.body_cap_bytes = cap as u64,
            None => problems.push((Field::BodyCap, "Not a number of MiB: write more than 0".into())),
        }
        let counts = [
            (Field::Redirects, &self.redirects, &mut settings.max_redirects),
            (Field::Retries, &self.retries, &mut settings.retries),
        ];
        for (field, text, slot) in counts {
            match text.trim().parse::<u32>().ok().filter(|times| *times <= MOST_TIMES) {
                Some(times) => *slot = times,
                None => problems.push((field, format!("Not a count: write 0 to {MOST_TIMES}").into())),
            }
        }
        let route = &mut settings.route;
        route.proxy = match self.proxy {
            ProxyKind::System => ProxyChoice::System,
            ProxyKind::Direct => ProxyChoice::Direct,
            ProxyKind::Explicit => {
                if let Some(problem) = proxy_problem(self.proxy_url.trim()) {
                    problems.push((Field::Proxy, problem));
                }
                settings.proxy_credential.clone_from(&self.proxy_credential);
                let bypass = self.proxy_bypass.trim().to_owned();
                ProxyChoice::Explicit { url: self.proxy_url.trim().to_owned(), bypass }
            }
        };
        route.ca_files = filled_lines(&self.ca_files).map(PathBuf::from).collect();
        let given = |text: &str| Some(PathBuf::from(text.trim())).filter(|path| !path.as_os_str().is_empty());
        let key = given(&self.key);
        match given(&self.certificate) {
            Some(file) => route.client_certificate = Some(ClientCertificate { file, key }),
            None if key.is_some() || !self.passphrase.is_empty() => {
                let problem = "No certificate file: a key or a pass phrase alone is not enough";
                problems.push((Field::Certificate, problem.into()));
            }
            None => {}
        }
        route.min_tls = self.min_tls;
        route.http = self.http;
        match names(&self.names) {
            Some(names) => route.names = names,
            None => {
                let problem = "Address not readable: write host=address, such as api.test=127.0.0.1";
                problems.push((Field::Names, problem.into()));
            }
        }
        route.is_unverified = self.is_unverified;
        settings.has_cookies = self.has_cookies;
        (settings, problems)
    }

    /// Overwrites the pass phrase.
    pub fn forget(&mut self) {
        self.passphrase.zeroize();
    }
}

fn filled_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What is wrong with a proxy's address; none if nothing is.
fn proxy_problem(text: &str) -> Option<Cow<'static, str>> {
    if text.is_empty() {
        return Some("No address yet: write one such as http://proxy.corp:8080".into());
    }
    let (summary, fix) = check_proxy(text).err()?;
    Some(format!("{summary}\n{fix}").into())
}

/// Names and their addresses, one a line in the shapes of [`own_addresses`]. None if a line is something else.
fn names(text: &str) -> Option<BTreeMap<String, Vec<IpAddr>>> {
    let mut names: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for line in filled_lines(text) {
        let (host, addresses) = own_addresses(line)?;
        names.entry(host).or_default().extend(addresses);
    }
    Some(names)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_touched_stays_what_it_was() {
        let mut settings = NetworkSettings { connect_s: 2.5, body_cap_bytes: 12_345_677, ..NetworkSettings::default() };
        settings.proxy_credential = Some("proxy-key".into());
        settings.has_cookies = true;
        settings.route.proxy =
            ProxyChoice::Explicit { url: "socks5h://proxy.corp:1080".into(), bypass: ".corp".into() };
        settings.route.ca_files = vec!["/etc/one.pem".into(), "/etc/my second.pem".into()];
        let key = Some("/etc/key.pem".into());
        settings.route.client_certificate = Some(ClientCertificate { file: "/etc/client.pem".into(), key });
        settings.route.min_tls = MinTls::V1_3;
        settings.route.http = HttpVersion::Http2;
        settings.route.is_unverified = true;
        settings.route.names = names("api.test=127.0.0.1,::1\nother.test=10.0.0.1").unwrap();
        for settings in [settings, NetworkSettings::default()] {
            assert_eq!(NetworkForm::of("x", &settings).read(), (settings, Vec::new()));
        }
    }

    #[test]
    fn each_wrong_text_is_said_beside_its_field() {
        let form = || NetworkForm::of("x", &NetworkSettings::default());
        type Edit = fn(&mut NetworkForm);
        let edits: [(Edit, Field); 12] = [
            (|form| form.connect = "soon".into(), Field::Connect),
            (|form| form.first_byte = "0".into(), Field::FirstByte),
            (|form| form.idle = "NaN".into(), Field::Idle),
            (|form| form.total = "86401".into(), Field::Total),
            (|form| form.body_cap = "-1".into(), Field::BodyCap),
            (|form| form.redirects = "1.5".into(), Field::Redirects),
            (|form| form.retries = "101".into(), Field::Retries),
            (|form| form.proxy = ProxyKind::Explicit, Field::Proxy),
            (|form| (form.proxy, form.proxy_url) = (ProxyKind::Explicit, "ftp://x".into()), Field::Proxy),
            (|form| (form.proxy, form.proxy_url) = (ProxyKind::Explicit, "http://u:p@x".into()), Field::Proxy),
            (|form| form.key = "/key.pem".into(), Field::Certificate),
            (|form| form.names = "api.test=there".into(), Field::Names),
        ];
        for (edit, field) in edits {
            let mut form = form();
            edit(&mut form);
            let problems: Vec<Field> = form.read().1.into_iter().map(|(field, _)| field).collect();
            assert_eq!(problems, [field]);
        }
    }
}
