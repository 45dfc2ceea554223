//! The credentials in the window: what is shown of them, what can be done with them, and the work that it takes.

mod act;
mod form;
mod jobs;
mod sign_in;
mod update;
mod view;

pub use act::{CredentialAct, CredentialEffect, CredentialForm, SignInForm};
pub use form::parse_expiry;
pub use sign_in::{Server, SignIn, SignInEvent, SignInFailure, StepView, refresh, sign_in, sign_out};
pub use view::{CredentialView, REVEAL, Replaced, Revealed, SignInView, Tested};

pub(super) use jobs::{add, load, lost_token, refresh_job, run, sign_in_again_job, sign_in_job, sign_out_job};
pub(super) use update::{forget_unstored, hide_in_time, note_worked, update};
