//! The folders of sessions below the runtime folder: sockets and generated files. They go with their session, and
//! where its process was killed, with the next one that starts. So does an ssh master that outlived it: its process
//! id stands in the folder.

use std::{
    fs::{self, File},
    io,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use rustix::{
    fs::{FlockOperation, flock},
    process::{Pid, Signal, kill_process_group},
};
use tempfile::TempDir;

use super::paths::private_folder;

/// How files end that hold the process id of an ssh master.
pub(super) const PID_ENDING: &str = "pid";
/// How long a master of a dead run may take to end.
const MASTER_LIMIT: Duration = Duration::from_millis(500);

/// A folder of one session. The lock tells others that its process lives.
#[derive(Debug)]
pub(super) struct SessionFolder {
    folder: TempDir,
    _alive: File,
}

impl SessionFolder {
    /// Makes one, and removes those of processes that are gone.
    pub(super) fn new(runtime: &Path, prefix: &str) -> io::Result<Self> {
        // One at a time: a folder that is not locked yet looks like a dead one.
        let door = File::open(runtime)?;
        flock(&door, FlockOperation::LockExclusive)?;
        sweep(runtime)?;
        let folder = private_folder(prefix, runtime)?;
        let alive = File::open(folder.path())?;
        flock(&alive, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { folder, _alive: alive })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes it.
    pub(super) fn close(self) -> io::Result<()> {
        self.folder.close()
    }
}

fn sweep(runtime: &Path) -> io::Result<()> {
    for entry in fs::read_dir(runtime)? {
        let entry = entry?;
        let path = entry.path();
        let dead = entry.file_type().is_ok_and(|kind| kind.is_dir())
            && File::open(&path).is_ok_and(|f| flock(&f, FlockOperation::NonBlockingLockExclusive).is_ok());
        if !dead {
            continue;
        }
        end_masters(&path);
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(path = %path.display(), %error, "could not remove a folder of a dead session");
        }
    }
    Ok(())
}

/// Ends the ssh masters whose ids stand in a dead session's folder. The system ends them itself where it can: this is
/// for where it cannot.
fn end_masters(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    for file in files.filter(|path| path.extension().is_some_and(|ending| ending == PID_ENDING)) {
        let pid = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        if let Some(pid) = pid.and_then(Pid::from_raw)
            && names(pid, folder)
        {
            tracing::info!(pid = pid.as_raw_nonzero().get(), "ending an ssh master of a dead session");
            end(pid, folder);
        }
    }
}

/// Ends a process and its group: with a chance to say goodbye, then without.
fn end(pid: Pid, folder: &Path) {
    let _ = kill_process_group(pid, Signal::TERM);
    let limit = Instant::now() + MASTER_LIMIT;
    while names(pid, folder) {
        if Instant::now() >= limit {
            let _ = kill_process_group(pid, Signal::KILL);
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the command line of a process names a folder: the id may be another's by now.
fn names(pid: Pid, folder: &Path) -> bool {
    let pid = pid.as_raw_nonzero().to_string();
    let shown = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid]).output();
    let inside = format!("{}/", folder.display());
    shown.is_ok_and(|shown| String::from_utf8_lossy(&shown.stdout).contains(&inside))
}

#[cfg(test)]
mod tests {
    use super::SessionFolder;
    use std::{
        fs,
        os::unix::process::{CommandExt as _, ExitStatusExt as _},
        path::Path,
        process::{Child, Command},
    };

    /// A process that names `folder` and ends by itself after a minute; it takes no notice of TERM if told so.
    fn process(folder: &Path, script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(folder.join("h0.conf")).process_group(0).spawn().unwrap()
    }

    #[test]
    fn masters_of_the_dead_end_and_strangers_do_not() {
        let runtime = tempfile::tempdir().unwrap();
        let dead = runtime.path().join("sdead1");
        fs::create_dir(&dead).unwrap();
        let mut gentle = process(&dead, "exec 2>&-; sleep 60; :");
        let mut stubborn = process(&dead, "trap '' TERM; touch \"$1.ready\"; sleep 60; :");
        let mut stranger = process(Path::new("/elsewhere"), "exec sleep 60");
        for (name, child) in [("a", &gentle), ("b", &stubborn), ("c", &stranger)] {
            fs::write(dead.join(name).with_extension("pid"), child.id().to_string()).unwrap();
        }
        fs::write(dead.join("d.pid"), "nonsense").unwrap();
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !dead.join("h0.conf.ready").exists() {
            assert!(std::time::Instant::now() < limit);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        SessionFolder::new(runtime.path(), "s").unwrap().close().unwrap();
        assert_eq!(gentle.wait().unwrap().signal(), Some(15));
        assert_eq!(stubborn.wait().unwrap().signal(), Some(9));
        assert_eq!(stranger.try_wait().unwrap(), None);
        stranger.kill().unwrap();
        stranger.wait().unwrap();
        assert!(!dead.exists());
    }

    #[test]
    fn folders_of_the_dead_go_and_those_of_the_living_stay() {
        let runtime = tempfile::tempdir().unwrap();
        let dead = runtime.path().join("sdead1");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("c"), "").unwrap();
        let first = SessionFolder::new(runtime.path(), "s").unwrap();
        assert!(!dead.exists());
        let second = SessionFolder::new(runtime.path(), "c").unwrap();
        assert!(first.path().is_dir() && second.path().is_dir());
        first.close().unwrap();
        second.close().unwrap();
        assert_eq!(fs::read_dir(runtime.path()).unwrap().count(), 0);
    }
}
