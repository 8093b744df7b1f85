//! Object identifiers: the dotted form, and the names of those that rules and people ask for.

use std::fmt::Write as _;

/// The dotted form of the contents octets of an OBJECT IDENTIFIER; nothing where they are none
/// (X.690 section 8.19), or where an arc does not fit 128 bits.
pub(crate) fn dotted(content: &[u8]) -> Option<String> {
    if content.last().is_none_or(|octet| octet & MORE != 0) {
        return None;
    }
    let mut text = String::with_capacity(content.len() * 3 + 2);
    let mut arc = 0_u128;
    let mut begun = false;
    for &octet in content {
        if (!begun && octet == MORE) || arc > u128::MAX >> 7 {
            return None;
        }
        arc = arc << 7 | u128::from(octet & !MORE);
        begun = octet & MORE != 0;
        if !begun {
            push_arc(&mut text, arc);
            arc = 0;
        }
    }
    Some(text)
}

/// The first arc holds two: 40 times the first, plus the second (X.690 8.19.4).
fn push_arc(text: &mut String, arc: u128) {
    let _ = match (text.is_empty(), arc) {
        (false, arc) => write!(text, ".{arc}"),
        (true, 0..=39) => write!(text, "0.{arc}"),
        (true, 40..=79) => write!(text, "1.{}", arc - 40),
        (true, arc) => write!(text, "2.{}", arc - 80),
    };
}

const MORE: u8 = 0x80;
