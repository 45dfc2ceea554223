//! Charsets by each source, in each spelling, and where a text may be cut.

use super::*;

fn read(body: &[u8], content_type: &str) -> (String, &'static str, CharsetSource, bool) {
    let decoded = decode(body, Some(content_type).filter(|value| !value.is_empty()));
    (decoded.text.into_owned(), decoded.charset, decoded.from, decoded.is_lossy)
}

fn named(content_type: &str) -> &'static str {
    decode(b"", Some(content_type)).charset
}

#[test]
fn without_a_word_it_is_utf_8_and_borrowed() {
    let body = "{\"ä\": 1}".as_bytes();
    let decoded = decode(body, Some("application/json"));
    assert!(matches!(decoded.text, Cow::Borrowed(_)));
    assert_eq!((decoded.charset, decoded.from, decoded.is_lossy), ("UTF-8", CharsetSource::Default, false));
    assert_eq!(decoded.unknown_label, None);
}

#[test]
fn utf_8_keeps_its_mark_so_that_offsets_fit() {
    let body = b"\xef\xbb\xbfabc";
    let decoded = decode(body, Some("text/plain; charset=latin1"));
    assert_eq!(decoded.text.as_bytes(), body);
    assert!(matches!(decoded.text, Cow::Borrowed(_)));
    assert_eq!((decoded.charset, decoded.from), ("UTF-8", CharsetSource::Bom));
}

#[test]
fn a_mark_wins_over_the_content_type_and_is_taken_off_utf_16() {
    let expected = |charset| ("{\u{1f600}}".to_owned(), charset, CharsetSource::Bom, false);
    let little = b"\xff\xfe{\0\x3d\xd8\x00\xde}\0";
    let big = b"\xfe\xff\0{\xd8\x3d\xde\x00\0}";
    assert_eq!(read(little, "application/json; charset=utf-8"), expected("UTF-16LE"));
    assert_eq!(read(big, ""), expected("UTF-16BE"));
}

#[test]
fn the_parameter_is_found_in_every_spelling() {
    for content_type in [
        "text/plain; charset=iso-8859-2",
        "text/plain;charset=ISO-8859-2",
        "text/plain; CharSet = \"iso-8859-2\"; format=flowed",
        "text/plain; format=flowed; charset='ISO-8859-2'",
        "multipart/mixed; boundary=\"a;charset=utf-8\\\";\"; charset=latin2",
    ] {
        assert_eq!(named(content_type), "ISO-8859-2", "{content_type}");
    }
    for content_type in ["", ";", "charset=latin2", "text/plain; charset", "text/plain; charset=", "a; xcharset=latin2"]
    {
        assert_eq!(named(content_type), "UTF-8", "{content_type}");
    }
}

#[test]
fn latin_1_is_read_as_the_standard_says() {
    assert_eq!(
        read(b"na\xefve \x80", "text/plain; charset=ISO-8859-1"),
        ("naïve €".to_owned(), "windows-1252", CharsetSource::ContentType, false)
    );
    assert_eq!(read(b"\x93\xfa\x96\x7b", "text/plain; charset=Shift_JIS").0, "日本");
}

#[test]
fn json_follows_a_content_type_that_names_a_charset() {
    assert_eq!(read(b"\"\xe4\"", "application/json; charset=latin1").0, "\"ä\"");
    assert_eq!(read(b"\"\xe4\"", "application/json").0, "\"\u{fffd}\"");
}

#[test]
fn an_unknown_label_is_said_and_read_as_utf_8() {
    for label in ["utf-99", "hz-gb-2312", "none of them"] {
        let content_type = format!("text/plain; charset=\"{label}\"");
        let decoded = decode("ä".as_bytes(), Some(&content_type));
        assert_eq!((decoded.text.as_ref(), decoded.charset, decoded.from), ("ä", "UTF-8", CharsetSource::Default));
        assert_eq!(decoded.unknown_label.as_deref(), Some(label));
    }
    let long = format!("a/b; charset={}", "ä".repeat(5_000));
    assert_eq!(decode(b"", Some(&long)).unknown_label.map(|label| label.chars().count()), Some(LABEL_CHARS));
}

#[test]
fn bytes_that_mean_nothing_are_said() {
    assert_eq!(
        read(b"a\xffb", "text/plain; charset=utf-8"),
        ("a\u{fffd}b".to_owned(), "UTF-8", CharsetSource::ContentType, true)
    );
    assert!(read(b"\x82", "text/plain; charset=Shift_JIS").3);
}

#[test]
fn html_may_name_its_charset_itself() {
    for head in [
        "<meta charset=latin2>",
        "<!doctype html><META  Charset = 'ISO-8859-2' />",
        "<meta name=a content=b><meta http-equiv=Content-Type content=\"text/html; charset=iso-8859-2\">",
        "<meta charset=latin2/>",
    ] {
        let found = Charset::find(head.as_bytes(), Some("Text/HTML"));
        assert_eq!((found.name(), found.from), ("ISO-8859-2", CharsetSource::Meta), "{head}");
        assert_eq!(Charset::find(head.as_bytes(), Some("text/plain")).from, CharsetSource::Default);
        let declared = Charset::find(head.as_bytes(), Some("text/html; charset=utf-8"));
        assert_eq!((declared.name(), declared.from), ("UTF-8", CharsetSource::ContentType));
    }
    let html = |head: &str| Charset::find(head.as_bytes(), Some("text/html"));
    assert_eq!((html("<meta charset=utf-16>").name(), html("<meta charset").from), ("UTF-8", CharsetSource::Default));
    assert_eq!(html("<meta charset=x-none>").unknown_label.as_deref(), Some("x-none"));
    assert_eq!(html(&format!("{}<meta charset=latin2>", " ".repeat(1024))).name(), "UTF-8");
}

#[test]
fn a_cut_moves_before_the_character_it_would_split() {
    let unfinished = |label: &str, bytes: &[u8]| {
        Charset::find(b"", Some(&format!("text/plain; charset={label}"))).unfinished_bytes(bytes)
    };
    for (bytes, expected) in [
        (b"".as_slice(), 0),
        (b"abc", 0),
        ("ä".as_bytes(), 0),
        (b"a\xc3", 1),
        (b"a\xe2\x82", 2),
        (b"a\xf0\x9f\x98", 3),
        ("\u{1f600}".as_bytes(), 0),
        (b"\x80\x80\x80\x80", 0),
        (b"a\xff", 0),
        (b"\xc3\x28", 0),
    ] {
        assert_eq!(unfinished("utf-8", bytes), expected, "{bytes:x?}");
    }
    assert_eq!(unfinished("utf-16le", b"a\0\x3d\xd8"), 2);
    assert_eq!(unfinished("utf-16be", b"\0a\xd8\x3d"), 2);
    assert_eq!(unfinished("utf-16le", b"\x3d\xd8\x00\xde"), 0);
    assert_eq!(unfinished("utf-16le", b"\xd8"), 0);
    assert_eq!(unfinished("latin1", b"\xe2\x82"), 0);
    assert_eq!(unfinished("shift_jis", b"a,\x93\xfa\x96"), 3);
    assert_eq!(unfinished("gb18030", b"\"\x81\x30\x81"), 3);
    assert_eq!(unfinished("iso-2022-jp", b"a \x1b$B\x46\x7c"), 5);
    assert_eq!(unfinished("big5", b"\xa4\xa4\xa4"), 0);
}
