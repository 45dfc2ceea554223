//! What trying again would mean, and the buttons that do it.

use std::time::Duration;

use eframe::egui::{Label, RichText, Role, Ui, UiBuilder};
use jiff::Timestamp;

use crate::app::{Answer, Command, SendWish, State};
use crate::exchange::Advice;
use crate::text::visible_line;
use crate::transport::RetryPolicy;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::table;

/// How many times a temporary failure is tried again at the press of the button.
const RETRIES: u32 = 5;

/// Draws the row; nothing where nothing failed.
pub fn ui(ui: &mut Ui, state: &State, answer: &Answer, buffers: &mut Buffers, queue: &mut Queue) {
    let Some(advice) = answer.advice() else { return };
    let colours = theme::palette(ui.ctx());
    let said = format!("{}: {}", sentence(&advice.words()), visible_line(&advice.why));
    // The draft is what would be sent, so only its own answer may say how.
    let has_buttons = advice.verdict != "pointless" && state.in_flight.is_none() && state.is_answer_to_the_draft();
    table::row(ui, colours, "Try again", |ui| {
        if !has_buttons {
            ui.add(Label::new(said).wrap());
            return;
        }
        ui.vertical(|ui| {
            ui.add(Label::new(said).wrap());
            buttons_ui(ui, answer, advice, buffers, queue, colours);
        });
    });
}

fn buttons_ui(
    ui: &mut Ui,
    answer: &Answer,
    advice: &Advice,
    buffers: &mut Buffers,
    queue: &mut Queue,
    colours: &Palette,
) {
    let may_duplicate = advice.verdict == "may_duplicate";
    let left = answer.wait_left(Timestamp::now());
    let has_backoff = advice.is_temporary && !advice.needs_consent && !may_duplicate && advice.verdict != "pointless";
    let mut send = |wish: SendWish| queue.push_back(Command::SendWith(Box::new(wish)));
    ui.horizontal_wrapped(|ui| {
        let is_over = left.is_some_and(|left| left.is_zero());
        if is_over && ui.button("Send now").on_hover_text("The time that the answer asked for is over").clicked() {
            send(SendWish::default());
        }
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            let title = format!("Wait {} s and send", whole_seconds(left));
            if ui.button(title).on_hover_text("Send it once that time is over; it can be cancelled").clicked() {
                send(SendWish { wait_first_s: Some(left.as_secs_f64()), ..SendWish::default() });
            }
            // The count goes down at each whole second.
            let to_next = Duration::from_nanos(u64::from(left.subsec_nanos()) + 1_000_000);
            ui.ctx().request_repaint_after(to_next);
        }
        if has_backoff {
            let hover = format!("Send it now, and up to {RETRIES} times more with growing waits; it can be cancelled");
            if ui.button("Retry with backoff").on_hover_text(hover).clicked() {
                send(SendWish { retries: Some(RETRIES), ..SendWish::default() });
            }
            ui.label(RichText::new(schedule()).color(colours.soft));
        }
        let is_asked = buffers.asked_twice.as_deref() == Some(answer.id.as_str());
        if may_duplicate && !is_asked && ui.button("Send again anyway…").clicked() {
            buffers.asked_twice = Some(answer.id.clone());
        }
    });
    if !may_duplicate || buffers.asked_twice.as_deref() != Some(answer.id.as_str()) {
        return;
    }
    let question = "It may be done twice: the server may have acted on the first one already";
    let builder = UiBuilder::new().accessibility_role(Role::Alert).accessibility_label(question);
    ui.scope_builder(builder, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(icons::icon(icons::WARNING, 14.0).color(colours.attention));
            ui.add(Label::new(RichText::new(question).color(colours.attention)).wrap());
        });
        ui.horizontal_wrapped(|ui| {
            if ui.button("Send it twice").clicked() {
                // One sending and no more: what was agreed to is this one.
                send(SendWish { may_duplicate: true, retries: Some(0), ..SendWish::default() });
                buffers.asked_twice = None;
            }
            if ui.button("Do not send").clicked() {
                buffers.asked_twice = None;
            }
        });
    });
}

/// When it would be tried again. Shape: `waits of up to 0.5, 1, 2, 4, 8 s, or what the answer asks for`.
fn schedule() -> String {
    let policy = RetryPolicy::times(RETRIES);
    let waits: Vec<String> = (1..=RETRIES).map(|retry| policy.ceiling(retry).as_secs_f64().to_string()).collect();
    format!("waits of up to {} s, or what the answer asks for", waits.join(", "))
}

/// Seconds that are not over yet, a begun one whole.
fn whole_seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// The first letter as a sentence begins.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
