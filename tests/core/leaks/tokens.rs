//! Tokens of the large vendors, made to their public descriptions with the right lengths, alphabets and check sums.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::rng::{ALNUM, Rng, UPPER, URL64};

/// A token format: its name and its maker.
pub(crate) type Format = (&'static str, fn(&mut Rng) -> String);

/// CRC-32 (IEEE 802.3).
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A number in base 62, digits before upper before lower case, filled to `width` with zeros.
pub(crate) fn base62(mut number: u32, width: usize) -> String {
    let mut digits = vec![b'0'; width];
    for place in digits.iter_mut().rev() {
        *place = ALNUM.as_bytes()[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8(digits).unwrap()
}

/// The prefix, `n` letters and digits, and the six base62 digits of their CRC-32.
fn checked(prefix: &str, n: usize, rng: &mut Rng) -> String {
    let body = rng.alnum(n);
    format!("{prefix}{body}{}", base62(crc32(body.as_bytes()), 6))
}

/// The prefix and `n` characters of `alphabet`.
pub(crate) fn after(prefix: &str, alphabet: &str, n: usize, rng: &mut Rng) -> String {
    format!("{prefix}{}", rng.chars(alphabet, n))
}

/// The prefix and `n` lower case hexadecimal digits.
pub(crate) fn hex_after(prefix: &str, n: usize, rng: &mut Rng) -> String {
    format!("{prefix}{}", rng.hex(n))
}

/// A GitLab routable token: payload in base64url, then a length and a check sum in base 36 (both drawn, not computed).
fn routable(prefix: &str, rng: &mut Rng) -> String {
    let payload = URL_SAFE_NO_PAD.encode(rng.bytes(36));
    let head = format!("{prefix}{payload}.01.{}", rng.chars("0123456789abcdefghijklmnopqrstuvwxyz", 2));
    format!("{head}{}", rng.chars("0123456789abcdefghijklmnopqrstuvwxyz", 7))
}

/// The formats of this file.
pub(crate) const FORMATS: [Format; 62] = [
    // GitHub, "Behind GitHub's new authentication token formats" and "About authentication to GitHub".
    ("GitHub classic PAT", |r| checked("ghp_", 30, r)),
    ("GitHub OAuth token", |r| checked("gho_", 30, r)),
    ("GitHub user-to-server token", |r| checked("ghu_", 30, r)),
    ("GitHub server-to-server token", |r| checked("ghs_", 30, r)),
    ("GitHub refresh token", |r| checked("ghr_", 70, r)),
    ("GitHub fine-grained PAT", |r| format!("github_pat_{}_{}", r.alnum(22), r.alnum(59))),
    // GitLab, "GitLab token overview" (prefixes) and "Routable tokens".
    ("GitLab PAT", |r| after("glpat-", URL64, 20, r)),
    ("GitLab routable PAT", |r| routable("glpat-", r)),
    ("GitLab deploy token", |r| after("gldt-", URL64, 20, r)),
    ("GitLab runner token", |r| after("glrt-", URL64, 20, r)),
    ("GitLab trigger token", |r| hex_after("glptt-", 40, r)),
    ("GitLab job token", |r| format!("glcbt-{}_{}", r.hex(2), r.chars(URL64, 20))),
    ("GitLab OAuth secret", |r| format!("gloas-{}", r.hex(64))),
    ("GitLab agent token", |r| after("glagent-", URL64, 50, r)),
    ("GitLab feed token", |r| after("glft-", URL64, 20, r)),
    ("GitLab SCIM token", |r| after("glsoat-", URL64, 20, r)),
    ("GitLab incoming mail token", |r| after("glimt-", "abcdefghijklmnopqrstuvwxyz0123456789", 25, r)),
    // Slack, "Tokens" and "Sending messages using incoming webhooks".
    ("Slack bot token", |r| format!("xoxb-{}-{}-{}", r.digits(12), r.digits(13), r.alnum(24))),
    ("Slack user token", |r| format!("xoxp-{}-{}-{}-{}", r.digits(12), r.digits(12), r.digits(13), r.hex(32))),
    ("Slack app-level token", |r| format!("xapp-1-A{}-{}-{}", r.chars(UPPER, 10), r.digits(13), r.hex(64))),
    ("Slack rotating token", |r| format!("xoxe.xoxp-1-{}", r.alnum(160))),
    ("Slack refresh token", |r| format!("xoxe-1-{}", r.alnum(140))),
    // Stripe, "API keys" and "Webhook signatures".
    ("Stripe live secret key", |r| after("sk_live_", ALNUM, 24, r)),
    ("Stripe long live secret key", |r| format!("sk_live_51{}", r.alnum(97))),
    ("Stripe test secret key", |r| format!("sk_test_51{}", r.alnum(97))),
    ("Stripe restricted key", |r| format!("rk_live_51{}", r.alnum(97))),
    ("Stripe webhook secret", |r| after("whsec_", ALNUM, 32, r)),
    // AWS, "IAM identifiers: unique ID prefixes"; ids are base 32.
    ("AWS access key id", |r| after("AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, r)),
    ("AWS temporary access key id", |r| after("ASIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, r)),
    ("Amazon Bedrock key", |r| {
        after("ABSK", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 128, r)
    }),
    // Google Cloud, "Using API keys", "OAuth 2.0 for web server applications".
    ("Google API key", |r| after("AIza", URL64, 35, r)),
    ("Google OAuth client secret", |r| after("GOCSPX-", URL64, 28, r)),
    ("Google access token", |r| format!("ya29.a0{}", r.chars(URL64, 160))),
    ("Google refresh token", |r| format!("1//0{}", r.chars(URL64, 98))),
    // OpenAI, "API keys" (prefixes; the middle mark is named by secret scanning partners' pages).
    ("OpenAI project key", |r| format!("sk-proj-{}T3BlbkFJ{}", r.chars(URL64, 74), r.chars(URL64, 74))),
    ("OpenAI service account key", |r| format!("sk-svcacct-{}T3BlbkFJ{}", r.chars(URL64, 74), r.chars(URL64, 74))),
    ("OpenAI legacy key", |r| format!("sk-{}T3BlbkFJ{}", r.alnum(20), r.alnum(20))),
    // Anthropic, "API overview: authentication" (prefix).
    ("Anthropic key", |r| format!("sk-ant-api03-{}AA", r.chars(URL64, 93))),
    ("Anthropic admin key", |r| format!("sk-ant-admin01-{}AA", r.chars(URL64, 93))),
    // npm, "Announcing npm's new access token format".
    ("npm token", |r| checked("npm_", 30, r)),
    // PyPI, "API tokens" help page; the prefix is the head of a macaroon for pypi.org.
    ("PyPI token", |r| format!("pypi-AgEIcHlwaS5vcmc{}", r.chars(URL64, 130))),
    // Shopify, "Access tokens": 32 hexadecimal digits.
    ("Shopify access token", |r| hex_after("shpat_", 32, r)),
    ("Shopify custom app token", |r| hex_after("shpca_", 32, r)),
    ("Shopify private app token", |r| hex_after("shppa_", 32, r)),
    ("Shopify shared secret", |r| hex_after("shpss_", 32, r)),
    // SendGrid, "API keys".
    ("SendGrid key", |r| format!("SG.{}.{}", r.chars(URL64, 22), r.chars(URL64, 43))),
    // Twilio, "API keys": SK and 32 hexadecimal digits.
    ("Twilio API key", |r| hex_after("SK", 32, r)),
    // Telegram, "Bot API: authorizing your bot".
    ("Telegram bot token", |r| format!("{}:AA{}", r.digits(10), r.chars(URL64, 33))),
    // DigitalOcean, "Tokens: formats": 64 hexadecimal digits.
    ("DigitalOcean PAT", |r| hex_after("dop_v1_", 64, r)),
    ("DigitalOcean OAuth token", |r| hex_after("doo_v1_", 64, r)),
    ("DigitalOcean refresh token", |r| hex_after("dor_v1_", 64, r)),
    // Hugging Face, "User access tokens".
    ("Hugging Face token", |r| after("hf_", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34, r)),
    // Square, "Access tokens and other Square credentials".
    ("Square access token", |r| format!("EAAA{}", r.chars(URL64, 60))),
    ("Square personal token", |r| after("sq0atp-", URL64, 22, r)),
    ("Square OAuth secret", |r| after("sq0csp-", URL64, 43, r)),
    // Mailgun and Mailchimp, "API keys" and "Marketing API quick start".
    ("Mailgun key", |r| hex_after("key-", 32, r)),
    ("Mailchimp key", |r| format!("{}-us{}", r.hex(32), r.range(1, 21))),
    // Discord, "API reference: authentication": id in base64, time, HMAC.
    ("Discord bot token", |r| {
        let id = STANDARD_NO_PAD.encode(format!("1{}", r.digits(17)));
        format!("{id}.G{}.{}", r.chars(URL64, 5), r.chars(URL64, 38))
    }),
    // Atlassian, community answers of the vendor's staff name the prefixes; the end is a check sum of eight digits.
    ("Atlassian API token", |r| format!("ATATT3xFfGF0{}={}", r.chars(URL64, 171), r.chars("0123456789ABCDEF", 8))),
    ("Bitbucket app password", |r| format!("ATBB{}{}", r.alnum(24), r.chars("0123456789ABCDEF", 8))),
    ("Bitbucket access token", |r| format!("ATCTT3xFfGN0{}={}", r.chars(URL64, 171), r.chars("0123456789ABCDEF", 8))),
    // Azure DevOps, "Use personal access tokens": 84 characters, signature AZDO at 76.
    ("Azure DevOps PAT", |r| {
        format!(
            "{}JQQJ99{}ACAAAAAAAAAAA{}AZDO{}",
            r.alnum(47),
            r.alnum(6),
            r.chars("ABCDEFGHIJKLMNOP", 4),
            STANDARD.encode(r.bytes(3)).replace(['+', '/'], "x")
        )
    }),
];
