//! Writes down that a request is about to be sent, so that one whose end never comes is not lost.

use std::sync::Arc;

use jiff::Timestamp;

use super::line::redactor_for;
use super::services::Services;
use crate::exchange::{Exchange, ExchangeId, ExchangeRecord, PreparedRequest, Timing};

/// Hands the request to the history, redacted as the whole exchange will be, and waits for nothing.
///
/// Redacting takes time in proportion to the payload, so it happens beside the runtime's workers while the request is
/// on its way. If the answer is there first, the history keeps that.
pub(super) fn remember_start(services: &Arc<Services>, id: &ExchangeId, request: &PreparedRequest) {
    let services = Arc::clone(services);
    let begun = Exchange {
        id: id.clone(),
        started_at: Timestamp::now(),
        request: request.clone(),
        response: None,
        transport_error: None,
        attempts: Vec::new(),
        redirects: Vec::new(),
        advice: None,
        timing: Timing::default(),
        log: Vec::new(),
    };
    tokio::task::spawn_blocking(move || {
        let mut redactor = redactor_for(&services, &begun);
        services.history.start(redactor.redact(ExchangeRecord::from_exchange(&begun, None)));
    });
}
