//! The processes of one connection: ssh, its proxies, and what makes sure that they end.

use std::{ffi::OsString, io, path::Path, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::{
    process::{Child, ChildStderr, ChildStdin, Command},
    time::Instant,
};

use super::{Part, Way, files::no_ssh};
use crate::{
    engine::askpass::{HOP_VAR, SOCKET_VAR, TOKEN_VAR, Token},
    remote::{ssh_config::GeneratedConfig, text::clean},
    session::Failure,
};

/// How long ssh gets to end by itself.
const TERM_LIMIT: Duration = Duration::from_secs(1);

/// How long the proxies get to write down why they ended, once the target's ssh has.
const LINGER: Duration = Duration::from_millis(200);

/// What ends ssh when this process is killed without a chance to do it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The kernel's parent-death signal: Linux only.
    #[cfg(target_os = "linux")]
    DeathSignal,
    /// A small shell that waits for the end of a pipe from us.
    Pipe,
}

impl Default for Guard {
    /// The best that this system has.
    fn default() -> Self {
        #[cfg(target_os = "linux")]
        return Self::DeathSignal;
        #[cfg(not(target_os = "linux"))]
        return Self::Pipe;
    }
}

/// Runs its arguments; ends them when stdin ends; ends when they end, with their status.
const GUARD: &str = r#"exec 3<&0 </dev/null
"$@" 3<&- &
ssh=$!
{ read -r _ <&3; kill -TERM "$ssh"; } 2>/dev/null &
watch=$!
exec 3<&-
wait "$ssh"
status=$?
kill "$watch" 2>/dev/null
exit "$status""#;

/// A process group of ours. Dropping it kills the group.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pid: u32,
    /// The leader's id is the group's; `None` once the group is gone.
    group: Option<Pid>,
    /// Until when the proxies may outlive the leader.
    linger: Option<Instant>,
    /// Held open for [`Guard::Pipe`].
    _guard: Option<ChildStdin>,
}

/// Starts ssh for the target; its proxies start the other hops.
pub(super) fn spawn(
    way: &Way<'_>,
    config: &GeneratedConfig,
    socket: &Path,
    token: &Token,
) -> Result<(Process, Option<ChildStderr>), Failure> {
    let mut command = command(way, config);
    command
        .env("SSH_ASKPASS", &way.askpass)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env(SOCKET_VAR, socket)
        .env(TOKEN_VAR, token.as_str())
        .env(HOP_VAR, (config.hops.len() - 1).to_string())
        .stdin(if way.guard == Guard::Pipe { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if std::env::var_os("DISPLAY").is_none() {
        // Before 8.4, ssh asks through askpass only where there is a display and no terminal.
        command.env("DISPLAY", "wrcap:0");
    }
    lead_group(&mut command, way.guard);
    let mut child = command.spawn().map_err(|error| no_ssh(&way.files.ssh, &error))?;
    let pid = child.id().unwrap_or(0);
    let group = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let (stderr, guard) = (child.stderr.take(), child.stdin.take());
    Ok((Process { child, pid, group, linger: None, _guard: guard }, stderr))
}

fn command(way: &Way<'_>, config: &GeneratedConfig) -> Command {
    let mut command = match way.guard {
        #[cfg(target_os = "linux")]
        Guard::DeathSignal => Command::new(&way.files.ssh),
        Guard::Pipe => {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", GUARD, "sh"]).arg(&way.files.ssh);
            shell
        }
    };
    if matches!(way.part, Part::Bastion) {
        command.args(["-o", "LogLevel=DEBUG1"]);
    }
    command.args(arguments(config));
    command
}

/// What ssh is told.
fn arguments(config: &GeneratedConfig) -> Vec<OsString> {
    let Some(hop) = config.hops.last() else { return Vec::new() };
    let files: [OsString; 4] = ["-E".into(), hop.log.clone().into(), "-F".into(), hop.config.clone().into()];
    let rest = ["-M".into(), "-N".into(), "-T".into(), "-S".into(), percent_doubled(&config.control)];
    files.into_iter().chain(rest).chain(["--".into(), hop.destination.clone().into()]).collect()
}

/// ssh and its arguments as one line for humans: quoted for a shell, never given to one.
pub(super) fn command_line(way: &Way<'_>, config: &GeneratedConfig) -> String {
    let words = std::iter::once(way.files.ssh.clone().into()).chain(arguments(config));
    let quoted = words.map(|word| {
        let word = word.to_string_lossy().into_owned();
        shlex::try_quote(&word).map_or_else(|_| word.clone(), std::borrow::Cow::into_owned)
    });
    clean(&quoted.collect::<Vec<_>>().join(" "))
}

/// ssh expands `%` in a control path.
fn percent_doubled(path: &Path) -> OsString {
    path.to_string_lossy().replace('%', "%%").into()
}

/// Makes the child the leader of its own session, without a terminal on which it could ask.
fn lead_group(command: &mut Command, guard: Guard) {
    #[cfg(target_os = "linux")]
    let parent = rustix::process::getpid();
    let before_exec = move || -> io::Result<()> {
        rustix::process::setsid()?;
        #[cfg(target_os = "linux")]
        if guard == Guard::DeathSignal {
            rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
            // It does not fire for a parent that is gone already.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = guard;
        Ok(())
    };
    #[expect(unsafe_code, reason = "a new session and the death signal can only be set in the child")]
    // SAFETY: the closure makes three system calls and touches neither locks nor memory of the parent.
    unsafe {
        command.pre_exec(before_exec);
    }
}

impl Process {
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until the leader has ended, gives the proxies a moment to say why, then ends what is left of the group.
    /// Safe to cancel and to call again.
    pub(super) async fn wait(&mut self) {
        // Waiting for a child of ours fails only when it was waited for before.
        let _ = self.child.wait().await;
        let end = *self.linger.get_or_insert_with(|| Instant::now() + LINGER);
        while self.group.is_some_and(|group| test_kill_process_group(group).is_ok()) && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.sweep();
    }

    /// Ends the group: with a chance to say goodbye, then without.
    pub(super) async fn end(&mut self) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(TERM_LIMIT, self.child.wait()).await.is_err() {
            self.signal(Signal::KILL);
            let _ = self.child.wait().await;
        }
        self.sweep();
    }

    /// The leader is gone: nothing of its group may stay, and its id may soon be another's.
    fn sweep(&mut self) {
        self.signal(Signal::KILL);
        self.group = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // No such group: all of it is gone, which is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
