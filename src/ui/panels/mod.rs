//! The regions of the window, each a function of the state and its own edit buffers.

pub mod bottom;
pub mod checks;
pub mod credentials;
pub mod diagnosis;
pub mod help;
pub mod left;
pub mod notices;
pub mod palette;
pub mod report;
pub mod request;
pub mod request_tabs;
pub mod response;
pub mod top;
