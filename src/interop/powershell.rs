//! Reads a request as browsers copy it for PowerShell (`Invoke-WebRequest`); it is never run.

use super::curl_error::CurlError;
use super::powershell_words::{double_quoted, single_quoted};
use super::words::{break_len, line_end};
use super::{ImportedRequest, PartKind};
use crate::text::Position;

/// The commands, in lower case.
const COMMANDS: [&str; 4] = ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"];
/// How far into a text the command may stand behind its session, in lines.
const MOST_LINES: usize = 500;

/// A request and where the text goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PowerShellCommand {
    pub request: ImportedRequest,
    pub end: usize,
}

/// Whether a text begins with such a command or with the session before it.
pub(super) fn is_powershell(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let word = text.split([' ', '\t', '\r', '\n', '=']).next().unwrap_or_default();
    let begins_so = word.eq_ignore_ascii_case("$session") || word.eq_ignore_ascii_case("$response");
    is_command(word) || (begins_so && command_at(text).is_some())
}

/// Reads the command; the user agent and cookies of a session before it belong to it.
pub(super) fn read_powershell(text: &str) -> Result<PowerShellCommand, CurlError> {
    let start = command_at(text).ok_or(CurlError::NoCommand { position: Position { line: 1, column: 1 } })?;
    let mut request = ImportedRequest { is_body_whole: true, ..ImportedRequest::default() };
    session(text, start, &mut request)?;
    let mut cursor = Cursor { text, bytes: text.as_bytes(), at: start };
    cursor.at += cursor.word_len();
    while cursor.skip_blanks() {
        match cursor.peek() {
            Some(b'-') => cursor.parameter(&mut request)?,
            _ if request.url.is_empty() => request.url = cursor.value(&mut request, "Uri")?,
            _ => _ = cursor.value(&mut request, "")?,
        }
    }
    if request.url.is_empty() {
        return Err(CurlError::NoAddress);
    }
    if request.method.is_empty() {
        "GET".clone_into(&mut request.method);
    }
    Ok(PowerShellCommand { request, end: line_end(text.as_bytes(), cursor.at) })
}

fn is_command(word: &str) -> bool {
    COMMANDS.iter().any(|command| word.eq_ignore_ascii_case(command))
}

/// Where the command's name stands.
fn command_at(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(MOST_LINES) {
        let mut from = 0;
        let shown = line.trim_start_matches('\u{feff}');
        let assigned = shown.split_once('=').filter(|(name, _)| name.trim().starts_with('$') && !name.contains('"'));
        if let Some((_, rest)) = assigned {
            from = line.len() - rest.len();
        }
        let rest = line.get(from..)?;
        let blanks = rest.len() - rest.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).len();
        if is_command(rest.get(blanks..)?.split_whitespace().next().unwrap_or_default()) {
            return Some(at + from + blanks);
        }
        at += line.len();
    }
    None
}

