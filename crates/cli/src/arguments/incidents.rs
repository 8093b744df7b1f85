//! What `incidents` is told.

use std::path::PathBuf;
use std::str::FromStr;

use certvigil_engine::config::units;
use certvigil_model::Time;
use clap::Subcommand;

use super::memory::{At, Form, Whom};

/// What `incidents` is told.
#[derive(Debug, Subcommand)]
pub(crate) enum Incidents {
    /// List what is open or waiting, the worst first
    List {
        #[command(flatten)]
        whom: Whom,
        /// table, or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Form,
        /// List what is over as well
        #[arg(long)]
        all: bool,
    },
    /// Show all that is kept of one incident: its places, what was told, what is on the record
    Show {
        /// Its key, or the first four or more digits of it
        key: String,
        #[command(flatten)]
        whom: Whom,
        /// table, or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Form,
    },
    /// Say that somebody is on it, for a time
    #[command(after_help = "\
An acknowledgement ends by itself: after 7 days, or half of the time that is left, or 4 hours once
the incident is critical; --until can only make it shorter.

Exit: 0 taken; 1 not taken, and nothing was changed; 2 we failed.")]
    Ack {
        /// Its key, or the first four or more digits of it
        key: String,
        #[command(flatten)]
        whose: Whose,
        /// Until when, in UTC; a date means its first moment
        #[arg(long, value_name = "RFC3339|DATE", value_parser = units::moment)]
        until: Option<Time>,
    },
    /// Tell nobody of it for a time
    #[command(after_help = "\
A silence has an owner, a reason and an end, at most 90 days ahead. A certificate that is critical
near its end is told whatever anybody said.

Exit: 0 taken; 1 not taken, and nothing was changed; 2 we failed.")]
    Silence {
        /// Its key, or the first four or more digits of it
        key: String,
        /// Until when, in UTC; a date means its first moment
        #[arg(long, value_name = "RFC3339|DATE", value_parser = units::moment)]
        until: Time,
        /// Why
        #[arg(long, value_name = "WHY")]
        reason: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Have issues filed that the brake, or a first round, holds back
    #[command(after_help = "\
Exit: 0 taken; 1 not taken, and nothing was changed; 2 we failed.")]
    Release {
        /// Its key, or the first four or more digits of it
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        key: Option<String>,
        /// All that is held
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// Put a person's report into the timeline, look at once, and print an answer to send on
    #[command(after_help = "\
What is named by a key, as a target of the inventory, or by its host, is looked at with all its
addresses, and what was seen is taken in. What the inventory has not is looked at and not remembered.

Exit: 0 noted and looked at; 1 noted, and it could not be looked at; 2 we failed.

Examples:
  certvigil incidents note b3aa2cb1 --at 12:28 --by GSS customers report certificate errors
  certvigil incidents note www.example.org --at 12:28 --by GSS 'customers report errors'")]
    Note {
        /// The incident's key or the head of it, or a target
        #[arg(value_name = "KEY|TARGET")]
        what: String,
        /// When it was reported, in UTC: today's or yesterday's time of day, or a moment [default: now]
        #[arg(long, value_name = "HH:MM|RFC3339")]
        at: Option<Moment>,
        #[command(flatten)]
        whose: Whose,
        /// What was reported
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Say why something is or is not alarmed, what comes next and when, and who is told
    Explain {
        /// An address, a target, a name, the head of a certificate's SHA-256 or of an incident's key
        #[arg(value_name = "ENDPOINT|NAME|SHA256|KEY")]
        what: String,
        #[command(flatten)]
        whom: Whom,
    },
}

/// Who orders, and of whom.
#[derive(clap::Args, Debug)]
pub(crate) struct Whose {
    /// Who says so [default: your login name]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) whom: Whom,
}

/// When something was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Seconds into the day, UTC: the last time that it was that late.
    OfDay(i64),
    /// Then.
    At(Time),
}

impl Moment {
    /// The last time that it was that late.
    pub(crate) fn before(self, now: Time) -> Time {
        const DAY: i64 = 86_400;
        match self {
            Self::At(time) => time,
            Self::OfDay(second) => {
                let today = now.seconds().div_euclid(DAY) * DAY + second;
                Time::from_seconds(if today > now.seconds() { today - DAY } else { today })
            }
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = units::time_of_day(text) {
            return Ok(Self::OfDay(i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60));
        }
        let wrong = |_| "write a time of day like 12:28, or a moment like 2027-01-15T12:28:00Z";
        units::moment(text).map(Self::At).map_err(wrong).map_err(str::to_owned)
    }
}

/// The config that orders need.
pub(crate) const CONFIG: &str = "certvigil.toml";

impl At {
    /// The config's path: as typed, or the one that lies here.
    pub(crate) fn config(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| CONFIG.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_the_last_one() {
        let now = units::moment("2027-01-15T12:30:00Z");
        for (text, want) in [
            ("12:28", "2027-01-15T12:28:00Z"),
            ("12:30", "2027-01-15T12:30:00Z"),
            ("12:31", "2027-01-14T12:31:00Z"),
            ("2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z"),
        ] {
            let moment = text.parse::<Moment>();
            let told = moment.and_then(|moment| Ok(moment.before(now.clone()?)));
            assert_eq!(told, units::moment(want), "{text}");
        }
        assert!("25:00".parse::<Moment>().is_err());
    }
}
