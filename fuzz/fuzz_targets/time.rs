//! The first octet as a tag, the rest as a time at the place of notAfter: what passes without a
//! defect is written as RFC 5280 section 4.1.2.5 has it, and the date is what stands there.
#![no_main]

use certvigil_fuzz::{certificate, read_and_check, tlv};
use certvigil_model::{Civil, Time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&tag, text)) = bytes.split_first() else { return };
    if text.len() > 60 {
        return;
    }
    let facts = read_and_check(&certificate(&tlv(0x30, &[]), &tlv(tag, &[text])));
    let own = |defect: &certvigil_x509::Defect| defect.field.starts_with("tbsCertificate.validity");
    if facts.defects.iter().any(own) {
        return;
    }
    let time = facts.not_after.expect("no defect, so a date");
    assert!((Time::FIRST..=Time::NO_SET_EXPIRY).contains(&time));
    let Civil { year, month, day, hour, minute, second } = time.to_civil();
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    match tag {
        0x17 => assert_eq!(text, format!("{:02}{rest}", year % 100).as_bytes()),
        0x18 => assert!(year >= 2050 && text == format!("{year:04}{rest}").as_bytes()),
        _ => panic!("no time by its tag"),
    }
    assert!(tag == 0x18 || (1950..2050).contains(&year));
});
