//! Draws the state and pushes commands.

mod buffers;
mod icons;
mod network_form;
mod panels;
mod secret_clipboard;
mod shortcuts;
mod start;
pub mod theme;
mod widgets;
mod window;

pub use start::{RendererChoice, StartFailure, run};
pub use window::Window;
