//! From an exchange and its envelope to what a person can do about it.

mod actions;
mod diagnose;
mod finding;
mod location;
mod model;
mod part;
mod path_segment;
mod place;
mod sent;
mod standard;
mod voices;

pub use diagnose::{diagnose, from_exchange};
pub use model::{Action, Diagnosis, DiagnosisInput, FieldFinding, Location, MeaningSource, PlaceInText};
pub use place::Place;
