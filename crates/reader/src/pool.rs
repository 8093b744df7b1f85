//! What others call.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use certvigil_doors::command::Program;
use certvigil_model::{Clock, Fingerprint};
use certvigil_x509::{Found, Reading};

use crate::desk::{Asked, Desk};
use crate::driver::Driver;
use crate::job::{CERTIFICATE_LIMIT, CONTAINER_LIMIT};

/// A few children that read certificates, and the memory of what they have read.
///
/// They start on first need, one when one suffices. Dropped, the pool kills and reaps them;
/// should this process end otherwise, the system ends them.
pub struct Pool {
    program: Program,
    clock: Arc<dyn Clock>,
    running: Mutex<Option<Running>>,
}

struct Running {
    desk: Arc<Desk>,
    driver: JoinHandle<()>,
}

impl Pool {
    /// A pool whose children are `program`: this very program with [`READ`](crate::READ), which
    /// calls [`serve`](crate::serve()).
    pub fn new(program: Program, clock: Arc<dyn Clock>) -> Self {
        Self { program, clock, running: Mutex::new(None) }
    }

    /// Reads a certificate, whose SHA-256 is `fingerprint`; at most 1 MiB. What was read before is
    /// remembered, also that it could not be read.
    ///
    /// It always ends: after 100 ms of a child's processor time, or 2 s of the wall clock, the
    /// reading is [`Reading::Stalled`] and the next certificate has its turn.
    ///
    /// The question is asked at once, before the answer is waited for, so that a whole chain can be
    /// asked for together.
    pub fn certificate(
        &self,
        der: Arc<[u8]>,
        fingerprint: Fingerprint,
    ) -> impl Future<Output = Reading> + use<> {
        let asked = self.ask(der, fingerprint);
        async move {
            match asked {
                Asked::Known(reading) => reading,
                Asked::Waits(answer) => answer.await.unwrap_or_else(|_| over()),
            }
        }
    }

    fn ask(&self, der: Arc<[u8]>, fingerprint: Fingerprint) -> Asked {
        if der.len() > CERTIFICATE_LIMIT {
            return Asked::Known(too_long("certificate", der.len(), CERTIFICATE_LIMIT));
        }
        match self.desk() {
            Ok(desk) => desk.certificate(der, fingerprint),
            Err(error) => Asked::Known(no_thread(&error)),
        }
    }

    /// Finds the certificates in a PEM text, a key store or any other container of at most 64 MiB.
    ///
    /// # Errors
    /// Never [`Reading::Facts`]: it stalled (5 s of the wall clock), crashed, or could not be
    /// tried. A container that holds nothing readable is no error; `Found` says so.
    pub async fn container(
        &self,
        bytes: Arc<[u8]>,
        password: Option<String>,
    ) -> Result<Vec<Found>, Reading> {
        let length = bytes.len().max(password.as_ref().map_or(0, String::len));
        if length > CONTAINER_LIMIT {
            return Err(too_long("container", length, CONTAINER_LIMIT));
        }
        let answer = self.desk().map_err(|error| no_thread(&error))?.container(bytes, password);
        answer.await.unwrap_or_else(|_| Err(over()))
    }

    /// Kills and reaps the children now; what still waits for a reading gets a
    /// [`Reading::Local`]. For whoever cannot wait until the last user of the pool has dropped it.
    pub fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { desk, driver }) = running {
            desk.close();
            // It ends the children on its way out; should it have panicked, they have ended too.
            let _ = driver.join();
        }
    }

    /// The desk of the running driver, which is started where there is none.
    fn desk(&self) -> io::Result<Arc<Desk>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { desk, driver }) = &*running
            && !driver.is_finished()
        {
            return Ok(Arc::clone(desk));
        }
        let desk = Arc::new(Desk::new()?);
        let driver = Driver::new(Arc::clone(&desk), self.program.clone(), Arc::clone(&self.clock));
        let driver =
            thread::Builder::new().name("reader-pool".to_owned()).spawn(move || driver.run())?;
        *running = Some(Running { desk: Arc::clone(&desk), driver });
        Ok(desk)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

fn too_long(what: &str, length: usize, limit: usize) -> Reading {
    Reading::Local(format!("the {what} has {length} bytes; at most {limit} are read"))
}

fn no_thread(error: &io::Error) -> Reading {
    Reading::Local(format!("no thread could be started for reading: {error}"))
}

fn over() -> Reading {
    Reading::Local("the pool of reading processes has ended".to_owned())
}
