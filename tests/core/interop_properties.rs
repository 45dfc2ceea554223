//! No text breaks the readers of foreign text, and what is written for a shell is read back as it was.

use altyaa_console::diagnosis::diagnose;
use altyaa_console::interop::{read_curl, read_har, read_log_line, read_paste, read_raw_http};
use altyaa_console::profile;
use jiff::Timestamp;
use proptest::prelude::*;

/// Text made of what the readers look for, and of anything.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: [&str; 74] = [
        "curl ",
        "curl.exe ",
        "iwr ",
        "$session.UserAgent = ",
        "Invoke-WebRequest ",
        "http://x",
        " -d ",
        " -F ",
        " -H ",
        " --json ",
        " -u ",
        " -K ",
        " --next ",
        " -w '%{http_code}' ",
        " -X",
        " --",
        " -",
        "@",
        "@-",
        "@{",
        "<<E\n",
        "<<<",
        "E\n",
        "'",
        "\"",
        "$'",
        "\\",
        "\\\n",
        "^",
        "^\"",
        "^\n",
        "`",
        "`\n",
        "$(",
        "${A",
        ")",
        "}",
        "&",
        "|",
        ";",
        "> f",
        "< f",
        "#",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\u{feff}",
        "é",
        "😀",
        "HTTP/1.1 422 X\n",
        "HTTP/2 500\r\n\r\n",
        "POST /a HTTP/1.1\n",
        "Content-Length: 3\n",
        "Host: h\n",
        "> ",
        "< ",
        "* x\n",
        "> GET / HTTP/1.1\n",
        "< HTTP/1.1 400 B\n",
        "{\"log\":{\"entries\":[",
        "{\"request\":{\"method\":\"GET\",\"url\":\"u\"},",
        "\"response\":{\"status\":400,\"content\":{\"text\":\"YQ\",\"encoding\":\"base64\"}}}",
        "]}}",
        "{\"status\":400,",
        "\"body\":\"x\"}",
        "\"res\":{\"statusCode\":500}",
        "{",
        "}",
        "[",
        ",",
        "\"a\":1",
        "401",
    ];
    let piece = prop_oneof![4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A word as a person writes it for a POSIX shell, in one of several ways.
fn quoted(word: &str, way: u8) -> String {
    match way % 3 {
        0 => format!("'{}'", word.replace('\'', "'\\''")),
        1 => {
            let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('`', "\\`");
            format!("\"{escaped}\"")
        }
        _ => {
            let escaped = word.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('!', "\\u0021");
            format!("$'{escaped}'")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_reader(text in hostile()) {
        let _ = (read_har(&text), read_log_line(&text), read_raw_http(&text));
        if let Ok(command) = read_curl(&text) {
            prop_assert!(text.get(command.end..).is_some(), "the end lies in a character");
        }
        if let Ok(pasted) = read_paste(&text) {
            let names = pasted.header_names();
            let input = pasted.input(&names);
            let said = diagnose(&input, &profile::generic(), Timestamp::UNIX_EPOCH);
            for span in said.fields.iter().filter_map(|field| field.span) {
                prop_assert!(input.payload.is_some_and(|payload| payload.get(span.start..span.end).is_some()));
            }
        }
    }

    #[test]
    fn what_is_quoted_for_a_shell_is_read_back(
        words in prop::collection::vec(("[^\0]{0,12}", any::<u8>()), 0..6),
        url in "[a-z0-9/?=&%.]{1,20}",
    ) {
        let mut text = format!("curl 'https://x.example/{url}'");
        for (word, way) in &words {
            text.push_str(&format!(" \\\n  --data-raw {}", quoted(word, *way)));
        }
        let request = read_curl(&text).unwrap().request;
        prop_assert_eq!(request.url, format!("https://x.example/{url}"));
        let expected = words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join("&");
        prop_assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn an_archive_is_read_back(method in "[A-Z]{1,7}", url in "\\PC{0,20}", body in "\\PC{0,40}", status in 100_u16..600) {
        let har = serde_json::json!({"log": {"entries": [{
            "request": {"method": method, "url": url, "postData": {"text": body}},
            "response": {"status": status, "content": {"text": body}},
        }]}});
        let har = read_har(&har.to_string()).unwrap();
        let entry = &har.entries[0];
        prop_assert_eq!((&entry.request.method, &entry.request.url), (&method, &url));
        prop_assert_eq!(entry.request.payload(), Some(body.as_str()));
        let answer = entry.answer.as_ref().unwrap();
        prop_assert_eq!((answer.status, answer.body.as_slice()), (Some(status), body.as_bytes()));
    }
}
