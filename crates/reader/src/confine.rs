//! What a reading child may do: compute on what it was given, and answer.
//!
//! Two walls, both put up by the child itself before it reads a byte, because nothing can be run
//! between fork and exec without unsafe code:
//! - resource limits: memory, no new files, no new processes, no core dump, and a processor limit
//!   as a backstop should the parent be unable to kill;
//! - a filter of system calls. What a runtime may ask for on its way (memory, waiting, the end)
//!   is allowed. What no reader ever needs and an exploit would want first (a program, a process,
//!   a socket, another process's memory) kills at once: an answer of such a child is not to be
//!   believed. All the rest is refused with EPERM rather than by death, because C libraries differ
//!   in what they try and take no for an answer.

use std::io;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

/// The child cannot put up its walls, and so does not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system refuses a limit.
    #[error("the reading process cannot limit itself")]
    Limit(#[from] io::Error),
    /// The system refuses the filter, or none can be made for this processor.
    #[error("the reading process cannot filter its system calls (seccomp): {0}")]
    Filter(String),
}

/// Puts up the limits. Threads can still be started.
///
/// # Errors
/// The system refuses one.
pub(crate) fn limit() -> Result<(), Error> {
    let refused = io::Error::from;
    // A child that spins would not see the end of its input.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(refused)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(refused)?;
    for &(resource, most) in LIMITS {
        lower(resource, most)?;
    }
    Ok(())
}

/// Puts up the filter, for all threads. No more can be started afterwards.
///
/// # Errors
/// The system has no such filter, or none can be made for this processor.
pub(crate) fn filter() -> Result<(), Error> {
    lower(Resource::Nproc, 0)?;
    let deadly = DEADLY.iter().map(|&call| (call, Vec::new())).collect();
    apply(deadly, SeccompAction::Allow, SeccompAction::KillProcess)?;
    apply(
        allowed().map_err(|error| Error::Filter(error.to_string()))?,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        SeccompAction::Allow,
    )
}

fn lower(resource: Resource, most: u64) -> Result<(), Error> {
    // A limit that stands already may be lower, and cannot be raised.
    let most = getrlimit(resource).maximum.map_or(most, |hard| hard.min(most));
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    Ok(setrlimit(resource, limit).map_err(io::Error::from)?)
}

type Rules = std::collections::BTreeMap<i64, Vec<SeccompRule>>;

fn apply(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<(), Error> {
    let program = || -> Result<BpfProgram, seccompiler::BackendError> {
        let processor = TargetArch::try_from(std::env::consts::ARCH)?;
        SeccompFilter::new(rules, otherwise, matched, processor)?.try_into()
    };
    let program = program().map_err(|error| Error::Filter(error.to_string()))?;
    apply_filter_all_threads(&program).map_err(|error| Error::Filter(error.to_string()))
}

fn allowed() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    // Memory, but none that can be executed.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, when(2, SeccompCmpOp::MaskedEq(EXECUTABLE), 0)?);
    }
    // Signals to itself, which is how `abort` ends it, and to nobody else.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, when(0, SeccompCmpOp::Eq, own)?);
    Ok(rules)
}

fn when(
    argument: u8,
    is: SeccompCmpOp,
    value: u64,
) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, is, value)?;
    Ok(vec![SeccompRule::new(vec![condition])?])
}

const EXECUTABLE: u64 = libc::PROT_EXEC.unsigned_abs() as u64;

/// The processor limit covers a whole life: 10,000 jobs of 100 ms and what measuring adds. Memory
/// must hold the longest container several times over.
const LIMITS: &[(Resource, u64)] = &[
    (Resource::As, 512 << 20),
    (Resource::Core, 0),
    (Resource::Cpu, 1_500),
    (Resource::Fsize, 0),
    (Resource::Nofile, 0),
];

const DEADLY: &[i64] = &[
    libc::SYS_bpf,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_connect,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_io_uring_setup,
    libc::SYS_kill,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_socket,
];

const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_read,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_write,
    libc::SYS_writev,
];
