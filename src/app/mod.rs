//! The program without a screen: state, commands, effects.
//!
//! A panel pushes a [`Command`]; [`update`] changes the [`State`] and names [`Effect`]s; [`App`] starts them as jobs,
//! whose ends come back as commands. Nothing here knows of egui.

mod answer;
mod app_loop;
mod body_view;
mod command;
mod effect;
mod inspect;
mod jobs;
mod line;
mod services;
mod state;
mod update;

pub use answer::Answer;
pub use app_loop::{App, Outside};
pub use body_view::{BodyRow, BodyView};
pub use command::{Command, CredentialForm};
pub use effect::Effect;
pub use inspect::{Inspection, Mark, MarkKind, inspect};
pub use jobs::{Jobs, Wake};
pub use line::{Finished, LineEnd, run_line};
pub use services::{Services, StartError};
pub use state::{
    Dialog, InFlight, KeyringView, Notice, NoticeKind, ReportPreview, RequestTab, ResponseTab, SandboxState, State, Theme,
};
pub use update::update;
