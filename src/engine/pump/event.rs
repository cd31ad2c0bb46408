//! What a pump tells, and why it ends.

use super::MARKER_LIMIT;
use crate::{
    engine::spool::{SpoolError, SpoolNews, SpoolWriter},
    packet::{InterfaceInfo, InterfaceStatistics, StreamError},
    remote::minder::NoMarker,
    session::Limit,
};
use std::io;

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
    pub(super) fn by(error: &PumpError) -> Self {
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
