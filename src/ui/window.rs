//! The window: collects what happened, lays the regions out, hands the outside what is its own.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, CentralPanel, Context, Frame, Margin, Panel, ScrollArea, Ui, UiBuilder};
use jiff::Timestamp;

use super::buffers::{Buffers, PasteForm, Queue};
use super::panels;
use super::secret_clipboard::SecretClipboard;
use super::shortcuts::{self, Act, Focus};
use super::theme;
use crate::app::{App, Command, CredentialAct, Dialog, HistoryAct, Outside, ResponseTab, Theme};

/// Below this width the checks are a tab of the answer.
const CHECKS_FOLD: f32 = 1100.0;
/// Below this width the left column folds away.
const LEFT_FOLD: f32 = 800.0;

/// The desktop window over the program without a screen.
pub struct Window {
    app: App,
    buffers: Buffers,
    queue: Queue,
    theme: Option<Theme>,
    wanted_focus: Option<Focus>,
    is_left_folded: bool,
    secrets: SecretClipboard,
}

impl Window {
    /// Puts a program behind a window; `ctx` gets fonts and colours.
    pub fn new(ctx: &Context, mut app: App) -> Self {
        theme::install(ctx);
        let waker = ctx.clone();
        app.on_wake(Arc::new(move || waker.request_repaint()));
        Self {
            app,
            buffers: Buffers::default(),
            queue: Queue::new(),
            theme: None,
            wanted_focus: None,
            is_left_folded: false,
            secrets: SecretClipboard::default(),
        }
    }

    /// The program behind the window.
    pub fn app(&mut self) -> &mut App {
        &mut self.app
    }

    fn apply_theme(&mut self, ctx: &Context) {
        let theme = self.app.state().theme;
        if self.theme == Some(theme) {
            return;
        }
        self.theme = Some(theme);
        ctx.set_theme(match theme {
            Theme::Dark => egui::ThemePreference::Dark,
            Theme::Light => egui::ThemePreference::Light,
            Theme::System => egui::ThemePreference::System,
        });
        // The frame that is being drawn has the old style still.
        ctx.request_repaint();
    }

    fn run_outside(&mut self, ctx: &Context, frame: &eframe::Frame, outside: Outside) {
        match outside {
            Outside::Copy(text) => ctx.copy_text((*text).clone()),
            Outside::CopySecret { name, secret } => {
                let answer = self.secrets.copy(secret);
                self.app.spawn(async move {
                    let put = answer.await.unwrap_or_else(|_| Err("it broke off".into()));
                    Command::Credential(CredentialAct::Copied { name, put })
                });
            }
            Outside::AskBodyPath { file_name } => {
                // Made here because macOS wants it on the main thread; awaited on a worker.
                let dialog = rfd::AsyncFileDialog::new()
                    .set_title("Save the answer's body")
                    .set_file_name(file_name)
                    .set_parent(frame)
                    .save_file();
                self.app.spawn(async move {
                    match dialog.await {
                        // The dialog has asked about a file that is there already.
                        Some(file) => Command::WriteBody { path: file.path().to_owned(), is_replacing: true },
                        None => Command::Nothing,
                    }
                });
            }
            Outside::AskReportPath { file_name } => {
                // Made here because macOS wants it on the main thread; awaited on a worker.
                let dialog = rfd::AsyncFileDialog::new()
                    .set_title("Save the report")
                    .set_file_name(file_name)
                    .add_filter("Markdown", &["md"])
                    .set_parent(frame)
                    .save_file();
                self.app.spawn(async move {
                    match dialog.await {
                        // The dialog has asked about a file that is there already.
                        Some(file) => Command::WriteReport { path: file.path().to_owned(), is_replacing: true },
                        None => Command::Nothing,
                    }
                });
            }
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Push(command) => self.queue.push_back(command),
            // A dialog that is closing still holds the keyboard, so the focus moves once it has gone.
            // The filter of a folded column is in its dialog.
            Act::Focus(Focus::History) => {
                self.queue.push_back(Command::History(HistoryAct::ShowGroups(false)));
                self.act(Act::Focus(Focus::Filter));
            }
            Act::Focus(Focus::Filter) if self.is_left_folded => {
                self.queue.push_back(Command::OpenDialog(Dialog::Requests));
            }
            Act::Focus(focus) => self.wanted_focus = Some(focus),
        }
    }

