//! Folders of spools: the living ones are locked and gone with their session, the others are left of runs that were
//! killed and stay until somebody wants them or nobody did for long.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::save::{Snapshot, segment_paths};
use crate::engine::paths::private_folder;

/// What a spool is of; its lock says that the session lives.
const ABOUT: &str = "session.json";
/// Its name says that the session has ended, and is still held by the run that it was in.
const ENDED: &str = "ended";
/// How many days a spool of a dead run stays after its last packet.
pub const DAYS_KEPT: u64 = 7;
/// The same as a time.
pub const AGE_LIMIT: Duration = Duration::from_secs(DAYS_KEPT * 86_400);
/// A folder may be this old before it counts as one that never got anything.
const BEGINNING: Duration = Duration::from_secs(60);
/// The longest description that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// What a spool is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The target, `site/target`.
    pub target: String,
    /// When the session began, RFC 3339.
    pub started: String,
    /// The interface, as far as it has a name.
    pub interface: Option<String>,
}

impl About {
    /// Of a session that began at `started`.
    pub fn new(target: String, started: SystemTime, interface: Option<String>) -> Self {
        let started = jiff::Timestamp::try_from(started).map(|at| at.to_string()).unwrap_or_default();
        Self { target, started, interface }
    }

    /// When the session began; `None` if that cannot be read.
    pub fn started(&self) -> Option<SystemTime> {
        self.started.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
    }

    fn read(folder: &Path) -> Option<Self> {
        let mut text = String::new();
        File::open(folder.join(ABOUT)).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// A spool's folder of a session that lives.
#[derive(Debug)]
pub(crate) struct SpoolFolder {
    folder: TempDir,
    _alive: File,
}

impl SpoolFolder {
    /// Makes one, 0700.
    pub(crate) fn new(parent: &Path, prefix: &str, about: &About) -> io::Result<Self> {
        let folder = private_folder(prefix, parent)?;
        let path = folder.path().join(ABOUT);
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        if let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            tracing::warn!(%error, "the file system of the spool has no locks");
        }
        file.write_all(serde_json::to_string(about)?.as_bytes())?;
        Ok(Self { folder, _alive: file })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Notes that nothing more will be written to it.
    pub(crate) fn end(&self) {
        let noted = OpenOptions::new().append(true).create(true).mode(0o600).open(self.path().join(ENDED));
        if let Err(error) = noted {
            tracing::warn!(%error, "could not note the end of a session in its spool");
        }
    }

    /// Leaves it on the disk as a spool whose session is dead; gives its name.
    pub(crate) fn leave(self) -> String {
        let path = self.folder.keep();
        tracing::info!(path = %path.display(), "left in the spool");
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Removes it.
    pub(crate) fn close(self) -> io::Result<()> {
        self.folder.close()
    }
}

/// A spool on this disk, of a session that lives or of one that is dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSpool {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// What it is of; `None` if it does not say.
    pub about: Option<About>,
    /// Bytes of its segments.
    pub bytes: u64,
    /// When something was written to it last.
    pub written: SystemTime,
    /// Whether its session lives, in this process or another; one that has ended lives while somebody may still look
    /// at it.
    pub is_live: bool,
    /// Whether its session has come to its end.
    pub has_ended: bool,
}

impl StoredSpool {
    /// The spool in `folder`; `None` if that is no spool's, or gone.
    fn look(folder: &Path) -> Option<Self> {
        let name = folder.file_name()?.to_str()?.to_owned();
        let segments = segment_paths(folder).ok()?;
        let has_about = folder.join(ABOUT).exists();
        if !has_about && segments.is_empty() {
            return None;
        }
        let found: Vec<fs::Metadata> = segments.iter().filter_map(|path| fs::metadata(path).ok()).collect();
        let times = found.iter().filter_map(|file| file.modified().ok());
        let made = fs::metadata(folder).and_then(|folder| folder.modified()).ok();
        Some(Self {
            name,
            path: folder.to_owned(),
            about: About::read(folder),
            bytes: found.iter().map(fs::Metadata::len).sum(),
            written: times.chain(made).max().unwrap_or(SystemTime::UNIX_EPOCH),
            is_live: is_locked(folder),
            has_ended: folder.join(ENDED).exists(),
        })
    }

    /// What can be saved of it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn snapshot(&self) -> io::Result<Snapshot> {
        Snapshot::of_folder(&self.path)
    }

    /// Removes it for good.
    ///
    /// # Errors
    /// It lives by now, or cannot be removed.
    pub fn remove(&self) -> io::Result<()> {
        if is_locked(&self.path) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        fs::remove_dir_all(&self.path)
    }

    /// How long nothing was written to it.
    pub fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.written).unwrap_or_default()
    }
}

/// All spools in the folder of spools, the oldest session first.
///
/// # Errors
/// The folder cannot be listed; one that is not there has none.
pub fn stored(spools: &Path) -> io::Result<Vec<StoredSpool>> {
    let entries = match fs::read_dir(spools) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found: Vec<StoredSpool> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| StoredSpool::look(&entry.path()))
        .collect();
    let began = |spool: &StoredSpool| spool.about.as_ref().and_then(About::started).unwrap_or(spool.written);
    found.sort_by_key(|spool| (began(spool), spool.name.clone()));
    Ok(found)
}

