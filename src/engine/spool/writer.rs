//! The writing end of a spool.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
};

use super::{Extent, Place, Spool, SpoolError};
use crate::session::Counters;

/// Appends whole pcapng blocks to a spool. Blocks are gathered in [`buffer`](Self::buffer) and reach disk and
/// readers together with [`flush`](Self::flush).
///
/// Nothing is written before the first interface is described: a capture that never begins leaves no trace, and
/// the file of an older one as it was.
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Arc<Spool>,
    counters: Arc<Counters>,
    /// The section header and all interfaces so far.
    header: Vec<u8>,
    /// Length of the section header.
    section: usize,
    buffer: Vec<u8>,
    buffered_packets: u64,
    segment: Option<OpenSegment>,
}

/// The segment that is being written.
#[derive(Debug)]
struct OpenSegment {
    number: usize,
    extent: Extent,
    file: File,
}

impl SpoolWriter {
    /// A spool that will begin with the given section header block.
    ///
    /// Folders are made 0700 and files 0600; a [`Place::File`] that exists is overwritten with the first flush, and
    /// only looked at now: whether it could be written.
    pub fn create(
        place: Place,
        section_header: Vec<u8>,
        counters: Arc<Counters>,
    ) -> Result<Self, SpoolError> {
        let spool = Spool::new(place);
        match &spool.place {
            Place::Segments { folder, .. } => {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
            }
            Place::File(path) => probe(path),
        }
        .map_err(|source| SpoolError::Create { path: spool.path().to_owned(), source })?;
        let buffer = Vec::with_capacity(1 << 20);
        let section = section_header.len();
        Ok(Self {
            spool,
            counters,
            header: section_header,
            section,
            buffer,
            buffered_packets: 0,
            segment: None,
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

    /// Brings the buffer to disk and shows it to readers.
    pub fn flush(&mut self) -> Result<(), SpoolError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        match &self.segment {
            None => self.segment = Some(self.begin(0, Extent::default())?),
            Some(full) if self.is_full(full) => {
                self.segment = Some(self.begin(full.number + 1, full.extent)?);
            }
            Some(_) => {}
        }
        let Some(segment) = &mut self.segment else { return Ok(()) };
        if let Err(source) = segment.file.write_all(&self.buffer) {
            // What is on disk must end with a whole block; a failure here changes nothing for the better.
            let _ = segment.file.set_len(segment.extent.length);
            return Err(SpoolError::Write { path: self.spool.segment_path(segment.number), source });
        }
        segment.extent.length += self.buffer.len() as u64;
        segment.extent.packets += std::mem::take(&mut self.buffered_packets);
        segment.extent.header = self.header.len() as u64;
        self.counters.add_stored(self.buffer.len() as u64);
        self.buffer.clear();
        let (number, extent) = (segment.number, segment.extent);
        self.spool.publish(|index| index.extents[number] = extent);
        Ok(())
    }

    /// Writes the last blocks and ends the spool for its readers; they get all that was written even if this fails.
    pub fn finish(mut self, last_blocks: &[u8]) -> Result<(), SpoolError> {
        self.buffer.extend_from_slice(last_blocks);
        let result = self.flush();
        self.spool.publish(|index| index.ended = true);
        result
    }

    fn is_full(&self, segment: &OpenSegment) -> bool {
        segment.extent.length > segment.extent.header
            && segment.extent.length + self.buffer.len() as u64 > self.spool.segment_bytes()
    }

    /// Begins a segment with as much header as `before` has seen of it; an interface that still waits in the
    /// buffer comes with the buffer. The first one begins with the section header.
    fn begin(&self, number: usize, before: Extent) -> Result<OpenSegment, SpoolError> {
        let known =
            if number == 0 { self.section } else { usize::try_from(before.header).unwrap_or(usize::MAX) };
        let header = &self.header[..known.min(self.header.len())];
        let path = self.spool.segment_path(number);
        let mut file = create(&path).map_err(|source| SpoolError::Create { path: path.clone(), source })?;
        file.write_all(header).map_err(|source| SpoolError::Write { path, source })?;
        let length = header.len() as u64;
        let extent = Extent { length, header: length, packets: before.packets };
        self.counters.add_stored(length);
        self.spool.publish(|index| index.extents.push(extent));
        self.evict(number);
        Ok(OpenSegment { number, extent, file })
    }

    /// Drops the oldest segments until what is there and one full segment fit the budget.
    fn evict(&self, current: usize) {
        let Place::Segments { budget, .. } = self.spool.place else { return };
        let mut evicted = 0..0;
        self.spool.publish(|index| {
            let mut total: u64 = index.extents[index.oldest..].iter().map(|e| e.length).sum();
            evicted.start = index.oldest;
            while index.oldest < current && total + self.spool.segment_bytes() > budget {
                total -= index.extents[index.oldest].length;
                index.oldest += 1;
            }
            evicted.end = index.oldest;
        });
        for number in evicted {
            let (length, packets) = self.spool.content(number);
            self.counters.evict(length, packets);
            let path = self.spool.segment_path(number);
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "could not remove an old segment");
            }
        }
    }
}

/// Whether a file could be written, without changing it or leaving a new one behind.
fn probe(path: &Path) -> io::Result<()> {
    let existed = path.exists();
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if existed { Ok(()) } else { fs::remove_file(path) }
}

/// A file that only this user can read, also if it was there before with other permissions.
fn create(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
