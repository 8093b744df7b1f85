//! Validity's times with every oddity that real certificates show (RFC 5280 section 4.1.2.5).

use certvigil_model::{Civil, NotATime, Time};

use crate::defect::DefectId;
use crate::der::{Tlv, tag};
use crate::facts::Field;
use crate::site::Site;

/// Reads `tlv` as a Time. What deviates is noted; a value is given only where it is certain.
pub(crate) fn read(tlv: &Tlv<'_>, site: &mut Site<'_>) -> Field<Time> {
    let at = tlv.inner_offset();
    let form = match tlv.tag {
        tag::UTC_TIME => Form::Utc,
        tag::GENERALIZED_TIME => Form::Generalized,
        other => {
            let message =
                format_args!("the tag {other:#04x} is neither UTCTime nor GeneralizedTime");
            return Err(site.malformed(DefectId::TimeWrongTag, tlv.offset, message));
        }
    };
    let told = form.parse(tlv.content).and_then(|written| Ok((written, written.moment()?)));
    let (written, time) = match told {
        Ok(told) => told,
        Err(why) => {
            let text = tlv.content[..tlv.content.len().min(LONGEST_SHOWN)].escape_ascii();
            return Err(site.malformed(why.id(), at, format_args!("`{text}`: {}", why.words())));
        }
    };
    note_oddities(form, &written, time, at, site);
    Ok(time)
}

fn note_oddities(form: Form, written: &Written, time: Time, at: usize, site: &mut Site<'_>) {
    if written.fraction.is_some() {
        site.note(DefectId::TimeFraction, at, "it has fractions of a second");
    }
    if written.second.is_none() {
        site.note(DefectId::TimeWithoutSeconds, at, "it has no seconds");
    }
    match written.zone {
        Zone::Utc => {}
        Zone::Offset { .. } => {
            site.note(DefectId::TimeOffset, at, "it has an offset from UTC instead of Z");
        }
        Zone::Unknown => {
            site.note(DefectId::TimeWithoutZone, at, "its zone is not said; it is read as UTC");
        }
    }
    if form == Form::Generalized && time < YEAR_2050 {
        let message = "a date before 2050 is written as GeneralizedTime";
        site.note(DefectId::GeneralizedTimeBefore2050, at, message);
    }
}

/// The two types of a Time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `YYMMDDhhmmssZ` (X.680 section 47).
    Utc,
    /// `YYYYMMDDhhmmssZ` (X.680 section 46).
    Generalized,
}

impl Form {
    fn parse(self, content: &[u8]) -> Result<Written, Why> {
        let count = content.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (digits, rest) = content.split_at(count);
        let (year, digits) = self.year(digits)?;
        let pairs = digits.as_chunks::<2>().0;
        let pair = |index: usize| pairs.get(index).map(|pair| decimal(pair) as u8);
        if digits.len() % 2 != 0 || pairs.len() > 5 {
            return Err(Why::Shape);
        }
        let (Some(month), Some(day), Some(hour), Some(minute)) =
            (pair(0), pair(1), pair(2), pair(3))
        else {
            return Err(Why::Shape);
        };
        let second = pair(4);
        let (fraction, rest) = self.fraction(second, rest)?;
        let zone = Zone::parse(rest)?;
        Ok(Written { year, month, day, hour, minute, second, fraction, zone })
    }

    /// A year of two digits is of 1950 to 2049 (RFC 5280 section 4.1.2.5.1).
    fn year(self, digits: &[u8]) -> Result<(i32, &[u8]), Why> {
        match self {
            Self::Utc => {
                let (year, rest) = digits.split_at_checked(2).ok_or(Why::Shape)?;
                let year = decimal(year);
                Ok((if year >= 50 { 1900 + year } else { 2000 + year }, rest))
            }
            Self::Generalized => {
                let (year, rest) = digits.split_at_checked(4).ok_or(Why::Shape)?;
                Ok((decimal(year), rest))
            }
        }
    }

