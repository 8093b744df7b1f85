//! What building paths for one presented chain may cost.

use std::cell::Cell;

use webpki::Error;

/// The work left for one chain and one profile, over every moment that is tried.
///
/// webpki bounds its steps (200,000) and signatures (100) for one question, but a step reads all
/// intermediates anew: a few hundred bytes in an honest chain, half a megabyte in a hostile one, where
/// a single endpoint would keep a thread busy for minutes. So bytes are counted here.
#[derive(Debug)]
pub(super) struct Effort {
    left: Cell<usize>,
    step: usize,
}

impl Effort {
    /// For a search in which a step reads `bytes` once, and hashes them once for each of `anchors`.
    pub(super) fn new(bytes: usize, anchors: usize) -> Self {
        Self { left: Cell::new(LIMIT), step: bytes.saturating_mul(anchors.saturating_add(1)) }
    }

    /// Pays for one step.
    ///
    /// # Errors
    /// Nothing is left; the error is one that ends webpki's search at once.
    pub(super) fn spend(&self) -> Result<(), Error> {
        let left = self.left.get().checked_sub(self.step);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Error::MaximumPathBuildCallsExceeded)
    }
}

/// In bytes read or hashed: some 10 ms. An ordinary chain of 4 KiB has a thousand steps.
const LIMIT: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_paid_by_what_they_read() {
        for (bytes, anchors, want) in
            [(4096, 1, LIMIT / 8192), (500_000, 1, 8), (500_000, 2, 5), (LIMIT, 1, 0)]
        {
            let effort = Effort::new(bytes, anchors);
            let steps = (0..LIMIT).take_while(|_| effort.spend().is_ok()).count();
            assert_eq!(steps, want, "{bytes} bytes, {anchors} anchors");
            assert!(effort.spend().is_err_and(|error| is_last_word(&error)));
        }
    }

    fn is_last_word(error: &Error) -> bool {
        matches!(error, Error::MaximumPathBuildCallsExceeded)
    }
}
