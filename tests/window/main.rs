//! The window, driven in memory.
