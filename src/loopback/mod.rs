//! The one guarded listener on this machine's own addresses.
