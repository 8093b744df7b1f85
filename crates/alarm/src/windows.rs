//! Times of maintenance: what cannot be reached and what differs meanwhile is not told; all else is.

use std::time::Duration;

use certvigil_model::{Family, Foreign, Severity, Time};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// A time of maintenance, as the config has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What reports call it.
    pub name: String,
    /// The days on which it begins.
    pub days: Days,
    /// When it begins, by the clocks of its zone.
    pub from: civil::Time,
    /// How long it lasts, at most [`Window::LONGEST`].
    pub length: Duration,
    /// Whose clocks.
    pub zone: TimeZone,
    /// What it is for.
    pub of: Maintained,
}

/// Days on which a window begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// Every week.
    Weekly(Vec<Weekday>),
    /// Once.
    On(Date),
}

/// What a window is for; all where it names nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Targets as written.
    pub targets: Vec<String>,
    /// Tags of targets.
    pub tags: Vec<String>,
    /// Owners of targets.
    pub owners: Vec<String>,
}

impl Window {
    /// A window that lasts longer would be a way not to hear of anything.
    pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

    /// When the window that is open at `now` ends.
    pub fn ends(&self, now: Time) -> Option<Time> {
        let today = Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(self.zone.clone());
        let today = today.date();
        // Nothing that lasts a day can have begun before yesterday, by its own calendar.
        let begun = [today.yesterday().ok(), Some(today)].into_iter().flatten();
        let ends = begun.filter(|day| self.days.has(*day)).filter_map(|day| {
            let begins = self.begins(day)?;
            let ends = begins.plus(self.length.min(Self::LONGEST));
            (begins <= now && now < ends).then_some(ends)
        });
        ends.max()
    }

    /// A time that the clocks leave out is as much later; of one that they have twice the first counts (RFC 5545 section
    /// 3.3.5).
    fn begins(&self, day: Date) -> Option<Time> {
        let begins = self.zone.to_zoned(day.to_datetime(self.from)).ok()?;
        Some(Time::from_millis(begins.timestamp().as_millisecond()))
    }
}

impl Days {
    fn has(&self, day: Date) -> bool {
        match self {
            Self::Weekly(days) => days.contains(&day.weekday()),
            Self::On(date) => *date == day,
        }
    }
}

impl Maintained {
    /// Whether it is for a target that is written so and has these tags and this owner.
    pub fn has(&self, target: &Foreign, tags: &[String], owner: &str) -> bool {
        let Self { targets, tags: with, owners } = self;
        let names_nothing = targets.is_empty() && with.is_empty() && owners.is_empty();
        names_nothing
            || targets.iter().any(|it| it == target.raw())
            || with.iter().any(|tag| tags.contains(tag))
            || owners.iter().any(|it| it == owner)
    }
}

/// The window that is open for a target, and its end: the one that ends last.
pub fn open<'a>(
    windows: &'a [Window],
    target: &Foreign,
    tags: &[String],
    owner: &str,
    now: Time,
) -> Option<(&'a Window, Time)> {
    let of = windows.iter().filter(|window| window.of.has(target, tags, owner));
    of.filter_map(|window| Some((window, window.ends(now)?))).max_by_key(|(_, ends)| *ends)
}

