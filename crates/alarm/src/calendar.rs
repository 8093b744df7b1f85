//! When an owner is at work.

use jiff::civil::{self, Date, Weekday};
use jiff::tz::TimeZone;

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
