//! The spool: a session's packets on disk, as complete pcapng segments, one writer and any number of readers.
//!
//! The header (section header and interface descriptions) only ever grows, and each segment begins with all of it.
//! So a reader that has seen `n` bytes of header continues in any later segment at offset `n`.

mod reader;
mod writer;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

pub use reader::{SpoolReader, Step};
pub use writer::SpoolWriter;

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
}

impl Spool {
    fn new(place: Place) -> Arc<Self> {
        Arc::new(Self { place, index: Mutex::default(), changed: watch::Sender::new(()) })
    }

    /// The file or folder that holds it.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Segments { folder, .. } => folder,
            Place::File(path) => path,
        }
    }

    /// The longest segment, in bytes.
    fn segment_bytes(&self) -> u64 {
        match self.place {
            Place::Segments { budget, .. } => SEGMENT_BYTES.min(budget / 4),
            Place::File(_) => u64::MAX,
        }
    }

    fn segment_path(&self, number: usize) -> PathBuf {
        match &self.place {
            Place::Segments { folder, .. } => folder.join(format!("{number:06}.pcapng")),
            Place::File(path) => path.clone(),
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

    /// A reader from the oldest packet that is still there.
    pub fn reader(self: &Arc<Self>) -> SpoolReader {
        SpoolReader::new(Arc::clone(self))
    }
}

#[cfg(test)]
mod tests;
