//! An exchange for people at a terminal.

use std::fmt::Write as _;

use crate::app::Answer;
use crate::text::{visible, visible_line};

/// How many lines of a body are shown.
const LINES: usize = 200;

/// The answer, what is wrong, where, and what to do. Everything in it was redacted.
pub(super) fn answer_text(answer: &Answer, with_log: bool) -> String {
    let record = answer.record.as_ref();
    let mut out = String::new();
    let total = record.timing.total_ms;
    let _ = writeln!(out, "{}  {} {}  {total:.0} ms", status_line(answer), record.method, visible_line(&record.url));
    for redirect in &record.redirects {
        let dropped = match redirect.dropped.as_slice() {
            [] => String::new(),
            dropped => format!("; left behind: {}", dropped.join(", ")),
        };
        let is_in_clear = redirect.from.starts_with("https:") && redirect.to.starts_with("http:");
        let clear = if is_in_clear { "; not encrypted from here on" } else { "" };
        let to = visible_line(&redirect.to);
        let _ = writeln!(out, "  {} to {} {to}{}{clear}", redirect.status, redirect.method, visible_line(&dropped));
    }
    if let Some(error) = &record.transport_error {
        let _ = writeln!(out, "\n{}", visible_line(&error.summary));
        for (name, text) in [("Seen", &error.seen), ("Meaning", &error.meaning), ("What to try", &error.fix)] {
            let _ = writeln!(out, "  {name:<12} {}", visible_line(text));
        }
    }
    if let Some(diagnosis) = &record.diagnosis {
        diagnosis_text(&mut out, diagnosis, &record.request_body.text);
    }
    if let Some(advice) = record.advice.as_ref() {
        let _ = writeln!(out, "  Try again    {}: {}", advice.words(), visible_line(&advice.why));
    }
    if with_log {
        out.push('\n');
        for line in &record.log {
            let _ = writeln!(out, "{:>7} ms  {}", line.at_ms, visible_line(&line.text));
        }
    }
    if let Some(response) = &record.response {
        let body = visible(&response.body.text);
        if !body.trim().is_empty() {
            out.push('\n');
        }
        let mut lines = body.lines();
        for line in lines.by_ref().take(LINES) {
            let _ = writeln!(out, "{line}");
        }
        let left = lines.count();
        if left > 0 {
            let how =
                if answer.is_from_history { "; --json prints all of it" } else { "; --output FILE writes all of it" };
            let _ = writeln!(out, "… {left} more lines{how}");
        }
        if response.is_truncated && record.transport_error.is_none() {
            let len = response.body.len_bytes;
            let _ = writeln!(
                out,
                "… cut after {len} bytes, which is not the whole answer; raise --max-body to get all of it"
            );
        } else if response.body.is_cut {
            let how = if answer.is_from_history { "the rest was not kept" } else { "--output FILE writes them" };
            let _ = writeln!(out, "… {} bytes in all; {how}", response.body.len_bytes);
        }
        if response.body.is_binary {
            let how = if answer.is_from_history { "not kept" } else { "--output FILE writes them" };
            let _ = writeln!(out, "{} bytes that are no text; {how}", response.body.len_bytes);
        }
    }
    out
}

/// The status as it is kept, so that a phrase that holds a secret does not show it.
fn status_line(answer: &Answer) -> String {
    match answer.record.response.as_ref().and_then(|response| response.reason.as_ref().map(|reason| (response, reason)))
    {
        Some((response, reason)) => format!("{} {}", response.status, visible_line(reason)).trim_end().to_owned(),
        None => answer.status_line(),
    }
}

fn diagnosis_text(out: &mut String, diagnosis: &serde_json::Value, payload: &str) {
    let text = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(serde_json::Value::as_str).map(|t| visible_line(t).into_owned())
    };
    let code = text(diagnosis, "code");
    let message = text(diagnosis, "message");
    if code.is_some() || message.is_some() {
        let _ =
            writeln!(out, "\n{}: {}", code.as_deref().unwrap_or("error"), message.as_deref().unwrap_or("no message"));
    }
    let is_failure = diagnosis.get("status").and_then(serde_json::Value::as_u64).is_some_and(|status| status >= 400);
    if is_failure && code.is_none() && text(diagnosis, "format").as_deref() == Some("unknown") {
        out.push_str("\nNo error envelope found; the answer is shown as it came\n");
    }
    for field in diagnosis.get("fields").and_then(serde_json::Value::as_array).into_iter().flatten() {
        let number = |name: &str| field.pointer(&format!("/span/{name}")).and_then(serde_json::Value::as_u64);
        let path = text(field, "path").unwrap_or_default();
        let reason = text(field, "reason").unwrap_or_default();
        match (number("line"), number("column")) {
            (Some(line), Some(column)) => {
                let _ = writeln!(out, "  {path} at line {line}, column {column}: {reason}");
                let shown =
                    payload.lines().nth(usize::try_from(line).unwrap_or(1).saturating_sub(1)).unwrap_or_default();
                if shown.chars().count() <= 160 {
                    let _ = writeln!(out, "  {line:>4} | {}", visible_line(shown));
                    let before = usize::try_from(column).unwrap_or(1).saturating_sub(1);
                    let _ = writeln!(out, "       | {}^", " ".repeat(before));
                }
            }
            _ => {
                let _ = writeln!(out, "  {path}: {reason}");
            }
        }
    }
    if let Some(meaning) = text(diagnosis, "meaning") {
        let _ = writeln!(out, "  Meaning      {meaning}");
    }
    for step in diagnosis.get("resolve").and_then(serde_json::Value::as_array).into_iter().flatten() {
        if let Some(step) = step.as_str() {
            let _ = writeln!(out, "  To resolve   {}", visible_line(step));
        }
    }
    if let Some(id) = diagnosis.pointer("/request_id/value").and_then(serde_json::Value::as_str) {
        let _ = writeln!(out, "  Request ID   {}", visible_line(id));
    }
}
