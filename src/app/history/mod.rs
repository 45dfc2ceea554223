//! The history in the window: what is shown of it, what can be done with it, and the work that it takes.

mod act;
mod entry;
mod jobs;
mod maintain;
mod update;
mod view;

pub use act::{EntryAct, HistoryAct, HistoryEffect};
pub use view::{Compared, HistoryFilter, HistoryView, Keeping, MIN_SEARCH_CHARS, PurgeEnd, Since};

pub(super) use entry::{NOT_KEPT, load_entry};
pub(super) use jobs::run;
pub(super) use update::{find_last_good, refresh, stop_waiting, update};
