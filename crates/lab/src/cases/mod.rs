//! The zoo, by groups. The README beside this file says how to add a case.

mod chains;
mod healthy;
mod tcp;
mod tls;

use std::sync::LazyLock;

use crate::case::{At, Case};
use crate::mint::{Chain, HOST};
use crate::serve::{Hello, certificate, records, server_hello, server_hello_done};

const GROUPS: &[&[Case]] = &[healthy::CASES, tcp::CASES, tls::CASES, chains::CASES];

/// All cases of all groups, in one piece.
pub(crate) fn all() -> &'static [Case] {
    static ALL: LazyLock<Vec<Case>> = LazyLock::new(|| GROUPS.concat());
    &ALL
}

/// The usual target: an address, and the name that is asked for.
const NAMED: At = At::Name(HOST);

/// Whatever a client offers is fine.
fn any(_: &Hello) -> Option<u8> {
    None
}

/// A whole TLS 1.2 answer in plaintext, up to ServerHelloDone: good for all who only read it.
fn flight_of(chain: &Chain) -> Vec<u8> {
    let messages =
        [server_hello(TLS_1_2, ECDSA_SUITE), certificate(&chain.certificates), server_hello_done()];
    records(&messages.concat(), 16_384)
}

const TLS_1_2: u16 = 0x0303;

/// TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
const ECDSA_SUITE: u16 = 0xc02b;
