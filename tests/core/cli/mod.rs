//! The built terminal program as a script uses it: arguments in; exit code, output and errors out.

mod codes;
mod credential;
mod history;
mod hostile;
mod import;
mod main_line;
mod paste;
pub mod program;
mod recorder;
mod redact;
mod secrets;
mod send;
mod streams;
mod usage;
