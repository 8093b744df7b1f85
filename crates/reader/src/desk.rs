//! Where those who ask and the driver meet: what is asked, who waits, what is known already.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use certvigil_model::Fingerprint;
use certvigil_x509::{Facts, Found, Reading};
use tokio::sync::oneshot;

use crate::bell::Bell;
use crate::job::{Conclusion, Job, Password, What};
use crate::memory::Memory;

/// Shared by the askers and the driver.
#[derive(Debug)]
pub(crate) struct Desk {
    state: Mutex<State>,
    /// Rings when there is work, or no more to come.
    pub(crate) bell: Bell,
}

#[derive(Debug)]
struct State {
    certificates: VecDeque<Job>,
    containers: VecDeque<Job>,
    /// Who waits for a certificate, from the first question to the answer.
    waiting: HashMap<Fingerprint, Vec<oneshot::Sender<Reading>>>,
    facts: Memory<Arc<Facts>>,
    /// Certificates that stalled or crashed a reader: not read again by this process.
    culprits: Memory<Reading>,
    closed: bool,
}

/// What an asker gets at once.
pub(crate) enum Asked {
    /// It is known already.
    Known(Reading),
    /// It is being read.
    Waits(oneshot::Receiver<Reading>),
}

impl Desk {
    /// # Errors
    /// No descriptor is left.
    pub(crate) fn new() -> io::Result<Self> {
        let state = State {
            certificates: VecDeque::new(),
            containers: VecDeque::new(),
            waiting: HashMap::new(),
            facts: Memory::new(FACTS_MEMORY),
            culprits: Memory::new(CULPRITS_MEMORY),
            closed: false,
        };
        Ok(Self { state: Mutex::new(state), bell: Bell::new()? })
    }

    /// Asks for a certificate's facts. Who asks for one that another waits for waits with them.
    pub(crate) fn certificate(&self, der: Arc<[u8]>, fingerprint: Fingerprint) -> Asked {
        let mut state = self.lock();
        if let Some(reading) = state.recall(&fingerprint) {
            return Asked::Known(reading);
        }
        let (sender, receiver) = oneshot::channel();
        if state.closed {
            return Asked::Waits(receiver);
        }
        match state.waiting.entry(fingerprint) {
            Entry::Occupied(mut others) => others.get_mut().push(sender),
            Entry::Vacant(none) => {
                none.insert(vec![sender]);
                state.certificates.push_back(Job::new(What::Certificate { der, fingerprint }));
                drop(state);
                self.bell.ring();
            }
        }
        Asked::Waits(receiver)
    }

    /// Asks for the certificates in a container.
    pub(crate) fn container(
        &self,
        bytes: Arc<[u8]>,
        password: Option<String>,
    ) -> oneshot::Receiver<Result<Vec<Found>, Reading>> {
        let (asker, receiver) = oneshot::channel();
        let mut state = self.lock();
        if !state.closed {
            let password = password.map(Password);
            state.containers.push_back(Job::new(What::Container { bytes, password, asker }));
            drop(state);
            self.bell.ring();
        }
        receiver
    }

    /// The next certificate to read. One that nobody waits for any more is passed over.
    pub(crate) fn next_certificate(&self) -> Option<Job> {
        let mut state = self.lock();
        while let Some(job) = state.certificates.pop_front() {
            if state.is_wanted(&job) {
                return Some(job);
            }
        }
        None
    }

    /// The next container to read, as [`Desk::next_certificate`].
    pub(crate) fn next_container(&self) -> Option<Job> {
        let mut state = self.lock();
        while let Some(job) = state.containers.pop_front() {
            if state.is_wanted(&job) {
                return Some(job);
            }
        }
        None
    }

    /// Whether a certificate waits to be taken.
    pub(crate) fn has_certificate(&self) -> bool {
        !self.lock().certificates.is_empty()
    }

    /// Whether a container waits to be taken.
    pub(crate) fn has_container(&self) -> bool {
        !self.lock().containers.is_empty()
    }

    /// How many certificates are waited for.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Puts a job that was taken back to the front of its line.
    pub(crate) fn put_back(&self, job: Job) {
        let mut state = self.lock();
        match job.what {
            What::Certificate { .. } => state.certificates.push_front(job),
            What::Container { .. } => state.containers.push_front(job),
        }
    }

    /// Hands a job's end to all who wait for it, and remembers it.
    pub(crate) fn settle(&self, conclusion: Conclusion) {
        match conclusion {
            Conclusion::Certificate { fingerprint, reading, weight } => {
                let askers = {
                    let mut state = self.lock();
                    state.keep(fingerprint, &reading, weight);
                    state.waiting.remove(&fingerprint).unwrap_or_default()
                };
                for asker in askers {
                    // Whoever has gone needs no answer.
                    let _ = asker.send(reading.clone());
                }
            }
            Conclusion::Container { asker, result } => {
                let _ = asker.send(result);
            }
        }
    }

    /// Ends all that waits to be taken with `reading`.
    pub(crate) fn fail_all(&self, reading: &Reading) {
        let jobs: Vec<Job> = {
            let mut state = self.lock();
            let State { certificates, containers, .. } = &mut *state;
            certificates.drain(..).chain(containers.drain(..)).collect()
        };
        for job in jobs {
            self.settle(job.failed(reading.clone()));
        }
    }

    /// Takes no more questions and forgets who waits; they see it.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.certificates.clear();
        state.containers.clear();
        state.waiting.clear();
        drop(state);
        self.bell.ring();
    }

    /// Whether [`Desk::close`] was called.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is whole when the lock is given back, whatever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn recall(&self, fingerprint: &Fingerprint) -> Option<Reading> {
        let facts = self.facts.recall(fingerprint).map(Reading::Facts);
        facts.or_else(|| self.culprits.recall(fingerprint))
    }

    fn keep(&mut self, fingerprint: Fingerprint, reading: &Reading, weight: usize) {
        match reading {
            Reading::Facts(facts) => self.facts.keep(fingerprint, Arc::clone(facts), weight),
            Reading::Stalled(words) | Reading::Crashed(words) => {
                self.culprits.keep(fingerprint, reading.clone(), words.len());
            }
            // Our own failure: the next time it may be better.
            Reading::Local(_) => {}
        }
    }

    /// Whether somebody still waits for `job`; if not, nobody is left in the books.
    fn is_wanted(&mut self, job: &Job) -> bool {
        match &job.what {
            What::Container { asker, .. } => !asker.is_closed(),
            What::Certificate { fingerprint, .. } => match self.waiting.entry(*fingerprint) {
                Entry::Occupied(askers) if askers.get().iter().all(oneshot::Sender::is_closed) => {
                    askers.remove();
                    false
                }
                Entry::Occupied(_) => true,
                Entry::Vacant(_) => false,
            },
        }
    }
}

/// Bytes of facts kept: of some 20,000 ordinary certificates.
const FACTS_MEMORY: usize = 64 << 20;
/// Bytes of culprits kept: some 4,000.
const CULPRITS_MEMORY: usize = 1 << 20;
