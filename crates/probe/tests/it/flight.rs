//! A server's TLS ≤ 1.2 messages, made by hand (RFC 5246 sections 6.2.1, 7.2 and 7.4).

/// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
pub(crate) const ECDSA_SUITE: u16 = 0xc02b;
/// TLS_RSA_WITH_AES_128_CBC_SHA.
pub(crate) const RSA_SUITE: u16 = 0x002f;

pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const ALERT: u8 = 21;

/// One record.
pub(crate) fn record(kind: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3][..], &length, contents].concat()
}

/// Handshake bytes in records of at most `size` bytes.
pub(crate) fn records(messages: &[u8], size: usize) -> Vec<u8> {
    messages.chunks(size).flat_map(|chunk| record(HANDSHAKE, chunk)).collect()
}

/// One handshake message.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &length_24(body.len())[..], body].concat()
}

/// ServerHello with a version and a suite, no session, and the extensions given.
pub(crate) fn server_hello(version: u16, suite: u16, extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(&[0x5a; 32]);
    body.push(0);
    body.extend_from_slice(&suite.to_be_bytes());
    body.push(0);
    let block: Vec<u8> = extensions
        .iter()
        .flat_map(|(kind, contents)| {
            [&kind.to_be_bytes()[..], &length_16(contents.len()), contents].concat()
        })
        .collect();
    if !block.is_empty() {
        body.extend_from_slice(&length_16(block.len()));
        body.extend_from_slice(&block);
    }
    message(2, &body)
}

/// Certificate.
pub(crate) fn certificate(chain: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> =
        chain.iter().flat_map(|der| [&length_24(der.len())[..], der].concat()).collect();
    message(11, &[&length_24(list.len())[..], &list].concat())
}

/// ServerHelloDone.
pub(crate) fn server_hello_done() -> Vec<u8> {
    message(14, &[])
}

/// HelloRequest, which a client ignores during a handshake (section 7.4.1.1).
pub(crate) fn hello_request() -> Vec<u8> {
    message(0, &[])
}

/// An alert in a plaintext record; level 1 warns, level 2 ends.
pub(crate) fn alert(level: u8, description: u8) -> Vec<u8> {
    record(ALERT, &[level, description])
}

/// ServerHello of this version and suite and a chain, in one record.
pub(crate) fn plaintext(version: u16, suite: u16, chain: &[&[u8]]) -> Vec<u8> {
    let flight = [server_hello(version, suite, &[]), certificate(chain)].concat();
    records(&flight, 16_384)
}

fn length_16(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap().to_be_bytes()
}

fn length_24(length: usize) -> [u8; 3] {
    [(length >> 16) as u8, (length >> 8) as u8, length as u8]
}
