//! `altyaa credential`: add, list and remove keyring entries; what `doctor` does is in a file of its own.

use std::io::{self, IsTerminal as _, Read, Write};

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::credential_doctor::DoctorArgs;
use super::output::{json_line, unless_closed};
use super::{CliContext, refuse};
use crate::credentials::{
    Credential, CredentialKind, NewCredential, Origin, Persist, Removed, SECRET_MAX_BYTES, StoredIn, Vault, VaultError,
};
use crate::secret::Secret;
use crate::text::visible;

/// Fine.
const OK: u8 = 0;
/// What was asked for cannot be.
const USAGE: u8 = 2;
/// File or keyring failure.
const FAILURE: u8 = 4;

/// `altyaa credential …`.
#[derive(Args, Clone, Debug)]
pub struct CredentialArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CredentialCommand,
}

/// What can be done with credentials.
#[derive(Subcommand, Clone, Debug)]
pub enum CredentialCommand {
    /// Store a secret, read from standard input, in the system's keyring.
    Add(AddArgs),
    /// Show the facts of every credential, without unlocking anything.
    List,
    /// Remove a credential and its keyring entry.
    Remove {
        /// The credential's name.
        name: String,
    },
    /// Say what is wrong with a credential, without sending anything.
    Doctor(DoctorArgs),
}

/// `altyaa credential add …`.
#[derive(Args, Clone, Debug)]
pub struct AddArgs {
    /// What to call it: letters, digits, dot, dash and underscore.
    pub name: String,
    /// How it travels; basic takes `user:password`.
    #[arg(long, value_enum, default_value_t = Kind::Bearer)]
    pub kind: Kind,
    /// The header that carries it, for the kinds header and api_key (X-Api-Key if not given).
    #[arg(long, value_name = "NAME")]
    pub header: Option<String>,
    /// Where it may be sent, exactly: scheme, host and port. Can be given several times.
    #[arg(long = "origin", value_name = "URL", required = true, num_args = 1.., value_parser = parse_origin)]
    pub origins: Vec<Origin>,
    /// The workspace it belongs to.
    #[arg(long, value_name = "ID")]
    pub workspace: Option<String>,
    /// What it is allowed to do. Can be given several times.
    #[arg(long = "scope", value_name = "S")]
    pub scopes: Vec<String>,
    /// When it lapses: a time such as 2026-12-31T12:00:00Z, or a day, at whose end (UTC) it does.
    #[arg(long, value_name = "DATE", value_parser = parse_expiry)]
    pub expires: Option<Timestamp>,
    /// Keep it in memory only: it is gone when this command ends.
    #[arg(long)]
    pub session: bool,
}

/// `--kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Kind {
    /// `Authorization: Bearer SECRET`
    Bearer,
    /// The secret alone, in X-Api-Key or the header named
    ApiKey,
    /// `Authorization: Basic …`
    Basic,
    /// The secret alone, in the header named
    Header,
}

/// Runs the command on the process's own streams; returns the exit code.
///
/// Blocks while the keyring asks the person something; never call it on a tokio worker.
pub fn run(args: CredentialArgs, context: &CliContext) -> u8 {
    let vault = Vault::open(&context.data_dir);
    let (out, err) = (io::stdout(), io::stderr());
    let mut streams = Streams { out: &mut out.lock(), err: &mut err.lock() };
    match args.command {
        CredentialCommand::Add(args) => {
            let secret = read_secret(streams.err, context.quiet);
            add(args, secret, context, &vault, Timestamp::now(), &mut streams)
        }
        CredentialCommand::List => list(context, &vault, &mut streams),
        CredentialCommand::Remove { name } => remove(&name, context, &vault, &mut streams),
        // It needs profile and history, so `program` leads it elsewhere before it comes here.
        CredentialCommand::Doctor(_) => USAGE,
    }
}

struct Streams<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

