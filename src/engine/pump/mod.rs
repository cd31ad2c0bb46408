//! The pump: a thread that reads a channel in large blocks and writes pcapng to the spool.
//!
//! It waits for nothing but the channel and the disk: not for a screen, not for a viewer.

pub(in crate::engine) mod merge;
mod sink;
mod trigger;

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

use self::sink::SpoolSink;
pub use self::trigger::Trigger;
use super::spool::{SpoolError, SpoolNews, SpoolWriter};
use crate::{
    packet::{InterfaceInfo, InterfaceStatistics, Limits, Reader, StreamError},
    profile::MAX_INTERFACES,
    remote::{
        link_type,
        minder::{MarkerFinder, NoMarker},
    },
    session::{Counters, Limit},
};

/// Bytes asked of the channel at once; also what is left free in the buffer before each read.
const BLOCK: usize = 256 << 10;

/// How long a target may take to begin the stream. The marker comes before the capture is started, so it waits for a
/// login shell and for nothing else.
const MARKER_LIMIT: Duration = Duration::from_secs(30);
/// How long a stream that cannot be read on may take to end by itself, with the reason in the target's own words.
const END_GRACE: Duration = Duration::from_secs(2);

/// What every interface of a session is labelled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The target's short name: interfaces are `web-1:eth0`.
    pub target: String,
    /// The interface that tcpdump captures on; an own command names its own.
    pub interface: Option<String>,
    /// How it is reached, for people: `ec2-user@10.0.1.11 via bastion`.
    pub road: String,
    /// The filter that the target applies.
    pub filter: Option<String>,
    /// The target's operating system.
    pub os: Option<String>,
}

/// What an interface is called in the file.
pub fn label(target: &str, interface: &str) -> String {
    format!("{target}:{interface}")
}

/// What the pump needs to know.
#[derive(Debug)]
pub struct Settings {
    /// What interfaces are called.
    pub labels: Labels,
    /// Stop after this many packets of all runs.
    pub packets: Option<u64>,
    /// Stop after this many captured bytes of all runs.
    pub bytes: Option<u64>,
    /// The interfaces that earlier runs have described in the spool.
    pub interfaces: Vec<InterfaceInfo>,
    /// The gap since the run before, to be noted on the first packet.
    pub gap: Option<GapNote>,
    /// The packet that ends the capture, and whether it is the last one or others follow for a while.
    pub trigger: Option<(Arc<Trigger>, LastPacket)>,
}

/// What a packet that ends the capture is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPacket {
    /// The last one.
    Itself,
    /// The first of the last ones.
    Later,
}

/// What the first packet after a gap says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapNote {
    /// When the target was last heard before the gap.
    since: Instant,
    /// When packets could flow again.
    until: Option<Instant>,
    cause: String,
}

impl GapNote {
    /// A gap that began then, for a reason.
    pub fn new(since: Instant, cause: String) -> Self {
        Self { since, until: None, cause }
    }

    /// The gap ends now.
    fn end(&mut self) {
        self.until.get_or_insert_with(Instant::now);
    }
}

impl fmt::Display for GapNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.until.unwrap_or(self.since).saturating_duration_since(self.since);
        let seconds = length.as_secs_f64();
        write!(f, "wrcap: gap of {seconds:.1} s before this packet, packets in it unknown: {}", self.cause)
    }
}

/// What the pump reports while it runs. Few and far between: the numbers are in the counters.
#[derive(Debug)]
pub enum PumpEvent {
    /// The first interface is known: packets may flow.
    Header,
    /// A stop condition was reached; what still comes is read and thrown away.
    Limit(Limit),
    /// The packet came after which the capture ends some time later.
    Matched,
    /// The disk has something to tell.
    Spool(SpoolNews),
    /// The stream cannot be used any more, and does not end by itself; what still comes is read and thrown away.
    Broken(Broken),
    /// The channel is at its end, or nothing more can be done with it.
    Ended(Box<PumpEnd>),
}

/// Why a stream that goes on is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Our own disk, in words.
    Disk(String),
    /// What came, in words.
    Stream(String),
    /// The filter of the packet that ends the capture means nothing for what comes, in words.
    Match(String),
}

impl Broken {
    fn by(error: &PumpError) -> Self {
        match error {
            PumpError::Spool(error) => Self::Disk(error.to_string()),
            PumpError::LinkType(_) => Self::Match(error.to_string()),
            error => Self::Stream(error.to_string()),
        }
    }
}

/// What a pump leaves behind.
#[derive(Debug)]
pub struct PumpEnd {
    /// The spool, still open for the last blocks.
    pub writer: SpoolWriter,
    /// The interfaces of the spool, in order; those of earlier runs too.
    pub interfaces: Vec<InterfaceInfo>,
    /// Statistics that came in the stream itself (pcapng of an own command).
    pub statistics: Vec<InterfaceStatistics>,
    /// How many packets of each interface this run brought.
    pub delivered: Vec<u64>,
    /// Whether this run's stream had a header, so that packets could flow.
    pub began: bool,
    /// How it ended.
    pub result: Result<(), PumpError>,
}

/// Why a pump could not go on.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// The stream never began.
    #[error(transparent)]
    Marker(#[from] NoMarker),
    /// The target is silent.
    #[error("nothing came within {} s", MARKER_LIMIT.as_secs())]
    Silent,
    /// The stream is no capture, or broke off within a packet.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The spool could not be written.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// `stop_after.match` has no meaning for the packets that come.
    #[error("stop_after.match cannot be told for the link type {0} of the stream")]
    LinkType(String),
    /// The channel could not be read.
    #[error("could not read the ssh channel: {0}")]
    Read(#[from] io::Error),
}

impl PumpError {
    /// True if the stream only ended too early: what wrote it was killed.
    pub fn is_cut(&self) -> bool {
        matches!(self, Self::Stream(StreamError::Truncated { .. } | StreamError::Empty))
    }
}

/// Drops seen on the target and not yet noted on a packet.
#[derive(Debug, Default)]
pub struct PendingDrops {
    any: AtomicU64,
    /// Of the interfaces of a merged capture.
    of: [AtomicU64; MAX_INTERFACES],
}

impl PendingDrops {
    /// Adds drops; the next packet carries them.
    pub fn add(&self, drops: u64) {
        self.any.fetch_add(drops, Relaxed);
    }

    /// Adds drops that the next packet of this interface of the stream carries.
    pub fn add_of(&self, interface: usize, drops: u64) {
        self.of.get(interface).unwrap_or(&self.any).fetch_add(drops, Relaxed);
    }

    fn take(&self, interface: u32) -> u64 {
        let take = |drops: &AtomicU64| if drops.load(Relaxed) == 0 { 0 } else { drops.swap(0, Relaxed) };
        take(&self.any) + self.of.get(interface as usize).map_or(0, take)
    }
}

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
