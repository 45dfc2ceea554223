//! The way a try went: redirects, peer, proxy, encryption, certificates.

use eframe::egui::{Label, RichText, Ui};

use super::timing::{heading, time};
use crate::exchange::{CertificateFacts, Connection, RecordedAttempt, TlsFacts};
use crate::text::visible_line;
use crate::ui::theme::Palette;
use crate::ui::widgets::table::{code, row, soft, wrapped};

/// Draws the redirects of a try, in order.
pub fn redirects_ui(ui: &mut Ui, attempt: &RecordedAttempt, colours: &Palette) {
    heading(ui, "Redirects");
    let count = attempt.redirects.len();
    for (index, redirect) in attempt.redirects.iter().enumerate() {
        let name = if count > 1 { format!("Redirect {} of {count}", index + 1) } else { "Redirect".to_owned() };
        row(ui, colours, &name, |ui| {
            ui.vertical(|ui| {
                code(ui, format!("{} from {}", redirect.status, visible_line(&redirect.from)));
                code(ui, format!("{} {}", redirect.method, visible_line(&redirect.to)));
                let dropped = visible_line(&redirect.dropped.join(", ")).into_owned();
                soft(
                    ui,
                    match redirect.dropped.is_empty() {
                        true => format!("Nothing was left behind; the answer took {}", time(redirect.timing.total_ms)),
                        false => format!("Left behind: {dropped}; the answer took {}", time(redirect.timing.total_ms)),
                    },
                );
            });
        });
    }
}

/// Draws what is known of a connection.
pub fn ui(ui: &mut Ui, connection: &Connection, colours: &Palette) {
    heading(ui, "Connection");
    row(ui, colours, "Peer", |ui| match &connection.peer {
        Some(peer) => {
            code(ui, peer);
            soft(ui, if connection.is_kept { "kept from an earlier exchange" } else { "opened for this try" });
        }
        None => soft(ui, "not seen"),
    });
    if !connection.addresses.is_empty() {
        row(ui, colours, "Addresses", |ui| code(ui, connection.addresses.join(", ")));
    }
    if let Some(protocol) = &connection.protocol {
        row(ui, colours, "Protocol", |ui| code(ui, visible_line(protocol)));
    }
    row(ui, colours, "Proxy", |ui| {
        match &connection.proxy.used {
            Some(proxy) => code(ui, visible_line(proxy)),
            None => wrapped(ui, "none"),
        }
        soft(ui, visible_line(&connection.proxy.why));
    });
    match &connection.tls {
        Some(tls) => tls_ui(ui, tls, connection.is_kept, colours),
        None => row(ui, colours, "Encryption", |ui| soft(ui, "none was seen")),
    }
}

fn tls_ui(ui: &mut Ui, tls: &TlsFacts, is_kept: bool, colours: &Palette) {
    heading(ui, "Encryption");
    row(ui, colours, "TLS", |ui| {
        match &tls.version {
            Some(version) => code(ui, visible_line(version)),
            None => soft(ui, "the handshake did not come to a version"),
        }
        soft(ui, format!("for the name {}", visible_line(&tls.server_name)));
    });
    row(ui, colours, "Verification", |ui| {
        let (text, color) = match (tls.is_unverified, tls.is_trusted) {
            (true, _) => ("Not verified: it is switched off for this environment", colours.attention),
            (false, true) => ("The certificates were accepted", colours.pass),
            (false, false) => ("The certificates were not accepted", colours.failure),
        };
        ui.add(Label::new(RichText::new(text).color(color)).wrap());
    });
    if tls.wants_client_certificate {
        row(ui, colours, "Client", |ui| wrapped(ui, "The server asked for a client certificate"));
    }
    if is_kept || tls.made_by.is_some() {
        row(ui, colours, "Handshake", |ui| match &tls.made_by {
            Some(exchange) => {
                wrapped(ui, "of the earlier exchange that opened this connection");
                code(ui, visible_line(exchange));
            }
            None => wrapped(ui, "of the earlier exchange that opened this connection"),
        });
    }
    let count = tls.certificates.len();
    for (index, certificate) in tls.certificates.iter().enumerate() {
        let name = if count > 1 { format!("Cert. {} of {count}", index + 1) } else { "Certificate".to_owned() };
        row(ui, colours, &name, |ui| ui.vertical(|ui| certificate_ui(ui, certificate)).inner);
    }
}

fn certificate_ui(ui: &mut Ui, certificate: &CertificateFacts) {
    code(ui, visible_line(&certificate.subject));
    soft(ui, format!("Issued by {}", visible_line(&certificate.issuer)));
    soft(ui, format!("Valid until {}, from {}", day(&certificate.not_after), day(&certificate.not_before)));
    if !certificate.names.is_empty() {
        soft(ui, format!("For {}", visible_line(&certificate.names.join(", "))));
    }
    soft(ui, format!("SHA-256 {}", certificate.sha256));
}

/// The day of a moment. Shape: `2027-01-31 12:00 UTC`; what cannot be read stays as it is.
fn day(moment: &str) -> String {
    let read = moment.parse::<jiff::Timestamp>();
    read.map_or_else(|_| visible_line(moment).into_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
