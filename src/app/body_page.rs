//! One page of a body, read off the drawing thread, so that a body of any size can be looked at.

use std::sync::Arc;

use bytes::Bytes;

use super::BodyView;
use crate::disk::DiskError;
use crate::exchange::{Body, Charset, is_binary};

/// How much of a body a page shows, in bytes; half a mebibyte.
pub const PAGE_BYTES: u64 = 512 * 1024;

/// How much of a body tells its charset and whether it is text, in bytes.
const HEAD_BYTES: usize = 4096;

/// How far an edge of a page may move back to stand between two characters, in bytes.
const EDGE_BYTES: u64 = 4096;

/// A part of a body as text and as bytes.
///
/// The edges of a text's page stand between characters: one that the page's end would cut belongs to the next page.
/// All pages together are the body, nothing twice and nothing lost.
/// *Secrets*: possibly; it is what came.
#[derive(Clone, Debug)]
pub struct BodyPage {
    /// The page's place, a multiple of [`PAGE_BYTES`].
    pub offset: u64,
    /// Where `bytes` begin in the body: `offset`, or a little before it where a character of a text lies across.
    pub start: u64,
    /// The whole body's length in bytes.
    pub total: u64,
    /// The page's bytes as they came.
    pub bytes: Bytes,
    /// The page's bytes as text, in the charset of the whole body.
    pub view: Arc<BodyView>,
}

impl BodyPage {
    /// Reads the page in which `offset` lies; one behind the end gives the last page.
    ///
    /// `content_type` is that of the answer; the body's first bytes tell the charset too.
    /// *Errors*: [`DiskError::System`] where a spill file cannot be read.
    pub fn read(body: &Body, offset: u64, content_type: Option<&str>) -> Result<Self, DiskError> {
        let total = body.len_bytes();
        let offset = offset.min(total.saturating_sub(1)) / PAGE_BYTES * PAGE_BYTES;
        let end = offset.saturating_add(PAGE_BYTES).min(total);
        let head = body.head(HEAD_BYTES)?;
        let charset = Charset::find(&head, content_type);
        let is_text = !is_binary(&head, content_type);

        // An edge is found from the bytes before it alone, so that both its pages find the same.
        let window_start = offset.saturating_sub(EDGE_BYTES);
        let window = body.slice(window_start, as_len(end - window_start))?;
        let moved = |edge: u64| {
            if !is_text || edge == 0 || edge == total {
                return edge;
            }
            let before = window.get(as_len(edge - EDGE_BYTES - window_start)..as_len(edge - window_start));
            edge - u64::try_from(charset.unfinished_bytes(before.unwrap_or_default())).unwrap_or(0)
        };
        let (start, stop) = (moved(offset), moved(end));
        // In range, because an edge moves back by at most the bytes that it was found from.
        let bytes = window.slice(as_len(start - window_start)..as_len(stop - window_start));
        let (text, is_lossy) = charset.text(&bytes, start);
        let view = Arc::new(BodyView::of_text(text.into(), is_lossy));
        Ok(Self { offset, start, total, bytes, view })
    }

    /// The place of the page behind it; none for the last.
    pub fn next_offset(&self) -> Option<u64> {
        self.offset.checked_add(PAGE_BYTES).filter(|next| *next < self.total)
    }

    /// The place of the page before it; none for the first.
    pub fn previous_offset(&self) -> Option<u64> {
        self.offset.checked_sub(PAGE_BYTES)
    }
}

