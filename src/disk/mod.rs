//! Owner-only files in the data directory: opened without following links, written beside and renamed, read bounded;
//! and the enciphered spill files of large bodies in the cache directory.

mod data_dir;
mod error;
mod files;
mod process;
mod spill;
mod spill_file;

pub use data_dir::{DATA_DIR_VARIABLE, DataDir};
pub use error::DiskError;
pub use files::{create_new, move_aside, open_lock, private_folder, read_bounded, write_atomic};
pub use process::{forbid_core_dumps, set_private_umask};
pub use spill::{CACHE_DIR_VARIABLE, SpillDir};
pub use spill_file::{SpillFile, SpillWriter};
