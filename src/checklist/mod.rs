//! The five troubleshooting checks, each with an honest state.
