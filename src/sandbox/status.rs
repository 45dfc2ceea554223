//! The sandbox's own status page, in the shape of Atlassian Statuspage's `summary.json`.
//!
//! It tells what is so: an outage switched on shows as one. Control may have it say something else.

use jiff::Timestamp;
use serde_json::{Value, json};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indicator {
    None,
    Minor,
    Major,
    Critical,
    Maintenance,
}

impl Indicator {
    /// Every one.
    pub(super) const ALL: [Self; 5] = [Self::None, Self::Minor, Self::Major, Self::Critical, Self::Maintenance];

    /// As Statuspage spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
            Self::Maintenance => "maintenance",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::None => "All Systems Operational",
            Self::Minor => "Minor Service Outage",
            Self::Major => "Partial System Outage",
            Self::Critical => "Major Service Outage",
            Self::Maintenance => "Service Under Maintenance",
        }
    }

    fn component_status(self) -> &'static str {
        match self {
            Self::None => "operational",
            Self::Minor => "degraded_performance",
            Self::Major => "partial_outage",
            Self::Critical => "major_outage",
            Self::Maintenance => "under_maintenance",
        }
    }
}

/// What control has the page say; nothing leaves it to the truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StatusOverride {
    pub(super) indicator: Option<Indicator>,
    /// The name of an open incident, or of the maintenance.
    pub(super) incident: Option<String>,
}

/// The page.
pub(super) fn summary(wish: &StatusOverride, is_available: bool, base_url: &str, now: Timestamp) -> Value {
    let truth = if is_available { Indicator::None } else { Indicator::Critical };
    let indicator = wish.indicator.unwrap_or(truth);
    let at = now.to_string();
    let component = |position: u32, id: &str, name: &str, status: &str| {
        json!({
            "id": id, "name": name, "status": status, "created_at": at, "updated_at": at, "position": position,
            "description": null, "showcase": true, "group_id": null, "group": false,
            "page_id": "altyaasandbox", "only_show_if_degraded": false
        })
    };
    let name = wish.incident.clone().unwrap_or_else(|| match indicator {
        Indicator::Maintenance => "Planned maintenance".into(),
        _ => "API requests fail".into(),
    });
    let incident = || {
        json!({
            "id": "sandboxincident", "name": name, "status": "investigating", "impact": indicator.as_str(),
            "created_at": at, "updated_at": at, "started_at": at, "resolved_at": null, "monitoring_at": null,
            "shortlink": format!("{base_url}/status.json"), "page_id": "altyaasandbox",
            "incident_updates": [{
                "id": "sandboxupdate", "incident_id": "sandboxincident", "status": "investigating",
                "body": "Switched on through the sandbox's control endpoint.",
                "created_at": at, "updated_at": at, "display_at": at
            }]
        })
    };
    let maintenance = || {
        json!({
            "id": "sandboxmaintenance", "name": name, "status": "in_progress", "impact": "maintenance",
            "created_at": at, "updated_at": at, "scheduled_for": at,
            "scheduled_until": now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap_or(now).to_string(),
            "shortlink": format!("{base_url}/status.json"), "page_id": "altyaasandbox", "incident_updates": []
        })
    };
    let incidents = match indicator {
        Indicator::None | Indicator::Maintenance => vec![],
        _ => vec![incident()],
    };
    let maintenances = if indicator == Indicator::Maintenance { vec![maintenance()] } else { vec![] };
    json!({
        "page": {
            "id": "altyaasandbox", "name": "Altyaa sandbox", "url": base_url, "time_zone": "Etc/UTC",
            "updated_at": at
        },
        "components": [
            component(1, "sandboxapi", "API", indicator.component_status()),
            component(2, "sandboxscheduling", "Scheduling", "operational")
        ],
        "incidents": incidents,
        "scheduled_maintenances": maintenances,
        "status": { "indicator": indicator.as_str(), "description": indicator.description() }
    })
}