/// A length within one page and its edge.
fn as_len(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::disk::SpillDir;

    const PAGE: usize = 512 * 1024;

    fn spilled(bytes: &[u8]) -> Body {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = SpillDir::new(Some(dir.path().to_path_buf())).create().unwrap();
        writer.append(bytes).unwrap();
        Body::Spilled(writer.finish())
    }

    /// Every page from first to last, with the way back walked too.
    fn pages(body: &Body, content_type: Option<&str>) -> Vec<BodyPage> {
        let mut pages = vec![BodyPage::read(body, 0, content_type).unwrap()];
        while let Some(next) = pages.last().unwrap().next_offset() {
            let page = BodyPage::read(body, next, content_type).unwrap();
            assert_eq!(page.previous_offset(), Some(pages.last().unwrap().offset));
            pages.push(page);
        }
        assert_eq!(pages.first().unwrap().previous_offset(), None);
        pages
    }

    fn text(pages: &[BodyPage]) -> String {
        pages.iter().map(|page| page.view.text.as_ref()).collect()
    }

    fn assert_all_is_there(pages: &[BodyPage], bytes: &[u8]) {
        let mut end = 0;
        for page in pages {
            assert_eq!(page.start, end);
            assert_eq!(page.total, bytes.len() as u64);
            end += page.bytes.len() as u64;
        }
        assert!(pages.iter().flat_map(|page| &page.bytes).eq(bytes));
    }

    #[test]
    fn all_pages_of_a_utf_8_text_together_are_the_text() {
        for shift in 0..4 {
            let body = format!("{}{}", "x".repeat(shift), "😀".repeat(PAGE / 4 * 3 + 5));
            for held in [Body::from(body.clone().into_bytes()), spilled(body.as_bytes())] {
                let pages = pages(&held, Some("text/plain"));
                assert_eq!(pages.len(), 4);
                assert!(pages.iter().all(|page| !page.view.is_lossy), "no character is cut");
                assert!(text(&pages) == body);
                assert_all_is_there(&pages, body.as_bytes());
            }
        }
    }

    #[test]
    fn a_last_page_of_one_cut_character_is_not_lost() {
        for len in [PAGE - 1, PAGE, PAGE + 1] {
            let body = format!("{}ä", "x".repeat(len - 2));
            let pages = pages(&Body::from(body.clone().into_bytes()), None);
            assert_eq!(pages.len(), if len > PAGE { 2 } else { 1 });
            assert!(text(&pages) == body);
            assert_all_is_there(&pages, body.as_bytes());
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_replaced_as_in_the_whole() {
        // Every way to be cut short or wrong comes to lie across an edge, because the pattern's length is odd.
        let pattern = b"a\xf0\x9f\x98\xc3\xe2\x82\xff\x80\x80\xed\xa0\x80b\xf4\x90\xe0\x80\xc3\xa4\xf0";
        for shift in 0..pattern.len() {
            let body = [&vec![b'-'; shift], &pattern.repeat(2 * PAGE / pattern.len() + 3)[..]].concat();
            let pages = pages(&Body::from(body.clone()), Some("text/plain"));
            assert!(text(&pages) == String::from_utf8_lossy(&body));
            assert_all_is_there(&pages, &body);
        }
    }

    #[test]
    fn pages_of_other_charsets_cut_no_character_either() {
        let utf_16: Vec<u8> =
            std::iter::once(0xfeff).chain("a😀".repeat(PAGE / 3).encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let pages_16 = pages(&Body::from(utf_16.clone()), None);
        assert!(text(&pages_16) == "a😀".repeat(PAGE / 3));
        assert_all_is_there(&pages_16, &utf_16);

        let shift_jis = b"\"\x93\xfa\x96\x7b\x8c\xea\"".repeat(PAGE / 8 * 2).split_off(1);
        let pages_jis = pages(&Body::from(shift_jis.clone()), Some("text/plain; charset=Shift_JIS"));
        assert!(text(&pages_jis) == "\"日本語\"".repeat(PAGE / 8 * 2)[1..]);
        assert_all_is_there(&pages_jis, &shift_jis);

        let latin = vec![0xe4; PAGE + 1];
        let pages_latin = pages(&Body::from(latin.clone()), Some("text/plain; charset=latin1"));
        assert!(text(&pages_latin) == "ä".repeat(PAGE + 1));
        assert_all_is_there(&pages_latin, &latin);
    }

    #[test]
    fn pages_of_bytes_begin_where_rows_of_sixteen_do() {
        let body = [b"\0\0".as_slice(), "😀".repeat(PAGE / 2).as_bytes()].concat();
        let pages = pages(&Body::from(body.clone()), None);
        assert!(pages.iter().all(|page| page.start == page.offset && page.offset % PAGE_BYTES == 0));
        assert_all_is_there(&pages, &body);
    }

    #[test]
    fn any_offset_gives_the_page_it_lies_in() {
        let body = Body::from(vec![b'a'; 2 * PAGE + 1]);
        let place = |offset| BodyPage::read(&body, offset, None).unwrap().offset;
        assert_eq!(
            [0, PAGE_BYTES - 1, PAGE_BYTES, 2 * PAGE_BYTES, u64::MAX].map(place),
            [0, 0, PAGE_BYTES, 2 * PAGE_BYTES, 2 * PAGE_BYTES]
        );
        let exact = Body::from(vec![b'a'; 2 * PAGE]);
        assert_eq!(BodyPage::read(&exact, 2 * PAGE_BYTES, None).unwrap().offset, PAGE_BYTES);
    }

    #[test]
    fn an_empty_body_has_one_empty_page() {
        let pages = pages(&Body::empty(), None);
        assert_eq!((pages.len(), pages[0].total, pages[0].bytes.len()), (1, 0, 0));
        assert_eq!(pages[0].view.rows.len(), 1);
    }

    #[test]
    fn a_small_body_is_one_page_that_shares_its_bytes() {
        let body = Body::from(br#"{"a":1}"#.to_vec());
        let page = BodyPage::read(&body, 0, Some("application/json")).unwrap();
        assert_eq!(page.bytes.as_ptr(), body.in_memory().unwrap().as_ptr());
        assert!(page.view.is_json);
        assert_eq!(page.next_offset(), None);
    }
}
