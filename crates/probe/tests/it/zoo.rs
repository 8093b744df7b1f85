//! The lab's endpoints, whose author knows nothing of this room, end as the lab says.

use std::sync::Arc;
use std::time::Duration;

use certvigil_doors::SystemClock;
use certvigil_lab::{Lab, Place};
use certvigil_model::{Capture, Clock as _, Endpoint, Service};
use certvigil_probe::{ClientCertificate, ClientCertificates, Prober, Settings};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::JoinSet;

use crate::support::{block_on, endpoint, look_now};

/// What later rooms find in what was captured.
const LATER: &[&str] = &["unreadable", "reader-stalled", "reader-crashed"];

#[test]
fn the_whole_zoo_ends_as_it_says() {
    let lab = Lab::start(SystemClock.wall().seconds(), |_| true).unwrap();
    assert!(lab.missing().is_empty(), "{:?}", lab.missing());
    assert!(lab.places().len() > 70);
    let wrong = block_on(async {
        let mut looks = JoinSet::new();
        for place in lab.places().to_vec() {
            looks.spawn(async move {
                let capture = seen(&place).await;
                objection(&place, &capture)
            });
        }
        looks.join_all().await.into_iter().flatten().collect::<Vec<String>>()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn seen(place: &Place) -> Capture {
    let (rest, service): (_, Service) = match place.target.split_once("://") {
        Some((service, rest)) => (rest, service.parse().unwrap()),
        None => (place.target.as_str(), Service::Tls),
    };
    let (address, name) = rest.split_once('#').map_or((rest, None), |(at, name)| (at, Some(name)));
    let endpoint = Endpoint {
        service,
        server_name: name.map(|name| idna::domain_to_ascii(name).unwrap()),
        ..endpoint(address.parse().unwrap())
    };
    let settings = Settings {
        connect_timeout: Duration::from_secs(1),
        second_certificate: true,
        ehlo_name: None,
    };
    let prober = Prober::new(
        settings,
        ClientCertificates { for_all: client(place), others: Vec::new() },
        Arc::new(SystemClock),
    )
    .unwrap();
    look_now(&prober, &endpoint, false, Duration::from_secs(4)).await
}

fn client(place: &Place) -> Option<ClientCertificate> {
    let (chain, key) = place.client.as_ref()?;
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes());
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    Some(ClientCertificate { chain: chain.map(Result::unwrap).collect(), key })
}

fn objection(place: &Place, capture: &Capture) -> Option<String> {
    let expect = &place.case.expect;
    let want = match expect.outcome {
        later if LATER.contains(&later) => ("captured", None),
        outcome => (outcome, expect.phase),
    };
    let ended = &capture.ended;
    let found = (ended.outcome.name(), ended.phase.map(certvigil_model::Phase::name));
    (found != want).then(|| format!("{}: {want:?}, but {ended:?}", place.case.name))
}
