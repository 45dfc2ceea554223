//! One enciphered file without a name: written once from front to back, then read at any place.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20::XChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use zeroize::Zeroizing;

use super::error::DiskError;
use super::files;

/// What every spill file's name begins with.
pub(super) const NAME_PREFIX: &str = "spill-";

/// How much is enciphered and written at a time, in bytes.
const BLOCK_BYTES: usize = 256 * 1024;

/// The key of all spill files of one run; wiped from memory with its last clone.
#[derive(Clone)]
pub(super) struct SpillKey(Arc<Zeroizing<[u8; 32]>>);

impl SpillKey {
    /// Chooses a key; `folder` is only what a failure names.
    pub(super) fn random(folder: &Path) -> Result<Self, DiskError> {
        // Filled where it stays, because a move would leave a copy behind that nobody wipes.
        let mut key = Arc::new(Zeroizing::new([0_u8; 32]));
        let bytes = Arc::get_mut(&mut key).ok_or_else(|| no_randomness(folder))?;
        fill_random(bytes.as_mut_slice(), folder)?;
        Ok(Self(key))
    }
}

/// A spill file that is being written.
///
/// It is gone when it and the [`SpillFile`] it becomes are dropped, and also when the process is killed: on Unix it
/// has no name, on Windows the system removes it with its last handle.
pub struct SpillWriter {
    sealed: Sealed,
    len_bytes: u64,
    scratch: Vec<u8>,
}

impl SpillWriter {
    pub(super) fn create(folder: &Path, key: SpillKey) -> Result<Self, DiskError> {
        let failed = |source| DiskError::system("make a file for a large body", folder, source);
        let mut random = [0_u8; 16];
        fill_random(&mut random, folder)?;
        let mut nonce = [0_u8; 24];
        fill_random(&mut nonce, folder)?;
        let path = folder.join(format!("{NAME_PREFIX}{:032x}", u128::from_be_bytes(random)));
        let file = new_file(&path).map_err(failed)?;
        if cfg!(unix) {
            match fs::remove_file(&path) {
                // The sweep of another run may have been quicker.
                Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(source)),
                _ => {}
            }
        }
        Ok(Self::over(file, folder, key, nonce))
    }

    /// Enciphers the bytes and writes them behind those before.
    ///
    /// *Errors*: [`DiskError::System`], as for a full disk; then nothing of `bytes` belongs to the file.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let mut end = self.len_bytes;
        for block in bytes.chunks(BLOCK_BYTES) {
            let enciphered = self.scratch.get_mut(..block.len()).unwrap_or_default();
            self.sealed.write(end, block, enciphered)?;
            end = end.saturating_add(in_file(block.len()));
        }
        self.len_bytes = end;
        Ok(())
    }

    /// How much was written, in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// Ends the writing.
    pub fn finish(self) -> SpillFile {
        SpillFile { shared: Arc::new(Written { sealed: self.sealed, len_bytes: self.len_bytes }) }
    }

    fn over(file: File, folder: &Path, key: SpillKey, nonce: [u8; 24]) -> Self {
        let sealed = Sealed { file, folder: folder.to_path_buf(), key, nonce };
        Self { sealed, len_bytes: 0, scratch: vec![0; BLOCK_BYTES] }
    }
}

impl fmt::Debug for SpillWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpillWriter({} bytes)", self.len_bytes)
    }
}

/// A spill file that is written; a clone is the same file.
///
/// *Secrets*: possibly what it holds; not its `Debug` text, which says only the length.
#[derive(Clone)]
pub struct SpillFile {
    shared: Arc<Written>,
}

struct Written {
    sealed: Sealed,
    len_bytes: u64,
}

impl SpillFile {
    /// The length of its content, in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.shared.len_bytes
    }

    /// Reads the content from `offset` on; returns how much of `buffer` was filled, less than all only at the end.
    ///
    /// Readers do not disturb each other: there is no common place in the file.
    /// *Errors*: [`DiskError::System`]; then what stands in `buffer` means nothing.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        let left = self.len_bytes().saturating_sub(offset);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        self.shared.sealed.read(offset, buffer.get_mut(..len).unwrap_or_default())?;
        Ok(len)
    }
}

impl fmt::Debug for SpillFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpillFile({} bytes)", self.len_bytes())
    }
}

/// An open file and how it is enciphered.
struct Sealed {
    file: File,
    /// What a failure names, because the file has no name.
    folder: PathBuf,
    key: SpillKey,
    /// Another one for each file, so that no two share a key stream.
    nonce: [u8; 24],
}

impl Sealed {
    fn write(&self, offset: u64, plain: &[u8], enciphered: &mut [u8]) -> Result<(), DiskError> {
        let failed = |source| DiskError::system("write a large body to the cache directory", &self.folder, source);
        let mut cipher = self.cipher_at(offset).map_err(failed)?;
        cipher.try_apply_keystream_b2b(plain, enciphered).map_err(|_| failed(end_of_keystream()))?;
        write_all_at(&self.file, enciphered, offset).map_err(failed)
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        if buffer.is_empty() {
            return Ok(());
        }
        let failed = |source| DiskError::system("read a large body from the cache directory", &self.folder, source);
        let mut cipher = self.cipher_at(offset).map_err(failed)?;
        read_exact_at(&self.file, buffer, offset).map_err(failed)?;
        cipher.try_apply_keystream(buffer).map_err(|_| failed(end_of_keystream()))
    }

    fn cipher_at(&self, offset: u64) -> io::Result<XChaCha20> {
        let key: &[u8; 32] = &self.key.0;
        let mut cipher = XChaCha20::new(key.into(), (&self.nonce).into());
        cipher.try_seek(offset).map_err(|_| end_of_keystream())?;
        Ok(cipher)
    }
}

/// The cipher counts 64-byte blocks in 32 bits.
fn end_of_keystream() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a body may have at most 256 GiB")
}

fn fill_random(bytes: &mut [u8], folder: &Path) -> Result<(), DiskError> {
    getrandom::fill(bytes).map_err(|_| no_randomness(folder))
}

fn no_randomness(folder: &Path) -> DiskError {
    DiskError::system("encipher a large body", folder, io::Error::other("no randomness"))
}

fn in_file(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    files::unix_open(&mut options);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;

        // FILE_FLAG_DELETE_ON_CLOSE, and nobody else may open it meanwhile.
        options.custom_flags(0x0400_0000).share_mode(0);
    }
    options.open(path)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = std::mem::take(&mut buffer).get_mut(count..).unwrap_or_default();
                offset = offset.saturating_add(in_file(count));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = bytes.get(count..).unwrap_or_default();
                offset = offset.saturating_add(in_file(count));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "spill_file_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
