//! Lines that are targets.

use certvigil_inventory::{Defaults, parse, server_name, starttls_hint};
use certvigil_model::{Host, Service, Target};

struct Case {
    name: &'static str,
    given: &'static str,
    /// host, port, service, server name
    want: (&'static str, u16, Service, Option<&'static str>),
}

const CASES: &[Case] = &[
    Case {
        name: "a host alone is https",
        given: "www.example.org",
        want: ("www.example.org", 443, Service::Https, None),
    },
    Case {
        name: "a port makes it direct tls, even 443",
        given: "www.example.org:443",
        want: ("www.example.org", 443, Service::Tls, None),
    },
    Case {
        name: "a STARTTLS port is not guessed from",
        given: "mail.example.org:25",
        want: ("mail.example.org", 25, Service::Tls, None),
    },
    Case {
        name: "a service with a port",
        given: "https://www.example.org:8443",
        want: ("www.example.org", 8443, Service::Https, None),
    },
    Case {
        name: "a service without a port",
        given: "https://www.example.org",
        want: ("www.example.org", 443, Service::Https, None),
    },
    Case {
        name: "RFC 3986 6.2.3: an empty path is the same as none",
        given: "https://www.example.org/",
        want: ("www.example.org", 443, Service::Https, None),
    },
    Case {
        name: "RFC 3986 6.2.2.1: scheme and host in any case",
        given: "HTTPS://WWW.Example.ORG",
        want: ("www.example.org", 443, Service::Https, None),
    },
    Case {
        name: "RFC 3986 1.1.2: an address in brackets",
        given: "[2001:db8::7]",
        want: ("2001:db8::7", 443, Service::Https, None),
    },
    Case {
        name: "RFC 5952 6: brackets and a port",
        given: "[2001:db8::1]:80",
        want: ("2001:db8::1", 80, Service::Tls, None),
    },
    Case {
        name: "RFC 5952 6: without brackets the last group is no port",
        given: "2001:db8::1:80",
        want: ("2001:db8::1:80", 443, Service::Https, None),
    },
    Case { name: "bare loopback", given: "::1", want: ("::1", 443, Service::Https, None) },
    Case {
        name: "RFC 5952 4: one text form",
        given: "[2001:DB8:0:0:1:0:0:1]:443",
        want: ("2001:db8::1:0:0:1", 443, Service::Tls, None),
    },
    Case {
        name: "RFC 5952 5: an IPv4 address inside",
        given: "tls://[::ffff:192.0.2.1]:443",
        want: ("::ffff:192.0.2.1", 443, Service::Tls, None),
    },
    Case {
        name: "an IPv4 address and a server name",
        given: "tls://192.0.2.1:443#server.name",
        want: ("192.0.2.1", 443, Service::Tls, Some("server.name")),
    },
    Case {
        name: "a server name behind a bare host",
        given: "lb.example.org#WWW.example.org.",
        want: ("lb.example.org", 443, Service::Https, Some("www.example.org")),
    },
    Case {
        name: "an address as the name to match",
        given: "lb.example.org#[2001:DB8::1]",
        want: ("lb.example.org", 443, Service::Https, Some("2001:db8::1")),
    },
    Case {
        name: "a trailing dot is stripped",
        given: "www.example.org.:443",
        want: ("www.example.org", 443, Service::Tls, None),
    },
    Case {
        name: "blanks around do not count",
        given: "  www.example.org\t\r",
        want: ("www.example.org", 443, Service::Https, None),
    },
    Case {
        name: "one label",
        given: "localhost:8443",
        want: ("localhost", 8443, Service::Tls, None),
    },
    Case {
        name: "RFC 8552: underscores",
        given: "_dmarc.my_host.example:1",
        want: ("_dmarc.my_host.example", 1, Service::Tls, None),
    },
    Case {
        name: "the highest port, and leading zeros",
        given: "a.example:0065535",
        want: ("a.example", 65535, Service::Tls, None),
    },
    Case {
        name: "hyphens in the third and fourth place, as large sites have them",
        given: "r3---sn-abc.example",
        want: ("r3---sn-abc.example", 443, Service::Https, None),
    },
    Case {
        name: "digits in a name that does not end in a number",
        given: "1.2.3.4.example",
        want: ("1.2.3.4.example", 443, Service::Https, None),
    },
    Case {
        name: "a U-label to its A-label",
        given: "bücher.example",
        want: ("xn--bcher-kva.example", 443, Service::Https, None),
    },
    Case {
        name: "UTS 46, non-transitional: sharp s stays",
        given: "faß.de",
        want: ("xn--fa-hia.de", 443, Service::Https, None),
    },
    Case {
        name: "UTS 46: upper case and the ideographic full stop",
        given: "BÜCHER。example",
        want: ("xn--bcher-kva.example", 443, Service::Https, None),
    },
    Case {
        name: "RFC 3492 7.1 (I), Russian",
        given: "почемужеонинеговорятпорусски.example",
        want: ("xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example", 443, Service::Https, None),
    },
    Case {
        name: "UTS 46 table 3: a final sigma stays",
        given: "βόλος.com",
        want: ("xn--nxasmm1c.com", 443, Service::Https, None),
    },
    Case {
        name: "an A-label stays",
        given: "xn--bcher-kva.example:8443",
        want: ("xn--bcher-kva.example", 8443, Service::Tls, None),
    },
    Case {
        name: "UTS 46: full-width digits are digits",
        given: "１９２.0.2.1",
        want: ("192.0.2.1", 443, Service::Https, None),
    },
];

