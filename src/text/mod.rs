//! Places in text: spans, lines and columns, a JSON document with a span for every value, field paths.

mod document;
mod fault;
mod index;
mod lines;
mod locate;
mod nearest;
mod node;
mod path;
mod pointer;
mod scan;
mod span;
mod string;
mod visible;

pub use document::Document;
pub use fault::{Fault, SyntaxError};
pub use lines::LineIndex;
pub use locate::{Found, find, locate};
pub use nearest::{Surroundings, nearest_key, surroundings};
pub use node::{Descendants, Items, Kind, Member, Members, Node};
pub use pointer::{Pointer, PointerError, Tokens};
pub use span::{Position, Span};
pub use visible::{visible, visible_line};
