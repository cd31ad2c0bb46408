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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::{Item, Kept, PCAP, Record, pcap, read, read_in};

    /// `tcpdump -w -` on a little-endian machine: SLL2, one packet cut at its first four bytes.
    const SLL2: &[u8] = &[
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0x14, 1, 0, 0, // header
        0, 0x10, 0x5e, 0x65, 0x40, 0xe2, 1, 0, 4, 0, 0, 0, 0x3c, 0, 0, 0, 8, 0, 0, 0, // record
    ];

    #[test]
    fn reads_what_tcpdump_writes() {
        let (items, end) = read(SLL2);
        let interface = InterfaceInfo { linktype: 276, snaplen: 262_144, ..InterfaceInfo::default() };
        let record = Record {
            timestamp: 1_700_663_296_123_456,
            original_len: 60,
            data: vec![8, 0, 0, 0],
            ..Record::default()
        };
        assert_eq!(items, [Item::Interface(0, interface), Item::Packet(record)]);
        assert_eq!(end, Ok(()));
    }

    #[test]
    fn a_fraction_over_a_second_is_kept() {
        let mut stream = SLL2.to_vec();
        stream[28..32].copy_from_slice(&2_000_001_u32.to_le_bytes());
        let Some(Item::Packet(record)) = read(&stream).0.pop() else { panic!("no packet") };
        assert_eq!(record.timestamp, 1_700_663_298_000_001);
    }

    #[test]
    fn the_magic_is_looked_at_as_soon_as_it_is_there() {
        for (bytes, end) in [
            (&b""[..], StreamError::Empty),
            (b"tcp", StreamError::Truncated { offset: 0, have: 3, need: 24 }),
            (b"tcpd", StreamError::NotCapture { found: *b"tcpd" }),
            (&SLL2[..4], StreamError::Truncated { offset: 0, have: 4, need: 24 }),
            (&SLL2[..30], StreamError::Truncated { offset: 24, have: 6, need: 16 }),
            (&SLL2[..41], StreamError::Truncated { offset: 24, have: 17, need: 20 }),
        ] {
            assert_eq!(read(bytes).1, Err(end.clone()));
            assert_eq!(read_in(bytes, &[1], 0).1, Err(end));
        }
        assert_eq!(read(&SLL2[..24]).1, Ok(()));
    }

    #[test]
    fn old_versions_are_refused() {
        for (version, expected) in [((2, 4), None), ((543, 0), None), ((2, 3), Some(())), ((1, 4), Some(()))]
        {
            let (major, minor): (u16, u16) = version;
            let mut stream = SLL2.to_vec();
            stream[4..6].copy_from_slice(&major.to_le_bytes());
            stream[6..8].copy_from_slice(&minor.to_le_bytes());
            let expected = expected.map(|()| StreamError::Version { offset: 0, major, minor });
            assert_eq!(read(&stream).1.err(), expected);
        }
    }

    #[test]
    fn a_record_longer_than_any_packet_is_refused_where_it_starts() {
        for (length, snaplen, limit) in [
            (262_145, 65_535_u32, Some(262_144)),
            (262_144, 65_535, None),
            (262_145, 300_000, None),
            (300_001, 300_000, Some(300_000)),
            (0x0010_0001, u32::MAX, Some(0x0010_0000)),
            (u32::MAX, 0, Some(262_144)),
        ] {
            let mut header = *SLL2.first_chunk::<HEADER>().unwrap();
            header[16..20].copy_from_slice(&snaplen.to_le_bytes());
            let form = Form::of(*SLL2.first_chunk().unwrap()).unwrap();
            let (stream, _) = form.open(&header, Limits::default()).unwrap();
            let mut record = SLL2[24..].to_vec();
            record.extend_from_slice(&SLL2[24..40]);
            record[28..32].copy_from_slice(&length.to_le_bytes());
            let refused = stream.feed(&record, 24, &mut Kept::default());
            let expected = limit.map(|limit| StreamError::RecordTooLong { offset: 44, length, limit });
            assert_eq!(refused.err(), expected, "{length} of {snaplen}");
        }
    }

    #[test]
    fn every_magic_has_its_unit_and_order() {
        for order in [Order::Little, Order::Big] {
            for form in PCAP {
                let stream = pcap(order, form, 0, &[]);
                let found = Form::of(*stream.first_chunk().unwrap()).unwrap();
                assert_eq!((found.order, found.resolution.per_second()), (order, form.1));
                assert_eq!(found.record, RECORD + form.2);
            }
        }
    }
}
