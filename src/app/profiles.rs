//! Choosing the API profile while the program runs: the list, and the program made anew over the chosen one.

use std::sync::{Arc, Mutex, PoisonError};

use super::command::Command;
use super::effect::Effect;
use super::services::Services;
use super::settings;
use super::state::{Dialog, NoticeKind, State};
use crate::disk::{DataDir, private_folder};
use crate::profile::{PROFILES_FOLDER, ProfileChoice, choices, choose};
use crate::transport::Limits;

/// What can be chosen, as it was when it was last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilesView {
    /// The folder a person can put files into.
    pub folder: String,
    /// Built-in profiles and files; empty until they were read.
    pub choices: Vec<ProfileChoice>,
}

/// What happens while a profile is chosen.
pub(super) fn update(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::OpenProfiles => {
            state.dialog = Dialog::Profiles;
            vec![Effect::ListProfiles]
        }
        Command::ProfilesListed(view) => {
            state.profiles = view;
            Vec::new()
        }
        Command::ChooseProfile(_) if state.in_flight.is_some() => {
            let fix = "cancel it or wait for its answer, then choose again";
            state.say(NoticeKind::Attention, "A request is on its way", fix);
            Vec::new()
        }
        Command::ChooseProfile(key) => vec![Effect::OpenProfile(key)],
        Command::ProfileOpened => vec![Effect::Restart],
        _ => Vec::new(),
    }
}

/// Services that wait for the program to go on over them.
pub(super) type Waiting = Arc<Mutex<Option<(Services, Vec<(String, String)>)>>>;

/// Takes what waits.
pub(super) fn take(waiting: &Waiting) -> Option<(Services, Vec<(String, String)>)> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Reads what can be chosen; makes the folder, so that there is a place to put files into.
pub(super) fn list(data_dir: &DataDir) -> Command {
    let folder = data_dir.file(PROFILES_FOLDER);
    // Without the folder there are the built-in ones still; who puts a file there will see why it cannot be made.
    let _ = private_folder(&folder);
    Command::ProfilesListed(ProfilesView { folder: folder.display().to_string(), choices: choices(&folder) })
}

/// Opens everything over another profile and remembers the choice.
pub(super) fn open(data_dir: &DataDir, key: &str, waiting: &Waiting) -> Command {
    let profile = match choose(key, &data_dir.file(PROFILES_FOLDER)) {
        Ok(profile) => profile,
        Err(error) => {
            let place = error.place().map(|place| format!(" ({place})")).unwrap_or_default();
            return Command::Failed { summary: format!("{}{place}", error.summary()), fix: error.fix() };
        }
    };
    match Services::open(profile, data_dir.clone(), Limits::default()) {
        Ok((services, mut notices)) => {
            if let Err(error) = settings::save_profile(data_dir, key) {
                notices.push((format!("The choice is not remembered: {}", error.summary()), error.fix()));
            }
            *waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some((services, notices));
            Command::ProfileOpened
        }
        Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
    }
}
