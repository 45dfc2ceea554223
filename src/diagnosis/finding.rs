//! A blamed field with its place in the request.

use super::location::{Hit, header_in_another_style, location, names_the_payload};
use super::part::named_part;
use super::path_segment::{Told, has_quotes, quotes, told};
use super::sent::{Payload, Sent};
use super::{DiagnosisInput, FieldFinding, Location, Place, PlaceInText};
use crate::envelope::{BlamedField, Stated};
use crate::profile::Profile;
use crate::text::{Found, FoundPart, Node, find, find_one_based, graphql_token, spelled, surroundings};

/// The blamed fields with their places; the request is read only if there is a field to look for.
pub(super) fn findings(blamed: &[BlamedField], input: &DiagnosisInput<'_>, profile: &Profile) -> Vec<FieldFinding> {
    if blamed.is_empty() {
        return Vec::new();
    }
    let sent = Sent::read(input);
    let most = sent.payload.as_ref().map_or(blamed.len(), |payload| payload.most_looked_for(blamed.len()));
    let beyond = |index: usize| index >= most;
    blamed.iter().enumerate().map(|(index, field)| finding(field, &sent, input, profile, beyond(index))).collect()
}

/// A field that was found in the payload.
enum InPayload<'s, 'a> {
    /// In JSON.
    Json(Found<'s, 'a>),
    /// In a form.
    Form(FoundPart<'s, 'a>),
}

/// One blamed field with its place.
///
/// `is_beyond`: it is one of so many that it is not looked for in the payload.
fn finding(
    field: &BlamedField,
    sent: &Sent<'_>,
    input: &DiagnosisInput<'_>,
    profile: &Profile,
    is_beyond: bool,
) -> FieldFinding {
    let payload = sent.payload.as_ref().filter(|_| !is_beyond);
    let found = payload.and_then(|payload| match &payload.form {
        Some(form) => form.find(&field.path).map(InPayload::Form),
        None => find(&payload.document, &field.path).map(InPayload::Json),
    });
    let location = location(field, hit(field, payload, found.as_ref()), sent, input, profile);
    let mut finding = FieldFinding {
        path: field.path.clone(),
        location,
        reason: field.reason.clone(),
        span: None,
        within: None,
        nearest: None,
        nearest_above: None,
        found_as: None,
        one_based: None,
        text_span: None,
        place: Place::Unknown,
        token: None,
    };
    match location {
        Location::Body => match (payload, found) {
            (Some(payload), Some(found)) => in_payload(&mut finding, payload, &found),
            (Some(payload), None) => missing(&mut finding, payload),
            (None, _) => {}
        },
        Location::Whole => {
            finding.place = Place::Whole;
            if let (Some(payload), Some(InPayload::Json(found))) = (payload, found) {
                finding.span = Some(payload.place(found.node.span()));
            }
        }
        Location::Query => in_query(&mut finding, sent),
        Location::Path => {
            let name = name_in(&finding.path, Location::Path);
            if let Told::By(at) | Told::OnlyId(at) = told(&sent.path, &name, field.reason.as_deref()) {
                finding.place = Place::Path(at);
            }
        }
        Location::Header => in_headers(&mut finding, input),
        Location::Cookie => finding.place = Place::Cookie(name_in(&finding.path, Location::Cookie)),
        Location::Graphql => in_graphql(&mut finding, field.stated, payload),
        Location::Unknown => {}
    }
    finding
}

fn hit(field: &BlamedField, payload: Option<&Payload<'_>>, found: Option<&InPayload<'_, '_>>) -> Hit {
    match found {
        Some(InPayload::Json(found)) if payload.and_then(|p| p.document.root()) == Some(found.node) => Hit::Root,
        Some(InPayload::Json(Found { is_exact: true, .. }) | InPayload::Form(FoundPart { is_exact: true, .. })) => {
            Hit::Exact
        }
        Some(_) => Hit::Variant,
        // These name the whole in every spelling, also of a payload that is no JSON or not known.
        None if matches!(field.path.as_str(), "$" | "#") => Hit::Root,
        None if payload.is_some_and(|payload| payload.form.is_some()) && names_the_payload(&field.path) => Hit::Root,
        None => Hit::None,
    }
}

