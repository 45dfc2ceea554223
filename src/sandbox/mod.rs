//! The embedded Altyaa API: the default environment and our own test server.
