//! The writing end of a spool.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    sync::Arc,
};

use super::{Extent, Place, SEGMENT_BYTES, Spool, SpoolError};
use crate::session::Counters;

/// Appends whole pcapng blocks to a spool. Blocks are gathered in [`buffer`](Self::buffer) and reach disk and
/// readers together with [`flush`](Self::flush).
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Arc<Spool>,
    counters: Arc<Counters>,
    header: Vec<u8>,
    buffer: Vec<u8>,
    buffered_packets: u64,
    number: usize,
    extent: Extent,
    file: File,
}

impl SpoolWriter {
    /// A spool that begins with the given section header block.
    ///
    /// Folders are made 0700 and files 0600; a [`Place::File`] that exists is overwritten.
    pub fn create(
        place: Place,
        section_header: Vec<u8>,
        counters: Arc<Counters>,
    ) -> Result<Self, SpoolError> {
        if let Place::Segments { folder, .. } = &place {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|source| SpoolError::Create { path: folder.clone(), source })?;
        }
        let spool = Spool::new(place);
        let (file, extent) = begin(&spool, 0, &section_header, 0)?;
        counters.add_stored(extent.length);
        spool.publish(|index| index.extents.push(extent));
        let buffer = Vec::with_capacity(1 << 20);
        Ok(Self {
            spool,
            counters,
            header: section_header,
            buffer,
            buffered_packets: 0,
            number: 0,
            extent,
            file,
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
        if self.is_full() {
            self.rotate()?;
        }
        if let Err(source) = self.file.write_all(&self.buffer) {
            // What is on disk must end with a whole block; a failure here changes nothing for the better.
            let _ = self.file.set_len(self.extent.length);
            return Err(SpoolError::Write { path: self.spool.segment_path(self.number), source });
        }
        self.extent.length += self.buffer.len() as u64;
        self.extent.packets += std::mem::take(&mut self.buffered_packets);
        self.extent.header = self.header.len() as u64;
        self.counters.add_stored(self.buffer.len() as u64);
        self.buffer.clear();
        self.spool.publish(|index| index.extents[self.number] = self.extent);
        Ok(())
    }

    /// Writes the last blocks and ends the spool for its readers; they get all that was written even if this fails.
    pub fn finish(mut self, last_blocks: &[u8]) -> Result<(), SpoolError> {
        self.buffer.extend_from_slice(last_blocks);
        let result = self.flush();
        self.spool.publish(|index| index.ended = true);
        result
    }

    fn is_full(&self) -> bool {
        matches!(self.spool.place, Place::Segments { .. })
            && self.extent.length > self.extent.header
            && self.extent.length + self.buffer.len() as u64 > SEGMENT_BYTES
    }

    /// Begins the next segment with the header as it is on disk: an interface that still waits in the buffer
    /// comes with the buffer.
    fn rotate(&mut self) -> Result<(), SpoolError> {
        let known = usize::try_from(self.extent.header).unwrap_or(self.header.len());
        let number = self.number + 1;
        (self.file, self.extent) = begin(&self.spool, number, &self.header[..known], self.extent.packets)?;
        self.number = number;
        self.counters.add_stored(self.extent.length);
        self.spool.publish(|index| index.extents.push(self.extent));
        self.evict();
        Ok(())
    }

    /// Drops the oldest segments until what is there and one full segment fit the budget.
    fn evict(&mut self) {
        let Place::Segments { budget, .. } = self.spool.place else { return };
        let mut evicted = 0..0;
        self.spool.publish(|index| {
            let mut total: u64 = index.extents[index.oldest..].iter().map(|e| e.length).sum();
            evicted.start = index.oldest;
            while index.oldest < self.number && total + SEGMENT_BYTES > budget {
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

/// Makes a segment's file and writes its header.
fn begin(spool: &Spool, number: usize, header: &[u8], packets: u64) -> Result<(File, Extent), SpoolError> {
    let path = spool.segment_path(number);
    let mut file = create(&path).map_err(|source| SpoolError::Create { path: path.clone(), source })?;
    file.write_all(header).map_err(|source| SpoolError::Write { path, source })?;
    let length = header.len() as u64;
    Ok((file, Extent { length, header: length, packets }))
}

/// A file that only this user can read, also if it was there before with other permissions.
fn create(path: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