fn in_payload<'s, 'a>(finding: &mut FieldFinding, payload: &'s Payload<'a>, found: &InPayload<'s, 'a>) {
    match found {
        InPayload::Json(found) => {
            finding.span = Some(payload.place(found.node.span()));
            finding.place = Place::Body(found.node.pointer());
            finding.found_as = (!found.is_exact).then(|| spelled(found.node));
            finding.one_based = one_based(finding, payload, Some(found.node));
        }
        InPayload::Form(found) => {
            finding.text_span = Some(payload.place(found.part.span));
            finding.place = Place::Form(found.part.name.clone().into_owned(), found.occurrence);
            finding.found_as = (!found.is_exact).then(|| found.part.name.clone().into_owned());
        }
    }
}

/// A field that is not in the payload: where it belongs, and what was perhaps meant.
fn missing(finding: &mut FieldFinding, payload: &Payload<'_>) {
    if let Some(form) = &payload.form {
        finding.nearest = form.nearest(&finding.path);
        return;
    }
    finding.one_based = one_based(finding, payload, None);
    let around = surroundings(&payload.document, &finding.path);
    if around.is_parent {
        finding.nearest = around.nearest;
    } else {
        finding.nearest_above = around.nearest;
    }
    if let Some(within) = around.within {
        finding.within = around.is_parent.then(|| payload.place(within.span()));
        finding.place = Place::MissingIn(within.pointer());
    }
}

/// The value that is meant if the answer counts from 1: where an index is one beyond the end, or where the reason quotes
/// the value before the one that the index names.
fn one_based<'d, 't>(
    finding: &FieldFinding,
    payload: &'d Payload<'t>,
    usual: Option<Node<'d, 't>>,
) -> Option<PlaceInText> {
    // Of a value that is there only a reason that quotes another one raises a doubt.
    let reason = finding.reason.as_deref().unwrap_or_default();
    if usual.is_some() && !has_quotes(reason) {
        return None;
    }
    let other = find_one_based(&payload.document, &finding.path, usual)?.node;
    if let Some(usual) = usual {
        let is_quoted = |node: Node<'_, '_>| {
            let is_short = node.raw().len() <= reason.len();
            is_short && (quotes(reason, node.raw()) || node.as_str().is_some_and(|text| quotes(reason, &text)))
        };
        if is_quoted(usual) || !is_quoted(other) {
            return None;
        }
    }
    Some(payload.place(other.span()))
}

fn in_query(finding: &mut FieldFinding, sent: &Sent<'_>) {
    let part = named_part(&finding.path).filter(|part| part.location == Location::Query);
    let found = sent.query.find_bare(&finding.path).or_else(|| sent.query.find_bare(&part.as_ref()?.rest));
    finding.place = Place::Query(match found {
        Some(found) => {
            finding.found_as = (!found.is_exact).then(|| found.part.name.clone().into_owned());
            found.part.name.clone().into_owned()
        }
        None => part.map_or_else(|| finding.path.clone(), |part| part.name),
    });
}

fn in_headers(finding: &mut FieldFinding, input: &DiagnosisInput<'_>) {
    let name = name_in(&finding.path, Location::Header);
    let is_sent = input.request_headers.iter().any(|sent| sent.eq_ignore_ascii_case(&name));
    let other = header_in_another_style(&name, input).filter(|_| !is_sent);
    finding.found_as = other.map(str::to_owned);
    finding.place = Place::Header(other.map_or(name, str::to_owned));
}

fn in_graphql(finding: &mut FieldFinding, stated: Stated, payload: Option<&Payload<'_>>) {
    let Stated::Graphql(Some((line, column))) = stated else { return };
    finding.place = Place::Graphql(line, column);
    let Some(payload) = payload else { return };
    if let Some(span) = graphql_token(&payload.document, line, column) {
        let place = Some(payload.place(span));
        match payload.document.is_complete() {
            true => finding.span = place,
            false => finding.text_span = place,
        }
        finding.token = span.slice(payload.document.text()).map(str::to_owned);
    }
}

/// A path's name in a part of the request, without the word for the part.
fn name_in(path: &str, location: Location) -> String {
    let part = named_part(path).filter(|part| part.location == location);
    part.map_or_else(|| path.to_owned(), |part| part.name)
}
