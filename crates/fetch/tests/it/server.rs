//! Servers that do what a test says, once for each connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_fetch::{Client, Http, Method, Request};

/// A server, and what its connections say of themselves.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    pub(crate) seen: Receiver<String>,
}

impl Server {
    /// Calls `behave` with each connection, on a thread of its own; what it returns is what it saw.
    pub(crate) fn start(behave: impl Fn(TcpStream) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let (tell, seen) = channel();
        let behave = std::sync::Arc::new(behave);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (behave, tell) = (behave.clone(), tell.clone());
                thread::spawn(move || tell.send(behave(stream.unwrap())));
            }
        });
        Self { at, seen }
    }

    /// Reads each request whole, then writes `answer`, as it is, and closes.
    pub(crate) fn answering(answer: &'static str) -> Self {
        Self::start(move |mut stream| {
            let request = read_request(&mut stream);
            stream.write_all(answer.as_bytes()).unwrap();
            request
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/issues", self.at)
    }

    /// What the next connection saw.
    pub(crate) fn saw(&self) -> String {
        self.seen.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

/// One request: its head and as much body as the head says; less where the other side ends.
pub(crate) fn read_request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

pub(crate) fn client() -> Client {
    Client::new(&Http::default(), "certvigil/test").unwrap()
}

/// A write that has five seconds.
pub(crate) fn post(url: &str) -> Request {
    post_within(url, Duration::from_secs(5))
}

pub(crate) fn post_within(url: &str, limit: Duration) -> Request {
    Request {
        method: Method::Post,
        url: url.parse().unwrap(),
        headers: vec![("accept", "application/json".to_owned())],
        secret: None,
        body: Some(("application/json", b"{\"title\":\"a\"}".to_vec())),
        by: Instant::now() + limit,
        most: 1024,
    }
}
