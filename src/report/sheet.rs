//! A sheet of Markdown: our own words, and foreign text only inside code that it cannot get out of.

use crate::secret::{Leak, Redacted, Redactor, placeholders};
use crate::text::{visible, visible_line};

/// The longest line of foreign text in a block, in characters.
const LINE_CHARS: usize = 400;
/// The longest foreign text inside a line of ours, in characters.
const INLINE_CHARS: usize = 1000;

/// A text that grows part by part; each foreign part passes the redactor before it is put into code.
pub(super) struct Sheet<'r> {
    redactor: &'r mut Redactor,
    parts: Vec<String>,
}

impl<'r> Sheet<'r> {
    /// An empty sheet.
    pub(super) fn new(redactor: &'r mut Redactor) -> Self {
        Self { redactor, parts: Vec::new() }
    }

    /// Our own words, as they are.
    pub(super) fn own(&mut self, text: impl Into<String>) {
        self.parts.push(text.into());
    }

    /// A foreign text as an inline code span. Nothing in it comes alive: no link, image, mention or HTML.
    pub(super) fn code(&mut self, text: &str) {
        let (cut, is_cut) = shortened(text, INLINE_CHARS);
        let inside = self.redactor.redact(visible_line(cut).into_owned()).into_inner();
        if inside.is_empty() {
            return self.own("(empty)");
        }
        let fence = "`".repeat(longest_run(&inside) + 1);
        // CommonMark takes one space off each side, which also keeps a backtick at the edge apart from the fence.
        self.own(format!("{fence} "));
        self.parts.push(inside);
        self.own(format!(" {fence}"));
        if is_cut {
            self.own(format!(" … ({} characters in all)", text.chars().count()));
        }
    }

    /// A title of a profile: as it is where nothing in it could mean something to Markdown, else as code.
    pub(super) fn title(&mut self, text: &str) {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '.' | '\'' | '-' | '&' | '/');
        let is_markup =
            text.contains("//") || text.contains("www.") || text.trim() != text || text.chars().count() > 80;
        if !text.is_empty() && !is_markup && text.chars().all(is_plain) {
            // An ampersand before a space begins no entity.
            let ampersands_are_words = text.split('&').skip(1).all(|after| after.starts_with(' '));
            if ampersands_are_words {
                return self.own(text);
            }
        }
        self.code(text);
    }

    /// Foreign lines as a fenced block, its fence longer than any run of backticks inside. A long line is cut.
    ///
    /// A line is a part of its own: what begins in one can name nothing in the next.
    pub(super) fn block<'l>(&mut self, lines: impl Iterator<Item = (String, &'l str)>) {
        let mut inside = Vec::new();
        let mut longest = 2;
        for (margin, line) in lines {
            let (cut, is_cut) = shortened(line, LINE_CHARS);
            let shown = self.redactor.redact(visible(cut).into_owned()).into_inner();
            longest = longest.max(longest_run(&shown));
            let note = if is_cut { format!("… ({} characters in all)", line.chars().count()) } else { String::new() };
            inside.push([margin, shown, format!("{note}\n")]);
        }
        let fence = "`".repeat(longest + 1);
        self.own(format!("{fence}\n"));
        self.parts.extend(inside.into_iter().flatten());
        self.own(format!("{fence}\n"));
    }

    /// The finished text, searched once more as a whole, and how many secrets stand in it as placeholders.
    ///
    /// *Errors*: a secret that is still in it, with rule and place.
    pub(super) fn seal(self) -> Result<(Redacted<String>, usize), Leak> {
        let text = self.redactor.seal_parts(&self.parts)?;
        let removed = placeholders(&text).collect::<std::collections::BTreeSet<_>>().len();
        Ok((text, removed))
    }
}

/// The beginning of a text, and whether something was cut off. A placeholder is never cut in two.
fn shortened(text: &str, most: usize) -> (&str, bool) {
    let Some((at, _)) = text.char_indices().nth(most) else { return (text, false) };
    let head = text.get(..at).unwrap_or_default();
    let open = head.rfind('‹').filter(|open| !head.get(*open..).unwrap_or_default().contains('›'));
    // The first placeholder behind the cut stays too if it is all that stands behind the quote before it.
    let from = open.or_else(|| text.get(at..).is_some_and(|rest| rest.starts_with('‹')).then_some(at));
    let end = from.and_then(|from| {
        let rest = text.get(from..)?;
        placeholders(rest).next().filter(|found| rest.starts_with(found)).map(|found| from + found.len())
    });
    let end = end.filter(|end| *end > at).unwrap_or(at);
    (text.get(..end).unwrap_or(head), end < text.len())
}

fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::secret::Rules;

    fn redactor() -> Redactor {
        Redactor::new(Rules::built_in(), Vec::new())
    }

    fn sealed(sheet: Sheet<'_>) -> String {
        sheet.seal().unwrap().0.into_inner()
    }

    #[test]
    fn text_cannot_end_its_own_fence() {
        let mut redactor = redactor();
        let mut one = Sheet::new(&mut redactor);
        one.code("a `b` ```c");
        assert_eq!(sealed(one), "```` a `b` ```c ````");
        let mut many = Sheet::new(&mut redactor);
        many.block("x\n```\n<img>".lines().map(|line| (String::new(), line)));
        assert_eq!(sealed(many), "````\nx\n```\n<img>\n````\n");
    }

    #[test]
    fn control_characters_are_made_visible() {
        let mut redactor = redactor();
        let mut sheet = Sheet::new(&mut redactor);
        sheet.code("a\u{1b}[2J\nb\u{202e}");
        assert!(!sealed(sheet).contains(['\u{1b}', '\n', '\u{202e}']));
    }

    #[test]
    fn a_name_at_the_end_of_a_part_names_nothing_behind_it() {
        let mut redactor = redactor();
        let mut sheet = Sheet::new(&mut redactor);
        sheet.own("- **Message:** ");
        sheet.code("missing password:");
        sheet.own("\n- **Field:** ");
        sheet.code("@all");
        assert_eq!(sealed(sheet), "- **Message:** ` missing password: `\n- **Field:** ` @all `");
    }

    #[test]
    fn a_line_is_not_cut_through_a_placeholder() {
        for before in LINE_CHARS - 30..LINE_CHARS + 3 {
            let line = format!("{}\"token\": \"‹token#1›\", \"b\": 1{}", "x".repeat(before), "y".repeat(50));
            let mut redactor = redactor();
            let mut sheet = Sheet::new(&mut redactor);
            sheet.block([(String::new(), line.as_str()), (String::new(), "\"next\": \"line\"")].into_iter());
            let text = sealed(sheet);
            assert!(text.contains("\"next\": \"line\"\n```\n"), "{before}: {text}");
            assert_eq!(text.matches('‹').count(), text.matches('›').count(), "{before}: {text}");
        }
    }

    #[test]
    fn a_secret_planted_after_redaction_is_refused_with_rule_and_place() {
        for (planted, rule) in [
            ("\"password\": \"hunter2-hunter2\"", "name password"),
            ("AKIAIOSFODNN7EXAMPLE", "pattern aws"),
            ("the-known-value-1", "known value"),
        ] {
            let known = vec![("mine".to_owned(), crate::secret::Secret::new("the-known-value-1".into()))];
            let mut redactor = Redactor::new(Rules::built_in(), known);
            let mut sheet = Sheet::new(&mut redactor);
            sheet.own("# Escalation report\n\n");
            sheet.own(planted);
            let leak = sheet.seal().unwrap_err();
            assert!(leak.rule.starts_with(rule), "{planted}: {}", leak.rule);
            assert_eq!(leak.line, 3);
            assert!(leak.place().contains("line 3"), "{}", leak.place());
        }
    }

    #[test]
    fn a_title_of_a_profile_cannot_come_alive() {
        for title in ["<img src=x>", "@all", "[a](http://b)", "a\nb", "**x", "https://a.example", "a &lt; b", "#1"] {
            let mut redactor = redactor();
            let mut sheet = Sheet::new(&mut redactor);
            sheet.title(title);
            assert!(sealed(sheet).starts_with('`'), "{title}");
        }
        let mut redactor = redactor();
        let mut sheet = Sheet::new(&mut redactor);
        sheet.title("Authentication & OAuth");
        assert_eq!(sealed(sheet), "Authentication & OAuth");
    }
}
