//! What processes need that the standard library does not do.

use tokio::process::Command;

/// Keeps what is in this process's memory (answers to questions are) out of core dumps, and on Linux out of reach for
/// other processes of this user too. Programs that are started do as they like.
pub fn hide_memory() {
    #[cfg(target_os = "linux")]
    let hidden = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(not(target_os = "linux"))]
    let hidden = {
        use rustix::process::{Resource, getrlimit, setrlimit};
        setrlimit(Resource::Core, rustix::process::Rlimit { current: Some(0), ..getrlimit(Resource::Core) })
    };
    // A system that refuses dumps as it always did; nothing else depends on it.
    if let Err(error) = hidden {
        tracing::debug!(%error, "core dumps cannot be switched off");
    }
}

/// Starts the command in a session of its own: no terminal, and no signals meant for ours.
#[expect(unsafe_code, reason = "setsid must run in the child between fork and exec")]
pub(super) fn own_session(command: &mut Command) {
    // SAFETY: the closure only makes one system call, which is async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
    }
}
