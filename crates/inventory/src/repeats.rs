//! Lines that name a target which another line names too.

use std::collections::{HashMap, HashSet};

use certvigil_model::{Addresses, Fingerprint, Foreign, Target, TargetOptions};

use crate::Listed;

/// What lines bring that name a target again. Of a target that one line names nothing is kept.
#[derive(Clone, Debug, Default)]
pub struct Repeats {
    of: HashMap<Identity, Others>,
    lines: usize,
}

/// What the lines after the first say of a target.
#[derive(Clone, Debug, Default)]
struct Others {
    written: Vec<Foreign>,
    tags: Vec<String>,
    without_server_name: bool,
}

impl Repeats {
    /// Those among `lines`.
    pub(crate) fn among(lines: impl Iterator<Item = Listed>) -> Self {
        let mut seen = HashSet::new();
        let mut repeats = Self::default();
        for target in lines.filter_map(|listed| listed.target.ok()) {
            let identity = identity(&target);
            if !seen.insert(identity) {
                repeats.lines += 1;
                repeats.of.entry(identity).or_default().add(target);
            }
        }
        repeats
    }

    /// How many lines repeat a target.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Whether `target` is new; a repeated one is made to stand for all of its lines.
    pub(crate) fn join(&self, target: &mut Target, given: &mut HashSet<Identity>) -> bool {
        if self.of.is_empty() {
            return true;
        }
        let identity = identity(target);
        let Some(others) = self.of.get(&identity) else { return true };
        if !given.insert(identity) {
            return false;
        }
        others.join(target);
        true
    }
}

impl Others {
    fn add(&mut self, target: Target) {
        if self.written.len() < SPELLINGS && !self.written.contains(&target.written) {
            self.written.push(target.written);
        }
        add_new(&mut self.tags, &target.tags);
        self.without_server_name |= target.options.without_server_name;
    }

    fn join(&self, target: &mut Target) {
        let differs = |written: &&Foreign| **written != target.written;
        target.also = self.written.iter().filter(differs).cloned().collect();
        add_new(&mut target.tags, &self.tags);
        target.options.without_server_name |= self.without_server_name;
    }
}

fn add_new(tags: &mut Vec<String>, more: &[String]) {
    for tag in more {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
}

/// Half of a SHA-256, for all of an inventory are kept at a time.
pub type Identity = [u8; 16];

/// What makes a target another one than one of the same name: a name may be asked for through
/// several resolvers, or be looked at where it is not.
pub fn identity(target: &Target) -> Identity {
    let Target { service, host, port, options, .. } = target;
    let TargetOptions { server_name, addresses, resolvers, .. } = options;
    let addresses = match addresses {
        Addresses::These(addresses) => &addresses[..],
        Addresses::Some(_) | Addresses::All => &[],
    };
    let key = format!("{service}://{host}:{port} {server_name:?} {addresses:?} {resolvers:?}");
    let digest = Fingerprint::of(key.as_bytes());
    let mut identity = Identity::default();
    identity.copy_from_slice(&digest.bytes()[..16]);
    identity
}

/// Ways to write one target that are told; nobody needs more of `WWW.example.org`, `www.EXAMPLE.org`.
const SPELLINGS: usize = 100;
