//! Whom a client believes.

use std::path::PathBuf;
use std::sync::Arc;

use certvigil_doors::file;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::Unusable;

/// Bytes of a file of certificates that are read.
const MOST: u64 = 16 * 1024 * 1024;

/// The system's trust store; where there is none, why not.
pub(crate) fn of_system() -> Result<ClientConfig, String> {
    let verified = builder()?.with_platform_verifier();
    let config = verified.map_err(|error| {
        format!("this system's trust store cannot be used ({error}): install it or name `ca_file`")
    })?;
    Ok(config.with_no_client_auth())
}

/// The certificates of `files`, and no others.
pub(crate) fn of_files(files: &[PathBuf]) -> Result<ClientConfig, Unusable> {
    let mut roots = RootCertStore::empty();
    for path in files {
        let fail = |why: String| Unusable::CaFile { path: path.clone(), why };
        let bytes = file::read_at_most(path, MOST).map_err(|error| fail(error.to_string()))?;
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|error| fail(error.to_string()))?;
            roots.add(certificate).map_err(|error| fail(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(fail("it holds no certificate in PEM".to_owned()));
        }
    }
    let builder = builder().map_err(|why| Unusable::Tls { why })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Believes nobody: for `http` addresses, where nobody is asked to.
pub(crate) fn of_nobody() -> ClientConfig {
    let protocols = ClientConfig::builder_with_provider(provider());
    // The provider's own versions suit the provider: the error cannot come, and the fallback is as strict.
    let builder =
        protocols.with_safe_default_protocol_versions().unwrap_or_else(|_| ClientConfig::builder());
    builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
