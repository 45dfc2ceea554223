//! Documents of awkward but innocent values: error envelopes, long digits, images, cursors, hashes, weather, prices.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::clean::{cursor, id, number, ulid, words};
use super::clean_apis::Maker;
use super::rng::Rng;

/// The makers of this file.
pub(crate) const ALL: [Maker; 12] = [
    ("error envelopes", errors),
    ("odd values", odd),
    ("images and styles", images),
    ("weather", weather),
    ("prices", prices),
    ("people", people),
    ("deployments", deployments),
    ("metrics", metrics),
    ("OAuth errors", oauth_errors),
    ("calendar", calendar),
    ("search hits", hits),
    ("digits", digits),
];

fn list(n: usize, rng: &mut Rng, make: impl Fn(&mut Rng) -> Value) -> Value {
    Value::Array((0..n).map(|_| make(rng)).collect())
}

/// Messages that speak of passwords and tokens, and hold none.
const MESSAGES: [&str; 14] = [
    "password must be at least 8 characters",
    "The token has expired.",
    "Missing Authorization header",
    "Your API key is missing the scope orders:write",
    "Invalid CSRF token. Reload the page and try again.",
    "The secret could not be found in the vault.",
    "Password and confirmation do not match",
    "No API key provided. Set it in the Authorization header using Bearer auth.",
    "Unexpected token < in JSON at position 0",
    "maximum context length is 8192 tokens",
    "client_secret is required",
    "The refresh token is invalid, expired or revoked.",
    "session cookie was not sent",
    "the private key does not match the certificate",
];

fn errors(rng: &mut Rng) -> Value {
    json!({"error": {"code": rng.pick(&["invalid_token", "password_too_short", "missing_api_key", "secret_not_found"]), "type": "invalid_request_error",
        "message": rng.pick(&MESSAGES), "param": rng.pick(&["password", "token", "api_key", "client_secret"]), "doc_url": "https://docs.example.com/errors#token"},
        "errors": list(8, rng, |r| json!({"field": r.pick(&["password", "user.password", "apiKey", "credentials.secret"]), "message": r.pick(&MESSAGES), "code": "too_short", "minimum": r.range(1, 20)})),
        "request_id": format!("req_{}", rng.alnum(24)), "trace_id": rng.hex(32), "timestamp": rng.instant(), "path": "/v1/password/reset", "status": 422})
}

fn odd(rng: &mut Rng) -> Value {
    json!({"items": list(10, rng, |r| json!({"uuid": r.uuid(), "ulid": ulid(r), "sha": r.hex(40), "sha256": r.hex(64), "md5": r.hex(32), "version": format!("{}.{}.{}", r.below(9), r.below(30), r.below(99)),
        "ip": format!("192.0.2.{}", r.below(255)), "ipv6": format!("2001:db8::{}:{}", r.hex(4), r.hex(4)), "mac": format!("02:00:5e:{}:{}:{}", r.hex(2), r.hex(2), r.hex(2)),
        "email": format!("{}@example.org", r.pick(&["ada", "grace", "linus", "margaret"])), "code": r.pick(&["CH", "OK", "E17", "out_of_stock"]), "state": r.pick(&["open", "TX", "pending"]),
        "key": r.pick(&["color", "SHOP-12", "name", "c-minor"]), "author": "Ada Lovelace", "tokens": number(4, r), "session": "morning", "cursor": cursor(r)}))})
}

