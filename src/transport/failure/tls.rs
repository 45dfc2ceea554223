//! Failures of the TLS handshake, with what the certificates say.

use std::time::Duration;

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError as C, Error, PeerIncompatible};

use super::{Seen, dialled, failure, secs};
use crate::exchange::{CertificateFacts, Layer, TransportError};
use crate::transport::settings::MinTls;
use crate::transport::tls::NO_ROOTS;

const NOTHING_SENT: &str = "No secure connection was made, so nothing of the request was sent";

/// The handshake ended with an error that rustls has a word for.
pub(super) fn refused(error: &Error, seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    let at = dialled(seen.url);
    match error {
        Error::InvalidCertificate(problem) => certificate(problem, seen),
        Error::General(said) if said.starts_with(NO_ROOTS) => words(
            "no_roots",
            format!("The certificate of {host} cannot be checked: this machine has no CA certificates"),
            "The system's trust store is empty".into(),
            "Install the system's CA certificates (package ca-certificates on Debian) and start again",
        ),
        Error::InvalidMessage(_) => words(
            "not_tls",
            format!("{at} does not speak TLS"),
            "What came back from there is no TLS message".into(),
            "Check scheme and port: is it http rather than https?",
        ),
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        ) => old_version(seen),
        Error::AlertReceived(AlertDescription::CertificateRequired) => client_certificate(seen),
        // TLS 1.2 has no word of its own for it; that it was asked for is known.
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::BadCertificate)
            if asked(seen) && !seen.has_identity =>
        {
            client_certificate(seen)
        }
        Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::AccessDenied),
        ) if asked(seen) => words(
            "client_certificate",
            format!("{host} does not accept the client certificate"),
            format!("It answered with the alert {}", alert_name(*alert)),
            "Choose the client certificate that this server was told of, or renew it",
        ),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => words(
            "wrong_name",
            format!("The server at {at} does not know the name {host}"),
            "It answered with the alert unrecognised name".into(),
            "Check the host in the URL",
        ),
        Error::AlertReceived(AlertDescription::HandshakeFailure)
        | Error::PeerIncompatible(_)
        | Error::NoApplicationProtocol => words(
            "version",
            format!("{host} and this program have no way of encryption in common"),
            "The server accepted none of the versions and ciphers that were offered".into(),
            "The server must offer TLS 1.2 or 1.3 with a current cipher; tell the provider",
        ),
        Error::AlertReceived(alert) => words(
            "failed",
            format!("The TLS handshake with {host} failed"),
            format!("The server answered with the alert {}", alert_name(*alert)),
            "Check scheme, host and port of the URL",
        ),
        other => words(
            "failed",
            format!("The TLS handshake with {host} failed"),
            other.to_string(),
            "Check scheme, host and port of the URL",
        ),
    }
}

fn words(kind: &str, summary: String, seen: String, fix: &str) -> TransportError {
    failure(Layer::Tls, kind, [summary, seen, NOTHING_SENT.into(), fix.into()])
}

fn host(seen: &Seen<'_>) -> String {
    let named = seen.marks.tls.as_ref().map(|tls| tls.server_name.clone()).filter(|name| !name.is_empty());
    named.unwrap_or_else(|| seen.url.host_str().unwrap_or("the host").to_owned())
}

fn asked(seen: &Seen<'_>) -> bool {
    seen.marks.tls.as_ref().is_some_and(|tls| tls.wants_client_certificate)
}

fn chain<'a>(seen: &Seen<'a>) -> &'a [CertificateFacts] {
    seen.marks.tls.as_ref().map(|tls| tls.certificates.as_slice()).unwrap_or_default()
}

