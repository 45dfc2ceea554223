//! Tokens in the OS keyring, bound to the origins they were given for.
