//! The filters of the history: a button with everything that can be chosen, and what is chosen.

use eframe::egui::{Button, Popup, PopupCloseBehavior, RichText, ScrollArea, Ui, vec2};

use crate::app::{Command, HistoryAct, HistoryFilter, Since, State};
use crate::history::{FacetValue, StatusFilter};
use crate::text::visible_line;
use crate::ui::buffers::Queue;
use crate::ui::icons;
use crate::ui::theme;
use crate::ui::widgets::controls;

/// How many values of a kind are offered; others are found by the search.
const MAX_VALUES: usize = 12;

/// A filter that holds.
pub struct Chip {
    /// What it says.
    pub title: String,
    /// All filters but this one.
    pub without: HistoryFilter,
}

/// The filters that hold.
pub fn chips_of(state: &State) -> Vec<Chip> {
    let filter = &state.history_view.filter;
    let mut chips = Vec::new();
    let mut add = |title: Option<String>, clear: fn(&mut HistoryFilter)| {
        if let Some(title) = title {
            let mut without = filter.clone();
            clear(&mut without);
            chips.push(Chip { title, without });
        }
    };
    let named = |title: &str, value: &Option<String>| value.as_ref().map(|v| format!("{title} {}", visible_line(v)));
    add(filter.group.as_ref().map(|(_, title)| visible_line(title).into_owned()), |f| f.group = None);
    add(named("Method", &filter.method), |f| f.method = None);
    add(filter.status.map(|status| format!("Status {}", status_word(status))), |f| f.status = None);
    add(named("Code", &filter.code), |f| f.code = None);
    add(named("Host", &filter.host), |f| f.host = None);
    let environment = filter.environment.as_ref().map(|name| format!("Environment {}", environment_title(state, name)));
    add(environment, |f| f.environment = None);
    let since = (filter.since != Since::Ever).then(|| format!("Since {}", filter.since.title().to_lowercase()));
    add(since, |f| f.since = Since::Ever);
    add(filter.is_failure.then(|| "Only failures".to_owned()), |f| f.is_failure = false);
    add(filter.is_pinned.then(|| "Only pinned".to_owned()), |f| f.is_pinned = false);
    chips
}

fn status_word(status: StatusFilter) -> String {
    match status {
        StatusFilter::Exact(status) => status.to_string(),
        StatusFilter::Class(class) => format!("{class}xx"),
    }
}

/// What an environment is called; its name where the profile does not know it.
pub(super) fn environment_title(state: &State, name: &str) -> String {
    state.profile.environment(name).map_or_else(|| visible_line(name).into_owned(), |env| env.title.clone())
}

/// Draws the button, and what it opens.
pub fn button_ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let is_narrowed = state.history_view.filter.is_narrowed();
    let color = if is_narrowed { colours.accent } else { colours.text };
    let button = Button::new(icons::icon(icons::FUNNEL, 15.0).color(color)).frame_when_inactive(is_narrowed);
    let response = ui.add(button).on_hover_text("Filter the history").accessible_name("Filter the history");
    Popup::from_toggle_button_response(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(340.0)
        .accessible_name("Filters of the history")
        .show(|ui| {
            ui.set_width(340.0_f32.min(ui.ctx().content_rect().width() - 60.0));
            let height = (ui.ctx().content_rect().height() * 0.6).max(160.0);
            ScrollArea::vertical()
                .id_salt("history-filters")
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| choices_ui(ui, state, queue));
        });
}

