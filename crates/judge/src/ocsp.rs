//! Reads of a stapled OCSP response what its clients go by (RFC 6960 section 4.2.1).
//!
//! Only status and times are read: whether the response is rightly signed is not asked, since the
//! server that staples it has more to lose by it than we. Each byte is visited once; nothing
//! recurses.

use certvigil_model::{Civil, Time};

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
    let mut basic = basic_response(response)?;
    let mut tbs = basic.open(SEQUENCE)?.open(SEQUENCE)?;
    tbs.skip(VERSION);
    tbs.next()?; // responderID
    tbs.take(GENERALIZED_TIME)?; // producedAt
    let mut responses = tbs.open(SEQUENCE)?;
    while !responses.0.is_empty() {
        let mut single = responses.open(SEQUENCE)?;
        let mut cert_id = single.open(SEQUENCE)?;
        cert_id.take(SEQUENCE)?; // hashAlgorithm
        cert_id.take(OCTET_STRING)?; // issuerNameHash
        cert_id.take(OCTET_STRING)?; // issuerKeyHash
        if cert_id.take(INTEGER)? == serial {
            return single_response(single);
        }
    }
    Err(Unusable::OtherCertificate)
}

/// The contents of responseBytes, where the responder answered at all.
fn basic_response(response: &[u8]) -> Result<Der<'_>, Unusable> {
    let mut outer = Der(response).open(SEQUENCE)?;
    match outer.take(ENUMERATED)? {
        [0] => {}
        [error] => return Err(Unusable::Error(*error)),
        _ => return Err(Unusable::NotAResponse),
    }
    let mut bytes = outer.open(EXPLICIT_0)?.open(SEQUENCE)?;
    if bytes.take(OID)? != ID_PKIX_OCSP_BASIC {
        return Err(Unusable::NotAResponse);
    }
    Ok(Der(bytes.take(OCTET_STRING)?))
}

fn single_response(mut rest: Der<'_>) -> Result<SingleResponse, Unusable> {
    let status = match rest.next()? {
        (GOOD, _) => CertStatus::Good,
        (REVOKED, info) => {
            CertStatus::Revoked(Der(info).take(GENERALIZED_TIME).ok().and_then(generalized_time))
        }
        (UNKNOWN, _) => CertStatus::Unknown,
        _ => return Err(Unusable::NotAResponse),
    };
    let this_update = rest.time()?;
    let next_update = match rest.open(EXPLICIT_0) {
        Ok(mut next) => Some(next.time()?),
        Err(_) => None,
    };
    Ok(SingleResponse { status, this_update, next_update })
}

/// Bytes not yet read, a row of DER values.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value: its tag and its contents.
    fn next(&mut self) -> Result<(u8, &'a [u8]), Unusable> {
        let (&tag, rest) = self.0.split_first().ok_or(Unusable::NotAResponse)?;
        let (length, rest) = length(rest).ok_or(Unusable::NotAResponse)?;
        let (contents, rest) = rest.split_at_checked(length).ok_or(Unusable::NotAResponse)?;
        self.0 = rest;
        Ok((tag, contents))
    }

    /// The contents of the next value, which has this tag; else nothing is read.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], Unusable> {
        let mut ahead = *self;
        match ahead.next()? {
            (found, contents) if found == tag => {
                *self = ahead;
                Ok(contents)
            }
            _ => Err(Unusable::NotAResponse),
        }
    }

    fn open(&mut self, tag: u8) -> Result<Self, Unusable> {
        self.take(tag).map(Self)
    }

    fn skip(&mut self, tag: u8) {
        let _ = self.take(tag);
    }

    fn time(&mut self) -> Result<Time, Unusable> {
        generalized_time(self.take(GENERALIZED_TIME)?).ok_or(Unusable::NotAResponse)
    }
}

/// A definite length of at most four bytes, and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let length = digits.iter().fold(0_u64, |length, &digit| length << 8 | u64::from(digit));
    Some((usize::try_from(length).ok()?, rest))
}

/// `YYYYMMDDHHMMSSZ`, the one form that RFC 6960 section 4.2.2.1 allows.
fn generalized_time(text: &[u8]) -> Option<Time> {
    let digits = text.strip_suffix(b"Z").filter(|digits| digits.len() == 14)?;
    let number = |range: std::ops::Range<usize>| {
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

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const ENUMERATED: u8 = 0x0a;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const GOOD: u8 = 0x80;
const UNKNOWN: u8 = 0x82;
const VERSION: u8 = 0xa0;
const EXPLICIT_0: u8 = 0xa0;
const REVOKED: u8 = 0xa1;
/// 1.3.6.1.5.5.7.48.1.1
const ID_PKIX_OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
