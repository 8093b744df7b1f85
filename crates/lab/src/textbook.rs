//! A signature that no library makes any more: RSA with SHA-1.
//!
//! The library at hand refuses to sign with SHA-1, so the key is chosen to fit the signature
//! instead of the other way round. With the exponent 3, a signature s of the padded hash m is right
//! under every modulus that divides s³ − m; so that difference itself is the modulus. Anybody could
//! do the same again, which does not matter here: the issuer's own certificate is signed in earnest.

use std::io;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::asn1::{oid, sequence, tag, tlv};
use crate::draft::{COMMON_NAME, Draft, finished, name};
use crate::key::Key;
use crate::mint::{Chain, Mint};
use crate::time::DAY;

/// `draft` signed with SHA-1, behind it the issuer's certificate, signed by the lab's root.
pub(crate) fn signed_with_sha1(mint: &Mint, draft: Draft) -> io::Result<Chain> {
    let issuer = name(&[(COMMON_NAME, tag::UTF8_STRING, b"Lab SHA-1 Issuer")]);
    let algorithm = sequence(&[&oid(SHA1_WITH_RSA), &tlv(tag::NULL, &[])]);
    let end_entity_key = Arc::clone(&draft.key);
    let tbs = draft.identified(&issuer).to_be_signed(&issuer, &algorithm);
    let padded = padded(digest(&SHA1_FOR_LEGACY_USE_ONLY, &tbs).as_ref());
    let (signature, modulus) = fitting(&padded);
    let key = Key::rsa_public(&modulus, &[3], SHA1_WITH_RSA);
    let authority = Draft::authority(mint.now, "Lab SHA-1 Issuer", key)?
        .valid(-400 * DAY, 1000 * DAY)
        .signed_by(&mint.root)?;
    let end_entity = finished(&tbs, &algorithm, &signature);
    Ok(Chain::new(vec![end_entity, authority], end_entity_key))
}

/// EMSA-PKCS1-v1_5 for SHA-1 and 2,048 bits (RFC 8017 section 9.2).
fn padded(hash: &[u8]) -> Vec<u8> {
    let sha1 = sequence(&[&oid("1.3.14.3.2.26"), &tlv(tag::NULL, &[])]);
    let info = sequence(&[&sha1, &tlv(tag::OCTET_STRING, hash)]);
    let filling = vec![0xff; LENGTH - 3 - info.len()];
    [&[0, 1][..], &filling, &[0], &info].concat()
}

/// A signature of `padded` and the odd modulus of 2,048 bits under which it is right.
fn fitting(padded: &[u8]) -> (Vec<u8>, Vec<u8>) {
    // The cube of 5.5 · 2^680 lies between 2^2047 and 2^2048, and stays there less the hash.
    let mut root = vec![0; 86];
    root[..2].copy_from_slice(&[0x05, 0x80]);
    root[85] = padded[LENGTH - 1] & 1 ^ 1;
    let cube = product(&product(&root, &root), &root);
    let signature = [vec![0; LENGTH - root.len()], root].concat();
    (signature, difference(&cube[cube.len() - LENGTH..], padded))
}

fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = vec![0_u8; a.len() + b.len()];
    for (i, x) in a.iter().enumerate().rev() {
        let mut carry = 0;
        for (j, y) in b.iter().enumerate().rev() {
            carry += u16::from(*x) * u16::from(*y) + u16::from(out[i + j + 1]);
            out[i + j + 1] = carry as u8;
            carry >>= 8;
        }
        out[i] = carry as u8;
    }
    out
}

fn difference(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = a.to_vec();
    let mut borrow = 0;
    for (digit, less) in out.iter_mut().zip(b).rev() {
        let full = i16::from(*digit) - i16::from(*less) - borrow;
        borrow = i16::from(full < 0);
        *digit = full.rem_euclid(256) as u8;
    }
    out
}

/// Bytes of the modulus.
const LENGTH: usize = 256;

const SHA1_WITH_RSA: &str = "1.2.840.113549.1.1.5";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_multiply_and_subtract_as_numbers_do() {
        assert_eq!(product(&[0xff, 0xff], &[0xff, 0xff]), [0xff, 0xfe, 0, 1]);
        assert_eq!(difference(&[1, 0, 0], &[0, 0, 1]), [0, 0xff, 0xff]);
    }
}
