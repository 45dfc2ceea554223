//! The bodies in codings, their faults, and the bombs.

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{ask_once, client};
use crate::faults::bomb::{BLOCK, Bomb, GIB, wide_window};
use crate::faults::coding::{self, Coding, GREETING};
use crate::faults::web::header;
use crate::faults::{Server, within};

const PLAIN: &[u8] = b"{\"items\":[1,2,3,4,5,6,7,8,9,10,11,12],\"next\":\"a quick brown fox\"}";

fn decoder<'a>(coding: Coding, bytes: &'a [u8]) -> Box<dyn AsyncRead + Send + Unpin + 'a> {
    match coding {
        Coding::Gzip => Box::new(GzipDecoder::new(bytes)),
        Coding::Zlib => Box::new(ZlibDecoder::new(bytes)),
        Coding::RawDeflate => Box::new(DeflateDecoder::new(bytes)),
        Coding::Brotli => Box::new(BrotliDecoder::new(bytes)),
        Coding::Zstd => Box::new(ZstdDecoder::new(bytes)),
    }
}

async fn decoded(coding: Coding, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    decoder(coding, bytes).read_to_end(&mut plain).await.map(|_| plain)
}

/// The label and the body.
async fn fetched(server: &impl Server) -> (String, Vec<u8>) {
    let got = ask_once(server, "/").await;
    let head = String::from_utf8_lossy(&got.bytes).into_owned();
    assert_eq!(header(&head, "content-length"), Some(&got.body().len().to_string()[..]));
    (header(&head, "content-encoding").unwrap_or_default().to_owned(), got.body().to_vec())
}

#[tokio::test]
async fn every_coding_comes_right_cut_and_corrupt() {
    for coding in Coding::ALL {
        let (label, bytes) = fetched(&coding::coded(coding, PLAIN).await).await;
        assert_eq!((label.as_str(), decoded(coding, &bytes).await.unwrap()), (coding.label(), PLAIN.to_vec()));
        let (_, bytes) = fetched(&coding::cut(coding, PLAIN, 20).await).await;
        assert_eq!(bytes.len(), 20);
        assert!(decoded(coding, &bytes).await.is_err(), "{coding:?}");
        let (_, bytes) = fetched(&coding::corrupt(coding, PLAIN).await).await;
        assert_ne!(decoded(coding, &bytes).await.ok().as_deref(), Some(PLAIN), "{coding:?}");
    }
    let (_, bytes) = fetched(&coding::wrong_checksum(PLAIN).await).await;
    assert!(decoded(Coding::Gzip, &bytes).await.is_err());
}

#[tokio::test]
async fn labels_may_be_wrong() {
    assert_eq!(fetched(&coding::labelled("gzip", PLAIN).await).await, ("gzip".into(), PLAIN.to_vec()));
    let gzip = Coding::Gzip.encode(PLAIN).await;
    let (label, bytes) = fetched(&coding::labelled("br", &gzip).await).await;
    assert_eq!((label.as_str(), &bytes), ("br", &gzip));
    assert!(decoded(Coding::Brotli, &bytes).await.is_err());
    let raw = Coding::RawDeflate.encode(PLAIN).await;
    assert!(decoded(Coding::Zlib, &raw).await.is_err(), "the two kinds of deflate differ");
}

#[tokio::test]
async fn codings_are_stacked_in_the_headers_order() {
    let (label, bytes) = fetched(&coding::stacked(&[Coding::Gzip, Coding::Brotli], PLAIN).await).await;
    assert_eq!(label, "gzip, br");
    let inner = decoded(Coding::Brotli, &bytes).await.unwrap();
    assert_eq!(decoded(Coding::Gzip, &inner).await.unwrap(), PLAIN);
}

#[tokio::test]
async fn members_and_rests_of_gzip_come_whole() {
    let (_, bytes) = fetched(&coding::two_members(b"one", b"two").await).await;
    let mut plain = Vec::new();
    let mut all = GzipDecoder::new(&bytes[..]);
    all.multiple_members(true);
    all.read_to_end(&mut plain).await.unwrap();
    assert_eq!(plain, b"onetwo");
    let (_, bytes) = fetched(&coding::with_rest(PLAIN, b"rest").await).await;
    assert!(bytes.ends_with(b"rest") && decoded(Coding::Gzip, &bytes).await.unwrap() == PLAIN);
}

#[tokio::test]
async fn small_bombs_unpack_to_their_zeros_and_checksums() {
    for coding in Coding::ALL {
        for blocks in [1, 3] {
            let bomb = Bomb::start(coding, blocks).await;
            let got = client().build().unwrap().get(bomb.http("/")).send().await.unwrap();
            assert_eq!(got.headers()["content-encoding"], coding.label());
            let bytes = got.bytes().await.unwrap();
            assert_eq!(bytes.len() as u64, bomb.sent());
            let plain = within(decoded(coding, &bytes)).await.unwrap();
            assert!(plain.len() == blocks as usize * BLOCK && plain.iter().all(|&byte| byte == 0), "{coding:?}");
        }
    }
}

#[tokio::test]
async fn a_gibibyte_of_zeros_is_about_a_mebibyte_on_the_wire() {
    for (coding, at_most) in [(Coding::Gzip, 1_150_000), (Coding::Brotli, 250_000), (Coding::Zstd, 40_000)] {
        let bomb = Bomb::start(coding, GIB).await;
        let got = client().build().unwrap().get(bomb.http("/")).send().await.unwrap();
        let bytes = got.bytes().await.unwrap();
        assert!(bytes.len() < at_most, "{coding:?}: {}", bytes.len());
        if coding == Coding::Gzip {
            // The CRC-32 of a gibibyte of zeros, as zlib has it, and the length.
            assert_eq!(bytes[bytes.len() - 8..], [[0xb0, 0xc2, 0x64, 0x5b], [0, 0, 0, 0x40]].concat());
        }
        // Far more comes out than went in; nobody waits here for all of it.
        let mut out = decoder(coding, &bytes).take(24 * BLOCK as u64);
        let mut buffer = vec![1; 1 << 16];
        let mut total = 0;
        while let n @ 1.. = within(out.read(&mut buffer)).await.unwrap() {
            assert!(buffer[..n].iter().all(|&byte| byte == 0));
            total += n;
        }
        assert_eq!(total, 24 * BLOCK);
    }
}

#[tokio::test]
async fn a_wide_window_is_refused() {
    let bytes = wide_window();
    let mut frame = ZstdDecoder::new(&bytes[..]);
    let refused = frame.read(&mut [0; 16]).await;
    assert!(refused.is_err(), "more than the 128 MiB that decoders allow: {refused:?}");
}

#[tokio::test]
async fn charsets_are_what_they_say() {
    let (_, bytes) = fetched(&coding::invalid_utf8().await).await;
    assert!(std::str::from_utf8(&bytes).is_err());
    let server = coding::latin1().await;
    let (_, bytes) = fetched(&server).await;
    assert_eq!(encoding_rs::WINDOWS_1252.decode(&bytes).0, GREETING);
    for is_little_endian in [true, false] {
        let (_, bytes) = fetched(&coding::utf16(is_little_endian).await).await;
        assert_eq!(bytes[0], if is_little_endian { 0xff } else { 0xfe });
        assert_eq!(encoding_rs::UTF_8.decode(&bytes).0, GREETING, "by its mark");
    }
}
