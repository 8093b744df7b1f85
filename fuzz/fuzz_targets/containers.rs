//! Any bytes as a file that may hold certificates: the first octet says how long a password the
//! next ones are. Something is always told.
#![no_main]

use certvigil_x509::find;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&length, rest)) = bytes.split_first() else { return };
    let (password, file) = rest.split_at(usize::from(length % 8).min(rest.len()));
    let password = str::from_utf8(password).ok().filter(|password| !password.is_empty());
    let found = find(file, password);
    assert!(!found.is_empty(), "never empty");
    for item in &found {
        assert!(item.item.is_ok() || !item.at.is_empty());
    }
});
