//! How endpoints behave: an accept loop, a player of scripts, and a TLS server that can be odd.

mod flight;
mod hello;
mod plaintext;
mod script;
mod server;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

pub(crate) use flight::{
    alert, certificate, messages, record, records, server_hello, server_hello_done,
};
pub(crate) use hello::Hello;
pub(crate) use plaintext::{Dialect, Fault};
pub(crate) use script::{Script, Step};
pub(crate) use server::{Server, Unnamed};

/// What answers on a port.
pub(crate) enum Service {
    Script(Script),
    Server(Box<server::Ready>),
    /// Plaintext first.
    Plaintext(&'static Dialect, Fault, Box<server::Ready>),
}

/// Answers every connection to `listener`, many at a time, until the runtime ends.
pub(crate) async fn answer(listener: TcpListener, service: Service) {
    let service = Arc::new(service);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely no descriptor is left; that passes, a busy loop would not help.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            service.meet(stream).await;
            drop(place);
        });
    }
}

impl Service {
    async fn meet(&self, mut stream: TcpStream) {
        // A client that goes away early is what these servers are for: no error is worth a word.
        let _ = match self {
            Self::Script(steps) => script::play_out(&mut stream, steps).await,
            Self::Server(ready) => ready.meet(&mut stream).await,
            Self::Plaintext(dialect, fault, ready) => {
                match plaintext::converse(&mut stream, dialect, *fault).await {
                    Ok(script::After::Open) => ready.meet(&mut stream).await,
                    Ok(script::After::Ended) => Ok(()),
                    Err(error) => Err(error),
                }
            }
        };
    }
}

/// Connections to one endpoint at a time; far above what any client here makes.
const CONNECTIONS: usize = 256;
