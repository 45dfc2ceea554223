//! A body of any size: in memory, or in an enciphered spill file where it is large.

use std::fmt;
use std::io::{self, Write};

use bytes::Bytes;

use crate::disk::{DiskError, SpillFile};

/// How much is copied at a time, in bytes.
const COPY_BYTES: usize = 1 << 20;

/// A body's bytes, unchanged.
///
/// A clone shares the bytes.
/// *Secrets*: possibly; not its `Debug` text, which says only where it is and how long.
#[derive(Clone)]
pub enum Body {
    /// The whole of it.
    Memory(Bytes),
    /// A large one, read back piece by piece.
    Spilled(SpillFile),
}

impl Body {
    /// A body without bytes.
    pub fn empty() -> Self {
        Self::Memory(Bytes::new())
    }

    /// Its length in bytes.
    pub fn len_bytes(&self) -> u64 {
        match self {
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Spilled(file) => file.len_bytes(),
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len_bytes() == 0
    }

    /// The whole of it where it is in memory.
    pub fn in_memory(&self) -> Option<&Bytes> {
        match self {
            Self::Memory(bytes) => Some(bytes),
            Self::Spilled(_) => None,
        }
    }

    /// Its first bytes, at most `max_bytes`.
    ///
    /// *Errors*: those of [`Body::slice`].
    pub fn head(&self, max_bytes: usize) -> Result<Bytes, DiskError> {
        self.slice(0, max_bytes)
    }

    /// At most `max_bytes` from `offset` on, fewer only at the end; not copied where they are in memory.
    ///
    /// *Errors*: [`DiskError::System`] where the spill file cannot be read.
    pub fn slice(&self, offset: u64, max_bytes: usize) -> Result<Bytes, DiskError> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(start..start.saturating_add(max_bytes).min(bytes.len())))
            }
            Self::Spilled(_) => self.read_at(offset, max_bytes).map(Bytes::from),
        }
    }

    /// A copy of at most `max_bytes` from `offset` on, fewer only at the end.
    ///
    /// *Errors*: those of [`Body::slice`].
    pub fn read_at(&self, offset: u64, max_bytes: usize) -> Result<Vec<u8>, DiskError> {
        match self {
            Self::Memory(_) => self.slice(offset, max_bytes).map(Vec::from),
            Self::Spilled(file) => {
                let left = file.len_bytes().saturating_sub(offset);
                let mut bytes = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(max_bytes)];
                let count = file.read_at(offset, &mut bytes)?;
                bytes.truncate(count);
                Ok(bytes)
            }
        }
    }

    /// Writes all of it to `out` piece by piece; returns how many bytes that were.
    ///
    /// *Errors*: [`CopyError::Read`] for the spill file, [`CopyError::Write`] for `out`, which then has a part of it.
    pub fn copy_to(&self, out: &mut dyn Write) -> Result<u64, CopyError> {
        let total = self.len_bytes();
        let mut copied = 0;
        while copied < total {
            let block = self.slice(copied, COPY_BYTES).map_err(CopyError::Read)?;
            if block.is_empty() {
                break;
            }
            out.write_all(&block).map_err(CopyError::Write)?;
            copied = copied.saturating_add(u64::try_from(block.len()).unwrap_or(u64::MAX));
        }
        Ok(copied)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.in_memory().is_some() { "Memory" } else { "Spilled" };
        write!(f, "{place}({} bytes)", self.len_bytes())
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes.into())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

/// Why a body was not copied whole.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Our own spill file could not be read.
    #[error("could not read the body back: {0}")]
    Read(#[source] DiskError),
    /// The target refused.
    #[error("could not write the body: {0}")]
    Write(#[source] io::Error),
}

impl CopyError {
    /// What happened, one sentence without full stop.
    pub fn summary(&self) -> String {
        match self {
            Self::Read(error) => error.summary(),
            Self::Write(error) => format!("Could not write the body: {}", error.kind()),
        }
    }

    /// Where, as text for a person; empty for the target, which only the caller can name.
    pub fn place(&self) -> String {
        match self {
            Self::Read(error) => error.place(),
            Self::Write(_) => String::new(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::Read(_) => "Send the request again; the body that came is lost".into(),
            Self::Write(error) => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "Make room on the disk, or choose another place".into()
                }
                _ => "Choose another place and try again".into(),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::disk::SpillDir;

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
    }

    fn spilled(bytes: &[u8]) -> Body {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = SpillDir::new(Some(dir.path().to_path_buf())).create().unwrap();
        writer.append(bytes).unwrap();
        Body::Spilled(writer.finish())
    }

    #[test]
    fn both_kinds_of_body_read_alike() {
        let bytes = sample(2 * COPY_BYTES + 99);
        for body in [Body::from(bytes.clone()), spilled(&bytes)] {
            assert_eq!(body.len_bytes(), u64::try_from(bytes.len()).unwrap());
            assert!(!body.is_empty());
            assert_eq!(body.head(10).unwrap(), &bytes[..10]);
            assert_eq!(body.read_at(1_000_001, 333).unwrap(), &bytes[1_000_001..1_000_334]);
            assert_eq!(body.read_at(body.len_bytes() - 3, 10).unwrap(), &bytes[bytes.len() - 3..]);
            assert!(body.read_at(body.len_bytes(), 10).unwrap().is_empty());
            assert!(body.read_at(u64::MAX, usize::MAX).unwrap().is_empty());
            assert!(body.head(usize::MAX).unwrap() == bytes);
            let mut out = Vec::new();
            assert_eq!(body.copy_to(&mut out).unwrap(), body.len_bytes());
            assert!(out == bytes);
        }
    }

    #[test]
    fn a_head_of_memory_is_no_copy() {
        let bytes = Bytes::from(sample(100));
        let body = Body::from(bytes.clone());
        assert_eq!(body.head(10).unwrap().as_ptr(), bytes.as_ptr());
        assert_eq!(body.in_memory().unwrap().as_ptr(), bytes.as_ptr());
        assert!(spilled(b"x").in_memory().is_none());
    }

    #[test]
    fn an_empty_body_copies_nothing() {
        for body in [Body::empty(), Body::default(), spilled(b"")] {
            assert!(body.is_empty());
            assert_eq!(body.copy_to(&mut Refuses).unwrap(), 0);
        }
    }

    #[test]
    fn debug_says_the_kind_and_the_length_only() {
        assert_eq!(format!("{:?}", Body::from(b"secret".to_vec())), "Memory(6 bytes)");
        assert_eq!(format!("{:?}", spilled(b"secret")), "Spilled(6 bytes)");
    }

    struct Refuses;

    impl Write for Refuses {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_target_that_refuses_is_told_from_a_body_that_cannot_be_read() {
        for body in [Body::from(b"abc".to_vec()), spilled(b"abc")] {
            let error = body.copy_to(&mut Refuses).unwrap_err();
            assert!(matches!(error, CopyError::Write(_)));
            assert_eq!(error.summary(), "Could not write the body: no storage space");
            assert_eq!(error.fix(), "Make room on the disk, or choose another place");
        }
        let read = CopyError::Read(DiskError::NoHome);
        assert_eq!(read.summary(), DiskError::NoHome.summary());
        assert!(read.fix().starts_with("Send the request again"));
    }
}
