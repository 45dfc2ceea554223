//! Reads a cURL command as it is typed or as browsers copy it; it is never run.

use super::curl_error::CurlError;
use super::curl_request::describe;
use super::words::{Split, line_end};
use super::{ImportedRequest, cmd_words, powershell_words, sh_words};
use crate::text::Position;

/// The longest text that is read, in bytes.
pub(super) const MAX_BYTES: usize = 256 << 20;
/// How many bytes of prompt and settings may stand before the command.
const MAX_BEFORE: usize = 4096;

/// A cURL command that was read.
///
/// *Secrets*: possibly; see [`ImportedRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurlCommand {
    /// The request.
    ///
    /// Of what curl adds by itself only the content type of a payload is among its headers.
    pub request: ImportedRequest,
    /// Where the text goes on behind the command, in bytes.
    pub end: usize,
    /// What `--write-out` would print behind the body. Shape: `%{http_code}`.
    pub write_out: Option<String>,
}

/// Reads the cURL command that a text begins with, written for a POSIX shell, the Windows prompt or PowerShell.
///
/// Comments, a prompt (`$ `, `PS C:\> `) and settings of variables may stand before it.
///
/// # Errors
///
/// [`CurlError`]: no command, a quote that is not closed, an option without its value, no address, too much.
pub fn read_curl(text: &str) -> Result<CurlCommand, CurlError> {
    if text.len() > MAX_BYTES {
        return Err(CurlError::TooLarge);
    }
    let missing = || CurlError::NoCommand { position: Position::of(text, first_sign(text)) };
    let start = command_start(text).ok_or_else(missing)?;
    let split = split(text, start)?;
    let end = split.end;
    let described = describe(text, split)?;
    Ok(CurlCommand { request: described.request, end, write_out: described.write_out })
}

/// Where the command's own name begins; none if the text does not begin with it.
pub(super) fn command_start(text: &str) -> Option<usize> {
    let mut at = first_sign(text);
    // Comments above the command.
    while text.get(at..)?.starts_with('#') && !is_command(text.get(at..)?.trim_start_matches(['#', ' '])) {
        at = line_end(text.as_bytes(), at);
        at += text.get(at..)?.len() - text.get(at..)?.trim_start().len();
        if at > MAX_BEFORE {
            return None;
        }
    }
    let line = text.get(at..line_end(text.as_bytes(), at))?;
    let head = line.get(..line.floor_char_boundary(MAX_BEFORE))?;
    // Behind a prompt's sign, and behind words that only run or set something.
    let mut from = prompt_len(head);
    loop {
        let rest = head.get(from..)?;
        let blanks = rest.len() - rest.trim_start().len();
        let word = rest.split_whitespace().next()?;
        if is_command(word) {
            return Some(at + from + blanks);
        }
        let is_setting =
            word.split_once('=').is_some_and(|(name, value)| is_name(name) && !value.contains(['\'', '"']));
        if !is_setting && !matches!(word, "sudo" | "time" | "command" | "exec" | "&") {
            return None;
        }
        from += blanks + word.len();
    }
}

/// The first byte that is neither a mark nor white space.
fn first_sign(text: &str) -> usize {
    let shown = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    text.len() - shown.len()
}

/// How long a prompt is: up to its sign and the blank behind it, `$ `, `% `, `# `, `> `.
fn prompt_len(line: &str) -> usize {
    for sign in ["$ ", "% ", "# ", "> "] {
        // A prompt may name user, host and folder, but it is no command of its own.
        if let Some(at) = line.find(sign)
            && line.get(at + sign.len()..).is_some_and(|rest| is_command(rest.split_whitespace().next().unwrap_or("")))
            && !is_command(line.split_whitespace().next().unwrap_or(""))
        {
            return at + sign.len();
        }
    }
    0
}

/// Whether a word is the command's name, perhaps with its folder.
fn is_command(word: &str) -> bool {
    let word = word.split_whitespace().next().unwrap_or_default().trim_matches('"');
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A kind of shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Posix,
    Prompt,
    Power,
}

fn split(text: &str, start: usize) -> Result<Split, CurlError> {
    match shell_of(text, start) {
        Shell::Posix => sh_words::split(text, start),
        Shell::Prompt => cmd_words::split(text, start),
        Shell::Power => powershell_words::split(text, start),
    }
}

