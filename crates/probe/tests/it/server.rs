//! Servers on loopback that do to each connection what a test says.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustls::{ServerConfig, ServerConnection};

use Then::{Close, Hold, Reset};

/// What is done to one connection.
pub(crate) type Act = Box<dyn Fn(TcpStream) + Send + Sync>;

/// A listener on loopback. Its threads end with the test's process.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    met: Arc<AtomicUsize>,
}

impl Server {
    /// Does the first act to the first connection and so on, the last to all that come after.
    pub(crate) fn start(acts: Vec<Act>) -> Self {
        Self::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), acts)
    }

    pub(crate) fn on(listener: TcpListener, acts: Vec<Act>) -> Self {
        let address = listener.local_addr().unwrap();
        let met = Arc::new(AtomicUsize::new(0));
        let (acts, counter) = (Arc::new(acts), Arc::clone(&met));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let acts = Arc::clone(&acts);
                thread::spawn(move || acts[number.min(acts.len() - 1)](stream.unwrap()));
            }
        });
        Self { address, met }
    }

    /// How many connections came.
    pub(crate) fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

/// How a server ends what it has said.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    Close,
    Hold,
    Reset,
}

/// Hears the client's first words, says `bytes`, and then.
pub(crate) fn say(bytes: impl Into<Vec<u8>>, then: Then) -> Act {
    let bytes = bytes.into();
    Box::new(move |mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&bytes);
        end(stream, then);
    })
}

/// Says `bytes` one at a time.
pub(crate) fn drip(bytes: impl Into<Vec<u8>>, pause: Duration) -> Act {
    let bytes = bytes.into();
    Box::new(move |mut stream| {
        stream.set_nodelay(true).unwrap();
        for byte in &bytes {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(pause);
        }
        end(stream, Close);
    })
}

/// Says `bytes` again and again, as long as they are taken.
pub(crate) fn repeat(first: impl Into<Vec<u8>>, bytes: impl Into<Vec<u8>>) -> Act {
    let (first, bytes) = (first.into(), bytes.into().repeat(1000));
    Box::new(move |mut stream| {
        hear(&mut stream);
        let mut next = first.as_slice();
        while stream.write_all(next).is_ok() {
            next = &bytes;
        }
    })
}

/// Ends the connection before a word was said.
pub(crate) fn at_once(then: Then) -> Act {
    Box::new(move |stream| end(stream, then))
}

/// How a client left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) close_notify: bool,
    pub(crate) eof: bool,
    pub(crate) reset: bool,
}

/// A whole handshake by rustls; waits for the client to leave.
pub(crate) fn tls(config: ServerConfig) -> Act {
    let config = Arc::new(config);
    Box::new(move |stream| {
        serve(stream, &config);
    })
}

/// The same, and tells how the client left.
pub(crate) fn tls_told(config: ServerConfig, told: Sender<Left>) -> Act {
    let (config, told) = (Arc::new(config), Mutex::new(told));
    Box::new(move |stream| {
        let left = serve(stream, &config);
        let _ = told.lock().unwrap().send(left);
    })
}

/// How much of a server's first flight its client gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given {
    /// All but the last record, which holds the end of the last message.
    AllButLast,
    /// What comes before the first encrypted record of TLS 1.3.
    ServerHello,
}

/// A handshake by rustls of which the client gets only so much.
pub(crate) fn tls_cut(mut config: ServerConfig, given: Given, then: Then) -> Act {
    // So small that no other message reaches into the last record.
    config.max_fragment_size = Some(32 + 5);
    let config = Arc::new(config);
    Box::new(move |mut stream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut flight = Vec::new();
        while flight.is_empty() {
            connection.read_tls(&mut stream).unwrap();
            connection.process_new_packets().unwrap();
            while connection.wants_write() {
                connection.write_tls(&mut flight).unwrap();
            }
        }
        let records = split(&flight);
        let count = match given {
            Given::AllButLast => records.len() - 1,
            Given::ServerHello => records.iter().position(|record| record[0] == 23).unwrap(),
        };
        let _ = stream.write_all(&records[..count].concat());
        end(stream, then);
    })
}

fn serve(mut stream: TcpStream, config: &Arc<ServerConfig>) -> Left {
    let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut left = Left::default();
    loop {
        while connection.wants_write() {
            if connection.write_tls(&mut stream).is_err() {
                break;
            }
        }
        match connection.read_tls(&mut stream) {
            Ok(0) => left.eof = true,
            Ok(_) => {}
            Err(error) => left.reset = error.kind() == ErrorKind::ConnectionReset,
        }
        match connection.process_new_packets() {
            Ok(state) => left.close_notify |= state.peer_has_closed(),
            Err(_) => {
                while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
            }
        }
        if left.eof || left.reset {
            return left;
        }
    }
}

fn split(mut flight: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while let [_, _, _, high, low, ..] = flight {
        let length = 5 + usize::from(u16::from_be_bytes([*high, *low]));
        records.push(flight[..length].to_vec());
        flight = &flight[length..];
    }
    records
}

pub(crate) fn hear(stream: &mut TcpStream) {
    let mut header = [0; 5];
    let _ = stream.read_exact(&mut header);
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    let _ = stream.read_exact(&mut body);
}

/// Ends in order only when nothing is left unread, else the kernel would make a reset of it.
fn end(mut stream: TcpStream, then: Then) {
    match then {
        Close => {
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        Hold => {
            let _ = stream.read_to_end(&mut Vec::new());
        }
        Reset => set_socket_linger(&stream, Some(Duration::ZERO)).unwrap(),
    }
}