/// What the lines before the command say of its session.
fn session(text: &str, end: usize, request: &mut ImportedRequest) -> Result<(), CurlError> {
    let mut cookies = Vec::new();
    let mut at = 0;
    for line in text.get(..end).unwrap_or_default().split_inclusive('\n') {
        let mut strings = |from: usize, most: usize| {
            let mut cursor = Cursor { text, bytes: text.as_bytes(), at: at + from };
            let mut found = Vec::new();
            while found.len() < most && cursor.at < at + line.len() {
                match cursor.peek() {
                    Some(b'"' | b'\'') => found.push(cursor.string(request)?),
                    _ => cursor.at += 1,
                }
            }
            Ok::<_, CurlError>(found)
        };
        if let Some(from) = line.find(".UserAgent") {
            let agent = strings(from, 1)?.pop();
            request.headers.extend(agent.map(|agent| ("User-Agent".to_owned(), agent)));
        } else if let Some(from) = line.find("System.Net.Cookie(")
            && let [name, value, ..] = strings(from, 2)?.as_slice()
        {
            cookies.push(format!("{name}={value}"));
        }
        at += line.len();
    }
    if !cookies.is_empty() {
        request.headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    Ok(())
}

/// A place in the command.
struct Cursor<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// How long the bare word right here is.
    fn word_len(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().position(|b| b.is_ascii_whitespace() || b";|)}='\"".contains(b)).unwrap_or(rest.len())
    }

    /// Passes blanks and continued lines; whether the command goes on.
    fn skip_blanks(&mut self) -> bool {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'`') if break_len(self.bytes, self.at + 1) > 0 => {
                    self.at += 1 + break_len(self.bytes, self.at + 1);
                }
                Some(b'\r' | b'\n' | b';' | b'|' | b')') | None => return false,
                Some(_) => return true,
            }
        }
    }

    /// `-Name` with its value, if it takes one.
    fn parameter(&mut self, request: &mut ImportedRequest) -> Result<(), CurlError> {
        let at = self.at;
        let len = self.word_len().max(1);
        let name = self.text.get(at + 1..at + len).unwrap_or_default().trim_end_matches(':');
        self.at += len;
        let option = format!("-{name}");
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "usebasicparsing" => return Ok(()),
            "skipcertificatecheck" => {
                request.add_part(&option, "", PartKind::Unchecked);
                return Ok(());
            }
            _ => {}
        }
        if !self.skip_blanks() || (self.peek() == Some(b'-') && !matches!(lower.as_str(), "body" | "uri")) {
            request.add_unknown(&option);
            return Ok(());
        }
        match lower.as_str() {
            "headers" => {
                let headers = self.table(request)?;
                request.headers.extend(headers);
            }
            "uri" => request.url = self.value(request, name)?,
            "method" | "custommethod" => request.method = self.value(request, name)?.to_ascii_uppercase(),
            "body" => request.body = self.value(request, name)?.into_bytes(),
            "contenttype" => {
                let value = self.value(request, name)?;
                request.headers.push(("Content-Type".to_owned(), value));
            }
            "useragent" => {
                let value = self.value(request, name)?;
                request.headers.push(("User-Agent".to_owned(), value));
            }
            "websession" => _ = self.value(&mut ImportedRequest::default(), name)?,
            _ => {
                let what = match lower.as_str() {
                    "infile" => Some(PartKind::PayloadFile),
                    "outfile" => Some(PartKind::OutputFile),
                    "proxy" => Some(PartKind::Route),
                    "certificate" | "certificatethumbprint" => Some(PartKind::ClientCertificate),
                    "credential" | "token" | "proxycredential" => Some(PartKind::Prompt),
                    _ => None,
                };
                let value = self.value(&mut ImportedRequest::default(), name)?;
                match what {
                    Some(what) => request.add_part(&option, &value, what),
                    None => request.add_unknown(&option),
                }
                request.is_body_whole &= what != Some(PartKind::PayloadFile);
            }
        }
        Ok(())
    }

    /// `@{ "name"="value" … }`.
    fn table(&mut self, request: &mut ImportedRequest) -> Result<Vec<(String, String)>, CurlError> {
        let opening = self.at;
        let mut pairs = Vec::new();
        if self.bytes.get(self.at..self.at + 2) != Some(b"@{") {
            self.value(request, "Headers")?;
            return Ok(pairs);
        }
        self.at += 2;
        loop {
            self.skip_all(b";,");
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(pairs);
                }
                None => {
                    let position = Position::of(self.text, opening);
                    return Err(CurlError::Unclosed { sign: "@{", position });
                }
                Some(_) => {}
            }
            let name = self.value(request, "Headers")?;
            self.skip_all(b"=");
            let value = self.value(request, "Headers")?;
            pairs.push((name, value));
        }
    }

    /// Passes white space, line breaks and these signs.
    fn skip_all(&mut self, signs: &[u8]) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace() || b == b'`' || signs.contains(&b)) {
            self.at += 1;
        }
    }

    /// A string, a bare word, or an expression in brackets, of which the first string counts.
    fn value(&mut self, request: &mut ImportedRequest, name: &str) -> Result<String, CurlError> {
        match self.peek() {
            Some(b'"' | b'\'') => self.string(request),
            Some(b'(') => self.bracketed(request, name),
            Some(b'@') if self.bytes.get(self.at + 1) == Some(&b'{') => {
                request.add_unknown(&format!("-{name} @{{"));
                request.is_body_whole &= !name.eq_ignore_ascii_case("body");
                _ = self.bracketed(&mut ImportedRequest::default(), name)?;
                Ok(String::new())
            }
            _ => {
                let len = self.word_len().max(1);
                let word = String::from_utf8_lossy(self.bytes.get(self.at..self.at + len).unwrap_or_default());
                if word.starts_with('$') {
                    request.add_part("shell", &word, PartKind::Variable);
                    request.is_body_whole &= !name.eq_ignore_ascii_case("body");
                }
                self.at += len;
                Ok(word.into_owned())
            }
        }
    }

    /// `([System.Text.Encoding]::UTF8.GetBytes("…"))`.
    fn bracketed(&mut self, request: &mut ImportedRequest, name: &str) -> Result<String, CurlError> {
        let opening = self.at;
        let mut first = None;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' | b'\'' => {
                    let string = self.string(request)?;
                    first.get_or_insert(string);
                    continue;
                }
                b'(' | b'{' => depth += 1,
                b')' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b')' | b'}') {
                let written = self.text.get(opening..self.at).unwrap_or_default();
                if first.is_none() || !written.contains("GetBytes") {
                    request.add_part("shell", written, PartKind::Command);
                    request.is_body_whole &= !name.eq_ignore_ascii_case("body");
                }
                return Ok(first.unwrap_or_default());
            }
        }
        Err(CurlError::Unclosed { sign: "(", position: Position::of(self.text, opening) })
    }

    fn string(&mut self, request: &mut ImportedRequest) -> Result<String, CurlError> {
        let mut bytes = Vec::new();
        if self.peek() == Some(b'\'') {
            self.at = single_quoted(self.text, self.at, &mut bytes)?;
        } else {
            let (end, inserted) = double_quoted(self.text, self.at, &mut bytes)?;
            self.at = end;
            for (from, to) in inserted {
                let written = String::from_utf8_lossy(self.bytes.get(from..to).unwrap_or_default()).into_owned();
                let what = if written.starts_with("$(") { PartKind::Command } else { PartKind::Variable };
                request.add_part("shell", &written, what);
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_browsers_copy_is_read() {
        let text = "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\r\n\
            $session.UserAgent = \"Mozilla/5.0\"\r\n\
            $session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"s1\", \"/\", \"x.example\")))\r\n\
            Invoke-WebRequest -UseBasicParsing -Uri \"https://x.example/v1?a=b&c\" `\r\n-Method \"POST\" `\r\n\
            -WebSession $session `\r\n-Headers @{\r\n\"accept\"=\"*/*\"\r\n  \"x-a\"=\"`\"q`\"\"\r\n} `\r\n\
            -ContentType \"application/json\" `\r\n-Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"a`\":`\"$([char]233))`\"}\"))\r\n\
            HTTP/1.1 422 X\r\n";
        assert!(is_powershell(text));
        let read = read_powershell(text).unwrap();
        let request = read.request;
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://x.example/v1?a=b&c"));
        assert_eq!(request.payload(), Some("{\"a\":\"é)\"}"));
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            headers,
            [
                "User-Agent: Mozilla/5.0",
                "Cookie: sid=s1",
                "accept: */*",
                "x-a: \"q\"",
                "Content-Type: application/json"
            ]
        );
        assert!(request.named_parts.is_empty() && request.unknown.is_empty(), "{request:?} {:?}", request.unknown);
        assert_eq!(text.get(read.end..), Some("HTTP/1.1 422 X\r\n"));
    }

    #[test]
    fn what_names_files_is_named_and_the_rest_is_told() {
        let text = "irm 'http://x' -InFile a.json -OutFile b -Frob 5 -SkipCertificateCheck -Headers $h -Method Put";
        let request = read_powershell(text).unwrap().request;
        assert_eq!((request.method.as_str(), request.url.as_str(), request.payload()), ("PUT", "http://x", None));
        let parts: Vec<_> =
            request.named_parts.iter().map(|part| (part.option.as_str(), part.value.as_str())).collect();
        assert_eq!(parts, [("-InFile", "a.json"), ("-OutFile", "b"), ("-SkipCertificateCheck", ""), ("shell", "$h")]);
        assert_eq!(request.unknown, ["-Frob"]);
        let request = read_powershell("iwr http://x -Method Post -Body (Get-Content a.json)").unwrap().request;
        assert_eq!((request.payload(), request.named_parts.len()), (None, 1));
    }

    #[test]
    fn other_text_is_none_and_broken_text_is_told() {
        for text in ["", "session", "$x = 5", "{\"a\":1}", "Invoke-Other"] {
            assert!(!is_powershell(text), "{text}");
        }
        for text in ["iwr", "iwr 'a", "iwr -Uri \"a", "iwr x -Headers @{ \"a\"=", "iwr x -Body (a"] {
            assert!(read_powershell(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let began = std::time::Instant::now();
        for piece in ["(", "@{", "\"\" ", "-a ", "'", "$(", "-Headers @{", "a=b;", "(\"\")"] {
            let _ = read_powershell(&format!("iwr x {}", piece.repeat(3_000_000 / piece.len())));
            let _ = read_powershell(&format!("iwr x -Headers @{{{}", piece.repeat(3_000_000 / piece.len())));
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