/// What earlier runs left in the spool.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// How many captures are there still.
    pub left: usize,
    /// How many were older than [`AGE_LIMIT`] and were removed.
    pub removed: usize,
}

/// Removes what dead sessions left and nobody can want: what never had a packet, and what is too old.
pub fn sweep(spools: &Path, now: SystemTime) -> Leftovers {
    let mut leftovers = Leftovers::default();
    let found = stored(spools).unwrap_or_else(|error| {
        tracing::warn!(path = %spools.display(), %error, "could not look for spools of earlier runs");
        Vec::new()
    });
    for spool in found.iter().filter(|spool| !spool.is_live) {
        let (is_empty, age) = (spool.bytes == 0, spool.age(now));
        if age <= if is_empty { BEGINNING } else { AGE_LIMIT } {
            leftovers.left += usize::from(!is_empty);
        } else if let Err(error) = spool.remove() {
            tracing::warn!(path = %spool.path.display(), %error, "could not remove an old spool");
        } else if !is_empty {
            tracing::info!(name = spool.name, "removed an old spool");
            leftovers.removed += 1;
        }
    }
    leftovers
}

/// Whether a session that lives holds the lock. Where the file system has no locks, each could be one.
fn is_locked(folder: &Path) -> bool {
    let Ok(file) = File::open(folder.join(ABOUT)) else { return false };
    flock(&file, FlockOperation::NonBlockingLockShared).is_err()
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File, FileTimes},
        os::unix::fs::MetadataExt as _,
        path::Path,
        time::{Duration, SystemTime},
    };

    use super::{ABOUT, AGE_LIMIT, About, Leftovers, SpoolFolder, stored, sweep};

    /// A dead spool with a segment that was written so long ago.
    fn dead(spools: &Path, name: &str, age: Duration, segment: &[u8]) {
        let folder = spools.join(name);
        fs::create_dir(&folder).unwrap();
        let about = About::new("shop/web-1".into(), SystemTime::now() - age, Some("eth0".into()));
        fs::write(folder.join(ABOUT), serde_json::to_string(&about).unwrap()).unwrap();
        let times = FileTimes::new().set_modified(SystemTime::now() - age);
        if !segment.is_empty() {
            fs::write(folder.join("000000.pcapng"), segment).unwrap();
            File::open(folder.join("000000.pcapng")).unwrap().set_times(times).unwrap();
        }
        File::open(&folder).unwrap().set_times(times).unwrap();
    }

    #[test]
    fn the_living_are_left_alone_and_the_dead_for_a_week() {
        let spools = tempfile::tempdir().unwrap();
        let about = About::new("shop/db-1".into(), SystemTime::now(), None);
        let live = SpoolFolder::new(spools.path(), "shop-db-1-", &about).unwrap();
        let old = AGE_LIMIT + Duration::from_secs(100);
        dead(spools.path(), "young", Duration::from_secs(3600), b"x");
        dead(spools.path(), "old", old, b"x");
        dead(spools.path(), "empty", Duration::from_secs(3600), b"");
        dead(spools.path(), "beginning", Duration::ZERO, b"");
        fs::create_dir(spools.path().join("foreign")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(live.path()), mode(&live.path().join(ABOUT))), (0o700, 0o600));

        let now = SystemTime::now();
        assert_eq!(sweep(spools.path(), now), Leftovers { left: 1, removed: 1 });
        let found = stored(spools.path()).unwrap();
        let names: Vec<_> = found.iter().map(|spool| (spool.name.as_str(), spool.is_live)).collect();
        assert_eq!(names[0], ("young", false));
        assert_eq!(names.len(), 3);
        assert!(names[1..].contains(&("beginning", false)));
        let alive = found.iter().find(|spool| spool.is_live).unwrap();
        assert_eq!(alive.about.as_ref().unwrap().target, "shop/db-1");
        assert!(alive.remove().is_err(), "a live one cannot be removed");
        // However long it has been quiet.
        assert_eq!(sweep(spools.path(), now + old), Leftovers { left: 0, removed: 1 });
        assert!(live.path().exists() && spools.path().join("foreign").exists());
        live.close().unwrap();
        let other = SpoolFolder::new(spools.path(), "shop-db-2-", &about).unwrap();
        other.leave();
        assert!(
            stored(spools.path())
                .unwrap()
                .iter()
                .any(|spool| !spool.is_live && spool.name.starts_with("shop-db-2-"))
        );
        assert!(stored(&spools.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn a_description_of_somebody_else_is_no_trouble() {
        let spools = tempfile::tempdir().unwrap();
        dead(spools.path(), "strange", Duration::from_secs(60), b"x");
        for text in ["", "[]", "{\"target\": 3}", "\u{0}\u{1}"] {
            fs::write(spools.path().join("strange").join(ABOUT), text).unwrap();
            let found = stored(spools.path()).unwrap();
            assert_eq!((found.len(), &found[0].about), (1, &None), "{text:?}");
        }
    }
}
