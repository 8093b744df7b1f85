//! Each signature is verified once in a process, whoever shows it and however often.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use sha2::{Digest, Sha256};

/// A bounded memory of signatures already verified, shared by `&` across threads.
///
/// It keeps what cannot change: that this signature over these bytes is, or is not, by this key.
/// Dates, names and trust are judged anew at each look.
#[derive(Debug, Default)]
pub struct Signatures {
    generations: Mutex<Generations>,
    verified: AtomicU64,
}

impl Signatures {
    /// How many signatures were really verified so far: the rest was remembered.
    pub fn verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    /// Whether `signature` is by `public_key` over `message`.
    fn verify(
        &self,
        algorithm: &dyn SignatureVerificationAlgorithm,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = memory_key(algorithm, public_key, message, signature);
        let remembered = self.lock(|generations| generations.recall(&key));
        let valid = remembered.unwrap_or_else(|| {
            self.verified.fetch_add(1, Ordering::Relaxed);
            let valid = algorithm.verify_signature(public_key, message, signature).is_ok();
            self.lock(|generations| generations.remember(key, valid));
            valid
        });
        if valid { Ok(()) } else { Err(InvalidSignature) }
    }

    fn lock<T>(&self, with: impl FnOnce(&mut Generations) -> T) -> T {
        with(&mut self.generations.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One of webpki's algorithms that asks the memory first.
pub(crate) struct Remembering<'a> {
    algorithm: &'static dyn SignatureVerificationAlgorithm,
    memory: &'a Signatures,
    rewordings: &'a [Rewording<'a>],
}

impl<'a> Remembering<'a> {
    /// All that webpki can verify. Where a message is a copy that was reworded for webpki's eyes,
    /// the signature is checked over the original.
    pub(crate) fn all(
        memory: &'a Signatures,
        rewordings: &'a [Rewording<'a>],
    ) -> impl Iterator<Item = Self> {
        webpki::ALL_VERIFICATION_ALGS.iter().map(move |&algorithm| Self {
            algorithm,
            memory,
            rewordings,
        })
    }
}

impl SignatureVerificationAlgorithm for Remembering<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // By place, not by value: who sends our copy as a certificate of its own has no signature.
        let signed = self.rewordings.iter().find(|reworded| std::ptr::eq(reworded.read, message));
        let message = signed.map_or(message, |reworded| reworded.signed);
        self.memory.verify(self.algorithm, public_key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm.signature_alg_id()
    }
}

impl fmt::Debug for Remembering<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.algorithm.fmt(f)
    }
}

/// A tbsCertificate as webpki reads it, beside the one that was signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rewording<'a> {
    /// What webpki reads.
    pub(crate) read: &'a [u8],
    /// What its issuer signed.
    pub(crate) signed: &'a [u8],
}

/// Two generations: when the young one is full it becomes the old one, and what was not asked for
/// since is dropped. Bounded, and no list of ages is kept.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<MemoryKey, bool>,
    old: HashMap<MemoryKey, bool>,
}

impl Generations {
    fn recall(&mut self, key: &MemoryKey) -> Option<bool> {
        if let Some(&valid) = self.young.get(key) {
            return Some(valid);
        }
        let valid = self.old.remove(key)?;
        self.remember(*key, valid);
        Some(valid)
    }

    fn remember(&mut self, key: MemoryKey, valid: bool) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, valid);
    }
}

/// SHA-256 over the algorithm, the key, the message and the signature, each with its length: no
/// two questions share one, so no answer is ever given to another question.
type MemoryKey = [u8; 32];

fn memory_key(
    algorithm: &dyn SignatureVerificationAlgorithm,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> MemoryKey {
    let signature_alg_id = algorithm.signature_alg_id();
    let public_key_alg_id = algorithm.public_key_alg_id();
    let mut digest = Sha256::new();
    for part in
        [signature_alg_id.as_ref(), public_key_alg_id.as_ref(), public_key, message, signature]
    {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Signatures in one generation; two of them take about 5 MB when full.
const GENERATION: usize = 32_768;

#[cfg(test)]
mod tests {
    use super::*;

    /// Says yes to signatures that begin with 1; its identifiers are of no algorithm there is.
    #[derive(Debug)]
    struct OneIsValid;

    impl SignatureVerificationAlgorithm for OneIsValid {
        fn verify_signature(
            &self,
            _public_key: &[u8],
            _message: &[u8],
            signature: &[u8],
        ) -> Result<(), InvalidSignature> {
            if signature.first() == Some(&1) { Ok(()) } else { Err(InvalidSignature) }
        }

        fn public_key_alg_id(&self) -> AlgorithmIdentifier {
            AlgorithmIdentifier::from_slice(b"key")
        }

        fn signature_alg_id(&self) -> AlgorithmIdentifier {
            AlgorithmIdentifier::from_slice(b"signature")
        }
    }

    #[test]
    fn a_signature_is_verified_once_and_both_answers_are_kept() {
        let memory = Signatures::default();
        for _ in 0..3 {
            assert!(memory.verify(&OneIsValid, b"k", b"m", &[1]).is_ok());
            assert!(memory.verify(&OneIsValid, b"k", b"m", &[2]).is_err());
        }
        assert_eq!(memory.verified(), 2);
    }

    #[test]
    fn no_question_gets_the_answer_of_another() {
        let questions: [(&[u8], &[u8], &[u8]); 5] = [
            (b"key", b"message", &[1]),
            (b"ke", b"ymessage", &[1]),
            (b"keym", b"essage", &[1]),
            (b"key", b"messag", &[b'e', 1]),
            (b"key", b"message", &[1, 0]),
        ];
        let memory = Signatures::default();
        for (key, message, signature) in questions {
            let _ = memory.verify(&OneIsValid, key, message, signature);
        }
        assert_eq!(memory.verified(), questions.len() as u64);
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_asked_for() {
        let mut generations = Generations::default();
        let key = |n: usize| memory_key(&OneIsValid, &n.to_be_bytes(), b"", b"");
        generations.remember(key(0), true);
        for n in 1..3 * GENERATION {
            generations.remember(key(n), true);
            if n % (GENERATION / 2) == 0 {
                assert_eq!(generations.recall(&key(0)), Some(true), "after {n}");
            }
        }
        assert_eq!(generations.recall(&key(1)), None);
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }
}
