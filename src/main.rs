//! The desktop program.

use std::path::PathBuf;
use std::process::ExitCode;

use altyaa_console::app::load_profile;
use altyaa_console::app::{App, Services};
use altyaa_console::disk::{self, DataDir};
use altyaa_console::profile;
use altyaa_console::transport::Limits;
use altyaa_console::ui::{self, RendererChoice};
use clap::{Parser, ValueEnum};

/// A console for the moment an API call fails.
#[derive(Parser, Debug)]
#[command(name = "altyaa-console", version, about)]
struct Arguments {
    /// The API profile: a built-in name, a file of the profiles folder, or any file; the one chosen last otherwise
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Where everything but keyring entries is kept
    #[arg(long, value_name = "DIR", env = disk::DATA_DIR_VARIABLE)]
    data_dir: Option<PathBuf>,
    /// What draws the window
    #[arg(long, value_enum, env = "ALTYAA_RENDERER", default_value_t = Renderer::Auto)]
    renderer: Renderer,
}

/// `--renderer`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Renderer {
    /// wgpu, or OpenGL where that cannot start
    Auto,
    /// wgpu only
    Wgpu,
    /// OpenGL only
    Glow,
}

/// What happened and what to do, on standard error.
fn refuse(summary: &str, fix: &str) -> ExitCode {
    altyaa_console::cli::refuse(&mut std::io::stderr().lock(), summary, "", fix);
    ExitCode::from(1)
}

fn main() -> ExitCode {
    disk::set_private_umask();
    altyaa_console::app::install_panic_hook();
    let arguments = Arguments::parse();
    // A token in memory must not end in a core file; where the system refuses, the program still works.
    let _ = disk::forbid_core_dumps();
    let mut notices = Vec::new();
    let data_dir = match DataDir::resolve(arguments.data_dir) {
        Ok(data_dir) => data_dir,
        Err(error) => return refuse(&format!("{} ({})", error.summary(), error.place()), &error.fix()),
    };
    let chosen = arguments.profile.or_else(|| load_profile(&data_dir)).unwrap_or_else(|| "altyaa".to_owned());
    let profile = match profile::choose(&chosen, &data_dir.file(profile::PROFILES_FOLDER)) {
        Ok(profile) => profile,
        // A broken profile is refused, and the program starts with the built-in one.
        Err(error) => {
            let place = error.place().map(|place| format!(" ({place})")).unwrap_or_default();
            let summary = format!("{}{place}; the built-in profile altyaa is used instead", error.summary());
            notices.push((summary, error.fix()));
            match profile::built_in("altyaa") {
                Some(profile) => profile,
                None => return refuse("The built-in profile is missing", "Install the program again"),
            }
        }
    };
    let (services, more) = match Services::open(profile, data_dir, Limits::default()) {
        Ok(opened) => opened,
        Err(error) => return refuse(&error.summary(), &error.fix()),
    };
    notices.extend(more);
    // Said on standard error as well: should no window open, nobody would learn of it otherwise.
    for (summary, fix) in &notices {
        altyaa_console::cli::refuse(&mut std::io::stderr().lock(), summary, "", fix);
    }
    let app = match App::start(services, notices) {
        Ok(app) => app,
        Err(error) => {
            return refuse(&format!("The program could not start: {error}"), "Close other programs and try again");
        }
    };
    let choice = match arguments.renderer {
        Renderer::Auto => RendererChoice::Automatic,
        Renderer::Wgpu => RendererChoice::Wgpu,
        Renderer::Glow => RendererChoice::Glow,
    };
    match ui::run(app, choice) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error.to_string(), error.fix()),
    }
}
