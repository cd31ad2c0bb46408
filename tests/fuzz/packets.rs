//! pcap and pcapng: read whole, in pieces, and read again after our own writer.

use std::ops::ControlFlow;

use wrcap::packet::{
    InterfaceInfo, InterfaceStatistics, Limits, Packet, PacketNotes, Reader, SectionInfo, Sink, StreamError,
    scan, writer,
};

use crate::{harness::Fuzz, mutate::Rng};

/// What was found, as numbers that differ when anything in it differs, and what a pcapng file of it is.
#[derive(Default)]
struct Seen {
    hash: u64,
    items: usize,
    packets: usize,
    interfaces: u32,
    written: Option<Vec<u8>>,
}

impl Seen {
    /// One that also writes what it sees.
    fn writing() -> Self {
        let mut out = Vec::new();
        let section = SectionInfo { application: "fuzz", hardware: None, os: None, comment: None };
        writer::section_header(&mut out, &section);
        Self { written: Some(out), ..Self::default() }
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.hash = self.hash.rotate_left(7) ^ bytes.len() as u64;
    }
}

impl Sink for Seen {
    fn interface(&mut self, index: u32, interface: &InterfaceInfo) {
        assert_eq!(index, self.interfaces, "interfaces are not numbered in order");
        self.interfaces += 1;
        self.items += 1;
        let InterfaceInfo { linktype, snaplen, resolution, offset, name, description, filter, os } =
            interface;
        assert!(resolution.per_second() > 0);
        self.add(&linktype.to_le_bytes());
        self.add(&snaplen.to_le_bytes());
        self.add(&offset.to_le_bytes());
        for text in [name, description, filter, os] {
            self.add(text.as_deref().unwrap_or("\0none").as_bytes());
        }
        if let Some(out) = &mut self.written {
            writer::interface_description(out, interface);
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        assert!(packet.interface < self.interfaces, "a packet of an interface that did not come");
        self.items += 1;
        self.packets += 1;
        self.add(&packet.timestamp.to_le_bytes());
        self.add(&packet.original_len.to_le_bytes());
        self.add(packet.data);
        let PacketNotes { drop_count, flags, comment } = packet.notes;
        self.add(&drop_count.to_le_bytes());
        self.add(&flags.to_le_bytes());
        self.add(comment.unwrap_or("\0none").as_bytes());
        if let Some(out) = &mut self.written {
            assert_eq!(writer::enhanced_packet(out, packet, &PacketNotes::default()), 0, "cut");
        }
        ControlFlow::Continue(())
    }

    fn statistics(&mut self, statistics: &InterfaceStatistics) {
        assert!(statistics.interface < self.interfaces, "statistics of an interface that did not come");
        self.items += 1;
        self.add(format!("{statistics:?}").as_bytes());
        if let Some(out) = &mut self.written {
            writer::interface_statistics(out, statistics);
        }
    }
}

fn whole(input: &[u8], sink: &mut impl Sink) -> (u64, Result<(), StreamError>) {
    let mut reader = Reader::new(Limits::default());
    let end = reader.feed(input, sink).and_then(|progress| {
        assert!(progress.consumed <= input.len() && progress.wanted_more > 0);
        reader.finish(&input[progress.consumed..])
    });
    (reader.offset(), end)
}

/// As the pump does it: read on behind what is left.
fn pieces(input: &[u8], rng: &mut Rng, sink: &mut impl Sink) -> (u64, Result<(), StreamError>) {
    let mut reader = Reader::new(Limits::default());
    let (mut start, mut end) = (0, 0);
    loop {
        let progress = match reader.feed(&input[start..end], sink) {
            Ok(progress) => progress,
            Err(error) => return (reader.offset(), Err(error)),
        };
        start += progress.consumed;
        assert_eq!(reader.offset(), start as u64);
        if end == input.len() {
            return (reader.offset(), reader.finish(&input[start..]));
        }
        let most = *rng.one_of(&[1, 3, 24, 100, 1000, 1 << 20]);
        end = (end + 1 + rng.below(most)).min(input.len());
    }
}

/// Reads whole, in pieces and written again; all must come to the same.
fn check(input: &[u8], rng: &mut Rng) {
    let (mut at_once, mut in_pieces) = (Seen::writing(), Seen::default());
    let (offset, end) = whole(input, &mut at_once);
    let (offset_in_pieces, end_in_pieces) = pieces(input, rng, &mut in_pieces);
    assert_eq!((at_once.items, at_once.hash), (in_pieces.items, in_pieces.hash), "other items in pieces");
    assert_eq!(end, end_in_pieces, "another end in pieces");
    if end.is_ok() {
        assert_eq!((offset, offset_in_pieces), (input.len() as u64, input.len() as u64));
    }
    if let Err(error) = end {
        crate::shown::assert_short("the error", &error.to_string());
    }
    assert!(at_once.items <= input.len() / 12 + 1, "more items than bytes allow");
    let written = at_once.written.take().unwrap();
    assert_eq!(scan::whole_blocks(&written), written.len(), "the writer's blocks are not whole");
    let mut again = Seen::default();
    assert_eq!(whole(&written, &mut again), (written.len() as u64, Ok(())));
    assert_eq!((at_once.items, at_once.hash), (again.items, again.hash), "the writer changed something");
    assert!(scan::whole_blocks(input) <= input.len() && scan::header_len(input) <= input.len());
}

#[test]
fn pcap() {
    Fuzz::new("pcap", 6000).run(check);
}

#[test]
fn pcapng() {
    Fuzz::new("pcapng", 6000).run(check);
}

#[test]
fn the_corpora_hold_packets() {
    for (name, packets) in [("pcap", 17), ("pcapng", 23)] {
        let mut found = 0;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus");
        for entry in std::fs::read_dir(format!("{folder}/{name}")).unwrap() {
            let mut seen = Seen::default();
            let input = std::fs::read(entry.unwrap().path()).unwrap();
            let (_, end) = whole(&input, &mut seen);
            found += if end.is_ok() { seen.packets } else { 0 };
        }
        assert!(found >= packets, "{found} packets in {name}");
    }
}
