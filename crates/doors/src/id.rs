//! Identifiers that nobody else has.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use certvigil_model::hex;

use crate::Secret;

/// 32 hexadecimal digits from the system's randomness: unique, but no secret.
///
/// Two keyed hashes of `RandomState`, whose keys the system's generator gives; enough to tell
/// rounds apart, not to guard anything.
pub fn random_id() -> String {
    let keys = RandomState::new();
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&keys.hash_one(0_u8).to_be_bytes());
    bytes[8..].copy_from_slice(&keys.hash_one(1_u8).to_be_bytes());
    hex(&bytes)
}

/// 64 hexadecimal digits that nobody can guess.
///
/// # Errors
/// The system has no randomness to give.
pub fn random_secret() -> std::io::Result<Secret> {
    let mut bytes = [0_u8; 32];
    let given = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())?;
    match given == bytes.len() {
        true => Ok(Secret::new(hex(&bytes))),
        false => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let ids: HashSet<String> = (0..10_000).map(|_| random_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())));
    }

    #[test]
    fn no_two_secrets_are_the_same() -> std::io::Result<()> {
        let (one, other) = (random_secret()?, random_secret()?);
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 64);
        Ok(())
    }
}
