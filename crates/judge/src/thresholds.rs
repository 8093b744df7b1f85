//! What "soon" means for a certificate, by the length of its life.

use certvigil_model::{Ends, Thresholds, Time};
use certvigil_x509::Certificate;

/// The thresholds of an end entity. Where its life cannot be told, or has no set end, those of a
/// long one.
pub(crate) fn of(certificate: &Certificate) -> Thresholds {
    end_entity(life_seconds(certificate).unwrap_or(UNKNOWN_LIFE))
}

/// When `certificate` becomes a matter for people under `thresholds`, where its dates could be told. Its
/// clients may stop to take it before its own end: at `path_end`, when its best path does.
pub(crate) fn ends(
    certificate: &Certificate,
    thresholds: Thresholds,
    path_end: Option<Time>,
) -> Option<Ends> {
    let not_after = *certificate.facts()?.not_after.as_ref().ok()?;
    let at = path_end.map_or(not_after, |end| end.min(not_after));
    let before = |seconds: i64| Time::from_seconds(at.seconds().saturating_sub(seconds));
    Some(Ends {
        at,
        warning_from: before(thresholds.warning_seconds),
        critical_from: before(thresholds.critical_seconds),
    })
}

/// The thresholds of an authority that is ours: a successor takes months to roll out, not weeks.
pub(crate) fn of_our_authority(certificate: &Certificate) -> Thresholds {
    authority(life_seconds(certificate).unwrap_or(UNKNOWN_LIFE))
}

/// From notBefore to notAfter in seconds, where both can be told and are in that order.
pub(crate) fn life_seconds(certificate: &Certificate) -> Option<i64> {
    let facts = certificate.facts()?;
    let (Ok(not_before), Ok(not_after)) = (&facts.not_before, &facts.not_after) else {
        return None;
    };
    let life = not_after.seconds_since(*not_before);
    (life > 0 && *not_after != Time::NO_SET_EXPIRY).then_some(life)
}

/// Warning below 30 % of the life left, at most 30 d; critical below a twelfth of it, between a day
/// (a day and a half for lives under ten days) and a week, but never before three quarters of the
/// warning's time have passed unheard.
fn end_entity(life: i64) -> Thresholds {
    let warning_seconds = (life / 10 * 3).min(30 * DAY);
    let least = if life < 10 * DAY { 36 * HOUR } else { DAY };
    let critical = (life / 12).clamp(least, 7 * DAY);
    Thresholds { warning_seconds, critical_seconds: critical.min(warning_seconds / 4 * 3) }
}

fn authority(life: i64) -> Thresholds {
    let warning_seconds = (life / 10 * 3).min(365 * DAY);
    let critical = (life / 12).min(90 * DAY);
    Thresholds { warning_seconds, critical_seconds: critical.min(warning_seconds / 4 * 3) }
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const UNKNOWN_LIFE: i64 = 365 * DAY;

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        name: &'static str,
        life: i64,
        /// Seconds, worked out by hand from the three sentences above.
        want: (i64, i64),
    }

    const CASES: &[Case] = &[
        Case { name: "1 h", life: HOUR, want: (1080, 810) },
        Case { name: "24 h", life: DAY, want: (25_920, 19_440) },
        Case { name: "36 h", life: 36 * HOUR, want: (38_880, 29_160) },
        Case { name: "4 d", life: 4 * DAY, want: (103_680, 77_760) },
        Case { name: "5 d", life: 5 * DAY, want: (129_600, 97_200) },
        Case { name: "160 h", life: 160 * HOUR, want: (172_800, 129_600) },
        Case { name: "9.9 d", life: 855_360, want: (256_608, 129_600) },
        Case { name: "10 d", life: 10 * DAY, want: (259_200, 86_400) },
        Case { name: "45 d", life: 45 * DAY, want: (1_166_400, 324_000) },
        Case { name: "47 d", life: 47 * DAY, want: (1_218_240, 338_400) },
        Case { name: "64 d", life: 64 * DAY, want: (1_658_880, 460_800) },
        Case { name: "90 d", life: 90 * DAY, want: (2_332_800, 604_800) },
        Case { name: "100 d", life: 100 * DAY, want: (2_592_000, 604_800) },
        Case { name: "200 d", life: 200 * DAY, want: (2_592_000, 604_800) },
        Case { name: "398 d", life: 398 * DAY, want: (2_592_000, 604_800) },
        Case { name: "10 y", life: 3652 * DAY, want: (2_592_000, 604_800) },
    ];

    #[test]
    fn soon_follows_from_the_length_of_a_life() {
        for Case { name, life, want } in CASES {
            let Thresholds { warning_seconds, critical_seconds } = end_entity(*life);
            assert_eq!((warning_seconds, critical_seconds), *want, "{name}");
            assert!(0 < critical_seconds && critical_seconds < warning_seconds, "{name}");
            assert!(warning_seconds < *life, "{name}");
        }
    }

    #[test]
    fn the_end_is_the_earlier_of_a_certificate_and_its_path() {
        let day = |days: i64| Time::from_seconds(days * DAY);
        let certificate = crate::testing::leaf(|facts| {
            facts.not_before = Ok(day(0));
            facts.not_after = Ok(day(90));
        });
        let ends = |path_end| ends(&certificate, of(&certificate), path_end);
        let before = |at: i64| Ends {
            at: day(at),
            warning_from: Time::from_seconds(at * DAY - 2_332_800),
            critical_from: day(at - 7),
        };
        assert_eq!(ends(None), Some(before(90)));
        assert_eq!(ends(Some(day(80))), Some(before(80)));
        assert_eq!(ends(Some(day(100))), Some(before(90)));
    }

    #[test]
    fn an_authority_of_ours_is_told_a_year_and_ninety_days_ahead() {
        for (life, want) in [
            (20 * 365 * DAY, (365 * DAY, 90 * DAY)),
            (730 * DAY, (219 * DAY, 730 * DAY / 12)),
            (DAY, (25_920, 7200)),
        ] {
            let Thresholds { warning_seconds, critical_seconds } = authority(life);
            assert_eq!((warning_seconds, critical_seconds), want);
            assert!(0 < critical_seconds && critical_seconds < warning_seconds);
        }
    }

    #[test]
    fn no_life_is_too_short_or_too_long_to_have_thresholds() {
        for life in [1, 2, 13, i64::MAX] {
            for Thresholds { warning_seconds, critical_seconds } in
                [end_entity(life), authority(life)]
            {
                assert!((0..=warning_seconds).contains(&critical_seconds));
                assert!(warning_seconds < life);
            }
        }
    }
}
