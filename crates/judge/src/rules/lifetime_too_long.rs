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

#[cfg(test)]
mod tests {
    use certvigil_x509::Certificate;

    use super::*;
    use crate::Profile;
    use crate::testing::{Case, Given, case, check, leaf, root, sent};

    fn date(year: i32, month: u8, day: u8) -> Result<Time, certvigil_model::NotATime> {
        Time::from_civil(Civil { year, month, day, hour: 0, minute: 0, second: 0 })
    }

    fn living(begin: Time, seconds: i64) -> Certificate {
        leaf(|facts| {
            facts.not_before = Ok(begin);
            facts.not_after = Ok(Time::from_seconds(begin.seconds() + seconds));
        })
    }

    fn public(certificate: Certificate) -> Given {
        let anchor = root(|_| {});
        let mut given = sent(vec![certificate.clone()])
            .trusted(Profile::MOZILLA, vec![certificate, anchor.clone()]);
        given.profiles.push(Profile::new(Profile::MOZILLA, true, vec![anchor]));
        given
    }

    /// The days of BR section 6.3.2, and the second by which each is reached.
    #[test]
    fn the_limit_is_that_of_the_day_of_issue() -> Result<(), certvigil_model::NotATime> {
        const INFO: Severity = Severity::Info;
        let mut cases: Vec<Case> = Vec::new();
        for (begin, days, said) in [
            (date(2018, 3, 1)?, 825, "825 d is the most"),
            (date(2020, 9, 1)?, 398, "398 d is the most"),
            (date(2026, 3, 15)?, 200, "200 d is the most"),
            (date(2027, 3, 15)?, 100, "100 d is the most"),
            (date(2029, 3, 15)?, 47, "47 d is the most"),
        ] {
            let day_before = Time::from_seconds(begin.seconds() - 1);
            let at_most = days * 86_400 - 1;
            cases.push(case("at the limit", public(living(begin, at_most)), &[]));
            cases.push(case("the day before", public(living(day_before, at_most + 1)), &[]));
            let want: &'static [(Severity, &'static str)] = match said {
                "825 d is the most" => &[(INFO, "825 d is the most")],
                "398 d is the most" => &[(INFO, "398 d is the most")],
                "200 d is the most" => &[(INFO, "200 d is the most")],
                "100 d is the most" => &[(INFO, "100 d is the most")],
                _ => &[(INFO, "47 d is the most")],
            };
            cases.push(case("a second more", public(living(begin, at_most + 1)), want));
        }
        let long = || living(date(2020, 9, 1).unwrap_or(Time::FIRST), 400 * 86_400);
        cases.push(case("39 months", public(living(date(2016, 1, 1)?, 1186 * 86_400)), &[]));
        cases.push(case(
            "39 months and a second",
            public(living(date(2016, 1, 1)?, 1186 * 86_400 + 1)),
            &[(INFO, "39 months is the most")],
        ));
        cases.push(case(
            "before there were rules",
            public(living(date(2015, 3, 31)?, i64::from(i32::MAX))),
            &[],
        ));
        cases.push(case("a private anchor", sent(vec![long()]).trusted("corp", vec![long()]), &[]));
        cases.push(case("no anchor", sent(vec![long()]).refused(Profile::MOZILLA), &[]));
        check(&LifetimeTooLong, cases);
        Ok(())
    }

    /// Agrees with GNU `date -d '2016-11-30 + 39 months'` and its like.
    #[test]
    fn months_end_in_the_calendar() -> Result<(), certvigil_model::NotATime> {
        for (begin, end) in [
            (date(2016, 11, 30)?, date(2020, 3, 1)?),
            (date(2016, 12, 31)?, date(2020, 3, 31)?),
            (date(2015, 9, 15)?, date(2018, 12, 15)?),
            (date(2015, 10, 15)?, date(2019, 1, 15)?),
        ] {
            assert_eq!(months_later(begin, 39), Some(end));
        }
        Ok(())
    }
}
