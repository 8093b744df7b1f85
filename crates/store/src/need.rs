//! How much room a store will need.

use std::time::Duration;

use crate::Retention;

/// What a store is to remember. [`Load::of`] gives rates that are high for most sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Endpoints looked at.
    pub endpoints: u64,
    /// Rounds a day.
    pub rounds_a_day: u64,
    /// How often one endpoint shows something else in a year: a new certificate, or nothing for a moment, which is two
    /// changes.
    pub changes_a_year: u64,
    /// Certificates of one endpoint in a year.
    pub certificates_a_year: u64,
    /// Incidents of all endpoints in a year.
    pub incidents_a_year: u64,
}

impl Load {
    /// Hourly rounds; a certificate renewed every 60 days, and a look that fails every month; an incident a year for
    /// every endpoint.
    pub const fn of(endpoints: u64) -> Self {
        Self {
            endpoints,
            rounds_a_day: 24,
            changes_a_year: 6 + 2 * 12,
            certificates_a_year: 6,
            incidents_a_year: endpoints,
        }
    }
}

/// The room for one kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub what: &'static str,
    /// Bytes on the disk when the first of them are old enough to be removed; of the journal, which is never removed,
    /// bytes a year.
    pub bytes: u64,
}

const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;

/// Bytes of one row with its share of the indexes, as the example `growth` prints them for SQLite, rounded up. An
/// incident's include its deliveries, a text's are a guess at the middle.
const SIGHTING: u64 = 1_200;
const CERTIFICATE: u64 = 1_600;
const ROUND: u64 = 600;
const INCIDENT: u64 = 12_000;
const TEXT: u64 = 4_000;
const JOURNAL_ROW: u64 = 800;

/// Rows that an incident leaves in the journal from its opening to its end, and texts beside them.
const ROWS_OF_INCIDENT: u64 = 12;
const TEXTS_OF_INCIDENT: u64 = 4;

impl Retention {
    /// The room that a store needs under `load`, kind by kind.
    pub fn need(&self, load: &Load) -> Vec<Need> {
        let Load { endpoints, incidents_a_year: incidents, .. } = *load;
        let changes = endpoints * load.changes_a_year;
        let certificates = endpoints * load.certificates_a_year;
        let rounds_a_year = load.rounds_a_day * 365;
        let need = |what, bytes| Need { what, bytes };
        vec![
            need("sightings", (endpoints + within(self.sightings, changes)) * SIGHTING),
            need("certificates", (endpoints + within(self.sightings, certificates)) * CERTIFICATE),
            need("rounds", within(self.rounds, rounds_a_year) * ROUND),
            need("incidents and deliveries", within(self.incidents, incidents) * INCIDENT),
            need("long texts", within(self.bodies, incidents * TEXTS_OF_INCIDENT) * TEXT),
            need("journal, a year", (rounds_a_year + incidents * ROWS_OF_INCIDENT) * JOURNAL_ROW),
        ]
    }
}

/// How many of what there are so many of in a year there are within `span`, one more for the one that has begun.
fn within(span: Duration, a_year: u64) -> u64 {
    (span.as_secs().saturating_mul(a_year)).div_ceil(YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn need_follows_endpoints_and_time() {
        let bytes = |retention: &Retention, endpoints| -> u64 {
            retention.need(&Load::of(endpoints)).iter().map(|need| need.bytes).sum()
        };
        let day = Duration::from_secs(DAY);
        let [year, years] = [365, 730].map(|days| Retention {
            sightings: day * days,
            rounds: day * days,
            incidents: day * days,
            bodies: day * days,
        });
        assert!(bytes(&years, 1000) > bytes(&year, 1000) * 3 / 2);
        assert!(bytes(&year, 10_000) > bytes(&year, 1000) * 8);
    }

    #[test]
    fn two_years_of_one_endpoint_are_counted_by_hand() {
        let load = Load {
            endpoints: 1,
            rounds_a_day: 24,
            changes_a_year: 10,
            certificates_a_year: 2,
            incidents_a_year: 1,
        };
        let found = Retention::default().need(&load);
        let bytes: Vec<_> = found.iter().map(|need| need.bytes).collect();
        // 1 + 20 sightings, 1 + 4 certificates, 90 days of rounds, 2 incidents, half a year of texts, a year's rows.
        let by_hand =
            [21 * 1_200, 5 * 1_600, 2_160 * 600, 2 * 12_000, 2 * 4_000, (8_760 + 12) * 800];
        assert_eq!(bytes, by_hand);
    }
}
