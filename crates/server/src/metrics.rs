//! `/metrics`: how the service itself is. What endpoints show is asked of `/probe`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use certvigil_engine::serve::{Desk, Remembered, RoundSum, Status};
use certvigil_model::{DeliveryState, Severity, Status as IncidentStatus, Time};
use certvigil_report::Summary;

/// Prometheus' text exposition format, version 0.0.4.
pub(crate) fn of(desk: &Desk) -> String {
    let mut text = Text::default();
    let status = desk.status();
    text.gauge(
        "certvigil_up",
        "Whether the loop has shown itself in time",
        u8::from(desk.is_alive()),
    );
    of_loop(&status, &mut text);
    let remembered = desk.remembered();
    if let Some(round) = &status.round {
        // What cannot be compared with the pace is not known to be fresh.
        let is_stale =
            remembered.as_ref().map_or(true, |it| it.pace.is_stale(round.finished_at, it.now));
        of_round(round, is_stale, &mut text);
    }
    match remembered {
        Ok(remembered) => {
            text.gauge(
                "certvigil_store_up",
                "Whether the store can be read and written",
                u8::from(status.store.is_ok()),
            );
            of_store(&remembered, &mut text);
        }
        Err(_) => text.gauge("certvigil_store_up", "Whether the store can be read and written", 0),
    }
    text.0
}

fn of_loop(status: &Status, text: &mut Text) {
    text.gauge(
        "certvigil_start_timestamp_seconds",
        "When the service began",
        status.started_at.seconds(),
    );
    text.gauge(
        "certvigil_observing",
        "Whether no outward act is made",
        u8::from(status.is_observing),
    );
    text.gauge(
        "certvigil_clock_off_seconds",
        "What has to be added to our time to get that of others who agree against it",
        status.clock_off.as_ref().map_or(0, |off| off.seconds),
    );
    text.gauge(
        "certvigil_config_last_reload_successful",
        "Whether the last config that was tried could be used",
        u8::from(status.config.is_ok()),
    );
    text.gauge(
        "certvigil_config_last_reload_success_timestamp_seconds",
        "When the config in use was read",
        status.config_at.seconds(),
    );
}

/// Verdicts that are too old are none.
fn of_round(round: &RoundSum, is_stale: bool, text: &mut Text) {
    let [expected, attempted, checked] = round.counts;
    for (name, help, value) in [
        ("complete", "Whether every endpoint has a verdict", u64::from(round.is_complete())),
        ("proven", "Whether all who should be told are known to be", u64::from(round.is_proven)),
        ("expected", "Endpoints that the inventory gave", expected),
        ("attempted", "Endpoints with a verdict", attempted),
        ("checked", "Endpoints whose dates and names were read", checked),
    ] {
        text.gauge(&format!("certvigil_round_{name}"), help, value);
    }
    let Summary { ok, warning, critical, unknown } = round.summary.clone();
    let verdicts = match is_stale {
        false => [ok, warning, critical, unknown],
        true => [0, 0, 0, ok + warning + critical + unknown],
    };
    let verdicts = ["ok", "warning", "critical", "unknown"].into_iter().zip(verdicts);
    text.family("certvigil_round_endpoints", "Endpoints by verdict", "verdict", verdicts);
}

fn of_store(remembered: &Remembered, text: &mut Text) {
    let Remembered { now, state, sightings, pace } = remembered;
    if let Some(last) = state.memory.last_round {
        text.gauge(
            "certvigil_round_finished_timestamp_seconds",
            "When the last whole round ended",
            last.seconds(),
        );
    }
    let oldest: Option<Time> = sightings.values().map(|sighting| sighting.last_seen).min();
    let age = oldest.map_or(0, |oldest| now.seconds_since(oldest).max(0));
    text.gauge("certvigil_oldest_verdict_age_seconds", "Age of the oldest verdict", age);
    let stale = sightings.values().filter(|it| pace.is_stale(it.last_seen, *now)).count();
    text.gauge(
        "certvigil_stale_endpoints",
        "Endpoints whose verdict is older than twice the interval, and so is none",
        stale,
    );
    text.gauge(
        "certvigil_blind",
        "Whether nothing can be seen",
        u8::from(state.memory.blind.is_some()),
    );
    let mut incidents = BTreeMap::from(
        [Severity::Info, Severity::Warning, Severity::Critical].map(|it| (it.name(), 0)),
    );
    for incident in state.incidents.values().filter(|it| it.status == IncidentStatus::Open) {
        *incidents.entry(incident.severity.name()).or_default() += 1;
    }
    text.family("certvigil_incidents", "Open incidents by severity", "severity", incidents);
    let mut deliveries = BTreeMap::from(OPEN.map(|state| (state.name(), 0)));
    for delivery in state.deliveries.values() {
        *deliveries.entry(delivery.state.name()).or_default() += 1;
    }
    text.family(
        "certvigil_deliveries",
        "Deliveries that are not over, by state",
        "state",
        deliveries,
    );
    let waiting = state.deliveries.values().map(|delivery| delivery.created_at).min();
    let waits = waiting.map_or(0, |since| now.seconds_since(since).max(0));
    text.gauge(
        "certvigil_oldest_delivery_age_seconds",
        "Age of the oldest delivery that is not over",
        waits,
    );
}

/// States that a delivery may wait in.
const OPEN: [DeliveryState; 4] =
    [DeliveryState::Queued, DeliveryState::Sent, DeliveryState::Doubtful, DeliveryState::Stored];

#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, help: &str) {
        // Writing into a text does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}.\n# TYPE {name} gauge");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn family(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'static str, u64)>,
    ) {
        self.head(name, help);
        for (value, count) in values {
            let _ = writeln!(self.0, "{name}{{{label}=\"{value}\"}} {count}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_that_are_too_old_are_unknown() {
        let round = RoundSum {
            finished_at: Time::from_seconds(0),
            counts: [6; 3],
            summary: Summary { ok: 3, warning: 2, critical: 1, unknown: 0 },
            is_proven: true,
        };
        for (is_stale, counts) in [(false, [3, 2, 1, 0]), (true, [0, 0, 0, 6])] {
            let mut text = Text::default();
            of_round(&round, is_stale, &mut text);
            for (verdict, count) in ["ok", "warning", "critical", "unknown"].iter().zip(counts) {
                let line = format!("certvigil_round_endpoints{{verdict=\"{verdict}\"}} {count}\n");
                assert!(text.0.contains(&line), "{is_stale} {line}: {}", text.0);
            }
        }
    }
}
