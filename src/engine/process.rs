//! What child processes need that the standard library does not do.

use tokio::process::Command;

/// Starts the command in a session of its own: no terminal, and no signals meant for ours.
#[expect(unsafe_code, reason = "setsid must run in the child between fork and exec")]
pub(super) fn own_session(command: &mut Command) {
    // SAFETY: the closure only makes one system call, which is async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into));
    }
}
