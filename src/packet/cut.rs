//! Cutting a part out of segments that [`super::writer`] wrote: one file of the section header, all interfaces, and
//! the packets from some point on.
//!
//! Two passes over the same bytes: a [`Survey`] finds out what there is, a [`Cut`] takes what is wanted. Both get a
//! segment's bytes piece by piece and say how many of them were whole blocks.

use std::time::Duration;

use super::{
    block::{self, option},
    info::Resolution,
    order::{Order, join},
    scan::blocks,
};

/// Which packets are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveRange {
    /// All that are there.
    All,
    /// From the first one on that is at most so much older than the newest one.
    LastDuration(Duration),
    /// The last ones, as many as fit into so many bytes of the file, its header not counted.
    LastBytes(u64),
}

#[cfg(target_endian = "little")]
const NATIVE: Order = Order::Little;
#[cfg(target_endian = "big")]
const NATIVE: Order = Order::Big;

/// How an interface counts time.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    resolution: Resolution,
    /// Seconds to add.
    offset: i64,
}

impl Clock {
    /// From the body of an interface description.
    fn of(body: &[u8]) -> Self {
        let mut clock = Self::default();
        for (code, value) in NATIVE.options(body.get(8..).unwrap_or_default()).filter_map(Result::ok) {
            match (code, value) {
                (option::IF_TSRESOL, &[unit, ..]) => {
                    clock.resolution = Resolution::from_option(unit).unwrap_or_default();
                }
                (option::IF_TSOFFSET, value) => {
                    let seconds = value.first_chunk().map(|&value| NATIVE.u64(value));
                    clock.offset = seconds.unwrap_or_default().cast_signed();
                }
                _ => {}
            }
        }
        clock
    }

    /// Nanoseconds since 1970.
    fn nanoseconds(self, units: u64) -> i128 {
        const SECOND: i128 = 1_000_000_000;
        i128::from(units) * SECOND / i128::from(self.resolution.per_second())
            + i128::from(self.offset) * SECOND
    }
}

/// When a packet was captured, in nanoseconds since 1970, as far as its interface is known.
fn time(clocks: &[Clock], body: &[u8]) -> Option<i128> {
    let [interface, high, low] = NATIVE.words(body)?;
    let clock = clocks.get(usize::try_from(interface).ok()?)?;
    Some(clock.nanoseconds(join(high, low)))
}

/// What segments hold.
#[derive(Debug, Default)]
pub struct Survey {
    /// The section header and every interface description once.
    header: Vec<u8>,
    clocks: Vec<Clock>,
    /// Interfaces described in this segment so far; those that an earlier one described come again.
    described: usize,
    packets: u64,
    packet_bytes: u64,
    newest: Option<i128>,
}

impl Survey {
    /// Another segment follows.
    pub fn begin_segment(&mut self) {
        self.described = 0;
    }

    /// Takes a segment's next bytes, which begin with a block; returns how many of them are whole blocks.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        for (kind, length) in blocks(bytes) {
            self.take(kind, &bytes[at..at + length]);
            at += length;
        }
        at
    }

    fn take(&mut self, kind: u32, block: &[u8]) {
        let body = &block[8..block.len() - 4];
        match kind {
            block::SECTION if self.header.is_empty() => self.header.extend_from_slice(block),
            block::INTERFACE => {
                if self.described == self.clocks.len() {
                    self.clocks.push(Clock::of(body));
                    self.header.extend_from_slice(block);
                }
                self.described += 1;
            }
            block::ENHANCED_PACKET => {
                // One of an interface that nobody described cannot be read, and nothing behind it.
                if let Some(time) = time(&self.clocks, body) {
                    self.packets += 1;
                    self.packet_bytes += block.len() as u64;
                    self.newest = self.newest.max(Some(time));
                }
            }
            _ => {}
        }
    }

    /// How many packets there are.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// What every part of it begins with; empty if no segment began with a section header.
    pub fn header(&self) -> &[u8] {
        &self.header
    }
}

/// Where a part begins.
#[derive(Debug, Clone, Copy)]
enum Start {
    /// It has begun.
    Passed,
    /// With the first packet that is not older than this.
    Time(i128),
    /// With the first packet that has so many bytes of packets before it.
    Bytes(u64),
}

/// Takes a part of surveyed segments.
#[derive(Debug)]
pub struct Cut {
    clocks: Vec<Clock>,
    start: Start,
    /// Only the whole has the statistics of the whole.
    is_whole: bool,
    passed: u64,
    packets: u64,
}

impl Cut {
    /// What takes `range` out of what was surveyed.
    pub fn new(survey: &Survey, range: SaveRange) -> Self {
        let start = match (range, survey.newest) {
            (SaveRange::LastDuration(duration), Some(newest)) => {
                Start::Time(newest - i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX))
            }
            (SaveRange::LastBytes(bytes), _) => Start::Bytes(survey.packet_bytes.saturating_sub(bytes)),
            (SaveRange::All | SaveRange::LastDuration(_), _) => Start::Passed,
        };
        Self {
            clocks: survey.clocks.clone(),
            start,
            is_whole: range == SaveRange::All,
            passed: 0,
            packets: 0,
        }
    }

    /// Appends what is wanted of a segment's next bytes, which begin with a block; returns how many of them are whole
    /// blocks.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let mut at = 0;
        for (kind, length) in blocks(bytes) {
            let block = &bytes[at..at + length];
            if self.wants(kind, block) {
                out.extend_from_slice(block);
            }
            at += length;
        }
        at
    }

    fn wants(&mut self, kind: u32, block: &[u8]) -> bool {
        match kind {
            block::ENHANCED_PACKET => {
                let Some(time) = time(&self.clocks, &block[8..]) else { return false };
                let has_begun = match self.start {
                    Start::Passed => true,
                    Start::Time(from) => time >= from,
                    Start::Bytes(before) => self.passed >= before,
                };
                self.passed += block.len() as u64;
                if has_begun {
                    self.start = Start::Passed;
                    self.packets += 1;
                }
                has_begun
            }
            block::STATISTICS => self.is_whole,
            _ => false,
        }
    }

    /// How many packets were taken.
    pub fn packets(&self) -> u64 {
        self.packets
    }
}

#[cfg(test)]
mod tests;
