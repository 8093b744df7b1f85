//! Lines that are no target: each says what is wrong and what to write.

use certvigil_inventory::{Defaults, Fault, parse, server_name};

#[test]
fn a_fault_says_what_to_write() {
    for (given, want) in [
        ("", "there is no host: write `host`, `host:port` or `service://host:port`"),
        (":443", "there is no host: write `host`, `host:port` or `service://host:port`"),
        ("https://", "there is no host: write `host`, `host:port` or `service://host:port`"),
        ("a.example b.example", "the line holds a blank: write one target a line, as `host:port`"),
        ("a.example\u{a0}:443", "the line holds a blank: write one target a line, as `host:port`"),
        (
            "a.example:443:extra",
            "`a.example:443:extra` is no IPv6 address: write [address]:port, or host:port with one colon",
        ),
        ("a.example:", "`` is no port: write a number from 1 to 65535"),
        ("a.example:0", "`0` is no port: write a number from 1 to 65535"),
        ("a.example:65536", "`65536` is no port: write a number from 1 to 65535"),
        ("a.example:+443", "`+443` is no port: write a number from 1 to 65535"),
        ("a.example:-1", "`-1` is no port: write a number from 1 to 65535"),
        ("a.example:٤٤٣", "`٤٤٣` is no port: write a number from 1 to 65535"),
        ("[::1]:", "`` is no port: write a number from 1 to 65535"),
        ("[::1", "the brackets do not hold an IPv6 address and nothing else: write [address]:port"),
        (
            "[::1]443",
            "the brackets do not hold an IPv6 address and nothing else: write [address]:port",
        ),
        (
            "[a.example]:443",
            "`a.example` is no IPv6 address: write [address]:port, or host:port with one colon",
        ),
        (
            "[192.0.2.1]:443",
            "`192.0.2.1` is no IPv6 address: write [address]:port, or host:port with one colon",
        ),
        (
            "fe80::1%eth0",
            "`fe80::1%eth0` names an interface, which is not supported: write an address without `%`",
        ),
        (
            "[fe80::1%eth0]:443",
            "`fe80::1%eth0` names an interface, which is not supported: write an address without `%`",
        ),
        ("tls://a.example", "tls has no port of its own: write tls://a.example:PORT"),
        ("http://a.example/", "http has no certificate: write https://a.example/"),
        ("https://a.example/index.html", "a target ends with its port: leave out `/index.html`"),
        ("https://a.example?x", "a target ends with its port: leave out `?x`"),
        ("a.example:443//", "a target ends with its port: leave out `//`"),
        ("https://me@a.example", "a target has no user: write what follows the `@`"),
        (
            "*.org",
            "`*.org` is no wildcard: write `*.` before a name of at least two labels, as in *.apps.example.org",
        ),
        (
            "w*.apps.example.org",
            "`w*.apps.example.org` is no wildcard: write `*.` before a name of at least two labels, as in *.apps.example.org",
        ),
        (
            "a.example#*.example.org",
            "`*.example.org` is a wildcard, and no server name: write a name that it covers, as in www.example.org",
        ),
        (
            "a.example#",
            "there is no server name after the `#`: write host:port#server.name, or leave out the `#`",
        ),
        (
            "a.example#b#c",
            "`#` cannot stand in a host name: write letters, digits, `-`, `_` and dots",
        ),
        ("a..example", "`a..example` has an empty label: write one dot between two labels"),
        (".example", "`.example` has an empty label: write one dot between two labels"),
        (".", "`.` has an empty label: write one dot between two labels"),
        ("a!.example", "`!` cannot stand in a host name: write letters, digits, `-`, `_` and dots"),
        (
            "a*.example",
            "`a*.example` is no wildcard: write `*.` before a name of at least two labels, as in *.apps.example.org",
        ),
        ("-a.example", "the label `-a` begins or ends with a hyphen"),
        ("a-.example", "the label `a-` begins or ends with a hyphen"),
        (
            "256.0.0.1",
            "`256.0.0.1` ends in a number but is no IPv4 address: write four numbers from 0 to 255",
        ),
        (
            "192.0.2.01",
            "`192.0.2.01` ends in a number but is no IPv4 address: write four numbers from 0 to 255",
        ),
        (
            "2130706433",
            "`2130706433` ends in a number but is no IPv4 address: write four numbers from 0 to 255",
        ),
        (
            "0x7f.0x1",
            "`0x7f.0x1` ends in a number but is no IPv4 address: write four numbers from 0 to 255",
        ),
        (
            "xn--a.example",
            "`xn--a.example` is no internationalised name that UTS 46 allows: write its xn-- form as it is registered",
        ),
        (
            "a\u{200b}b\u{202e}.example",
            "`a\\u{200b}b\\u{202e}.example` is no internationalised name that UTS 46 allows: write its xn-- form as it is registered",
        ),
        ("a.example\0", "the line holds the control character U+0000: write it without"),
        ("\u{1b}[31ma.example", "the line holds the control character U+001B: write it without"),
        ("a.example\u{9b}", "the line holds the control character U+009B: write it without"),
    ] {
        let listed = parse(given, None, &Defaults::default());
        assert_eq!(listed.target.unwrap_err().to_string(), want, "{given:?}");
    }
}

