//! Every command of the window with its title and shortcut, in one table.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers, Popup};

use crate::app::{ActionAct, Command, Dialog, EntryAct, HistoryAct, RequestTab, ResponseTab, Theme};

/// Where the keyboard goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The address.
    Url,
    /// The filter on the left.
    Filter,
    /// The filter on the left, with the entries of the history under it.
    History,
}

/// What a command of the table does.
#[derive(Debug)]
pub enum Act {
    /// Pushes a command.
    Push(Command),
    /// Moves the keyboard focus.
    Focus(Focus),
}

/// One entry of the table.
pub struct Entry {
    /// What it is called in the palette.
    pub title: &'static str,
    /// Its shortcut.
    pub shortcut: Option<KeyboardShortcut>,
    /// What it does.
    pub act: fn() -> Act,
}

const fn ctrl(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

fn history(act: HistoryAct) -> Act {
    Act::Push(Command::History(act))
}

fn on_open(act: EntryAct) -> Act {
    history(HistoryAct::ActOnOpen(act))
}

/// Every command that needs no further input.
pub const ENTRIES: &[Entry] = &[
    Entry { title: "Send the request", shortcut: ctrl(Key::Enter), act: || Act::Push(Command::Send) },
    Entry { title: "Cancel the request", shortcut: ctrl(Key::Period), act: || Act::Push(Command::Cancel) },
    Entry { title: "Export report", shortcut: ctrl(Key::E), act: || Act::Push(Command::ExportReport) },
    Entry { title: "Save report as…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::ReportPath)) },
    Entry { title: "Preview report", shortcut: None, act: || Act::Push(Command::PreviewReport) },
    Entry { title: "Copy report as Markdown", shortcut: None, act: || Act::Push(Command::CopyReport) },
    Entry { title: "Go to the URL", shortcut: ctrl(Key::L), act: || Act::Focus(Focus::Url) },
    Entry { title: "Filter requests and history", shortcut: ctrl(Key::F), act: || Act::Focus(Focus::Filter) },
    Entry {
        title: "Search the history",
        shortcut: Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::F)),
        act: || Act::Focus(Focus::History),
    },
    Entry {
        title: "Next finding",
        shortcut: Some(KeyboardShortcut::new(Modifiers::NONE, Key::F8)),
        act: || Act::Push(Command::NextFinding),
    },
    Entry {
        title: "Previous finding",
        shortcut: Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::F8)),
        act: || Act::Push(Command::PreviousFinding),
    },
    Entry {
        title: "Requests and history…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::Requests))
    },
    Entry { title: "Show errors grouped", shortcut: None, act: || history(HistoryAct::ShowGroups(true)) },
    Entry { title: "Show every entry of the history", shortcut: None, act: || history(HistoryAct::ShowAll) },
    Entry { title: "History settings…", shortcut: None, act: || history(HistoryAct::OpenKeeping) },
    Entry { title: "Pin or unpin the open entry", shortcut: None, act: || on_open(EntryAct::TogglePin) },
    Entry { title: "Note beside the open entry…", shortcut: None, act: || on_open(EntryAct::Note) },
    Entry { title: "Compare the open entry with…", shortcut: None, act: || on_open(EntryAct::CompareWith) },
    Entry {
        title: "Compare the open entry with the last good call",
        shortcut: None,
        act: || on_open(EntryAct::CompareWithLastGood),
    },
    Entry { title: "Copy the id of the open entry", shortcut: None, act: || on_open(EntryAct::CopyId) },
    Entry { title: "Delete the open entry", shortcut: None, act: || on_open(EntryAct::Delete) },
    Entry { title: "Credentials…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::Credentials)) },
    Entry { title: "Network…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::Network)) },
    Entry { title: "Cookies…", shortcut: None, act: || Act::Push(Command::OpenCookies) },
    Entry {
        title: "Show query parameters",
        shortcut: None,
        act: || Act::Push(Command::ShowRequestTab(RequestTab::Params)),
    },
    Entry {
        title: "Show request headers",
        shortcut: None,
        act: || Act::Push(Command::ShowRequestTab(RequestTab::Headers)),
    },
    Entry {
        title: "Show credential and workspace",
        shortcut: None,
        act: || Act::Push(Command::ShowRequestTab(RequestTab::Auth)),
    },
    Entry { title: "Show payload", shortcut: None, act: || Act::Push(Command::ShowRequestTab(RequestTab::Body)) },
    Entry {
        title: "Show diagnosis",
        shortcut: None,
        act: || Act::Push(Command::ShowResponseTab(ResponseTab::Diagnosis)),
    },
    Entry { title: "Show answer body", shortcut: None, act: || Act::Push(Command::ShowResponseTab(ResponseTab::Body)) },
    Entry {
        title: "Show answer headers and rate limits",
        shortcut: None,
        act: || Act::Push(Command::ShowResponseTab(ResponseTab::Headers)),
    },
    Entry {
        title: "Show timing and connection",
        shortcut: None,
        act: || Act::Push(Command::ShowResponseTab(ResponseTab::Timing)),
    },
    Entry { title: "Save answer body…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::BodyPath)) },
    Entry { title: "Show log", shortcut: None, act: || Act::Push(Command::ShowResponseTab(ResponseTab::Log)) },
    Entry { title: "Read a pasted answer…", shortcut: None, act: || Act::Push(Command::OpenDialog(Dialog::Paste)) },
    Entry { title: "Undo the last guided action", shortcut: None, act: || Act::Push(Command::Action(ActionAct::Undo)) },
    Entry { title: "API profiles…", shortcut: None, act: || Act::Push(Command::OpenProfiles) },
    Entry { title: "Dark colours", shortcut: None, act: || Act::Push(Command::SetTheme(Theme::Dark)) },
    Entry { title: "Light colours", shortcut: None, act: || Act::Push(Command::SetTheme(Theme::Light)) },
    Entry { title: "Colours of the desktop", shortcut: None, act: || Act::Push(Command::SetTheme(Theme::System)) },
    Entry { title: "Command palette", shortcut: ctrl(Key::K), act: || Act::Push(Command::OpenDialog(Dialog::Palette)) },
    Entry {
        title: "Help: what the program contacts",
        shortcut: None,
        act: || Act::Push(Command::OpenDialog(Dialog::Help)),
    },
];

/// A shortcut in words for this system. Shape: `Ctrl+Enter`, `⌘↩`.
pub fn words(ctx: &Context, shortcut: KeyboardShortcut) -> String {
    ctx.format_shortcut(&shortcut).replace("Period", ".")
}

/// The acts whose shortcuts were pressed in this frame; none while a dialog is open, which has the keyboard to itself.
pub fn pressed(ctx: &Context, is_dialog_open: bool) -> Vec<Act> {
    if is_dialog_open {
        return Vec::new();
    }
    let mut entries: Vec<&Entry> = ENTRIES.iter().filter(|entry| entry.shortcut.is_some()).collect();
    // Longer combinations are asked first: F8 would take Shift+F8 as well.
    entries.sort_by_key(|entry| !entry.shortcut.is_some_and(|shortcut| shortcut.modifiers.shift));
    // A popup and a field with the focus take Escape for themselves.
    let is_escape_free = !Popup::is_any_open(ctx) && ctx.memory(|memory| memory.focused().is_none());
    let mut acts = Vec::new();
    ctx.input_mut(|input| {
        for entry in entries {
            if entry.shortcut.is_some_and(|shortcut| input.consume_shortcut(&shortcut)) {
                acts.push((entry.act)());
            }
        }
        if is_escape_free && input.key_pressed(Key::Escape) {
            acts.push(Act::Push(Command::CloseTopmost));
        }
    });
    acts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_shortcut_and_no_title_stands_twice() {
        for (index, entry) in ENTRIES.iter().enumerate() {
            for other in &ENTRIES[index + 1..] {
                assert_ne!(entry.title, other.title);
                assert!(entry.shortcut.is_none() || entry.shortcut != other.shortcut, "{}", entry.title);
            }
        }
    }
}
