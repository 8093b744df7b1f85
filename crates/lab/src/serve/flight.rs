//! A server's TLS ≤ 1.2 messages, made by hand (RFC 5246 section 7.4).

/// Record type `handshake`.
const HANDSHAKE: u8 = 22;

/// One record of the version that all clients take.
pub(crate) fn record(kind: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[kind, 3, 3][..], &length, contents].concat()
}

/// Handshake bytes in records of at most `size` bytes.
pub(crate) fn records(messages: &[u8], size: usize) -> Vec<u8> {
    messages.chunks(size).flat_map(|chunk| record(HANDSHAKE, chunk)).collect()
}

/// The handshake bytes inside plaintext records; ends at the first record of another kind.
pub(crate) fn messages(records: &[u8]) -> Vec<u8> {
    let mut messages = Vec::new();
    let mut rest = records;
    while let [HANDSHAKE, _, _, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        messages.extend_from_slice(&tail[..length]);
        rest = &tail[length..];
    }
    messages
}

/// A handshake message of this type.
fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &length_24(body.len())[..], body].concat()
}

/// ServerHello with a version and suite, no session, and the one extension that OpenSSL insists
/// on (RFC 5746).
pub(crate) fn server_hello(version: u16, suite: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(&[0x5a; 32]);
    body.push(0);
    body.extend_from_slice(&suite.to_be_bytes());
    body.extend_from_slice(&[0, 0, 5, 0xff, 1, 0, 1, 0]);
    handshake(2, &body)
}

/// Certificate.
pub(crate) fn certificate(chain: &[Vec<u8>]) -> Vec<u8> {
    let list: Vec<u8> =
        chain.iter().flat_map(|der| [&length_24(der.len())[..], der].concat()).collect();
    handshake(11, &[&length_24(list.len())[..], &list].concat())
}

/// ServerHelloDone.
pub(crate) fn server_hello_done() -> Vec<u8> {
    handshake(14, &[])
}

/// An alert in a plaintext record; level 1 warns, level 2 ends.
pub(crate) fn alert(level: u8, description: u8) -> Vec<u8> {
    record(21, &[level, description])
}

pub(super) fn length_24(length: usize) -> [u8; 3] {
    [(length >> 16) as u8, (length >> 8) as u8, length as u8]
}
