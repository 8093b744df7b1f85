//! Names to addresses, with a name server of a few lines on loopback (RFC 1035).

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use certvigil_model::{Outcome, Phase};
use certvigil_probe::{Resolved, Resolver, has_route};

use crate::outcomes::vacant;
use crate::support::{block_on, now};
use Answer::{Addresses, Code, Garbage, Silence};

/// What the name server says to a question for one record type.
#[derive(Clone, Copy)]
enum Answer {
    Addresses(&'static [&'static str]),
    /// An RCODE (section 4.1.1) and no records.
    Code(u8),
    Garbage,
    Silence,
}

const NOTHING: Answer = Code(0);
const SERVER_FAILURE: Answer = Code(2);
const NAME_ERROR: Answer = Code(3);

struct Case {
    name: &'static str,
    /// Answers for A and for AAAA.
    given: [Answer; 2],
    want: Want,
}

enum Want {
    Found(&'static [&'static str]),
    /// The addresses of one family, and what is said of the other.
    Half(&'static [&'static str], u8, &'static str),
    Unresolved(&'static str),
}

use Want::{Found, Half, Unresolved};

const V4: Answer = Addresses(&["192.0.2.1", "192.0.2.2"]);
const V6: Answer = Addresses(&["2001:db8::1"]);

const CASES: &[Case] = &[
    Case {
        name: "both-families",
        given: [V4, V6],
        want: Found(&["192.0.2.1", "192.0.2.2", "2001:db8::1"]),
    },
    Case { name: "only-v4", given: [V4, NOTHING], want: Found(&["192.0.2.1", "192.0.2.2"]) },
    Case { name: "only-v6", given: [NOTHING, V6], want: Found(&["2001:db8::1"]) },
    Case {
        name: "the-same-twice",
        given: [Addresses(&["192.0.2.1", "192.0.2.1"]), NOTHING],
        want: Found(&["192.0.2.1"]),
    },
    Case { name: "under_score", given: [V4, NOTHING], want: Found(&["192.0.2.1", "192.0.2.2"]) },
    Case {
        name: "no-answer-for-v6",
        given: [V4, Silence],
        want: Half(&["192.0.2.1", "192.0.2.2"], 6, "no name server answered in time"),
    },
    Case {
        name: "failure-for-v4",
        given: [SERVER_FAILURE, V6],
        want: Half(&["2001:db8::1"], 4, "the name server answered with an error: "),
    },
    Case {
        name: "failure-for-v6",
        given: [V4, SERVER_FAILURE],
        want: Half(&["192.0.2.1", "192.0.2.2"], 6, "the name server answered with an error: "),
    },
    Case {
        name: "no-such-name",
        given: [NAME_ERROR, NAME_ERROR],
        want: Unresolved("the name does not exist (NXDOMAIN)"),
    },
    Case {
        name: "no-address",
        given: [NOTHING, NOTHING],
        want: Unresolved("the name exists, but has no address"),
    },
    Case {
        name: "failure",
        given: [SERVER_FAILURE, SERVER_FAILURE],
        want: Unresolved("the name server answered with an error: "),
    },
    Case {
        name: "no-v4-and-failure",
        given: [NOTHING, SERVER_FAILURE],
        want: Unresolved("the name server answered with an error: "),
    },
    Case {
        name: "silence",
        given: [Silence, Silence],
        want: Unresolved("no name server answered within 2 s"),
    },
    Case {
        name: "garbage",
        given: [Garbage, Garbage],
        want: Unresolved("no name server answered within 2 s"),
    },
];

const ALLOWED: Duration = Duration::from_secs(2);

fn resolve(resolver: &Resolver, name: &str) -> (Resolved, Duration) {
    let begun = now();
    let resolved = block_on(resolver.addresses(name, begun + ALLOWED, ALLOWED));
    (resolved, now() - begun)
}

#[test]
fn each_answer_is_told_as_what_it_is() {
    thread::scope(|scope| {
        for case in CASES {
            scope.spawn(|| {
                let (address, _) = name_server();
                let resolver = Resolver::asking(vec![address]);
                let (resolved, took) = resolve(&resolver, &format!("{}.example.org", case.name));
                assert!(took < ALLOWED + Duration::from_millis(500), "{}: {took:?}", case.name);
                case.assert(resolved);
            });
        }
    });
}

impl Case {
    fn assert(&self, resolved: Resolved) {
        match (&self.want, resolved) {
            (Found(want), Ok(found)) => assert_eq!(found, parsed(want).into(), "{}", self.name),
            (Half(want, family, words), Ok(found)) => {
                assert_eq!(found.addresses, parsed(want), "{}", self.name);
                let untold = found.untold.unwrap();
                assert_eq!(untold.family, *family, "{}", self.name);
                assert!(untold.reason.starts_with(words), "{}: {untold:?}", self.name);
            }
            (Unresolved(words), Err(ended)) => {
                let told = (ended.outcome, ended.phase);
                assert_eq!(told, (Outcome::Unresolved, Some(Phase::Resolve)), "{}", self.name);
                assert!(ended.reason.as_deref().unwrap().starts_with(words), "{ended:?}");
            }
            (_, resolved) => panic!("{}: {resolved:?}", self.name),
        }
    }
}

