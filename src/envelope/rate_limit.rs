//! What an answer says of rate limits: how much is granted, left and used, and until when.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Answer;
use super::body::{Body, scalar_text};
use super::moment::{self, decimal};
use super::quota_policy::{Policy, limit_and_policies, policies, service_limits, take_window, untold};
use super::rate_limit_names::{Family, Moment, NAMES, Window};
use super::usage_header::usage;
use crate::exchange::decode;
use crate::text::Document;

/// What is counted, where nothing tells.
pub(super) const UNKNOWN_UNIT: &str = "unknown";

/// The most readings of one answer; no API has as many windows.
pub(super) const MAX_READINGS: usize = 32;

/// The longest text kept of a foreign value, in characters.
const MAX_VALUE_CHARS: usize = 256;

/// One window of a rate limit, as far as the answer tells; nothing is worked out from the other figures.
///
/// *Secrets*: possibly; values are as the answer has them.
/// *Source*: `assets/standards/rate_limits.toml` names the families and where they write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Whose way of telling it is. Shape: `ietf`, `github`, `generic`.
    pub family: String,
    /// Which window: a policy, a bucket, or what it counts; none where there is but one. Shape: `tokens`, `daily`.
    pub name: Option<String>,
    /// How much the window grants, in `unit`.
    pub limit: Option<f64>,
    /// How much is left of it, in `unit`.
    pub remaining: Option<f64>,
    /// How much is used of it, in `unit`.
    pub used: Option<f64>,
    /// What is counted, `unknown` where nothing tells. Shape: `requests`, `tokens`, `percent`, `points`, `content-bytes`.
    pub unit: String,
    /// When the window begins again, in seconds from the answer's `Date`, else from now; 0 for what has passed.
    pub reset_s: Option<f64>,
    /// How long the window lasts, in seconds.
    pub window_s: Option<f64>,
    /// Every value it was read from, by header name in lower case or JSON Pointer into the body.
    ///
    /// A value is exactly what came, also where it could not be read; a very long one ends in `…`.
    pub raw: Vec<(String, String)>,
}

/// Every rate limit that an answer tells of, at most 32; `now` stands in for the answer's `Date` where it has none.
pub fn rate_limits(answer: &Answer<'_>, now: Timestamp) -> Vec<RateLimit> {
    let text = decode(answer.body, answer.header("content-type")).text;
    readings(answer, &Body::sort(answer, &text), moment::base(answer, now))
}

/// Whether the answer itself says that sending again makes sense; none if it does not say.
pub fn should_retry(answer: &Answer<'_>) -> Option<bool> {
    let said = NAMES.should_retry.iter().filter_map(|name| answer.header(name));
    said.map(str::to_ascii_lowercase).find_map(|value| value.parse().ok())
}

/// The same for a body that is sorted already; times count from `base`.
pub(super) fn readings(answer: &Answer<'_>, body: &Body<'_>, base: Timestamp) -> Vec<RateLimit> {
    let document = if let Body::Json(document) = body { Some(document) } else { None };
    let mut source = Source { answer, document, base, taken: Vec::new() };
    let mut readings = Vec::new();
    for family in &NAMES.families {
        if family.when.is_empty() || family.when.iter().any(|name| answer.header(name).is_some()) {
            source.read_family(family, &mut readings);
        }
    }
    readings.truncate(MAX_READINGS);
    readings
}

/// At most so much of a foreign text as is kept.
pub(super) fn bounded(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_CHARS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_VALUE_CHARS - 1).chain(['…']).collect(),
    }
}

/// An answer that is read family by family.
struct Source<'a, 'd> {
    answer: &'a Answer<'a>,
    document: Option<&'a Document<'d>>,
    base: Timestamp,
    /// Places that a family has read, so that a less certain one leaves them alone.
    taken: Vec<String>,
}

impl Source<'_, '_> {
    fn read_family(&mut self, family: &Family, readings: &mut Vec<RateLimit>) {
        let begin = readings.len();
        let blank = RateLimit {
            family: family.name.clone(),
            name: None,
            limit: None,
            remaining: None,
            used: None,
            unit: family.unit_of(None).to_owned(),
            reset_s: None,
            window_s: None,
            raw: Vec::new(),
        };
        let mut granted: Vec<Policy> =
            family.policies.iter().flat_map(|header| policies(self.answer, header)).collect();
        if let Some(header) = &family.service {
            readings.extend(service_limits(self.answer, header, blank.clone(), &mut granted));
        }
        for rule in &family.usage {
            readings.extend(self.value(&rule.header).iter().flat_map(|value| usage(rule, value, &blank, self.base)));
        }
        self.take(readings, begin);
        for window in &family.windows {
            let begin = readings.len();
            if let Some(header) = &window.remaining_entries {
                readings.extend(self.entries(header, window, &blank));
            }
            for name in self.names(window) {
                readings.extend(self.window(family, window, name.as_deref(), &blank, &mut granted));
            }
            self.take(readings, begin);
        }
        let rest = untold(granted, readings.get(begin..).unwrap_or_default(), &blank);
        readings.extend(rest);
    }

