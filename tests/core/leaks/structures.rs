//! Secrets known by a structure: JSON web tokens, armoured private keys, credentials in URLs and connection strings.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::encodings::percent;
use super::rng::{ALNUM, Rng, URL64};
use super::tokens::crc32;

/// A secret with the text that makes it recognisable around it.
pub(crate) struct Framed {
    /// What it is.
    pub(crate) name: String,
    /// What stands before it.
    pub(crate) before: String,
    /// The bare secret.
    pub(crate) value: String,
    /// The secret as written between the two.
    pub(crate) written: String,
    /// What stands behind it.
    pub(crate) behind: String,
}

impl Framed {
    /// A secret that needs nothing around it.
    pub(crate) fn bare(name: &str, value: String) -> Self {
        Self { name: name.to_owned(), before: String::new(), written: value.clone(), value, behind: String::new() }
    }

    fn within(name: &str, before: String, value: String, behind: &str) -> Self {
        Self { name: name.to_owned(), before, written: value.clone(), value, behind: behind.to_owned() }
    }
}

/// A JSON web token (RFC 7519) signed with `algorithm`, or one without a signature, or an encrypted one (RFC 7516).
pub(crate) fn jwt(algorithm: &str, rng: &mut Rng) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let subject = rng.digits(10);
    let issued = 1_700_000_000 + rng.below(90_000_000);
    let claims =
        part(&format!(r#"{{"sub":"{subject}","name":"Ada Lovelace","iat":{issued},"exp":{}}}"#, issued + 3600));
    match algorithm {
        "none" => format!("{}.{claims}.", part(r#"{"alg":"none","typ":"JWT"}"#)),
        "JWE" => {
            let header = part(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#);
            let (key, tag) = (URL_SAFE_NO_PAD.encode(rng.bytes(256)), URL_SAFE_NO_PAD.encode(rng.bytes(16)));
            format!(
                "{header}.{key}.{}.{}.{tag}",
                URL_SAFE_NO_PAD.encode(rng.bytes(12)),
                URL_SAFE_NO_PAD.encode(rng.bytes(90))
            )
        }
        "dir" => {
            let header = part(r#"{"alg":"dir","enc":"A128CBC-HS256"}"#);
            let tag = URL_SAFE_NO_PAD.encode(rng.bytes(16));
            format!(
                "{header}..{}.{}.{tag}",
                URL_SAFE_NO_PAD.encode(rng.bytes(16)),
                URL_SAFE_NO_PAD.encode(rng.bytes(80))
            )
        }
        _ => {
            let size = match algorithm {
                "RS256" | "PS512" => 256,
                "HS256" => 32,
                _ => 64,
            };
            let header = part(&format!(r#"{{"alg":"{algorithm}","typ":"JWT","kid":"{}"}}"#, rng.hex(8)));
            format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(rng.bytes(size)))
        }
    }
}

/// An armoured block of `size` bytes in lines of `width` characters (RFC 7468, RFC 9580, the OpenSSH key format).
fn armour(label: &str, head: &[u8], size: usize, width: usize, rng: &mut Rng) -> Framed {
    let body = STANDARD.encode([head, &rng.bytes(size)].concat());
    let lines: Vec<&str> = body.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let extra = if label.starts_with("PGP") {
        let sum = crc32(body.as_bytes()).to_be_bytes();
        format!("\n={}", STANDARD.encode(&sum[1..]))
    } else {
        String::new()
    };
    let gap = if label.starts_with("PGP") { "\n" } else { "" };
    let before = format!("-----BEGIN {label}-----\n{gap}");
    Framed::within(label, before, lines.join("\n") + &extra, &format!("\n-----END {label}-----\n"))
}

/// Credentials in URLs (RFC 3986 userinfo) and where the host, port and path must stay.
const URLS: [(&str, &str); 14] = [
    ("http", "files.example.com/report-88.csv"),
    ("https", "git.example.com:8443/acme/shop.git"),
    ("postgres", "db.example.com:5432/orders?sslmode=require"),
    ("postgresql", "db.example.com/orders"),
    ("mysql", "db.example.com:3306/orders"),
    ("redis", "cache.example.com:6379/0"),
    ("rediss", "cache.example.com:6380/1"),
    ("amqp", "mq.example.com:5672/vhost-7"),
    ("amqps", "mq.example.com/vhost-7"),
    ("mongodb", "m1.example.com:27017,m2.example.com:27017/orders"),
    ("mongodb+srv", "cluster0.example.net/orders?retryWrites=true"),
    ("ftp", "ftp.example.com/in"),
    ("smtp", "mail.example.com:587"),
    ("sftp", "sftp.example.com:22/out"),
];

/// All secrets of this file.
pub(crate) fn framed(rng: &mut Rng) -> Vec<Framed> {
    let mut all = Vec::new();
    for algorithm in ["HS256", "RS256", "ES256", "PS512", "none", "JWE", "dir"] {
        all.push(Framed::bare(&format!("JWT {algorithm}"), jwt(algorithm, rng)));
    }
    // RFC 7468, RFC 5958, RFC 5915 and the PEM labels of OpenSSL; PuTTY is left out.
    all.push(armour(
        "RSA PRIVATE KEY",
        &[0x30, 0x82, 0x04, 0xa4, 0x02, 0x01, 0x00, 0x02, 0x82, 0x01, 0x01, 0x00],
        1180,
        64,
        rng,
    ));
    all.push(armour("PRIVATE KEY", &[0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09], 1200, 64, rng));
    all.push(armour("EC PRIVATE KEY", &[0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20], 114, 64, rng));
    all.push(armour("DSA PRIVATE KEY", &[0x30, 0x82, 0x01, 0xbb, 0x02, 0x01, 0x00], 440, 64, rng));
    all.push(armour("ENCRYPTED PRIVATE KEY", &[0x30, 0x82, 0x05, 0x0e, 0x30, 0x40, 0x06, 0x09], 1290, 64, rng));
    all.push(armour("OPENSSH PRIVATE KEY", b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none", 370, 70, rng));
    all.push(armour("PGP PRIVATE KEY BLOCK", &[0x95, 0x01, 0xd8, 0x04], 700, 64, rng));
    for (i, (scheme, rest)) in URLS.into_iter().enumerate() {
        let secret = match i % 3 {
            0 => rng.alnum(14),
            1 => format!("{}!{}", rng.alnum(6), rng.alnum(5)),
            _ => format!("{}/{}#{}", rng.alnum(4), rng.alnum(4), rng.alnum(4)),
        };
        let written = percent(&secret, true, |c| !c.is_ascii_alphanumeric() && !"-._~!".contains(c));
        let user = if scheme == "redis" { "" } else { "svc_orders" };
        all.push(Framed {
            name: format!("password in a {scheme} URL"),
            before: format!("{scheme}://{user}:"),
            value: secret,
            written,
            behind: format!("@{rest}"),
        });
    }
    // Slack, "Sending messages using incoming webhooks"; Discord, "Webhook resource"; Microsoft Teams is left out.
    let before = format!(
        "https://hooks.slack.com/services/T{}/B{}/",
        rng.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 10),
        rng.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 10)
    );
    all.push(Framed::within("Slack webhook URL", before, rng.alnum(24), ""));
    let before = format!("https://discord.com/api/webhooks/1{}/", rng.digits(18));
    all.push(Framed::within("Discord webhook URL", before, rng.chars(URL64, 68), ""));
    // Azure Storage, "Configure connection strings"; Service Bus and Cosmos DB the like: a base64 key of fixed length.
    let key = STANDARD.encode(rng.bytes(64));
    all.push(Framed::within(
        "Azure storage connection string",
        "DefaultEndpointsProtocol=https;AccountName=acmeorders;AccountKey=".to_owned(),
        key,
        ";EndpointSuffix=core.windows.net",
    ));
    let key = STANDARD.encode(rng.bytes(64));
    all.push(Framed::within(
        "Cosmos DB connection string",
        "AccountEndpoint=https://acme.documents.azure.com:443/;AccountKey=".to_owned(),
        key,
        ";",
    ));
    let key = STANDARD.encode(rng.bytes(32));
    all.push(Framed::within(
        "Service Bus connection string",
        "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=RootManage;SharedAccessKey=".to_owned(),
        key,
        "",
    ));
    // Azure Storage, "Create an account SAS": the signature is a percent-encoded SHA-256 HMAC.
    let secret = STANDARD.encode(rng.bytes(32));
    let written = percent(&secret, true, |c| !c.is_ascii_alphanumeric());
    let before =
        "https://acme.blob.core.windows.net/c/report-88.pdf?sv=2022-11-02&se=2026-12-01T00%3A00%3A00Z&sr=b&sp=r&sig="
            .to_owned();
    all.push(Framed { name: "Azure SAS".to_owned(), before, value: secret, written, behind: String::new() });
    // AWS, "Using presigned URLs"; the signature is a SHA-256 HMAC in hexadecimal.
    let before = "https://acme.s3.eu-west-1.amazonaws.com/r.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260304T050607Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=".to_owned();
    let signature = rng.hex(64);
    all.push(Framed::within("AWS presigned URL", before, signature, ""));
    // Basic authentication (RFC 7617) outside a header of that name.
    let pair = STANDARD.encode(format!("ada.lovelace:{}", rng.alnum(16)));
    all.push(Framed::within("Basic credentials after their scheme", "Basic ".to_owned(), pair, ""));
    let token = rng.chars(ALNUM, 40);
    all.push(Framed::within("Bearer credentials after their scheme", "Bearer ".to_owned(), token, ""));
    all
}