    /// Milliseconds after a full stop or comma; only GeneralizedTime with seconds has them.
    fn fraction(self, second: Option<u8>, rest: &[u8]) -> Result<(Option<u16>, &[u8]), Why> {
        let Some((b'.' | b',', after)) = rest.split_first() else {
            return Ok((None, rest));
        };
        let count = after.iter().take_while(|octet| octet.is_ascii_digit()).count();
        if self == Self::Utc || second.is_none() || count == 0 {
            return Err(Why::Shape);
        }
        let mut digits = [b'0'; 3];
        for (digit, given) in digits.iter_mut().zip(&after[..count]) {
            *digit = *given;
        }
        Ok((Some(decimal(&digits) as u16), &after[count..]))
    }
}

/// A time as written, not yet checked.
#[derive(Clone, Copy)]
struct Written {
    year: i32,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: Option<u8>,
    fraction: Option<u16>,
    zone: Zone,
}

impl Written {
    fn moment(&self) -> Result<Time, Why> {
        let Self { year, month, day, hour, minute, second, .. } = *self;
        let minutes = match self.zone {
            Zone::Utc | Zone::Unknown => 0,
            Zone::Offset { minutes } => minutes,
        };
        let civil = Civil { year, month, day, hour, minute, second: second.unwrap_or(0) };
        let local = Time::from_civil(civil).map_err(|why| Why::Calendar(why, civil))?;
        let millis = local.millis() - i64::from(minutes) * 60_000;
        let time = Time::from_millis(millis + i64::from(self.fraction.unwrap_or(0)));
        let inside =
            (Time::FIRST..=Time::NO_SET_EXPIRY).contains(&Time::from_seconds(time.seconds()));
        if inside { Ok(time) } else { Err(Why::Calendar(NotATime::Year, civil)) }
    }
}

/// What follows the digits.
#[derive(Clone, Copy)]
enum Zone {
    Utc,
    /// Minutes ahead of UTC.
    Offset {
        minutes: i32,
    },
    Unknown,
}

impl Zone {
    fn parse(rest: &[u8]) -> Result<Self, Why> {
        match rest {
            [] => Ok(Self::Unknown),
            b"Z" => Ok(Self::Utc),
            [sign @ (b'+' | b'-'), digits @ ..] => {
                let minutes = Self::minutes(digits)?;
                Ok(Self::Offset { minutes: if *sign == b'-' { -minutes } else { minutes } })
            }
            _ => Err(Why::Shape),
        }
    }

    /// `hhmm`.
    fn minutes(digits: &[u8]) -> Result<i32, Why> {
        match digits {
            [h1, h2, m1, m2] if digits.iter().all(u8::is_ascii_digit) => {
                let (hours, minutes) = (decimal(&[*h1, *h2]), decimal(&[*m1, *m2]));
                if hours > 23 || minutes > 59 { Err(Why::Shape) } else { Ok(hours * 60 + minutes) }
            }
            _ => Err(Why::Shape),
        }
    }
}

/// Why a time has no value.
enum Why {
    Shape,
    Calendar(NotATime, Civil),
}

impl Why {
    fn id(&self) -> DefectId {
        match self {
            Self::Shape => DefectId::TimeMalformed,
            Self::Calendar(NotATime::Year, Civil { year: 0, .. }) => DefectId::YearZero,
            Self::Calendar(NotATime::Second, Civil { second: 60, .. }) => DefectId::TimeLeapSecond,
            Self::Calendar(..) => DefectId::TimeMalformed,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Shape => "it is not written as a time".to_owned(),
            Self::Calendar(why, _) => why.to_string(),
        }
    }
}

/// The value of a few ASCII digits.
fn decimal(digits: &[u8]) -> i32 {
    digits.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'))
}

/// Octets of a broken time that its defect shows.
const LONGEST_SHOWN: usize = 32;
/// `2050-01-01T00:00:00Z`, from when GeneralizedTime is the only type.
const YEAR_2050: Time = Time::from_seconds(2_524_608_000);
