//! The clipboard for secrets: out of its history, and off it again after thirty seconds and at the end.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::secret::Secret;

/// How long a secret stays on the clipboard.
const STAY: Duration = Duration::from_secs(30);
/// How long the end of the program waits for the clipboard to be cleared.
const END: Duration = Duration::from_millis(1500);

/// Why a secret did not get onto the clipboard, in the system's words.
type Refused = String;

struct Wish {
    secret: Secret,
    done: oneshot::Sender<Result<(), Refused>>,
}

/// The clipboard on a thread of its own, because other programs are asked and may be slow.
#[derive(Default)]
pub struct SecretClipboard {
    worker: Option<(Sender<Wish>, JoinHandle<()>)>,
}

impl SecretClipboard {
    /// Puts a secret on the clipboard; the answer says whether it got there.
    pub fn copy(&mut self, secret: Secret) -> oneshot::Receiver<Result<(), Refused>> {
        let (done, answer) = oneshot::channel();
        let (sender, _) = self.worker.get_or_insert_with(|| {
            let (sender, wishes) = mpsc::channel();
            (sender, thread::spawn(move || serve(&wishes, STAY)))
        });
        // A worker that is gone drops the wish, and with it the answer.
        let _ = sender.send(Wish { secret, done });
        answer
    }
}

impl Drop for SecretClipboard {
    fn drop(&mut self) {
        let Some((sender, worker)) = self.worker.take() else { return };
        drop(sender);
        let until = Instant::now() + END;
        while !worker.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn serve(wishes: &Receiver<Wish>, stay: Duration) {
    // It has to live as long as the text is to be had: on X11 the program itself hands it out.
    let mut clipboard = None;
    let mut held: Option<(Secret, Instant)> = None;
    loop {
        let left = held.as_ref().map(|(_, until)| until.saturating_duration_since(Instant::now()));
        let next = match left {
            Some(left) => wishes.recv_timeout(left),
            None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(Wish { secret, done }) => {
                let put = put(&mut clipboard, &secret);
                if put.is_ok() {
                    held = Some((secret, Instant::now() + stay));
                }
                let _ = done.send(put);
            }
            Err(end) => {
                if let (Some((secret, _)), Some(clipboard)) = (held.take(), &mut clipboard) {
                    take_off(clipboard, &secret);
                }
                if end == RecvTimeoutError::Disconnected {
                    return;
                }
            }
        }
    }
}

fn put(clipboard: &mut Option<arboard::Clipboard>, secret: &Secret) -> Result<(), Refused> {
    if clipboard.is_none() {
        *clipboard = Some(arboard::Clipboard::new().map_err(|error| error.to_string())?);
    }
    let Some(clipboard) = clipboard else { return Ok(()) };
    let set = clipboard.set();
    #[cfg(all(unix, not(target_os = "macos")))]
    let set = arboard::SetExtLinux::exclude_from_history(set);
    #[cfg(target_os = "macos")]
    let set = arboard::SetExtApple::exclude_from_history(set);
    #[cfg(windows)]
    let set = arboard::SetExtWindows::exclude_from_history(set);
    set.text(secret.expose()).map_err(|error| error.to_string())
}

/// Takes the secret off, unless something else was copied since.
fn take_off(clipboard: &mut arboard::Clipboard, secret: &Secret) {
    let is_there = clipboard.get_text().map(Secret::new).is_ok_and(|text| text == *secret);
    if is_there {
        let _ = clipboard.clear();
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// The clipboard belongs to the whole desktop, so its tests run one after the other; none without a desktop.
    fn desktop() -> Option<(std::sync::MutexGuard<'static, ()>, arboard::Clipboard)> {
        static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let guard = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::env::var_os("DISPLAY")?;
        Some((guard, arboard::Clipboard::new().ok()?))
    }

    fn text_of(clipboard: &mut arboard::Clipboard) -> String {
        clipboard.get_text().unwrap_or_default()
    }

    fn until(mut is_so: impl FnMut() -> bool) -> bool {
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if is_so() {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn worker(stay: Duration) -> SecretClipboard {
        let (sender, wishes) = mpsc::channel();
        SecretClipboard { worker: Some((sender, thread::spawn(move || serve(&wishes, stay)))) }
    }

    #[test]
    fn a_secret_is_taken_off_after_its_time_and_at_the_end() {
        let Some((_guard, mut reader)) = desktop() else { return };
        let mut secrets = worker(Duration::from_millis(400));
        secrets.copy(Secret::new("canary-short".into())).blocking_recv().unwrap().unwrap();
        assert_eq!(text_of(&mut reader), "canary-short");
        assert!(until(|| text_of(&mut reader) != "canary-short"), "it stays beyond its time");

        let mut secrets = worker(Duration::from_secs(60));
        secrets.copy(Secret::new("canary-long".into())).blocking_recv().unwrap().unwrap();
        assert_eq!(text_of(&mut reader), "canary-long");
        drop(secrets);
        assert_ne!(text_of(&mut reader), "canary-long");
    }

    #[test]
    fn what_was_copied_since_stays() {
        let Some((_guard, mut other)) = desktop() else { return };
        let mut secrets = worker(Duration::from_millis(300));
        secrets.copy(Secret::new("canary-before".into())).blocking_recv().unwrap().unwrap();
        other.set_text("something else").unwrap();
        thread::sleep(Duration::from_millis(600));
        drop(secrets);
        assert_eq!(text_of(&mut other), "something else");
    }
}
