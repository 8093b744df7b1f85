//! Any bytes inside of the issuer's name: text without a control character, one attribute for each
//! unescaped separator, the DER kept as it came.
#![no_main]

use certvigil_fuzz::{certificate, read_and_check, tlv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > 4_000 {
        return;
    }
    let issuer = tlv(0x30, &[bytes]);
    let facts = read_and_check(&certificate(&issuer, &tlv(0x17, &[b"271231235959Z"])));
    assert!(facts.not_after.is_ok(), "the name costs no date");
    let Ok(name) = facts.issuer else { return };
    assert_eq!(name.der, issuer);
    let text = name.text.raw();
    assert!(!text.chars().any(|c| matches!(c, '\0'..='\x1f' | '\x7f')));
    assert!(text.len() <= 16 * bytes.len());
    let parts = parts(text);
    assert!(name.common_names.len() <= parts.len());
    assert!(parts.iter().all(|part| part.contains('=')), "{text}");
});

/// Cut at every comma and plus sign that is not escaped.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if !escaped && matches!(c, ',' | '+') {
            parts.push(&text[start..at]);
            start = at + 1;
        }
        escaped = !escaped && c == '\\';
    }
    if !text.is_empty() {
        parts.push(&text[start..]);
    }
    parts
}
