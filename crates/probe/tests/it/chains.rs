//! Long chains: all are counted, few are kept.

use certvigil_model::Presented;
use rustls::version::{TLS12, TLS13};

use crate::flight::{RSA_SUITE, alert, plaintext, records};
use crate::flight::{certificate, server_hello};
use crate::identity::{Identity, speaks};
use crate::server::Then::{Close, Hold};
use crate::server::{Act, Server, say, tls};
use crate::support::{AMPLE, endpoint, look, prober};

#[test]
fn a_chain_is_kept_in_the_order_sent_up_to_a_bound() {
    for count in [1, 2, Presented::CHAIN_KEPT, Presented::CHAIN_KEPT + 1, 400] {
        let chain: Vec<Vec<u8>> = (0..count).map(|number| filler(number, 80)).collect();
        let identity = Identity::ecdsa().showing(chain.clone());
        assert_kept(vec![tls(speaks(&[&TLS13], &[&identity]))], &chain);
        assert_kept(vec![tls(speaks(&[&TLS12], &[&identity]))], &chain);
        let parts: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        let flight = plaintext_in_records(&parts);
        assert_kept(vec![say(alert(2, 70), Close), say(flight, Hold)], &chain);
    }
}

/// As `openssl s_client` takes up to 100 kB, clients differ; the bytes budget is what ends a look.
#[test]
fn a_thousand_certificates_are_read_by_the_legacy_hello() {
    let chain: Vec<Vec<u8>> = (0..1000).map(|number| filler(number, 900)).collect();
    let identity = Identity::ecdsa().showing(chain.clone());
    assert_kept(vec![tls(speaks(rustls::ALL_VERSIONS, &[&identity]))], &chain);
}

#[test]
fn an_empty_entry_among_others_is_one_of_them() {
    let chain = [filler(0, 80), Vec::new(), filler(2, 80)];
    let parts: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let flight = plaintext(0x0303, RSA_SUITE, &parts);
    assert_kept(vec![say(alert(2, 40), Close), say(flight, Hold)], &chain);
}

fn assert_kept(acts: Vec<Act>, chain: &[Vec<u8>]) {
    let server = Server::start(acts);
    let capture = look(&prober(), &endpoint(server.address), AMPLE);
    let presented = &capture.presented[0];
    assert_eq!(presented.chain_total, chain.len(), "{:?}", capture.ended);
    assert_eq!(presented.chain.len(), chain.len().min(Presented::CHAIN_KEPT));
    for (kept, sent) in presented.chain.iter().zip(chain) {
        assert_eq!(&**kept, sent);
    }
}

fn plaintext_in_records(chain: &[&[u8]]) -> Vec<u8> {
    records(&[server_hello(0x0303, RSA_SUITE, &[]), certificate(chain)].concat(), 16_384)
}

/// Something for a certificate, told apart by its number.
fn filler(number: usize, length: usize) -> Vec<u8> {
    let mut filler = vec![0x5a; length];
    filler[..8].copy_from_slice(&(number as u64).to_be_bytes());
    filler
}
