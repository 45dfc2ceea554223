//! What a certificate says of itself, read from its DER form.

use sha2::{Digest as _, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::exchange::CertificateFacts;

/// How many certificates of a chain are read; no honest chain is as long.
pub(super) const MAX_CHAIN: usize = 10;
/// How many names of one certificate are read.
const MAX_NAMES: usize = 100;
/// The longest text taken from a certificate, in bytes.
const MAX_TEXT: usize = 512;

/// The facts of a certificate; of one that cannot be read only its hash.
pub(super) fn facts(der: &[u8]) -> CertificateFacts {
    let sha256 = Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return CertificateFacts { sha256, ..CertificateFacts::default() };
    };
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name).take(MAX_NAMES).collect();
    CertificateFacts {
        subject: short(&certificate.subject().to_string()),
        issuer: short(&certificate.issuer().to_string()),
        names,
        not_before: time(certificate.validity().not_before.timestamp()),
        not_after: time(certificate.validity().not_after.timestamp()),
        sha256,
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(short(name)),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(std::net::Ipv4Addr::new(*a, *b, *c, *d).to_string()),
            bytes => <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        },
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or_default().to_owned()
}

/// Seconds since 1970 as RFC 3339; empty for a time that no calendar has.
fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}
