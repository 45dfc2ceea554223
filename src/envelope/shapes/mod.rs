//! Every known shape in the order asked: the most distinctive first, so that evidence decides where two would fit.

use super::declared::{built_in, of_profile};
use super::reading::Reading;
use super::source::Source;
use crate::profile::Profile;

mod anthropic;
mod aws;
mod discord;
mod fastapi;
mod google;
mod graphql;
mod hubspot;
mod jsonapi;
mod meta;
mod microsoft;
mod notion;
pub(super) mod oauth;
mod openai;
mod paypal;
mod problem;
mod salesforce;
mod shopify;
mod slack;
mod spring;
mod stripe;
mod upload_post;
mod x;
mod xml;
mod zendesk;
mod zoho;

pub(super) use xml::read as of_xml;

/// How a shape is read.
#[derive(Clone, Copy)]
enum Shape {
    /// By a function.
    Coded(fn(&Source<'_, '_, '_>) -> Option<Reading>),
    /// By the pointers of `assets/envelopes.toml`.
    Declared(&'static str),
}

use Shape::{Coded, Declared};

/// Every shape; a new one is a function and a line here, or a table in the file and a line here.
const SHAPES: [Shape; 42] = [
    // A member says outright whose it is.
    Coded(slack::read),
    Declared("kubernetes"),
    Coded(notion::read),
    Coded(anthropic::read),
    Coded(salesforce::read),
    Coded(zoho::read),
    Coded(graphql::user_errors),
    Coded(graphql::typed_result),
    // An object under `error`.
    Declared("tiktok"),
    Coded(google::read),
    Coded(meta::read),
    Declared("ably"),
    Coded(stripe::read),
    Coded(openai::read),
    Coded(microsoft::read),
    Coded(aws::read),
    // A list under `errors`.
    Declared("cloudflare"),
    Declared("square"),
    Declared("twilio"),
    Declared("ayrshare"),
    Coded(hubspot::read),
    Coded(x::read),
    Declared("github"),
    Coded(graphql::read),
    Coded(jsonapi::read),
    // Words of one API at the top.
    Coded(paypal::read),
    Declared("plaid"),
    Declared("huawei"),
    Declared("adyen"),
    Declared("linkedin"),
    Coded(discord::read),
    Coded(upload_post::read),
    Declared("upload_post"),
    // Standards and frameworks.
    Coded(problem::read),
    Coded(spring::read),
    Declared("jira"),
    Declared("laravel"),
    Coded(shopify::read),
    Coded(oauth::read),
    Coded(zendesk::read),
    Coded(fastapi::read),
    // Told by content too, where another profile is chosen.
    Declared("altyaa"),
];

/// Reads a body by the first shape that fits; the profile's own comes before all others.
pub(super) fn read(source: &Source<'_, '_, '_>, profile: &Profile) -> Option<Reading> {
    of_profile(source, profile).or_else(|| {
        SHAPES.iter().find_map(|shape| match shape {
            Coded(read) => read(source),
            Declared(name) => built_in(name, source),
        })
    })
}
