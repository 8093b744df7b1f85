//! Opens the endpoints, and ends them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;

use crate::case::{At, Case, How, cases};
use crate::mint::{Chain, Mint, pem};
use crate::serve::{Server, Service, answer};

/// The endpoints of one start. Dropping it ends all of them.
///
/// They run on threads of their own, so that nothing that the caller's runtime does, or does not
/// do, changes how they behave.
#[derive(Debug)]
pub struct Lab {
    open: Open,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One endpoint that is open.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it does and what is expected of it.
    pub case: &'static Case,
    /// As typed to `certvigil check`: `127.0.0.1:40001#www.lab.example`.
    pub target: String,
    /// The chain and the key that a client should present, as PEM, if it should.
    pub client: Option<(String, String)>,
}

/// What a start brings.
#[derive(Debug, Default)]
struct Open {
    places: Vec<Place>,
    missing: Vec<(&'static Case, io::Error)>,
    trust_pem: String,
}

impl Lab {
    /// Opens the endpoints of the cases that `only` wants, on ports that the system chooses.
    ///
    /// `now_unix` is the moment around which certificates are made, in seconds since 1970: pass the
    /// real one. Fails where a certificate cannot be made or a server cannot be set up; an endpoint
    /// that this machine has no address for stands in [`Lab::missing`].
    pub fn start(now_unix: i64, only: impl Fn(&Case) -> bool) -> io::Result<Self> {
        let wanted: Vec<&'static Case> = cases().iter().filter(|case| only(case)).collect();
        let (told, hear) = mpsc::channel();
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("lab".to_owned())
            .spawn(move || run(now_unix, &wanted, &told, ended))?;
        let open = hear.recv().map_err(io::Error::other)??;
        Ok(Self { open, end: Some(end), thread: Some(thread) })
    }

    /// The endpoints that are open, in the order of their cases.
    pub fn places(&self) -> &[Place] {
        &self.open.places
    }

    /// The cases that this machine has no address for, and why: to be told, not to be passed over.
    pub fn missing(&self) -> &[(&'static Case, io::Error)] {
        &self.open.missing
    }

    /// The certificates that a client of the lab should trust, as PEM.
    pub fn trust_pem(&self) -> &str {
        &self.open.trust_pem
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It ends at once; that it panicked was seen by then, as a lab that does not answer.
            let _ = thread.join();
        }
    }
}

/// The life of the lab's own thread.
fn run(
    now: i64,
    wanted: &[&'static Case],
    told: &mpsc::Sender<io::Result<Open>>,
    ended: oneshot::Receiver<()>,
) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    // Whoever started us is gone if this cannot be told.
    let _ = match runtime {
        Err(error) => told.send(Err(error)),
        Ok(runtime) => runtime.block_on(async {
            let sent = told.send(open_all(now, wanted).await);
            let _ = ended.await;
            sent
        }),
    };
}

async fn open_all(now: i64, wanted: &[&'static Case]) -> io::Result<Open> {
    let mint = Mint::new(now)?;
    let mut open = Open { trust_pem: mint.trust_pem(), ..Open::default() };
    for case in wanted {
        let socket = match bind(case.at) {
            Ok(socket) => socket,
            Err(error) if matches!(case.at, At::V6(_)) => {
                open.missing.push((case, error));
                continue;
            }
            Err(error) => return Err(within(case, &error)),
        };
        open.places
            .push(open_one(case, &mint, socket).await.map_err(|error| within(case, &error))?);
    }
    Ok(open)
}

async fn open_one(case: &'static Case, mint: &Mint, socket: TcpSocket) -> io::Result<Place> {
    let address = socket.local_addr()?;
    let mut client = None;
    match case.how {
        How::Refused => hold(socket),
        How::Blackhole => fill(socket, address).await?,
        How::Script(script) => listen(socket, Service::Script(script(mint)?))?,
        How::Chain(chain) => {
            let server = Server::new(chain(mint)?);
            listen(socket, Service::Server(Box::new(server.ready()?)))?;
        }
        How::Plaintext(dialect, fault) => {
            let ready = Box::new(Server::new(mint.issued(mint.leaf()?)?).ready()?);
            listen(socket, Service::Plaintext(dialect, fault, ready))?;
        }
        How::Tls(server) => {
            let server = server(mint)?;
            client = server.client.as_ref().map(shown_by_client);
            listen(socket, Service::Server(Box::new(server.ready()?)))?;
        }
    }
    Ok(Place { case, target: target(case.at, address), client })
}

fn bind(at: At) -> io::Result<TcpSocket> {
    let (socket, ip) = match at {
        At::V6(_) => (TcpSocket::new_v6()?, IpAddr::V6(Ipv6Addr::LOCALHOST)),
        At::Service(..) | At::Ip | At::Name(_) => {
            (TcpSocket::new_v4()?, IpAddr::V4(Ipv4Addr::LOCALHOST))
        }
    };
    socket.bind(SocketAddr::new(ip, 0))?;
    Ok(socket)
}

fn listen(socket: TcpSocket, service: Service) -> io::Result<()> {
    let listener = socket.listen(1024)?;
    tokio::spawn(answer(listener, service));
    Ok(())
}

/// Keeps the port from everybody without listening on it: the kernel refuses.
fn hold(socket: TcpSocket) {
    tokio::spawn(async move {
        let _kept = socket;
        std::future::pending::<()>().await;
    });
}

/// Listens with the shortest queue there is and fills it: the kernel drops further requests.
async fn fill(socket: TcpSocket, address: SocketAddr) -> io::Result<()> {
    let listener = socket.listen(0)?;
    let in_queue: TcpStream = TcpSocket::new_v4()?.connect(address).await?;
    tokio::spawn(async move {
        let _kept = (listener, in_queue);
        std::future::pending::<()>().await;
    });
    Ok(())
}

fn target(at: At, address: SocketAddr) -> String {
    match at {
        At::V6(name) | At::Name(name) => format!("{address}#{name}"),
        At::Service(service, name) => format!("{service}://{address}#{name}"),
        At::Ip => address.to_string(),
    }
}

fn shown_by_client(chain: &Chain) -> (String, String) {
    (chain.pem(), pem("PRIVATE KEY", chain.key.private().secret_der()))
}

fn within(case: &Case, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", case.name))
}
