//! `--resolve HOST:PORT:ADDRESS`.

use std::net::IpAddr;

use certvigil_inventory::{Defaults, parse, parse_resolve};
use certvigil_model::Addresses;

#[test]
fn an_override_is_a_name_a_port_and_an_address() {
    for (given, want) in [
        ("www.example.org:443:192.0.2.1", ("www.example.org", 443, "192.0.2.1")),
        ("WWW.example.org.:443:2001:db8::1", ("www.example.org", 443, "2001:db8::1")),
        ("bücher.example:8443:[::1]", ("xn--bcher-kva.example", 8443, "::1")),
    ] {
        let read = parse_resolve(given).unwrap();
        assert_eq!((read.host.as_str(), read.port, read.address.to_string().as_str()), want);
    }
    for bad in [
        "",
        "www.example.org",
        "www.example.org:443",
        "www.example.org:443:",
        "www.example.org:443:other.example",
        "www.example.org:0:192.0.2.1",
        "www.example.org:443:[192.0.2.1",
        "192.0.2.7:443:192.0.2.1",
        ":443:192.0.2.1",
        "*.example.org:443:192.0.2.1",
    ] {
        assert!(parse_resolve(bad).is_err(), "{bad}");
    }
}

#[test]
fn overrides_apply_to_their_host_and_port_and_add_up() {
    let texts = ["a.example:443:192.0.2.1", "A.example.:443:::1", "a.example:8443:192.0.2.3"];
    let resolve = texts.map(|text| parse_resolve(text).unwrap()).to_vec();
    let defaults = Defaults { resolve, ..Defaults::default() };
    let addresses = |text: &str| parse(text, None, &defaults).target.unwrap().options.addresses;
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(addresses("a.example"), Addresses::These(vec![ip("192.0.2.1"), ip("::1")]));
    assert_eq!(addresses("a.example:8443"), Addresses::These(vec![ip("192.0.2.3")]));
    assert_eq!(addresses("b.example"), Addresses::default());
}
