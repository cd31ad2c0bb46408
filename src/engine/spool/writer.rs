//! The writing end of a spool.

use std::{
    fs::{self, File},
    os::unix::fs::DirBuilderExt as _,
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use super::{Extent, Place, Spool, SpoolError, SpoolNews, disk, health::Health};
use crate::session::Counters;

/// Appends whole pcapng blocks to a spool. Blocks are gathered in [`buffer`](Self::buffer) and reach disk and
/// readers together with [`flush`](Self::flush).
///
/// Nothing is written before the first interface is described: a capture that never begins leaves no trace, and
/// the file of an older one as it was.
///
/// A disk that is full or ill ends nothing: the oldest segments make room where they may, else the packets of the
/// buffer are given up and counted, and the next flush tries anew. Descriptions of interfaces are never given up.
#[derive(Debug)]
pub struct SpoolWriter {
    pub(super) spool: Arc<Spool>,
    pub(super) counters: Arc<Counters>,
    pub(super) news: Vec<SpoolNews>,
    /// The section header and all interfaces so far.
    header: Vec<u8>,
    /// Length of the section header.
    section: usize,
    buffer: Vec<u8>,
    buffered_packets: u64,
    segment: Option<OpenSegment>,
    health: Health,
    unwritten: Unwritten,
}

/// What was given up so far.
#[derive(Debug, Default)]
struct Unwritten {
    packets: u64,
    /// The first time: where to and why.
    first: Option<(PathBuf, String)>,
}

/// The segment that is being written.
#[derive(Debug)]
struct OpenSegment {
    number: usize,
    extent: Extent,
    begun: Instant,
    file: File,
}

/// What became of a buffer.
#[derive(Debug)]
pub(super) enum Stored {
    Written,
    GivenUp(SpoolError),
}

impl SpoolWriter {
    /// A spool that will begin with the given section header block.
    ///
    /// Folders are made 0700 and files 0600; a file that exists is overwritten with the first flush, and only looked
    /// at now: whether it could be written.
    pub fn create(
        place: Place,
        section_header: Vec<u8>,
        counters: Arc<Counters>,
    ) -> Result<Self, SpoolError> {
        let spool = Spool::new(place, Arc::clone(&counters));
        match &spool.place {
            Place::Segments { folder, .. } => {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
            }
            Place::File(_) | Place::Files { .. } => disk::probe(&spool.segment_path(0)),
        }
        .map_err(|source| SpoolError::Create { path: spool.path().to_owned(), source })?;
        Ok(Self {
            spool,
            counters,
            news: Vec::new(),
            section: section_header.len(),
            header: section_header,
            buffer: Vec::with_capacity(1 << 20),
            buffered_packets: 0,
            segment: None,
            health: Health::default(),
            unwritten: Unwritten::default(),
        })
    }

    /// What readers read from.
    pub fn spool(&self) -> &Arc<Spool> {
        &self.spool
    }

    /// Adds an interface description block; every later segment begins with it too.
    pub fn describe(&mut self, block: &[u8]) {
        self.header.extend_from_slice(block);
        self.buffer.extend_from_slice(block);
    }

    /// Where the next blocks go.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Says that the buffer holds one more packet.
    pub fn count_packet(&mut self) {
        self.buffered_packets += 1;
    }

    /// What there is to tell since the last call.
    pub fn take_news(&mut self) -> Vec<SpoolNews> {
        std::mem::take(&mut self.news)
    }

    /// Packets that were given up so far.
    pub fn unwritten(&self) -> u64 {
        self.unwritten.packets
    }

    /// Brings the buffer to disk and shows it to readers, or gives its packets up where the disk is full or ill.
    ///
    /// # Errors
    /// The place cannot be written to at all.
    pub fn flush(&mut self) -> Result<(), SpoolError> {
        self.flush_at(Instant::now()).map(drop)
    }

    /// The same at a time of the caller's.
    pub(super) fn flush_at(&mut self, now: Instant) -> Result<Stored, SpoolError> {
        if self.buffer.is_empty() {
            return Ok(Stored::Written);
        }
        let mut stored = self.store(now);
        if stored.as_ref().is_err_and(SpoolError::may_pass) && self.make_room() {
            stored = self.store(now);
        }
        match stored {
            Ok(()) => {
                if let Some(packets) = self.health.succeed(now) {
                    self.news.push(SpoolNews::Recovered { packets });
                }
                Ok(Stored::Written)
            }
            Err(error) if error.may_pass() => {
                self.give_up(&error, now);
                Ok(Stored::GivenUp(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the last blocks and ends the spool for its readers; they get all that was written even if this fails.
    ///
    /// # Errors
    /// [`SpoolError::Unwritten`] where packets were given up at any time, else why the last blocks are missing.
    pub fn finish(mut self, last_blocks: &[u8]) -> Result<(), SpoolError> {
        let now = Instant::now();
        let packets = self.flush_at(now);
        self.buffer.extend_from_slice(last_blocks);
        let result = packets.and_then(|_| self.flush_at(now));
        self.spool.publish(|index| index.ended = true);
        let deleted = self.segment.as_ref().filter(|segment| disk::is_deleted(&segment.file));
        let deleted =
            deleted.map(|segment| SpoolError::Deleted { path: self.spool.segment_path(segment.number) });
        let Unwritten { packets, first } = self.unwritten;
        match (result?, first) {
            (_, Some((path, reason))) if packets > 0 => Err(SpoolError::Unwritten { packets, path, reason }),
            (Stored::GivenUp(error), _) => Err(error),
            (Stored::Written, _) => deleted.map_or(Ok(()), Err),
        }
    }

    /// The number of the segment that is being written.
    pub(super) fn current(&self) -> Option<usize> {
        self.segment.as_ref().map(|segment| segment.number)
    }

    /// Bytes that wait for the next flush.
    pub(super) fn buffered(&self) -> u64 {
        self.buffer.len() as u64
    }

    fn store(&mut self, now: Instant) -> Result<(), SpoolError> {
        match &self.segment {
            None => self.segment = Some(self.begin(0, Extent::default(), now)?),
            Some(full) if self.is_full(full, now) => {
                self.segment = Some(self.begin(full.number + 1, full.extent, now)?);
            }
            Some(_) => {}
        }
        let Some(segment) = &mut self.segment else { return Ok(()) };
        let (number, extent) = (segment.number, &mut segment.extent);
        disk::append(&segment.file, &self.buffer, extent.length)
            .map_err(|source| SpoolError::Write { path: self.spool.segment_path(number), source })?;
        extent.length += self.buffer.len() as u64;
        extent.packets += std::mem::take(&mut self.buffered_packets);
        extent.header = self.header.len() as u64;
        self.counters.add_stored(self.buffer.len() as u64);
        self.buffer.clear();
        let extent = *extent;
        self.spool.publish(|index| index.extents[number] = extent);
        Ok(())
    }

    /// Lets the packets of the buffer go. Interfaces that are not on disk yet stay in it.
    fn give_up(&mut self, error: &SpoolError, now: Instant) {
        let lost = std::mem::take(&mut self.buffered_packets);
        self.counters.add_unwritten(lost);
        self.unwritten.packets += lost;
        self.unwritten.first.get_or_insert_with(|| match error {
            SpoolError::Create { path, source } | SpoolError::Write { path, source } => {
                (path.clone(), source.to_string())
            }
            SpoolError::Unwritten { path, reason, .. } => (path.clone(), reason.clone()),
            SpoolError::Deleted { path } => (path.clone(), "it was deleted".to_owned()),
        });
        if self.health.fail(lost, now) {
            self.news.push(SpoolNews::Trouble(error.to_string()));
        }
        let on_disk = self.segment.as_ref().map_or(self.section as u64, |segment| segment.extent.header);
        let on_disk = usize::try_from(on_disk).unwrap_or(usize::MAX).min(self.header.len());
        self.buffer.clear();
        self.buffer.extend_from_slice(&self.header[on_disk..]);
    }

    /// Only packets begin a segment, and only behind others.
    fn is_full(&self, segment: &OpenSegment, now: Instant) -> bool {
        let too_long = segment.extent.length + self.buffered() > self.spool.segment_bytes();
        let too_old = self
            .spool
            .segment_time()
            .is_some_and(|longest| now.saturating_duration_since(segment.begun) >= longest);
        segment.extent.length > segment.extent.header && self.buffered_packets > 0 && (too_long || too_old)
    }

    /// Begins a segment with as much header as `before` has seen of it; an interface that still waits in the
    /// buffer comes with the buffer. The first one begins with the section header.
    fn begin(&mut self, number: usize, before: Extent, now: Instant) -> Result<OpenSegment, SpoolError> {
        let known =
            if number == 0 { self.section } else { usize::try_from(before.header).unwrap_or(usize::MAX) };
        let header = &self.header[..known.min(self.header.len())];
        let path = self.spool.segment_path(number);
        let file = disk::create(&path).map_err(|source| SpoolError::Create { path: path.clone(), source })?;
        if let Err(source) = disk::append(&file, header, 0) {
            // An empty file is no capture.
            disk::remove(&path);
            return Err(SpoolError::Write { path, source });
        }
        let length = header.len() as u64;
        let extent = Extent { length, header: length, packets: before.packets };
        self.counters.add_stored(length);
        self.spool.publish(|index| index.extents.push(extent));
        self.evict(number);
        Ok(OpenSegment { number, extent, begun: now, file })
    }
}
