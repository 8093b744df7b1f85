//! Writes the ClientHello of the legacy hello (RFC 5246 section 7.4.1.2).

use certvigil_model::Asked;

/// What a legacy hello asks for.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// Which type of certificate.
    pub asked: Asked,
    /// The server name to send (RFC 6066 section 3).
    pub server_name: Option<&'a str>,
    /// Protocols to offer (RFC 7301).
    pub alpn_protocols: &'a [&'a [u8]],
    /// 32 bytes that no two hellos share.
    pub random: [u8; 32],
}

/// ECDHE-ECDSA suites, newest first, by their IANA numbers.
const ECDSA: &[u16] =
    &[0xc02b, 0xc02c, 0xcca9, 0xc0ac, 0xc0ad, 0xc023, 0xc024, 0xc009, 0xc00a, 0xc008, 0xc007];

/// Suites that need an RSA certificate: ECDHE, DHE, RSA key exchange; GCM, ChaCha20, CBC, 3DES, RC4.
const RSA: &[u16] = &[
    0xc02f, 0xc030, 0xcca8, 0x009e, 0x009f, 0xccaa, 0xc027, 0xc028, 0xc013, 0xc014, 0x0067, 0x006b,
    0x0033, 0x0039, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0xc012, 0x0016, 0x000a, 0xc011,
    0x0005, 0x0004,
];

/// What is neither: DSA certificates, Camellia, ARIA and SEED with RSA or ECDSA.
const OTHER: &[u16] = &[
    0x00a2, 0x00a3, 0x0040, 0x006a, 0x0032, 0x0038, 0x0013, 0xc072, 0xc073, 0xc076, 0xc077, 0x0041,
    0x0084, 0x0045, 0x0088, 0x0096, 0x009a, 0xc05c, 0xc05d, 0xc060, 0xc061, 0xc050, 0xc051,
];

/// TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3): some servers insist on it.
const RENEGOTIATION_SCSV: u16 = 0x00ff;

/// X25519, P-256, P-384, P-521, X448, secp256k1, three Brainpool curves, ffdhe2048.
/// OpenSSL needs the *certificate's* curve in this list too.
const GROUPS: &[u16] =
    &[0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0016, 0x001a, 0x001b, 0x001c, 0x0100];

const ECDSA_SCHEMES: &[u16] = &[0x0403, 0x0503, 0x0603, 0x0203];
const RSA_SCHEMES: &[u16] =
    &[0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0809, 0x080a, 0x080b, 0x0201];
const OTHER_SCHEMES: &[u16] = &[0x0807, 0x0808, 0x0402, 0x0202, 0x0301, 0x0303];

/// A message's type and its length in three bytes (RFC 5246 section 7.4).
const HANDSHAKE_HEADER: usize = 4;

// Types of extensions, by the standards that define them.
const SERVER_NAME: u16 = 0; // RFC 6066
const SUPPORTED_GROUPS: u16 = 10; // RFC 8422
const EC_POINT_FORMATS: u16 = 11; // RFC 8422
const SIGNATURE_ALGORITHMS: u16 = 13; // RFC 5246
const ALPN: u16 = 16; // RFC 7301
const SIGNED_CERTIFICATE_TIMESTAMP: u16 = 18; // RFC 6962
const PADDING: u16 = 21; // RFC 7685
const EXTENDED_MASTER_SECRET: u16 = 23; // RFC 7627

/// The hello in one plaintext record. Always offers at most TLS 1.2 and accepts what comes back:
/// a maximum of TLS 1.0 makes some servers answer `internal_error`.
pub fn client_hello(offer: &Offer<'_>) -> Vec<u8> {
    let (suites, schemes): (&[&[u16]], &[&[u16]]) = match offer.asked {
        Asked::Ecdsa => (&[ECDSA], &[ECDSA_SCHEMES]),
        Asked::Rsa => (&[RSA], &[RSA_SCHEMES]),
        Asked::Any | Asked::NoServerName => {
            (&[ECDSA, RSA, OTHER], &[ECDSA_SCHEMES, RSA_SCHEMES, OTHER_SCHEMES])
        }
    };
    let mut body = vec![3, 3];
    body.extend_from_slice(&offer.random);
    body.push(0);
    with_length_16(&mut body, |body| {
        suites.iter().copied().flatten().for_each(|suite| put_16(body, *suite));
        put_16(body, RENEGOTIATION_SCSV);
    });
    body.extend_from_slice(&[1, 0]);
    let mut block = Vec::new();
    extensions(&mut block, offer, schemes);
    pad(&mut block, HANDSHAKE_HEADER + body.len() + 2);
    with_length_16(&mut body, |body| body.extend_from_slice(&block));
    record(&body)
}

/// No empty extension comes last: some old servers refuse a hello that ends with one.
fn extensions(out: &mut Vec<u8>, offer: &Offer<'_>, schemes: &[&[u16]]) {
    if let Some(name) = offer.server_name {
        extension(out, SERVER_NAME, |out| {
            with_length_16(out, |out| {
                out.push(0);
                with_length_16(out, |out| out.extend_from_slice(name.as_bytes()));
            });
        });
    }
    extension(out, EXTENDED_MASTER_SECRET, |_| {});
    extension(out, SIGNED_CERTIFICATE_TIMESTAMP, |_| {});
    extension(out, SUPPORTED_GROUPS, |out| {
        with_length_16(out, |out| GROUPS.iter().for_each(|group| put_16(out, *group)));
    });
    extension(out, EC_POINT_FORMATS, |out| out.extend_from_slice(&[1, 0]));
    if !offer.alpn_protocols.is_empty() {
        extension(out, ALPN, |out| with_length_16(out, |out| protocols(out, offer.alpn_protocols)));
    }
    extension(out, SIGNATURE_ALGORITHMS, |out| {
        with_length_16(out, |out| {
            schemes.iter().copied().flatten().for_each(|scheme| put_16(out, *scheme));
        });
    });
}

fn protocols(out: &mut Vec<u8>, protocols: &[&[u8]]) {
    for protocol in protocols {
        let protocol = &protocol[..protocol.len().min(255)];
        out.push(protocol.len() as u8);
        out.extend_from_slice(protocol);
    }
}

/// Some old load balancers hang on a hello of 256 to 511 bytes (RFC 7685 section 4). `before` is
/// the length of what comes in front of the extensions.
fn pad(block: &mut Vec<u8>, before: usize) {
    let length = before + block.len();
    if (256..512).contains(&length) {
        let zeros = (512 - length).saturating_sub(4).max(1);
        extension(block, PADDING, |out| out.resize(out.len() + zeros, 0));
    }
}

fn record(body: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, 1];
    with_length_16(&mut record, |record| {
        record.extend_from_slice(&[1, 0]);
        with_length_16(record, |record| record.extend_from_slice(body));
    });
    record
}

fn extension(out: &mut Vec<u8>, kind: u16, contents: impl FnOnce(&mut Vec<u8>)) {
    put_16(out, kind);
    with_length_16(out, contents);
}

fn put_16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Writes `contents` behind their length in two bytes.
fn with_length_16(out: &mut Vec<u8>, contents: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0, 0]);
    contents(out);
    let length = u16::try_from(out.len() - start - 2).unwrap_or(u16::MAX);
    out[start..start + 2].copy_from_slice(&length.to_be_bytes());
}