#[test]
fn a_line_says_what_it_says() {
    for case in CASES {
        let target = target(case.given, &Defaults::default());
        let got = (
            target.host.to_string(),
            target.port,
            target.service,
            target.options.server_name.as_deref(),
        );
        let (host, port, service, server_name) = case.want;
        assert_eq!(got, (host.to_owned(), port, service, server_name), "{}", case.name);
        assert_eq!(target.written.raw(), case.given.trim(), "{}", case.name);
    }
}

#[test]
fn addresses_are_addresses_and_names_are_names() {
    for (given, is_ip) in [("192.0.2.1", true), ("[::1]:1", true), ("a.example", false)] {
        let host = target(given, &Defaults::default()).host;
        assert_eq!(matches!(host, Host::Ip(_)), is_ip, "{given}");
    }
}

#[test]
fn defaults_hold_where_the_line_says_nothing_else() {
    let defaults = Defaults {
        service: Some(Service::Tls),
        server_name: Some(server_name("Front.Example").unwrap()),
        without_server_name: true,
        ..Defaults::default()
    };
    let plain = target("192.0.2.1:8443", &defaults);
    assert_eq!(plain.options.server_name.as_deref(), Some("front.example"));
    assert!(plain.options.without_server_name);
    let own = target("https://192.0.2.1#own.example", &defaults);
    assert_eq!(own.service, Service::Https);
    assert_eq!(own.options.server_name.as_deref(), Some("own.example"));
    assert!(parse("a.example", None, &defaults).target.is_err(), "tls has no port of its own");
}

/// The ports of the IANA registry whose protocols start in plaintext.
#[test]
fn starttls_ports_have_a_hint_and_direct_ones_have_none() {
    for (port, want) in [
        (25, Service::Smtp),
        (587, Service::Smtp),
        (143, Service::Imap),
        (4190, Service::Sieve),
        (5432, Service::Postgres),
    ] {
        assert_eq!(starttls_hint(port), Some(want));
    }
    for port in [0, 22, 443, 465, 636, 853, 990, 993, 995, 8443] {
        assert_eq!(starttls_hint(port), None, "{port}");
    }
}

fn target(text: &str, defaults: &Defaults) -> Target {
    parse(text, None, defaults).target.unwrap()
}
