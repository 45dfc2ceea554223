//! HTTP/1.1 answers that are cut, too long, garbled or none.

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::http1::{self, Bodiless, STATUS_LINES};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_as_announced_is_kept_and_counted() {
    let mut told = Told::new();
    told.add(case("reset_in_body", http1::reset_in_body(100, 40).await.http("/v1/posts"))).await;
    told.add(case("body_too_short", http1::short_body(100, 40).await.http("/v1/posts"))).await;
    told.add(case("body_too_long", http1::long_body(40, 100).await.http("/v1/posts"))).await;
    told.add(case("two_lengths", http1::two_lengths().await.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_are_garbled_are_told_from_those_that_are_cut() {
    let mut told = Told::new();
    told.add(case("chunk_bad_size", http1::bad_chunk_size().await.http("/v1/posts"))).await;
    told.add(case("chunk_cut", http1::cut_chunk().await.http("/v1/posts"))).await;
    told.add(case("chunk_no_last", http1::no_last_chunk().await.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_read_up_to_a_bound() {
    let mut told = Told::new();
    told.add(case("headers_endless", http1::endless_headers().await.http("/v1/posts"))).await;
    told.add(case("header_of_a_mebibyte", http1::long_header(1 << 20).await.http("/v1/posts"))).await;
    told.add(case("no_head_at_all", http1::http09().await.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn interim_answers_are_passed_over_and_never_waited_for_without_end() {
    let mut told = Told::new();
    told.add(case("interim_before_answer", http1::interim(&[100, 103]).await.http("/v1/posts"))).await;
    let flood = http1::endless_interim().await;
    told.add(case("interim_endless", flood.http("/v1/posts")).with(&["--first-byte-timeout", "2"])).await;
    let upgrade = http1::unasked_upgrade().await;
    told.add(case("upgrade_unasked", upgrade.http("/v1/posts")).with(&["--idle-timeout", "1"])).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_without_a_body_is_whole_whatever_comes_behind_it() {
    let mut told = Told::new();
    let names = [
        ("no_content", 204, Bodiless::Clean),
        ("no_content_zero", 204, Bodiless::Zero),
        ("no_content_announced", 204, Bodiless::Announced),
        ("no_content_with_body", 204, Bodiless::Body),
        ("no_content_chunked", 204, Bodiless::Chunked),
        ("not_modified", 304, Bodiless::Clean),
        ("not_modified_announced", 304, Bodiless::Announced),
        ("not_modified_with_body", 304, Bodiless::Body),
        ("not_modified_chunked", 304, Bodiless::Chunked),
    ];
    for (name, status, kind) in names {
        let server = http1::bodiless(status, kind).await;
        let json = told.add(case(name, server.http("/v1/posts")).with(&["--timeout", "5"])).await;
        assert_eq!((&json["response"]["body_bytes"], &json["response"]["truncated"]), (&0.into(), &false.into()));
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_knows_is_shown_and_one_that_is_none_is_no_http() {
    let mut told = Told::new();
    let names = [
        "status_unknown",
        "status_unassigned",
        "status_largest",
        "status_no_reason",
        "status_old",
        "status_zero",
        "status_four_digits",
        "status_word",
        "status_future",
    ];
    for (name, (word, line)) in names.into_iter().zip(STATUS_LINES) {
        assert!(name.ends_with(word));
        told.add(case(name, http1::status_line(line).await.http("/v1/posts"))).await;
    }
    told.end();
}
