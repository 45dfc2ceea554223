//! Content codings: which ones an answer has, and how each is unpacked.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt as _, BufReader, ReadBuf};

use super::wire::{Wire, WireReader};

/// What is offered to servers.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";

/// How many codings may lie over each other; no honest answer has as many.
const MAX_CODINGS: usize = 4;

/// One content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Brotli,
    Zstd,
    Deflate,
}

impl Coding {
    /// The name that registries have for it. Shape: `gzip`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Deflate => "deflate",
        }
    }

    fn of(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// Whether a beginning can be one of this coding. Brotli has no mark to tell it by.
    fn may_begin(self, head: &[u8]) -> bool {
        let begins = |mark: &[u8]| head.iter().zip(mark).all(|(a, b)| a == b);
        match self {
            Self::Gzip => begins(&[0x1f, 0x8b]),
            // A frame, or one of the sixteen that may be skipped.
            Self::Zstd => begins(&[0x28, 0xb5, 0x2f, 0xfd]) || matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]),
            // Neither has a mark of its own, but neither ever looks like text.
            Self::Brotli | Self::Deflate => !is_text(head),
        }
    }
}

/// How many bytes have to be text before it is taken for some: packed data does not look so by chance.
const TEXT_BYTES: usize = 16;

/// Whether a beginning is long enough to be told for text, and is some.
fn is_text(head: &[u8]) -> bool {
    let Some(head) = head.get(..TEXT_BYTES) else { return false };
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character that our own cut went through.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    is_clean(text)
}

/// Whether no sign is in it that texts do not have.
fn is_clean(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

/// What a beginning looks like. Shape: `gzip`, `plain text`.
pub(super) fn resembles(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ if is_text(head) => Some("plain text"),
        _ => None,
    }
}

/// What the `Content-Encoding` of an answer says, in the order it was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Codings {
    /// The ones to unpack.
    pub known: Vec<Coding>,
    /// One that nobody here can unpack, so that the body stays as it came.
    pub unknown: Option<String>,
}

impl Codings {
    /// Reads all `Content-Encoding` lines of a head.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut codings = Self::default();
        for name in values.flat_map(|value| value.split(',')) {
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || name == "identity" {
                continue;
            }
            match Coding::of(&name) {
                Some(coding) if codings.known.len() < MAX_CODINGS => codings.known.push(coding),
                _ => codings.unknown = Some(name),
            }
        }
        if codings.unknown.is_some() {
            codings.known.clear();
        }
        codings
    }

    /// The coding on the outside, which the bytes on the wire are of.
    pub(super) fn outermost(&self) -> Option<Coding> {
        self.known.last().copied()
    }

    /// All of them by name, for words. Shape: `gzip, br`.
    pub(super) fn names(&self) -> Vec<String> {
        self.known.iter().map(|coding| coding.name().to_owned()).collect()
    }

    /// How much has to have come before the label can be judged by it, in bytes.
    pub(super) fn look_bytes(&self) -> usize {
        match self.outermost() {
            // They have no mark, so that only text tells that it is none of them.
            Some(Coding::Brotli | Coding::Deflate) => TEXT_BYTES,
            _ => 4,
        }
    }

    /// Whether a whole body that is shorter than the look is text, which the coding on the outside never is: all that
    /// are short end in bytes that no text has.
    pub(super) fn is_short_text(&self, whole: &[u8]) -> bool {
        let is_markless = matches!(self.outermost(), Some(Coding::Brotli | Coding::Deflate));
        is_markless && whole.len() < TEXT_BYTES && std::str::from_utf8(whole).is_ok_and(is_clean)
    }

    /// Whether what came first can be what the label says.
    pub(super) fn may_begin(&self, head: &[u8]) -> bool {
        self.outermost().is_none_or(|coding| coding.may_begin(head))
    }

    /// Whether what came first bears the mark of the coding on the outside.
    pub(super) fn is_marked(&self, head: &[u8]) -> bool {
        match self.outermost() {
            Some(Coding::Gzip | Coding::Zstd) => self.may_begin(head),
            Some(Coding::Deflate) => is_zlib(head),
            Some(Coding::Brotli) | None => false,
        }
    }

    /// A reader of the plain bytes, and the layers between several codings, the outermost first. `head` is what came
    /// first, by which the two kinds of deflate are told apart.
    pub(super) fn decoder(
        &self,
        wire: &Wire,
        head: &[u8],
        max_ratio: u64,
    ) -> (Box<dyn AsyncRead + Send + Unpin>, Vec<Layer>) {
        let mut layers = Vec::new();
        let reader = WireReader::new(wire.clone(), Bytes::copy_from_slice(head));
        let mut codings = self.known.iter().rev();
        let Some(first) = codings.next() else { return (Box::new(reader), layers) };
        // The standard means zlib; some servers send the raw form.
        let mut decoder = first.decoder(reader, *first == Coding::Deflate && !is_zlib(head));
        for coding in codings {
            let layer = Layer::new(decoder, wire.clone(), max_ratio);
            decoder = coding.decoder(BufReader::new(layer.clone()), false);
            layers.push(layer);
        }
        (decoder, layers)
    }
}

