//! The folders of sessions below the runtime folder: sockets and generated files. They go with their session, and
//! where its process was killed, with the next one that starts.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use super::paths::private_folder;

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
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && File::open(&path).is_ok_and(|f| flock(&f, FlockOperation::NonBlockingLockExclusive).is_ok())
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "could not remove a folder of a dead session");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::SessionFolder;
    use std::fs;

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
