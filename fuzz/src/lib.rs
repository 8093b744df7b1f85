//! What several fuzz targets share: a certificate with a hole for the bytes in question, and what
//! must hold for all facts.

use certvigil_x509::{DefectId, Facts, Malformed, Recovered, read};

/// Reads `der` twice and holds the facts against what must be true of any.
pub fn read_and_check(der: &[u8]) -> Facts {
    let facts = read(der);
    assert!(facts == read(der), "the same bytes, other facts");
    assert!(facts.defects.len() <= 129, "defects are bounded");
    assert!(facts.defects.iter().all(|defect| defect.offset <= der.len()), "offsets lie inside");
    assert!(facts.defects.is_sorted_by_key(|defect| defect.offset), "defects are in order");
    assert!(causes(&facts).into_iter().all(|why| is_told(&facts, &why)), "what is lost is told");
    let refused = facts.recovered != Recovered::Strict;
    assert!(!refused || !facts.defects.is_empty(), "a refusal says why");
    let lost = [facts.not_before.is_err(), facts.not_after.is_err(), facts.subject.is_err()];
    assert!(!lost.contains(&true) || refused, "what is lost was refused");
    facts
}

/// Why each field without a value has none.
fn causes(facts: &Facts) -> Vec<Malformed> {
    let own = [
        facts.version.as_ref().err(),
        facts.serial_number.as_ref().err(),
        facts.signature_algorithm.as_ref().err(),
        facts.issuer.as_ref().err(),
        facts.not_before.as_ref().err(),
        facts.not_after.as_ref().err(),
        facts.subject.as_ref().err(),
        facts.public_key.as_ref().err(),
        facts.extensions.subject_alt_name.as_ref().err(),
        facts.extensions.basic_constraints.as_ref().err(),
        facts.extensions.key_usage.as_ref().err(),
        facts.extensions.extended_key_usage.as_ref().err(),
        facts.extensions.authority_key_identifier.as_ref().err(),
        facts.extensions.subject_key_identifier.as_ref().err(),
        facts.extensions.tls_features.as_ref().err(),
        facts.extensions.sct_count.as_ref().err(),
    ];
    own.into_iter().flatten().cloned().collect()
}

/// Whether the list of defects says so, or says that it is not complete.
fn is_told(facts: &Facts, why: &Malformed) -> bool {
    facts.defects.iter().any(|defect| {
        (defect.id, defect.offset) == (why.defect, why.offset)
            || defect.id == DefectId::TooManyDefects
    })
}

/// A legal certificate but for its issuer and its notAfter, given as whole DER.
pub fn certificate(issuer: &[u8], not_after: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &[b"\x06\x03\x2b\x65\x70"]);
    let not_before = tlv(0x18, &[b"00010101000000Z"]);
    let subject = b"\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01a";
    let key = tlv(0x30, &[&algorithm, &tlv(0x03, &[&[0; 33]])]);
    let validity = tlv(0x30, &[&not_before, not_after]);
    let signed = tlv(0x30, &[b"\x02\x01\x2a", &algorithm, issuer, &validity, subject, &key]);
    tlv(0x30, &[&signed, &algorithm, &tlv(0x03, &[&[0; 65]])])
}

/// One tag-length-value of up to 65,535 octets.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let head = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content].concat()
}
