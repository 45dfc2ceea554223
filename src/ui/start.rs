//! Opens the window: wgpu first, OpenGL where that cannot start, words where neither can.

use std::cell::RefCell;
use std::rc::Rc;

use eframe::egui::ViewportBuilder;
use thiserror::Error;

use super::window::Window;
use crate::app::App;

/// The name of the program for the desktop; the same as its `.desktop` file.
const APP_ID: &str = "altyaa-console";

/// Which renderer draws the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RendererChoice {
    /// wgpu, then OpenGL.
    #[default]
    Automatic,
    /// wgpu only: Vulkan, Metal, Direct3D or its own OpenGL.
    Wgpu,
    /// OpenGL only.
    Glow,
}

/// Why no window could be opened.
#[derive(Debug, Error)]
#[error("no window could be opened: {reason}")]
pub struct StartFailure {
    reason: String,
}

impl StartFailure {
    /// What to do next.
    pub fn fix(&self) -> &'static str {
        "Start it in a desktop session with a graphics driver (on Linux, packages mesa-vulkan-drivers or libgl1-mesa-dri), \
         choose a renderer with --renderer wgpu or --renderer glow, or use the terminal program `altyaa`"
    }
}

/// Opens the window and returns when it is closed.
///
/// *Errors*: neither renderer could start; the program is handed to none of them then.
pub fn run(app: App, choice: RendererChoice) -> Result<(), StartFailure> {
    let slot = Rc::new(RefCell::new(Some(app)));
    let first = match choice {
        RendererChoice::Glow => eframe::Renderer::Glow,
        RendererChoice::Automatic | RendererChoice::Wgpu => eframe::Renderer::Wgpu,
    };
    let outcome = match start(&slot, first) {
        // The app is taken out of its slot only once a renderer stands, so it is still there for the second try.
        Err(eframe::Error::Wgpu(_)) if choice == RendererChoice::Automatic => start(&slot, eframe::Renderer::Glow),
        other => other,
    };
    outcome.map_err(|error| StartFailure { reason: reason_of(&error).to_owned() })
}

/// What is missing, in words; the libraries' own texts name source files and say little else.
fn reason_of(error: &eframe::Error) -> &'static str {
    match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => "there is no screen to open it on",
        eframe::Error::Wgpu(_) => "no graphics driver answers wgpu",
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
            "no graphics driver answers OpenGL"
        }
        eframe::Error::AppCreation(_) => "the program's own start failed",
    }
}

fn start(slot: &Rc<RefCell<Option<App>>>, renderer: eframe::Renderer) -> eframe::Result {
    let slot = Rc::clone(slot);
    eframe::run_native(
        APP_ID,
        options(renderer),
        Box::new(move |cc| match slot.borrow_mut().take() {
            Some(app) => Ok(Box::new(Window::new(&cc.egui_ctx, app)) as Box<dyn eframe::App>),
            None => Err("the program was started twice".into()),
        }),
    )
}

fn options(renderer: eframe::Renderer) -> eframe::NativeOptions {
    eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Altyaa Console")
            .with_app_id(APP_ID)
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([640.0, 480.0]),
        renderer,
        ..eframe::NativeOptions::default()
    }
}