fn images(rng: &mut Rng) -> Value {
    json!({"assets": list(4, rng, |r| json!({"name": "logo.png", "src": format!("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{}", STANDARD.encode(r.bytes(240))),
        "css": format!(".token-{} {{ color: #{}; background: url(/img/key.svg); margin: 0 {}px }}", r.below(99), r.hex(6), r.below(40)),
        "html": "<label for=\"password\">Password</label><input type=\"password\" id=\"password\" autocomplete=\"new-password\">",
        "integrity": format!("sha384-{}", STANDARD.encode(r.bytes(48))), "svg": format!("<svg><path d=\"M{} {}L{} {}\"/></svg>", r.below(99), r.below(99), r.below(99), r.below(99)),
        "width": r.range(10, 4000), "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}))})
}

fn weather(rng: &mut Rng) -> Value {
    json!({"city": {"id": number(7, rng), "coord": {"lat": 47.0505, "lon": 8.3064}, "timezone": 7200}, "list": list(12, rng, |r| json!({"dt": number(10, r), "dt_txt": r.instant(),
        "main": {"temp": r.below(4000) as f64 / 100.0, "pressure": number(4, r), "humidity": r.below(100)}, "wind": {"speed": r.below(900) as f64 / 100.0, "deg": r.below(360)}, "weather": [{"id": 803, "main": "Clouds", "icon": "04d"}]}))})
}

fn prices(rng: &mut Rng) -> Value {
    json!({"quotes": list(14, rng, |r| json!({"symbol": r.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4), "isin_like": format!("REF{}", r.digits(6)), "price": r.below(900_000) as f64 / 100.0,
        "change": -0.25, "volume": number(9, r), "time": number(13, r), "currency": "USD", "display": format!("$1,{}.{}", r.digits(3), r.digits(2))}))})
}

fn people(rng: &mut Rng) -> Value {
    json!({"data": list(9, rng, |r| json!({"id": number(8, r), "firstName": "Grace", "lastName": "Hopper", "phone": format!("(555) {}-{}", r.digits(3), r.digits(4)), "mobile": format!("+49 151 {}", r.digits(8)),
        "birthDate": "1906-12-09", "passwordLastChanged": r.instant(), "passwordExpiresInDays": r.below(90), "passwordLabel": "Password", "mfaEnabled": true,
        "keyboard": "de-CH", "secretary": "Ada", "authorId": number(6, r), "tokenLimit": number(5, r), "apiKeyCount": r.below(7), "lastIp": format!("203.0.113.{}", r.below(255))})),
        "paging": {"next": {"after": cursor(rng), "link": "https://api.example.com/people?after=p2"}}})
}

fn deployments(rng: &mut Rng) -> Value {
    json!({"deployments": list(7, rng, |r| json!({"uid": format!("dpl_{}", r.alnum(28)), "name": "shop", "url": format!("shop-{}.example.app", r.chars("abcdefghijkmnpqrstuvwxyz23456789", 9)), "created": number(13, r),
        "meta": {"gitCommitSha": r.hex(40), "gitCommitMessage": words(7, r), "gitCommitRef": "feature/api-key-page"}, "image": format!("ghcr.io/acme/shop@sha256:{}", r.hex(64)), "etag": format!("W/{}", r.hex(32))}))})
}

fn metrics(rng: &mut Rng) -> Value {
    json!({"status": "success", "data": {"resultType": "matrix", "result": list(6, rng, |r| json!({"metric": {"__name__": "auth_token_requests_total", "instance": format!("10.1.2.{}:9090", r.below(255)), "job": "password-reset"},
        "values": [[number(10, r), r.digits(4)], [number(10, r), r.digits(4)], [number(10, r), format!("{}.{}", r.digits(2), r.digits(5))]]}))}})
}

fn oauth_errors(rng: &mut Rng) -> Value {
    json!({"attempts": list(8, rng, |r| json!({"error": r.pick(&["invalid_grant", "invalid_client", "unsupported_grant_type"]), "error_description": r.pick(&MESSAGES), "grant_type": r.pick(&["password", "client_credentials", "authorization_code"]),
        "token_type": "Bearer", "expires_in": number(4, r), "scope": "openid profile offline_access", "token_endpoint_auth_method": "client_secret_basic", "error_codes": [number(6, r)], "correlation_id": r.uuid(), "timestamp": r.instant()}))})
}

fn calendar(rng: &mut Rng) -> Value {
    json!({"kind": "calendar#events", "etag": format!("p32{}", rng.alnum(12)), "items": list(7, rng, |r| json!({"id": r.chars("abcdefghijklmnopqrstuv0123456789", 26), "iCalUID": format!("{}@google.com", r.chars("abcdefghijklmnopqrstuv0123456789", 26)),
        "summary": words(5, r), "start": {"dateTime": r.instant(), "timeZone": "Europe/Zurich"}, "end": {"dateTime": r.instant()}, "sequence": r.below(5), "location": "Lucerne, Station 4"}))})
}

fn hits(rng: &mut Rng) -> Value {
    json!({"took": rng.below(90), "hits": {"total": {"value": 91, "relation": "eq"}, "max_score": 7.25, "hits": list(7, rng, |r| json!({"_index": "articles-2026.03", "_id": r.alnum(20), "_score": r.below(800) as f64 / 113.0,
        "_source": {"title": words(6, r), "body": words(30, r), "slug": "how-to-reset-a-password", "isbn": "978-3-16-148410-1", "published": r.instant()}}))}})
}

fn digits(rng: &mut Rng) -> Value {
    json!({"orders": list(12, rng, |r| json!({"order_number": id(16, r), "numeric_id": number(16, r), "snowflake": id(18, r), "tracking": format!("1Z{}", r.chars("ABCDEFGHJKLMNPRSTUVWXY0123456789", 16)), "barcode": id(13, r),
        "epoch_ms": number(13, r), "epoch_us": id(16, r), "invoice": format!("2026-{}-{}", r.digits(4), r.digits(4)), "grouped": format!("{} {} {}", r.digits(3), r.digits(3), r.digits(3))}))})
}
