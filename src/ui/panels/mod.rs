//! The regions of the window, each a function of the state and its own edit buffers.

pub mod again;
pub mod body;
pub mod bottom;
pub mod checks;
pub mod connection;
pub mod cookies;
pub mod credentials;
pub mod diagnosis;
pub mod headers;
pub mod help;
pub mod left;
pub mod network;
pub mod notices;
pub mod palette;
pub mod report;
pub mod request;
pub mod request_tabs;
pub mod response;
mod save_as;
pub mod timing;
pub mod top;
pub mod unverified;
