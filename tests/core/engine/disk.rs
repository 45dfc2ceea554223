//! A disk that refuses: what was in memory stays.

use altyaa_console::disk::SpillDir;
use altyaa_console::transport::{SPILL_ABOVE_BYTES, SendOptions, Transport};

use super::send;
use crate::faults::Server;
use crate::faults::web::{Web, answer};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_memory_is_kept_where_the_disk_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let body: Vec<u8> = (0..9_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let server = Web::always(answer("200 OK", &[], &body)).await;
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let taken = dir.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("spill"), "in the way").unwrap();
    // Its parent is a file, and its own folder is one.
    for (place, named) in [(file.join("cache"), &file), (taken.clone(), &taken)] {
        let transport = Transport::new(SpillDir::new(Some(place)));
        let exchange = send(&transport, &server.http("/v1/files/1"), &SendOptions::default()).await;
        let error = exchange.transport_error.unwrap();
        assert_eq!(error.kind, "disk", "{error:?}");
        let response = exchange.response.unwrap();
        let kept = response.body.in_memory().unwrap();
        assert!(body.starts_with(kept) && response.is_truncated);
        // Only the piece that no longer fitted is missing.
        assert!(kept.len() <= SPILL_ABOVE_BYTES && kept.len() > SPILL_ABOVE_BYTES - (1 << 20), "{}", kept.len());
        assert!(error.seen.contains(named.to_str().unwrap()), "{}", error.seen);
        assert!(error.seen.contains(&kept.len().to_string()), "{}", error.seen);
        assert!(!error.fix.is_empty() && error.summary.contains("could not be kept"), "{error:?}");
    }
}