#[test]
fn what_the_hosts_file_says_is_asked_of_nobody() {
    let (address, asked) = name_server();
    let resolver = Resolver::asking(vec![address]);
    let hosts = fs::read_to_string("/etc/hosts").unwrap();
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap().split_whitespace());
    let listed: Vec<(IpAddr, Vec<&str>)> = lines
        .filter_map(|mut words| Some((words.next()?.parse().ok()?, words.collect())))
        .collect();
    let (_, names) = listed.first().unwrap();
    for name in [names[0], "localhost", "localhost."] {
        let bare = name.trim_end_matches('.');
        let want = listed.iter().filter(|(_, names)| names.contains(&bare));
        let (found, _) = resolve(&resolver, name);
        let found = found.unwrap().addresses;
        assert!(want.clone().count() > 0 && want.clone().all(|(ip, _)| found.contains(ip)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

/// Found by every program without a question (RFC 6761 section 6.3).
#[test]
fn names_under_localhost_are_this_machine() {
    let (address, asked) = name_server();
    let resolver = Resolver::asking(vec![address]);
    let (found, _) = resolve(&resolver, "some.localhost");
    assert_eq!(found.unwrap(), parsed(&["127.0.0.1", "::1"]).into());
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[test]
fn a_name_is_asked_for_once() {
    let (address, asked) = name_server();
    let resolver = Resolver::asking(vec![address]);
    block_on(async {
        for _ in 0..5 {
            let until = now() + ALLOWED;
            resolver.addresses("both-families.example.org", until, ALLOWED).await.unwrap();
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// One that is not there costs no more than the limit, and one that is helps all the same.
#[test]
fn a_dead_name_server_ends_in_time() {
    let (resolved, took) = resolve(&Resolver::asking(vec![vacant()]), "www.example.org");
    assert_eq!(resolved.unwrap_err().outcome, Outcome::Unresolved);
    assert!(took < ALLOWED + Duration::from_millis(500), "{took:?}");
    let (address, _) = name_server();
    let both = Resolver::asking(vec![vacant(), address]);
    assert_eq!(resolve(&both, "only-v6.example.org").0.unwrap(), parsed(&["2001:db8::1"]).into());
}

#[test]
fn without_a_name_server_it_is_our_own_lack() {
    let ended = resolve(&Resolver::asking(Vec::new()), "www.example.org").0.unwrap_err();
    assert_eq!((ended.outcome, ended.phase), (Outcome::Local, Some(Phase::Resolve)), "{ended:?}");
    assert_eq!(ended.reason.as_deref(), Some("this machine knows no name server"));
}

/// To this address no plain socket may send (RFC 919 section 7; `man 7 ip`).
#[test]
fn without_a_way_to_a_name_server_it_is_our_own_lack() {
    let nowhere: SocketAddr = "255.255.255.255:53".parse().unwrap();
    assert!(!has_route(nowhere.ip()));
    let (resolved, took) = resolve(&Resolver::asking(vec![nowhere]), "www.example.org");
    let ended = resolved.unwrap_err();
    assert_eq!((ended.outcome, ended.phase), (Outcome::Local, Some(Phase::Resolve)), "{ended:?}");
    assert!(took < ALLOWED + Duration::from_millis(500), "{took:?}");
}

#[test]
fn what_is_no_name_is_told() {
    let (address, _) = name_server();
    let resolver = Resolver::asking(vec![address]);
    for name in ["a..b", &"a".repeat(64), &"a.".repeat(200)] {
        assert_eq!(resolve(&resolver, name).0.unwrap_err().outcome, Outcome::Unresolved, "{name}");
    }
}

#[test]
fn loopback_has_a_route() {
    assert!(has_route(Ipv4Addr::LOCALHOST.into()));
    let v6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    assert_eq!(has_route(Ipv6Addr::LOCALHOST.into()), v6);
}

fn parsed(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

/// Answers by the case that the name's first label names, and counts what it is asked.
fn name_server() -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((count, peer)) = socket.recv_from(&mut query) {
            counter.fetch_add(1, Ordering::SeqCst);
            if let Some(response) = response(&query[..count]) {
                let _ = socket.send_to(&response, peer);
            }
        }
    });
    (address, asked)
}

fn response(query: &[u8]) -> Option<Vec<u8>> {
    let label = &query[13..13 + usize::from(query[12])];
    // The question ends behind the root label with a type and a class (section 4.1.2).
    let end = 12 + query[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let case = CASES.iter().find(|case| case.name.as_bytes().eq_ignore_ascii_case(label))?;
    let answer = match query[end - 3] {
        1 => case.given[0],
        28 => case.given[1],
        _ => Code(0),
    };
    let (code, records) = match answer {
        Addresses(addresses) => (0, parsed(addresses)),
        Code(code) => (code, Vec::new()),
        Garbage => return Some(b"garbage".to_vec()),
        Silence => return None,
    };
    // QR, RD, RA; one question; so many answers (section 4.1.1).
    let mut response = [&query[..2], &[0x81, 0x80 | code, 0, 1, 0, records.len() as u8]].concat();
    response.extend_from_slice(&[0; 4]);
    response.extend_from_slice(&query[12..end]);
    for record in records {
        response.extend_from_slice(&resource(record));
    }
    Some(response)
}

/// A resource record (section 4.1.3; RFC 3596) for the name in the question, for an hour.
fn resource(address: IpAddr) -> Vec<u8> {
    let (kind, octets) = match address {
        IpAddr::V4(ip) => (1, ip.octets().to_vec()),
        IpAddr::V6(ip) => (28, ip.octets().to_vec()),
    };
    let head = [0xc0, 12, 0, kind, 0, 1, 0, 0, 0x0e, 0x10, 0, octets.len() as u8];
    [&head[..], &octets].concat()
}
