//! Properties that hold for any line.

use certvigil_inventory::{Defaults, lines, parse, parse_resolve, server_name};
use certvigil_model::{Host, Target};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let defaults = Defaults::default();
        let listed = parse(&text, None, &defaults);
        if let Err(fault) = listed.target {
            prop_assert!(!fault.to_string().is_empty());
        }
        let _ = (parse_resolve(&text), server_name(&text));
        prop_assert!(lines(&text, "-", &defaults).count() <= text.split('\n').count());
    }

    /// Made of the grammar's own pieces, so that it gets past the first check.
    #[test]
    fn no_mixture_of_pieces_makes_it_panic(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "https", "tls", "smtp", "://", ":", "::", "[", "]", "#", ".", "-", "_", "*", "%", "@",
            "/", "443", "65536", "0", "192.0.2.1", "fe80::1", "a", "example", "xn--", "ü", "。",
            "\u{200d}", "\u{202e}", "0x", "ß", " ",
        ]), 0..12)) {
        let text = pieces.concat();
        if let Ok(target) = parse(&text, None, &Defaults::default()).target {
            prop_assert_eq!(fields(&again(&target)), fields(&target), "{}", text);
        }
    }

    #[test]
    fn what_is_written_from_a_target_is_read_as_that_target(
        name in "[a-z][a-z0-9_]{0,20}(\\.[a-z][a-z0-9]{0,20}){0,3}",
        ip in any::<std::net::IpAddr>(),
        use_ip in any::<bool>(),
        port in 1_u16..,
        service in prop::sample::select(certvigil_model::Service::all().collect::<Vec<_>>()),
        server_name in proptest::option::of("[a-z][a-z0-9]{0,62}\\.example"),
    ) {
        let host = if use_ip { Host::Ip(ip) } else { Host::Name(name) };
        let text = written(service.name(), &host, port, server_name.as_deref());
        let target = parse(&text, None, &Defaults::default()).target.unwrap();
        prop_assert_eq!(fields(&target), (service.name(), host, port, server_name));
        prop_assert_eq!(fields(&again(&target)), fields(&target));
    }
}

fn again(target: &Target) -> Target {
    let server_name = target.options.server_name.as_deref();
    let text = written(target.service.name(), &target.host, target.port, server_name);
    parse(&text, None, &Defaults::default()).target.unwrap()
}

fn written(service: &str, host: &Host, port: u16, server_name: Option<&str>) -> String {
    let host = match host {
        Host::Ip(ip) if ip.is_ipv6() => format!("[{ip}]"),
        host => host.to_string(),
    };
    let fragment = server_name.map(|name| format!("#{name}")).unwrap_or_default();
    format!("{service}://{host}:{port}{fragment}")
}

fn fields(target: &Target) -> (&'static str, Host, u16, Option<String>) {
    (target.service.name(), target.host.clone(), target.port, target.options.server_name.clone())
}
