//! Making room: the oldest segments go.

use super::{Place, SpoolNews, SpoolWriter, disk};

/// What is there at one moment.
#[derive(Debug, Clone, Copy)]
struct Left {
    segments: u64,
    bytes: u64,
}

impl SpoolWriter {
    /// Drops the oldest segments until what is there and one full segment fit the budget, or only as many files are
    /// there as are kept.
    pub(super) fn evict(&mut self, current: usize) {
        let full = self.spool.segment_bytes();
        match &self.spool.place {
            Place::Segments { budget, .. } => {
                let budget = *budget;
                self.evict_while(current, |left| left.bytes + full > budget);
            }
            Place::Files { rotate, .. } => {
                if let Some(keep) = rotate.keep {
                    self.evict_while(current, |left| left.segments > keep);
                }
            }
            Place::File(_) => {}
        }
    }

    /// Gives a disk that is full what the oldest segments hold, as far as they are not to be kept; false if there is
    /// nothing to give.
    pub(super) fn make_room(&mut self) -> bool {
        let (Place::Segments { .. }, Some(current)) = (&self.spool.place, self.current()) else {
            return false;
        };
        let needed = self.buffered();
        let bytes = |writer: &Self| {
            let index = writer.spool.index();
            index.extents[index.oldest..].iter().map(|extent| extent.length).sum::<u64>()
        };
        let before = bytes(self);
        self.evict_while(current, |left| left.bytes + needed > before);
        bytes(self) < before
    }

    /// Drops segments, the oldest first, while `wanted` says so of what is left, but none from `current` on.
    fn evict_while(&mut self, current: usize, wanted: impl Fn(Left) -> bool) {
        let mut evicted = 0..0;
        self.spool.publish(|index| {
            let there = &index.extents[index.oldest..];
            let mut left =
                Left { segments: there.len() as u64, bytes: there.iter().map(|extent| extent.length).sum() };
            evicted.start = index.oldest;
            while index.oldest < current && wanted(left) {
                left.segments -= 1;
                left.bytes -= index.extents[index.oldest].length;
                index.oldest += 1;
            }
            evicted.end = index.oldest;
        });
        for number in evicted {
            let (length, packets) = self.spool.content(number);
            self.counters.evict(length, packets);
            let path = self.spool.segment_path(number);
            disk::remove(&path);
            if let Place::Files { .. } = self.spool.place {
                self.news.push(SpoolNews::Removed { path, packets });
            }
        }
    }
}