fn choices_ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let view = &state.history_view;
    let filter = &view.filter;
    ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
    let mut set = |change: &dyn Fn(&mut HistoryFilter)| {
        let mut changed = filter.clone();
        change(&mut changed);
        queue.push_back(Command::History(HistoryAct::Filter(Box::new(changed))));
    };
    ui.horizontal_wrapped(|ui| {
        if toggle(ui, filter.is_failure, "Only failures", None) {
            set(&|f| f.is_failure = !filter.is_failure);
        }
        if toggle(ui, filter.is_pinned, "Only pinned", None) {
            set(&|f| f.is_pinned = !filter.is_pinned);
        }
        let has_any = filter.is_narrowed();
        if has_any && controls::link_button(ui, "Remove all filters").clicked() {
            set(&|f| *f = HistoryFilter::default());
        }
    });
    group(ui, "Since", |ui| {
        for since in [Since::Today, Since::Week, Since::Month, Since::Ever] {
            if toggle(ui, filter.since == since, since.title(), None) {
                set(&|f| f.since = since);
            }
        }
    });
    group(ui, "Status", |ui| {
        for class in 1..=5_u16 {
            let count = count_of_class(&view.facets.statuses, class);
            let wanted = StatusFilter::Class(class);
            if count > 0 && toggle(ui, filter.status == Some(wanted), &format!("{class}xx"), Some(count)) {
                set(&|f| f.status = toggled(&filter.status, wanted));
            }
        }
        for value in view.facets.statuses.iter().take(MAX_VALUES) {
            let Ok(status) = value.value.parse::<StatusFilter>() else { continue };
            if toggle(ui, filter.status == Some(status), &value.value, Some(value.count)) {
                set(&|f| f.status = toggled(&filter.status, status));
            }
        }
    });
    let facets = &view.facets;
    let mut values = |ui: &mut Ui, title: &str, offered: &[FacetValue], kind: Kind| {
        if offered.is_empty() {
            return;
        }
        group(ui, title, |ui| {
            let chosen = kind.of(filter);
            for value in offered.iter().take(MAX_VALUES) {
                let shown = match kind {
                    Kind::Environment => environment_title(state, &value.value),
                    _ => visible_line(&value.value).into_owned(),
                };
                let is_chosen = chosen.as_deref() == Some(value.value.as_str());
                if toggle(ui, is_chosen, &shown, Some(value.count)) {
                    let mut changed = filter.clone();
                    *kind.of_mut(&mut changed) = (!is_chosen).then(|| value.value.clone());
                    queue.push_back(Command::History(HistoryAct::Filter(Box::new(changed))));
                }
            }
        });
    };
    values(ui, "Method", &facets.methods, Kind::Method);
    values(ui, "Code", &facets.codes, Kind::Code);
    values(ui, "Environment", &facets.environments, Kind::Environment);
    values(ui, "Host", &facets.hosts, Kind::Host);
}

/// What is chosen by a value of its own.
#[derive(Clone, Copy)]
enum Kind {
    Method,
    Code,
    Environment,
    Host,
}

impl Kind {
    fn of(self, filter: &HistoryFilter) -> &Option<String> {
        match self {
            Self::Method => &filter.method,
            Self::Code => &filter.code,
            Self::Environment => &filter.environment,
            Self::Host => &filter.host,
        }
    }

    fn of_mut(self, filter: &mut HistoryFilter) -> &mut Option<String> {
        match self {
            Self::Method => &mut filter.method,
            Self::Code => &mut filter.code,
            Self::Environment => &mut filter.environment,
            Self::Host => &mut filter.host,
        }
    }
}

fn toggled(chosen: &Option<StatusFilter>, wanted: StatusFilter) -> Option<StatusFilter> {
    (*chosen != Some(wanted)).then_some(wanted)
}

fn count_of_class(statuses: &[FacetValue], class: u16) -> u64 {
    let is_of_it = |value: &&FacetValue| value.value.parse::<u16>().is_ok_and(|status| status / 100 == class);
    statuses.iter().filter(is_of_it).map(|value| value.count).sum()
}

fn group(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui)) {
    ui.add_space(6.0);
    controls::group_heading(ui, title);
    ui.horizontal_wrapped(add);
}

/// A value that is chosen or not, with how many entries have it.
fn toggle(ui: &mut Ui, is_chosen: bool, text: &str, count: Option<u64>) -> bool {
    let colours = theme::palette(ui.ctx());
    let shown: String =
        if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text.to_owned() };
    let mut button = Button::selectable(is_chosen, shown).frame_when_inactive(true);
    if let Some(count) = count {
        button = button.right_text(RichText::new(count.to_string()).size(theme::SMALL_SIZE).color(colours.soft));
    }
    let name = count.map_or_else(|| text.to_owned(), |count| format!("{text}, {count}"));
    ui.add(button).accessible_name(name).clicked()
}
