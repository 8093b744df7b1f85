//! A server that starts in plaintext, as a table of what it answers, and what it may do wrong.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::script::{After, Script, Step, play};

/// What a server says before TLS.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// Its first words; empty where the client begins.
    pub(crate) greeting: &'static [u8],
    /// What it says to a client whose words hold these. `{tag}` in an answer stands for the first
    /// of the client's words (RFC 9051 section 2.2.1).
    pub(crate) answers: &'static [(&'static [u8], &'static [u8])],
    /// What a client's words hold that asks for TLS.
    pub(crate) request: &'static [u8],
    /// What it says before TLS begins; empty where its greeting is all that it says.
    pub(crate) go_ahead: &'static [u8],
    /// What it says instead, if it would rather not.
    pub(crate) refusal: &'static [u8],
    /// First words that go on and on: again and again they are no whole.
    pub(crate) endless: &'static [u8],
    /// Words that nobody may say between the go-ahead and TLS.
    pub(crate) injected: &'static [u8],
}

/// What a server does wrong before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It never says a word.
    Silent,
    /// Its first words do not end.
    Endless,
    /// It would rather not change to TLS.
    Refuses,
    /// It says other first words than those of the dialect.
    Foreign(&'static [u8]),
    /// It says more than its go-ahead.
    Injects,
    /// It goes away behind its go-ahead.
    Closes,
}

/// Speaks plaintext until TLS may begin, or until it is over.
pub(super) async fn converse(
    stream: &mut TcpStream,
    dialect: &Dialect,
    fault: Fault,
) -> io::Result<After> {
    let mut heard = match dialect.greeting {
        [] => words(stream, dialect).await?,
        _ => Vec::new(),
    };
    if let Some(steps) = instead_of_first_words(dialect, fault) {
        return play(stream, &steps).await;
    }
    stream.write_all(&greeting(dialect, fault)).await?;
    loop {
        if heard.is_empty() {
            heard = words(stream, dialect).await?;
        }
        let asks_for_tls = holds(&heard, dialect.request);
        if asks_for_tls && fault != Fault::Refuses {
            return begin_tls(stream, dialect, fault, &heard).await;
        }
        let answer = dialect.answers.iter().find(|(said, _)| holds(&heard, said));
        let answer = match answer {
            _ if asks_for_tls => dialect.refusal,
            Some((_, answer)) => answer,
            // No client says such a thing.
            None => return play(stream, &[Step::Close]).await,
        };
        stream.write_all(&tagged(answer, &heard)).await?;
        heard.clear();
    }
}

fn instead_of_first_words(dialect: &Dialect, fault: Fault) -> Option<Script> {
    match fault {
        Fault::Silent => Some(vec![Step::Hang]),
        Fault::Endless => Some(vec![Step::Repeat(dialect.endless.repeat(16), usize::MAX)]),
        Fault::Foreign(words) => Some(vec![Step::Send(words.to_vec()), Step::Hang]),
        Fault::None | Fault::Refuses | Fault::Injects | Fault::Closes => None,
    }
}

/// Who gives no go-ahead does all that it does wrong when it greets.
fn greeting(dialect: &Dialect, fault: Fault) -> Vec<u8> {
    match fault {
        Fault::Refuses if dialect.go_ahead.is_empty() => dialect.refusal.to_vec(),
        Fault::Injects if dialect.go_ahead.is_empty() => {
            [dialect.greeting, dialect.injected].concat()
        }
        _ => dialect.greeting.to_vec(),
    }
}

async fn begin_tls(
    stream: &mut TcpStream,
    dialect: &Dialect,
    fault: Fault,
    heard: &[u8],
) -> io::Result<After> {
    let mut said = tagged(dialect.go_ahead, heard);
    if fault == Fault::Injects && !said.is_empty() {
        said.extend_from_slice(dialect.injected);
    }
    stream.write_all(&said).await?;
    match fault {
        Fault::Closes => play(stream, &[Step::Close]).await,
        _ => Ok(After::Open),
    }
}

/// What the client says next. A client says one thing at a time, in one piece.
async fn words(stream: &mut TcpStream, dialect: &Dialect) -> io::Result<Vec<u8>> {
    let most = if dialect.go_ahead.is_empty() { SSL_REQUEST } else { 4096 };
    let mut buffer = vec![0; most];
    match stream.read(&mut buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => {
            buffer.truncate(count);
            Ok(buffer)
        }
    }
}

/// The length of MySQL's SSLRequest. Where there is no go-ahead to wait for, TLS comes right behind.
const SSL_REQUEST: usize = 36;

fn holds(heard: &[u8], words: &[u8]) -> bool {
    heard.windows(words.len()).any(|part| part == words)
}

fn tagged(answer: &[u8], heard: &[u8]) -> Vec<u8> {
    const TAG: &[u8] = b"{tag}";
    match answer.windows(TAG.len()).position(|part| part == TAG) {
        None => answer.to_vec(),
        Some(at) => {
            let tag = heard.split(|byte| *byte == b' ').next().unwrap_or_default();
            [&answer[..at], tag, &answer[at + TAG.len()..]].concat()
        }
    }
}
