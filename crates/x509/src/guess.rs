//! Dates found elsewhere than at their place: better than nothing, never to be trusted.

use crate::der::{Cursor, Tlv, tag};

/// The first two times that stand side by side anywhere in `bytes`.
pub(crate) fn adjacent_times(bytes: &[u8]) -> Option<[Tlv<'_>; 2]> {
    (0..bytes.len()).find_map(|offset| {
        let mut cursor = Cursor::new(&bytes[offset..], offset);
        Some([time(&mut cursor)?, time(&mut cursor)?])
    })
}

/// The next one, where it is a time by its tag, its length and its first digits.
fn time<'a>(cursor: &mut Cursor<'a>) -> Option<Tlv<'a>> {
    if !matches!(cursor.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
        return None;
    }
    let tlv = cursor.strict()?;
    let fits = LENGTHS.contains(&tlv.content.len());
    (fits && tlv.content[..DIGITS].iter().all(u8::is_ascii_digit)).then_some(tlv)
}

/// From `YYMMDDhhmmZ` to a GeneralizedTime with a fraction and an offset.
const LENGTHS: std::ops::RangeInclusive<usize> = 11..=28;
const DIGITS: usize = 10;
