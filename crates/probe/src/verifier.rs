//! A certificate verifier that accepts everything and keeps what it saw.
//!
//! Accepting is not trusting: nothing is sent over these connections but a farewell, and the
//! chain is judged afterwards, off the socket. The handshake's signature is really checked; its
//! result is kept beside the chain.

use std::sync::{Arc, Mutex, PoisonError};

use certvigil_model::{KeyProof, Presented};
use certvigil_x509::{KeyKind, key_kind, subject_public_key_info};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};

use crate::key_type::KeyType;

/// What a server showed up to some moment of the handshake.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The first certificates of the chain as sent, once it was seen.
    pub(crate) chain: Vec<Arc<[u8]>>,
    /// How many were sent.
    pub(crate) chain_total: usize,
    /// The stapled OCSP response.
    pub(crate) ocsp_response: Option<Arc<[u8]>>,
    /// Whether the handshake's signature is by the end entity's key.
    pub(crate) key_proof: Option<KeyProof>,
    /// What the server signed with: tells which type of key it used.
    pub(crate) scheme: Option<SignatureScheme>,
}

/// Keeps what one server shows.
#[derive(Debug)]
pub(crate) struct Capturing {
    algorithms: WebPkiSupportedAlgorithms,
    seen: Mutex<Seen>,
}

impl Capturing {
    pub(crate) fn new(provider: &CryptoProvider) -> Self {
        Self { algorithms: provider.signature_verification_algorithms, seen: Mutex::default() }
    }

    /// Takes what was seen so far.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep_proof(
        &self,
        dss: &DigitallySignedStruct,
        cert: &CertificateDer<'_>,
        checked: &Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.scheme = Some(dss.scheme);
        seen.key_proof = Some(match checked {
            Ok(_) => KeyProof::Proven,
            Err(_) if is_of_another_kind(cert, dss.scheme) => KeyProof::Failed,
            Err(_) if is_out_of_reach(cert) => KeyProof::Undetermined,
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => KeyProof::Failed,
            Err(_) => KeyProof::Undetermined,
        });
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Where the certificate around the key cannot be parsed, the key itself often can.
    ///
    /// The rules of TLS 1.3 for schemes are stricter than those of 1.2: what they pass is sound
    /// there too, and what they refuse stays undetermined.
    fn or_by_raw_key(
        &self,
        checked: Result<HandshakeSignatureValid, Error>,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        use CertificateError::BadSignature;
        if matches!(checked, Ok(_) | Err(Error::InvalidCertificate(BadSignature))) {
            return checked;
        }
        let Some(key) = subject_public_key_info(cert) else { return checked };
        let key = SubjectPublicKeyInfoDer::from(key);
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }
}

impl ServerCertVerifier for Capturing {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::iter::once(end_entity).chain(intermediates);
        let kept = all.take(Presented::CHAIN_KEPT);
        seen.chain = kept.map(|certificate| Arc::from(certificate.as_ref())).collect();
        seen.chain_total = 1 + intermediates.len();
        seen.ocsp_response = (!ocsp_response.is_empty()).then(|| Arc::from(ocsp_response));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls12_signature(message, cert, dss, &self.algorithms);
        self.keep_proof(dss, cert, &self.or_by_raw_key(checked, message, cert, dss))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls13_signature(message, cert, dss, &self.algorithms);
        self.keep_proof(dss, cert, &self.or_by_raw_key(checked, message, cert, dss))
    }

    /// All that the provider can check, and what it cannot: a server that signs only by such a
    /// scheme is seen all the same, with the proof undetermined.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms.supported_schemes();
        for extra in [
            SignatureScheme::ED448,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ] {
            if !schemes.contains(&extra) {
                schemes.push(extra);
            }
        }
        schemes
    }
}

/// Whether no key of the certificate's kind can have made a signature by `scheme`.
fn is_of_another_kind(cert: &CertificateDer<'_>, scheme: SignatureScheme) -> bool {
    let holds = |oid| subject_public_key_info(cert).is_some_and(|key| names(key, oid));
    match KeyType::of_scheme(scheme) {
        Some(KeyType::Ecdsa) => holds(PKCS_1),
        Some(KeyType::Rsa) => holds(EC_PUBLIC_KEY),
        None => false,
    }
}

/// Whether the provider takes no key like this one, and calls any signature by it a bad one: its
/// RSA moduli have 2048 to 8192 bits, its exponents are odd and have 2 to 33.
fn is_out_of_reach(cert: &CertificateDer<'_>) -> bool {
    let Some(KeyKind::Rsa { bits, exponent }) = key_kind(cert) else { return false };
    let taken = |exponent| (3..1 << 33).contains(&exponent) && exponent % 2 == 1;
    !(2048..=8192).contains(&bits) || !exponent.is_some_and(taken)
}

/// Whether a SubjectPublicKeyInfo begins by naming this algorithm: behind the headers of two
/// SEQUENCEs (X.690 section 8.1) stands the OBJECT IDENTIFIER.
fn names(key: &[u8], oid: &[u8]) -> bool {
    (4..=8).any(|at| key.get(at..).is_some_and(|rest| rest.starts_with(oid)))
}

/// 1.2.840.113549.1.1, under which RSA keys are named (RFC 8017 appendix C), less its last arc.
const PKCS_1: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
/// id-ecPublicKey (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
