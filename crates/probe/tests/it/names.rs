//! What a look says about whom it wants: server name and protocols.

use std::io::Write as _;
use std::net::{Ipv6Addr, TcpListener};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};

use certvigil_model::{Endpoint, Host, Outcome, Phase, Service, Target, TargetOptions};
use rustls::server::Acceptor;

use crate::flight::alert;
use crate::identity::{Identity, shows};
use crate::server::{Act, Server, tls};
use crate::support::{AMPLE, endpoint, look, only, prober};

/// The server name and the protocols of one hello.
type Wanted = (Option<String>, Vec<String>);

/// Tells what each hello wants, and refuses it.
fn telling(told: Sender<Wanted>) -> Act {
    let told = Mutex::new(told);
    Box::new(move |mut stream| {
        let mut acceptor = Acceptor::default();
        let accepted = loop {
            acceptor.read_tls(&mut stream).unwrap();
            if let Some(accepted) = acceptor.accept().map_err(|(error, _)| error).unwrap() {
                break accepted;
            }
        };
        let hello = accepted.client_hello();
        let name = hello.server_name().map(str::to_owned);
        let protocols = hello.alpn().into_iter().flatten();
        let protocols = protocols.map(|name| String::from_utf8(name.to_vec()).unwrap());
        told.lock().unwrap().send((name, protocols.collect())).unwrap();
        stream.write_all(&alert(2, 40)).unwrap();
    })
}

/// What the whole handshake and the legacy hello that follows its refusal want.
fn wanted(change: impl FnOnce(&mut Endpoint)) -> [Wanted; 2] {
    let (told, wanted) = channel();
    let server = Server::start(vec![telling(told)]);
    let mut endpoint = endpoint(server.address);
    change(&mut endpoint);
    let capture = look(&prober(), &endpoint, AMPLE);
    assert_eq!(capture.ended.outcome, Outcome::TlsAlert);
    [wanted.recv().unwrap(), wanted.recv().unwrap()]
}

/// RFC 6066 section 3: a DNS name without its trailing dot, and never an address.
#[test]
fn names_are_sent_as_dns_has_them() {
    let long = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
    for (given, want) in [
        (Some("www.example.org"), Some("www.example.org")),
        (Some("www.example.org."), Some("www.example.org")),
        (Some("under_score.example.org"), Some("under_score.example.org")),
        (Some("_sip.example.org"), Some("_sip.example.org")),
        (Some("xn--bcher-kva.example"), Some("xn--bcher-kva.example")),
        (Some("r3---sn-4g5e6nls.example"), Some("r3---sn-4g5e6nls.example")),
        (Some("localhost"), Some("localhost")),
        (Some(&*long), Some(&*long)),
        (None, None),
    ] {
        let wanted = wanted(|endpoint| endpoint.server_name = given.map(str::to_owned));
        assert_eq!(wanted.map(|(name, _)| name), [want, want].map(|name| name.map(str::to_owned)));
    }
}

#[test]
fn an_address_is_never_sent_as_a_name() {
    for host in ["127.0.0.1", "::1"] {
        let target = Target {
            written: certvigil_model::Foreign::new(host),
            host: Host::Ip(host.parse().unwrap()),
            port: 443,
            service: Service::Tls,
            options: TargetOptions::default(),
            origin: None,
            owner: None,
            tags: Vec::new(),
            also: Vec::new(),
        };
        let wanted = wanted(|given| *given = target.endpoint(given.address, None));
        assert_eq!(wanted.map(|(name, _)| name), [None, None]);
    }
}

#[test]
fn an_ipv6_address_is_looked_at_like_any_other() {
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    let identity = Identity::ecdsa();
    let server = Server::on(listener, vec![tls(shows(&[&identity]))]);
    let bare = Endpoint { server_name: None, ..endpoint(server.address) };
    for endpoint in [bare, endpoint(server.address)] {
        let capture = look(&prober(), &endpoint, AMPLE);
        assert_eq!(capture.ended.outcome, Outcome::Captured, "{:?}", capture.ended);
        assert_eq!(&*only(&capture).chain[0], identity.der());
    }
}

/// No list of targets lets it through; should one, it is we who cannot ask.
#[test]
fn what_is_no_name_is_our_own_lack() {
    let server = Server::start(vec![tls(shows(&[&Identity::ecdsa()]))]);
    for name in ["", "a..example", "*.example", "[::1]", &"a".repeat(64)] {
        let endpoint = Endpoint { server_name: Some(name.to_owned()), ..endpoint(server.address) };
        let ended = look(&prober(), &endpoint, AMPLE).ended;
        assert_eq!((ended.outcome, ended.phase), (Outcome::Local, Some(Phase::Hello)), "{name}");
    }
}

#[test]
fn https_offers_its_protocols_and_tls_none() {
    for (service, want) in [(Service::Https, &["h2", "http/1.1"][..]), (Service::Tls, &[])] {
        let wanted = wanted(|endpoint| endpoint.service = service);
        assert_eq!(wanted.map(|(_, protocols)| protocols), [want, want]);
    }
}

#[test]
fn the_protocol_that_the_server_chose_is_told() {
    for (served, want) in [(&[&b"http/1.1"[..]][..], Some("http/1.1")), (&[], None)] {
        let mut config = shows(&[&Identity::ecdsa()]);
        config.alpn_protocols = served.iter().map(|name| name.to_vec()).collect();
        let server = Server::start(vec![tls(config)]);
        let mut endpoint = endpoint(server.address);
        endpoint.service = Service::Https;
        let capture = look(&prober(), &endpoint, AMPLE);
        let tls = only(&capture).tls.clone().unwrap();
        assert_eq!(tls.alpn_protocol.as_deref(), want);
    }
}
