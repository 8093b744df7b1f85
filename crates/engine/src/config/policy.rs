//! What is judged differently: the keys that `[check]`, `[[tag]]` and `[[target]]` share.

use std::time::Duration;

use certvigil_model::{Adjustment, Policy, Thresholds};

use super::raw::{Faults, Fields};
use super::{forms, units};

pub(super) fn read(table: Fields<'_>, faults: &Faults) -> Policy {
    Policy {
        thresholds: thresholds(table, faults),
        adjustments: table.tables("adjust").filter_map(adjustment).collect(),
    }
}

/// Thresholds by what is left of a certificate's life; none where the warning would not come first.
pub fn thresholds_of(warning: Duration, critical: Duration) -> Option<Thresholds> {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let (warning_seconds, critical_seconds) = (seconds(warning), seconds(critical));
    (critical_seconds < warning_seconds).then_some(Thresholds { warning_seconds, critical_seconds })
}

fn thresholds(table: Fields<'_>, faults: &Faults) -> Option<Thresholds> {
    let warning = table.read("warning_left", units::life);
    let critical = table.read("critical_left", units::life);
    match (warning, critical) {
        (Some(warning), Some(critical)) => {
            let thresholds = thresholds_of(warning, critical);
            if thresholds.is_none() {
                let place = table.value("critical_left")?.place();
                let what =
                    format!("{} is not shorter than `warning_left`", table.named("critical_left"));
                faults.add(place, what, Some("a warning comes first".to_owned()));
            }
            thresholds
        }
        (Some(_), None) if table.value("critical_left").is_none() => {
            faults.lonely(table, "warning_left", "critical_left");
            None
        }
        (None, Some(_)) if table.value("warning_left").is_none() => {
            faults.lonely(table, "critical_left", "warning_left");
            None
        }
        _ => None,
    }
}

fn adjustment(table: Fields<'_>) -> Option<Adjustment> {
    Some(Adjustment {
        finding: table.owned("finding")?,
        severity: table.read("severity", forms::severity)?,
        reason: table.text("reason")?.trim().to_owned(),
    })
}
