//! Proxies, by the environment and by the config. A process cannot change its own environment safely, so each case is
//! this test once more, as a child.

use std::io::Write;
use std::process::Command;

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Http, Proxy};

use crate::server::{Server, post, read_request};

const URL: &str = "CERTVIGIL_TEST_URL";
const CONFIGURED: &str = "CERTVIGIL_TEST_PROXY";

/// A proxy that lets nobody through and says whom it was asked for.
fn proxy() -> Server {
    Server::start(|mut stream| {
        let request = read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        request
    })
}

#[test]
fn a_proxy_is_asked_where_it_should_be_and_nowhere_else() {
    if let Ok(url) = std::env::var(URL) {
        return child(&url);
    }
    let closed = "https://127.0.0.1:1/";
    for (variable, no_proxy, configured, is_asked) in [
        ("HTTPS_PROXY", "", None, true),
        ("https_proxy", "", None, true),
        ("HTTPS_PROXY", "192.0.2.0/24,127.0.0.0/8", None, false),
        ("HTTPS_PROXY", "*", None, false),
        ("HTTPS_PROXY", "example.org", None, true),
        ("HTTPS_PROXY", "", Some("none"), false),
        ("HTTP_PROXY", "", None, false),
        ("ALL_PROXY", "", Some("here"), true),
    ] {
        let proxy = proxy();
        let at = format!("http://user:secret@{}", proxy.at);
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "environment::a_proxy_is_asked_where_it_should_be_and_nowhere_else"]);
        child.env_clear().env(URL, closed).env(variable, &at).env("NO_PROXY", no_proxy);
        match configured {
            Some("here") => drop(child.env(CONFIGURED, &at)),
            Some(other) => drop(child.env(CONFIGURED, other)),
            None => {}
        }
        let output = child.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let case = format!("{variable} {no_proxy} {configured:?}");
        match is_asked {
            true => {
                let saw = proxy.saw();
                assert!(saw.starts_with("CONNECT 127.0.0.1:1 HTTP/1.1\r\n"), "{case}: {saw}");
                assert!(
                    saw.to_lowercase().contains("proxy-authorization: basic "),
                    "{case}: {saw}"
                );
            }
            false => assert!(proxy.seen.try_recv().is_err(), "{case}"),
        }
    }
}

/// Nothing listens on port 1, and the proxy refuses: either way nothing was sent.
fn child(url: &str) {
    let proxy = match std::env::var(CONFIGURED).ok().as_deref() {
        None => Proxy::Environment,
        Some("none") => Proxy::None,
        Some(address) => Proxy::At(Secret::new(address)),
    };
    let http = Http { proxy, ..Http::default() };
    let error = Client::new(&http, "certvigil/test").unwrap().send(&post(url)).unwrap_err();
    assert!(matches!(error, certvigil_fetch::Error::NotSent { .. }), "{error}");
}
