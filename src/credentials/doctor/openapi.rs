//! Which scopes an OpenAPI document asks for at one operation.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::needs::scope;

/// The most alternatives that are read.
const ALTERNATIVES_MAX: usize = 32;

/// The sets of scopes of which one is enough, by the operation's `security` or else the document's.
///
/// Only what the schemes oauth2 and openIdConnect ask for counts; an alternative without either is left out. Empty
/// where the document does not know the operation or asks for no scope.
/// Source: OpenAPI 3.1, Security Requirement Object and path templating.
pub fn needed_scopes(document: &Value, method: &str, path: &str) -> Vec<Vec<String>> {
    let Some(operation) = operation(document, method, path) else { return Vec::new() };
    let security = operation.get("security").or_else(|| document.get("security")).and_then(Value::as_array);
    let alternatives = security.into_iter().flatten().take(ALTERNATIVES_MAX).filter_map(Value::as_object);
    let found = alternatives.filter_map(|alternative| {
        let oauth: Vec<&Value> =
            alternative.iter().filter(|(name, _)| is_oauth(document, name)).map(|(_, scopes)| scopes).collect();
        let scopes = oauth.iter().filter_map(|scopes| scopes.as_array()).flatten();
        let scopes: Vec<String> = scopes.filter_map(Value::as_str).filter_map(scope).collect();
        (!oauth.is_empty()).then_some(scopes)
    });
    let found: Vec<Vec<String>> = found.collect();
    // Where one alternative asks for nothing, nothing is needed.
    if found.iter().any(Vec::is_empty) { Vec::new() } else { found }
}

/// Whether a scheme has scopes.
fn is_oauth(document: &Value, name: &str) -> bool {
    let schemes = document.pointer("/components/securitySchemes");
    let scheme = schemes.and_then(|schemes| schemes.get(name));
    // One step to another scheme of the same document; what points further away is not known here.
    let target = scheme.and_then(|scheme| scheme.get("$ref")).and_then(Value::as_str);
    let scheme = match target {
        Some(target) => target.strip_prefix('#').and_then(|pointer| document.pointer(pointer)),
        None => scheme,
    };
    let kind = scheme.and_then(|scheme| scheme.get("type")).and_then(Value::as_str);
    matches!(kind, Some("oauth2" | "openIdConnect"))
}

/// The operation that answers there: the template that names parts itself the earliest wins, as OpenAPI has it.
fn operation<'a>(document: &'a Value, method: &str, path: &str) -> Option<&'a Value> {
    let paths = document.get("paths")?.as_object()?;
    let method = method.to_ascii_lowercase();
    let bases = document.get("servers").and_then(Value::as_array).into_iter().flatten().filter_map(base_path);
    // The path may be given whole, while templates stand behind the path of a server.
    let candidates: Vec<String> = std::iter::once(path.to_owned())
        .chain(bases.filter_map(|base| Some(path.strip_prefix(&base)?.into())))
        .collect();
    let matching = candidates
        .iter()
        .flat_map(|path| paths.iter().filter_map(move |(template, item)| Some((literal_parts(template, path)?, item))));
    let item = matching.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, item)| item)?;
    item.get(&method).or_else(|| item.get("get").filter(|_| method == "head"))
}

/// The path of a server's address, without a slash at its end; none for the root.
fn base_path(server: &Value) -> Option<String> {
    let url = server.get("url").and_then(Value::as_str)?;
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        None => url,
    };
    let path = path.trim_end_matches('/');
    (path.starts_with('/')).then(|| path.to_owned())
}

/// Which parts of the path the template names itself, in order; none where it is another path.
fn literal_parts(template: &str, path: &str) -> Option<Vec<bool>> {
    let mut templates = template.split('/');
    let mut parts = path.split('/');
    let mut literal = Vec::new();
    loop {
        match (templates.next(), parts.next()) {
            (None, None) => return Some(literal),
            (Some(template), Some(part)) => literal.push(matches_part(template, part)?),
            _ => return None,
        }
    }
}

/// Whether the template names that part of the path itself; none where it does not match.
fn matches_part(template: &str, part: &str) -> Option<bool> {
    let part = percent_decode_str(part).decode_utf8_lossy();
    let Some((before, rest)) = template.split_once('{') else { return (template == part).then_some(true) };
    // Shape: `{id}`, `{id}.json`, `{from}..{to}`; text between two names only has to come in order.
    let mut left = part.strip_prefix(before)?;
    let mut rest = rest;
    loop {
        let (_, behind) = rest.split_once('}')?;
        match behind.split_once('{') {
            Some((between, next)) => {
                let at = left.get(1..)?.find(between)? + 1;
                left = left.get(at + between.len()..)?;
                rest = next;
            }
            None => return left.strip_suffix(behind).filter(|value| !value.is_empty()).map(|_| false),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "servers": [{"url": "https://api.example.com/api/"}, {"url": "/v2"}],
            "security": [{"OAuth": ["root"]}],
            "components": {"securitySchemes": {
                "OAuth": {"type": "oauth2"}, "Oidc": {"$ref": "#/components/securitySchemes/OAuth"},
                "Key": {"type": "http", "scheme": "bearer"}
            }},
            "paths": {
                "/posts": {"get": {}, "post": {"security": [{"OAuth": ["w"], "Key": ["no"]}, {"Oidc": ["a", "b"]}]}},
                "/posts/{id}": {"get": {"security": [{"OAuth": ["one"]}]}},
                "/posts/mine": {"get": {"security": [{"OAuth": ["mine"]}]}},
                "/files/{name}.{type}": {"get": {"security": [{"OAuth": ["file"]}]}},
                "/open": {"get": {"security": []}, "put": {"security": [{}, {"OAuth": []}]}},
                "/key": {"get": {"security": [{"Key": []}, {"OAuth": ["k"]}]}}
            }
        })
    }

    #[test]
    fn the_operation_or_the_document_says_what_is_needed() {
        let document = document();
        let needs = |method, path| needed_scopes(&document, method, path);
        assert_eq!(needs("POST", "/posts"), [vec!["w".to_owned()], vec!["a".into(), "b".into()]]);
        assert_eq!(needs("get", "/posts"), [["root"]]);
        assert_eq!(needs("HEAD", "/posts/7"), [["one"]]);
        assert_eq!(needs("GET", "/posts/mine"), [["mine"]]);
        assert_eq!(needs("GET", "/api/posts/7%2F8"), [["one"]]);
        assert_eq!(needs("GET", "/v2/posts/mine"), [["mine"]]);
        assert_eq!(needs("GET", "/files/a.b.txt"), [["file"]]);
        assert_eq!(needs("GET", "/key"), [["k"]]);
        for (method, path) in [
            ("GET", "/open"),
            ("PUT", "/open"),
            ("DELETE", "/posts"),
            ("GET", "/posts/"),
            ("GET", "/files/a"),
            ("", ""),
        ] {
            assert_eq!(needs(method, path), Vec::<Vec<String>>::new(), "{method} {path}");
        }
    }

    #[test]
    fn a_document_of_any_other_shape_says_nothing() {
        for document in [json!(null), json!([]), json!({"paths": []}), json!({"paths": {"/": 1}, "security": {}})] {
            assert_eq!(needed_scopes(&document, "GET", "/"), Vec::<Vec<String>>::new());
        }
    }
}
