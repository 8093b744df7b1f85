//! Any bytes as a server's first plaintext flight, taken in whole and in pieces: what the whole tells
//! the pieces tell too.
#![no_main]

use certvigil_probe::legacy::{Fault, Progress, Transcript};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&step, flight)) = bytes.split_first() else { return };
    let whole = Transcript::default().take_in(flight);
    let pieces = in_pieces(flight, usize::from(step) + 1);
    // One that goes wrong may go wrong elsewhere, or not yet, when it comes in pieces.
    assert!(whole == pieces || whole.is_err(), "{whole:?} {pieces:?}");
    if let Ok(Progress::Certificate(chain)) = whole {
        assert!(chain.iter().map(|certificate| certificate.len()).sum::<usize>() <= flight.len());
    }
});

fn in_pieces(flight: &[u8], step: usize) -> Result<Progress, Fault> {
    let mut transcript = Transcript::default();
    for piece in flight.chunks(step) {
        match transcript.take_in(piece)? {
            Progress::WantsMore => {}
            certificate @ Progress::Certificate(_) => return Ok(certificate),
        }
    }
    Ok(Progress::WantsMore)
}
