//! Without TLS: what was sent, what came back, and where it broke.

use std::io::Write;
use std::net::TcpListener;

use certvigil_doors::Secret;
use certvigil_fetch::{Client, Error, Http, Proxy, Reach};

use crate::server::{Server, client, post, read_request};

#[test]
fn a_request_arrives_as_it_was_given_and_an_answer_comes_whole() {
    let server = Server::answering(
        "HTTP/1.1 422 Unprocessable\r\nX-Two: a\r\nx-two: b\r\ncontent-length: 5\r\n\r\nwrong",
    );
    let mut request = post(&server.url());
    request.secret = Some(("authorization", Secret::new("token hunter2")));
    let response = client().send(&request).unwrap();
    assert_eq!((response.status, response.body.as_slice()), (422, &b"wrong"[..]));
    assert_eq!(response.header("x-two"), Some("a"));
    assert!(!response.is_success());
    let saw = server.saw();
    assert!(saw.starts_with("POST /issues HTTP/1.1\r\n"), "{saw}");
    for line in [
        "accept: application/json\r\n",
        "authorization: token hunter2\r\n",
        "content-type: application/json\r\n",
        "user-agent: certvigil/test\r\n",
        "\r\n\r\n{\"title\":\"a\"}",
    ] {
        assert!(saw.contains(line), "{line} in {saw}");
    }
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let other = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let head = format!("HTTP/1.1 307 Over There\r\nlocation: {}\r\n\r\n", other.url());
    let server = Server::answering(head.leak());
    let response = client().send(&post(&server.url())).unwrap();
    assert_eq!(response.status, 307);
    assert!(other.seen.try_recv().is_err(), "the other server was not asked");
}

#[test]
fn a_closed_port_was_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = client().send(&post(&url)).unwrap_err();
    assert!(matches!(&error, Error::NotSent { host, .. } if host == "127.0.0.1"), "{error}");
    assert!(!error.is_doubtful());
}

/// RFC 6761 section 6.4: `invalid` names are never in the DNS.
#[test]
fn a_name_without_addresses_was_sent_nothing() {
    let error = client().send(&post("http://tracker.invalid/")).unwrap_err();
    assert!(matches!(error, Error::NotSent { .. }), "{error}");
}

#[test]
fn what_was_read_and_then_broken_off_is_doubtful() {
    for answer in [
        "",                                                   // closed
        "HTTP/1.1 201 Created\r\ncontent-le",                 // half of a head
        "HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n{", // half of a body
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n4\r\nab",
        "220 smtp.example.org ESMTP\r\n", // no HTTP at all
    ] {
        let server = Server::answering(answer);
        let error = client().send(&post(&server.url())).unwrap_err();
        assert!(matches!(error, Error::Unanswered { .. }), "{answer:?}: {error}");
        assert!(error.is_doubtful() && server.saw().ends_with("{\"title\":\"a\"}"), "{answer:?}");
    }
}

/// Closed with bytes unread: the system sends a reset (RFC 2525 section 2.17).
#[test]
fn a_reset_behind_the_request_is_doubtful() {
    let server = Server::start(|stream| {
        let mut one = [0];
        while stream.peek(&mut one).unwrap() == 0 {}
        String::new()
    });
    let error = client().send(&post(&server.url())).unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
}

#[test]
fn an_answer_is_taken_up_to_the_limit_and_not_beyond() {
    for (length, is_taken) in [(1024, true), (1025, false)] {
        let server = Server::start(move |mut stream| {
            let saw = read_request(&mut stream);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let _ = stream.write_all(format!("{head}{}", "x".repeat(length)).as_bytes());
            saw
        });
        let came = client().send(&post(&server.url()));
        match came {
            Ok(response) => assert!(is_taken && response.body.len() == length),
            Err(error) => assert!(!is_taken && error.is_doubtful(), "{length}: {error}"),
        }
    }
}

#[test]
fn headers_without_end_are_no_answer() {
    let server = Server::start(|mut stream| {
        let saw = read_request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"x-more: and more of the same\r\n").is_ok() {}
        saw
    });
    let error = client().send(&post(&server.url())).unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
}

#[test]
fn no_error_and_no_debug_shows_a_secret() {
    let http = Http {
        proxy: Proxy::At(Secret::new("http://user:hunter2@127.0.0.1:1")),
        ..Http::default()
    };
    let client = Client::new(&http, "certvigil/test").unwrap();
    let mut request = post("http://tracker.example.org/hunter2?key=hunter2");
    request.secret = Some(("x-key", Secret::new("hunter2")));
    request.body = Some(("text/plain", b"hunter2".to_vec()));
    let mut shown = format!("{request:?} {client:?}");
    let error = client.send(&request).unwrap_err();
    shown += &format!("{error} {error:?}");
    request.secret = Some(("x-key", Secret::new("hunter2\r\nx: y")));
    let error = client.send(&request).unwrap_err();
    shown += &format!("{error} {error:?}");
    let http = Http { proxy: Proxy::At(Secret::new("hunter2 is no address")), ..Http::default() };
    shown += &format!("{}", Client::new(&http, "certvigil/test").unwrap_err());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn who_may_go_to_public_addresses_only_asks_no_other() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let http = Http { reach: Reach::Public, ..Http::default() };
    let client = Client::new(&http, "certvigil/test").unwrap();
    let error = client.send(&post(&server.url())).unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    // A name is looked at when its addresses are known.
    let by_name = format!("http://localhost:{}/", server.at.port());
    let error = client.send(&post(&by_name)).unwrap_err();
    assert!(matches!(&error, Error::NotSent { why, .. } if why.contains("public")), "{error}");
    assert!(server.seen.try_recv().is_err(), "nobody came");
}
