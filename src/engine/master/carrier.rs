//! A connection to a bastion that stands, and carries those to the targets behind it.

use std::{
    any::Any,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime},
};

use tokio::{process::Command, sync::watch};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::Master;
use crate::{
    engine::folder::SessionFolder,
    remote::ssh_message::{refusal, was_refused},
    session::Failure,
};

/// A log is emptied once it is larger than this, in bytes.
const MAX_LOG: u64 = 1024 * 1024;

/// Where nothing listens on any bastion: that its sshd says so is a sign of life.
const NOWHERE: &str = "127.0.0.1:9";

/// A user's hold on a standing connection, which ends with the last of them.
#[derive(Debug, Clone)]
pub struct Carrier(Arc<Standing>);

/// A way to a standing connection that does not keep it.
#[derive(Debug, Clone)]
pub(in crate::engine) struct WeakCarrier(Weak<Standing>);

#[derive(Debug)]
struct Standing {
    control: PathBuf,
    log: PathBuf,
    lost: watch::Receiver<Option<Failure>>,
    /// When it was last seen to work.
    proven: Mutex<Instant>,
    has_carried: AtomicBool,
    since: SystemTime,
    _end: DropGuard,
    _place: Box<dyn Any + Send + Sync>,
}

impl Carrier {
    /// Takes a connection over, with the folder that its files are in; a task of `tasks` watches it and takes it down
    /// after its last user. `place` is kept until then.
    pub(in crate::engine) fn new(
        master: Master,
        folder: SessionFolder,
        tasks: &TaskTracker,
        place: impl Any + Send + Sync,
    ) -> Self {
        let (sender, lost) = watch::channel(None);
        let end = CancellationToken::new();
        let (control, log) = (master.control.clone(), master.log.clone());
        tasks.spawn(watch_over(master, folder, sender, end.clone()));
        Self(Arc::new(Standing {
            control,
            log,
            lost,
            proven: Mutex::new(Instant::now()),
            has_carried: AtomicBool::new(false),
            since: SystemTime::now(),
            _end: end.drop_guard(),
            _place: Box::new(place),
        }))
    }

    /// Its control socket.
    pub(super) fn control(&self) -> &Path {
        &self.0.control
    }

    /// Why it is gone; waits a little for that, because what it carried may notice first.
    pub(super) async fn lost(&self, limit: Duration) -> Option<Failure> {
        let mut lost = self.0.lost.clone();
        let gone = tokio::time::timeout(limit, lost.wait_for(Option::is_some)).await;
        gone.ok().and_then(Result::ok).and_then(|lost| lost.clone())
    }

    /// The line of its log that says why it did not connect to `address`, written `[HOST]:PORT`.
    pub(super) fn refusal(&self, address: &str) -> Option<String> {
        let log = fs::read(&self.0.log).ok()?;
        if log.len() as u64 > MAX_LOG {
            // ssh appends, so it goes on at the start.
            let _ = fs::File::options().write(true).open(&self.0.log).map(|file| file.set_len(0));
        }
        let line = refusal(&String::from_utf8_lossy(&log), address).map(str::to_owned)?;
        self.prove();
        Some(line)
    }

    /// Notes that a target was reached through it.
    pub(super) fn carried(&self) {
        self.0.has_carried.store(true, Relaxed);
        self.prove();
    }

    /// Whether any target was reached through it.
    pub(in crate::engine) fn has_carried(&self) -> bool {
        self.0.has_carried.load(Relaxed)
    }

    /// Whether it works: seen to so recently, or asked now, with so long for an answer. A connection whose network is
    /// gone looks as if it stood until its keepalive runs out.
    pub(in crate::engine) async fn works(&self, ssh: &Path, recent: Duration, limit: Duration) -> bool {
        if self.0.lost.borrow().is_some() {
            return false;
        }
        if self.0.proven.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < recent {
            return true;
        }
        let answers = tokio::time::timeout(limit, self.ask(ssh)).await.unwrap_or(false);
        if answers {
            self.prove();
        }
        answers && self.0.lost.borrow().is_none()
    }

    /// Asks the bastion for a connection that cannot be made.
    async fn ask(&self, ssh: &Path) -> bool {
        let control = self.0.control.to_string_lossy().replace('%', "%%");
        let mut command = Command::new(ssh);
        command.args(["-F", "/dev/null", "-S", &control, "-T", "-W", NOWHERE, "-o", "ControlMaster=no"]);
        command.args(["-o", "BatchMode=yes", "-o", "ProxyCommand=false", "--", "bastion"]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let Ok(output) = command.output().await else { return false };
        output.status.success() || was_refused(&String::from_utf8_lossy(&output.stderr))
    }

    /// Since when it stands.
    pub(in crate::engine) fn since(&self) -> SystemTime {
        self.0.since
    }

    /// Notes that it works.
    pub(in crate::engine) fn prove(&self) {
        *self.0.proven.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// A way to it that does not keep it.
    pub(in crate::engine) fn downgrade(&self) -> WeakCarrier {
        WeakCarrier(Arc::downgrade(&self.0))
    }
}

impl WeakCarrier {
    /// A hold on it, if it has any user.
    pub(in crate::engine) fn upgrade(&self) -> Option<Carrier> {
        self.0.upgrade().map(Carrier)
    }
}

/// Owns the connection until it is lost or has no user; nothing of it is left then.
async fn watch_over(
    mut master: Master,
    folder: SessionFolder,
    lost: watch::Sender<Option<Failure>>,
    end: CancellationToken,
) {
    tokio::select! {
        failure = master.died() => {
            lost.send_replace(Some(failure));
            drop(master);
        }
        () = end.cancelled() => master.close().await,
    }
    if let Err(error) = folder.close() {
        tracing::warn!(%error, "could not remove a folder");
    }
}
