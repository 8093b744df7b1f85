//! Keys, and certificates that are for them or not; and rustls servers that show them.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use rustls::crypto::aws_lc_rs;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::{ClientHello, ResolvesServerCert, WantsServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ConfigBuilder, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The name that test certificates are for.
pub(crate) const NAME: &str = "www.example.org";

/// What a server shows and what it signs with.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) chain: Vec<Vec<u8>>,
    pub(crate) key: Vec<u8>,
    pub(crate) ocsp_response: Option<Vec<u8>>,
}

impl Identity {
    pub(crate) fn ecdsa() -> Self {
        Self::new(&PKCS_ECDSA_P256_SHA256)
    }

    pub(crate) fn rsa() -> Self {
        Self::new(&PKCS_RSA_SHA256)
    }

    fn new(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
        let certificate = certificate.self_signed(&key).unwrap().der().to_vec();
        Self { chain: vec![certificate], key: key.serialize_der(), ocsp_response: None }
    }

    /// The end entity's certificate.
    pub(crate) fn der(&self) -> &[u8] {
        &self.chain[0]
    }

    /// This chain instead.
    pub(crate) fn showing(mut self, chain: Vec<Vec<u8>>) -> Self {
        self.chain = chain;
        self
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.clone()).into()
    }

    pub(crate) fn certificates(&self) -> Vec<CertificateDer<'static>> {
        self.chain.iter().map(|der| CertificateDer::from(der.clone())).collect()
    }

    /// Whatever the chain is: rustls does not compare it with the key.
    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        let key = any_supported_type(&self.private_key()).unwrap();
        let mut certified = CertifiedKey::new(self.certificates(), key);
        certified.ocsp.clone_from(&self.ocsp_response);
        Arc::new(certified)
    }
}

/// Shows the first identity that the client can use.
#[derive(Debug)]
struct Shows(Vec<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let schemes = hello.signature_schemes();
        self.0.iter().find(|certified| certified.key.choose_scheme(schemes).is_some()).cloned()
    }
}

/// A server that shows the first of `identities` that its client can use.
pub(crate) fn shows(identities: &[&Identity]) -> ServerConfig {
    speaks(rustls::ALL_VERSIONS, identities)
}

/// The same, with these versions only.
pub(crate) fn speaks(
    versions: &[&'static SupportedProtocolVersion],
    identities: &[&Identity],
) -> ServerConfig {
    resolving(builder(versions).with_no_client_auth(), identities)
}

/// Shows `identities` by what was built so far.
pub(crate) fn resolving(
    builder: ConfigBuilder<ServerConfig, WantsServerCert>,
    identities: &[&Identity],
) -> ServerConfig {
    let all = identities.iter().map(|identity| identity.certified()).collect();
    builder.with_cert_resolver(Arc::new(Shows(all)))
}

pub(crate) fn builder(
    versions: &[&'static SupportedProtocolVersion],
) -> ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
}
