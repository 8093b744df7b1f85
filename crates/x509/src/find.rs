//! Certificates in what files hold.
//!
//! Each container has its file here: PEM text, one certificate's DER or several behind each other,
//! PKCS#7, PKCS#12, Java's key stores. They share two rules: what is broken is told at its place
//! and drops nothing beside it; nothing is asked twice for the same bytes, whatever they are.

mod base64;
mod jks;
mod password;
mod pem;
mod pkcs12;
mod pkcs7;
mod shape;

use serde::{Deserialize, Serialize};

use crate::defect::{Defect, DefectId};
use crate::facts::Name;
use crate::read::read;
use shape::Shape;

/// One place where a certificate was found, or should have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Where: `line 12`, `entry www`, `byte 0`, fit to be shown.
    pub at: String,
    /// The DER of one certificate, ill-formed perhaps; or what kept it from being cut out.
    pub item: Result<Vec<u8>, Defect>,
    /// What is wrong around a certificate that could be cut out all the same: a missing END line,
    /// other programs may refuse it.
    pub flaws: Vec<Defect>,
}

impl Found {
    fn good(at: String, der: &[u8]) -> Self {
        Self { at, item: Ok(der.to_vec()), flaws: Vec::new() }
    }

    fn bad(at: String, defect: Defect) -> Self {
        Self { at, item: Err(defect), flaws: Vec::new() }
    }
}

/// Finds the certificates in `bytes`, in the order in which they stand there: PEM text with
/// anything around it, DER, PKCS#7, PKCS#12, JKS and JCEKS. Never nothing: bytes without a
/// certificate give one error that says so.
///
/// `password` opens a PKCS#12 store; the empty one is tried besides. It never panics and takes
/// linear time, plus what a password's rounds of hashing take, which are bounded.
pub fn find(bytes: &[u8], password: Option<&str>) -> Vec<Found> {
    let mut finds = Finds::default();
    match narrow(bytes) {
        Some(text) => look(&text, password, &mut finds),
        None => look(bytes, password, &mut finds),
    }
    finds.into_list()
}

fn look(bytes: &[u8], password: Option<&str>, finds: &mut Finds) {
    if binary(bytes, password, "", finds) || pem::find(bytes, password, finds) {
        return;
    }
    // A value cut out of some other file: nothing but base64 from end to end.
    if let Some(inner) = base64::whole(bytes)
        && (binary(&inner, password, "", finds) || pem::find(&inner, password, finds))
    {
        return;
    }
    if bytes.len() <= LONGEST_GUESS && may_be_certificate(bytes) {
        finds.push(Found::good("byte 0".to_owned(), bytes));
    } else {
        finds.push(Found::bad("byte 0".to_owned(), nothing(bytes)));
    }
}

/// Whether the tolerant reader makes dates or a name of it.
fn may_be_certificate(bytes: &[u8]) -> bool {
    let facts = read(bytes);
    let has_name = |name: Name| !name.text.raw().is_empty();
    facts.not_before.is_ok() || facts.not_after.is_ok() || facts.subject.is_ok_and(has_name)
}

/// Takes bytes whose beginning says what they are; `within` is what comes before each place.
/// Says whether they were any of it.
fn binary(bytes: &[u8], password: Option<&str>, within: &str, finds: &mut Finds) -> bool {
    match shape::of(bytes) {
        Some(Shape::Certificate) => shape::certificates(bytes, within, finds),
        Some(Shape::JavaKeyStore) => jks::find(bytes, within, finds),
        Some(Shape::Pkcs12) => pkcs12::find(bytes, password, within, finds),
        Some(Shape::Pkcs7) => pkcs7::find(bytes, within, finds),
        Some(Shape::PrivateKey) => no_certificate(within, "it is a private key", finds),
        Some(Shape::Request) => no_certificate(within, "it is a certification request", finds),
        Some(Shape::RevocationList) => no_certificate(within, "it is a revocation list", finds),
        None => return false,
    }
    true
}

fn no_certificate(within: &str, message: &str, finds: &mut Finds) {
    let at = if within.is_empty() { "byte 0" } else { within };
    finds.push(Found::bad(at.to_owned(), defect(DefectId::NotACertificate, 0, message)));
}

/// Text in two-byte characters, as some editors save it, with one byte each.
fn narrow(bytes: &[u8]) -> Option<Vec<u8>> {
    let low = match bytes {
        [0xff, 0xfe, ..] => 0,
        [0xfe, 0xff, ..] => 1,
        _ => return None,
    };
    let character = |pair: &[u8]| if pair[1 - low] == 0 { pair[low] } else { b'?' };
    Some(bytes[2..].chunks_exact(2).map(character).collect())
}

fn nothing(bytes: &[u8]) -> Defect {
    let message = match bytes {
        [] => "it is empty".to_owned(),
        _ => format!("no certificate is found in its {} bytes", bytes.len()),
    };
    defect(DefectId::NotACertificate, 0, message)
}

/// Of something that is no part of a certificate: the offset is from the file's start.
fn defect(id: DefectId, offset: usize, message: impl Into<String>) -> Defect {
    Defect { id, offset, field: String::new(), message: message.into() }
}

/// What was found so far, at most so many.
#[derive(Default)]
struct Finds {
    list: Vec<Found>,
    left_out: usize,
}

impl Finds {
    fn push(&mut self, found: Found) {
        if self.list.len() < MOST {
            self.list.push(found);
        } else {
            self.left_out += 1;
        }
    }

    fn into_list(mut self) -> Vec<Found> {
        if self.left_out > 0 {
            let message = format!("{} more places are left out", self.left_out);
            self.list.push(Found::bad("the end".to_owned(), defect(DefectId::TooMany, 0, message)));
        }
        self.list
    }
}

/// Places told of one file; a system's whole trust store has 150.
const MOST: usize = 100_000;
/// No certificate that anybody serves is longer.
const LONGEST_GUESS: usize = 1 << 20;
