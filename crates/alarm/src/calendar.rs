//! When an owner is at work.

use jiff::civil::{self, Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use certvigil_model::Time;

use crate::time::DAY;

/// An owner's working days and hours, by the clocks of its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Whose clocks.
    pub zone: TimeZone,
    /// Days of the week on which somebody works.
    pub days: Vec<Weekday>,
    /// When work begins.
    pub from: civil::Time,
    /// When it ends, on the same day.
    pub to: civil::Time,
    /// Days on which nobody works all the same.
    pub holidays: Vec<Date>,
}

impl Default for Calendar {
    /// Monday to Friday, 9 to 17 UTC.
    fn default() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self {
            zone: TimeZone::UTC,
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            from: civil::time(9, 0, 0, 0),
            to: civil::time(17, 0, 0, 0),
            holidays: Vec::new(),
        }
    }
}

/// Days that are searched for one on which somebody works. Where there is none, all count: nobody is forgotten because
/// of a calendar.
const SEARCHED: usize = 31;

impl Calendar {
    /// `now` where somebody is at work then, else when work begins the next time.
    pub fn at_work(&self, now: Time) -> Time {
        let Some(local) = self.local(now) else { return now };
        let today = local.date();
        let begun = self.has_begun(now, today);
        if begun && local.time() < self.end() && self.first_from(today) == today {
            return now;
        }
        let first = if begun { today.tomorrow().unwrap_or(today) } else { today };
        self.begins(self.first_from(first)).map_or(now, |at| at.max(now))
    }

    /// When what was due at `at` is done, as of `now`: what could not be done in its hours waits for the next ones, but not
    /// for longer than a day, as some look only at night.
    pub fn in_hours(&self, at: Time, now: Time) -> Time {
        if at > now { at } else { self.at_work(now).min(at.plus(DAY)) }
    }

    /// When work begins on the first working day after the day of `now`.
    pub fn next_day(&self, now: Time) -> Time {
        let tomorrow = self.local(now).and_then(|local| local.date().tomorrow().ok());
        let begins = tomorrow.and_then(|day| self.begins(self.first_from(day)));
        begins.map_or(now, |at| at.max(now))
    }

    /// `count` working days after `now`, at the same hour; what is outside of working hours counts from their next
    /// beginning.
    pub fn days_later(&self, now: Time, count: u32) -> Time {
        let start = self.at_work(now);
        let Some(local) = self.local(start) else { return now };
        let mut day = local.date();
        for _ in 0..count {
            let Ok(tomorrow) = day.tomorrow() else { return now };
            day = self.first_from(tomorrow);
        }
        self.instant(day, local.time()).map_or(now, |at| at.max(now))
    }

    /// When work begins in the week of `now`, weeks beginning on Monday.
    pub fn week_begins(&self, now: Time) -> Time {
        let Some(local) = self.local(now) else { return now };
        let since = i64::from(local.weekday().to_monday_zero_offset());
        let monday = local.date().checked_sub(jiff::Span::new().days(since));
        monday.ok().and_then(|monday| self.begins(self.first_from(monday))).unwrap_or(now)
    }

    fn local(&self, now: Time) -> Option<Zoned> {
        Some(Timestamp::from_millisecond(now.millis()).ok()?.to_zoned(self.zone.clone()))
    }

    fn works(&self, day: Date) -> bool {
        self.days.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// The first day from `day` on that is worked on; where none is for long, `day` itself.
    fn first_from(&self, day: Date) -> Date {
        let mut days = std::iter::successors(Some(day), |day| day.tomorrow().ok()).take(SEARCHED);
        days.find(|day| self.works(*day)).unwrap_or(day)
    }

    fn has_begun(&self, now: Time, day: Date) -> bool {
        self.begins(day).is_some_and(|begins| begins <= now)
    }

    fn begins(&self, day: Date) -> Option<Time> {
        self.instant(day, self.from)
    }

    /// Hours that end before they begin last until the day ends.
    fn end(&self) -> civil::Time {
        if self.to > self.from { self.to } else { civil::Time::MAX }
    }

    /// A time that the clocks leave out is as much later; of one that they have twice the first counts (RFC 5545 section
    /// 3.3.5).
    fn instant(&self, day: Date, time: civil::Time) -> Option<Time> {
        let at = self.zone.to_zoned(day.to_datetime(time)).ok()?;
        Some(Time::from_millis(at.timestamp().as_millisecond()))
    }
}
