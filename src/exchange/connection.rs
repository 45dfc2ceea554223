//! The way a try went: proxy, peer, protocol, encryption and the certificates that were shown; and redirects on it.

use serde::{Deserialize, Serialize};

use super::Timing;
use crate::secret::{Redactable, Redactor};

/// What is known of the connection that a try used.
///
/// *Secrets*: none; a proxy is named without its user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Where the connection led, which with a proxy is the proxy. Shape: `127.0.0.1:8443`.
    pub peer: Option<String>,
    /// What the name stands for, as looked up for this try. Shape: `[::1]`, `127.0.0.1`.
    pub addresses: Vec<String>,
    /// The protocol that was agreed on. Shape: `HTTP/2.0`.
    pub protocol: Option<String>,
    /// Whether an earlier exchange had opened it.
    pub is_kept: bool,
    /// The encryption; none for plain http and where no handshake began.
    pub tls: Option<TlsFacts>,
    /// Which proxy was used, and why.
    pub proxy: ProxyFacts,
}

/// The proxy of a try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyFacts {
    /// The proxy without its user. Shape: `http://proxy.corp:8080`; none for a direct connection.
    pub used: Option<String>,
    /// Why it was used, or why none was.
    pub why: String,
}

/// What was seen of a TLS handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// The name that was asked for, which the certificate has to bear.
    pub server_name: String,
    /// Shape: `TLS 1.3`; none where the handshake did not come that far.
    pub version: Option<String>,
    /// The certificates as shown by the server, its own first.
    pub certificates: Vec<CertificateFacts>,
    /// Whether they were accepted by the system's trust store and the extra CAs.
    pub is_trusted: bool,
    /// Whether they were not asked to be trusted, because verification is switched off.
    pub is_unverified: bool,
    /// Whether the server asked for a client certificate.
    pub wants_client_certificate: bool,
    /// The exchange that made this handshake, where it was an earlier one.
    pub made_by: Option<String>,
}

/// What one certificate says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// Shape: `CN=api.example.com`.
    pub subject: String,
    /// Shape: `CN=Example CA, O=Example`.
    pub issuer: String,
    /// The names and addresses it is for.
    pub names: Vec<String>,
    /// Shape: RFC 3339, UTC.
    pub not_before: String,
    /// Shape: RFC 3339, UTC.
    pub not_after: String,
    /// SHA-256 of its DER form in lower-case hexadecimal.
    pub sha256: String,
}

/// One redirect that was followed.
///
/// *Secrets*: possibly, in the addresses, until they are redacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The status that asked for it.
    pub status: u16,
    /// The method of the request that followed.
    pub method: String,
    /// Where it came from.
    pub from: String,
    /// Where it led.
    pub to: String,
    /// What the request that followed no longer had. Shape: `authorization`, `payload`.
    pub dropped: Vec<String>,
    /// The phases of the request that was redirected.
    pub timing: Timing,
}

impl Redactable for Connection {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        let text = |redactor: &mut Redactor, text: String| redactor.text(&text);
        let tls = self.tls.map(|tls| TlsFacts {
            server_name: text(redactor, tls.server_name),
            certificates: tls
                .certificates
                .into_iter()
                .map(|certificate| CertificateFacts {
                    subject: text(redactor, certificate.subject),
                    issuer: text(redactor, certificate.issuer),
                    names: certificate.names.into_iter().map(|name| text(redactor, name)).collect(),
                    ..certificate
                })
                .collect(),
            ..tls
        });
        let proxy =
            ProxyFacts { used: self.proxy.used.map(|used| text(redactor, used)), why: text(redactor, self.proxy.why) };
        Self { tls, proxy, ..self }
    }
}
