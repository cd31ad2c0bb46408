//! A pcap stream (draft-ietf-opsawg-pcap): one header, then records.

use super::error::StreamError;
use super::info::{InterfaceInfo, Packet, PacketNotes, Resolution};
use super::order::Order;
use super::reader::{Limits, Sink, Step};

/// Bytes of the file header.
pub(super) const HEADER: usize = 24;
/// Bytes before a record's data.
const RECORD: usize = 16;
/// The same in Kuznetzov's variant, which adds interface index, protocol and packet type.
const KUZNETZOV_RECORD: usize = RECORD + 8;
/// Records of this many bytes are taken whatever snaplen the header names: libpcap's largest snaplen.
const USUAL: u32 = 262_144;
/// pcap writes `major.minor` 2.4 since 1998; `OpenBSD`-derived tools once wrote 543.0 (libpcap takes both).
const VERSIONS: [(u16, u16); 2] = [(2, 4), (543, 0)];

/// A stream whose header was read.
#[derive(Debug)]
pub(super) struct Stream {
    form: Form,
    /// Units of time in a second.
    per_second: u64,
    /// Most bytes a record can claim.
    limit: u32,
}

/// What the magic number says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    order: Order,
    resolution: Resolution,
    /// Bytes before a record's data.
    record: usize,
}

impl Form {
    /// What the first four bytes of a stream say, if they are pcap's.
    pub(super) fn of(magic: [u8; 4]) -> Option<Self> {
        [Order::Little, Order::Big].into_iter().find_map(|order| {
            let (resolution, record) = match order.u32(magic) {
                0xa1b2_c3d4 => (Resolution::MICRO, RECORD),
                0xa1b2_3c4d => (Resolution::NANO, RECORD),
                0xa1b2_cd34 => (Resolution::MICRO, KUZNETZOV_RECORD),
                _ => return None,
            };
            Some(Self { order, resolution, record })
        })
    }

    /// Reads the whole header: the stream, and the one interface it has.
    pub(super) fn open(
        self,
        header: &[u8; HEADER],
        limits: Limits,
    ) -> Result<(Stream, InterfaceInfo), StreamError> {
        let Self { order, resolution, .. } = self;
        let [.., v0, v1, v2, v3, _, _, _, _, _, _, _, _, s0, s1, s2, s3, n0, n1, n2, n3] = *header;
        let (major, minor) = (order.u16([v0, v1]), order.u16([v2, v3]));
        if !VERSIONS.contains(&(major, minor)) {
            return Err(StreamError::Version { offset: 0, major, minor });
        }
        let snaplen = order.u32([s0, s1, s2, s3]);
        // The upper half says whether packets end with their FCS, and how long that is.
        let [.., l0, l1] = order.u32([n0, n1, n2, n3]).to_be_bytes();
        let linktype = u16::from_be_bytes([l0, l1]);
        let limit = snaplen.max(USUAL).min(limits.record);
        let stream = Stream { form: self, per_second: resolution.per_second(), limit };
        Ok((stream, InterfaceInfo { linktype, snaplen, resolution, ..InterfaceInfo::default() }))
    }
}

impl Stream {
    /// Hands every whole record of `input` to the sink; `base` is where `input` starts in the stream.
    pub(super) fn feed(&self, input: &[u8], base: u64, sink: &mut impl Sink) -> Result<Step, StreamError> {
        let Form { order, record, .. } = self.form;
        let mut at = 0;
        loop {
            let rest = &input[at..];
            let Some([seconds, fraction, length, original_len]) = order.words(rest) else {
                return Ok(Step::waiting(at, record as u64));
            };
            if length > self.limit {
                let offset = base + at as u64;
                return Err(StreamError::RecordTooLong { offset, length, limit: self.limit });
            }
            let end = record + length as usize;
            let Some(data) = rest.get(record..end) else {
                return Ok(Step::waiting(at, end as u64));
            };
            at += end;
            let timestamp = u64::from(seconds) * self.per_second + u64::from(fraction);
            let notes = PacketNotes::default();
            if sink.packet(&Packet { interface: 0, timestamp, original_len, data, notes }).is_break() {
                return Ok(Step::stopped(at));
            }
        }
    }
}