fn add(
    args: AddArgs,
    secret: io::Result<Secret>,
    context: &CliContext,
    vault: &Vault,
    now: Timestamp,
    streams: &mut Streams<'_>,
) -> u8 {
    let secret = match secret {
        Ok(secret) => secret,
        Err(error) => {
            refuse(streams.err, &error.to_string(), "standard input", "Give the secret alone, as UTF-8 text");
            return if error.kind() == io::ErrorKind::InvalidData { USAGE } else { FAILURE };
        }
    };
    let new = NewCredential {
        name: args.name,
        kind: match args.kind {
            Kind::Bearer => CredentialKind::Bearer,
            Kind::ApiKey => CredentialKind::ApiKey,
            Kind::Basic => CredentialKind::Basic,
            Kind::Header => CredentialKind::Header,
        },
        header: args.header,
        origins: args.origins,
        workspace: args.workspace,
        scopes: args.scopes,
        expires_at: args.expires,
        created_at: now,
        secret,
        oauth: None,
    };
    let persist = if args.session { Persist::Session } else { Persist::Keyring };
    let stored = match vault.add(new, persist) {
        Ok(stored) => stored,
        Err(error) => return fail(&error, streams),
    };
    if let Some(failure) = stored.fallback {
        // In a window it would live on; a command that ends takes it along, so nothing was achieved.
        let summary = VaultError::Keyring(failure.clone()).summary();
        refuse(streams.err, &format!("{summary}; the credential was not kept"), "keyring", failure.state.fix());
        return FAILURE;
    }
    if args.session && !context.quiet {
        let _ = writeln!(
            streams.err,
            "altyaa: kept for this session only: it is gone now that this command ends, and nothing was written"
        );
    }
    if context.json {
        return print_json(&stored.credential, streams);
    }
    if context.quiet || args.session {
        return OK;
    }
    let credential = stored.credential;
    let origins: Vec<&str> = credential.origins.iter().map(Origin::as_str).collect();
    print(streams, &format!("Stored {} in the keyring, for {}\n", credential.name, origins.join(", ")))
}

fn list(context: &CliContext, vault: &Vault, streams: &mut Streams<'_>) -> u8 {
    let credentials = match vault.list() {
        Ok(credentials) => credentials,
        Err(error) => return fail(&error, streams),
    };
    if context.json {
        return print_json(&credentials, streams);
    }
    if credentials.is_empty() {
        return if context.quiet { OK } else { print(streams, "No credentials\n") };
    }
    let lines: String = credentials.iter().map(line).collect();
    // Names and scopes come from a file that anything may have written.
    print(streams, &visible(&lines))
}

fn remove(name: &str, context: &CliContext, vault: &Vault, streams: &mut Streams<'_>) -> u8 {
    let facts = vault.list().ok().and_then(|list| list.into_iter().find(|facts| facts.name == name));
    match vault.remove(name) {
        Ok(Removed { from }) => {
            if context.json {
                return print_json(&facts, streams);
            }
            if context.quiet {
                return OK;
            }
            match from {
                Some(_) => print(streams, &format!("Removed {name}\n")),
                None => print(streams, &format!("Removed {name} from the list; the keyring held no entry for it\n")),
            }
        }
        Err(error) => fail(&error, streams),
    }
}

/// One line of the list. Shape: `key  bearer  …cdef  https://api.example.com  workspace ws_1  expires 2026-12-31T…`.
fn line(facts: &Credential) -> String {
    let mut text = format!("{}  {}", facts.name, facts.kind.as_str());
    if let Some(header) = &facts.header {
        text.push_str(&format!(" {header}"));
    }
    if let Some(last4) = &facts.last4 {
        text.push_str(&format!("  …{last4}"));
    }
    for origin in &facts.origins {
        text.push_str(&format!("  {origin}"));
    }
    if let Some(workspace) = &facts.workspace {
        text.push_str(&format!("  workspace {workspace}"));
    }
    if !facts.scopes.is_empty() {
        text.push_str(&format!("  scopes {}", facts.scopes.join(" ")));
    }
    if let Some(at) = facts.expires_at {
        text.push_str(&format!("  expires {at}"));
    }
    if facts.stored == StoredIn::Session {
        text.push_str("  this session only");
    }
    text.push('\n');
    text
}

