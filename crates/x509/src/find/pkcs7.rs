//! PKCS#7 bundles: the certificates of a SignedData (RFC 5652 section 5.1), nothing else of it.

use super::shape::{step, step_tagged};
use super::{Finds, Found, defect, no_certificate};
use crate::defect::DefectId;
use crate::der::{Cursor, Tlv, tag};

/// `at` is where the bundle stands, empty when it is the whole file.
pub(super) fn find(bytes: &[u8], within: &str, finds: &mut Finds) {
    let Some(list) = certificates(bytes) else {
        return no_certificate(within, NOTHING, finds);
    };
    let mut inside = list.inside();
    let mut count = 0;
    while let Some(choice) = step(&mut inside) {
        // The other choices of CertificateSet are attribute certificates and what has no name.
        if choice.tag == tag::SEQUENCE {
            count += 1;
            finds.push(Found::good(place(within, count), choice.whole));
        }
    }
    if count == 0 {
        no_certificate(within, NOTHING, finds);
    }
    if inside.is_cut() {
        let message = "the bundle ends before its end: more may have been in it";
        let flaw = defect(DefectId::Truncated, bytes.len(), message);
        finds.push(Found::bad(place(within, count + 1), flaw));
    }
}

/// `certificates [0] IMPLICIT CertificateSet` behind version, digest algorithms and contents.
fn certificates(bytes: &[u8]) -> Option<Tlv<'_>> {
    let mut content_info = step(&mut Cursor::new(bytes, 0))?.inside();
    step_tagged(&mut content_info, tag::OID)?;
    let mut content = step_tagged(&mut content_info, tag::constructed(0))?.inside();
    let mut signed_data = step_tagged(&mut content, tag::SEQUENCE)?.inside();
    step_tagged(&mut signed_data, tag::INTEGER)?;
    step_tagged(&mut signed_data, tag::SET)?;
    step_tagged(&mut signed_data, tag::SEQUENCE)?;
    step_tagged(&mut signed_data, tag::constructed(0))
}

/// `certificate 2`, or `line 7, certificate 2`.
pub(super) fn place(within: &str, count: usize) -> String {
    match within {
        "" => format!("certificate {count}"),
        _ => format!("{within}, certificate {count}"),
    }
}

const NOTHING: &str = "the PKCS#7 bundle holds no certificate";
