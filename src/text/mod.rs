//! Places in text: spans, lines and columns, a JSON document with a span for every value, forms, field paths.

mod document;
mod fault;
mod first_step;
mod form;
mod form_path;
mod graphql;
mod index;
mod lines;
mod locate;
#[cfg(test)]
mod locate_tests;
mod multipart;
mod nearest;
mod node;
mod path;
mod pointer;
mod scan;
mod span;
mod spelled;
mod string;
mod visible;

pub use document::Document;
pub use fault::{Fault, SyntaxError};
pub use first_step::{Step, first_steps};
pub use form::{Form, FormPart, fragment_start};
pub use form_path::FoundPart;
pub use graphql::{graphql_token, graphql_token_again};
pub use lines::LineIndex;
pub use locate::{Found, find, find_one_based, locate};
pub(crate) use multipart::head_end;
pub use nearest::{Surroundings, nearest_key, surroundings};
pub use node::{Descendants, Items, Kind, Member, Members, Node};
pub use pointer::{Pointer, PointerError, Tokens};
pub use span::{Position, Span};
pub use spelled::spelled;
pub use visible::{visible, visible_line};
