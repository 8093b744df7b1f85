//! A server's behaviour as a list of steps, and what plays it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Hello;
use super::flight::alert;

/// What a server does, one step after the other. After the last it waits for the client to leave.
pub(crate) type Script = Vec<Step>;

/// One thing that a server does.
#[derive(Clone)]
pub(crate) enum Step {
    /// Waits for the client's first record. A number is the fatal alert that ends it all.
    Hear(fn(&Hello) -> Option<u8>),
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends the same bytes so many times, as long as the client takes them.
    Repeat(Vec<u8>, usize),
    /// Sends byte by byte, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// Waits.
    Pause(Duration),
    /// Says nothing more until the client leaves.
    Hang,
    /// Ends the connection in order (FIN).
    Close,
    /// Breaks the connection (RST).
    Reset,
}

/// Whether the connection can still be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Ended,
    Open,
}

/// Plays the whole of a connection.
pub(super) async fn play_out(stream: &mut TcpStream, steps: &[Step]) -> io::Result<()> {
    match play(stream, steps).await? {
        After::Ended => Ok(()),
        After::Open => drain(stream).await,
    }
}

/// Plays `steps`, which may end the connection.
pub(super) async fn play(stream: &mut TcpStream, steps: &[Step]) -> io::Result<After> {
    for step in steps {
        if play_one(stream, step).await? == After::Ended {
            return Ok(After::Ended);
        }
    }
    Ok(After::Open)
}

async fn play_one(stream: &mut TcpStream, step: &Step) -> io::Result<After> {
    match step {
        Step::Hear(refuse) => {
            let heard = first_record(stream).await?;
            return refuse_or_go_on(stream, &heard, *refuse).await;
        }
        Step::Send(bytes) => stream.write_all(bytes).await?,
        Step::Repeat(bytes, times) => {
            for _ in 0..*times {
                stream.write_all(bytes).await?;
            }
        }
        Step::Drip(bytes, pause) => {
            for byte in bytes {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(*pause).await;
            }
        }
        Step::Pause(pause) => tokio::time::sleep(*pause).await,
        Step::Hang => return drain(stream).await.map(|()| After::Ended),
        Step::Close => return close(stream).await.map(|()| After::Ended),
        Step::Reset => return stream.set_zero_linger().map(|()| After::Ended),
    }
    Ok(After::Open)
}

/// Ends by the alert that `refuse` wants, if it wants one.
pub(super) async fn refuse_or_go_on(
    stream: &mut TcpStream,
    heard: &[u8],
    refuse: fn(&Hello) -> Option<u8>,
) -> io::Result<After> {
    let Some(description) = Hello::read(heard).and_then(|hello| refuse(&hello)) else {
        return Ok(After::Open);
    };
    stream.write_all(&alert(2, description)).await?;
    close(stream).await.map(|()| After::Ended)
}

/// The client's first record, or as much of it as came before the client stopped.
pub(super) async fn first_record(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = match heard[..] {
            [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([high, low])),
            _ => 5,
        };
        if heard.len() >= length {
            return Ok(heard);
        }
        match stream.read(&mut buffer).await? {
            0 => return Ok(heard),
            count => heard.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Ends in order. What the client still sends is read, else the kernel would answer it by a reset
/// that may overtake what we said last.
pub(super) async fn close(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    drain(stream).await
}

async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
