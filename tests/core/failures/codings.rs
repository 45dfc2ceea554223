//! Bodies that are packed wrongly, cut, damaged, or bombs; and texts in other charsets.

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::bomb::{Bomb, GIB, wide_window};
use crate::faults::coding::{self, Coding, GREETING};

/// Long enough that half of it, packed, holds some of it, and short enough to be read in a golden.
fn text() -> Vec<u8> {
    let words = |n: u32| format!("{:08x}{:08x}", n.wrapping_mul(0x9e37_79b9), n.wrapping_mul(0x85eb_ca6b));
    (0..40).map(|n| format!("{{\"n\":{n},\"id\":\"{}\"}}\n", words(n))).collect::<String>().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_unpacks_to_gigabytes_is_stopped() {
    let mut told = Told::new();
    for (name, coding) in [
        ("bomb_gzip", Coding::Gzip),
        ("bomb_deflate", Coding::Zlib),
        ("bomb_brotli", Coding::Brotli),
        ("bomb_zstd", Coding::Zstd),
    ] {
        let bomb = Bomb::start(coding, GIB).await;
        let json = told.add(case(name, bomb.http("/v1/posts")).counted()).await;
        assert!(json["response"]["body_bytes"].as_u64().unwrap() < 64 << 20, "{}", json["response"]["body_bytes"]);
    }
    let server = coding::labelled("zstd", &wide_window()).await;
    told.add(case("zstd_wide_window", server.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_wrong_is_said_to_be() {
    let mut told = Told::new();
    let plain = GREETING.as_bytes();
    let gzip = Coding::Gzip.encode(plain).await;
    for (name, label, body) in [
        ("label_gzip_on_plain", "gzip", plain),
        ("label_zstd_on_plain", "zstd", plain),
        ("label_deflate_on_plain", "deflate", plain),
        ("label_br_on_plain", "br", plain),
        ("label_br_on_gzip", "br", &gzip),
        ("label_deflate_on_gzip", "deflate", &gzip),
        ("label_unknown", "aes128gcm", plain),
        ("label_gzip_on_nothing", "gzip", b""),
    ] {
        told.add(case(name, coding::labelled(label, body).await.http("/v1/posts"))).await;
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_data_that_is_cut_is_shown_as_far_as_it_came() {
    let (mut told, text) = (Told::new(), text());
    for (name, coding) in [
        ("cut_gzip", Coding::Gzip),
        ("cut_deflate", Coding::Zlib),
        ("cut_raw_deflate", Coding::RawDeflate),
        ("cut_br", Coding::Brotli),
        ("cut_zstd", Coding::Zstd),
    ] {
        let keep = coding.encode(&text).await.len() / 2;
        let server = coding::cut(coding, &text, keep).await;
        let json = told.add(case(name, server.http("/v1/posts")).counted()).await;
        assert_eq!(json["response"]["wire_bytes"], keep);
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_data_that_is_damaged_is_told_from_cut_data() {
    let (mut told, text) = (Told::new(), text());
    for (name, coding) in
        [("corrupt_gzip", Coding::Gzip), ("corrupt_deflate", Coding::Zlib), ("corrupt_br", Coding::Brotli)]
    {
        told.add(case(name, coding::corrupt(coding, &text).await.http("/v1/posts")).counted()).await;
    }
    // In a short text a wrong byte is one of the text itself, which zstd has no checksum for here.
    let long: String = (0..4000u32).map(|n| format!("{{\"n\":{n},\"square\":{}}}\n", n.wrapping_mul(n))).collect();
    let server = coding::corrupt(Coding::Zstd, long.as_bytes()).await;
    told.add(case("corrupt_zstd", server.http("/v1/posts")).counted()).await;
    let plain = GREETING.as_bytes();
    told.add(case("gzip_wrong_checksum", coding::wrong_checksum(plain).await.http("/v1/posts"))).await;
    told.add(case("gzip_with_rest", coding::with_rest(plain, b"and more").await.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn text_in_another_charset_is_read_and_what_is_no_text_is_said_to_be_none() {
    let mut told = Told::new();
    told.add(case("charset_invalid_utf8", coding::invalid_utf8().await.http("/v1/posts"))).await;
    told.add(case("charset_latin1", coding::latin1().await.http("/v1/posts"))).await;
    told.add(case("charset_utf16_le", coding::utf16(true).await.http("/v1/posts"))).await;
    told.add(case("charset_utf16_be", coding::utf16(false).await.http("/v1/posts"))).await;
    told.end();
}
