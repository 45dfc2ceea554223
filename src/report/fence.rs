//! Foreign text in Markdown: only inside code that it cannot get out of.

use crate::text::{visible, visible_line};

/// A text as an inline code span. Nothing in it comes alive: no link, image, mention or HTML.
pub(super) fn code(text: &str) -> String {
    let text = visible_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // CommonMark takes one space off each side, which also keeps a backtick at the edge apart from the fence.
    if text.is_empty() { "(empty)".to_owned() } else { format!("{fence} {text} {fence}") }
}

/// A text as a fenced block, its fence longer than any run of backticks inside.
pub(super) fn block(info: &str, text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    format!("{fence}{info}\n{text}{end}{fence}\n")
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
    use super::*;

    #[test]
    fn text_cannot_end_its_own_fence() {
        assert_eq!(code("a `b` ```c"), "```` a `b` ```c ````");
        assert_eq!(block("json", "x\n```\n<img>"), "````json\nx\n```\n<img>\n````\n");
    }

    #[test]
    fn control_characters_are_made_visible() {
        assert!(!code("a\u{1b}[2J\nb\u{202e}").contains(['\u{1b}', '\n', '\u{202e}']));
    }
}