    /// Remembers what the readings from `begin` on were read from.
    fn take(&mut self, readings: &[RateLimit], begin: usize) {
        self.taken.extend(readings.iter().skip(begin).flat_map(|reading| &reading.raw).map(|(place, _)| place.clone()));
    }

    /// The window's figures; none if not one of them is there.
    fn window(
        &self,
        family: &Family,
        window: &Window,
        name: Option<&str>,
        blank: &RateLimit,
        granted: &mut Vec<Policy>,
    ) -> Option<RateLimit> {
        let named = |place: &str| place.replace('*', name.unwrap_or("*"));
        let mut raw = Vec::new();
        let mut value = |place: &String| {
            let place = named(place);
            let value = self.value(&place)?;
            raw.push((place, bounded(&value)));
            Some(value)
        };
        let told_name = window.name_at.as_ref().and_then(&mut value);
        let limit = window.limit.as_ref().and_then(|place| Some((place, value(place)?)));
        let remaining = window.remaining.as_ref().and_then(&mut value);
        let used = window.used.as_ref().and_then(&mut value);
        let ratio = window.used_of_limit.as_ref().and_then(&mut value);
        let mut seconds = |moment: &Moment| moment::seconds(&value(&moment.at)?, &moment.units, self.base);
        // All of them are shown, the first that can be read counts.
        let resets: Vec<Option<f64>> = window.resets.iter().map(&mut seconds).collect();
        let length_s = window.window.as_ref().and_then(&mut seconds);
        for place in &window.also {
            value(place);
        }
        if raw.is_empty() {
            return None;
        }
        let name = told_name.as_deref().or(window.name.as_deref()).or(name).map(bounded);
        let mut reading = RateLimit {
            limit: limit.as_ref().and_then(|(_, value)| decimal(value)),
            remaining: remaining.as_deref().and_then(decimal),
            used: used.as_deref().and_then(decimal),
            unit: window.unit.as_deref().unwrap_or_else(|| family.unit_of(name.as_deref())).to_owned(),
            reset_s: resets.into_iter().flatten().next(),
            window_s: window.window_s.or(length_s),
            name,
            raw,
            ..blank.clone()
        };
        if let Some((place, value)) = limit.filter(|_| reading.limit.is_none()) {
            let (limit, beside) = limit_and_policies(&value, &named(place));
            reading.limit = limit;
            granted.extend(beside);
        }
        if let Some((used, limit)) = ratio.as_deref().and_then(|ratio| ratio.split_once('/')) {
            reading.used = decimal(used);
            reading.limit = decimal(limit);
        }
        take_window(&mut reading, granted);
        Some(reading)
    }

    /// A reading an entry. Shape: `Microsoft.Compute/PutVM3Min;239,Microsoft.Compute/PutVM30Min;1198`.
    fn entries(&self, header: &str, window: &Window, blank: &RateLimit) -> Vec<RateLimit> {
        let lines = self.answer.header_values(header).flat_map(|line| line.split(','));
        let entries = lines.map(str::trim).filter(|entry| !entry.is_empty()).take(MAX_READINGS);
        let reading = |entry: &str| {
            let (name, remaining) = entry.rsplit_once(';').unzip();
            RateLimit {
                name: name.map(|name| bounded(name.trim())),
                remaining: remaining.and_then(decimal),
                unit: window.unit.clone().unwrap_or_else(|| blank.unit.clone()),
                raw: vec![(header.to_owned(), bounded(entry))],
                ..blank.clone()
            }
        };
        entries.map(reading).collect()
    }

    /// The names under which the answer has the window; one that is none for a window whose places hold no name.
    fn names(&self, window: &Window) -> Vec<Option<String>> {
        if window.patterns().next().is_none() {
            return vec![None];
        }
        let mut names = Vec::new();
        for (header, _) in self.answer.headers {
            let header = header.to_ascii_lowercase();
            if self.taken.contains(&header) {
                continue;
            }
            for (before, behind) in window.patterns() {
                let name = header.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
                let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
                let is_known = name.as_ref().is_some_and(|name| window.names.is_empty() || window.names.contains(name));
                if is_known && !names.contains(&name) && names.len() < MAX_READINGS {
                    names.push(name);
                }
            }
        }
        names
    }

    /// The first value at a place, unless a family has read it already.
    fn value(&self, place: &str) -> Option<Cow<'_, str>> {
        if self.taken.iter().any(|taken| taken == place) {
            return None;
        }
        if place.starts_with('/') {
            return self.document?.at_pointer(place).and_then(scalar_text).map(Cow::Owned);
        }
        self.answer.header(place).map(Cow::Borrowed)
    }
}

#[cfg(test)]
#[path = "rate_limit_tests.rs"]
mod tests;
