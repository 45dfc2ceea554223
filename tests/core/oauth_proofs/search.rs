//! The search for a text in every form in which a file, a stream or a process could hold it.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

/// What is looked for, each form with its name.
pub struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub fn of<S: AsRef<str>>(texts: &[S]) -> Self {
        Self(texts.iter().flat_map(|text| forms(text.as_ref())).collect())
    }

    /// The first form that is there.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        self.0.iter().find(|(_, form)| memmem::find(bytes, form).is_some()).map(|(name, _)| name.as_str())
    }

    #[track_caller]
    pub fn are_not_in(&self, place: &str, bytes: impl AsRef<[u8]>) {
        if let Some(form) = self.found_in(bytes.as_ref()) {
            panic!("{place} holds {form}:\n{}", String::from_utf8_lossy(bytes.as_ref()));
        }
    }

    /// The files below a folder that hold one of them, and how many were looked at.
    pub fn found_below(&self, folder: &Path) -> (Vec<String>, usize) {
        let (mut found, mut looked_at) = (Vec::new(), 0);
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                // A database that is being closed takes its side files away.
                let bytes = match fs::read(&path) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    read => read.unwrap(),
                };
                let name = path.to_string_lossy().into_owned();
                looked_at += 1;
                found.extend(self.found_in(&[name.as_bytes(), &bytes].concat()).map(|form| format!("{name}: {form}")));
            }
        }
        (found, looked_at)
    }

    #[track_caller]
    pub fn are_not_below(&self, folder: &Path) {
        let (found, looked_at) = self.found_below(folder);
        assert!(found.is_empty() && looked_at > 0, "{found:?}");
    }
}

fn forms(text: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = text.as_bytes();
    let hex = |upper: bool| -> String {
        bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let percent: String = text.bytes().map(|byte| percent_of(byte, |byte| !byte.is_ascii_alphanumeric())).collect();
    let all_percent: String = text.bytes().map(|byte| percent_of(byte, |_| true)).collect();
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let form: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut all = vec![
        ("plain", text.to_owned()),
        ("slash-escaped", text.replace('/', "\\/")),
        ("JSON \\u", escaped.clone()),
        ("JSON \\u in capitals", escaped.to_uppercase().replace("\\U", "\\u")),
        ("percent", percent.to_lowercase()),
        ("percent in capitals", percent),
        ("all percent", all_percent),
        ("form", form),
        ("hex", hex(false)),
        ("hex in capitals", hex(true)),
    ];
    // Lower case would also change letters; only the escapes may be in either.
    all[4].1 = text
        .bytes()
        .map(|byte| percent_of(byte, |byte| !byte.is_ascii_alphanumeric()))
        .map(|part| if part.len() == 3 { part.to_lowercase() } else { part })
        .collect();
    for skip in 0..3 {
        // What stands before shifts the text, so only the middle is the same wherever it stands.
        let padded = [&vec![b'x'; skip][..], bytes].concat();
        let (from, to) = ((skip * 8).div_ceil(6), padded.len() * 8 / 6);
        for (name, text) in
            [("base64", STANDARD_NO_PAD.encode(&padded)), ("base64url", URL_SAFE_NO_PAD.encode(&padded))]
        {
            all.push((name, text[from..to].to_owned()));
        }
    }
    let wide = |bytes_of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>();
    let mut named: Vec<(String, Vec<u8>)> =
        all.into_iter().map(|(name, form)| (format!("{text} ({name})"), form.into_bytes())).collect();
    named.push((format!("{text} (UTF-16LE)"), wide(u16::to_le_bytes)));
    named.push((format!("{text} (UTF-16BE)"), wide(u16::to_be_bytes)));
    named
}

fn percent_of(byte: u8, is_escaped: impl Fn(u8) -> bool) -> String {
    if is_escaped(byte) { format!("%{byte:02X}") } else { char::from(byte).to_string() }
}

#[test]
fn every_form_is_found_wherever_it_stands_and_nothing_else_is() {
    let text = "a-canary/Zq7+x~9w_01";
    let needles = Needles::of(&[text]);
    let folder = tempfile::tempdir().unwrap();
    let mut planted: Vec<Vec<u8>> = forms(text).into_iter().map(|(_, form)| form).collect();
    for before in ["", "1", "12", "123", "1234"] {
        let whole = format!("{before}{text}{before}");
        planted.push(STANDARD_NO_PAD.encode(&whole).into_bytes());
        planted.push(URL_SAFE_NO_PAD.encode(&whole).into_bytes());
    }
    planted.push(br#"{"t":"\u0061\u002d\u0063\u0061\u006e\u0061\u0072\u0079\u002f\u005a\u0071\u0037\u002b\u0078\u007e\u0039\u0077\u005f\u0030\u0031"}"#.to_vec());
    planted.push(b"a%2dcanary%2fZq7%2bx%7e9w%5f01".to_vec());
    for (n, form) in planted.iter().enumerate() {
        fs::write(folder.path().join(n.to_string()), [b"\0before", &form[..], b"behind\xff"].concat()).unwrap();
    }
    let (found, looked_at) = needles.found_below(folder.path());
    assert_eq!((found.len(), looked_at), (planted.len(), planted.len()), "{found:?}");
    let (found, _) = Needles::of(&["a-canary/Zq8+x~9w_01"]).found_below(folder.path());
    assert!(found.is_empty(), "{found:?}");
}
