//! A connection that is over at one moment, whatever the other side does: each read and write gets what is left.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use certvigil_doors::SystemClock;
use certvigil_model::Clock as _;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::{Http, Unusable, tls};

/// A connection, plain or by TLS.
pub struct Stream(Kind);

enum Kind {
    Plain(Bounded),
    Tls(Box<StreamOwned<ClientConnection, Bounded>>),
}

/// How a server is reached: whom to believe, and from where.
#[derive(Clone, Debug)]
pub struct Way {
    tls: Result<Arc<ClientConfig>, String>,
    source_address: Option<IpAddr>,
    connect_limit: Option<Duration>,
}

impl Way {
    /// As `http` has it; a proxy is for HTTP alone.
    ///
    /// # Errors
    /// A file of certificates cannot be read.
    pub fn new(http: &Http) -> Result<Self, Unusable> {
        let tls = match http.ca_files.as_slice() {
            // A system without a trust store can still be spoken to in the open.
            [] => tls::of_system(),
            files => Ok(tls::of_files(files)?),
        };
        Ok(Self {
            tls: tls.map(Arc::new),
            source_address: http.source_address,
            connect_limit: http.connect_limit,
        })
    }

    /// Connects to `host`: its addresses one after the other.
    ///
    /// # Errors
    /// It has no address, or nothing answers there.
    pub fn dial(&self, host: &str, port: u16, by: Instant) -> io::Result<Stream> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address");
        for address in addresses(host, port, by)? {
            match self.connect(address, by) {
                Ok(tcp) => return Ok(Stream(Kind::Plain(Bounded { tcp, by }))),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    #[expect(clippy::disallowed_methods, reason = "servers that carry messages are dialled here")]
    fn connect(&self, address: SocketAddr, by: Instant) -> io::Result<TcpStream> {
        let left = left(by)?.min(self.connect_limit.unwrap_or(Duration::MAX));
        let tcp = match self.source_address {
            None => TcpStream::connect_timeout(&address, left)?,
            Some(from) => connect_from(from, address, left)?,
        };
        // Each line is a message of its own.
        tcp.set_nodelay(true)?;
        Ok(tcp)
    }

    /// Goes on by TLS, with a server that has to be `host`.
    ///
    /// # Errors
    /// It is not, or does not speak TLS.
    pub fn protect(&self, stream: Stream, host: &str) -> io::Result<Stream> {
        let Kind::Plain(bounded) = stream.0 else { return Ok(stream) };
        let config = self.tls.clone().map_err(io::Error::other)?;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let session = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let mut protected = StreamOwned::new(session, bounded);
        while protected.conn.is_handshaking() {
            protected.conn.complete_io(&mut protected.sock)?;
        }
        Ok(Stream(Kind::Tls(Box::new(protected))))
    }
}

/// The system's answer can take longer than there is time: its thread is left behind then.
fn addresses(host: &str, port: u16, by: Instant) -> io::Result<Vec<SocketAddr>> {
    let (tell, told) = channel();
    let name = host.to_owned();
    thread::Builder::new().name("resolve".to_owned()).spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        let _ = tell.send(found.map(|found| found.collect::<Vec<_>>()));
    })?;
    match told.recv_timeout(left(by)?) {
        Ok(found) => found,
        Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
        Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::Other.into()),
    }
}

fn connect_from(from: IpAddr, to: SocketAddr, within: Duration) -> io::Result<TcpStream> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
    let family = if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    bind(&socket, &SocketAddr::new(from, 0))?;
    let tcp = TcpStream::from(socket);
    // A connect that blocks ends by the same limit as a write (socket(7), SO_SNDTIMEO).
    tcp.set_write_timeout(Some(within))?;
    connect(&tcp, &to)?;
    Ok(tcp)
}

fn left(by: Instant) -> io::Result<Duration> {
    let left = by.saturating_duration_since(SystemClock.monotonic());
    if left < Duration::from_millis(1) { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// TCP with one end.
struct Bounded {
    tcp: TcpStream,
    by: Instant,
}

impl Read for Bounded {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(left(self.by)?))?;
        self.tcp.read(bytes).map_err(timed_out)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(left(self.by)?))?;
        self.tcp.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// A read whose time is over says that it would block.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Kind::Plain(plain) => plain.read(bytes),
            Kind::Tls(tls) => tls.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Kind::Plain(plain) => plain.write(bytes),
            Kind::Tls(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Kind::Plain(plain) => plain.flush(),
            Kind::Tls(tls) => tls.flush(),
        }
    }
}
