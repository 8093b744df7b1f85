//! A dialect against a list of words: no connection, no clock.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use certvigil_model::{Ended, Outcome, Phase, Service};

use super::converse;
use super::ehlo_name::EhloName;
use super::talk::{Peer, Talk};

/// What came of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// Whether TLS may begin, or why not.
    pub ended: Result<(), Ended>,
    /// All that the client said.
    pub said: Vec<u8>,
    /// What stood behind the go-ahead.
    pub injected: Vec<u8>,
}

/// Has the dialect of `service` talk to a server that says `pieces`, one after the other, and then
/// closes the connection. It is the very code that talks to servers.
pub fn rehearse(service: Service, pieces: &[&[u8]]) -> Rehearsed {
    let mut script = Script { pieces: pieces.iter(), said: Vec::new() };
    let ehlo_name = EhloName::literal(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut talk = Talk::new(service, ehlo_name, DOMAIN.to_owned(), Peer::Script(&mut script));
    let ended = ready(converse(service, &mut talk));
    let injected = talk.left_over();
    Rehearsed { ended, said: script.said, injected }
}

/// Whom rehearsals talk to.
const DOMAIN: &str = "im.example.com";

/// A server that has said all beforehand.
pub(super) struct Script<'a> {
    pieces: std::slice::Iter<'a, &'a [u8]>,
    said: Vec<u8>,
}

impl Script<'_> {
    pub(super) fn take_in(&mut self, words: &[u8]) {
        self.said.extend_from_slice(words);
    }

    pub(super) fn speak(&mut self, heard: &mut Vec<u8>) -> Result<(), Ended> {
        match self.pieces.next() {
            Some(piece) => {
                heard.extend_from_slice(piece);
                Ok(())
            }
            None => Err(no_more()),
        }
    }
}

/// Nothing in a rehearsal waits, so the first poll is the last.
fn ready(conversation: impl Future<Output = Result<(), Ended>>) -> Result<(), Ended> {
    match pin!(conversation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ended) => ended,
        Poll::Pending => Err(no_more()),
    }
}

fn no_more() -> Ended {
    Ended::early(Outcome::Closed, Phase::Starttls, "the script is at its end")
}
