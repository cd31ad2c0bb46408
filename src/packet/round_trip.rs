//! What goes through reader and writer together comes out as it went in, in pieces of any size.

use std::ops::ControlFlow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

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
    let limits = Limits { record: 4096, interfaces: 8 };
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
    pub(super) fn block(&mut self, kind: u32, body: impl FnOnce(&mut Self)) -> &mut Self {
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

fn plain_record() -> impl Strategy<Value = Record> {
    let second = 1_000_000_000_u64;
    (0..u64::from(u32::MAX), any::<u32>(), vec(any::<u8>(), 0..100)).prop_map(
        move |(timestamp, original_len, data)| Record {
            timestamp: timestamp * second / 1024,
            original_len,
            data,
            ..Record::default()
        },
    )
}

fn record(interfaces: u32) -> impl Strategy<Value = Record> {
    let notes = (any::<u64>(), any::<u32>(), option::of("\\PC{0,20}"));
    (0..interfaces, any::<u64>(), any::<u32>(), vec(any::<u8>(), 0..100), option::of(notes)).prop_map(
        |(interface, timestamp, original_len, data, notes)| {
            let (drop_count, flags, comment) = notes.unwrap_or_default();
            Record { interface, timestamp, original_len, data, drop_count, flags, comment }
        },
    )
}

fn interface() -> impl Strategy<Value = InterfaceInfo> {
    let texts = [(); 4].map(|()| option::of("[a-zA-Z0-9:é ]{0,12}"));
    let unit = any::<u8>().prop_filter_map("unit", Resolution::from_option);
    (any::<u16>(), any::<u32>(), unit, any::<i64>(), texts).prop_map(
        |(linktype, snaplen, resolution, offset, [name, description, filter, os])| InterfaceInfo {
            linktype,
            snaplen,
            resolution,
            offset,
            name,
            description,
            filter,
            os,
        },
    )
}

fn statistics() -> impl Strategy<Value = InterfaceStatistics> {
    (any::<u64>(), [(); 7].map(|()| option::of(any::<u64>()))).prop_map(|(timestamp, counts)| {
        let [start, end, received, interface_dropped, filter_accepted, os_dropped, delivered] = counts;
        InterfaceStatistics {
            interface: 0,
            timestamp,
            start,
            end,
            received,
            interface_dropped,
            filter_accepted,
            os_dropped,
            delivered,
        }
    })
}

/// A stream of one section, as the engine writes it: interfaces, packets, statistics.
fn items() -> impl Strategy<Value = Vec<Item>> {
    (vec(interface(), 1..4), vec(record(1), 0..20), statistics()).prop_map(|(interfaces, records, counts)| {
        let several = u32::try_from(interfaces.len()).unwrap();
        let interfaces = (0..).zip(interfaces).map(|(index, interface)| Item::Interface(index, interface));
        let spread = |(index, record): (u32, Record)| Record { interface: index % several, ..record };
        let records = (0..).zip(records).map(spread).map(Item::Packet);
        interfaces.chain(records).chain([Item::Statistics(counts)]).collect()
    })
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

/// Some valid stream of either format.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        items().prop_map(|items| write(&items)),
        (0..3_usize, vec(plain_record(), 0..10)).prop_map(|(form, records)| pcap(
            Order::Big,
            PCAP[form],
            1,
            &records
        )),
    ]
}

