//! What a spill file gives back, and what the disk sees of it.

use super::*;

/// A file as it lies on the disk, enciphered.
fn on_disk(file: &SpillFile) -> Vec<u8> {
    let sealed = &file.shared.sealed;
    let mut bytes = vec![0; usize::try_from(sealed.file.metadata().unwrap().len()).unwrap()];
    read_exact_at(&sealed.file, &mut bytes, 0).unwrap();
    bytes
}

fn writer(folder: &Path) -> SpillWriter {
    SpillWriter::create(folder, SpillKey::random(folder).unwrap()).unwrap()
}

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

#[test]
fn what_was_written_is_read_back_at_any_offset() {
    let dir = tempfile::tempdir().unwrap();
    let body = sample(3 * BLOCK_BYTES + 4_321);
    let mut writer = writer(dir.path());
    let (first, rest) = body.split_at(77);
    let (second, third) = rest.split_at(2 * BLOCK_BYTES + 13);
    for part in [first, second, b"", third] {
        writer.append(part).unwrap();
    }
    assert_eq!(writer.len_bytes(), in_file(body.len()));
    let file = writer.finish();
    assert_eq!(file.len_bytes(), in_file(body.len()));
    for at in [0, 1, 63, 64, 65, 77, BLOCK_BYTES - 1, BLOCK_BYTES + 1, 2 * BLOCK_BYTES + 89, body.len() - 1] {
        for len in [0, 1, 63, 1_000, body.len()] {
            let mut buffer = vec![0; len];
            let count = file.read_at(in_file(at), &mut buffer).unwrap();
            assert_eq!(count, len.min(body.len() - at), "{at} {len}");
            assert!(buffer[..count] == body[at..at + count], "{at} {len}");
        }
    }
    let mut buffer = [0; 8];
    assert_eq!(file.read_at(in_file(body.len()), &mut buffer).unwrap(), 0);
    assert_eq!(file.read_at(u64::MAX, &mut buffer).unwrap(), 0);
}

#[test]
fn the_disk_never_sees_the_plain_text_nor_the_same_bytes_twice() {
    let dir = tempfile::tempdir().unwrap();
    let key = SpillKey::random(dir.path()).unwrap();
    let body = b"the secret of the answer ".repeat(20_000);
    let [a, b] = [(); 2].map(|()| {
        let mut writer = SpillWriter::create(dir.path(), key.clone()).unwrap();
        writer.append(&body).unwrap();
        writer.finish()
    });
    let (a, b) = (on_disk(&a), on_disk(&b));
    assert_eq!(a.len(), body.len());
    for enciphered in [&a, &b] {
        assert!(memchr::memmem::find(enciphered, b"secret").is_none());
        let zeros = enciphered.iter().filter(|byte| **byte == 0).count();
        assert!(zeros < body.len() / 100, "holes would show where the text is");
    }
    assert_ne!(a, b, "each file has its own key stream");
}

#[test]
fn two_writers_at_once_keep_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (mut a, mut b) = (writer(dir.path()), writer(dir.path()));
    for _ in 0..50 {
        a.append(b"aaaa").unwrap();
        b.append(b"bb").unwrap();
    }
    let (a, b) = (a.finish(), b.finish());
    let (mut of_a, mut of_b) = ([0; 300], [0; 300]);
    assert_eq!(a.read_at(0, &mut of_a).unwrap(), 200);
    assert_eq!(b.read_at(0, &mut of_b).unwrap(), 100);
    assert!(of_a[..200].iter().all(|byte| *byte == b'a') && of_b[..100].iter().all(|byte| *byte == b'b'));
}

#[test]
fn readers_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let body = sample(100_000);
    let mut writer = writer(dir.path());
    writer.append(&body).unwrap();
    let file = writer.finish();
    std::thread::scope(|scope| {
        for start in 0..4 {
            let (file, body) = (file.clone(), &body);
            scope.spawn(move || {
                for at in (start..90_000).step_by(997) {
                    let mut buffer = [0; 101];
                    file.read_at(in_file(at), &mut buffer).unwrap();
                    assert_eq!(buffer, body[at..at + 101]);
                }
            });
        }
    });
}

#[test]
fn debug_says_the_length_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    writer.append(b"secret").unwrap();
    assert_eq!(format!("{writer:?}"), "SpillWriter(6 bytes)");
    assert_eq!(format!("{:?}", writer.finish()), "SpillFile(6 bytes)");
}

#[test]
fn a_body_longer_than_the_key_stream_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    writer.len_bytes = (1 << 38) - 1;
    let error = writer.append(b"xx").unwrap_err();
    assert!(error.summary().contains("256 GiB"), "{}", error.summary());
}

#[cfg(unix)]
#[test]
fn the_file_is_owner_only_and_has_no_name() {
    use std::os::unix::fs::MetadataExt as _;

    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path());
    let about = writer.sealed.file.metadata().unwrap();
    assert_eq!((about.mode() & 0o777, about.nlink()), (0o600, 0));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_what_was_written_before_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    writer.append(b"before").unwrap();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let real = std::mem::replace(&mut writer.sealed.file, full);
    let error = writer.append(b"behind").unwrap_err();
    assert!(error.summary().starts_with("Could not write a large body"), "{}", error.summary());
    assert_eq!(error.place(), dir.path().display().to_string());
    assert_eq!(error.fix(), "Make room on the disk and try again");
    writer.sealed.file = real;
    writer.append(b" and after").unwrap();
    let mut buffer = [0; 16];
    assert_eq!(writer.finish().read_at(0, &mut buffer).unwrap(), 16);
    assert_eq!(&buffer, b"before and after");
}
