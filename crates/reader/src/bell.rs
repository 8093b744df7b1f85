//! How an asking task wakes the driver out of its wait.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};

/// A descriptor that becomes readable when rung.
#[derive(Debug)]
pub(crate) struct Bell {
    descriptor: OwnedFd,
    /// Rung and not yet heard: ringing again would cost a system call and say nothing new.
    rung: AtomicBool,
}

impl Bell {
    /// # Errors
    /// No descriptor is left.
    pub(crate) fn new() -> io::Result<Self> {
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { descriptor, rung: AtomicBool::new(false) })
    }

    /// Wakes who waits for it. What was changed before is seen after [`Bell::hear`].
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            // It fails only when it has been rung 2^64 times unheard.
            let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
        }
    }

    /// Makes it silent. To be called before looking for what the ringing was about.
    pub(crate) fn hear(&self) {
        let mut count = [0; 8];
        // It fails when nobody has rung.
        let _ = rustix::io::read(&self.descriptor, &mut count);
        self.rung.store(false, Ordering::SeqCst);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}
