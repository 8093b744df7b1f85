//! `lifetime-too-long`: a public certificate lives longer than its authority may let it.

use certvigil_model::{Civil, Datum, Family, Finding, Scope, Severity, Time};

use crate::context::Anchor;
use crate::rule::{Meta, Rule, Words as _};
use crate::{Context, words};

/// Browsers refuse such a certificate. Private authorities may do as they like.
pub(super) struct LifetimeTooLong;

const META: Meta = Meta {
    id: "lifetime-too-long",
    family: Family::Trust,
    scope: Scope::Certificate,
    severities: &[Severity::Info],
    citation: "CA/B Baseline Requirements section 6.3.2 (ballots 193, SC-31, SC-081v3)",
    in_force: "2015-04-01",
};

impl Rule for LifetimeTooLong {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn judge(&self, cx: &Context<'_>, found: &mut Vec<Finding>) {
        let Context::Certificate(shown) = cx else { return };
        if shown.anchor() != Anchor::Public {
            return;
        }
        let Some(facts) = shown.facts() else { return };
        let (Ok(begin), Ok(end)) = (&facts.not_before, &facts.not_after) else { return };
        let Some((most, limit)) = last_second(*begin).filter(|(last, _)| end > last) else {
            return;
        };
        let life = words::Span(end.seconds_since(*begin));
        let message = format!(
            "{} lives {life}, from {begin} to {end}; for one issued then {limit} is the most",
            shown.noun()
        );
        let finding = META
            .finding(Severity::Info, message)
            .on(shown.end_entity.fingerprint)
            .hint("browsers refuse it: have it issued again with a life inside the limit")
            .with("not_before", Datum::Time(*begin))
            .with("not_after", Datum::Time(*end))
            .with("latest_not_after", Datum::Time(most));
        found.push(finding);
    }
}

/// The last notAfter that the rules of the day allow for a certificate that begins at `begin`, and
/// the limit in words; none before there were rules. The life counts both its ends, so a limit of
/// n days ends one second earlier.
fn last_second(begin: Time) -> Option<(Time, String)> {
    let (_, limit) = SCHEDULE.iter().find(|(since, _)| begin.seconds() >= *since)?;
    match limit {
        Limit::Days(days) => {
            let last = begin.seconds().saturating_add(days * 86_400 - 1);
            Some((Time::from_seconds(last), format!("{days} d")))
        }
        Limit::Months(months) => Some((months_later(begin, *months)?, format!("{months} months"))),
    }
}

/// The same day of the month, or the first of the next where there is no such day.
fn months_later(time: Time, months: i32) -> Option<Time> {
    let civil = time.to_civil();
    let total = civil.year * 12 + i32::from(civil.month) - 1 + months;
    let moved = |extra: i32, day: u8| {
        let total = total + extra;
        let month = u8::try_from(total % 12 + 1).ok()?;
        Time::from_civil(Civil { year: total / 12, month, day, ..civil }).ok()
    };
    moved(0, civil.day).or_else(|| moved(1, 1))
}

enum Limit {
    Days(i64),
    Months(i32),
}

/// Since when (seconds of the epoch, midnight UTC of the date beside), and how long; newest first.
const SCHEDULE: &[(i64, Limit)] = &[
    (1_868_227_200, Limit::Days(47)),   // 2029-03-15
    (1_805_068_800, Limit::Days(100)),  // 2027-03-15
    (1_773_532_800, Limit::Days(200)),  // 2026-03-15
    (1_598_918_400, Limit::Days(398)),  // 2020-09-01
    (1_519_862_400, Limit::Days(825)),  // 2018-03-01
    (1_427_846_400, Limit::Months(39)), // 2015-04-01
];
