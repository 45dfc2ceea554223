//! `altyaa history`: lists, finds, shows, compares and removes what was sent.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::exchange_json::kept_json;
use super::history_text;
use super::output::{json_line, print, refuse, remark};
use super::program::{FAILURE, Stop, USAGE};
use super::show;
use crate::app::{Answer, Services};
use crate::history::{HistoryEntry, HistoryError, HistoryQuery, StatusFilter, compare};
use crate::secret::{Redactor, Rules};
use crate::text::visible_line;

/// The longest note, in bytes.
const NOTE_BYTES: u64 = 16 << 10;

/// `altyaa history …`.
#[derive(Args, Clone, Debug)]
pub struct HistoryArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: HistoryCommand,
}

/// What can be done with the history.
#[derive(Subcommand, Clone, Debug)]
pub enum HistoryCommand {
    /// The newest exchanges, newest first
    List(FilterArgs),
    /// The exchanges that hold some words
    Search {
        /// Words in address, ids, code, message, headers or bodies; the last may be the beginning of one
        text: String,
        /// Which of them.
        #[command(flatten)]
        filter: FilterArgs,
    },
    /// One exchange with its request, answer and log
    Show {
        /// Its id, or `last`
        id: String,
    },
    /// Failures by code, endpoint and field, the one seen last first
    Groups {
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// What is different between two exchanges, what most likely explains a failure first
    Compare {
        /// The first exchange: its id, or `last`
        first: String,
        /// The second exchange
        #[arg(required_unless_present = "last_good", conflicts_with = "last_good")]
        second: Option<String>,
        /// Compare the last good call of the same endpoint with it
        #[arg(long)]
        last_good: bool,
    },
    /// Keep exchanges when old ones are let go
    Pin {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Keep exchanges no longer
    Unpin {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Write a note, read from standard input, beside an exchange; an empty one takes it away
    Note {
        /// Its id, or `last`
        id: String,
    },
    /// Delete exchanges
    Delete {
        /// Their ids
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Remove everything, down to the last byte
    Purge {
        /// Ask nothing
        #[arg(long)]
        yes: bool,
    },
}

/// Which exchanges.
#[derive(Args, Clone, Debug, Default)]
pub struct FilterArgs {
    /// Only that method
    #[arg(long, value_name = "M")]
    pub method: Option<String>,
    /// Only that status, or all of a class: 404, 4xx
    #[arg(long, value_name = "N")]
    pub status: Option<StatusFilter>,
    /// Only that code, or kind of transport error
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// Only that host, with its port where it has one
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Only that environment
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Only what was started at that time or later: 2026-11-23 or 2026-11-23T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<Timestamp>,
    /// Only what was started before that time
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<Timestamp>,
    /// Only failures
    #[arg(long)]
    pub failed: bool,
    /// Only what is pinned
    #[arg(long)]
    pub pinned: bool,
    /// Only what is older than that exchange, for the next page
    #[arg(long, value_name = "ID")]
    pub before: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Print one JSON object a line
    #[arg(long)]
    pub jsonl: bool,
}

/// Shape: `2026-12-31T12:00:00Z`, or `2026-12-31` for the beginning of that day in UTC.
fn time(text: &str) -> Result<Timestamp, String> {
    let day = || format!("{text}T00:00:00Z").parse::<Timestamp>();
    text.parse::<Timestamp>()
        .or_else(|_| day())
        .map_err(|_| "write a day such as 2026-12-31 or a time such as 2026-12-31T12:00:00Z".into())
}

impl FilterArgs {
    fn query(&self, text: &str) -> HistoryQuery {
        HistoryQuery {
            text: text.to_owned(),
            method: self.method.as_ref().map(|method| method.to_ascii_uppercase()),
            status: self.status,
            code: self.code.clone(),
            host: self.host.as_ref().map(|host| host.to_ascii_lowercase()),
            environment: self.environment.clone(),
            since: self.since,
            until: self.until,
            is_pinned: self.pinned,
            is_failure: self.failed,
            group: None,
            before: self.before.clone(),
            limit: self.limit,
        }
    }
}

/// What history and standard output have to do with each other.
struct Out<'s> {
    services: &'s Services,
    json: bool,
    quiet: bool,
}

/// Runs the command; returns the exit code.
pub(super) fn run(args: &HistoryArgs, services: &Services, json: bool, quiet: bool) -> Result<u8, Stop> {
    let out = Out { services, json, quiet };
    match &args.command {
        HistoryCommand::List(filter) => out.list("", filter),
        HistoryCommand::Search { text, filter } => out.list(text, filter),
        HistoryCommand::Show { id } => out.show(id),
        HistoryCommand::Groups { limit } => out.groups(*limit),
        HistoryCommand::Compare { first, second, last_good } => out.compare(first, second.as_deref(), *last_good),
        HistoryCommand::Pin { ids } => out.pin(ids, true),
        HistoryCommand::Unpin { ids } => out.pin(ids, false),
        HistoryCommand::Note { id } => out.note(id),
        HistoryCommand::Delete { ids } => out.delete(ids),
        HistoryCommand::Purge { yes } => out.purge(*yes),
    }
}

fn failed(error: HistoryError) -> Stop {
    Stop { code: FAILURE, summary: error.summary(), place: error.place(), fix: error.fix() }
}

fn not_there(id: &str) -> Stop {
    let what = format!("The history holds no exchange {}", visible_line(id));
    Stop::new(USAGE, what, "List the exchanges with `altyaa history list`, or name another id")
}

impl Out<'_> {
    fn say(&self, value: &impl serde::Serialize, text: impl FnOnce() -> String) -> Result<u8, Stop> {
        let text = if self.json {
            json_line(value).map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?
        } else if self.quiet {
            String::new()
        } else {
            text()
        };
        print(text.as_bytes())?;
        Ok(0)
    }

    fn list(&self, text: &str, filter: &FilterArgs) -> Result<u8, Stop> {
        let page = self.services.history.search(&filter.query(text)).map_err(failed)?;
        if filter.jsonl {
            for entry in &page.entries {
                let line = json_line(entry).map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?;
                print(line.as_bytes())?;
            }
            return Ok(0);
        }
        if self.json {
            return self.say(&page.entries, String::new);
        }
        // A list is what was asked for, so it is printed also where remarks are left out.
        print(history_text::list(&page.entries).as_bytes())?;
        if !self.quiet {
            match &page.next {
                Some(id) => remark(&format!("There are more; --before {id} shows them")),
                None if page.entries.is_empty() => remark("No exchanges"),
                None => {}
            }
        }
        Ok(0)
    }

    fn entry(&self, id: &str) -> Result<HistoryEntry, Stop> {
        self.services.history.entry(id).map_err(failed)?.ok_or_else(|| not_there(id))
    }

    fn answer(&self, id: &str) -> Result<Answer, Stop> {
        let record = self.services.history.load(id).map_err(failed)?.ok_or_else(|| not_there(id))?;
        Ok(Answer::from_record(record, &self.services.profile, &self.services.generic))
    }

    fn show(&self, id: &str) -> Result<u8, Stop> {
        let entry = self.entry(id)?;
        let answer = self.answer(&entry.id)?;
        if !self.json {
            let text = format!("{}{}", history_text::head(&entry), show::answer_text(&answer, true));
            print(text.as_bytes())?;
            return Ok(0);
        }
        let mut object = kept_json(&answer);
        if let (Some(object), Ok(serde_json::Value::Object(entry))) =
            (object.as_object_mut(), serde_json::to_value(&entry))
        {
            for (name, value) in entry {
                object.entry(name).or_insert(value);
            }
        }
        self.say(&object, String::new)
    }

    fn groups(&self, limit: u32) -> Result<u8, Stop> {
        let page = self.services.history.groups(None, limit).map_err(failed)?;
        if self.json {
            return self.say(&page.groups, String::new);
        }
        print(history_text::groups(&page.groups).as_bytes())?;
        if page.groups.is_empty() && !self.quiet {
            remark("No failures");
        }
        Ok(0)
    }

    fn compare(&self, first: &str, second: Option<&str>, last_good: bool) -> Result<u8, Stop> {
        let first = self.entry(first)?.id;
        let (before, after) = match second {
            Some(second) if !last_good => (first, self.entry(second)?.id),
            _ => {
                let good = self.services.history.last_good(&first).map_err(failed)?;
                let good = good.ok_or_else(|| {
                    let what = format!("No call of the same endpoint before {first} had a good answer");
                    Stop::new(USAGE, what, "Name the exchange to compare with")
                })?;
                (good, first)
            }
        };
        let load = |id: &str| self.services.history.load(id).map_err(failed)?.ok_or_else(|| not_there(id));
        let comparison = compare(&*load(&before)?, &*load(&after)?);
        if self.json {
            return self.say(&comparison, String::new);
        }
        print(history_text::comparison(&comparison).as_bytes())?;
        Ok(0)
    }

    fn pin(&self, ids: &[String], is_pinned: bool) -> Result<u8, Stop> {
        let ids = self.known(ids)?;
        for id in &ids {
            self.services.history.set_pinned(id, is_pinned).map_err(failed)?;
        }
        let entries = ids.iter().map(|id| self.entry(id)).collect::<Result<Vec<_>, Stop>>()?;
        let word = if is_pinned { "pinned" } else { "no longer pinned" };
        self.say(&entries, || format!("{} {word}\n", exchanges(entries.len())))
    }

    /// Nothing is changed where one of them is not there.
    fn known(&self, ids: &[String]) -> Result<Vec<String>, Stop> {
        ids.iter().map(|id| self.entry(id).map(|entry| entry.id)).collect()
    }

    fn note(&self, id: &str) -> Result<u8, Stop> {
        let id = self.entry(id)?.id;
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(NOTE_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| {
            Stop::new(FAILURE, format!("The note could not be read: {error}"), "Give it on standard input")
        })?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len > NOTE_BYTES) {
            return Err(Stop::new(USAGE, "The note is longer than 16 KiB", "Write a shorter one"));
        }
        let text =
            String::from_utf8(bytes).map_err(|_| Stop::new(USAGE, "The note is not UTF-8 text", "Give it as UTF-8"))?;
        let note = text.trim().to_owned();
        let mut redactor = Redactor::new(Rules::built_in(), self.services.vault.session_secrets());
        self.services.history.set_note(&id, redactor.redact(note)).map_err(failed)?;
        let entry = self.entry(&id)?;
        self.say(&entry, || match &entry.note {
            Some(note) => format!("Noted: {}\n", visible_line(note)),
            None => "The note was taken away\n".into(),
        })
    }

    fn delete(&self, ids: &[String]) -> Result<u8, Stop> {
        let ids = self.known(ids)?;
        let batch = self.services.history.delete(&ids).map_err(failed)?;
        let count = batch.ids().len();
        self.say(&serde_json::json!({ "deleted": batch.ids() }), || format!("{} deleted\n", exchanges(count)))
    }

    fn purge(&self, yes: bool) -> Result<u8, Stop> {
        if !yes && !asked()? {
            return Ok(0);
        }
        let report = self.services.history.purge().map_err(failed)?;
        let is_complete = report.left.is_none();
        let said = serde_json::json!({ "exchanges": report.exchanges, "files": report.files, "complete": is_complete });
        self.say(&said, || {
            format!("{} removed\n", exchanges(usize::try_from(report.exchanges).unwrap_or(usize::MAX)))
        })?;
        match &report.left {
            Some(left) => {
                refuse(&mut io::stderr().lock(), &left.summary(), &left.place(), &left.fix());
                Ok(FAILURE)
            }
            None => Ok(0),
        }
    }
}

/// Whether the person at the terminal says yes.
fn asked() -> Result<bool, Stop> {
    if !io::stdin().is_terminal() {
        return Err(Stop::new(USAGE, "Everything would be removed, and nobody is there to be asked", "Add --yes"));
    }
    let mut err = io::stderr().lock();
    // Without standard error nothing can be asked, and no answer is none.
    let _ = write!(err, "Remove every exchange of the history for good? [y/N] ");
    let _ = err.flush();
    let mut line = String::new();
    let read = io::stdin().lock().take(64).read_line(&mut line);
    Ok(read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes"))
}

fn exchanges(count: usize) -> String {
    if count == 1 { "1 exchange".into() } else { format!("{count} exchanges") }
}
