//! One look, as the engine would have it made.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_model::{
    Capture, Clock as _, Ended, Endpoint, Outcome, Phase, Presented, Service, Time, Transport,
};
use certvigil_probe::{Prober, Questions, Settings};

use crate::identity::NAME;

/// Long enough for anything that is not meant to time out.
pub(crate) const AMPLE: Duration = Duration::from_secs(20);

/// A prober that asks once, and for no second certificate.
pub(crate) fn prober() -> Prober {
    with(Settings {
        connect_timeout: Duration::from_secs(3),
        second_certificate: false,
        ehlo_name: None,
    })
}

pub(crate) fn with(settings: Settings) -> Prober {
    Prober::new(settings, certvigil_probe::ClientCertificates::default(), Arc::new(SystemClock))
        .unwrap()
}

pub(crate) fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint {
        service: Service::Tls,
        transport: Transport::Tcp,
        address: Some(address),
        host_port: address.to_string(),
        server_name: Some(NAME.to_owned()),
        location: None,
    }
}

/// A capture that has seen nothing yet.
pub(crate) fn begun() -> Capture {
    let ended = Ended::early(Outcome::NotAttempted, Phase::Resolve, "nothing was done");
    Capture::begun(Time::from_seconds(0), ended)
}

/// Looks at `endpoint` for at most `within`.
pub(crate) fn look(prober: &Prober, endpoint: &Endpoint, within: Duration) -> Capture {
    block_on(look_now(prober, endpoint, false, within))
}

pub(crate) async fn look_now(
    prober: &Prober,
    endpoint: &Endpoint,
    without_server_name: bool,
    within: Duration,
) -> Capture {
    let mut capture = begun();
    let questions = Questions { without_server_name, ..Questions::default() };
    prober.look(&mut capture, endpoint, questions, now() + within).await;
    capture
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn now() -> Instant {
    SystemClock.monotonic()
}

/// The first certificate that was seen, in whichever answer.
pub(crate) fn seen(capture: &Capture) -> Option<&[u8]> {
    let chains = capture.presented.iter().flat_map(|presented| &presented.chain);
    chains.map(AsRef::as_ref).next()
}

pub(crate) fn only(capture: &Capture) -> &Presented {
    assert_eq!(capture.presented.len(), 1, "{:?}", capture.presented);
    &capture.presented[0]
}