proptest! {
    #[test]
    fn pcap_comes_out_as_it_went_in(
        records in vec(plain_record(), 0..20),
        big: bool,
        form in 0..PCAP.len(),
        linktype: u16,
        pieces in vec(1..200_usize, 1..10),
        stop_every in 0..4_usize,
    ) {
        let order = if big { Order::Big } else { Order::Little };
        let stream = pcap(order, PCAP[form], 0xF400_0000 | u32::from(linktype), &records);
        let (items, end) = read_in(&stream, &pieces, stop_every);
        prop_assert_eq!(end, Ok(()));
        let resolution = if form == 1 { Resolution::NANO } else { Resolution::MICRO };
        let interface = InterfaceInfo { linktype, snaplen: 65_535, resolution, ..InterfaceInfo::default() };
        let packets = records.into_iter().map(Item::Packet);
        prop_assert_eq!(items, [Item::Interface(0, interface)].into_iter().chain(packets).collect::<Vec<_>>());
    }

    #[test]
    fn pcapng_comes_out_as_it_went_in(
        items in items(),
        pieces in vec(1..200_usize, 1..10),
        stop_every in 0..4_usize,
    ) {
        let (read, end) = read_in(&write(&items), &pieces, stop_every);
        prop_assert_eq!(end, Ok(()));
        prop_assert_eq!(read, items);
    }

    #[test]
    fn notes_of_source_and_session_are_both_kept(own in record(1), more in record(1)) {
        let mut stream = write(&[Item::Interface(0, InterfaceInfo::default())]);
        let cut = writer::enhanced_packet(&mut stream, &own.packet(), &more.packet().notes);
        prop_assert_eq!(cut, 0);
        let expected = Record {
            drop_count: own.drop_count.saturating_add(more.drop_count),
            flags: own.flags | more.flags,
            comment: own.comment.clone().or(more.comment.clone()),
            ..own
        };
        prop_assert_eq!(read(&stream).0.pop(), Some(Item::Packet(expected)));
        for comment in more.comment.filter(|comment| !comment.is_empty()) {
            prop_assert!(stream.windows(comment.len()).any(|window| window == comment.as_bytes()));
        }
    }

    #[test]
    fn every_cut_is_noticed(stream in stream(), part in 0.0..1.0_f64, pieces in vec(1..200_usize, 1..10)) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in the stream")]
        let cut = (stream.len() as f64 * part) as usize;
        let whole = read(&stream).0;
        let (items, end) = read_in(&stream[..cut], &pieces, 0);
        prop_assert!(whole.starts_with(&items));
        match end {
            Ok(()) => (),
            Err(StreamError::Empty) => prop_assert_eq!(cut, 0),
            Err(StreamError::Truncated { offset, have, need }) => {
                prop_assert!(have < need);
                prop_assert_eq!(offset + have, cut as u64);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn broken_streams_end_in_an_answer(
        mut stream in stream(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        pieces in vec(1..200_usize, 1..10),
        stop_every in 0..4_usize,
    ) {
        for (place, byte) in changes {
            let place = place.index(stream.len());
            stream[place] = byte;
        }
        let (items, end) = read_in(&stream, &pieces, stop_every);
        prop_assert_eq!((items, end), read(&stream), "depends on the pieces");
        let whole = scan::whole_blocks(&stream);
        prop_assert!(scan::header_len(&stream) <= whole && whole <= stream.len());
    }

    #[test]
    fn noise_ends_in_an_answer(noise in vec(any::<u8>(), 0..300), pieces in vec(1..50_usize, 1..10)) {
        let mut stream = write(&[Item::Interface(0, InterfaceInfo::default())]);
        stream.extend_from_slice(&noise);
        prop_assert_eq!(read_in(&stream, &pieces, 0), read(&stream));
        prop_assert_eq!(read_in(&noise, &pieces, 0), read(&noise));
    }

    #[test]
    fn a_scan_finds_the_last_whole_block(items in items(), cut in any::<prop::sample::Index>()) {
        let stream = write(&items);
        prop_assert_eq!(scan::whole_blocks(&stream), stream.len());
        let interfaces = items.iter().take_while(|item| matches!(item, Item::Interface(..))).count();
        let header = write(&items[..interfaces]).len();
        prop_assert_eq!(scan::header_len(&stream), header);
        let cut = cut.index(stream.len());
        let ends = (0..=items.len()).map(|count| write(&items[..count]).len());
        let expected = ends.take_while(|&end| end <= cut).last().unwrap_or(0);
        prop_assert_eq!(scan::whole_blocks(&stream[..cut]), expected);
        prop_assert_eq!(scan::header_len(&stream[..cut]), expected.min(header));
        let mut zeros = stream[..cut].to_vec();
        zeros.resize(cut + 64, 0);
        prop_assert_eq!(scan::header_len(&zeros[expected..]), 0);
    }
}
