//! AWS in JSON: the type stands in a header, in `__type` or in `code`.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text};

/// Reads `{"__type":"ns#ValidationException","message":"…"}` and bodies beside `x-amzn-ErrorType`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let header = source.answer.header("x-amzn-errortype");
    let is_by_id = source.has_header("x-amzn-requestid") && (top.is_text("message") || top.is_text("Message"));
    let is_own = header.is_some() || top.is_text("__type") || (is_by_id && !top.has("error") && !top.has("errors"));
    if !is_own || !source.is_failure() {
        return None;
    }
    let mut read = Reading::new("aws");
    let codes = [header.map(str::to_owned), top.text("code"), top.text("Code"), top.text("__type")];
    read.code = reading::code(source.answer.status, codes.map(|code| code.map(|code| bare(&code).to_owned())));
    read.message = top.text("message").or_else(|| top.text("Message"));
    let lists = ["fieldList", "fields"].iter().find_map(|name| top.list(name));
    for field in lists.into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| field.get(name).and_then(filled_text);
        read.fields.add_some(said("path").or_else(|| said("name")), said("message"), Stated::Nowhere);
    }
    Some(read)
}

/// The name alone. Shape of what comes in: `com.amazon.coral.validate#ValidationException:http://…`.
fn bare(code: &str) -> &str {
    let named = code.split_once(':').map_or(code, |(name, _)| name);
    named.rsplit_once('#').map_or(named, |(_, name)| name).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespace_and_address_are_left_out() {
        assert_eq!(bare("com.amazonaws.dynamodb.v20120810#ResourceNotFound"), "ResourceNotFound");
        assert_eq!(bare("ValidationException:http://internal.example/coral/#x"), "ValidationException");
        assert_eq!(bare("FooError:http://internal.example/"), "FooError");
        assert_eq!(bare("aws#Foo:http://x/"), "Foo");
    }
}
