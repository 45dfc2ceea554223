//! Secrets, and the one gate through which anything leaves memory.

mod value;

pub use value::Secret;
