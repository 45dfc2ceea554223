//! Reads an error body into an error envelope.
