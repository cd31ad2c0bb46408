//! What the blocks of one pcapng section say.

use std::ops::ControlFlow;

use super::block::{self, option};
use super::error::StreamError;
use super::info::{InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, Resolution};
use super::order::{Order, join};
use super::reader::{Limits, Sink};

/// Drops in an old packet block when the capturing program did not know.
const UNKNOWN_DROPS: u16 = u16::MAX;

/// The section a stream is in. Starts before the first one.
#[derive(Debug)]
pub(super) struct Section {
    order: Order,
    /// Interfaces of the sections before: the number in the stream of this section's first one.
    first: u32,
    /// Interfaces described in this section so far.
    known: u32,
    /// Bytes of the descriptions of all interfaces, of the sections before too.
    described: u32,
    /// Snaplen of the first of them, which simple packets need; 0: no limit.
    snaplen: u32,
}

/// One whole block.
pub(super) struct Block<'a> {
    /// Where it starts in the stream.
    pub(super) offset: u64,
    pub(super) kind: u32,
    pub(super) body: &'a [u8],
}

impl<'a> Block<'a> {
    fn bad(&self, what: &'static str) -> StreamError {
        StreamError::Block { offset: self.offset, kind: self.kind, what }
    }

    /// The `N` words a block of its type begins with.
    #[inline]
    fn words<const N: usize>(&self, order: Order) -> Result<[u32; N], StreamError> {
        order.words(self.body).ok_or_else(|| self.bad("too few bytes"))
    }

    /// A packet's bytes, `length` from `at`, and the options behind them.
    #[inline]
    fn payload(&self, at: usize, length: u32) -> Result<(&'a [u8], &'a [u8]), StreamError> {
        let (data, rest) = self
            .body
            .split_at_checked(at)
            .and_then(|(_, rest)| rest.split_at_checked(length as usize))
            .ok_or_else(|| self.bad("a packet longer than its block"))?;
        let padding = data.len().next_multiple_of(4) - data.len();
        Ok((data, rest.get(padding..).unwrap_or_default()))
    }

    /// The block's options from `at` on, each as `(code, value)`.
    fn options(
        &self,
        order: Order,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = Result<(u16, &'a [u8]), StreamError>> {
        order.options(bytes).map(|next| next.map_err(|_| self.bad("an option longer than its block")))
    }
}

impl Default for Section {
    fn default() -> Self {
        Self { order: Order::Little, first: 0, known: 0, described: 0, snaplen: 0 }
    }
}

impl Section {
    pub(super) fn order(&self) -> Order {
        self.order
    }

    /// A new section begins; its interfaces count from 0 again. Asked twice for one header, it is the same.
    pub(super) fn begin(&mut self, magic: [u8; 4], offset: u64) -> Result<(), StreamError> {
        let order = [Order::Little, Order::Big]
            .into_iter()
            .find(|order| order.u32(magic) == block::ORDER_MAGIC)
            .ok_or(StreamError::Block { offset, kind: block::SECTION, what: "no byte-order magic" })?;
        *self = Self { order, first: self.first + self.known, known: 0, snaplen: 0, ..*self };
        Ok(())
    }

    /// Tells the sink what a block says.
    #[inline]
    pub(super) fn read(
        &mut self,
        block: &Block<'_>,
        limits: Limits,
        sink: &mut impl Sink,
    ) -> Result<ControlFlow<()>, StreamError> {
        let packet = match block.kind {
            block::ENHANCED_PACKET => self.enhanced(block)?,
            block::SIMPLE_PACKET => self.simple(block)?,
            block::OLD_PACKET => self.old(block)?,
            block::SECTION => return self.version(block).map(ControlFlow::Continue),
            block::INTERFACE => return self.interface(block, limits, sink).map(ControlFlow::Continue),
            _ => {
                sink.statistics(&self.statistics(block)?);
                return Ok(ControlFlow::Continue(()));
            }
        };
        Ok(sink.packet(&packet))
    }