fn certificate(problem: &C, seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    let chain = chain(seen);
    let own = chain.first().cloned().unwrap_or_default();
    let now = Timestamp::now().to_string();
    match problem {
        C::Expired | C::ExpiredContext { .. } => {
            // The one in the chain that has run out, which need not be the server's own.
            let old = chain.iter().find(|one| !one.not_after.is_empty() && one.not_after < now).unwrap_or(&own);
            words(
                "expired",
                format!("The certificate of {host} has expired"),
                format!("{} was valid until {}{}", named(old), old.not_after, since(&old.not_after)),
                "Tell the provider; check this machine's clock",
            )
        }
        C::NotValidYet | C::NotValidYetContext { .. } => {
            let early = chain.iter().find(|one| one.not_before > now).unwrap_or(&own);
            words(
                "not_yet_valid",
                format!("The certificate of {host} is not valid yet"),
                format!(
                    "{} is valid from {}, this machine's clock says {}",
                    named(early),
                    early.not_before,
                    short(&now)
                ),
                "Check this machine's clock, then tell the provider",
            )
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => words(
            "wrong_name",
            format!("The certificate shown is not for {host}"),
            match own.names.as_slice() {
                [] => format!("{} names no host", named(&own)),
                names => format!("It is for {}", names.iter().take(8).cloned().collect::<Vec<_>>().join(", ")),
            },
            "Check the host in the URL; behind a proxy, check the proxy",
        ),
        C::Revoked => words(
            "revoked",
            format!("The certificate of {host} was revoked"),
            format!("Its issuer {} has withdrawn it", own.issuer),
            "Tell the provider, and send nothing there until it is replaced",
        ),
        _ => untrusted(&host, chain, &own),
    }
}

fn untrusted(host: &str, chain: &[CertificateFacts], own: &CertificateFacts) -> TransportError {
    let last = chain.last().unwrap_or(own);
    let is_self_signed = chain.len() == 1 && own.subject == own.issuer;
    let (summary, seen) = if is_self_signed {
        (
            format!("The certificate of {host} is signed by nobody but itself"),
            format!("{} is its own issuer", named(own)),
        )
    } else {
        (
            format!("The certificate of {host} is not trusted"),
            format!("It was signed by {}, which this machine does not trust", issuer(last)),
        )
    };
    words(
        "untrusted",
        summary,
        seen,
        "If you trust it, add the CA that signed it to the system's trust store or to this environment's CA files",
    )
}

fn named(certificate: &CertificateFacts) -> String {
    if certificate.subject.is_empty() { "The certificate".into() } else { format!("\"{}\"", certificate.subject) }
}

fn issuer(certificate: &CertificateFacts) -> String {
    if certificate.issuer.is_empty() { "an unnamed CA".into() } else { format!("\"{}\"", certificate.issuer) }
}

fn short(time: &str) -> &str {
    time.split('.').next().unwrap_or(time)
}

/// How long ago a time was, in days. Shape: `, 3 days ago`.
fn since(time: &str) -> String {
    let Ok(then) = time.parse::<Timestamp>() else { return String::new() };
    let days = (Timestamp::now().as_second() - then.as_second()) / 86_400;
    match days {
        ..0 => String::new(),
        0 => ", less than a day ago".into(),
        1 => ", 1 day ago".into(),
        days => format!(", {days} days ago"),
    }
}

fn old_version(seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    let fix = match seen.min_tls {
        MinTls::V1_2 => "The server must offer TLS 1.2 or 1.3; tell the provider",
        MinTls::V1_3 => "Accept TLS 1.2 in this environment's network settings, or tell the provider",
    };
    words(
        "version",
        format!("{host} only has TLS versions older than {}", seen.min_tls.number()),
        format!("It accepted none of the versions offered, the oldest of which is TLS {}", seen.min_tls.number()),
        fix,
    )
}

fn client_certificate(seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    words(
        "client_certificate",
        match seen.has_identity {
            true => format!("{host} does not accept the client certificate"),
            false => format!("{host} wants a client certificate"),
        },
        match seen.has_identity {
            true => "The server asked for a certificate and refused the one it was shown".into(),
            false => "The server asked for a certificate and was shown none".into(),
        },
        "Choose the client certificate that this server was told of in this environment's network settings",
    )
}

/// The connection was closed in the handshake.
pub(super) fn closed(seen: &Seen<'_>) -> TransportError {
    cut("closed", "closed", seen)
}

/// The connection was reset in the handshake.
pub(super) fn reset(seen: &Seen<'_>) -> TransportError {
    cut("reset", "broke", seen)
}

fn cut(kind: &str, verb: &str, seen: &Seen<'_>) -> TransportError {
    let at = dialled(seen.url);
    failure(
        Layer::Tls,
        kind,
        [
            format!("{at} {verb} the connection during the TLS handshake"),
            format!(
                "The connection was opened, and {} before it was secure",
                if kind == "reset" { "reset" } else { kind }
            ),
            "What listens there speaks no TLS, or refuses this machine".into(),
            "Check scheme and port: is it http rather than https?".into(),
        ],
    )
}

/// The handshake did not end in time.
pub(super) fn stalled(seen: &Seen<'_>, waited: Duration) -> TransportError {
    failure(
        Layer::Tls,
        "timeout",
        [
            format!("The TLS handshake with {} did not end in time", dialled(seen.url)),
            format!("The connection stood, but was not secure after {}", secs(waited)),
            "The server is slow, or what listens there speaks no TLS".into(),
            "Check scheme and port: is it http rather than https?".into(),
        ],
    )
}

/// An alert's name in words. Shape: `handshake failure`.
fn alert_name(alert: AlertDescription) -> String {
    let mut name = String::new();
    for c in format!("{alert:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() && !name.ends_with(|last: char| last.is_ascii_uppercase()) {
            name.push(' ');
        }
        name.push(c);
    }
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use url::Url;

    use super::*;
    use crate::exchange::TlsFacts;
    use crate::transport::clock::Marks;
    use crate::transport::settings::Limits;

    fn told(error: &Error, certificates: Vec<CertificateFacts>) -> TransportError {
        let url = Url::parse("https://api.example.com/?token=canary").unwrap();
        let tls = TlsFacts { certificates, server_name: "api.example.com".into(), ..TlsFacts::default() };
        let marks = Marks { tls: Some(tls), ..Marks::default() };
        let limits = Limits::default();
        let seen =
            Seen { url: &url, limits: &limits, marks: &marks, proxy: None, min_tls: MinTls::V1_2, has_identity: false };
        refused(error, &seen)
    }

    #[test]
    fn every_fault_of_a_certificate_has_its_own_word() {
        let certificate = |error: C| Error::InvalidCertificate(error);
        let cases = [
            (certificate(C::Expired), "expired"),
            (certificate(C::NotValidYet), "not_yet_valid"),
            (certificate(C::NotValidForName), "wrong_name"),
            (certificate(C::UnknownIssuer), "untrusted"),
            (certificate(C::Revoked), "revoked"),
            (Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType), "not_tls"),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), "version"),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "client_certificate"),
            (Error::General(format!("{NO_ROOTS}: empty")), "no_roots"),
            (Error::DecryptError, "failed"),
        ];
        for (error, kind) in cases {
            let failure = told(&error, Vec::new());
            assert_eq!((failure.layer, failure.kind.as_str()), (Layer::Tls, kind));
            assert!(failure.summary.contains("api.example.com") && !failure.fix.is_empty(), "{failure:?}");
            assert!(!failure.summary.contains("canary") && !failure.seen.contains("canary"));
        }
    }

    #[test]
    fn what_the_certificate_says_is_told() {
        let old = CertificateFacts {
            subject: "CN=api.example.com".into(),
            not_after: "2020-01-01T00:00:00Z".into(),
            names: vec!["other.test".into(), "*.wrong.test".into()],
            ..CertificateFacts::default()
        };
        let expired = told(&Error::InvalidCertificate(C::Expired), vec![old.clone()]);
        assert!(expired.seen.contains("was valid until 2020-01-01T00:00:00Z, "), "{}", expired.seen);
        assert!(expired.seen.ends_with(" days ago"), "{}", expired.seen);
        let wrong = told(&Error::InvalidCertificate(C::NotValidForName), vec![old]);
        assert_eq!(wrong.seen, "It is for other.test, *.wrong.test");
    }

    #[test]
    fn alerts_are_told_in_words() {
        assert_eq!(alert_name(AlertDescription::HandshakeFailure), "handshake failure");
        assert_eq!(alert_name(AlertDescription::UnknownCA), "unknown ca");
    }
}
