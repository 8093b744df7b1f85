//! The zoo, by groups. The README beside this file says how to add a case.

mod chains;
mod dates;
mod der;
mod healthy;
mod names;
mod odd_tls;
mod starttls;
mod strings;
mod tcp;
mod tls;
mod trust;

use std::io;
use std::sync::LazyLock;

use crate::case::{At, Case};
use crate::mint::{Chain, HOST, Mint};
use crate::serve::{
    Hello, Script, Server, Step, certificate, records, server_hello, server_hello_done,
};

const GROUPS: &[&[Case]] = &[
    healthy::CASES,
    tcp::CASES,
    tls::CASES,
    odd_tls::CASES,
    chains::CASES,
    trust::CASES,
    dates::CASES,
    der::CASES,
    names::CASES,
    strings::CASES,
];

/// All cases of all groups, in one piece.
pub(crate) fn all() -> &'static [Case] {
    static ALL: LazyLock<Vec<Case>> =
        LazyLock::new(|| [GROUPS, starttls::DIALECTS].concat().concat());
    &ALL
}

/// The usual target: an address, and the name that is asked for.
const NAMED: At = At::Name(HOST);

/// An ordinary server with an ordinary chain.
fn plain(mint: &Mint) -> io::Result<Server> {
    Ok(Server::new(mint.issued(mint.leaf()?)?))
}

/// Whatever a client offers is fine.
fn any(_: &Hello) -> Option<u8> {
    None
}

/// An answer with RSA key exchange, up to where a private key would be needed, to whom `refuse`
/// does not turn away.
fn rsa_exchange(chain: &Chain, version: u16, refuse: fn(&Hello) -> Option<u8>) -> Script {
    let hello = server_hello(version, RSA_SUITE);
    let said = [hello, certificate(&chain.certificates), server_hello_done()];
    let said = records(&said.concat(), 16_384);
    vec![Step::Hear(refuse), Step::Send(said), Step::Hear(any), Step::Close]
}

/// Turns away who does not offer RSA key exchange.
fn wants_rsa_exchange(hello: &Hello) -> Option<u8> {
    unless(hello.suites.contains(&RSA_SUITE), 40)
}

/// The alert, unless all is fine.
const fn unless(fine: bool, alert: u8) -> Option<u8> {
    if fine { None } else { Some(alert) }
}

/// A whole TLS 1.2 answer in plaintext, up to ServerHelloDone: good for all who only read it.
fn flight_of(chain: &Chain) -> Vec<u8> {
    let messages =
        [server_hello(TLS_1_2, ECDSA_SUITE), certificate(&chain.certificates), server_hello_done()];
    records(&messages.concat(), 16_384)
}

const TLS_1_2: u16 = 0x0303;

/// TLS_RSA_WITH_AES_128_CBC_SHA: every version up to 1.2 has it.
const RSA_SUITE: u16 = 0x002f;

/// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
const ECDSA_SUITE: u16 = 0xc02b;