    fn regions_ui(&mut self, ui: &mut Ui) {
        let colours = theme::palette(ui.ctx());
        let width = ui.available_width();
        self.is_left_folded = width < LEFT_FOLD;
        let state = self.app.state();
        let (buffers, queue) = (&mut self.buffers, &mut self.queue);
        let bar = |margin: Margin| Frame::new().fill(colours.raised).inner_margin(margin);
        region(
            Panel::top("top").exact_size(44.0).frame(bar(Margin::symmetric(12, 0))),
            ui,
            "Environment and credential",
            |ui| {
                panels::top::ui(ui, state, buffers, queue);
            },
        );
        if panels::unverified::is_shown(state) {
            let frame = Frame::new().fill(colours.attention_ground).inner_margin(Margin::symmetric(12, 4));
            let height = if width < 800.0 { 54.0 } else { 36.0 };
            let panel = Panel::top("unverified").exact_size(height).frame(frame);
            region(panel, ui, "Certificates are not verified", |ui| panels::unverified::ui(ui, state, queue));
        }
        region(Panel::bottom("bottom").exact_size(28.0).frame(bar(Margin::symmetric(12, 0))), ui, "Status", |ui| {
            panels::bottom::ui(ui, state, queue);
        });
        if width >= LEFT_FOLD {
            let panel = Panel::left("left").default_size(256.0).size_range(240.0..=400.0).resizable(true);
            region(panel.frame(bar(Margin::symmetric(10, 8))), ui, "Requests and history", |ui| {
                panels::left::ui(ui, state, buffers, queue, Timestamp::now());
            });
        }
        let has_checks = width >= CHECKS_FOLD;
        if has_checks {
            let panel = Panel::right("right").default_size(360.0).size_range(280.0..=460.0).resizable(true);
            region(panel.frame(bar(Margin::symmetric(12, 10))), ui, "Troubleshooting", |ui| {
                ScrollArea::vertical()
                    .id_salt("right")
                    .auto_shrink([false, false])
                    .show(ui, |ui| panels::checks::ui(ui, state, queue));
            });
        }
        let ground = Frame::new().fill(colours.ground);
        CentralPanel::default().frame(ground).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let notices = panels::notices::above_the_answer(state, buffers.told);
            if !notices.is_empty() {
                Frame::new().inner_margin(Margin { left: 12, right: 12, top: 8, bottom: 0 }).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 4.0;
                    panels::notices::list_ui(ui, state, &notices, queue);
                });
            }
            let half = (ui.available_height() * 0.48).max(140.0);
            let request = Panel::top("request")
                .default_size(half)
                .min_size(140.0)
                .max_size((ui.available_height() - 230.0).max(140.0))
                .resizable(true);
            region(request.frame(Frame::new().fill(colours.ground)), ui, "Request", |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                panels::request::ui(ui, state, buffers, queue);
            });
            named_region(ui, "Answer", |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                panels::response::ui(ui, state, buffers, queue, !has_checks);
            });
        });
    }

    fn dialogs_ui(&mut self, ctx: &Context) {
        let state = self.app.state();
        if state.dialog != Dialog::Credentials {
            panels::credentials::forget_secret(ctx, state, &mut self.buffers, &mut self.queue);
        }
        let is_card_in_sight = matches!(state.response_tab, ResponseTab::Diagnosis | ResponseTab::Checks);
        if state.action.is_none() || !is_card_in_sight {
            panels::action::forget(ctx, &mut self.buffers);
        }
        if state.dialog != Dialog::Network {
            panels::network::forget(ctx, state, &mut self.buffers);
        }
        if state.dialog != Dialog::Cookies {
            panels::cookies::forget(ctx, &mut self.buffers);
        }
        if state.dialog != Dialog::Keeping {
            self.buffers.keeping = None;
        }
        if state.dialog != Dialog::Paste {
            self.buffers.paste = PasteForm::default();
        }
        if state.dialog != Dialog::Note {
            self.buffers.note = None;
        }
        if state.dialog == Dialog::None {
            self.buffers.told = state.notices.last().map_or(0, |notice| notice.id);
        }
        match state.dialog {
            Dialog::None => {}
            Dialog::Credentials => panels::credentials::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Report => panels::report::preview_ui(ctx, state, &mut self.queue),
            Dialog::ReportPath => panels::report::path_ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Requests => panels::left::dialog_ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Network => panels::network::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Cookies => panels::cookies::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::BodyPath => panels::body::path_ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Note => panels::note::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Compare => panels::compare::ui(ctx, state, &mut self.queue),
            Dialog::Keeping => panels::keeping::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Paste => panels::paste::ui(ctx, state, &mut self.buffers, &mut self.queue),
            Dialog::Profiles => panels::profiles::ui(ctx, state, &self.buffers, &mut self.queue),
            Dialog::Help => panels::help::ui(ctx, &mut self.queue),
            Dialog::Palette => {
                if let Some(act) = panels::palette::ui(ctx, &mut self.buffers, &mut self.queue) {
                    self.act(act);
                }
            }
        }
    }
}

/// A panel that is a named region for screen readers.
fn region(panel: Panel, ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    panel.show(ui, |ui| named_region(ui, name, add));
}

/// A part of the window with a name and a place for screen readers.
fn named_region(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().accessibility_role(egui::Role::Region).accessibility_label(name);
    ui.scope_builder(builder, |ui| {
        add(ui);
        let rect = ui.min_rect();
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_bounds(egui::accesskit::Rect {
                x0: rect.min.x.into(),
                y0: rect.min.y.into(),
                x1: rect.max.x.into(),
                y1: rect.max.y.into(),
            });
        });
    });
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        for command in self.queue.drain(..) {
            self.app.push(command);
        }
        for outside in self.app.tick() {
            self.run_outside(ctx, frame, outside);
        }
        self.buffers.follow(self.app.state());
        self.apply_theme(ctx);
        if self.app.state().in_flight.is_some() {
            // Progress wakes the window by itself; this only keeps the clock going.
            ctx.request_repaint_after(Duration::from_millis(250));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let is_dialog_open = self.app.state().dialog != Dialog::None;
        // The colours may have been switched after this Ui was made.
        ui.set_style(ctx.global_style());
        // Shortcuts are taken before the fields see them and pushed after the fields: what was typed in the same
        // frame comes first, so that what is sent is what is shown.
        let acts = shortcuts::pressed(&ctx, is_dialog_open);
        self.regions_ui(ui);
        for act in acts {
            self.act(act);
        }
        self.dialogs_ui(&ctx);
        if let Some(focus) = self.wanted_focus {
            if !is_dialog_open {
                self.wanted_focus = None;
                let id = match focus {
                    Focus::Url => panels::request::url_id(),
                    Focus::Filter | Focus::History => panels::left::filter_id(),
                };
                ctx.memory_mut(|memory| memory.request_focus(id));
            }
            ctx.request_repaint();
        }
        if !self.queue.is_empty() {
            ctx.request_repaint();
        }
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}
