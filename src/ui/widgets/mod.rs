//! Pieces that panels are put together from.

pub mod body_rows;
pub mod code_editor;
pub mod controls;
pub mod form;
pub mod hex_rows;
pub mod json_tokens;
pub mod list_rows;
pub mod table;
