//! A diagnosis without the secrets of the answer and the request it was made from.

use crate::diagnosis::{Diagnosis, DiagnosisInput};
use crate::exchange::decode;
use crate::secret::{Redactor, Rules};

/// A kept name: what stands under it is exempt from the redactor's name rules, but not from well-known token formats.
const KEPT_NAME: &str = "x-request-id";

/// Removes secrets from a diagnosis before it is printed; returns it with the answer's body, redacted too.
///
/// Spans are left alone: they refer to the payload as given. Paths, codes and ids are kept but for what is a token by
/// its form; sentences also lose every value that the request or the answer holds under a secret name.
pub(super) fn redacted(diagnosis: Diagnosis, input: &DiagnosisInput<'_>) -> (Diagnosis, String) {
    redacted_with(diagnosis, input, &[])
}

/// The same where the headers that were sent are known with their values.
pub(super) fn redacted_with(
    diagnosis: Diagnosis,
    input: &DiagnosisInput<'_>,
    sent_headers: &[(String, String)],
) -> (Diagnosis, String) {
    let mut redactor = Redactor::new(Rules::built_in(), Vec::new());
    for (name, value) in sent_headers {
        redactor.header(name, value);
    }
    let body = learn(&mut redactor, input);
    // Paths name what is secret; a value that happens to read like one must not take the name away.
    let mut names = Redactor::new(Rules::built_in(), Vec::new());
    let fields = diagnosis.fields.into_iter().map(|mut field| {
        field.path = names.header(KEPT_NAME, &field.path);
        field.nearest = field.nearest.map(|name| names.header(KEPT_NAME, &name));
        field.nearest_above = field.nearest_above.map(|name| names.header(KEPT_NAME, &name));
        field.found_as = field.found_as.map(|name| names.header(KEPT_NAME, &name));
        field.reason = field.reason.map(|reason| redactor.json_text(&reason));
        field
    });
    let fields = fields.collect();
    let actions = diagnosis.actions.into_iter().map(|mut action| {
        action.label = names.text(&action.label);
        action
    });
    let actions = actions.collect();
    let mut id = |mut id: crate::envelope::RequestId| {
        id.value = redactor.header(KEPT_NAME, &id.value);
        id
    };
    let request_id = diagnosis.request_id.map(&mut id);
    let other_ids = diagnosis.other_ids.into_iter().map(&mut id).collect();
    let redacted = Diagnosis {
        code: diagnosis.code.map(|code| names.header(KEPT_NAME, &code)),
        message: diagnosis.message.map(|message| redactor.json_text(&message)),
        doc_url: diagnosis.doc_url.map(|url| redactor.url(&url)),
        fields,
        request_id,
        other_ids,
        actions,
        ..diagnosis
    };
    (redacted, body)
}

/// Shows the redactor everything that names its secrets; returns the redacted body.
fn learn(redactor: &mut Redactor, input: &DiagnosisInput<'_>) -> String {
    for (name, value) in input.headers {
        redactor.header(name, value);
    }
    if let Some(url) = input.url {
        redactor.url(url);
    }
    if let Some(payload) = input.payload {
        redactor.body_edits(payload, None);
    }
    let content_type = input.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let content_type = content_type.map(|(_, value)| value.as_str());
    redactor.body(&decode(input.body, content_type).text, content_type)
}
