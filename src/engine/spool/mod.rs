//! The spool: a session's packets on disk, as complete pcapng segments, one writer and any number of readers.
//!
//! The header (section header and interface descriptions) only ever grows, and each segment begins with all of it.
//! So a reader that has seen `n` bytes of header continues in any later segment at offset `n`.

mod disk;
mod evict;
#[cfg(test)]
mod fault;
mod folder;
mod health;
mod names;
mod reader;
mod save;
mod shelf;
mod writer;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

pub(crate) use folder::SpoolFolder;
pub use folder::{AGE_LIMIT, About, DAYS_KEPT, Leftovers, StoredSpool, stored, sweep};
pub use health::SpoolNews;
pub use names::{free_path, next_number, stamp, stem};
pub use reader::{SpoolReader, Step};
pub use save::{SaveError, Saved, Snapshot};
pub use shelf::{Done, OWN_NAME, Shelf, Task};
pub use writer::SpoolWriter;

use crate::{profile::Rotate, session::Counters};

/// A segment is closed once it is this long, in bytes; sooner where the budget holds less than four of them.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// Where a spool lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In numbered segments of a folder that is the session's own; the oldest goes when the budget is used up.
    Segments {
        /// The folder, 0700.
        folder: PathBuf,
        /// At most this many bytes, the segment being written included. One block of the pump may go beyond it.
        budget: u64,
    },
    /// In one file that stays.
    File(PathBuf),
    /// In numbered files that stay: `STEM-00001.pcapng` and so on.
    Files {
        /// The path of all of them up to the number.
        stem: PathBuf,
        /// The number of the first one.
        first: usize,
        /// When the next one is begun, and how many are kept.
        rotate: Rotate,
    },
}

/// Why a spool could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Making a folder or file.
    #[error("could not create {path}: {source}")]
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Adding to a file.
    #[error("could not write to {path}: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody deleted the file that was written to; what came after that is gone with it.
    #[error("{path} was deleted while the capture was written to it")]
    Deleted {
        /// Which.
        path: PathBuf,
    },
    /// Some packets could not be written, whatever became of later ones.
    #[error("{packets} packets could not be written to {path}: {reason}")]
    Unwritten {
        /// How many.
        packets: u64,
        /// Where to, the first time.
        path: PathBuf,
        /// Why, the first time.
        reason: String,
    },
}

impl SpoolError {
    /// Whether a later try may do better: the disk was full or ill, not the place wrong.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Create { source, .. } | Self::Write { source, .. } => disk::may_pass(source),
            Self::Unwritten { .. } => true,
            Self::Deleted { .. } => false,
        }
    }
}

/// How far a segment reaches: whole blocks only. It stays known after the segment is gone.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// Bytes of its file.
    length: u64,
    /// Bytes of header at its end: what it began with and what was added in it.
    header: u64,
    /// Packets in it and in all segments before it.
    packets: u64,
}

#[derive(Debug, Default)]
struct Index {
    /// The oldest segment that is still there.
    oldest: usize,
    /// One for each segment ever begun, by number.
    extents: Vec<Extent>,
    ended: bool,
}

/// What writer and readers share.
#[derive(Debug)]
pub struct Spool {
    place: Place,
    index: Mutex<Index>,
    changed: watch::Sender<()>,
    counters: Arc<Counters>,
}

impl Spool {
    fn new(place: Place, counters: Arc<Counters>) -> Arc<Self> {
        Arc::new(Self { place, index: Mutex::default(), changed: watch::Sender::new(()), counters })
    }

    /// Packets that were evicted so far.
    fn evicted_packets(&self) -> u64 {
        let index = self.index();
        index.oldest.checked_sub(1).map_or(0, |last| index.extents[last].packets)
    }

    /// The file or folder that holds it.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Segments { folder, .. } => folder,
            Place::File(path) => path,
            Place::Files { stem, .. } => stem,
        }
    }

    /// The files that hold it now, oldest first.
    pub fn files(&self) -> Vec<PathBuf> {
        let there = {
            let index = self.index();
            index.oldest..index.extents.len()
        };
        there.map(|number| self.segment_path(number)).collect()
    }

    /// The longest segment, in bytes.
    fn segment_bytes(&self) -> u64 {
        match &self.place {
            Place::Segments { budget, .. } => SEGMENT_BYTES.min(budget / 4),
            Place::Files { rotate, .. } => rotate.size.unwrap_or(u64::MAX),
            Place::File(_) => u64::MAX,
        }
    }

    /// The longest time that packets go into one segment.
    fn segment_time(&self) -> Option<Duration> {
        match &self.place {
            Place::Files { rotate, .. } => rotate.every,
            Place::Segments { .. } | Place::File(_) => None,
        }
    }

    fn segment_path(&self, number: usize) -> PathBuf {
        match &self.place {
            Place::Segments { folder, .. } => folder.join(format!("{number:06}.pcapng")),
            Place::File(path) => path.clone(),
            Place::Files { stem, first, .. } => names::numbered(stem, first + number),
        }
    }

    /// The index is only ever replaced field by field with values that hold, so a poisoned lock is still good.
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, change: impl FnOnce(&mut Index)) {
        change(&mut self.index());
        self.changed.send_replace(());
    }

    fn extent(&self, number: usize) -> Extent {
        self.index().extents[number]
    }

    fn is_evicted(&self, number: usize) -> bool {
        number < self.index().oldest
    }

    /// Bytes and packets of one segment.
    fn content(&self, number: usize) -> (u64, u64) {
        let index = self.index();
        let before = number.checked_sub(1).map_or(0, |n| index.extents[n].packets);
        (index.extents[number].length, index.extents[number].packets - before)
    }

    /// Bytes that a reader gets who reads everything from the beginning: a header that a segment repeats is read once.
    pub fn stream_bytes(&self) -> u64 {
        let index = self.index();
        let repeated = index.extents.iter().rev().skip(1).map(|extent| extent.header).sum::<u64>();
        index.extents.iter().map(|extent| extent.length).sum::<u64>().saturating_sub(repeated)
    }

    /// A reader from the oldest packet that is still there.
    pub fn reader(self: &Arc<Self>) -> SpoolReader {
        SpoolReader::new(Arc::clone(self))
    }
}

#[cfg(test)]
mod tests;
