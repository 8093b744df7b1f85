//! The TLS client configuration that every look starts from.

use std::sync::Arc;

use certvigil_model::Service;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CipherSuite, ClientConfig, SupportedCipherSuite};

use crate::ClientCertificate;
use crate::verifier::Capturing;

/// One base configuration; a look takes a clone with a verifier of its own (128 ns).
pub(crate) struct Configs {
    base: ClientConfig,
    provider: Arc<CryptoProvider>,
}

/// AES-128 first, as browsers have it: a server that leaves the choice to us then hashes with SHA-256,
/// for which processors have instructions, and not with SHA-384. It is 7 % of a look.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    let is_second = |suite: &SupportedCipherSuite| suite.suite() != FIRST_SUITE;
    provider.cipher_suites.sort_by_key(is_second);
    provider
}

const FIRST_SUITE: CipherSuite = CipherSuite::TLS13_AES_128_GCM_SHA256;

impl Configs {
    pub(crate) fn new(client: Option<ClientCertificate>) -> Result<Self, rustls::Error> {
        let provider = Arc::new(provider());
        let nobody = Arc::new(Capturing::new(&provider));
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(nobody);
        let mut base = match client {
            Some(ClientCertificate { chain, key }) => builder.with_client_auth_cert(chain, key)?,
            None => builder.with_no_client_auth(),
        };
        // A resumed session shows no certificate.
        base.resumption = Resumption::disabled();
        Ok(Self { base, provider })
    }

    /// 32 bytes that no two hellos share.
    pub(crate) fn random(&self) -> Option<[u8; 32]> {
        let mut random = [0; 32];
        self.provider.secure_random.fill(&mut random).ok().map(|()| random)
    }

    /// The configuration for one look, and the verifier that will hold what it saw.
    pub(crate) fn capturing(
        &self,
        service: Service,
        send_server_name: bool,
    ) -> (Arc<ClientConfig>, Arc<Capturing>) {
        let verifier = Arc::new(Capturing::new(&self.provider));
        let mut config = self.base.clone();
        let as_trait: Arc<Capturing> = Arc::clone(&verifier);
        config.dangerous().set_certificate_verifier(as_trait);
        config.enable_sni = send_server_name;
        config.alpn_protocols =
            service.alpn_protocols().iter().map(|protocol| protocol.to_vec()).collect();
        (Arc::new(config), verifier)
    }
}
