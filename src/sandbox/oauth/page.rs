//! The pages that a person sees: plain HTML without script, every value escaped.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::OauthClient;
use super::fault::forbid_storing;
use super::scope::Scopes;
use crate::sandbox::seed::WORKSPACES;
use crate::text::visible_line;

/// Characters of a foreign value that are shown.
const SHOWN_MAX: usize = 200;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;\
color:#1b1b1f;background:#fff}code{overflow-wrap:anywhere}button,input,select{font:inherit;padding:.4rem 1rem}\
@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#1b1b1f}}";

/// A foreign value as HTML text or as the value of a quoted attribute.
pub(super) fn escaped(value: &str) -> String {
    let short: String = value.chars().take(SHOWN_MAX).collect();
    let mut html = String::with_capacity(short.len());
    for character in visible_line(&short).chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A page; `main` is HTML, `form_action` is where its form may lead.
pub(super) fn page(status: StatusCode, title: &str, main: &str, form_action: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{0}</title><style>{STYLE}</style></head>\n\
         <body><main><h1>{0}</h1>\n{main}\n<p><small>Altyaa sandbox, on this machine only.</small></p></main></body>\n\
         </html>\n",
        escaped(title)
    );
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action {form_action}; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).unwrap_or(NOTHING));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A form of a page with `no-referrer` is posted with `Origin: null`, which the guard rightly takes for foreign.
    // `same-origin` tells other origins as little, and lets our own form be known as ours.
    let referrer = if form_action == "'none'" { "no-referrer" } else { "same-origin" };
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static(referrer));
    forbid_storing(&mut response);
    response
}

/// The policy of a page whose own could not be written.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A page that says what is wrong, where, and what to do.
pub(super) fn refusal(status: StatusCode, what: &str, place: &str, fix: &str) -> Response {
    let main = format!("<p>{}.</p>\n<p>At: {}</p>\n<p>{}.</p>", escaped(what), escaped(place), escaped(fix));
    page(status, "This sign-in cannot go on", &main, "'none'")
}

/// A method that a page does not have.
pub(super) fn wrong_method(path: &str) -> Response {
    let mut response = refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "The page does not have this method",
        path,
        "Open it in a browser, or post its own form",
    );
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

/// A form whose ticket is wrong, used or too old.
pub(super) fn stale(place: &str) -> Response {
    refusal(
        StatusCode::BAD_REQUEST,
        "This page was answered already, is older than ten minutes, or did not come from here",
        place,
        "Start again in the program that wants to sign in",
    )
}

/// The question with Allow and Deny.
///
/// `note` is HTML that says where the answer goes.
pub(super) fn question(
    client: &OauthClient,
    scopes: &Scopes,
    note: &str,
    action: &str,
    ticket: &str,
    form_action: &str,
) -> Response {
    let wishes: String = scopes
        .iter()
        .map(|scope| {
            let means =
                if scope == crate::sandbox::keys::READ { "read posts" } else { "create, change and delete posts" };
            format!("<li>{means} (<code>{}</code>)</li>", escaped(scope))
        })
        .collect();
    let workspaces: String =
        WORKSPACES.iter().map(|name| format!("<option value=\"{0}\">{0}</option>", escaped(name))).collect();
    let main = format!(
        "<p><strong>{}</strong> (<code>{}</code>) asks to</p>\n<ul>{wishes}</ul>\n{note}\n\
         <form method=\"post\" action=\"{action}\">\n\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\">\n\
         <p><label>Workspace <select name=\"workspace\">{workspaces}</select></label></p>\n\
         <p><button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>",
        escaped(&client.title),
        escaped(&client.id),
        escaped(ticket),
    );
    page(StatusCode::OK, "Allow access?", &main, form_action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_value_stays_text() {
        let shown = escaped("\"><script>alert('1')</script>&\u{202e}\u{0}");
        assert!(!shown.contains(['<', '>', '"', '\'', '\u{202e}', '\u{0}']), "{shown}");
        assert!(shown.starts_with("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"), "{shown}");
        assert!(escaped(&"<".repeat(100_000)).len() <= SHOWN_MAX * 4);
    }
}
