//! The first octet chooses a dialect, the second how the rest comes in pieces: what a server says
//! before TLS. The conversation ends the same way however it comes, and its words are one safe line.
#![no_main]

use certvigil_model::{Outcome, Service};
use certvigil_probe::dialect::{Rehearsed, rehearse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [choice, step, words @ ..] = bytes else { return };
    let services: Vec<_> = Service::all().filter(|service| service.starts_in_plaintext()).collect();
    let service = services[usize::from(*choice) % services.len()];
    let whole = rehearse(service, &[words]);
    let pieces: Vec<&[u8]> = words.chunks(usize::from(*step) + 1).collect();
    let in_pieces = rehearse(service, &pieces);
    assert!(words.ends_with(&whole.injected) && words.len() >= whole.injected.len());
    if words.len() < 32 << 10 {
        assert_eq!((outcome(&whole), &whole.said), (outcome(&in_pieces), &in_pieces.said));
    }
    for ended in [whole.ended, in_pieces.ended].into_iter().filter_map(Result::err) {
        let reason = ended.reason.expect("a bad end has a reason");
        assert!(reason.len() < 4000 && !reason.chars().any(char::is_control), "{reason}");
    }
});

fn outcome(rehearsed: &Rehearsed) -> Option<Outcome> {
    rehearsed.ended.as_ref().err().map(|ended| ended.outcome)
}