impl Coding {
    fn decoder<R: AsyncBufRead + Send + Unpin + 'static>(
        self,
        reader: R,
        is_raw: bool,
    ) -> Box<dyn AsyncRead + Send + Unpin> {
        match self {
            Self::Gzip => {
                let mut gzip = GzipDecoder::new(reader);
                gzip.multiple_members(true);
                Box::new(gzip)
            }
            Self::Brotli => Box::new(BrotliDecoder::new(reader)),
            Self::Zstd => {
                let mut zstd = ZstdDecoder::with_params(reader, &[DParameter::window_log_max(MAX_WINDOW_LOG)]);
                zstd.multiple_members(true);
                Box::new(zstd)
            }
            Self::Deflate if is_raw => Box::new(DeflateDecoder::new(reader)),
            Self::Deflate => Box::new(ZlibDecoder::new(reader)),
        }
    }
}

/// The largest window of zstd, as a power of two: 8 MiB. Source: RFC 9659 §3.
const MAX_WINDOW_LOG: u32 = 23;
/// From which size on what passes between two codings is watched for growing too much, in bytes. It is packed itself,
/// so that no honest one grows at all.
const LAYER_BYTES: u64 = 2 << 20;

/// What passes from one coding to the next: counted and bounded, and open to be read to its end.
#[derive(Clone)]
pub(super) struct Layer {
    inner: Arc<Mutex<Box<dyn AsyncRead + Send + Unpin>>>,
    passed: Arc<AtomicU64>,
    wire: Wire,
    max_ratio: u64,
}

/// The error of a layer that grows too much says this.
const GROWS: &str = "what is packed in it grows too much";

/// Whether an error is that of a layer that grew too much.
pub(super) fn is_bomb(problem: &io::Error) -> bool {
    problem.get_ref().is_some_and(|inner| inner.to_string() == GROWS)
}

impl Layer {
    fn new(inner: Box<dyn AsyncRead + Send + Unpin>, wire: Wire, max_ratio: u64) -> Self {
        Self { inner: Arc::new(Mutex::new(inner)), passed: Arc::default(), wire, max_ratio }
    }

    /// Reads what the coding inside did not want: the end and the checksum of the one outside are proved by it.
    /// Returns how many bytes that were, at most `max_bytes`.
    ///
    /// *Errors*: the coding outside is damaged.
    pub(super) async fn read_rest(&mut self, max_bytes: u64) -> io::Result<u64> {
        let mut rest = 0;
        let mut piece = vec![0; 8 << 10];
        while rest < max_bytes {
            match self.read(&mut piece).await? {
                0 => break,
                count => rest += count as u64,
            }
        }
        Ok(rest)
    }
}

impl AsyncRead for Layer {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let passed = self.passed.load(Ordering::Relaxed);
        if passed > LAYER_BYTES && passed / self.wire.received().max(1) > self.max_ratio {
            return Poll::Ready(Err(io::Error::other(GROWS)));
        }
        // What unpacks to nothing keeps the coding inside reading: times and wishes to stop are heard in between.
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        let before = into.filled().len();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        ready!(Pin::new(&mut **inner).poll_read(context, into))?;
        let count = into.filled().len().saturating_sub(before) as u64;
        self.passed.fetch_add(count, Ordering::Relaxed);
        turn.made_progress();
        Poll::Ready(Ok(()))
    }
}

/// Whether a beginning is that of zlib. Source: RFC 1950 §2.2.
fn is_zlib(head: &[u8]) -> bool {
    match head {
        [cmf, flags, ..] => cmf & 0x0f == 8 && (u16::from(*cmf) * 256 + u16::from(*flags)) % 31 == 0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codings(lines: &[&str]) -> Codings {
        Codings::of(lines.iter().copied())
    }

    #[test]
    fn codings_are_read_in_the_order_they_were_applied() {
        assert_eq!(codings(&["gzip, br"]).known, [Coding::Gzip, Coding::Brotli]);
        assert_eq!(codings(&["X-GZip", " identity , zstd"]).known, [Coding::Gzip, Coding::Zstd]);
        assert_eq!(codings(&[]), Codings::default());
        assert_eq!(codings(&["gzip"]).outermost(), Some(Coding::Gzip));
    }

    #[test]
    fn an_unknown_coding_leaves_the_body_as_it_came() {
        let unknown = codings(&["gzip, aes128gcm"]);
        assert_eq!((unknown.known.as_slice(), unknown.unknown.as_deref()), (&[][..], Some("aes128gcm")));
        assert!(codings(&[&"gzip,".repeat(9)]).unknown.is_some(), "nobody packs nine times");
    }

    #[test]
    fn a_wrong_label_is_told_by_the_first_bytes() {
        assert!(!codings(&["gzip"]).may_begin(b"{\"a\":1}"));
        assert!(codings(&["gzip"]).may_begin(&[0x1f, 0x8b, 8]));
        assert!(codings(&["gzip"]).may_begin(&[0x1f]), "one byte may still be the first of two");
        assert!(!codings(&["zstd"]).may_begin(b"hello"));
        assert!(codings(&["br"]).may_begin(b"anything"), "too short to be told");
        for label in ["br", "deflate"] {
            assert!(!codings(&[label]).may_begin("{\"message\":\"Grüße\"}".as_bytes()), "{label}");
            assert!(codings(&[label]).may_begin(&[0x1b, 0x2f, 0, 0xf8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]));
        }
        assert!(is_zlib(&[0x78, 0x9c]) && !is_zlib(&[0x4b, 0x4c]));
    }
}
