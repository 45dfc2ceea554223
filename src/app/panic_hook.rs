//! What is said when a thread panics: where, never with the panic's own text.

use std::io::Write as _;

/// Replaces the panic message, which may repeat foreign text or a secret, by thread, file and line.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        let sentence = sentence(thread.name(), info.location().map(|at| (at.file(), at.line())));
        // With standard error gone too there is nobody left to tell.
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }));
}

/// Shape: `altyaa: a part of the program broke off (thread main, src/text/scan.rs:12). …`.
fn sentence(thread: Option<&str>, place: Option<(&str, u32)>) -> String {
    let name = thread.unwrap_or("unnamed");
    let place = place.map_or_else(|| "unknown".to_owned(), |(file, line)| format!("{file}:{line}"));
    format!("altyaa: a part of the program broke off (thread {name}, {place}). Please report these two facts as a bug")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::process::Command;

    use super::*;

    /// Set for the run of this test inside a process of its own, since the hook belongs to the whole process.
    const INSIDE: &str = "ALTYAA_TEST_PANIC_HOOK";

    #[test]
    fn a_panic_tells_its_place_and_never_its_text() {
        if std::env::var_os(INSIDE).is_some() {
            install_panic_hook();
            panic!("canary: {}", "secret-of-the-panic");
        }
        let test = "app::panic_hook::tests::a_panic_tells_its_place_and_never_its_text";
        let mut program = Command::new(std::env::current_exe().unwrap());
        let output = program.args([test, "--exact", "--nocapture"]).env(INSIDE, "1").output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success());
        assert!(said.contains("a part of the program broke off") && said.contains("panic_hook.rs:"), "{said}");
        assert!(!said.contains("canary") && !said.contains("secret-of-the-panic"), "{said}");
    }

    #[test]
    fn what_is_not_known_is_said_as_such() {
        assert!(sentence(None, None).contains("(thread unnamed, unknown)"));
    }
}
