//! Reads a stream of packets, whichever of the two formats it comes in.

use std::ops::ControlFlow;

use super::error::StreamError;
use super::info::{InterfaceInfo, InterfaceStatistics, Packet};
use super::{block, pcap, pcapng};

/// What a stream may ask for at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one packet (pcap) or of one block that has to be read whole (pcapng). The caller's buffer
    /// has to hold a little more than this.
    pub record: u32,
    /// Interfaces in the whole stream.
    pub interfaces: u32,
    /// Bytes of all interface descriptions together: whoever takes them keeps them.
    pub descriptions: u32,
}

impl Default for Limits {
    /// 1 MiB: four times the largest snaplen of libpcap. 4096 interfaces, described in 4 MiB.
    fn default() -> Self {
        Self { record: 0x0010_0000, interfaces: 0x1000, descriptions: 0x0040_0000 }
    }
}

/// Takes what a [`Reader`] finds, in the order of the stream.
pub trait Sink {
    /// A new interface. Numbers count from 0 through all sections of a stream.
    fn interface(&mut self, index: u32, interface: &InterfaceInfo);

    /// A packet of an interface that came before. `Break` stops right after it.
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()>;

    /// Counters of an interface that came before (pcapng only).
    fn statistics(&mut self, statistics: &InterfaceStatistics);
}

/// How far [`Reader::feed`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that are done with.
    pub consumed: usize,
    /// Bytes beyond the input that the next item needs at least; 0 when the sink stopped the reading.
    pub wanted_more: u64,
}

/// How far a format came within one input.
pub(super) struct Step {
    consumed: usize,
    /// Bytes after `consumed` that the next item needs at least; 0: stopped by the sink.
    need: u64,
}

impl Step {
    pub(super) fn waiting(consumed: usize, need: u64) -> Self {
        Self { consumed, need }
    }

    pub(super) fn stopped(consumed: usize) -> Self {
        Self { consumed, need: 0 }
    }
}

/// Reads pcap or pcapng, told apart by the first bytes. Owns no buffer and never allocates for a packet.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    format: Format,
    /// Bytes of the stream that are done with.
    offset: u64,
    /// Bytes from `offset` that the next item needs; 0: stopped by the sink.
    need: u64,
}

#[derive(Debug)]
enum Format {
    Unknown,
    Pcap(pcap::Stream),
    Pcapng(pcapng::Stream),
}

impl Reader {
    /// A reader at the start of a stream.
    pub fn new(limits: Limits) -> Self {
        Self { limits, format: Format::Unknown, offset: 0, need: pcap::HEADER as u64 }
    }

    /// Bytes of the stream read and done with so far.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads on. `input` is everything that came and was not yet consumed; the sink gets every whole item.
    ///
    /// Either something is consumed, or the answer says how much more must come. After an error the
    /// stream is over: the sink has had all that was good, the reader cannot go on.
    pub fn feed(&mut self, input: &[u8], sink: &mut impl Sink) -> Result<Progress, StreamError> {
        let header = self.open(input, sink)?;
        let (input, base) = (&input[header..], self.offset + header as u64);
        let Step { consumed, need } = match &mut self.format {
            Format::Unknown => Step::waiting(0, pcap::HEADER as u64),
            Format::Pcap(stream) => stream.feed(input, base, sink)?,
            Format::Pcapng(stream) => stream.feed(input, base, sink)?,
        };
        self.offset = base + consumed as u64;
        self.need = need;
        let left = (input.len() - consumed) as u64;
        Ok(Progress { consumed: header + consumed, wanted_more: need.saturating_sub(left) })
    }

    /// Says whether the stream may end here: `rest` is what [`Self::feed`] left unconsumed.
    ///
    /// Nothing at all is [`StreamError::Empty`], an unfinished item [`StreamError::Truncated`]. After the
    /// sink stopped the reading every end is fine.
    pub fn finish(&self, rest: &[u8]) -> Result<(), StreamError> {
        let between = match &self.format {
            Format::Unknown if rest.is_empty() => return Err(StreamError::Empty),
            Format::Unknown => false,
            Format::Pcap(_) => rest.is_empty(),
            Format::Pcapng(stream) => rest.is_empty() && !stream.skips(),
        };
        if between || self.need == 0 {
            return Ok(());
        }
        Err(StreamError::Truncated { offset: self.offset, have: rest.len() as u64, need: self.need })
    }

    /// Finds out what the stream is, once; answers with the bytes its header took.
    fn open(&mut self, input: &[u8], sink: &mut impl Sink) -> Result<usize, StreamError> {
        let (Format::Unknown, Some(&magic)) = (&self.format, input.first_chunk()) else { return Ok(0) };
        if u32::from_ne_bytes(magic) == block::SECTION {
            self.format = Format::Pcapng(pcapng::Stream::new(self.limits));
            return Ok(0);
        }
        let form = pcap::Form::of(magic).ok_or(StreamError::NotCapture { found: magic })?;
        let Some(header) = input.first_chunk() else { return Ok(0) };
        let (stream, interface) = form.open(header, self.limits)?;
        self.format = Format::Pcap(stream);
        sink.interface(0, &interface);
        Ok(header.len())
    }
}
