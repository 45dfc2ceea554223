//! Reads a profile from TOML and refuses a broken one with line and remedy.

use std::ops::Range;

use toml::de::DeTable;

use super::{Fault, Profile, ProfileError, rules};

/// The longest profile that is read, in bytes.
pub const MAX_PROFILE_BYTES: usize = 1 << 20;

/// A profile from its text; `file_name` is only for messages.
///
/// # Errors
///
/// `TooLong` above [`MAX_PROFILE_BYTES`]; `Broken` with line, column and remedy for everything else: no TOML,
/// unknown or missing keys, wrong types, and whatever breaks a rule (two defaults, an unknown action or topic, …).
pub fn load(text: &str, file_name: &str) -> Result<Profile, ProfileError> {
    if text.len() > MAX_PROFILE_BYTES {
        return Err(ProfileError::TooLong { file: file_name.to_owned() });
    }
    let broken = |fault: Fault, span: Option<Range<usize>>| {
        let (line, column) = line_and_column(text, span.map_or(0, |span| span.start));
        ProfileError::Broken { file: file_name.to_owned(), line, column, fault }
    };
    let document = DeTable::parse(text).map_err(|error| {
        broken(Fault::Syntax(crate::text::visible_line(error.message()).into_owned()), error.span())
    })?;
    let profile: Profile =
        toml::from_str(text).map_err(|error| broken(fault_from_message(error.message()), error.span()))?;
    match rules::first_broken(&profile) {
        None => Ok(profile),
        Some((fault, place)) => Err(broken(fault, rules::span_of(document.get_ref(), &place))),
    }
}

/// What the TOML reader's sentence says. Its words are those of serde, which keeps them stable.
///
/// It repeats words of the file, so they are made safe to show first.
fn fault_from_message(message: &str) -> Fault {
    let message = crate::text::visible_line(message);
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut words = quoted(&message).into_iter();
        let word = words.next().unwrap_or_default();
        let known = words.collect();
        if message.starts_with("unknown field") {
            return Fault::UnknownKey { key: word, known };
        }
        return Fault::UnknownWord { what: "the kind", word, known };
    }
    if message.starts_with("missing field") {
        return Fault::MissingKey(quoted(&message).into_iter().next().unwrap_or_default());
    }
    if message.starts_with("invalid type") {
        return Fault::WrongType(message.into_owned());
    }
    Fault::Other(message.into_owned())
}

