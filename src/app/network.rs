//! How requests of each environment go out, as the person set it: the file `network.toml`, without any secret.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::disk::{DataDir, DiskError, move_aside, read_bounded, write_atomic};
use crate::transport::{LONGEST, Limits, MAX_REDIRECTS, Route};

/// The file in the data directory.
const FILE: &str = "network.toml";
/// The largest such file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// How requests of one environment go out.
///
/// *Secrets*: none; credentials are named, not held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSettings {
    /// The origin that the environment had when this was set; what is trusted there is trusted at no other. None for the
    /// embedded sandbox.
    pub origin: Option<String>,
    /// Opening a connection, in seconds.
    pub connect_s: f64,
    /// Until the answer's head, in seconds.
    pub first_byte_s: f64,
    /// Between two pieces of the body, in seconds.
    pub idle_s: f64,
    /// One try from beginning to end, in seconds.
    pub total_s: f64,
    /// How many bytes of a body are kept.
    pub body_cap_bytes: u64,
    /// How many redirects are followed; 0 shows the redirect itself.
    pub max_redirects: u32,
    /// How many times a temporary failure is tried again by itself.
    pub retries: u32,
    /// Whether the environment keeps cookies.
    pub has_cookies: bool,
    /// The credential for the explicit proxy.
    pub proxy_credential: Option<String>,
    /// Whether the vault keeps a pass phrase for the client certificate, so that it is not asked in vain.
    pub has_passphrase: bool,
    /// The way.
    pub route: Route,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self::with(Limits::default())
    }
}

impl NetworkSettings {
    /// The defaults with other times and sizes.
    pub fn with(limits: Limits) -> Self {
        Self {
            origin: None,
            connect_s: limits.connect.as_secs_f64(),
            first_byte_s: limits.first_byte.as_secs_f64(),
            idle_s: limits.idle.as_secs_f64(),
            total_s: limits.total.as_secs_f64(),
            body_cap_bytes: limits.body_cap_bytes,
            max_redirects: MAX_REDIRECTS,
            retries: 0,
            has_cookies: false,
            proxy_credential: None,
            has_passphrase: false,
            route: Route::default(),
        }
    }

    /// The times and sizes. A time that is none is taken for the default, so that no file can stop everything.
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        let time = |secs: f64, default: Duration| {
            let time = Duration::try_from_secs_f64(secs).ok().filter(|time| !time.is_zero());
            time.unwrap_or(default).min(LONGEST)
        };
        Limits {
            connect: time(self.connect_s, default.connect),
            first_byte: time(self.first_byte_s, default.first_byte),
            idle: time(self.idle_s, default.idle),
            total: time(self.total_s, default.total),
            body_cap_bytes: self.body_cap_bytes.max(1),
            max_ratio: default.max_ratio,
        }
    }
}

/// The settings of every environment that has some.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkFile {
    /// By profile and environment. Shape of a key: `altyaa/production`.
    pub environments: BTreeMap<String, NetworkSettings>,
}

impl NetworkFile {
    /// The key of an environment. Two profiles may well have one of the same name.
    pub fn key(profile: &str, environment: &str) -> String {
        format!("{profile}/{environment}")
    }
}

/// Reads the file. What is wrong with it is told, and the defaults hold until it is put right.
pub(super) fn load(data_dir: &DataDir) -> (NetworkFile, Option<(String, String)>) {
    let path = data_dir.file(FILE);
    let bytes = match read_bounded(&path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return (NetworkFile::default(), None),
        Err(error) => return (NetworkFile::default(), Some((error.summary(), error.fix()))),
    };
    match toml::from_str(&String::from_utf8_lossy(&bytes)) {
        Ok(file) => (file, None),
        Err(error) => {
            let line = error.span().map_or(1, |span| {
                bytes.get(..span.start).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() + 1
            });
            let summary = format!("The network settings cannot be read: {FILE}, line {line}: {}", error.message());
            let fix = "Correct the line, or save the settings anew in the window; the defaults hold until then";
            (NetworkFile::default(), Some((summary, fix.into())))
        }
    }
}

/// Writes the file. One that could not be read is kept beside it.
pub(super) fn save(data_dir: &DataDir, file: &NetworkFile) -> Result<(), DiskError> {
    let path = data_dir.file(FILE);
    let is_broken = read_bounded(&path, MAX_BYTES)
        .is_ok_and(|bytes| toml::from_str::<NetworkFile>(&String::from_utf8_lossy(&bytes)).is_err());
    if is_broken {
        move_aside(&path)?;
    }
    // The shape is ours and has no value that TOML cannot write.
    let text = toml::to_string_pretty(file).unwrap_or_default();
    write_atomic(&path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::transport::{ClientCertificate, HttpVersion, MinTls, ProxyChoice};

    fn data_dir() -> (tempfile::TempDir, DataDir) {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        (folder, data_dir)
    }

    #[test]
    fn settings_are_read_back_as_they_were_written() {
        let (_folder, data_dir) = data_dir();
        assert_eq!(load(&data_dir), (NetworkFile::default(), None));
        let settings = NetworkSettings {
            idle_s: 1.5,
            retries: 3,
            has_cookies: true,
            proxy_credential: Some("corp".into()),
            route: Route {
                proxy: ProxyChoice::Explicit { url: "socks5h://proxy:1080".into(), bypass: ".corp".into() },
                ca_files: vec!["/etc/ca.pem".into()],
                client_certificate: Some(ClientCertificate { file: "me.p12".into(), key: None }),
                min_tls: MinTls::V1_3,
                is_unverified: true,
                names: BTreeMap::from([("api.test".into(), vec!["127.0.0.1".parse().unwrap()])]),
                http: HttpVersion::Http1,
            },
            ..NetworkSettings::default()
        };
        let file = NetworkFile { environments: BTreeMap::from([("sandbox".into(), settings)]) };
        save(&data_dir, &file).unwrap();
        assert_eq!(load(&data_dir), (file, None));
    }

    #[test]
    fn a_broken_file_is_told_by_its_line_and_kept_beside() {
        let (_folder, data_dir) = data_dir();
        std::fs::write(data_dir.file(FILE), "[environments.local]\nretries = \"often\"\n").unwrap();
        let (file, problem) = load(&data_dir);
        assert_eq!(file, NetworkFile::default());
        assert!(problem.unwrap().0.contains("line 2"));
        save(&data_dir, &NetworkFile::default()).unwrap();
        let kept = std::fs::read_dir(data_dir.path()).unwrap().filter_map(Result::ok);
        assert!(kept.into_iter().any(|entry| entry.file_name().to_string_lossy().contains("broken")));
        assert_eq!(load(&data_dir).1, None);
    }

    #[test]
    fn times_that_are_none_are_the_defaults() {
        let odd = NetworkSettings {
            connect_s: -1.0,
            idle_s: f64::NAN,
            total_s: 0.0,
            first_byte_s: 1e300,
            ..Default::default()
        };
        let limits = odd.limits();
        let default = Limits::default();
        assert_eq!((limits.connect, limits.idle, limits.total), (default.connect, default.idle, default.total));
        assert_eq!(limits.first_byte, default.first_byte);
    }
}
