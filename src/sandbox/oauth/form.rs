//! The parameters of a query or of a posted form.

use http::request::Parts;
use http::{Method, header};
use url::form_urlencoded::parse;

use super::fault::Fault;

/// More parameters than any request of OAuth has; comparing each with each stays cheap.
const MAX_PARAMETERS: usize = 64;

/// Parameters by name; one without a value counts as left out (RFC 6749, 3.1).
#[derive(Debug)]
pub(super) struct Form {
    values: Vec<(String, String)>,
    /// Names that came more than once.
    doubled: Vec<String>,
    is_too_long: bool,
}

impl Form {
    /// Reads what is encoded as `application/x-www-form-urlencoded`.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut form = Self { values: Vec::new(), doubled: Vec::new(), is_too_long: false };
        for (count, (name, value)) in parse(bytes).enumerate() {
            if count >= MAX_PARAMETERS {
                form.is_too_long = true;
                break;
            }
            if form.values.iter().any(|(earlier, _)| *earlier == name) {
                form.doubled.push(name.into_owned());
            } else {
                form.values.push((name.into_owned(), value.into_owned()));
            }
        }
        form
    }

    /// Reads a posted form in which no parameter may come twice.
    ///
    /// *Errors*: another method or content type, parameters in the address, a doubled parameter.
    pub(super) fn posted(head: &Parts, body: &[u8]) -> Result<Self, Fault> {
        if head.method != Method::POST {
            return Err(Fault::method("POST"));
        }
        // Addresses end up in logs and histories; tokens and secrets must not.
        if head.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(Fault::request("parameters belong into the payload, not into the address"));
        }
        let mut types = head.headers.get_all(header::CONTENT_TYPE).iter();
        let is_form = types.next().and_then(|value| value.to_str().ok()).is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form || types.next().is_some() {
            return Err(Fault::request("Content-Type must be application/x-www-form-urlencoded"));
        }
        let form = Self::parse(body);
        form.check_once()?;
        Ok(form)
    }

    /// Refuses a form in which a parameter comes twice, or that has more of them than any request needs.
    pub(super) fn check_once(&self) -> Result<(), Fault> {
        match (self.doubled.first(), self.is_too_long) {
            (Some(_), _) => Err(Fault::request("a parameter is given more than once")),
            (None, true) => Err(Fault::request("there are more than 64 parameters")),
            (None, false) => Ok(()),
        }
    }

    /// The value of a parameter that came once and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        if self.doubled.iter().any(|doubled| doubled == name) {
            return None;
        }
        self.values.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_no_value_and_a_doubled_one_none_either() {
        let form = Form::parse(b"a=1+2%2B&b=&c=1&c=1&d=%F0%9F%A6%80");
        assert_eq!(
            [form.get("a"), form.get("b"), form.get("c"), form.get("d")],
            [Some("1 2+"), None, None, Some("\u{1f980}")]
        );
        assert_eq!(form.check_once().unwrap_err().error, "invalid_request");
        assert!(Form::parse(b"a=1&b=").check_once().is_ok());
        assert!(Form::parse(b"b=&b=1").check_once().is_err(), "an empty one counts too");
    }

    #[test]
    fn endless_forms_are_refused() {
        let long: String = (0..65).map(|n| format!("p{n}=1&")).collect();
        assert!(Form::parse(long.as_bytes()).check_once().is_err());
        let fits: String = (0..64).map(|n| format!("p{n}=1&")).collect();
        assert!(Form::parse(fits.as_bytes()).check_once().is_ok());
    }
}