/// Which shell a command was written for: by the first sign that only one of them has, else by the program's name.
fn shell_of(text: &str, start: usize) -> Shell {
    let bytes = text.as_bytes();
    let is_exe = text.get(start..).is_some_and(|rest| {
        rest.split_whitespace().next().is_some_and(|word| word.to_ascii_lowercase().ends_with("curl.exe"))
    });
    let mut at = start;
    let mut has_single = false;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        match (byte, rest) {
            (b'^', [b'"' | b'\n' | b'\r', ..]) => return Shell::Prompt,
            (b'`', [b'\n' | b'\r', ..]) => return Shell::Power,
            (b'\\', [b'\n' | b'\r', ..]) | (b'$', [b'\'', ..]) => return Shell::Posix,
            // The command's first line ends, and so does the search.
            (b'\n', _) => break,
            (b'\'', _) => {
                has_single = true;
                at += memchr::memchr(b'\'', rest).map_or(rest.len(), |len| len + 1);
            }
            (b'"', _) => at += double_quoted_len(rest),
            _ => {}
        }
        at += 1;
    }
    match (is_exe, has_single) {
        (true, true) => Shell::Power,
        (true, false) => Shell::Prompt,
        (false, _) => Shell::Posix,
    }
}

/// How far it is to behind the next double quote that no backslash stands before.
fn double_quoted_len(rest: &[u8]) -> usize {
    let mut len = 0;
    while let Some(next) = rest.get(len..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        len += next;
        if rest.get(len) == Some(&b'"') {
            return len + 1;
        }
        len += 2;
    }
    rest.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::interop::{NamedPart, PartKind};

    fn read(text: &str) -> ImportedRequest {
        read_curl(text).unwrap_or_else(|error| panic!("{text}: {error}")).request
    }

    fn body(request: &ImportedRequest) -> &str {
        std::str::from_utf8(&request.body).unwrap()
    }

    fn parts(request: &ImportedRequest) -> Vec<(&str, &str, PartKind)> {
        let part = |part: &NamedPart| (part.option.clone(), part.value.clone(), part.what);
        let parts: Vec<_> = request.named_parts.iter().map(part).collect();
        parts.into_iter().map(|(option, value, what)| (&*option.leak(), &*value.leak(), what)).collect()
    }

    #[test]
    fn methods_addresses_and_payloads_are_those_that_curl_would_send() {
        for (text, method, url, payload) in [
            ("curl https://x.example/a", "GET", "https://x.example/a", ""),
            ("curl x.example/a", "GET", "http://x.example/a", ""),
            ("curl --proto-default https x.example", "GET", "https://x.example", ""),
            ("curl -XPATCH http://x/a -d '{\"a\":1}'", "PATCH", "http://x/a", "{\"a\":1}"),
            ("curl -sSLX POST http://x", "POST", "http://x", ""),
            ("curl -sd a=1 --data b=2 http://x", "POST", "http://x", "a=1&b=2"),
            ("curl --url http://x -da", "POST", "http://x", "a"),
            ("curl --data-raw @a --data-binary $'l\\n' http://x", "POST", "http://x", "@a&l\n"),
            ("curl --json '{\"a\":' --json '1}' http://x", "POST", "http://x", "{\"a\":1}"),
            (
                "curl --data-urlencode 'a b' --data-urlencode 'n=é&' --data-urlencode '==' x",
                "POST",
                "http://x",
                "a+b&n=%C3%A9%26&%3D",
            ),
            ("curl -G -d a=1 --data-urlencode 'q=b c' 'http://x/?z#f'", "GET", "http://x/?z&a=1&q=b+c#f", ""),
            ("curl --url-query 'q=b c' --url-query +p=%41 http://x", "GET", "http://x?q=b+c&p=%41", ""),
            ("curl -I http://x", "HEAD", "http://x", ""),
            ("curl -d @- http://x <<'E'\n{\"a\":\n1}\nE\n", "POST", "http://x", "{\"a\":1}"),
            ("curl --data-binary @- http://x <<'E'\na\nE\n", "POST", "http://x", "a\n"),
            ("curl -T - http://x <<< a", "PUT", "http://x", "a\n"),
            ("curl -- http://x", "GET", "http://x", ""),
            ("TOKEN=a /usr/bin/curl http://x", "GET", "http://x", ""),
            ("\u{feff}\n# get it\n$ curl http://x", "GET", "http://x", ""),
            ("me@host:~$ curl http://x", "GET", "http://x", ""),
            ("PS C:\\> curl.exe -X PUT `\n 'http://x'", "PUT", "http://x", ""),
            ("C:\\> curl -X PUT ^\n \"http://x?a^b\"", "PUT", "http://x?a^b", ""),
            ("curl $BASE/v1/posts", "GET", "$BASE/v1/posts", ""),
            ("curl 'http://x' --next http://y", "GET", "http://x", ""),
        ] {
            let request = read(text);
            let read = (request.method.as_str(), request.url.as_str(), body(&request));
            assert_eq!(read, (method, url, payload), "{text}");
            assert!(request.is_body_whole, "{text}");
        }
    }

    #[test]
    fn headers_are_those_that_curl_would_send() {
        for (text, expected) in [
            ("curl x -H 'A:  b ' -H 'C;' -H 'D:'", vec![("A", "b"), ("C", "")]),
            ("curl x -u me:pw", vec![("Authorization", "Basic bWU6cHc=")]),
            ("curl x -u me:pw -H 'authorization: Bearer t'", vec![("authorization", "Bearer t")]),
            ("curl x --oauth2-bearer t", vec![("Authorization", "Bearer t")]),
            ("curl x --digest -u me:pw", vec![]),
            ("curl x -b a=1 -b 'b=2; c=3'", vec![("Cookie", "a=1; b=2; c=3")]),
            (
                "curl x -A ua -e 'http://r;auto' -r 0-9",
                vec![("User-Agent", "ua"), ("Referer", "http://r"), ("Range", "bytes=0-9")],
            ),
            ("curl x -A ''", vec![]),
            ("curl x -d a", vec![("Content-Type", "application/x-www-form-urlencoded")]),
            ("curl x -d a -H 'Content-Type:'", vec![]),
            ("curl x -G --json {} -H 'Accept: a'", vec![("Accept", "a"), ("Content-Type", "application/json")]),
            ("curl x -d a -r 0-9 -H 'Content-Type: b'", vec![("Content-Type", "b")]),
            ("curl x -F a=b -H 'Content-Type: b'", vec![("Content-Type", "b; boundary=3e23e8160039594a33894f65")]),
            ("curl x --json {}", vec![("Accept", "application/json"), ("Content-Type", "application/json")]),
        ] {
            let request = read(text);
            let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(headers, expected, "{text}");
        }
    }

    #[test]
    fn what_names_a_file_or_changes_the_route_is_named_and_not_done() {
        use PartKind as Kind;
        for (text, expected, is_whole) in [
            ("-d @/etc/passwd", vec![("--data", "/etc/passwd", Kind::PayloadFile)], false),
            ("--data-binary @a -d b=1", vec![("--data-binary", "a", Kind::PayloadFile)], false),
            ("--json @a", vec![("--json", "a", Kind::PayloadFile)], false),
            ("--data-urlencode n@a", vec![("--data-urlencode", "a", Kind::PayloadFile)], false),
            ("-d @-", vec![("--data", "-", Kind::StandardInput)], false),
            ("-d @- < in", vec![("--data", "-", Kind::StandardInput), ("<", "in", Kind::StandardInput)], false),
            ("-T up.bin", vec![("-T", "up.bin", Kind::PayloadFile)], false),
            ("-F 'f=@/a/b.png;type=image/png'", vec![("--form", "/a/b.png", Kind::FormFile)], false),
            ("-F 'f=<b.txt'", vec![("--form", "b.txt", Kind::FormFile)], false),
            ("-H @h.txt", vec![("-H", "h.txt", Kind::HeaderFile)], true),
            ("-K .curlrc", vec![("-K", ".curlrc", Kind::ConfigFile)], true),
            (
                "-b jar.txt -c jar.txt",
                vec![("-b", "jar.txt", Kind::CookieFile), ("-c", "jar.txt", Kind::CookieFile)],
                true,
            ),
            ("--netrc", vec![("--netrc", "", Kind::CredentialFile)], true),
            ("-E c.pem:pw", vec![("-E", "c.pem", Kind::ClientCertificate), ("-E", "", Kind::Password)], true),
            (
                "--cert 'C:\\c.pem' --key k",
                vec![("--cert", "C:\\c.pem", Kind::ClientCertificate), ("--key", "k", Kind::PrivateKey)],
                true,
            ),
            ("--cacert ca.pem -k", vec![("--cacert", "ca.pem", Kind::TrustStore), ("-k", "", Kind::Unchecked)], true),
            ("-o out -O", vec![("-o", "out", Kind::OutputFile), ("-O", "", Kind::OutputFile)], true),
            ("-o /dev/null", vec![], true),
            ("-x http://u:p@proxy:1", vec![("-x", "http://u:p@proxy:1", Kind::Route)], true),
            (
                "--proxy-user u:p --pass w",
                vec![("--proxy-user", "", Kind::Password), ("--pass", "", Kind::Password)],
                true,
            ),
            ("--resolve x:80:127.0.0.1", vec![("--resolve", "x:80:127.0.0.1", Kind::Route)], true),
            ("-u me", vec![("--user", "me", Kind::Prompt)], true),
            ("-w @fmt", vec![("-w", "fmt", Kind::ConfigFile)], true),
            ("http://y", vec![("URL", "http://y", Kind::Route)], true),
            ("-H \"A: $T\"", vec![("shell", "$T", Kind::Variable)], true),
            ("> out", vec![(">", "out", Kind::OutputFile)], true),
        ] {
            let request = read(&format!("curl http://x {text}"));
            assert_eq!((parts(&request), request.is_body_whole), (expected, is_whole), "{text}");
            assert!(request.unknown.is_empty(), "{text}");
        }
        let request = read("curl file:///etc/passwd");
        assert_eq!(parts(&request), [("URL", "file:///etc/passwd", Kind::OtherScheme)]);
    }

    #[test]
    fn options_that_are_not_read_are_told_by_name() {
        for (text, url, unknown) in [
            ("curl --frob http://x", "http://x", vec!["--frob"]),
            ("curl --frob 5 http://x", "http://x", vec!["--frob"]),
            ("curl http://x --frob y", "http://x", vec!["--frob"]),
            ("curl --frob -v http://x", "http://x", vec!["--frob"]),
            ("curl --header='A: secret' http://x", "http://x", vec!["--header="]),
            ("curl -sé http://x", "http://x", vec!["-é"]),
            ("curl http://x -z today --digest", "http://x", vec!["-z", "--digest"]),
            ("curl http://x?a=1&b=2", "http://x?a=1", vec!["&"]),
        ] {
            let request = read(text);
            assert_eq!(
                (request.url.as_str(), request.unknown),
                (url, unknown.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_form_is_written_with_its_parts() {
        let request = read(
            "curl http://x -F 'a=1;x' -F 'b=\"x;type=y\";type=text/plain' --form-string 'c=@no' -F 'd\"=x;filename=f.txt'",
        );
        let content_type = request.header("Content-Type").unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --B\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Type: text/plain\r\n\r\nx;type=y\r\n\
             --B\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n@no\r\n\
             --B\r\nContent-Disposition: form-data; name=\"d%22\"; filename=\"f.txt\"\r\n\r\nx\r\n--B--\r\n";
        assert_eq!(body(&request), expected.replace('B', boundary));
        assert!(request.is_body_whole && request.method == "POST");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_place_and_remedy() {
        for (text, place) in [
            ("wget http://x", "line 1, column 1"),
            ("\n  {}", "line 2, column 3"),
            ("", "line 1, column 1"),
            ("curl 'http://x", "line 1, column 6"),
            ("curl http://x \\\n -H", "line 2, column 2"),
            ("curl http://x --data", "line 1, column 15"),
            ("curl -v", ""),
            ("curl", ""),
        ] {
            let error = read_curl(text).unwrap_err();
            assert_eq!(error.place(), place, "{text:?}: {error}");
            assert!(!error.fix().is_empty() && !error.summary().is_empty());
        }
    }

    #[test]
    fn what_only_begins_like_the_command_is_none() {
        for text in ["curly x", "curls", "{\"curl\": 1}", "the curl x", "curl: (7) Failed to connect", "A='curl' x"] {
            assert_eq!(command_start(text), None, "{text}");
        }
        assert_eq!(command_start("sudo  curl x"), Some(6));
    }

    #[test]
    fn hostile_commands_take_linear_time() {
        let began = std::time::Instant::now();
        for piece in
            ["-d a ", "-H a:b ", "-b a=b ", "-F a=b;type=c ", "-A a ", "--x ", "http://x ", "-ssss ", "--url-query a "]
        {
            let _ = read_curl(&format!("curl http://x {}", piece.repeat(99_000 / 2)));
        }
        for piece in ["-F 'a=;;;;", ";type=", "\"a\\"] {
            let _ = read_curl(&format!("curl http://x -F 'a={}'", piece.replace('\'', "").repeat(1_000_000)));
        }
        let _ = read_curl(&format!("curl {}", "\"\\".repeat(5_000_000)));
        let _ = read_curl(&"# \n".repeat(3_000_000));
        let _ = read_curl(&"A=b ".repeat(3_000_000));
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
