//! The endpoint of an address: its path without host and query, with `{id}` for what names a single thing.

/// The endpoint of an address or a template of one.
///
/// Shape: `https://api.example.com/v1/posts/42?page=2` and `{{base}}/v1/posts/42` are `/v1/posts/{id}`.
pub(super) fn endpoint_of(address: &str) -> String {
    let (address, _) = split_address(address);
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => match address.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
            Some((_, rest)) => rest,
            None => address,
        },
    };
    let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
    let path = parts.join("/");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// An address without its query and fragment, and the query.
pub(super) fn split_address(address: &str) -> (&str, &str) {
    // A placeholder has a `#` of its own: `‹token#1›`.
    let is_end =
        |at: usize| !address.get(..at).unwrap_or_default().rsplit('›').next().unwrap_or_default().contains('‹');
    let end = address.match_indices('#').map(|(at, _)| at).find(|at| is_end(*at)).unwrap_or(address.len());
    let address = address.get(..end).unwrap_or(address);
    address.split_once('?').unwrap_or((address, ""))
}

/// The host of an address, with its port. Shape: `127.0.0.1:4010`.
pub(super) fn host_of(address: &str) -> String {
    let Some((_, rest)) = address.split_once("://") else { return String::new() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase()
}

/// Whether a part of a path names one thing among many: a number, a UUID, a ULID, a hash, or `post_01H8…`.
fn is_id(part: &str) -> bool {
    if part.is_empty() || part.starts_with('{') {
        return false;
    }
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    if digits == part.len() || (part.contains('‹') && part.contains('›')) {
        return true;
    }
    let is_word = |text: &str, min: usize| text.len() >= min && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if digits >= 1 && part.len() >= 12 && is_hex(part) {
        return true;
    }
    let is_random = |text: &str| {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        // Letters of both cases with digits among them, or many digits: no word of an API's design.
        is_word(text, 8) && digits >= 2
    };
    is_random(part)
        || part.rsplit_once(['_', '-']).is_some_and(|(before, last)| {
            !before.is_empty()
                && (is_random(last) || (last.len() >= 4 && last.bytes().all(|byte| byte.is_ascii_digit())))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_one_endpoint() {
        for (address, endpoint) in [
            ("https://api.example.com/v1/posts/42?page=2", "/v1/posts/{id}"),
            ("{{base}}/v1/posts", "/v1/posts"),
            ("/v1/posts/post_01HZX3K8Q2/comments", "/v1/posts/{id}/comments"),
            ("https://h/v2/users/6f1f9a40-3f0b-4a52-9a61-2b7b7b0a1c11#x", "/v2/users/{id}"),
            ("https://h/01ARYZ6S41TSV4RRFFQ69G5FAV", "/{id}"),
            ("https://h/commits/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commits/{id}"),
            ("https://h/v1/{id}/fetch-latest/oauth2/invalid_request", "/v1/{id}/fetch-latest/oauth2/invalid_request"),
            ("https://h/k/‹token#1›", "/k/{id}"),
            ("https://h", "/"),
            ("", "/"),
        ] {
            assert_eq!(endpoint_of(address), endpoint, "{address}");
        }
    }

    #[test]
    fn a_host_keeps_its_port_and_nothing_of_a_user() {
        assert_eq!(host_of("http://me:x@API.example.com:4010/v1"), "api.example.com:4010");
        assert_eq!(host_of("{{base}}/v1"), "");
    }
}
