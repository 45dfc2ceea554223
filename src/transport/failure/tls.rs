//! Failures of the TLS handshake, with what the certificates say.

use std::time::Duration;

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError as C, Error, PeerIncompatible};

use super::{Seen, dialled, failure, secs};
use crate::exchange::{CertificateFacts, Layer, TransportError};
use crate::transport::settings::MinTls;
use crate::transport::tls::NO_ROOTS;

const NOTHING_SENT: &str = "No secure connection was made, so nothing of the request was sent";
const NOT_TAKEN: &str = "The server ended the connection before it took the request";

/// Whether the handshake that is told of was one with the proxy itself, not through it with the server.
pub(super) fn is_proxys(seen: &Seen<'_>) -> bool {
    seen.marks.handshakes <= 1 && seen.proxy.is_some_and(|target| target.url.scheme() == "https")
}

/// The handshake ended with an error that rustls has a word for.
pub(super) fn refused(error: &Error, seen: &Seen<'_>) -> TransportError {
    finished(explained(error, seen), seen)
}

/// Puts a failure where it belongs: that of the proxy's own handshake is the proxy's.
fn finished(error: TransportError, seen: &Seen<'_>) -> TransportError {
    if is_proxys(seen) {
        let fix = error.fix.replace("tell the provider", "tell who runs the proxy");
        let fix = fix.replace("Tell the provider", "Tell who runs the proxy").replace("of the URL", "of the proxy");
        let fix = fix.replace("is it http rather than https?", "is it http:// rather than https://?");
        return TransportError { layer: Layer::Proxy, fix, ..error };
    }
    // With TLS 1.3 a server judges the caller when the caller believes the handshake to be over.
    let is_over = seen.marks.connect_end.is_some();
    let meaning = if is_over { NOT_TAKEN.to_owned() } else { error.meaning };
    TransportError { meaning, ..error }
}

fn explained(error: &Error, seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    let who = capital(&host);
    let at = at(seen);
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
            format!("{} does not speak TLS", capital(&at)),
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
            format!("{who} does not accept the client certificate"),
            format!("It answered with the alert \"{}\"", alert_name(*alert)),
            "Choose the client certificate that this server was told of, or renew it",
        ),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => words(
            "wrong_name",
            format!("What listens at {at} does not know the name {}", name(seen)),
            "It answered with the alert \"unrecognised name\"".into(),
            "Check the host in the URL",
        ),
        Error::AlertReceived(AlertDescription::NoApplicationProtocol) | Error::NoApplicationProtocol => words(
            "version",
            format!("{who} does not speak the version of HTTP that was asked for"),
            "It answered with the alert \"no application protocol\"".into(),
            "Let the server choose the version of HTTP in this environment's network settings (--http auto)",
        ),
        Error::AlertReceived(AlertDescription::HandshakeFailure) | Error::PeerIncompatible(_) => words(
            "version",
            format!("{who} and this program have no way of encryption in common"),
            "The server accepted none of the versions and ciphers that were offered".into(),
            "The server must offer TLS 1.2 or 1.3 with a current cipher; tell the provider",
        ),
        Error::AlertReceived(alert) => words(
            "failed",
            format!("The TLS handshake with {host} failed"),
            format!("The server answered with the alert \"{}\"", alert_name(*alert)),
            "Send it again; if it stays, check scheme, host and port of the URL, then tell the provider",
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

/// The name that was asked for.
fn name(seen: &Seen<'_>) -> String {
    let named = seen.marks.tls.as_ref().map(|tls| tls.server_name.clone()).filter(|name| !name.is_empty());
    named.unwrap_or_else(|| seen.url.host_str().unwrap_or("the host").to_owned())
}

/// Whom the handshake was with. Shape: `api.test`, `the proxy proxy.corp`.
fn host(seen: &Seen<'_>) -> String {
    if is_proxys(seen) { format!("the proxy {}", name(seen)) } else { name(seen) }
}

/// Where the handshake was. Shape: `api.test:443`, `the proxy proxy.corp:443`.
fn at(seen: &Seen<'_>) -> String {
    match seen.proxy {
        Some(target) if is_proxys(seen) => format!("the proxy {}", dialled(&target.url)),
        _ => dialled(seen.url),
    }
}

/// The same at the beginning of a sentence; a host's name stays as it is.
fn capital(whom: &str) -> String {
    match whom.strip_prefix("the proxy ") {
        Some(proxy) => format!("The proxy {proxy}"),
        None => whom.to_owned(),
    }
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
    let (summary, seen, fix) = if is_self_signed {
        (
            format!("The certificate of {host} is signed by nobody but itself"),
            format!("{} is its own issuer", named(own)),
            "If you trust it, add the certificate itself to this environment's CA files (--ca-file)",
        )
    } else if chain.len() <= 1 {
        (
            format!("The certificate of {host} is not trusted"),
            format!("It was signed by {}, which this machine does not trust", issuer(last)),
            "If you trust that CA, add it to this environment's CA files (--ca-file); if browsers do, the server \
             forgets to send the certificates in between: tell the provider",
        )
    } else {
        (
            format!("The certificate of {host} is not trusted"),
            format!("Its chain ends at {}, which this machine does not trust", issuer(last)),
            "If you trust that CA, add it to this environment's CA files (--ca-file) or to the system's trust store",
        )
    };
    words("untrusted", summary, seen, fix)
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
        MinTls::V1_3 => "Accept TLS 1.2 in this environment's network settings (--min-tls 1.2), or tell the provider",
    };
    words(
        "version",
        format!("{} only has TLS versions older than {}", capital(&host), seen.min_tls.number()),
        format!("It accepted none of the versions offered, the oldest of which is TLS {}", seen.min_tls.number()),
        fix,
    )
}

fn client_certificate(seen: &Seen<'_>) -> TransportError {
    let host = host(seen);
    words(
        "client_certificate",
        match seen.has_identity {
            true => format!("{} does not accept the client certificate", capital(&host)),
            false => format!("{} wants a client certificate", capital(&host)),
        },
        match seen.has_identity {
            true => "The server asked for a certificate and refused the one it was shown".into(),
            false => "The server asked for a certificate and was shown none".into(),
        },
        "Choose the client certificate that this server was told of in this environment's network settings \
         (--client-cert)",
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
    let at = capital(&at(seen));
    let error = failure(
        Layer::Tls,
        kind,
        [
            format!("{at} {verb} the connection during the TLS handshake"),
            format!("The connection was opened, and {kind} before it was secure"),
            match behind(seen) {
                Some(proxy) => format!("The server behind the proxy {proxy} speaks no TLS, or one of the two gave up"),
                None => "What listens there speaks no TLS, or refuses this machine".into(),
            },
            CHECK.into(),
        ],
    );
    finished(error, seen)
}

const CHECK: &str = "Check scheme and port: is it http rather than https?";

/// The proxy through which the handshake with the server went.
fn behind(seen: &Seen<'_>) -> Option<String> {
    seen.proxy.filter(|_| !is_proxys(seen)).map(|target| dialled(&target.url))
}

/// The handshake did not end in time.
pub(super) fn stalled(seen: &Seen<'_>, waited: Duration) -> TransportError {
    let error = failure(
        Layer::Tls,
        "timeout",
        [
            format!("The TLS handshake with {} did not end in time", at(seen)),
            format!("The connection stood, but was not secure after {}", secs(waited)),
            "The server is slow, or what listens there speaks no TLS".into(),
            CHECK.into(),
        ],
    );
    finished(error, seen)
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
