//! The options of curl by name and letter, from `assets/standards/curl_options.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What an option means for the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Method,
    Url,
    Header,
    Data,
    DataRaw,
    DataUrlencode,
    Json,
    UrlQuery,
    Get,
    Head,
    Form,
    FormString,
    Upload,
    User,
    Bearer,
    OtherSignIn,
    Cookie,
    UserAgent,
    Referer,
    Range,
    WriteOut,
    Next,
    ProtoDefault,
    ConfigFile,
    CookieFile,
    CredentialFile,
    ClientCertificate,
    PrivateKey,
    TrustStore,
    Unchecked,
    OutputFile,
    Route,
    Password,
    Variable,
    Nothing,
    Unread,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CurlOption {
    /// What it means.
    pub role: Role,
    /// Whether the next word is its value.
    pub takes_value: bool,
}

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionsFile {
    groups: Vec<Group>,
}

/// Options of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    role: Role,
    takes_value: bool,
    names: Vec<String>,
}

/// Every option, by name and by letter.
struct Options {
    by_name: HashMap<String, CurlOption>,
    by_letter: HashMap<u8, CurlOption>,
}

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let mut options = Options { by_name: HashMap::new(), by_letter: HashMap::new() };
    for group in read_file().groups {
        let option = CurlOption { role: group.role, takes_value: group.takes_value };
        for entry in group.names {
            let (name, letter) = entry.split_once(' ').unwrap_or((&entry, ""));
            options.by_name.insert(name.to_owned(), option);
            if let Some(letter) = letter.bytes().next() {
                options.by_letter.insert(letter, option);
            }
        }
    }
    options
});

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
fn read_file() -> OptionsFile {
    toml::from_str(include_str!("../../assets/standards/curl_options.toml")).unwrap_or_default()
}

/// The option of that name, without its dashes; `no-` before a flag turns it off.
pub(super) fn by_name(name: &str) -> Option<CurlOption> {
    let known = |name: &str| OPTIONS.by_name.get(name).copied();
    known(name).or_else(|| {
        let flag = known(name.strip_prefix("no-")?).filter(|option| !option.takes_value)?;
        Some(CurlOption { role: Role::Nothing, ..flag })
    })
}

/// The option of that letter.
pub(super) fn by_letter(letter: u8) -> Option<CurlOption> {
    OPTIONS.by_letter.get(&letter).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_file_loads_with_every_name_and_letter_once() {
        let file: OptionsFile = toml::from_str(include_str!("../../assets/standards/curl_options.toml")).unwrap();
        let entries: Vec<&str> = file.groups.iter().flat_map(|group| &group.names).map(String::as_str).collect();
        assert!(entries.len() > 250, "{}", entries.len());
        assert_eq!(OPTIONS.by_name.len(), entries.len(), "a name is there twice");
        let letters = entries.iter().filter(|entry| entry.contains(' ')).count();
        assert_eq!(OPTIONS.by_letter.len(), letters, "a letter is there twice");
        for entry in entries {
            let (name, letter) = entry.split_once(' ').unwrap_or((entry, "x"));
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)),
                "{entry}"
            );
            assert_eq!(letter.len(), 1, "{entry}");
        }
    }

    #[test]
    fn options_are_found_by_both() {
        assert_eq!(by_letter(b'X'), by_name("request"));
        assert_eq!(by_name("no-insecure").unwrap().role, Role::Nothing);
        assert!(by_name("no-request").is_none() && by_name("frob").is_none());
    }
}
