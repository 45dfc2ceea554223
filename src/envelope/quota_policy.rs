//! Quota policies and what is left of them, as the IETF draft on rate-limit headers writes them.
//!
//! Source: draft-ietf-httpapi-ratelimit-headers-11 §3, §4 and §7, by which malformed fields are ignored as a whole; -07
//! for the dictionary and for policies that are numbers.

use super::Answer;
use super::rate_limit::{MAX_READINGS, RateLimit, UNKNOWN_UNIT, bounded};
use super::structured_field::{Item, Value, dictionary, list};

/// What counts where a named policy does not say it; §3.1 of the draft.
const DEFAULT_UNIT: &str = "requests";

/// What one policy grants.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Policy {
    /// Its name; policies of older drafts mostly have none.
    pub name: Option<String>,
    /// How much it grants.
    pub quota: f64,
    /// What it counts; none for policies of older drafts, which leave it to documentation.
    pub unit: Option<String>,
    /// How long its window lasts, in seconds.
    pub window_s: Option<f64>,
    /// The header it stands in.
    pub header: String,
    /// The text it was read from.
    pub raw: String,
    /// Whether a reading has it already.
    pub is_used: bool,
    partition: Option<String>,
}

/// All lines of a header as one field value; none if it is not there.
fn field(answer: &Answer<'_>, header: &str) -> Option<String> {
    let lines: Vec<&str> = answer.header_values(header).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// The policies of a field; none of them if any is malformed.
///
/// Shape: `"burst";q=100;w=60, "daily";q=1000`, in older drafts `100;w=60, 1000;w=86400`.
pub(super) fn policies(answer: &Answer<'_>, header: &str) -> Vec<Policy> {
    let Some(text) = field(answer, header) else { return Vec::new() };
    let read = || list(&text)?.iter().map(|item| policy(item, header)).collect::<Option<Vec<_>>>();
    let mut policies = read().unwrap_or_default();
    policies.truncate(MAX_READINGS);
    policies
}

/// A limit and the policies beside it. Shape: `100`, `100, 100;w=60, 1000;w=3600`.
pub(super) fn limit_and_policies(value: &str, header: &str) -> (Option<f64>, Vec<Policy>) {
    let items = list(value).unwrap_or_default();
    let limit = items.first().and_then(|item| count(&item.value));
    let policies: Option<Vec<Policy>> =
        items.iter().filter(|item| item.parameter("w").is_some()).map(|item| policy(item, header)).collect();
    let mut policies = policies.unwrap_or_default();
    policies.truncate(MAX_READINGS);
    (limit, policies)
}

fn policy(item: &Item<'_>, header: &str) -> Option<Policy> {
    let window_s = match item.parameter("w") {
        Some(value) => Some(count(value).filter(|seconds| *seconds > 0.0)?),
        None => None,
    };
    let (name, quota, unit) = match &item.value {
        Value::Text(name) => {
            let unit = match item.parameter("qu") {
                Some(Value::Text(unit)) => unit,
                Some(_) => return None,
                None => DEFAULT_UNIT,
            };
            (Some(name.as_str()), count(item.parameter("q")?)?, Some(unit))
        }
        // Envoy names the policies of the older form by a parameter; of a policy without a window nothing is said.
        value => {
            let name =
                item.parameter("name").and_then(|name| if let Value::Text(name) = name { Some(name) } else { None });
            window_s?;
            (name.map(String::as_str), count(value)?, None)
        }
    };
    Some(Policy {
        name: name.map(bounded),
        quota,
        unit: unit.map(bounded),
        window_s,
        header: header.to_owned(),
        raw: bounded(item.raw),
        is_used: false,
        partition: partition(item)?,
    })
}

/// What is left of every policy, with what the policy grants; none of it if any is malformed.
///
/// Shape: `"default";r=50;t=30`, in the draft's revision 7 `limit=100, remaining=50, reset=30`.
pub(super) fn service_limits(
    answer: &Answer<'_>,
    header: &str,
    mut blank: RateLimit,
    policies: &mut [Policy],
) -> Vec<RateLimit> {
    let Some(text) = field(answer, header) else { return Vec::new() };
    let listed = || list(&text)?.iter().map(|item| service_limit(item, header, &blank)).collect::<Option<Vec<_>>>();
    if let Some(limits) = listed() {
        let limits = limits.into_iter().take(MAX_READINGS);
        return limits.map(|(limit, partition)| with_policy(limit, partition.as_deref(), policies)).collect();
    }
    let Some(members) = dictionary(&text) else { return Vec::new() };
    for (key, value) in members {
        let figure = match key {
            "limit" => &mut blank.limit,
            "remaining" => &mut blank.remaining,
            "reset" => &mut blank.reset_s,
            _ => continue,
        };
        let Some(number) = count(&value) else { return Vec::new() };
        *figure = Some(number);
    }
    blank.raw = vec![(header.to_owned(), bounded(&text))];
    let is_empty = blank.limit.is_none() && blank.remaining.is_none() && blank.reset_s.is_none();
    if is_empty {
        return Vec::new();
    }
    take_window(&mut blank, policies);
    vec![blank]
}

/// What is left, and the partition key it is left for.
fn service_limit(item: &Item<'_>, header: &str, blank: &RateLimit) -> Option<(RateLimit, Option<String>)> {
    let Value::Text(name) = &item.value else { return None };
    let reset_s = match item.parameter("t") {
        Some(value) => Some(count(value)?),
        None => None,
    };
    let limit = RateLimit {
        name: Some(bounded(name)),
        remaining: Some(count(item.parameter("r")?)?),
        reset_s,
        // Only the policy tells what it counts, and it may count bytes.
        unit: UNKNOWN_UNIT.to_owned(),
        raw: vec![(header.to_owned(), bounded(item.raw))],
        ..blank.clone()
    };
    Some((limit, partition(item)?))
}

/// The same with what the policy of that name grants.
fn with_policy(mut limit: RateLimit, partition: Option<&str>, policies: &mut [Policy]) -> RateLimit {
    let fits = |policy: &&mut Policy| {
        let is_same_partition = match (policy.partition.as_deref(), partition) {
            (Some(granted), Some(left)) => granted == left,
            _ => true,
        };
        policy.name == limit.name && is_same_partition
    };
    if let Some(policy) = policies.iter_mut().find(fits) {
        policy.is_used = true;
        limit.limit = Some(policy.quota);
        limit.window_s = policy.window_s;
        limit.unit = policy.unit.clone().unwrap_or(limit.unit);
        limit.raw.push((policy.header.clone(), policy.raw.clone()));
    }
    limit
}

/// Gives a reading the window of the unnamed policy that grants the same, since the older drafts know no other tie.
pub(super) fn take_window(reading: &mut RateLimit, policies: &mut [Policy]) {
    let Some(limit) = reading.limit else { return };
    let fits = |policy: &&mut Policy| policy.unit.is_none() && !policy.is_used && policy.quota == limit;
    let Some(policy) = policies.iter_mut().find(fits) else { return };
    policy.is_used = true;
    reading.window_s = reading.window_s.or(policy.window_s);
    reading.name = reading.name.take().or_else(|| policy.name.clone());
    if !reading.raw.iter().any(|(place, _)| *place == policy.header) {
        reading.raw.push((policy.header.clone(), policy.raw.clone()));
    }
}

/// A reading for every policy that none of the readings tells yet.
pub(super) fn untold(policies: Vec<Policy>, readings: &[RateLimit], blank: &RateLimit) -> Vec<RateLimit> {
    let reading = |policy: Policy| RateLimit {
        name: policy.name,
        limit: Some(policy.quota),
        unit: policy.unit.unwrap_or_else(|| blank.unit.clone()),
        window_s: policy.window_s,
        raw: vec![(policy.header, policy.raw)],
        ..blank.clone()
    };
    let is_told = |new: &RateLimit| {
        readings.iter().any(|old| old.limit == new.limit && old.window_s == new.window_s && old.name == new.name)
    };
    policies.into_iter().filter(|policy| !policy.is_used).map(reading).filter(|new| !is_told(new)).collect()
}

/// A number that is whole and not negative.
fn count(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Integer(number) if *number >= 0 => Some(*number as f64),
        _ => None,
    }
}

/// The partition key, if there is one; none at all if it is malformed.
fn partition(item: &Item<'_>) -> Option<Option<String>> {
    match item.parameter("pk") {
        None => Some(None),
        Some(Value::Bytes(key)) => Some(Some((*key).to_owned())),
        Some(_) => None,
    }
}
