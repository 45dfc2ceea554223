//! The one place where what is shown of the credentials changes.

use std::time::{Duration, Instant};

use super::act::{CredentialAct, CredentialEffect, SignInEnd};
use super::form;
use super::sign_in::{SignInEvent, StepView};
use super::view::{REVEAL, Replaced, Revealed, SignInView, Tested};
use crate::app::answer::Answer;
use crate::app::effect::Effect;
use crate::app::state::{NoticeKind, State};
use crate::secret::Secret;

/// Applies what happened and says what has to be done outside.
pub(in crate::app) fn update(state: &mut State, act: CredentialAct) -> Vec<Effect> {
    let view = &mut state.credentials;
    match act {
        CredentialAct::Test(name) => {
            let record = state.answer.as_ref().map(|answer| std::sync::Arc::clone(&answer.record));
            let record = record.filter(|record| record.credential.as_deref() == Some(name.as_str()));
            one(state, CredentialEffect::Test(name, record))
        }
        CredentialAct::Replace { name, secret } => {
            remember_replaced(state, &name);
            one(state, CredentialEffect::Replace(name, secret))
        }
        CredentialAct::Clean(name) => one(state, CredentialEffect::Clean(name)),
        CredentialAct::AllowOrigin { name, origin } => {
            // The question is answered; sending again shows whether anything else is in the way.
            state.problem = None;
            one(state, CredentialEffect::AllowOrigin(name, origin))
        }
        CredentialAct::KeepInKeyring(name) => one(state, CredentialEffect::KeepInKeyring(name)),
        CredentialAct::Reveal(name) => one(state, CredentialEffect::Reveal(name)),
        CredentialAct::Hide => {
            view.revealed = None;
            Vec::new()
        }
        CredentialAct::CopySecret(name) if view.is_copy_allowed => one(state, CredentialEffect::ReadToCopy(name)),
        CredentialAct::CopySecret(name) => {
            view.copy_asked = Some(name);
            Vec::new()
        }
        CredentialAct::AllowCopying => {
            view.is_copy_allowed = true;
            let asked = view.copy_asked.take();
            asked.map(|name| one(state, CredentialEffect::ReadToCopy(name))).unwrap_or_default()
        }
        CredentialAct::StopCopying => {
            view.copy_asked = None;
            Vec::new()
        }
        CredentialAct::SignIn(form) => match form::sign_in_of(*form) {
            Ok(wish) => {
                let name = wish.name.clone();
                begin(state, name, |job| CredentialEffect::SignIn { job, wish: Box::new(wish) })
            }
            Err(problem) => {
                state.keyring.problem = Some(problem);
                Vec::new()
            }
        },
        CredentialAct::SignInAgain(name) => {
            begin(state, name.clone(), |job| CredentialEffect::SignInAgain { job, name })
        }
        CredentialAct::Refresh(name) => begin(state, name.clone(), |job| CredentialEffect::Refresh { job, name }),
        CredentialAct::SignOut(name) => begin(state, name.clone(), |job| CredentialEffect::SignOut { job, name }),
        CredentialAct::CancelSignIn => {
            let running = view.sign_in.iter().filter(|sign_in| !sign_in.is_over);
            running.map(|sign_in| Effect::Credential(CredentialEffect::Cancel(sign_in.job))).collect()
        }
        CredentialAct::CloseSignIn => {
            if view.sign_in.as_ref().is_some_and(|sign_in| sign_in.is_over) {
                view.sign_in = None;
            }
            Vec::new()
        }
        CredentialAct::OpenSignIn => match view.sign_in.as_ref().and_then(|sign_in| sign_in.wanted.as_ref()) {
            Some(SignInEvent::Open { url }) => vec![Effect::OpenLink(url.clone())],
            Some(SignInEvent::Code { verification_uri, verification_uri_complete, .. }) => {
                vec![Effect::OpenLink(verification_uri_complete.as_ref().unwrap_or(verification_uri).clone())]
            }
            _ => Vec::new(),
        },

        CredentialAct::CopySignIn => {
            // Both let whoever has them meanwhile take part in the sign-in, so they go where secrets go.
            let copied = match view.sign_in.as_ref().and_then(|sign_in| sign_in.wanted.as_ref()) {
                Some(SignInEvent::Open { url }) => Some(("The address", url.as_str())),
                Some(SignInEvent::Code { user_code, .. }) => Some(("The code", user_code.as_str())),
                _ => None,
            };
            let effect = |(name, text): (&str, &str)| Effect::CopySecret {
                name: name.to_owned(),
                secret: Secret::new(text.to_owned()),
            };
            copied.map(effect).into_iter().collect()
        }

        CredentialAct::Tested { name, findings } => {
            state.keyring.is_busy = false;
            view.tested = Some(Tested { name, findings });
            Vec::new()
        }
        CredentialAct::Changed { done, warning, is_replaced } => {
            view.replaced_count += u64::from(is_replaced);
            let next = state.next_number;
            if let Some(replaced) = view.replaced.as_mut().filter(|_| is_replaced) {
                // A job's number is drawn when it begins: one that is on its way still carries the old secret.
                replaced.from_job = Some(next + 1);
            }
            // What was found of the secret before says nothing of this one.
            view.tested = None;
            view.revealed = None;
            tell(state, done, warning);
            vec![Effect::LoadCredentials]
        }
        CredentialAct::Revealed { name, secret } => {
            state.keyring.is_busy = false;
            view.revealed = Some(Revealed { name, secret, until: Instant::now() + REVEAL });
            Vec::new()
        }
        CredentialAct::ReadToCopy { name, secret } => {
            state.keyring.is_busy = false;
            vec![Effect::CopySecret { name: format!("The secret of {name}"), secret }]
        }
        CredentialAct::Copied { name, put } => {
            match put {
                Ok(()) => {
                    let fix = "It is taken off the clipboard again after thirty seconds";
                    state.say(NoticeKind::Done, format!("{name} was copied"), fix);
                }
                Err(why) => {
                    let fix = "Copy what is shown by hand";
                    state.say(NoticeKind::Failure, format!("{name} was not copied: {why}"), fix);
                }
            }
            Vec::new()
        }
        CredentialAct::Progressed { job, event } => match &mut view.sign_in {
            Some(sign_in) if sign_in.job == job => progressed(sign_in, *event),
            _ => Vec::new(),
        },
        CredentialAct::Ended { job, end } => ended(state, job, end),
    }
}

