//! What is said when a thread panics: where, never with the panic's own text.

use std::io::Write as _;

/// Replaces the panic message, which may repeat foreign text or a secret, by thread, file and line.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed").to_owned();
        let place =
            info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_else(|| "unknown".into());
        let _ = writeln!(
            std::io::stderr(),
            "altyaa: a part of the program broke off (thread {name}, {place}). Please report these two facts as a bug"
        );
    }));
}
