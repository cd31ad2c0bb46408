//! The pump: a thread that reads a channel in large blocks and writes pcapng to the spool.
//!
//! It waits for nothing but the channel and the disk: not for a screen, not for a viewer.

mod event;
pub(in crate::engine) mod merge;
mod settings;
mod sink;
mod trigger;

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

use self::sink::SpoolSink;
pub use self::{
    event::{Broken, PumpEnd, PumpError, PumpEvent},
    settings::{GapNote, Labels, LastPacket, PendingDrops, Settings, label},
    trigger::Trigger,
};
use super::spool::SpoolWriter;
use crate::{
    packet::{Limits, Reader},
    remote::{link_type, minder::MarkerFinder},
    session::Counters,
};

/// Bytes asked of the channel at once; also what is left free in the buffer before each read.
const BLOCK: usize = 256 << 10;

/// How long a target may take to begin the stream. The marker comes before the capture is started, so it waits for a
/// login shell and for nothing else.
const MARKER_LIMIT: Duration = Duration::from_secs(30);
/// How long a stream that cannot be read on may take to end by itself, with the reason in the target's own words.
const END_GRACE: Duration = Duration::from_secs(2);

/// Starts a pump on the reading end of a channel's stdout; `marker` finds where the stream begins. Its last event is
/// [`PumpEvent::Ended`].
pub fn start(
    channel: OwnedFd,
    marker: MarkerFinder,
    settings: Settings,
    writer: SpoolWriter,
    counters: Arc<Counters>,
    drops: Arc<PendingDrops>,
) -> io::Result<mpsc::Receiver<PumpEvent>> {
    let (events, receiver) = mpsc::channel(8);
    let pump = Pump {
        channel: File::from(channel),
        buffer: vec![0; 2 * BLOCK],
        start: 0,
        end: 0,
        reader: Reader::new(Limits::default()),
        sink: SpoolSink::new(settings, writer, counters, drops),
        events,
    };
    thread::Builder::new().name("pump".into()).spawn(move || pump.run(marker))?;
    Ok(receiver)
}

#[derive(Debug)]
struct Pump {
    channel: File,
    buffer: Vec<u8>,
    /// What is not consumed yet is `buffer[start..end]`.
    start: usize,
    end: usize,
    reader: Reader,
    sink: SpoolSink,
    events: mpsc::Sender<PumpEvent>,
}

impl Pump {
    fn run(mut self, marker: MarkerFinder) {
        let result = self.find_marker(marker).and_then(|()| self.stream());
        // A writer that is not read from would hang on the target instead of ending.
        if let Err(error) = &result
            && !self.drain(Some(Instant::now() + END_GRACE))
        {
            self.report(PumpEvent::Broken(Broken::by(error)));
            self.drain(None);
        }
        let end = self.sink.end(result);
        // Nobody listens only when the session is gone already.
        let _ = self.events.blocking_send(PumpEvent::Ended(Box::new(end)));
    }

    /// Throws away what a login shell printed before the stream.
    fn find_marker(&mut self, mut marker: MarkerFinder) -> Result<(), PumpError> {
        let end = Instant::now() + MARKER_LIMIT;
        loop {
            if !is_readable(&self.channel, end)? {
                return Err(PumpError::Silent);
            }
            if self.fill()? == 0 {
                return Err(marker.lost().into());
            }
            let rest = marker.push(&self.buffer[self.start..self.end])?.map(<[u8]>::len);
            self.start = self.end - rest.unwrap_or(0);
            if rest.is_some() {
                return Ok(());
            }
        }
    }

    fn stream(&mut self) -> Result<(), PumpError> {
        loop {
            self.feed()?;
            if self.sink.reached().is_some() {
                self.drain(None);
                return Ok(());
            }
            if self.fill()? == 0 {
                return Ok(self.reader.finish(&self.buffer[self.start..self.end])?);
            }
        }
    }

    /// Takes what the buffer holds and brings it to the spool.
    fn feed(&mut self) -> Result<(), PumpError> {
        let before = self.sink.interfaces();
        let fed = self.reader.feed(&self.buffer[self.start..self.end], &mut self.sink);
        // What came before a broken record is good.
        self.sink.flush()?;
        for news in self.sink.take_news() {
            self.report(PumpEvent::Spool(news));
        }
        // Before the header is told: such a capture does not begin.
        if let Some(linktype) = self.sink.unmatchable() {
            return Err(PumpError::LinkType(link_type::name(linktype)));
        }
        if before == 0 && self.sink.interfaces() > 0 {
            self.report(PumpEvent::Header);
        }
        if self.sink.take_match() {
            self.report(PumpEvent::Matched);
        }
        self.start += fed?.consumed;
        if let Some(limit) = self.sink.reached() {
            self.report(PumpEvent::Limit(limit));
        }
        Ok(())
    }

    fn report(&self, event: PumpEvent) {
        let _ = self.events.blocking_send(event);
    }

    /// Reads the next block behind what is left; 0 at the end. The buffer grows only to what one record needs,
    /// which the reader limits.
    fn fill(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < BLOCK {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buffer.len() - self.end < BLOCK {
            self.buffer.resize(self.end + BLOCK, 0);
        }
        let got = read(&mut self.channel, &mut self.buffer[self.end..])?;
        self.end += got;
        Ok(got)
    }

    /// Reads to the end and keeps nothing; false when that takes longer than until `limit`.
    fn drain(&mut self, limit: Option<Instant>) -> bool {
        self.buffer.resize(BLOCK, 0);
        loop {
            if let Some(limit) = limit
                && !(Instant::now() < limit && is_readable(&self.channel, limit).unwrap_or(true))
            {
                return false;
            }
            if !read(&mut self.channel, &mut self.buffer).is_ok_and(|got| got > 0) {
                return true;
            }
        }
    }
}

/// Waits until there is something to read, the end included, but not longer than until `limit`.
fn is_readable(channel: &File, limit: Instant) -> io::Result<bool> {
    loop {
        let left = limit.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(channel, PollFlags::IN)], Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            result => return Ok(result? > 0),
        }
    }
}

fn read(channel: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match channel.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests;
