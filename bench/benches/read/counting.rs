//! Counts what is asked of the allocators: Rust's and OpenSSL's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes and calls that `work` asks for when it runs the second time.
pub fn allocated(work: impl Fn()) -> (usize, usize) {
    work();
    let before = [&BYTES, &CALLS].map(|counter| counter.load(Ordering::Relaxed));
    work();
    let after = [&BYTES, &CALLS].map(|counter| counter.load(Ordering::Relaxed));
    (after[0] - before[0], after[1] - before[1])
}

/// Puts the counters between OpenSSL and the C allocator; before OpenSSL's first own allocation.
pub fn watch_openssl() {
    // SAFETY: the three functions keep the contract of malloc, realloc and free.
    let done = unsafe {
        CRYPTO_set_mem_functions(Some(counted_malloc), Some(counted_realloc), Some(counted_free))
    };
    assert_eq!(done, 1, "OpenSSL has allocated already");
}

static BYTES: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

fn count(bytes: usize) {
    BYTES.fetch_add(bytes, Ordering::Relaxed);
    CALLS.fetch_add(1, Ordering::Relaxed);
}

/// The system's allocator, counting.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

type Malloc = unsafe extern "C" fn(usize, *const c_char, c_int) -> *mut c_void;
type Realloc = unsafe extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void;
type Free = unsafe extern "C" fn(*mut c_void, *const c_char, c_int);

unsafe extern "C" {
    fn CRYPTO_set_mem_functions(
        malloc: Option<Malloc>,
        realloc: Option<Realloc>,
        free: Option<Free>,
    ) -> c_int;
    fn malloc(size: usize) -> *mut c_void;
    fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

unsafe extern "C" fn counted_malloc(size: usize, _: *const c_char, _: c_int) -> *mut c_void {
    count(size);
    unsafe { malloc(size) }
}

/// The old size is not known here, so all of the new one counts.
unsafe extern "C" fn counted_realloc(
    pointer: *mut c_void,
    size: usize,
    _: *const c_char,
    _: c_int,
) -> *mut c_void {
    count(size);
    unsafe { realloc(pointer, size) }
}

unsafe extern "C" fn counted_free(pointer: *mut c_void, _: *const c_char, _: c_int) {
    unsafe { free(pointer) }
}
