//! The pcapng writer with everything that its types let it be given.

use wrcap::packet::{
    InterfaceInfo, InterfaceStatistics, Limits, Packet, PacketNotes, Reader, Resolution, SectionInfo, Sink,
    scan, writer,
};

use crate::{harness::Fuzz, mutate::Rng};

#[derive(Default)]
struct Counted {
    interfaces: u32,
    packets: Vec<(u64, u32, usize)>,
    statistics: usize,
}

impl Sink for Counted {
    fn interface(&mut self, _: u32, _: &InterfaceInfo) {
        self.interfaces += 1;
    }

    fn packet(&mut self, packet: &Packet<'_>) -> std::ops::ControlFlow<()> {
        self.packets.push((packet.timestamp, packet.original_len, packet.data.len()));
        std::ops::ControlFlow::Continue(())
    }

    fn statistics(&mut self, _: &InterfaceStatistics) {
        self.statistics += 1;
    }
}

/// A text of the input, up to far beyond what an option holds.
fn text(input: &[u8], rng: &mut Rng) -> Option<String> {
    let from = rng.below(input.len());
    let piece = String::from_utf8_lossy(&input[from..(from + 400).min(input.len())]).into_owned();
    match rng.below(4) {
        0 => None,
        1 => Some(String::new()),
        2 => Some(piece),
        _ => Some(piece.repeat(rng.below(300))),
    }
}

fn interface(input: &[u8], rng: &mut Rng) -> InterfaceInfo {
    InterfaceInfo {
        linktype: u16::try_from(rng.next() & 0xffff).unwrap(),
        snaplen: u32::try_from(rng.next() >> 32).unwrap(),
        resolution: Resolution::from_option(rng.next().to_le_bytes()[0]).unwrap_or_default(),
        offset: rng.next().cast_signed(),
        name: text(input, rng),
        description: text(input, rng),
        filter: text(input, rng),
        os: text(input, rng),
    }
}

/// Writes a stream of what the input and the numbers say, and reads it back.
fn check(input: &[u8], rng: &mut Rng) {
    let mut out = Vec::new();
    let texts = [text(input, rng), text(input, rng), text(input, rng)];
    let [application, os, comment] = texts.each_ref().map(Option::as_deref);
    let application = application.unwrap_or_default();
    writer::section_header(&mut out, &SectionInfo { application, hardware: os, os, comment });
    writer::interface_description(&mut out, &interface(input, rng));
    let mut packets = Vec::new();
    for _ in 0..rng.below(4) {
        let from = rng.below(input.len());
        let data = input[from..].repeat(rng.below(20));
        let own = text(input, rng);
        let own = PacketNotes { drop_count: rng.next(), flags: 1, comment: own.as_deref() };
        let more = PacketNotes { drop_count: rng.next(), flags: 2, comment };
        let (timestamp, original_len) = (rng.next(), u32::try_from(rng.next() >> 32).unwrap());
        let packet = Packet { interface: 0, timestamp, original_len, data: &data, notes: own };
        let before = out.len();
        let cut = writer::enhanced_packet(&mut out, &packet, &more);
        assert!(out.len() - before <= writer::MAX_BLOCK);
        packets.push((timestamp, original_len, data.len() - cut));
    }
    let counts =
        InterfaceStatistics { received: Some(rng.next()), start: Some(1), ..InterfaceStatistics::default() };
    writer::interface_statistics(&mut out, &counts);
    assert_eq!(scan::whole_blocks(&out), out.len());
    let mut found = Counted::default();
    let mut reader = Reader::new(Limits::default());
    let progress = reader.feed(&out, &mut found).unwrap();
    assert_eq!((progress.consumed, reader.finish(&[])), (out.len(), Ok(())));
    assert_eq!((found.interfaces, found.statistics, found.packets), (1, 1, packets));
}

#[test]
fn whatever_is_written_can_be_read() {
    // Texts and packets are made longer than the input, up to what a block holds.
    Fuzz::new("lines", 1500).memory(24 << 20, 400).run(check);
}