/// The line and column of a byte, counted from 1, the column in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(line_start..).unwrap_or("").chars().count() + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HEAD: &str = "name = \"mine\"\ntitle = \"Mine\"\n";

    /// The line, column and fault of a profile that must be refused.
    fn refused(text: &str) -> (usize, usize, Fault) {
        match load(text, "mine.toml").unwrap_err() {
            ProfileError::Broken { line, column, fault, .. } => (line, column, fault),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_slip_in_a_key_is_named_with_the_key_that_was_meant() {
        let text = format!("{HEAD}\n[auth]\nhaeder = \"Authorization\"\n");
        let (line, column, fault) = refused(&text);
        assert_eq!((line, column), (5, 1));
        assert_eq!(fault.to_string(), "there is no key haeder here");
        assert_eq!(fault.fix(), "did you mean header?");
        let error = load(&text, "mine.toml").unwrap_err();
        assert_eq!(error.place().unwrap(), "mine.toml, line 5, column 1");
        assert_eq!(error.to_string(), "there is no key haeder here, line 5, column 1: mine.toml");
    }

    #[test]
    fn a_wrong_type_says_what_to_write() {
        let (line, column, fault) = refused("name = 5\ntitle = \"Mine\"\n");
        assert_eq!((line, column), (1, 8));
        assert_eq!(fault.fix(), "write text in quotes, such as \"value\"");
        let (line, _, fault) = refused(&format!("{HEAD}[request_id]\nheaders = \"X\"\n"));
        assert_eq!(line, 4);
        assert!(fault.fix().starts_with("write a list"), "{}", fault.fix());
    }

    #[test]
    fn a_missing_key_is_named_at_its_table() {
        let (_, _, fault) = refused("name = \"mine\"\n");
        assert_eq!(fault, Fault::MissingKey("title".into()));
        let (line, _, fault) = refused(&format!("{HEAD}\n[[links]]\ntopic = \"docs\"\n"));
        assert_eq!(fault, Fault::MissingKey("title".into()));
        assert_eq!(line, 4);
    }

    #[test]
    fn what_is_no_toml_is_refused_at_its_line() {
        let (line, _, fault) = refused("name = \"mine\"\ntitle = Mine\n");
        assert_eq!(line, 2);
        assert!(matches!(fault, Fault::Syntax(_)));
        assert!(matches!(refused("\u{feff}\u{feff}=").2, Fault::Syntax(_)));
    }

    #[test]
    fn a_kind_that_does_not_exist_is_answered_with_those_that_do() {
        let text = format!("{HEAD}[[environments]]\nname = \"p\"\ntitle = \"P\"\nkind = \"producton\"\n");
        let (line, _, fault) = refused(&text);
        assert_eq!(line, 6);
        assert_eq!(fault.fix(), "did you mean production?");
    }

    #[test]
    fn rules_are_answered_at_the_value_that_breaks_them() {
        let environment = |name: &str, more: &str| {
            format!("[[environments]]\nname = \"{name}\"\ntitle = \"T\"\nkind = \"production\"\n{more}\n")
        };
        let base = "base = \"https://a.example\"";
        let is_default = format!("{base}\nis_default = true");
        let cases: Vec<(String, usize, &str)> = vec![
            (format!("{}{}", environment("a", &is_default), environment("b", &is_default)), 14, "2 environments are the default"),
            (environment("a", base), 3, "0 environments are the default"),
            (environment("a", "is_default = true"), 3, "the key base is missing"),
            (environment("a", "base = \"ftp://a.example\"\nis_default = true"), 7, "\"ftp://a.example\" is not a base address"),
            (environment("a", "base = \"https://u:p@a.example\"\nis_default = true"), 7, "is not a base address"),
            (format!("{}{}", environment("a", &is_default), environment("a", base)), 10, "the environment \"a\" is there twice"),
            ("[[codes]]\ncode = \"x\"\nmeaning = \"m\"\nresolve = []\nactions = [\n  \"set_field\",\n  \"set_feild\"\n]\n".into(), 9, "an action id cannot be \"set_feild\""),
            ("[[codes]]\ncode = \"x\"\nmeaning = \"m\"\nresolve = []\nlink = \"rate_limit\"\n\n[[links]]\ntopic = \"rate_limits\"\ntitle = \"R\"\n".into(), 7, "a link topic cannot be \"rate_limit\""),
            ("[envelope]\ncode = \"error.code\"\nmessage = \"/m\"\n".into(), 4, "\"error.code\" is not a JSON Pointer"),
            ("[envelope]\ncode = \"/c\"\nmessage = \"/a~2\"\n".into(), 5, "\"/a~2\" is not a JSON Pointer"),
            ("[auth]\nheader = \"Not a header\"\n".into(), 4, "\"Not a header\" is not a header name"),
            ("[workspace]\nheader = \"Host\"\n".into(), 4, "\"Host\" is not a header that a profile may fill in"),
            ("[auth]\nheader = \"X-Key\"\n[workspace]\nheader = \"x-key\"\n".into(), 6, "is not a header that a profile may fill in"),
            ("[[checks]]\nid = \"webhook\"\ntitle = \"W\"\ntext = \"t\"\n".into(), 4, "a check id cannot be \"webhook\""),
            ("[[links]]\ntopic = \"d\"\ntitle = \"D\"\nurl = \"javascript:alert(1)\"\n".into(), 6, "is not a link that may be opened"),
            ("[[requests]]\nname = \"r\"\nmethod = \"PO ST\"\nurl = \"{{base}}/\"\n".into(), 5, "\"PO ST\" is not a method"),
        ];
        for (text, line, message) in cases {
            let (found, _, fault) = refused(&format!("{HEAD}{text}"));
            assert!(fault.to_string().contains(message), "{fault} instead of {message}");
            assert_eq!(found, line, "{text}\n{fault}");
            assert!(!fault.fix().is_empty());
        }
    }

    #[test]
    fn the_profiles_own_name_has_to_be_a_plain_word() {
        let (line, column, fault) = refused("name = \"../mine\"\ntitle = \"Mine\"\n");
        assert_eq!((line, column), (1, 8));
        assert!(matches!(fault, Fault::BadForm { .. }));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("a\näö\tx", 7), (2, 4));
        assert_eq!(line_and_column("", 99), (1, 1));
    }
}
