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
    let arc = match (text.is_empty(), arc) {
        (false, arc) => arc,
        (true, 0..=39) => {
            text.push('0');
            arc
        }
        (true, 40..=79) => {
            text.push('1');
            arc - 40
        }
        (true, arc) => {
            text.push('2');
            arc - 80
        }
    };
    text.push('.');
    push_decimal(text, arc);
}

/// Most of reading an ordinary certificate would be formatting these, were it left to `fmt`.
fn push_decimal(text: &mut String, value: u128) {
    let Ok(mut value) = u32::try_from(value) else {
        let _ = write!(text, "{value}");
        return;
    };
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    text.extend(digits[at..].iter().map(|&digit| char::from(digit)));
}

const MORE: u8 = 0x80;
