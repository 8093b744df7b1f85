//! A TLS 1.2 ClientHello, and reading up to the Certificate message (RFC 5246 section 7.4).

use std::io;

use rustls::crypto::aws_lc_rs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// ECDHE with AES-GCM or ChaCha20, for ECDSA and RSA certificates.
const SUITES: &[u16] = &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
/// X25519 and P-256; without the latter some servers keep a P-256 certificate back.
const GROUPS: &[u16] = &[0x001d, 0x0017];
const SCHEMES: &[u16] = &[0x0403, 0x0804, 0x0401, 0x0503, 0x0501];

const HANDSHAKE_RECORD: u8 = 22;
const CERTIFICATE_MESSAGE: u8 = 11;

/// Asks and reads until a whole Certificate message is there.
pub(crate) async fn read(mut stream: TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    stream.write_all(&client_hello()?).await?;
    let mut received = Vec::with_capacity(4096);
    loop {
        let count = stream.read(buffer).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&buffer[..count]);
        if holds_certificate(&messages(&received)?) {
            return Ok(());
        }
    }
}

fn client_hello() -> io::Result<Vec<u8>> {
    let mut random = [0; 32];
    let source = aws_lc_rs::default_provider().secure_random;
    source.fill(&mut random).map_err(|_| io::Error::other("no random bytes"))?;
    let body = [
        &[3, 3][..],
        &random,
        &[0],
        &with_length(&list(SUITES)),
        &[1, 0],
        &with_length(&extensions()),
    ]
    .concat();
    let message = [&[1, 0][..], &with_length(&body)].concat();
    Ok([&[HANDSHAKE_RECORD, 3, 1][..], &with_length(&message)].concat())
}

/// supported_groups, ec_point_formats, signature_algorithms.
fn extensions() -> Vec<u8> {
    [
        extension(10, &with_length(&list(GROUPS))),
        extension(11, &[1, 0]),
        extension(13, &with_length(&list(SCHEMES))),
    ]
    .concat()
}

fn extension(kind: u16, contents: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &with_length(contents)].concat()
}

fn list(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn with_length(contents: &[u8]) -> Vec<u8> {
    [&(contents.len() as u16).to_be_bytes()[..], contents].concat()
}

/// The handshake messages in the whole records of `received`, joined.
fn messages(mut received: &[u8]) -> io::Result<Vec<u8>> {
    let mut messages = Vec::with_capacity(received.len());
    while let [kind, _, _, high, low, rest @ ..] = received {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *kind != HANDSHAKE_RECORD {
            return Err(io::Error::other(format!("a record of type {kind}")));
        }
        if rest.len() < length {
            break;
        }
        messages.extend_from_slice(&rest[..length]);
        received = &rest[length..];
    }
    Ok(messages)
}

fn holds_certificate(mut messages: &[u8]) -> bool {
    while let [kind, a, b, c, rest @ ..] = messages {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        if rest.len() < length {
            return false;
        }
        if *kind == CERTIFICATE_MESSAGE {
            return true;
        }
        messages = &rest[length..];
    }
    false
}
