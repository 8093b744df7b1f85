//! Keys, made anew at every start; none is stored.

use std::io;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use aws_lc_rs::{error, rand, rsa};
use rustls::sign::SigningKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::asn1::{bit_string, oid, sequence, tag, tlv, unsigned};

/// A public key and, where we have it, the means to sign with its private half.
pub(crate) struct Key {
    /// The DER of subjectPublicKeyInfo.
    pub(crate) spki: Vec<u8>,
    /// The DER of the AlgorithmIdentifier that signatures by this key carry.
    pub(crate) algorithm: Vec<u8>,
    signer: Signer,
    pkcs8: Vec<u8>,
}

enum Signer {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(rsa::KeyPair),
    /// Only the public half is known.
    Nobody,
}

impl Key {
    pub(crate) fn p256() -> io::Result<Arc<Self>> {
        Self::ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING, "1.2.840.10045.4.3.2")
    }

    pub(crate) fn p384() -> io::Result<Arc<Self>> {
        Self::ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING, "1.2.840.10045.4.3.3")
    }

    pub(crate) fn ed25519() -> io::Result<Arc<Self>> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(weak)?;
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(io::Error::other)?;
        Ok(Arc::new(Self {
            spki: pair.public_key().as_der().map_err(weak)?.as_ref().to_vec(),
            algorithm: sequence(&[&oid("1.3.101.112")]),
            signer: Signer::Ed25519(pair),
            pkcs8: pkcs8.as_ref().to_vec(),
        }))
    }

    pub(crate) fn rsa_2048() -> io::Result<Arc<Self>> {
        let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(weak)?;
        Ok(Arc::new(Self {
            spki: pair.public_key().as_der().map_err(weak)?.as_ref().to_vec(),
            algorithm: rsa_algorithm("1.2.840.113549.1.1.11"),
            pkcs8: pair.as_der().map_err(weak)?.as_ref().to_vec(),
            signer: Signer::Rsa(pair),
        }))
    }

    /// An RSA key of which nobody knows the private half; `algorithm` is what its signatures carry.
    pub(crate) fn rsa_public(modulus: &[u8], exponent: &[u8], algorithm: &str) -> Arc<Self> {
        let numbers = sequence(&[&unsigned(modulus), &unsigned(exponent)]);
        Arc::new(Self {
            spki: sequence(&[&rsa_algorithm("1.2.840.113549.1.1.1"), &bit_string(&numbers)]),
            algorithm: rsa_algorithm(algorithm),
            signer: Signer::Nobody,
            pkcs8: Vec::new(),
        })
    }

    fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm, signature: &str) -> io::Result<Arc<Self>> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(weak)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).map_err(io::Error::other)?;
        Ok(Arc::new(Self {
            spki: pair.public_key().as_der().map_err(weak)?.as_ref().to_vec(),
            algorithm: sequence(&[&oid(signature)]),
            signer: Signer::Ecdsa(pair),
            pkcs8: pkcs8.as_ref().to_vec(),
        }))
    }

    /// The signature over `message`, as a certificate holds it.
    pub(crate) fn sign(&self, message: &[u8]) -> io::Result<Vec<u8>> {
        match &self.signer {
            Signer::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(weak)?;
                Ok(signature.as_ref().to_vec())
            }
            Signer::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(weak)?;
                Ok(signature)
            }
            Signer::Nobody => Err(io::Error::other("nobody knows the private half of this key")),
        }
    }

    /// The private half, as PKCS #8.
    pub(crate) fn private(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pkcs8.clone()).into()
    }

    /// The private half, as a TLS server uses it.
    pub(crate) fn signing(&self) -> io::Result<Arc<dyn SigningKey>> {
        rustls::crypto::aws_lc_rs::sign::any_supported_type(&self.private())
            .map_err(io::Error::other)
    }
}

/// `N` random bytes.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(weak)?;
    Ok(bytes)
}

/// PKCS #1 algorithms carry an explicit NULL (RFC 4055 section 2.1).
fn rsa_algorithm(dotted: &str) -> Vec<u8> {
    sequence(&[&oid(dotted), &tlv(tag::NULL, &[])])
}

/// The cryptographic library says no more than that it failed.
fn weak(_: error::Unspecified) -> io::Error {
    io::Error::other("the cryptographic library failed")
}
