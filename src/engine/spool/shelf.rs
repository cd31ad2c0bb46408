//! What earlier runs left in the spool: listed, saved and removed on behalf of a front that goes on meanwhile.

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{About, SaveError, Saved, StoredSpool, stamp, stored};
use crate::{
    packet::SaveRange,
    profile::{FileNames, fill},
    remote::text::clean,
};

/// The name of a file that nobody gave one.
pub const OWN_NAME: &str = "{site}-{target}-{start}.pcapng";

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// List them.
    List,
    /// Save all of one as a file of its own name in the current folder.
    Save(StoredSpool),
    /// Remove one for good.
    Remove(StoredSpool),
}

/// What came of it.
#[derive(Debug)]
pub enum Done {
    /// Nothing but the list was asked for.
    Listed,
    /// It was saved.
    Saved(Saved),
    /// The spool of this name was removed.
    Removed(String),
    /// It could not be done.
    Failed {
        /// Why, as a sentence.
        message: String,
        /// What to do.
        hint: Option<&'static str>,
    },
}

/// What came of a task, and what is left now.
#[derive(Debug)]
pub struct Shelf {
    /// What came of it.
    pub done: Done,
    /// The spools of runs that are over, the oldest first.
    pub left: Vec<StoredSpool>,
}

impl Task {
    /// Does it. Waits for the disk.
    pub fn run(self, spools: &Path) -> Shelf {
        let done = match self {
            Self::List => Done::Listed,
            Self::Save(spool) => spool.save_here().map_or_else(|error| not_saved(&error), Done::Saved),
            Self::Remove(spool) => match spool.remove() {
                Ok(()) => Done::Removed(spool.name),
                Err(error) => not_removed(&spool, &error),
            },
        };
        match stored(spools) {
            Ok(mut left) => {
                left.retain(|spool| !spool.is_live && spool.bytes > 0);
                Shelf { done, left }
            }
            Err(error) => {
                Shelf { done: failed(format!("could not list the spool: {error}")), left: Vec::new() }
            }
        }
    }
}

fn failed(message: String) -> Done {
    Done::Failed { message, hint: None }
}

fn not_saved(error: &SaveError) -> Done {
    Done::Failed { message: error.to_string(), hint: error.hint() }
}

fn not_removed(spool: &StoredSpool, error: &io::Error) -> Done {
    failed(format!("could not remove {}: {error}", clean(&spool.name)))
}

impl StoredSpool {
    fn save_here(&self) -> Result<Saved, SaveError> {
        let snapshot = self.snapshot().map_err(SaveError::Read)?;
        snapshot.save(SaveRange::All, &self.named(Path::new(OWN_NAME)))
    }

    /// A path with the names of the capture filled in; one that does not say what it is of has its folder's.
    pub fn named(&self, path: &Path) -> PathBuf {
        let about = self.about.as_ref();
        let target = about.map_or(("spool", self.name.as_str()), |about| {
            about.target.split_once('/').unwrap_or(("spool", &about.target))
        });
        let started: SystemTime = about.and_then(About::started).unwrap_or(self.written);
        let interface = about.and_then(|about| about.interface.as_deref());
        let names = FileNames {
            site: target.0,
            target: target.1,
            interface: interface.unwrap_or("command"),
            start: &stamp(started),
        };
        fill(path, &names)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{About, Done, Task};
    use crate::engine::spool::SpoolFolder;

    #[test]
    fn what_is_left_is_listed_and_removed_and_what_lives_is_neither() {
        let spools = tempfile::tempdir().unwrap();
        let make = |target: &str, at| {
            let about = About::new(target.into(), SystemTime::UNIX_EPOCH + Duration::from_secs(at), None);
            let folder = SpoolFolder::new(spools.path(), "s-", &about).unwrap();
            std::fs::write(folder.path().join("000000.pcapng"), "no packets").unwrap();
            folder
        };
        let _live = make("shop/web-1", 1);
        make("shop/db-1", 3).leave();
        make("shop/web-2", 2).leave();
        let shelf = Task::List.run(spools.path());
        let targets: Vec<_> = shelf.left.iter().map(|s| s.about.as_ref().unwrap().target.as_str()).collect();
        assert_eq!(targets, ["shop/web-2", "shop/db-1"]);
        let shelf = Task::Save(shelf.left[0].clone()).run(spools.path());
        let Done::Failed { message, hint } = shelf.done else { panic!("{shelf:?}") };
        assert_eq!((message.as_str(), hint.is_some()), ("there are no packets to save yet", true));
        let shelf = Task::Remove(shelf.left[0].clone()).run(spools.path());
        assert!(matches!(shelf.done, Done::Removed(_)) && shelf.left.len() == 1, "{shelf:?}");
        let again = Task::Remove(shelf.left[0].clone()).run(spools.path());
        assert!(again.left.is_empty());
        let Done::Failed { message, .. } = Task::Remove(shelf.left[0].clone()).run(spools.path()).done else {
            panic!("it was gone")
        };
        assert!(message.starts_with("could not remove s-"), "{message}");
    }
}
