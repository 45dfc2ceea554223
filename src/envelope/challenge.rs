//! `WWW-Authenticate`: what a server asks for, one challenge after the other.

/// One challenge of a server.
///
/// Source: RFC 9110 §11.6.1. Shape: `Bearer realm="api", error="insufficient_scope", scope="posts:write"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as spelled. Shape: `Bearer`.
    pub scheme: String,
    /// What stands alone behind the scheme, for schemes that have that.
    pub token68: Option<String>,
    /// The parameters in order, names as spelled, quotes taken off.
    pub params: Vec<(String, String)>,
}

impl Challenge {
    /// The first parameter of that name, in any case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The most challenges that are read from one line.
const CHALLENGES_MAX: usize = 32;
/// The most parameters of one challenge.
const PARAMS_MAX: usize = 64;

/// The challenges of one header line; what makes no sense ends the reading, and what came before it counts.
pub fn challenges(value: &str) -> Vec<Challenge> {
    let mut rest = Rest(value);
    let mut found: Vec<Challenge> = Vec::new();
    loop {
        rest.skip(|c| matches!(c, ' ' | '\t' | ','));
        let before = rest.0;
        let Some(name) = rest.token() else { break };
        // A comma parts both challenges and parameters: `name =` goes on with the challenge before it.
        if let Some(current) = found.last_mut()
            && let Some(value) = rest.value()
        {
            if current.params.len() < PARAMS_MAX {
                current.params.push((name.to_owned(), value));
            }
            continue;
        }
        if found.len() == CHALLENGES_MAX {
            break;
        }
        let mut challenge = Challenge { scheme: name.to_owned(), ..Challenge::default() };
        let has_space = rest.skip(|c| matches!(c, ' ' | '\t'));
        let at_params = rest.0;
        match rest.token().map(|name| (name, rest.value())) {
            Some((name, Some(value))) if has_space => challenge.params.push((name.to_owned(), value)),
            _ => {
                rest.0 = at_params;
                challenge.token68 = has_space.then(|| rest.token68()).flatten();
            }
        }
        found.push(challenge);
        if rest.0.len() == before.len() {
            break;
        }
    }
    found
}

struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start_matches(is_skipped);
        self.0.len() != before
    }

    fn take(&mut self, is_taken: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(|c| !is_taken(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!taken.is_empty()).then_some(taken)
    }

    fn token(&mut self) -> Option<&'a str> {
        self.take(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    }

    fn token68(&mut self) -> Option<String> {
        let text = self.take(|c| c.is_ascii_alphanumeric() || "-._~+/=".contains(c))?;
        Some(text.to_owned())
    }

    /// `= value` behind a parameter's name; nothing is taken where there is none.
    fn value(&mut self) -> Option<String> {
        let before = self.0;
        self.skip(|c| matches!(c, ' ' | '\t'));
        let Some(rest) = self.0.strip_prefix('=') else {
            self.0 = before;
            return None;
        };
        self.0 = rest;
        self.skip(|c| matches!(c, ' ' | '\t'));
        let value = if self.0.starts_with('"') { self.quoted() } else { self.token().map(str::to_owned) };
        if value.is_none() {
            self.0 = before;
        }
        value
    }

    /// A quoted text; one that never ends reaches to the end of the line.
    fn quoted(&mut self) -> Option<String> {
        let inner = self.0.strip_prefix('"')?;
        let mut text = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.0 = inner.get(at + 1..).unwrap_or_default();
                    return Some(text);
                }
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                _ => text.push(c),
            }
        }
        self.0 = "";
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(String, Vec<(String, String)>)> {
        challenges(value).into_iter().map(|challenge| (challenge.scheme, challenge.params)).collect()
    }

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn one_line_holds_several_challenges() {
        let line = r#"Basic realm="a, Bearer scope=\"no\"", charset="UTF-8", Bearer error=insufficient_scope , scope = "posts:read posts:write",Negotiate"#;
        assert_eq!(
            read(line),
            [
                ("Basic".into(), params(&[("realm", "a, Bearer scope=\"no\""), ("charset", "UTF-8")])),
                ("Bearer".into(), params(&[("error", "insufficient_scope"), ("scope", "posts:read posts:write")])),
                ("Negotiate".into(), vec![]),
            ]
        );
        let negotiate = challenges("Negotiate a/b+c==, bearer");
        assert_eq!(negotiate[0].token68.as_deref(), Some("a/b+c=="));
        assert_eq!(negotiate[1].scheme, "bearer");
    }

    #[test]
    fn broken_lines_end_and_do_not_hang() {
        for line in ["", ",,,", "=", "Bearer =", "Bearer scope=\"open", "Bearer \"x\"", "é", "a=b", "Bearer scope="] {
            let _ = challenges(line);
        }
        assert_eq!(read("Bearer scope=\"open"), [("Bearer".into(), params(&[("scope", "open")]))]);
        assert_eq!(read("Bearer"), [("Bearer".into(), vec![])]);
        assert_eq!(read(",, Bearer ,, realm=x"), [("Bearer".into(), params(&[("realm", "x")]))]);
        assert!(challenges(&"a ,".repeat(100_000)).len() <= CHALLENGES_MAX);
    }
}
