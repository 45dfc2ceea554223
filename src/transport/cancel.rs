//! A wish to stop, told to a running request.

use tokio::sync::watch;

/// The side that wishes to stop.
#[derive(Debug)]
pub struct CancelHandle(watch::Sender<bool>);

/// The side that is to stop.
#[derive(Clone, Debug)]
pub struct CancelSignal(watch::Receiver<bool>);

/// A handle and the signal it raises. Dropping the handle is no wish to stop.
pub fn cancel_pair() -> (CancelHandle, CancelSignal) {
    let (sender, receiver) = watch::channel(false);
    (CancelHandle(sender), CancelSignal(receiver))
}

impl CancelHandle {
    /// Raises the signal; doing it twice changes nothing.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl CancelSignal {
    /// A signal that is never raised.
    pub fn never() -> Self {
        cancel_pair().1
    }

    /// Whether it is raised already.
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the signal is raised; never if it cannot be any more.
    pub async fn raised(&mut self) {
        if self.0.wait_for(|is_raised| *is_raised).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
