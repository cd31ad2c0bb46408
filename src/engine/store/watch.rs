//! Notices that site files were changed by something else. Where the system tells (inotify) nothing is done until it
//! does; elsewhere, while the folder is missing, and for files that are links to other places, the folder is looked
//! at every two seconds.

use super::site_files;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How often the folder is looked at where the system does not tell.
const POLL: Duration = Duration::from_secs(2);
/// What belongs together comes within this time: an editor writes a file in several steps.
const SETTLE: Duration = Duration::from_millis(100);

/// Watches a folder of site files.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    seen: Vec<Stamp>,
    notices: Option<notices::Notices>,
}

/// A file as it was last seen.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    file: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
    link: bool,
}

fn stamps(folder: &Path) -> Vec<Stamp> {
    let stamp = |file: PathBuf| {
        let found = fs::metadata(&file).ok();
        let link = fs::symlink_metadata(&file).is_ok_and(|found| found.is_symlink());
        let (bytes, modified) = found.map_or((0, None), |found| (found.len(), found.modified().ok()));
        Stamp { file, bytes, modified, link }
    };
    site_files(folder).unwrap_or_default().into_iter().map(stamp).collect()
}

impl Watch {
    /// Watches `folder` from now on; it need not be there yet.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), seen: stamps(folder), notices: None }
    }

    /// What is there now is known.
    pub fn refresh(&mut self) {
        self.seen = stamps(&self.folder);
    }

    /// Waits until the folder holds something else than what is known. May be dropped at any time.
    pub async fn changed(&mut self) {
        loop {
            // First the notices, then the look: nothing can fall in between.
            if self.notices.is_none() {
                self.notices = notices::Notices::of(&self.folder);
            }
            if stamps(&self.folder) != self.seen {
                tokio::time::sleep(SETTLE).await;
                self.seen = stamps(&self.folder);
                return;
            }
            if self.notices.is_some() {
                self.wait().await;
            } else {
                tokio::time::sleep(POLL).await;
            }
        }
    }

    async fn wait(&mut self) {
        let linked = self.seen.iter().any(|stamp| stamp.link);
        let Some(notices) = &mut self.notices else { return };
        let told = if linked {
            // A timeout is the time to look.
            tokio::time::timeout(POLL, notices.next()).await.unwrap_or(Ok(()))
        } else {
            notices.next().await
        };
        if told.is_err() {
            self.notices = None;
        }
    }
}

#[cfg(target_os = "linux")]
mod notices {
    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    use std::{io, mem::MaybeUninit, os::fd::OwnedFd, path::Path};
    use tokio::io::{Interest, unix::AsyncFd};

    /// Notices of the system about a folder.
    #[derive(Debug)]
    pub(super) struct Notices(AsyncFd<OwnedFd>);

    /// Room for notices, in bytes.
    const ROOM: usize = 4096;

    impl Notices {
        /// Notices about `folder`; `None` if it is not there, or the system does not tell.
        pub(super) fn of(folder: &Path) -> Option<Self> {
            let fd = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
            let what = WatchFlags::CLOSE_WRITE
                | WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVE
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            add_watch(&fd, folder, what).ok()?;
            #[expect(unsafe_code, reason = "the safe way to register a descriptor is deprecated")]
            // SAFETY: an `OwnedFd` names the same open file until it is dropped, and the `AsyncFd` owns it.
            let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
            fd.ok().map(Self)
        }

        /// Waits for a notice. An error says that there will be no more.
        pub(super) async fn next(&mut self) -> io::Result<()> {
            let mut ready = self.0.readable().await?;
            let mut room = [MaybeUninit::uninit(); ROOM];
            let mut reader = Reader::new(self.0.get_ref(), &mut room);
            loop {
                match reader.next() {
                    Ok(notice) if ends(notice.events()) => return Err(io::ErrorKind::NotFound.into()),
                    Ok(_) => {}
                    Err(error) if error == rustix::io::Errno::AGAIN => {
                        ready.clear_ready();
                        return Ok(());
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    /// The folder itself is gone.
    fn ends(events: ReadFlags) -> bool {
        events.intersects(
            ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED | ReadFlags::UNMOUNT,
        )
    }
}

#[cfg(not(target_os = "linux"))]
mod notices {
    use std::{convert::Infallible, path::Path};

    /// Nothing tells here.
    #[derive(Debug)]
    pub(super) struct Notices(Infallible);

    impl Notices {
        /// There are none.
        pub(super) fn of(_: &Path) -> Option<Self> {
            None
        }

        /// There are none.
        #[expect(clippy::unused_async, reason = "the same as where there are notices")]
        pub(super) async fn next(&mut self) -> std::io::Result<()> {
            match self.0 {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

    /// Long for a slow machine, and twice the poll.
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn told(watch: &mut Watch, change: impl FnOnce()) -> bool {
        let change = async {
            // The watch waits by now, or sees the change at once: both must tell.
            tokio::task::yield_now().await;
            change();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = watch.changed() => true,
            () = change => false,
            () = tokio::time::sleep(PATIENCE) => false,
        }
    }

    fn put(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name), text).unwrap();
    }

    #[tokio::test]
    async fn every_change_of_a_site_file_is_told() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("profiles");
        let mut watch = Watch::new(&folder);
        assert!(
            told(&mut watch, || fs::create_dir(&folder).map(|()| put(&folder, "a.yaml", "x")).unwrap()).await
        );
        assert!(told(&mut watch, || put(&folder, "a.yaml", "xy")).await);
        assert!(told(&mut watch, || fs::rename(folder.join("a.yaml"), folder.join("b.yml")).unwrap()).await);
        assert!(told(&mut watch, || fs::remove_file(folder.join("b.yml")).unwrap()).await);
        put(root.path(), "real", "x");
        assert!(told(&mut watch, || symlink(root.path().join("real"), folder.join("l.yaml")).unwrap()).await);
        assert!(told(&mut watch, || put(root.path(), "real", "xyz")).await, "a link's file");
    }

    #[tokio::test]
    async fn drafts_and_known_changes_are_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(folder.path());
        put(folder.path(), "a.yaml", "x");
        watch.refresh();
        put(folder.path(), ".a-draft-1.yaml", "x");
        put(folder.path(), "notes.txt", "x");
        let wait = tokio::time::timeout(Duration::from_millis(500), watch.changed());
        assert!(wait.await.is_err());
    }
}