    #[inline]
    fn enhanced<'a>(&self, block: &Block<'a>) -> Result<Packet<'a>, StreamError> {
        let [interface, high, low, length, original_len] = block.words(self.order)?;
        let (data, options) = block.payload(20, length)?;
        let interface = self.global(interface, block)?;
        let notes = if options.is_empty() { PacketNotes::default() } else { self.notes(block, options)? };
        Ok(Packet { interface, timestamp: join(high, low), original_len, data, notes })
    }

    /// The obsolete packet block: like an enhanced one with 16 bits each for interface and drops.
    fn old<'a>(&self, block: &Block<'a>) -> Result<Packet<'a>, StreamError> {
        let [_, high, low, length, original_len] = block.words(self.order)?;
        let [interface, drops] = self.order.halves(block.body).unwrap_or_default();
        let (data, options) = block.payload(20, length)?;
        let interface = self.global(u32::from(interface), block)?;
        let drop_count = if drops == UNKNOWN_DROPS { 0 } else { u64::from(drops) };
        let notes = PacketNotes { drop_count, ..self.notes(block, options)? };
        Ok(Packet { interface, timestamp: join(high, low), original_len, data, notes })
    }

    /// A simple packet block: of the first interface, without time, cut at its snaplen.
    fn simple<'a>(&self, block: &Block<'a>) -> Result<Packet<'a>, StreamError> {
        let interface = self.global(0, block)?;
        let [original_len] = block.words(self.order)?;
        let snaplen = if self.snaplen == 0 { u32::MAX } else { self.snaplen };
        let (data, _) = block.payload(4, original_len.min(snaplen))?;
        Ok(Packet { interface, timestamp: 0, original_len, data, notes: PacketNotes::default() })
    }

    fn notes<'a>(&self, block: &Block<'a>, options: &'a [u8]) -> Result<PacketNotes<'a>, StreamError> {
        let mut notes = PacketNotes::default();
        for next in block.options(self.order, options) {
            match next? {
                (option::COMMENT, text) => notes.comment = notes.comment.or(str::from_utf8(text).ok()),
                (option::EPB_FLAGS, value) => notes.flags = self.u32(value).unwrap_or_default(),
                (option::EPB_DROPCOUNT, value) => notes.drop_count = self.u64(value).unwrap_or_default(),
                _ => (),
            }
        }
        Ok(notes)
    }

    fn version(&self, block: &Block<'_>) -> Result<(), StreamError> {
        // Magic, version, and the section's length in two words.
        let [_, _, _, _] = block.words(self.order)?;
        let [_, _, major, minor] = self.order.halves(block.body).unwrap_or_default();
        if major == 1 { Ok(()) } else { Err(StreamError::Version { offset: block.offset, major, minor }) }
    }

    fn interface(
        &mut self,
        block: &Block<'_>,
        limits: Limits,
        sink: &mut impl Sink,
    ) -> Result<(), StreamError> {
        let index = self.first + self.known;
        if index >= limits.interfaces {
            return Err(StreamError::TooManyInterfaces { offset: block.offset, limit: limits.interfaces });
        }
        self.described = self.described.saturating_add(u32::try_from(block.body.len()).unwrap_or(u32::MAX));
        if self.described > limits.descriptions {
            let limit = limits.descriptions;
            return Err(StreamError::DescriptionsTooLong { offset: block.offset, limit });
        }
        let info = self.description(block)?;
        if self.known == 0 {
            self.snaplen = info.snaplen;
        }
        self.known += 1;
        sink.interface(index, &info);
        Ok(())
    }

    fn description(&self, block: &Block<'_>) -> Result<InterfaceInfo, StreamError> {
        let [_, snaplen] = block.words(self.order)?;
        let [linktype, _] = self.order.halves(block.body).unwrap_or_default();
        let mut info = InterfaceInfo { linktype, snaplen, ..InterfaceInfo::default() };
        for next in block.options(self.order, &block.body[8..]) {
            match next? {
                (option::IF_NAME, value) => info.name = Some(text(value)),
                (option::IF_DESCRIPTION, value) => info.description = Some(text(value)),
                (option::IF_OS, value) => info.os = Some(text(value)),
                // 0: in pcap's language; other kinds are byte code.
                (option::IF_FILTER, [0, value @ ..]) => info.filter = Some(text(value)),
                (option::IF_TSOFFSET, value) => {
                    info.offset = self.u64(value).unwrap_or_default().cast_signed();
                }
                (option::IF_TSRESOL, &[unit, ..]) => {
                    info.resolution = Resolution::from_option(unit)
                        .ok_or_else(|| block.bad("a unit of time too small to count in"))?;
                }
                _ => (),
            }
        }
        Ok(info)
    }

    fn statistics(&self, block: &Block<'_>) -> Result<InterfaceStatistics, StreamError> {
        let [interface, high, low] = block.words(self.order)?;
        let interface = self.global(interface, block)?;
        let timestamp = join(high, low);
        let mut counts = InterfaceStatistics { interface, timestamp, ..InterfaceStatistics::default() };
        for next in block.options(self.order, &block.body[12..]) {
            let (code, value) = next?;
            let (count, time) = (self.u64(value), self.order.words(value).map(|[high, low]| join(high, low)));
            match code {
                option::ISB_START => counts.start = time,
                option::ISB_END => counts.end = time,
                option::ISB_RECEIVED => counts.received = count,
                option::ISB_INTERFACE_DROPPED => counts.interface_dropped = count,
                option::ISB_FILTER_ACCEPTED => counts.filter_accepted = count,
                option::ISB_OS_DROPPED => counts.os_dropped = count,
                option::ISB_DELIVERED => counts.delivered = count,
                _ => (),
            }
        }
        Ok(counts)
    }

    /// The number in the stream of an interface of this section.
    #[inline]
    fn global(&self, interface: u32, block: &Block<'_>) -> Result<u32, StreamError> {
        if interface < self.known {
            return Ok(self.first + interface);
        }
        Err(StreamError::UnknownInterface { offset: block.offset, interface, known: self.known })
    }

    fn u32(&self, value: &[u8]) -> Option<u32> {
        value.first_chunk().map(|&value| self.order.u32(value))
    }

    fn u64(&self, value: &[u8]) -> Option<u64> {
        value.first_chunk().map(|&value| self.order.u64(value))
    }
}

/// A text option; some writers end it with a zero, as the standard does not want.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_end_matches('\0').to_owned()
}

#[cfg(test)]
mod tests;
