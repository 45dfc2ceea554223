//! The program without a screen: state, commands, effects.
//!
//! A panel pushes a [`Command`]; [`update`] changes the [`State`] and names [`Effect`]s; [`App`] starts them as jobs,
//! whose ends come back as commands. Nothing here knows of egui.

mod actions;
mod answer;
mod app_loop;
pub mod asks;
mod body_page;
mod body_view;
mod command;
mod credentials;
mod doctor;
mod effect;
mod gaps;
mod hex_view;
mod history;
mod inspect;
mod jobs;
mod line;
mod link;
mod network;
mod own_rules;
mod panic_hook;
mod paste;
mod profiles;
mod save_body;
mod services;
mod settings;
mod started;
mod state;
mod update;
mod wish;

pub use actions::{
    ActionAct, ActionPlan, ActionWish, Asked, Came, Change, MergeChoice, OpenAction, PlanInput, Refusal, Step, Undo,
    settable,
};
pub use answer::Answer;
pub use app_loop::{App, Outside};
pub use body_page::{BodyPage, PAGE_BYTES};
pub use body_view::{BodyRow, BodyView};
pub use command::{Command, ReportPurpose};
pub use credentials::{
    CredentialAct, CredentialEffect, CredentialForm, CredentialView, REVEAL, Replaced, Revealed, Server, SignIn,
    SignInEvent, SignInFailure, SignInForm, SignInView, StepView, Tested, parse_expiry, refresh, sign_in, sign_out,
};
pub use doctor::{Examined, call_facts, clean_credential, examine_credential, server_clock, token_findings};
pub use effect::{CookieChange, Effect};
pub use gaps::{Gap, gaps_of};
pub use hex_view::{HEX_ROW_BYTES, hex_row, row_count};
pub use history::{
    Compared, EntryAct, HistoryAct, HistoryEffect, HistoryFilter, HistoryView, Keeping, MIN_SEARCH_CHARS, PurgeEnd,
    Since,
};
pub use inspect::{Inspection, LARGE_PAYLOAD_BYTES, Mark, MarkKind, Wanted, inspect};
pub use jobs::{Jobs, Wake};
pub use line::{Finished, LineEnd, run_line};
pub use link::{LinkError, check_link, open_link};
pub use network::{NetworkFile, NetworkSettings};
pub use own_rules::redaction_rules;
pub use panic_hook::install_panic_hook;
pub use profiles::ProfilesView;
pub use save_body::save_body;
pub use services::{SANDBOX_PREFIX, Services, StartError, session_name};
pub use settings::load_profile;
pub use state::{
    BodyStyle, CookieView, Dialog, InFlight, KeyringView, Notice, NoticeKind, ReportPreview, RequestTab, ResponseTab,
    SandboxState, State, Theme,
};
pub use update::update;
pub use wish::{ForThisAddress, SendWish};
