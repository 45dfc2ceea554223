//! Takes a body as it comes: into memory up to a limit, and all of it into a spill file beyond.

use std::fmt;

use super::body::Body;
use crate::disk::{DiskError, SpillDir, SpillWriter};

/// How much is gathered before it goes to the spill file, in bytes; up to here memory grows by doubling.
const GATHER_BYTES: usize = 1 << 20;

/// What an engine writes a body to.
///
/// It holds at most `spill_above` bytes, and a mebibyte once the body is in a spill file. Its calls may wait for the
/// disk.
pub struct BodyWriter {
    spill: SpillDir,
    spill_above: usize,
    /// The whole body, or what is behind the spill file's end.
    gathered: Vec<u8>,
    spilled: Option<SpillWriter>,
}

impl BodyWriter {
    /// A writer of an empty body that goes to a spill file in `spill` once it has more than `spill_above` bytes.
    pub fn new(spill: SpillDir, spill_above: usize) -> Self {
        Self { spill, spill_above, gathered: Vec::new(), spilled: None }
    }

    /// Adds bytes at the end.
    ///
    /// *Errors*: those of [`SpillDir::create`] and [`SpillWriter::append`]; then none of `bytes` belongs to the body.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let fits = |limit: usize, held: usize| held.checked_add(bytes.len()).is_some_and(|sum| sum <= limit);
        let Some(file) = &mut self.spilled else {
            if fits(self.spill_above, self.gathered.len()) {
                self.gather(bytes, self.spill_above);
                return Ok(());
            }
            let mut file = self.spill.create()?;
            file.append(&self.gathered)?;
            file.append(bytes)?;
            // Gives the memory back, which clearing would not.
            self.gathered = Vec::new();
            self.spilled = Some(file);
            return Ok(());
        };
        if !fits(GATHER_BYTES, self.gathered.len()) {
            file.append(&self.gathered)?;
            self.gathered.clear();
        }
        if bytes.len() >= GATHER_BYTES {
            file.append(bytes)
        } else {
            self.gather(bytes, GATHER_BYTES);
            Ok(())
        }
    }

    /// How much was taken, in bytes.
    pub fn len_bytes(&self) -> u64 {
        let in_file = self.spilled.as_ref().map_or(0, SpillWriter::len_bytes);
        in_file.saturating_add(u64::try_from(self.gathered.len()).unwrap_or(u64::MAX))
    }

    /// Whether all of it is still in memory, so that ending it waits for no disk.
    pub fn is_in_memory(&self) -> bool {
        self.spilled.is_none()
    }

    /// Ends the writing. What was written is the body also where what was still gathered could not be written; then
    /// beside it stands the error, one of [`SpillWriter::append`].
    pub fn finish(mut self) -> (Body, Option<DiskError>) {
        match self.spilled {
            Some(mut file) => {
                let problem = file.append(&self.gathered).err();
                (Body::Spilled(file.finish()), problem)
            }
            None => {
                self.gathered.shrink_to_fit();
                (Body::from(self.gathered), None)
            }
        }
    }

    /// Keeps bytes in memory. Beyond a mebibyte the room for all that may come is taken at once: pages that are not
    /// written cost nothing, and doubling would copy the body and hold it twice.
    fn gather(&mut self, bytes: &[u8], limit: usize) {
        let needed = self.gathered.len().saturating_add(bytes.len());
        if needed > self.gathered.capacity() {
            let room = if needed <= GATHER_BYTES { needed.next_power_of_two() } else { needed.saturating_mul(8) };
            self.gathered.reserve_exact(room.min(limit).max(needed).saturating_sub(self.gathered.len()));
        }
        self.gathered.extend_from_slice(bytes);
    }
}

