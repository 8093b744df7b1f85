//! Any bytes as a certificate: never a panic, always bounded and repeatable facts.
#![no_main]

use certvigil_x509::subject_public_key_info;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| {
    let facts = certvigil_fuzz::read_and_check(der);
    if let Ok(key) = &facts.public_key {
        assert_eq!(subject_public_key_info(der), Some(&key.spki_der[..]));
    }
});
