//! Bodies in every content coding, right, cut, corrupt and under a wrong label, and texts in other charsets.

use async_compression::tokio::write::{BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::web::{Web, answer};

/// A content coding as servers send it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coding {
    Gzip,
    /// `deflate` as RFC 9110 has it: in the zlib wrapping.
    Zlib,
    /// `deflate` as many servers had it: without the wrapping.
    RawDeflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub const ALL: [Self; 5] = [Self::Gzip, Self::Zlib, Self::RawDeflate, Self::Brotli, Self::Zstd];

    /// Its word in `Content-Encoding`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib | Self::RawDeflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    pub async fn encode(self, plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Gzip => through(GzipEncoder::new(Vec::new()), plain, GzipEncoder::into_inner).await,
            Self::Zlib => through(ZlibEncoder::new(Vec::new()), plain, ZlibEncoder::into_inner).await,
            Self::RawDeflate => through(DeflateEncoder::new(Vec::new()), plain, DeflateEncoder::into_inner).await,
            Self::Brotli => through(BrotliEncoder::new(Vec::new()), plain, BrotliEncoder::into_inner).await,
            Self::Zstd => through(ZstdEncoder::new(Vec::new()), plain, ZstdEncoder::into_inner).await,
        }
    }
}

async fn through<E: AsyncWrite + Unpin>(mut encoder: E, plain: &[u8], bytes: fn(E) -> Vec<u8>) -> Vec<u8> {
    encoder.write_all(plain).await.unwrap();
    encoder.shutdown().await.unwrap();
    bytes(encoder)
}

/// 200 with these bytes as a JSON body under that `Content-Encoding`, right or not; its length is right.
///
/// Shape: `labelled("gzip", b"{}")` says gzip and is plain.
pub async fn labelled(label: &str, body: &[u8]) -> Web {
    let headers = [("Content-Type", "application/json"), ("Content-Encoding", label)];
    Web::always(answer("200 OK", &headers, body)).await
}

/// The text in that coding.
pub async fn coded(coding: Coding, plain: &[u8]) -> Web {
    labelled(coding.label(), &coding.encode(plain).await).await
}

/// The text in that coding, of which only the first `keep` bytes come; HTTP takes it for whole.
pub async fn cut(coding: Coding, plain: &[u8], keep: usize) -> Web {
    let bytes = coding.encode(plain).await;
    assert!(keep < bytes.len());
    labelled(coding.label(), &bytes[..keep]).await
}

/// The text in that coding with its middle byte turned round.
pub async fn corrupt(coding: Coding, plain: &[u8]) -> Web {
    let mut bytes = coding.encode(plain).await;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    labelled(coding.label(), &bytes).await
}

/// A text in gzip whose checksum at the end is wrong.
pub async fn wrong_checksum(plain: &[u8]) -> Web {
    let mut bytes = Coding::Gzip.encode(plain).await;
    let at = bytes.len() - 8;
    bytes[at] ^= 0xff;
    labelled("gzip", &bytes).await
}

/// A text in gzip as two members, which RFC 1952 allows.
pub async fn two_members(first: &[u8], second: &[u8]) -> Web {
    labelled("gzip", &[Coding::Gzip.encode(first).await, Coding::Gzip.encode(second).await].concat()).await
}

/// A text in gzip with other bytes behind it.
pub async fn with_rest(plain: &[u8], rest: &[u8]) -> Web {
    labelled("gzip", &[&Coding::Gzip.encode(plain).await[..], rest].concat()).await
}

/// The text in these codings one after the other, and their header. Shape: `gzip, br`.
pub async fn stacked(codings: &[Coding], plain: &[u8]) -> Web {
    let mut bytes = plain.to_vec();
    for coding in codings {
        bytes = coding.encode(&bytes).await;
    }
    let labels: Vec<_> = codings.iter().map(|coding| coding.label()).collect();
    labelled(&labels.join(", "), &bytes).await
}

/// 200 with these bytes under that `Content-Type`, without a coding.
pub async fn text(content_type: &str, body: &[u8]) -> Web {
    Web::always(answer("200 OK", &[("Content-Type", content_type)], body)).await
}

/// What [`latin1`] and [`utf16`] say.
pub const GREETING: &str = "{\"message\":\"Grüße aus Köln\"}";

/// JSON that is said to be UTF-8 and is not.
pub async fn invalid_utf8() -> Web {
    text("application/json; charset=utf-8", b"{\"message\":\"Gr\xfc\xdfe \xff\xfe\"}").await
}

/// [`GREETING`] in ISO 8859-1, which the header says.
pub async fn latin1() -> Web {
    let bytes: Vec<u8> = GREETING.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    text("application/json; charset=iso-8859-1", &bytes).await
}

/// [`GREETING`] in UTF-16 with its byte-order mark, little-endian or big-endian; the header says no charset.
pub async fn utf16(is_little_endian: bool) -> Web {
    let units = std::iter::once(0xfeff).chain(GREETING.encode_utf16());
    let pairs = units.map(|unit: u16| if is_little_endian { unit.to_le_bytes() } else { unit.to_be_bytes() });
    text("application/json", &pairs.flatten().collect::<Vec<u8>>()).await
}
