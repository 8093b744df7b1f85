//! A certificate verifier that accepts everything and keeps what it saw.
//!
//! Accepting is not trusting: nothing is sent over these connections but a farewell, and the
//! chain is judged afterwards, off the socket. The handshake's signature is really checked; its
//! result is kept beside the chain.

use std::sync::{Arc, Mutex, PoisonError};

use certvigil_model::KeyProof;
use certvigil_x509::subject_public_key_info;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};

/// What a server showed up to some moment of the handshake.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The chain as sent, once it was seen.
    pub(crate) chain: Option<Vec<Arc<[u8]>>>,
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

    /// Whether the server has shown its chain.
    pub(crate) fn has_chain(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).chain.is_some()
    }

    fn keep_proof(
        &self,
        scheme: SignatureScheme,
        checked: &Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.scheme = Some(scheme);
        seen.key_proof = Some(match checked {
            Ok(_) => KeyProof::Proven,
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => KeyProof::Failed,
            Err(_) => KeyProof::Undetermined,
        });
        Ok(HandshakeSignatureValid::assertion())
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
        seen.chain = Some(all.map(|certificate| Arc::from(certificate.as_ref())).collect());
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
        self.keep_proof(dss.scheme, &checked)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = match verify_tls13_signature(message, cert, dss, &self.algorithms) {
            Err(Error::InvalidCertificate(error)) if error != CertificateError::BadSignature => {
                self.by_raw_key(message, cert, dss).unwrap_or(Err(error.into()))
            }
            checked => checked,
        };
        self.keep_proof(dss.scheme, &checked)
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

impl Capturing {
    /// Where the certificate around the key cannot be parsed, the key itself often can.
    fn by_raw_key(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Option<Result<HandshakeSignatureValid, Error>> {
        let key = SubjectPublicKeyInfoDer::from(subject_public_key_info(cert)?);
        Some(verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms))
    }
}
