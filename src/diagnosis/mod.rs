//! From an exchange and its envelope to what a person can do about it.
