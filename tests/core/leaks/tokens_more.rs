//! Tokens of further vendors with a documented form.
//!
//! Left out, since the vendor documents no form by which a stranger could tell them: Heroku (the prefix HRKU-AA stands
//! in a change log, the length nowhere), Okta (`00` and 40 characters), Fastly, Datadog, Algolia, Asana, Zendesk, Facebook.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::rng::{ALNUM, LOWER, UPPER, URL64};
use super::tokens::{Format, after, crc32, hex_after};

/// Bech32 (BIP 173) of `data` in five-bit groups.
fn bech32(prefix: &str, bytes: &[u8]) -> String {
    const SET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mut groups: Vec<u8> = Vec::new();
    let (mut held, mut bits) = (0u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            groups.push(((held >> bits) & 31) as u8);
        }
    }
    if bits > 0 {
        groups.push(((held << (5 - bits)) & 31) as u8);
    }
    let step = |check: u32, value: u8| {
        let top = check >> 25;
        let next = ((check & 0x01ff_ffff) << 5) ^ u32::from(value);
        [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            .into_iter()
            .enumerate()
            .fold(next, |sum, (i, poly)| if (top >> i) & 1 == 1 { sum ^ poly } else { sum })
    };
    let human = prefix.bytes().map(|b| b >> 5).chain([0]).chain(prefix.bytes().map(|b| b & 31));
    let check = human.chain(groups.iter().copied()).chain([0; 6]).fold(1, step) ^ 1;
    groups.extend((0..6).map(|i| ((check >> (5 * (5 - i))) & 31) as u8));
    format!("{prefix}1{}", groups.iter().map(|g| char::from(SET[*g as usize])).collect::<String>())
}

