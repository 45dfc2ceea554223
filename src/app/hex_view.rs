//! Bytes as rows of hexadecimal digits, each made only when it is drawn.

use std::fmt::Write as _;

/// How many bytes a row shows.
pub const HEX_ROW_BYTES: usize = 16;

/// The width of sixteen bytes in digits, with the gap in the middle.
const DIGITS_WIDTH: usize = 48;

/// How many rows `len` bytes take.
pub fn row_count(len: usize) -> usize {
    len.div_ceil(HEX_ROW_BYTES)
}

/// The row of that number, counted from 0; none behind the end.
///
/// `first_offset` is where `bytes` begin in the body.
/// Shape: `00000010  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|`; offsets from 4 GiB on have
/// more digits, and a short last row keeps its text in the same column.
pub fn hex_row(bytes: &[u8], first_offset: u64, row: usize) -> Option<String> {
    let start = row.checked_mul(HEX_ROW_BYTES)?;
    let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
    let shown = rest.get(..HEX_ROW_BYTES).unwrap_or(rest);
    let offset = first_offset.saturating_add(u64::try_from(start).unwrap_or(u64::MAX));

    let mut digits = String::with_capacity(DIGITS_WIDTH);
    for (at, byte) in shown.iter().enumerate() {
        let gap = match at {
            0 => "",
            8 => "  ",
            _ => " ",
        };
        // Writing into a String cannot fail.
        let _ = write!(digits, "{gap}{byte:02x}");
    }
    let text: String =
        shown.iter().map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' }).collect();
    Some(format!("{offset:08x}  {digits:DIGITS_WIDTH$}  |{text}|"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_offset_digits_and_text() {
        let bytes = [b"0123456789abcdef".as_slice(), b"GET / HTTP/1.1\r\n", b"\x00\x7f\xc3\xa4~"].concat();
        let rows: Vec<_> = (0..row_count(bytes.len())).map(|row| hex_row(&bytes, 0, row).unwrap()).collect();
        assert_eq!(
            rows,
            [
                "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|",
                "00000010  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|",
                "00000020  00 7f c3 a4 7e                                    |....~|",
            ]
        );
    }

    #[test]
    fn there_is_no_row_behind_the_end() {
        assert_eq!((row_count(0), row_count(1), row_count(16), row_count(17)), (0, 1, 1, 2));
        assert_eq!(hex_row(b"", 0, 0), None);
        assert_eq!(hex_row(&[0; 16], 0, 1), None);
        assert_eq!(hex_row(b"a", 0, usize::MAX), None);
    }

    #[test]
    fn offsets_beyond_four_gibibytes_have_more_digits() {
        let row = |first_offset| hex_row(&[0; 17], first_offset, 1).unwrap();
        assert!(row(0xffff_ffe0).starts_with("fffffff0  00 "));
        assert!(row(0xffff_fff0).starts_with("100000000  00 "));
        assert!(row(u64::MAX).starts_with("ffffffffffffffff  "));
    }
}
