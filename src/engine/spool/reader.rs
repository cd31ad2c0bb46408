//! A reading end of a spool: everything from the oldest packet on, then the live tail.

use std::{fs::File, io, os::unix::fs::FileExt as _, sync::Arc};

use tokio::sync::watch;

use super::{Extent, Spool};

/// What one step of reading gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// This many bytes.
    Data(usize),
    /// Nothing new yet.
    Wait,
    /// Nothing more will come.
    Ended,
}

/// A reader of one spool. Its bytes are one pcapng section, whichever segments they come from.
#[derive(Debug)]
pub struct SpoolReader {
    spool: Arc<Spool>,
    changed: watch::Receiver<()>,
    place: Option<OpenSegment>,
    /// Packets that were evicted before this reader began: nobody can have read them.
    gone_before: u64,
    missed_packets: u64,
}

#[derive(Debug)]
struct OpenSegment {
    number: usize,
    /// Kept open, so a segment that is evicted meanwhile is still read to its end.
    file: File,
    offset: u64,
}

/// What the index said at one moment.
#[derive(Debug, Clone, Copy)]
enum Tip {
    /// The open segment has bytes up to here.
    More(u64),
    /// Go on with this segment.
    Next(usize),
    Wait,
    Ended,
}

impl SpoolReader {
    pub(super) fn new(spool: Arc<Spool>) -> Self {
        let changed = spool.changed.subscribe();
        let gone_before = spool.evicted_packets();
        Self { spool, changed, place: None, gone_before, missed_packets: 0 }
    }

    /// Packets that were evicted after this reader had begun and before it came to them.
    pub fn missed_packets(&self) -> u64 {
        self.missed_packets
    }

    /// Reads what is there into `buffer`, without waiting for more.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<Step> {
        self.changed.mark_unchanged();
        loop {
            match (self.tip(), &mut self.place) {
                (Tip::More(end), Some(place)) => return place.read(buffer, end).map(Step::Data),
                (Tip::Next(number), _) => self.open(number)?,
                (Tip::Ended, _) => return Ok(Step::Ended),
                (Tip::Wait | Tip::More(_), _) => return Ok(Step::Wait),
            }
        }
    }

    /// Waits until there may be more to read.
    pub async fn changed(&mut self) {
        // The sender lives in the spool that this reader holds, so this cannot fail.
        let _ = self.changed.changed().await;
    }

    /// One look at the index, so that `ended` and the lengths are of the same moment.
    fn tip(&self) -> Tip {
        let index = self.spool.index();
        let wanted = match &self.place {
            Some(place) => {
                let end = index.extents[place.number].length;
                if place.offset < end {
                    return Tip::More(end);
                }
                place.number + 1
            }
            None => 0,
        };
        let next = wanted.max(index.oldest);
        if next < index.extents.len() {
            Tip::Next(next)
        } else if index.ended {
            Tip::Ended
        } else {
            Tip::Wait
        }
    }

    /// Opens a segment at the first byte of header that was not seen yet. One that was evicted meanwhile is
    /// passed over: the next look at the index names a later one.
    fn open(&mut self, number: usize) -> io::Result<()> {
        let file = match File::open(self.spool.segment_path(number)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.spool.is_evicted(number) => {
                return Ok(());
            }
            file => file?,
        };
        let seen = self.place.as_ref().map_or(Extent::default(), |place| self.spool.extent(place.number));
        let before = number.checked_sub(1).map_or(Extent::default(), |n| self.spool.extent(n));
        let missed = before.packets.saturating_sub(seen.packets.max(self.gone_before));
        self.missed_packets += missed;
        self.spool.counters.add_viewer_missed(missed);
        self.place = Some(OpenSegment { number, file, offset: seen.header });
        Ok(())
    }
}

impl OpenSegment {
    fn read(&mut self, buffer: &mut [u8], end: u64) -> io::Result<usize> {
        let left = usize::try_from(end - self.offset).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let got = self.file.read_at(&mut buffer[..wanted], self.offset)?;
        if got == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the spool was cut by somebody else"));
        }
        self.offset += got as u64;
        Ok(got)
    }
}
