//! Owner-only files in the data directory: opened without following links, written beside and renamed, read bounded.

mod data_dir;
mod error;
mod files;
mod process;

pub use data_dir::{DATA_DIR_VARIABLE, DataDir};
pub use error::DiskError;
pub use files::{create_new, move_aside, open_lock, read_bounded, write_atomic};
pub use process::{forbid_core_dumps, set_private_umask};