/// What the secret before ended in stays known until a call with the new one worked. One that was itself never proven
/// is not what a person would look for.
fn remember_replaced(state: &mut State, name: &str) {
    if state.credentials.replaced.as_ref().is_some_and(|replaced| replaced.name == name) {
        return;
    }
    let known = state.keyring.credentials.iter().find(|known| known.name == name);
    let last4 = known.and_then(|known| known.last4.clone());
    state.credentials.replaced = Some(Replaced { name: name.to_owned(), last4, from_job: None });
}

/// A secret that was not stored took nothing's place.
pub(in crate::app) fn forget_unstored(state: &mut State) {
    state.credentials.replaced.take_if(|replaced| replaced.from_job.is_none());
}

/// Forgets the secret before once a call with the new one worked.
pub(in crate::app) fn note_worked(state: &mut State, job: u64, answer: &Answer) {
    let has_worked = answer.transport_error.is_none() && answer.status.is_some_and(|status| status < 400);
    let is_its = |replaced: &mut Replaced| {
        let is_new = replaced.from_job.is_some_and(|from| job >= from);
        has_worked && is_new && answer.record.credential.as_ref() == Some(&replaced.name)
    };
    if let Some(replaced) = state.credentials.replaced.take_if(is_its) {
        state.say(NoticeKind::Done, format!("The new secret of {} works", replaced.name), "");
    }
}

/// Hides a secret whose ten seconds are over; says how long the window may sleep until then.
pub(in crate::app) fn hide_in_time(state: &mut State, now: Instant) -> Option<Duration> {
    let left = state.credentials.revealed.as_ref()?.until.saturating_duration_since(now);
    if left.is_zero() {
        state.credentials.revealed = None;
        return None;
    }
    Some(left)
}

fn one(state: &mut State, effect: CredentialEffect) -> Vec<Effect> {
    state.keyring.is_busy = true;
    state.keyring.problem = None;
    vec![Effect::Credential(effect)]
}

/// One sign-in, renewal or sign-out at a time.
fn begin(state: &mut State, name: String, effect: impl FnOnce(u64) -> CredentialEffect) -> Vec<Effect> {
    if state.credentials.sign_in.as_ref().is_some_and(|sign_in| !sign_in.is_over) {
        return Vec::new();
    }
    let job = state.number();
    state.keyring.problem = None;
    state.credentials.sign_in =
        Some(SignInView { job, name, wanted: None, wanted_at: None, steps: Vec::new(), failure: None, is_over: false });
    vec![Effect::Credential(effect(job))]
}

fn progressed(sign_in: &mut SignInView, event: SignInEvent) -> Vec<Effect> {
    match event {
        SignInEvent::Step(step) => {
            // A device flow asks the same again and again: one line for all of them.
            sign_in.steps.retain(|before| !is_same_question(before, &step));
            sign_in.steps.push(step);
            Vec::new()
        }
        event => {
            sign_in.wanted_at = Some(Instant::now());
            // The person named the server a moment ago, and the address is its own.
            let opened =
                if let SignInEvent::Open { url } = &event { vec![Effect::OpenLink(url.clone())] } else { Vec::new() };
            sign_in.wanted = Some(event);
            opened
        }
    }
}

fn is_same_question(before: &StepView, step: &StepView) -> bool {
    before.title == step.title && before.status == step.status
}

fn ended(state: &mut State, job: u64, end: SignInEnd) -> Vec<Effect> {
    let Some(sign_in) = state.credentials.sign_in.as_mut().filter(|sign_in| sign_in.job == job) else {
        return Vec::new();
    };
    sign_in.is_over = true;
    sign_in.wanted = None;
    match end {
        Ok((done, warning)) => {
            state.credentials.sign_in = None;
            state.credentials.tested = None;
            state.keyring.stored_count += 1;
            tell(state, done, warning);
        }
        Err(failure) => {
            // Where the dialog is closed there is nothing else to say it in.
            if state.dialog != crate::app::state::Dialog::Credentials {
                state.say(NoticeKind::Failure, failure.summary.clone(), failure.fix.clone());
            }
            sign_in_of(state, job).iter_mut().for_each(|sign_in| sign_in.failure = Some((*failure).clone()));
        }
    }
    let mut effects = vec![Effect::LoadCredentials];
    effects.extend(crate::app::history::refresh(state));
    effects
}

fn sign_in_of(state: &mut State, job: u64) -> Option<&mut SignInView> {
    state.credentials.sign_in.as_mut().filter(|sign_in| sign_in.job == job)
}

fn tell(state: &mut State, done: String, warning: Option<(String, String)>) {
    match warning {
        Some((summary, fix)) => state.say(NoticeKind::Attention, summary, fix),
        None => state.say(NoticeKind::Done, done, ""),
    }
}
