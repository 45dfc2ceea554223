//! Where each family of APIs writes its rate limits, from `assets/standards/rate_limits.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::moment::TimeUnit;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateLimitNames {
    /// Headers that say whether sending again makes sense.
    pub should_retry: Vec<String>,
    /// In the order asked.
    pub families: Vec<Family>,
}

/// What one family of APIs writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    /// What readings of it are called.
    pub name: String,
    /// Headers of which one must be there; none for a family that its names alone tell.
    #[serde(default)]
    pub when: Vec<String>,
    /// What it counts, where nothing else says so.
    #[serde(default)]
    pub unit: Option<String>,
    /// What a window counts by the end of its name. Shape: `tokens` for `input-tokens`.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
    /// A structured field with what is left of every policy.
    #[serde(default)]
    pub service: Option<String>,
    /// A structured field with what every policy grants.
    #[serde(default)]
    pub policies: Option<String>,
    /// JSON headers with percentages.
    #[serde(default)]
    pub usage: Vec<Usage>,
    /// Windows told by one place a figure.
    #[serde(default)]
    pub windows: Vec<Window>,
}

impl Family {
    /// What a window of that name counts.
    pub(super) fn unit_of(&self, window_name: Option<&str>) -> &str {
        let ends_so = |(end, _): &(&String, &String)| {
            window_name
                .and_then(|name| name.strip_suffix(end.as_str()))
                .is_some_and(|head| head.is_empty() || head.ends_with('-'))
        };
        let unit = self.units.iter().find(ends_so).map(|(_, unit)| unit).or(self.unit.as_ref());
        unit.map_or(super::rate_limit::UNKNOWN_UNIT, String::as_str)
    }
}

/// Where the figures of one window stand; a place is a header name, or a JSON Pointer into the body.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Window {
    /// Its name, where the family has one for it.
    pub name: Option<String>,
    /// Where the answer names it.
    pub name_at: Option<String>,
    /// What `*` in a place may stand for; empty for anything.
    pub names: Vec<String>,
    /// What it counts, if not what the family counts.
    pub unit: Option<String>,
    /// How much is granted; a list of policies may stand there too.
    pub limit: Option<String>,
    /// How much is left.
    pub remaining: Option<String>,
    /// How much is used.
    pub used: Option<String>,
    /// Both in one. Shape of the value: `32/40`.
    pub used_of_limit: Option<String>,
    /// A window an entry. Shape of the value: `Microsoft.Compute/PutVM3Min;239,Microsoft.Compute/PutVM30Min;1198`.
    pub remaining_entries: Option<String>,
    /// When it begins again.
    pub resets: Vec<Moment>,
    /// How long it lasts.
    pub window: Option<Moment>,
    /// How long it lasts by its name, in seconds.
    pub window_s: Option<f64>,
    /// What belongs to it and is shown without being read.
    pub also: Vec<String>,
}

impl Window {
    /// Every place in which the window's name may stand.
    pub(super) fn patterns(&self) -> impl Iterator<Item = (&str, &str)> {
        let figures = [&self.limit, &self.remaining, &self.used].into_iter().flatten();
        figures.chain(self.resets.iter().map(|reset| &reset.at)).filter_map(|place| place.split_once('*'))
    }
}

/// Where a time stands and what it is written in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Moment {
    /// The place.
    pub at: String,
    /// What it may be written in, in the order tried; empty where its form tells.
    #[serde(default)]
    pub units: Vec<TimeUnit>,
}

/// A header with a JSON object of percentages, or with lists of such objects under an id each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Usage {
    /// Its name.
    pub header: String,
    /// The members that hold a percentage used.
    pub percentages: Vec<String>,
    /// The member that names the kind of use.
    #[serde(default)]
    pub kind: Option<String>,
    /// The member that says when use is granted again.
    pub reset: Moment,
}

/// The file, read once.
// It is part of the program; a test proves that it loads, so the empty one is never seen.
pub(super) static NAMES: LazyLock<RateLimitNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/rate_limits.toml")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_loads_with_every_family_once() {
        let names: Vec<&str> = NAMES.families.iter().map(|family| family.name.as_str()).collect();
        let known =
            ["ietf", "discord", "github", "openai", "anthropic", "x", "shopify", "hubspot", "meta", "azure", "generic"];
        assert_eq!(names, known);
        assert!(!NAMES.should_retry.is_empty());
    }

    #[test]
    fn places_are_pointers_or_headers_in_lower_case() {
        for window in NAMES.families.iter().flat_map(|family| &family.windows) {
            let figures = [
                &window.name_at,
                &window.limit,
                &window.remaining,
                &window.used,
                &window.used_of_limit,
                &window.remaining_entries,
            ];
            let moments = window.resets.iter().chain(&window.window).map(|moment| &moment.at);
            for place in figures.into_iter().flatten().chain(moments).chain(&window.also) {
                assert!(place.starts_with('/') || *place == place.to_ascii_lowercase(), "{place}");
            }
        }
    }

    #[test]
    fn what_a_window_counts_is_told_by_whole_words_of_its_name() {
        let family = |name: &str| NAMES.families.iter().find(|family| family.name == name);
        let unit = |name: &str, window: Option<&str>| family(name).map(|family| family.unit_of(window).to_owned());
        assert_eq!(unit("anthropic", Some("input-tokens")).as_deref(), Some("tokens"));
        assert_eq!(unit("anthropic", Some("megatokens")).as_deref(), Some("unknown"));
        assert_eq!(unit("github", Some("graphql")).as_deref(), Some("points"));
        assert_eq!(unit("github", Some("core")).as_deref(), Some("requests"));
        assert_eq!(unit("generic", None).as_deref(), Some("unknown"));
    }
}
