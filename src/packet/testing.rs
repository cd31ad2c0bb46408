//! What the tests of this room share: a sink that keeps, a caller that feeds in pieces, streams by hand.

use std::ops::ControlFlow;

use super::order::Order;
use super::*;

/// One thing a sink got.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Interface(u32, InterfaceInfo),
    Packet(Record),
    Statistics(InterfaceStatistics),
}

/// A packet that owns its bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Record {
    pub(super) interface: u32,
    pub(super) timestamp: u64,
    pub(super) original_len: u32,
    pub(super) data: Vec<u8>,
    pub(super) drop_count: u64,
    pub(super) flags: u32,
    pub(super) comment: Option<String>,
}

impl Record {
    fn of(packet: &Packet<'_>) -> Self {
        Self {
            interface: packet.interface,
            timestamp: packet.timestamp,
            original_len: packet.original_len,
            data: packet.data.to_vec(),
            drop_count: packet.notes.drop_count,
            flags: packet.notes.flags,
            comment: packet.notes.comment.map(str::to_owned),
        }
    }

    pub(super) fn packet(&self) -> Packet<'_> {
        let Self { interface, timestamp, original_len, data, drop_count, flags, comment } = self;
        let notes = PacketNotes { drop_count: *drop_count, flags: *flags, comment: comment.as_deref() };
        Packet { interface: *interface, timestamp: *timestamp, original_len: *original_len, data, notes }
    }
}

/// Keeps what it gets; stops the reader after every `stop_every`th packet (0: never).
#[derive(Default)]
pub(super) struct Kept {
    pub(super) items: Vec<Item>,
    packets: usize,
    stop_every: usize,
}

impl Sink for Kept {
    fn interface(&mut self, index: u32, interface: &InterfaceInfo) {
        self.items.push(Item::Interface(index, interface.clone()));
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        self.items.push(Item::Packet(Record::of(packet)));
        self.packets += 1;
        match self.stop_every {
            0 => ControlFlow::Continue(()),
            every if self.packets.is_multiple_of(every) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn statistics(&mut self, statistics: &InterfaceStatistics) {
        self.items.push(Item::Statistics(*statistics));
    }
}

/// Feeds a stream in pieces of the given sizes, over and over, and checks what `feed` promises.
pub(super) fn read_in(
    stream: &[u8],
    pieces: &[usize],
    stop_every: usize,
) -> (Vec<Item>, Result<(), StreamError>) {
    let limits = Limits { record: 4096, interfaces: 8, descriptions: 8192 };
    let (mut reader, mut sink) = (Reader::new(limits), Kept { stop_every, ..Kept::default() });
    let mut sizes = pieces.iter().cycle();
    let (mut start, mut end) = (0, 0);
    loop {
        let progress = match reader.feed(&stream[start..end], &mut sink) {
            Ok(progress) => progress,
            Err(error) => return (sink.items, Err(error)),
        };
        start += progress.consumed;
        assert!(start <= end && reader.offset() == start as u64);
        if progress.wanted_more == 0 {
            assert!(progress.consumed > 0 && stop_every > 0, "stopped without reason");
            continue;
        }
        assert!(end - start <= limits.record as usize + 24, "keeps more than a record back");
        if end == stream.len() {
            return (sink.items, reader.finish(&stream[start..]));
        }
        end = usize::min(end + sizes.next().copied().unwrap_or(1), stream.len());
    }
}

/// The whole stream at once.
pub(super) fn read(stream: &[u8]) -> (Vec<Item>, Result<(), StreamError>) {
    read_in(stream, &[stream.len().max(1)], 0)
}

/// Bytes of numbers in a given order, for streams made by hand.
pub(super) struct Bytes(pub(super) Order, pub(super) Vec<u8>);

impl Bytes {
    pub(super) fn half(&mut self, value: u16) -> &mut Self {
        let bytes = if self.0 == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    pub(super) fn word(&mut self, value: u32) -> &mut Self {
        let bytes = if self.0 == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    pub(super) fn long(&mut self, value: u64) -> &mut Self {
        let bytes = if self.0 == Order::Big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.1.extend_from_slice(bytes);
        self
    }

    /// Raw bytes, then zeros up to a multiple of 4.
    pub(super) fn padded(&mut self, bytes: &[u8]) -> &mut Self {
        self.raw(bytes).raw(&[0; 3][..bytes.len().wrapping_neg() % 4])
    }

    /// A pcapng block around what `body` appends.
    pub(super) fn block(&mut self, kind: u32, body: impl FnOnce(&mut Self) -> &mut Self) -> &mut Self {
        let mut inner = Self(self.0, Vec::new());
        body(&mut inner);
        let length = u32::try_from(inner.1.len()).unwrap() + 12;
        self.word(kind).word(length).raw(&inner.1).word(length)
    }
}

/// One of pcap's formats: magic, units in a second, bytes between a record's header and its data.
pub(super) const PCAP: [(u32, u64, usize); 3] =
    [(0xa1b2_c3d4, 1_000_000, 0), (0xa1b2_3c4d, 1_000_000_000, 0), (0xa1b2_cd34, 1_000_000, 8)];

/// The same packets as pcap.
pub(super) fn pcap(order: Order, form: (u32, u64, usize), network: u32, records: &[Record]) -> Vec<u8> {
    let (magic, units, extra) = form;
    let mut out = Bytes(order, Vec::new());
    out.word(magic).half(2).half(4).word(0).word(0).word(65_535).word(network);
    for record in records {
        let length = u32::try_from(record.data.len()).unwrap();
        let (seconds, fraction) = (record.timestamp / units, record.timestamp % units);
        out.word(u32::try_from(seconds).unwrap()).word(u32::try_from(fraction).unwrap());
        out.word(length).word(record.original_len).raw(&[0xEE; 8][..extra]).raw(&record.data);
    }
    out.1
}

pub(super) fn write(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    let section =
        SectionInfo { application: "wrcap 0", hardware: None, os: Some("Linux"), comment: Some("é") };
    writer::section_header(&mut out, &section);
    for item in items {
        match item {
            Item::Interface(_, interface) => writer::interface_description(&mut out, interface),
            Item::Statistics(counts) => writer::interface_statistics(&mut out, counts),
            Item::Packet(record) => {
                let cut = writer::enhanced_packet(&mut out, &record.packet(), &PacketNotes::default());
                assert_eq!(cut, 0);
            }
        }
    }
    out
}
