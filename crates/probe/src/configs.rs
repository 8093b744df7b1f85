//! The TLS client configuration that every look starts from.

use std::sync::Arc;

use certvigil_model::Service;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CipherSuite, ClientConfig, SupportedCipherSuite};

use crate::verifier::Capturing;
use crate::{ClientCertificate, ClientCertificates};

/// A base configuration for each client certificate; a look takes a clone with a verifier of its own
/// (128 ns).
pub(crate) struct Configs {
    base: ClientConfig,
    /// For the targets that show another certificate than the rest.
    others: Vec<ClientConfig>,
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
    pub(crate) fn new(clients: ClientCertificates) -> Result<Self, rustls::Error> {
        let provider = Arc::new(provider());
        let base = config(&provider, clients.for_all)?;
        let others = clients.others.into_iter().map(|client| config(&provider, Some(client)));
        Ok(Self { base, others: others.collect::<Result<_, _>>()?, provider })
    }

    /// 32 bytes that no two hellos share.
    pub(crate) fn random(&self) -> Option<[u8; 32]> {
        let mut random = [0; 32];
        self.provider.secure_random.fill(&mut random).ok().map(|()| random)
    }

    /// The configuration for one look, and the verifier that will hold what it saw. `client` is the
    /// place of its certificate among the others.
    pub(crate) fn capturing(
        &self,
        service: Service,
        send_server_name: bool,
        client: Option<usize>,
    ) -> (Arc<ClientConfig>, Arc<Capturing>) {
        let verifier = Arc::new(Capturing::new(&self.provider));
        let other = client.and_then(|place| self.others.get(place));
        let mut config = other.unwrap_or(&self.base).clone();
        let as_trait: Arc<Capturing> = Arc::clone(&verifier);
        config.dangerous().set_certificate_verifier(as_trait);
        config.enable_sni = send_server_name;
        config.alpn_protocols =
            service.alpn_protocols().iter().map(|protocol| protocol.to_vec()).collect();
        (Arc::new(config), verifier)
    }
}

fn config(
    provider: &Arc<CryptoProvider>,
    client: Option<ClientCertificate>,
) -> Result<ClientConfig, rustls::Error> {
    let nobody = Arc::new(Capturing::new(provider));
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(nobody);
    let mut config = match client {
        Some(ClientCertificate { chain, key }) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    // A resumed session shows no certificate.
    config.resumption = Resumption::disabled();
    Ok(config)
}