fn fail(error: &VaultError, streams: &mut Streams<'_>) -> u8 {
    refuse(streams.err, &error.summary(), &error.place(), &error.fix());
    match error {
        VaultError::InvalidFact(_)
        | VaultError::InvalidSecret(_)
        | VaultError::Exists { .. }
        | VaultError::UnknownName { .. } => USAGE,
        _ => FAILURE,
    }
}

fn print_json(value: &impl serde::Serialize, streams: &mut Streams<'_>) -> u8 {
    match json_line(value) {
        Ok(line) => print(streams, &line),
        Err(_) => FAILURE,
    }
}

fn print(streams: &mut Streams<'_>, text: &str) -> u8 {
    match unless_closed(streams.out.write_all(text.as_bytes()).and_then(|()| streams.out.flush())) {
        Ok(()) => OK,
        Err(error) => {
            refuse(streams.err, &format!("Standard output could not be written: {error}"), "", "");
            FAILURE
        }
    }
}

/// Reads the secret; in a terminal one line that is not shown while it is typed.
pub(super) fn read_secret(err: &mut dyn Write, quiet: bool) -> io::Result<Secret> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return secret_from(&mut stdin.lock());
    }
    let hidden = hidden_input::Hidden::begin();
    if !quiet || hidden.is_none() {
        let how = if hidden.is_some() { "it is not shown" } else { "it will be shown while you type" };
        let _ = write!(err, "Secret, then Enter ({how}): ");
        let _ = err.flush();
    }
    let mut line = Zeroizing::new(String::with_capacity(SECRET_MAX_BYTES + 2));
    let read = io::BufRead::read_line(&mut stdin.lock().take(SECRET_MAX_BYTES as u64 + 2), &mut line);
    if hidden.is_some() {
        let _ = writeln!(err);
    }
    drop(hidden);
    read?;
    Ok(Secret::new(without_line_end(&line).to_owned()))
}

/// Reads the whole of a stream, without its last line end.
fn secret_from(input: &mut dyn Read) -> io::Result<Secret> {
    // One byte more than allowed shows that there is too much; the buffer never moves and leaves no copy behind.
    let limit = SECRET_MAX_BYTES + 3;
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 32));
    input.take(limit as u64).read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "The secret is not UTF-8 text"))?;
    Ok(Secret::new(without_line_end(text).to_owned()))
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

pub(super) fn parse_origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|error: crate::credentials::OriginError| format!("{error}. {}", error.fix()))
}

fn parse_expiry(text: &str) -> Result<Timestamp, String> {
    crate::app::parse_expiry(text)
        .ok_or_else(|| "write a day such as 2026-12-31 or a time such as 2026-12-31T12:00:00Z".into())
}

/// Echo off while a secret is typed.
mod hidden_input {
    #[cfg(unix)]
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// Puts the terminal back as it was when dropped.
    pub(super) struct Hidden {
        #[cfg(unix)]
        before: Termios,
    }

    impl Hidden {
        /// None where the terminal cannot hide what is typed.
        #[cfg(unix)]
        pub(super) fn begin() -> Option<Self> {
            let before = tcgetattr(std::io::stdin()).ok()?;
            let mut hidden = before.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            tcsetattr(std::io::stdin(), OptionalActions::Flush, &hidden).ok()?;
            Some(Self { before })
        }

        #[cfg(not(unix))]
        pub(super) fn begin() -> Option<Self> {
            None
        }
    }

    #[cfg(unix)]
    impl Drop for Hidden {
        fn drop(&mut self) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::disk::DataDir;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        credential: CredentialArgs,
    }

    fn parse(line: &str) -> Result<CredentialCommand, clap::Error> {
        let words = std::iter::once("altyaa").chain(line.split(' '));
        Program::try_parse_from(words).map(|program| program.credential.command)
    }

