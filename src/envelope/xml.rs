//! The elements of a small XML text, read flat and without entities of its own.

use super::html::entities_read;

/// How much of a text is looked at, in bytes; error documents are far shorter.
const MOST_BYTES: usize = 256 * 1024;
/// How many elements are kept.
const MOST_ELEMENTS: usize = 500;
/// How deep elements may stand.
const DEEPEST: usize = 64;

/// An element that holds text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The names that lead to it, from the root on, without prefixes. Shape: `/Error/Code`.
    pub path: String,
    /// Its text, trimmed, entities read.
    pub text: String,
}

/// Every element that holds text alone, in text order, up to the first thing that is no XML.
///
/// Document types are skipped and never resolved. An element that the text cuts off is not there.
pub(super) fn leaves(text: &str) -> Vec<Leaf> {
    let text = text.get(..text.floor_char_boundary(MOST_BYTES)).unwrap_or(text);
    let mut found = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    // The text of the innermost element so far; none once it holds another element.
    let mut words: Option<String> = None;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        if let Some(words) = &mut words {
            words.push_str(&entities_read(rest.get(..at).unwrap_or("")));
        }
        rest = rest.get(at..).unwrap_or("");
        if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let Some((inside, behind)) = after.split_once("]]>") else { break };
            if let Some(words) = &mut words {
                words.push_str(inside);
            }
            rest = behind;
            continue;
        }
        let end =
            if rest.starts_with("<!--") { rest.find("-->").map(|at| at + 3) } else { rest.find('>').map(|at| at + 1) };
        let Some(end) = end else { break };
        let tag = rest.get(..end).unwrap_or("");
        rest = rest.get(end..).unwrap_or("");
        if tag.starts_with("<!") || tag.starts_with("<?") {
            continue;
        }
        if let Some(name) = tag.strip_prefix("</") {
            let name = name.trim_end_matches('>').trim();
            if open.last() != Some(&local(name)) {
                break;
            }
            if let Some(words) = words.take() {
                found.push(Leaf { path: path(&open), text: words.trim().to_owned() });
            }
            open.pop();
        } else {
            let inside = tag.trim_start_matches('<').trim_end_matches('>');
            let is_closed = inside.ends_with('/');
            let name = inside.trim_end_matches('/').split(char::is_whitespace).next().unwrap_or("");
            open.push(local(name));
            words = Some(String::new());
            if is_closed {
                found.push(Leaf { path: path(&open), text: String::new() });
                open.pop();
                words = None;
            }
        }
        if found.len() >= MOST_ELEMENTS || open.len() > DEEPEST {
            break;
        }
    }
    found
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn path(open: &[&str]) -> String {
    open.iter().fold(String::new(), |path, name| path + "/" + name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(String, String)> {
        leaves(text).into_iter().map(|leaf| (leaf.path, leaf.text)).collect()
    }

    #[test]
    fn leaves_come_with_their_way() {
        let text = "<?xml version=\"1.0\"?>\n<!-- > --><a:Error xmlns='u'><Code> Slow&amp;Down </Code><Empty/>\
                    <In><X><![CDATA[<b>]]></X></In></a:Error>";
        let expected = [("/Error/Code", "Slow&Down"), ("/Error/Empty", ""), ("/Error/In/X", "<b>")];
        assert_eq!(said(text), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
    }

    #[test]
    fn what_is_cut_or_crossed_is_not_there() {
        assert_eq!(said("<Error><Code>Slow"), []);
        assert_eq!(said("<a><b>x</a></b>"), []);
        assert_eq!(said(&"<a>".repeat(100_000)), []);
        assert_eq!(said("<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><e>&y;</e>").len(), 1);
    }
}
