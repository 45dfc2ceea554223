//! Pieces that panels are put together from.

pub mod body_rows;
pub mod code_editor;
pub mod controls;
pub mod json_tokens;