impl fmt::Debug for BodyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyWriter({} bytes)", self.len_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const LIMIT: usize = 8 << 20;

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    fn whole(writer: BodyWriter) -> Body {
        let (body, problem) = writer.finish();
        assert!(problem.is_none(), "{problem:?}");
        body
    }

    fn as_u64(len: usize) -> u64 {
        u64::try_from(len).unwrap()
    }

    #[test]
    fn a_body_at_the_limit_stays_in_memory_and_touches_no_disk() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("cache");
        let body = sample(1000);
        let mut writer = BodyWriter::new(SpillDir::new(Some(place.clone())), 1000);
        body.chunks(7).for_each(|part| writer.push(part).unwrap());
        assert_eq!(writer.len_bytes(), 1000);
        let finished = whole(writer);
        assert_eq!(finished.in_memory().unwrap(), &body);
        assert!(!place.exists());
    }

    #[test]
    fn one_byte_more_moves_all_of_it_to_a_spill_file() {
        let dir = tempfile::tempdir().unwrap();
        let body = sample(1001);
        let mut writer = BodyWriter::new(SpillDir::new(Some(dir.path().to_path_buf())), 1000);
        body.chunks(7).for_each(|part| writer.push(part).unwrap());
        let finished = whole(writer);
        assert!(finished.in_memory().is_none());
        assert_eq!(finished.read_at(0, 2000).unwrap(), body);
    }

    #[test]
    fn pieces_of_any_size_come_back_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let body = sample(5 * GATHER_BYTES);
        let sizes = [1, 100_000, GATHER_BYTES - 1, 0, 1, GATHER_BYTES, 17, GATHER_BYTES + 1, 300_000, usize::MAX];
        let mut writer = BodyWriter::new(SpillDir::new(Some(dir.path().to_path_buf())), 50_000);
        let mut rest = body.as_slice();
        for size in sizes {
            let (part, behind) = rest.split_at(size.min(rest.len()));
            writer.push(part).unwrap();
            rest = behind;
            assert_eq!(writer.len_bytes(), as_u64(body.len() - rest.len()));
        }
        let finished = whole(writer);
        assert_eq!(finished.len_bytes(), as_u64(body.len()));
        assert!(finished.read_at(0, usize::MAX).unwrap() == body);
    }

    #[test]
    fn memory_is_never_more_than_the_limit_and_little_behind_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = BodyWriter::new(SpillDir::new(Some(dir.path().to_path_buf())), LIMIT);
        let part = sample(16_000);
        let mut moves = 0;
        let mut room = 0;
        while writer.len_bytes() <= as_u64(3 * LIMIT) {
            writer.push(&part).unwrap();
            let limit = if writer.spilled.is_some() { GATHER_BYTES } else { LIMIT };
            assert!(writer.gathered.capacity() <= limit, "{}", writer.gathered.capacity());
            if writer.spilled.is_none() && writer.gathered.capacity() != room {
                // The old and the new room together are the peak.
                assert!(room + writer.gathered.capacity() <= LIMIT + GATHER_BYTES);
                room = writer.gathered.capacity();
                moves += 1;
            }
        }
        assert!(moves <= 9, "{moves}");
    }

    #[test]
    fn a_limit_without_end_takes_only_what_comes() {
        let mut writer = BodyWriter::new(SpillDir::new(None), usize::MAX);
        writer.push(&sample(2 * GATHER_BYTES)).unwrap();
        assert!(writer.gathered.capacity() <= 16 * GATHER_BYTES);
        assert!(whole(writer).in_memory().is_some());
    }

    #[test]
    fn a_refused_push_leaves_what_was_taken_before() {
        let dir = tempfile::tempdir().unwrap();
        let in_the_way = dir.path().join("spill");
        std::fs::write(&in_the_way, "").unwrap();
        let mut writer = BodyWriter::new(SpillDir::new(Some(dir.path().to_path_buf())), 10);
        writer.push(b"0123456789").unwrap();
        let error = writer.push(b"abc").unwrap_err();
        assert!(error.summary().contains("cache directory"), "{}", error.summary());
        assert_eq!(writer.len_bytes(), 10);
        std::fs::remove_file(&in_the_way).unwrap();
        writer.push(b"abc").unwrap();
        assert_eq!(whole(writer).read_at(0, 100).unwrap(), b"0123456789abc");
    }

    #[test]
    fn debug_says_the_length_only() {
        let mut writer = BodyWriter::new(SpillDir::new(None), 100);
        writer.push(b"secret").unwrap();
        assert_eq!(format!("{writer:?}"), "BodyWriter(6 bytes)");
    }
}
