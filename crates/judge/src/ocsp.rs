//! Reads of a stapled OCSP response what its clients go by (RFC 6960 section 4.2.1).
//!
//! Only status and times are read: whether the response is rightly signed is not asked, since the
//! server that staples it has more to lose by it than we. Each byte is visited a fixed number of
//! times; nothing recurses.

use std::ops::Range;

use certvigil_model::{Civil, Time};

use crate::der::{Element, SEQUENCE, elements, open};

/// What a response says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SingleResponse {
    /// The certificate's state.
    pub(crate) status: CertStatus,
    /// When that was known to be right.
    pub(crate) this_update: Time,
    /// Until when it may be believed; none where newer word is always to be had.
    pub(crate) next_update: Option<Time>,
}

/// The state of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertStatus {
    /// Not revoked.
    Good,
    /// Revoked at this moment, where it can be told.
    Revoked(Option<Time>),
    /// The responder does not know it.
    Unknown,
}

/// Why a response says nothing of the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// The bytes are no OCSP response.
    NotAResponse,
    /// The responder answered by an error: its number (RFC 6960 section 4.2.1).
    Error(u8),
    /// It speaks of other certificates only.
    OtherCertificate,
}

/// What `response` says of the certificate with the serial number `serial` (contents octets).
pub(crate) fn read(response: &[u8], serial: &[u8]) -> Result<SingleResponse, Unusable> {
    let outer = open(response, 0..response.len(), SEQUENCE).ok_or(Unusable::NotAResponse)?;
    let mut outer = elements(response, outer);
    let status = outer.next().filter(|status| status.tag == ENUMERATED);
    match status.and_then(|status| response.get(status.contents)) {
        Some([0]) => {}
        Some([error]) => return Err(Unusable::Error(*error)),
        _ => return Err(Unusable::NotAResponse),
    }
    let bytes = outer.next().ok_or(Unusable::NotAResponse)?;
    let responses = responses(response, bytes.contents).ok_or(Unusable::NotAResponse)?;
    for single in elements(response, responses) {
        let mut parts = elements(response, single.contents);
        let cert_id = parts.next().ok_or(Unusable::NotAResponse)?;
        let number = elements(response, cert_id.contents).nth(SERIAL_NUMBER);
        if number.and_then(|number| response.get(number.contents)) == Some(serial) {
            return single_response(response, parts).ok_or(Unusable::NotAResponse);
        }
    }
    Err(Unusable::OtherCertificate)
}

/// Where the single responses lie inside responseBytes.
fn responses(response: &[u8], bytes: Range<usize>) -> Option<Range<usize>> {
    let mut bytes = elements(response, open(response, bytes, SEQUENCE)?);
    if response.get(bytes.next()?.contents)? != ID_PKIX_OCSP_BASIC {
        return None;
    }
    let basic = bytes.next().filter(|basic| basic.tag == OCTET_STRING)?.contents;
    let tbs = open(response, open(response, basic, SEQUENCE)?, SEQUENCE)?;
    // Before them stand the version (only where it is not 1), responderID and producedAt.
    let responses = elements(response, tbs).find(|element| element.tag == SEQUENCE)?;
    Some(responses.contents)
}

fn single_response(
    response: &[u8],
    mut parts: impl Iterator<Item = Element>,
) -> Option<SingleResponse> {
    let time = |element: Element| {
        let text = response.get(element.contents).filter(|_| element.tag == GENERALIZED_TIME);
        text.and_then(generalized_time)
    };
    let within = |element: Element| elements(response, element.contents).next();
    let status = parts.next()?;
    let status = match status.tag {
        GOOD => CertStatus::Good,
        REVOKED => CertStatus::Revoked(within(status).and_then(time)),
        UNKNOWN => CertStatus::Unknown,
        _ => return None,
    };
    let this_update = time(parts.next()?)?;
    let next_update = match parts.next().filter(|next| next.tag == NEXT_UPDATE) {
        Some(next) => Some(time(within(next)?)?),
        None => None,
    };
    Some(SingleResponse { status, this_update, next_update })
}

/// `YYYYMMDDHHMMSSZ`, the one form that RFC 6960 section 4.2.2.1 allows.
fn generalized_time(text: &[u8]) -> Option<Time> {
    let digits = text.strip_suffix(b"Z").filter(|digits| digits.len() == 14)?;
    let number = |range: Range<usize>| {
        digits.get(range)?.iter().try_fold(0_u16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
        })
    };
    let byte = |range| number(range).and_then(|number| u8::try_from(number).ok());
    let civil = Civil {
        year: i32::from(number(0..4)?),
        month: byte(4..6)?,
        day: byte(6..8)?,
        hour: byte(8..10)?,
        minute: byte(10..12)?,
        second: byte(12..14)?,
    };
    Time::from_civil(civil).ok()
}

const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const GENERALIZED_TIME: u8 = 0x18;
const GOOD: u8 = 0x80;
const UNKNOWN: u8 = 0x82;
const NEXT_UPDATE: u8 = 0xa0;
const REVOKED: u8 = 0xa1;
/// Its place in a CertID, after the algorithm and the hashes of the issuer's name and key.
const SERIAL_NUMBER: usize = 3;
/// 1.3.6.1.5.5.7.48.1.1
const ID_PKIX_OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! response {
        ($name:literal) => {
            include_bytes!(concat!("../tests/data/ocsp/", $name, ".der"))
        };
    }

    fn day(day: u8) -> Option<Time> {
        Time::from_civil(Civil { year: 2026, month: 11, day, hour: 0, minute: 0, second: 0 }).ok()
    }

    fn said(status: CertStatus, this: u8, next: Option<u8>) -> Option<SingleResponse> {
        let this_update = day(this)?;
        Some(SingleResponse { status, this_update, next_update: next.and_then(day) })
    }

    /// Responses of python cryptography; see `make.py` beside them.
    #[test]
    fn responses_are_read_as_they_were_made() {
        let revoked = CertStatus::Revoked(day(10));
        for (name, given, want) in [
            ("good", &response!("good")[..], said(CertStatus::Good, 20, Some(27))),
            ("by key", response!("good-by-key"), said(CertStatus::Good, 20, Some(27))),
            ("no nextUpdate", response!("good-without-next"), said(CertStatus::Good, 20, None)),
            ("stale", response!("stale"), said(CertStatus::Good, 16, Some(23))),
            ("revoked", response!("revoked"), said(revoked, 20, Some(27))),
            ("unknown", response!("unknown"), said(CertStatus::Unknown, 20, Some(27))),
        ] {
            assert_eq!(read(given, &[1]).ok(), want, "{name}");
        }
        assert_eq!(read(response!("other"), &[1]), Err(Unusable::OtherCertificate));
        assert_eq!(read(response!("try-later"), &[1]), Err(Unusable::Error(3)));
        assert_eq!(read(b"", &[1]), Err(Unusable::NotAResponse));
        assert_eq!(read(b"HTTP/1.1 404", &[1]), Err(Unusable::NotAResponse));
    }

    #[test]
    fn no_cut_and_no_changed_byte_makes_it_panic() {
        let good = response!("revoked");
        for end in 0..good.len() {
            let _ = read(&good[..end], &[1]);
        }
        for at in 0..good.len().min(200) {
            for byte in [0x00, 0x01, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = good.to_vec();
                changed[at] = byte;
                let _ = read(&changed, &[1]);
            }
        }
    }
}
