//! Gives tokens back (RFC 7009).

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;

use super::clients::authenticate;
use super::fault::{Fault, forbid_storing};
use super::form::Form;
use super::shelf::Print;
use crate::sandbox::state::Shared;

/// Answers one request to the endpoint; a token that is not known is as good as taken back.
pub(super) fn answer(shared: &Shared, head: &Parts, body: &[u8]) -> Response {
    match take_back(shared, head, body) {
        Ok(()) => {
            let mut response = Response::new(Body::empty());
            forbid_storing(&mut response);
            response
        }
        Err(fault) => fault.answer(),
    }
}

fn take_back(shared: &Shared, head: &Parts, body: &[u8]) -> Result<(), Fault> {
    let form = Form::posted(head, body)?;
    let client = authenticate(&shared.oauth.clients, &head.headers, &form)?;
    let token = form.get("token").ok_or(Fault::request("token is missing"))?;
    // `token_type_hint` only helps to search, and both kinds are told apart without it.
    let jti = shared.oauth.signer.verify(token).map(|claims| claims.jti);
    let grants = &mut shared.lock().oauth;
    let refresh = grants.refresh.get(&Print::of(token)).map(|refresh| refresh.family);
    let access = jti.as_ref().and_then(|jti| grants.access.get(jti)).map(|access| access.family);
    let Some(family) = refresh.or(access) else { return Ok(()) };
    match grants.families.get(&family) {
        Some(owner) if owner.client != client => return Err(Fault::grant("token belongs to another client")),
        _ => {}
    }
    if refresh.is_some() {
        grants.revoke(family);
    } else if let Some(access) = jti.as_ref().and_then(|jti| grants.access.get_mut(jti)) {
        access.is_revoked = true;
    }
    Ok(())
}
