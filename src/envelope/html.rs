//! The one sentence of a page or a plain text.

/// How far into a page its title is looked for, in bytes; error pages are far shorter.
const TITLE_WITHIN: usize = 256 * 1024;

/// Whether a text that begins with `<` is a page rather than XML.
pub(super) fn is_page(text: &str, content_type: &str) -> bool {
    let head = prefix(text, 1024).to_ascii_lowercase();
    content_type.contains("html") || ["<!doctype html", "<html", "<head", "<title"].iter().any(|tag| head.contains(tag))
}

/// A page's title with entities read and white space joined; none without a whole and non-empty one.
pub(super) fn title(text: &str) -> Option<String> {
    let head = prefix(text, TITLE_WITHIN);
    // Lower case keeps every ASCII byte in its place, so that offsets hold in both.
    let lower = head.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let tag = from + lower.get(from..)?.find("<title")?;
        let after = tag + "<title".len();
        from = after;
        // `<titles>` is another element.
        if !lower.get(after..)?.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()) {
            continue;
        }
        let start = after + lower.get(after..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</title")?;
        let words = entities_read(head.get(start..end)?);
        let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
        return (!joined.is_empty()).then_some(joined);
    }
}

/// The longest sentence taken from a text that is no envelope, in bytes; what is longer is no sentence but a body.
const SENTENCE_BYTES: usize = 4096;

/// The first line of a text that is not empty, trimmed; of a very long one its beginning, with `…` behind it.
pub(super) fn first_line(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let head = prefix(line, SENTENCE_BYTES);
    Some(if head.len() < line.len() { format!("{head}…") } else { line.to_owned() })
}

/// At most that many bytes from the beginning, ending between characters.
fn prefix(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

/// The character references that titles of error pages use; any other is left as it stands.
pub(super) fn entities_read(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        read.push_str(rest.get(..at).unwrap_or(""));
        rest = rest.get(at..).unwrap_or("");
        // No reference is longer than this, so that a page of ampersands takes linear time.
        let name_end = prefix(rest, 12).find(';');
        match name_end.and_then(|end| Some((end, entity(rest.get(1..end)?)?))) {
            Some((end, character)) => {
                read.push(character);
                rest = rest.get(end + 1..).unwrap_or("");
            }
            None => {
                read.push('&');
                rest = rest.get(1..).unwrap_or("");
            }
        }
    }
    read.push_str(rest);
    read
}

/// The character of a reference's name. Shape: `amp`, `#39`, `#x2014`.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "middot" => '·',
        "bull" => '•',
        "laquo" => '«',
        "raquo" => '»',
        "copy" => '©',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_found_in_any_case_and_with_attributes() {
        assert_eq!(title("<HTML><TITLE data-x='1'>\n 403\tForbidden </TITLE>").as_deref(), Some("403 Forbidden"));
        assert_eq!(title("<titles>no</titles><title>yes</title>").as_deref(), Some("yes"));
        assert_eq!(title("<title>&lt;b&gt; &#39;x&#x2014; &unknown; &").as_deref(), None);
        assert_eq!(
            title("<title>&lt;b&gt; &#39;x&#x2014; &unknown; &</title>").as_deref(),
            Some("<b> 'x— &unknown; &")
        );
    }

    #[test]
    fn pages_without_a_whole_title_have_none() {
        for page in ["<html></html>", "<title></title>", "<title", "<title>cut", "<title> </ti"] {
            assert_eq!(title(page), None, "{page}");
        }
    }

    #[test]
    fn xml_is_no_page() {
        assert!(!is_page("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>", "application/xml"));
        assert!(is_page("<?xml version=\"1.0\"?><!DOCTYPE html><html>", ""));
        assert!(is_page("<h1>Bad gateway</h1>", "text/html"));
    }

    #[test]
    fn the_first_line_that_says_something() {
        assert_eq!(first_line("\r\n  \n Too many requests \r\nmore").as_deref(), Some("Too many requests"));
        assert_eq!(first_line(" \n\t"), None);
    }
}
