//! Java's own key stores, JKS and JCEKS, whose certificates stand there in clear.
//!
//! No standard describes them; the layout is the one of the OpenJDK's `JavaKeyStore.engineLoad`:
//! numbers big-endian, texts with a length of two octets. The digest at the end needs the password
//! and says nothing of a certificate, so it is not looked at.

use certvigil_model::Foreign;

use super::pkcs7::place;
use super::{Finds, Found, defect, no_certificate};
use crate::defect::DefectId;
use crate::der::tag;

/// How a JKS begins.
pub(super) const JKS: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];
/// How a JCEKS begins.
pub(super) const JCEKS: [u8; 4] = [0xce, 0xce, 0xce, 0xce];

pub(super) fn find(bytes: &[u8], within: &str, finds: &mut Finds) {
    let told = finds.list.len();
    let mut input = Input { bytes, at: JKS.len() };
    let end = read(&mut input, within, finds);
    if end.is_none() {
        let message = "the store cannot be read from here on: what else is in it is not told";
        let at = place_of(within, &format!("byte {}", input.at));
        finds.push(Found::bad(at, defect(DefectId::StoreMalformed, input.at, message)));
    } else if finds.list.len() == told {
        no_certificate(within, "the Java key store holds no certificate", finds);
    }
}

/// `version, count, entries`; nothing where it ends too early.
fn read(input: &mut Input<'_>, within: &str, finds: &mut Finds) -> Option<()> {
    let version = input.number().filter(|version| matches!(version, 1 | 2))?;
    let mut left = input.number()?;
    while left > 0 {
        left -= 1;
        let start = input.at;
        let kind = input.number()?;
        let alias = Foreign::from_bytes(input.text()?).shown_within(ALIAS).to_string();
        input.take(DATE)?;
        let at = place_of(within, &format!("entry {alias}"));
        match kind {
            PRIVATE_KEY => chain(input, version, &at, finds)?,
            TRUSTED_CERTIFICATE => finds.push(Found::good(at, input.certificate(version)?)),
            // A Java object without a length: what comes next is looked for behind it.
            SECRET_KEY if left > 0 => input.seek_entry(version)?,
            SECRET_KEY => {}
            _ => {
                input.at = start;
                return None;
            }
        }
    }
    Some(())
}

/// The certificates of a private key, whose own bytes are passed over.
fn chain(input: &mut Input<'_>, version: u32, at: &str, finds: &mut Finds) -> Option<()> {
    input.long_bytes()?;
    for index in 1..=input.number()? {
        let der = input.certificate(version)?;
        finds.push(Found::good(place(at, index as usize), der));
    }
    Some(())
}

/// `entry www`, or `line 7, entry www`.
fn place_of(within: &str, what: &str) -> String {
    if within.is_empty() { what.to_owned() } else { format!("{within}, {what}") }
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Its length in two octets, then itself.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length: [u8; 2] = self.take(2)?.try_into().ok()?;
        self.take(usize::from(u16::from_be_bytes(length)))
    }

    /// Its length in four octets, then itself.
    fn long_bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length as usize)
    }

    /// The type of a certificate stands before it since version 2.
    fn certificate(&mut self, version: u32) -> Option<&'a [u8]> {
        if version == 2 {
            self.text()?;
        }
        self.long_bytes()
    }

    /// Moves on to where the next entry begins.
    fn seek_entry(&mut self, version: u32) -> Option<()> {
        let ahead = (self.at..self.bytes.len())
            .find(|&at| Input { bytes: self.bytes, at }.begins_entry(version).is_some());
        self.at = ahead?;
        Some(())
    }

    /// As far as its first octets tell: kind, name, date, and how what is kept there must begin.
    fn begins_entry(mut self, version: u32) -> Option<()> {
        let kind = self.number()?;
        self.text()?;
        let date: [u8; DATE] = self.take(DATE)?.try_into().ok()?;
        let begins_right = match kind {
            PRIVATE_KEY => self.long_bytes()?.first() == Some(&tag::SEQUENCE),
            TRUSTED_CERTIFICATE => version == 1 || self.text()? == b"X.509",
            SECRET_KEY => self.take(2)? == JAVA_OBJECT,
            _ => false,
        };
        (begins_right && u64::from_be_bytes(date) < YEAR_2100).then_some(())
    }
}

const PRIVATE_KEY: u32 = 1;
const TRUSTED_CERTIFICATE: u32 = 2;
const SECRET_KEY: u32 = 3;
/// Octets of an entry's date, in milliseconds since 1970.
const DATE: usize = 8;
/// How Java's serialisation begins.
const JAVA_OBJECT: [u8; 2] = [0xac, 0xed];
const YEAR_2100: u64 = 4_102_444_800_000;
/// Characters of a name that are shown.
const ALIAS: usize = 80;