/// RFC 1035 section 2.3.4: labels of 63 octets, names of 253 in text form.
#[test]
fn lengths_are_those_of_dns() {
    let label = "a".repeat(63);
    let longest = [label.as_str(), &label, &label, &"a".repeat(61)].join(".");
    assert_eq!(longest.len(), 253);
    let fault = |text: &str| parse(text, None, &Defaults::default()).target.err();
    assert_eq!(fault(&longest), None);
    assert_eq!(fault(&format!("{longest}.")), None, "the root's dot does not count");
    assert_eq!(fault(&format!("{longest}a")), Some(Fault::LongName { length: 254 }));
    let long = fault(&format!("{label}a.example"));
    assert!(matches!(long, Some(Fault::LongLabel { length: 64, .. })), "{long:?}");
    let in_a_labels = fault(&format!("{}.example", "ü".repeat(60)));
    assert!(matches!(in_a_labels, Some(Fault::LongLabel { .. })), "{in_a_labels:?}");
}

#[test]
fn a_line_of_a_megabyte_is_a_fault_and_is_not_kept() {
    let listed = parse(&"é".repeat(1 << 19), None, &Defaults::default());
    assert_eq!(listed.target.unwrap_err(), Fault::TooLong { length: 1 << 20, limit: 4096 });
    assert_eq!(listed.text.raw().len(), 4096);
}

/// A message is one line that any terminal can take, whatever the line says.
#[test]
fn messages_are_bounded_and_escaped() {
    for given in ["\u{202e}x:1:2", "a.example:\u{200f}1", "x\u{85}", &"!".repeat(4000)] {
        let message = parse(given, None, &Defaults::default()).target.unwrap_err().to_string();
        assert!(message.chars().count() < 300, "{message}");
        assert!(!message.contains(['\u{202e}', '\u{200f}', '\u{85}', '\n']), "{message:?}");
    }
}

#[test]
fn a_server_name_is_held_to_the_same_rules() {
    assert_eq!(server_name("[::1]").as_deref(), Ok("::1"));
    assert_eq!(server_name("BÜCHER.example").as_deref(), Ok("xn--bcher-kva.example"));
    for bad in ["", "a.example:443", "*.example", "1.2.3", "[::1"] {
        assert!(server_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_service_that_is_not_spoken_is_answered_by_those_that_are() {
    let spoken: Vec<_> = certvigil_model::Service::all().map(|service| service.name()).collect();
    let spoken = spoken.join(", ");
    let fault =
        |text: &str| parse(text, None, &Defaults::default()).target.unwrap_err().to_string();
    let want = format!("`gopher` is no service; those spoken are {spoken}");
    assert_eq!(fault("gopher://a.example"), want);
    assert_eq!(fault("GOPHER://a.example"), want.replace("gopher", "GOPHER"));
}