/// The formats of this file.
pub(crate) const FORMATS: [Format; 58] = [
    // Databricks, "Personal access token authentication": dapi and 32 hexadecimal digits.
    ("Databricks PAT", |r| hex_after("dapi", 32, r)),
    ("Databricks PAT with suffix", |r| format!("dapi{}-2", r.hex(32))),
    // Linear, "Getting started: personal API keys" (prefix).
    ("Linear API key", |r| after("lin_api_", ALNUM, 40, r)),
    ("Linear OAuth token", |r| hex_after("lin_oauth_", 64, r)),
    // Notion, "Authentication" and the change log on the prefix ntn_.
    ("Notion token", |r| format!("ntn_{}{}", r.digits(11), r.alnum(35))),
    ("Notion token, old form", |r| after("secret_", ALNUM, 43, r)),
    // Postman, "Generate and use Postman API keys".
    ("Postman key", |r| format!("PMAK-{}-{}", r.hex(24), r.hex(34))),
    // New Relic, "New Relic API keys".
    ("New Relic user key", |r| after("NRAK-", UPPER, 27, r)),
    ("New Relic licence key", |r| format!("{}FFFFNRAL", r.hex(32))),
    ("New Relic insert key", |r| format!("NRII-{}", r.chars(URL64, 32))),
    // Grafana, "Service account tokens": 32 characters and a CRC-32 in hexadecimal (what it covers is not described).
    ("Grafana service account token", |r| {
        let body = after("glsa_", ALNUM, 32, r);
        format!("{body}_{:08x}", crc32(body.as_bytes()))
    }),
    ("Grafana Cloud policy token", |r| {
        let (name, key) = (r.alnum(8), r.alnum(24));
        format!(
            "glc_{}",
            STANDARD.encode(format!(
                "{{\"o\":\"{}\",\"n\":\"stack-{name}\",\"k\":\"{key}\",\"m\":{{\"r\":\"eu\"}}}}",
                r.digits(6)
            ))
        )
    }),
    // HashiCorp, "Vault: tokens" and "HCP Terraform: API tokens".
    ("Vault service token", |r| after("hvs.CAESI", URL64, 95, r)),
    ("Vault batch token", |r| after("hvb.AAAAAQ", URL64, 140, r)),
    ("Vault old service token", |r| after("s.", ALNUM, 24, r)),
    ("Terraform Cloud token", |r| format!("{}.atlasv1.{}", r.alnum(14), r.alnum(67))),
    // Doppler, "Auth token formats".
    ("Doppler personal token", |r| after("dp.pt.", ALNUM, 43, r)),
    ("Doppler service token", |r| format!("dp.st.prd.{}", r.alnum(43))),
    ("Doppler CLI token", |r| after("dp.ct.", ALNUM, 43, r)),
    ("Doppler service account token", |r| after("dp.sa.", ALNUM, 43, r)),
    // Dropbox, "OAuth guide": short-lived tokens begin with sl.
    ("Dropbox short-lived token", |r| format!("sl.u.A{}", r.chars(URL64, 140))),
    // Cloudflare, "Token formats": 40 characters and a check sum (its length is not stated; eight hexadecimal digits here).
    ("Cloudflare user token", |r| format!("cfut_{}{}", r.alnum(40), r.hex(8))),
    ("Cloudflare account token", |r| format!("cfat_{}{}", r.alnum(40), r.hex(8))),
    ("Cloudflare global key", |r| format!("cfk_{}{}", r.alnum(40), r.hex(8))),
    // Sentry, "Auth tokens" and RFC 91 of its engineers.
    ("Sentry organisation token", |r| {
        let facts = format!(
            "{{\"iat\":17{}.5,\"url\":\"https://sentry.io\",\"region_url\":\"https://de.sentry.io\",\"org\":\"acme\"}}",
            r.digits(8)
        );
        let key = STANDARD_NO_PAD.encode(r.bytes(32));
        format!("sntrys_{}_{key}", STANDARD.encode(facts))
    }),
    ("Sentry user token", |r| hex_after("sntryu_", 64, r)),
    // Supabase, "Management API" and "Understanding API keys".
    ("Supabase personal token", |r| hex_after("sbp_", 40, r)),
    ("Supabase secret key", |r| format!("sb_secret_{}_{}", r.chars(URL64, 22), r.chars(URL64, 8))),
    // PlanetScale, "Secret scanning": tokens and passwords of 43 characters.
    ("PlanetScale token", |r| after("pscale_tkn_", URL64, 43, r)),
    ("PlanetScale password", |r| after("pscale_pw_", URL64, 43, r)),
    ("PlanetScale OAuth token", |r| after("pscale_oauth_", URL64, 43, r)),
    // RubyGems, "API key scopes" and its secret scanning notice: 48 hexadecimal digits.
    ("RubyGems key", |r| hex_after("rubygems_", 48, r)),
    // crates.io, source of its token generator: cio and 32 letters and digits.
    ("crates.io token", |r| after("cio", ALNUM, 32, r)),
    // NuGet, Microsoft Purview's entity definition of the NuGet API key.
    ("NuGet key", |r| after("oy2", LOWER, 43, r)),
    // Docker, "Personal access tokens" and "Organization access tokens".
    ("Docker PAT", |r| after("dckr_pat_", URL64, 27, r)),
    ("Docker organisation token", |r| after("dckr_oat_", URL64, 32, r)),
    // Figma, "Personal access tokens".
    ("Figma PAT", |r| after("figd_", URL64, 40, r)),
    // HubSpot, "Private apps": region and UUID.
    ("HubSpot private app token", |r| format!("pat-na1-{}", r.uuid())),
    // Airtable, "Personal access tokens": id, dot, 64 hexadecimal digits.
    ("Airtable PAT", |r| format!("pat{}.{}", r.alnum(14), r.hex(64))),
    // Pulumi, "Access tokens".
    ("Pulumi token", |r| hex_after("pul-", 40, r)),
    // Buildkite, "Token security: prefixes".
    ("Buildkite user token", |r| hex_after("bkua_", 40, r)),
    // SonarQube, "Managing your tokens".
    ("SonarQube user token", |r| hex_after("squ_", 40, r)),
    ("SonarQube project token", |r| hex_after("sqp_", 40, r)),
    // Tailscale, "Key prefixes".
    ("Tailscale auth key", |r| format!("tskey-auth-k{}CNTRL-{}", r.alnum(10), r.alnum(32))),
    ("Tailscale API key", |r| format!("tskey-api-k{}CNTRL-{}", r.alnum(10), r.alnum(32))),
    // Brevo, "Authentication": xkeysib, 64 hexadecimal digits, 16 characters.
    ("Brevo key", |r| format!("xkeysib-{}-{}", r.hex(64), r.alnum(16))),
    // Groq, Replicate, xAI, Perplexity: their quick starts name the prefixes.
    ("Groq key", |r| after("gsk_", ALNUM, 52, r)),
    ("Replicate token", |r| after("r8_", ALNUM, 37, r)),
    ("xAI key", |r| after("xai-", ALNUM, 80, r)),
    ("Perplexity key", |r| after("pplx-", ALNUM, 48, r)),
    // 1Password, "Service accounts security": ops_ and a base64 object.
    ("1Password service account token", |r| {
        let facts = format!(
            "{{\"signInAddress\":\"acme.1password.com\",\"userAuth\":{{\"method\":\"SRPg-4096\",\"salt\":\"{}\"}},\"secretKey\":\"A3-{}\",\"muk\":\"{}\"}}",
            r.alnum(60),
            r.chars(UPPER, 30),
            r.alnum(120)
        );
        format!("ops_{}", STANDARD_NO_PAD.encode(facts))
    }),
    // Netlify, "Get started with the API: token format"; CircleCI, "Managing API tokens".
    ("Netlify PAT", |r| after("nfp_", ALNUM, 36, r)),
    ("CircleCI personal token", |r| format!("CCIPAT_{}_{}", r.alnum(22), r.hex(40))),
    // Contentful, "Personal access tokens"; EasyPost, "Authentication".
    ("Contentful PAT", |r| after("CFPAT-", URL64, 43, r)),
    ("EasyPost production key", |r| after("EZAK", ALNUM, 54, r)),
    // age, the file format specification and README: Bech32 in upper case.
    ("age identity", |r| bech32("age-secret-key-", &r.bytes(32)).to_uppercase()),
    // Shippo, "Authentication".
    ("Shippo live token", |r| hex_after("shippo_live_", 40, r)),
    // Flutterwave, "API keys".
    ("Flutterwave secret key", |r| format!("FLWSECK-{}-X", r.hex(32))),
];