    fn parse_add(line: &str) -> AddArgs {
        match parse(line).unwrap() {
            CredentialCommand::Add(args) => args,
            other => panic!("{other:?}"),
        }
    }

    /// Runs `add` for this session, which asks no keyring; returns code, output and errors.
    fn add_session(line: &str, secret: &str, json: bool) -> (u8, String, String) {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
        let vault = Vault::open(&data_dir);
        let context = CliContext { data_dir, json, quiet: false };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err };
        let now = "2026-05-01T10:00:00Z".parse().unwrap();
        let secret = secret_from(&mut secret.as_bytes());
        let code = add(parse_add(line), secret, &context, &vault, now, &mut streams);
        assert_eq!(std::fs::read_dir(dir.path().join("data")).unwrap().count(), 0, "nothing is written");
        (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn json_output_has_the_promised_shape_and_no_secret() {
        let line = "add key --kind api_key --header X-Key --origin https://a.example:443 http://127.0.0.1:8080/ \
                    --workspace ws_1 --scope posts:read --scope posts:write --expires 2026-12-31 --session";
        let (code, out, err) = add_session(line, "sk_live_canary_0123\n", true);
        assert_eq!(code, OK);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&out).unwrap(),
            serde_json::json!({
                "name": "key", "kind": "api_key", "header": "X-Key",
                "origins": ["https://a.example", "http://127.0.0.1:8080"], "workspace": "ws_1",
                "scopes": ["posts:read", "posts:write"], "expires_at": "2027-01-01T00:00:00Z", "last4": "0123",
                "stored": "session", "created_at": "2026-05-01T10:00:00Z"
            })
        );
        assert!(err.contains("gone now that this command ends"));
        assert!(!format!("{out}{err}").contains("canary"));
    }

    #[test]
    fn wrong_input_is_usage_and_says_what_to_write() {
        for (line, secret, says) in [
            ("add a/b --origin https://a.example --session", "s", "letters a to z"),
            ("add key --origin http://a.example --session", "s", "Plain http"),
            ("add key --kind header --origin https://a.example --session", "s", "needs the name of its header"),
            ("add key --origin https://a.example --session", "", "empty"),
            ("add key --origin https://a.example --session", "canary\ncanary\n", "line break"),
            ("add key --kind basic --origin https://a.example --session", "canary", "no colon"),
        ] {
            let (code, out, err) = add_session(line, secret, false);
            assert_eq!((code, out.as_str()), (USAGE, ""), "{line}");
            assert!(err.contains(says) && !err.contains("canary"), "{line}: {err}");
        }
        for line in
            ["add key", "add key --origin example.com", "add key --origin https://a.example/v1", "add --origin x"]
        {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn a_secret_is_read_whole_but_for_its_line_end_and_bounded() {
        let read = |bytes: &[u8]| secret_from(&mut &*bytes).map(|secret| secret.expose().to_owned());
        assert_eq!(read(b"abc\r\n").unwrap(), "abc");
        assert_eq!(read(b"abc").unwrap(), "abc");
        assert_eq!(read(b"abc\n\n").unwrap(), "abc\n", "a second one is not ours to drop");
        assert_eq!(read(b"\xff").unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(secret_from(&mut io::repeat(b'x')).unwrap().expose().len() > SECRET_MAX_BYTES);
    }

    #[test]
    fn an_expiry_is_a_time_or_the_end_of_a_day() {
        let at = |text: &str| parse_expiry(text).map(|at| at.to_string());
        assert_eq!(at("2026-12-31T12:00:00Z").unwrap(), "2026-12-31T12:00:00Z");
        assert_eq!(at("2026-12-31T12:00:00+02:00").unwrap(), "2026-12-31T10:00:00Z");
        assert_eq!(at("2028-02-28").unwrap(), "2028-02-29T00:00:00Z");
        for text in ["", "tomorrow", "31.12.2026", "2026-02-30", "9999-12-31"] {
            assert!(at(text).is_err(), "{text}");
        }
    }
}