/// Whether a problem is what maintenance looks like: no answer, or a roll-out half done. A place that differs by being
/// expired or wrong is critical, and no roll-out.
pub const fn mutes(family: Family, severity: Severity) -> bool {
    match family {
        Family::Reach => true,
        Family::Spread => !matches!(severity, Severity::Critical),
        Family::Channel
        | Family::CheckIn
        | Family::Expiry
        | Family::Form
        | Family::Name
        | Family::Revocation
        | Family::Round
        | Family::Strength
        | Family::Trust => false,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn time(text: &str) -> Time {
        Time::from_text(text).unwrap()
    }

    fn window(days: Days, from: &str, hours: u64, zone: &str) -> Window {
        Window {
            name: "patch night".to_owned(),
            days,
            from: from.parse().unwrap(),
            length: Duration::from_secs(hours * 3600),
            zone: TimeZone::get(zone).unwrap(),
            of: Maintained::default(),
        }
    }

    /// Offsets as `TZ=Europe/Berlin date -u -d …` gives them: UTC+1 in winter, UTC+2 from 28 March 2027, 01:00 UTC to
    /// 31 October 2027, 01:00 UTC.
    #[test]
    fn a_window_is_open_by_the_clocks_of_its_zone() {
        let saturdays = || Days::Weekly(vec![Weekday::Saturday]);
        let on = |date: &str| Days::On(date.parse().unwrap());
        for (days, from, hours, zone, now, ends) in [
            // 28 November 2026 is a Saturday.
            (saturdays(), "22:00", 4, "UTC", "2026-11-28T21:59:59Z", None),
            (saturdays(), "22:00", 4, "UTC", "2026-11-28T22:00:00Z", Some("2026-11-29T02:00:00Z")),
            (saturdays(), "22:00", 4, "UTC", "2026-11-29T01:59:59Z", Some("2026-11-29T02:00:00Z")),
            (saturdays(), "22:00", 4, "UTC", "2026-11-29T02:00:00Z", None),
            (saturdays(), "22:00", 4, "UTC", "2026-11-27T23:00:00Z", None),
            (
                saturdays(),
                "22:00",
                4,
                "Europe/Berlin",
                "2026-11-28T21:00:00Z",
                Some("2026-11-29T01:00:00Z"),
            ),
            // On this side of the date line it is still Friday.
            (
                saturdays(),
                "01:00",
                4,
                "Asia/Tokyo",
                "2026-11-27T16:30:00Z",
                Some("2026-11-27T20:00:00Z"),
            ),
            (
                on("2026-12-24"),
                "18:00",
                24,
                "UTC",
                "2026-12-25T17:59:59Z",
                Some("2026-12-25T18:00:00Z"),
            ),
            (on("2026-12-24"), "18:00", 24, "UTC", "2027-12-24T19:00:00Z", None),
            // 02:30 is left out on this day: it begins at 03:30, which is 01:30 UTC.
            (on("2027-03-28"), "02:30", 1, "Europe/Berlin", "2027-03-28T01:29:59Z", None),
            (
                on("2027-03-28"),
                "02:30",
                1,
                "Europe/Berlin",
                "2027-03-28T01:30:00Z",
                Some("2027-03-28T02:30:00Z"),
            ),
            // 02:30 comes twice: the first is 00:30 UTC.
            (
                on("2027-10-31"),
                "02:30",
                1,
                "Europe/Berlin",
                "2027-10-31T00:30:00Z",
                Some("2027-10-31T01:30:00Z"),
            ),
            (on("2027-10-31"), "02:30", 1, "Europe/Berlin", "2027-10-31T01:30:00Z", None),
            // It lasts so long whatever the clocks do meanwhile.
            (
                on("2027-03-27"),
                "22:00",
                8,
                "Europe/Berlin",
                "2027-03-28T04:59:59Z",
                Some("2027-03-28T05:00:00Z"),
            ),
            (on("2027-03-27"), "22:00", 999, "UTC", "2027-03-28T22:00:00Z", None),
        ] {
            let told = window(days, from, hours, zone).ends(time(now));
            assert_eq!(told, ends.map(time), "{from} {hours}h {zone} at {now}");
        }
    }

    #[test]
    fn a_window_is_for_what_it_names_and_for_all_where_it_names_nothing() {
        let one = |word: &str| vec![word.to_owned()];
        let target = Foreign::new("www.example.org");
        for (of, expected) in [
            (Maintained::default(), true),
            (Maintained { targets: one("www.example.org"), ..Maintained::default() }, true),
            (Maintained { targets: one("example.org"), ..Maintained::default() }, false),
            (Maintained { tags: one("internal"), ..Maintained::default() }, true),
            (Maintained { tags: one("public"), owners: one("web"), ..Maintained::default() }, true),
            (Maintained { tags: one("public"), owners: one("db"), ..Maintained::default() }, false),
        ] {
            assert_eq!(of.has(&target, &one("internal"), "web"), expected, "{of:?}");
        }
    }

    #[test]
    fn of_two_open_windows_the_one_that_ends_last_counts() {
        let date = || Days::On("2026-12-24".parse().unwrap());
        let windows = [window(date(), "10:00", 2, "UTC"), window(date(), "11:00", 3, "UTC")];
        let at = |now| {
            let open = open(&windows, &Foreign::new("a"), &[], "web", time(now));
            open.map(|(_, ends)| ends.to_string())
        };
        assert_eq!(at("2026-12-24T11:30:00Z").as_deref(), Some("2026-12-24T14:00:00Z"));
        assert_eq!(at("2026-12-24T10:30:00Z").as_deref(), Some("2026-12-24T12:00:00Z"));
        assert_eq!(at("2026-12-24T14:00:00Z"), None);
    }

    #[test]
    fn maintenance_mutes_no_date_no_name_and_no_trust() {
        use Family::{Expiry, Form, Name, Reach, Revocation, Round, Spread, Strength, Trust};
        for family in [Expiry, Form, Name, Revocation, Round, Strength, Trust] {
            assert!(!mutes(family, Severity::Warning), "{family:?}");
        }
        assert!(mutes(Reach, Severity::Unknown));
        assert!(mutes(Spread, Severity::Warning));
        assert!(!mutes(Spread, Severity::Critical));
    }
}
