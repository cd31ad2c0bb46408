use super::*;
use crate::packet::{
    InterfaceInfo, InterfaceStatistics, Packet, PacketNotes, SectionInfo,
    testing::{Item, read},
    writer,
};

fn section() -> Vec<u8> {
    let mut out = Vec::new();
    let section = SectionInfo { application: "wrcap", hardware: None, os: None, comment: None };
    writer::section_header(&mut out, &section);
    out
}

fn interface(resolution: Resolution, offset: i64) -> Vec<u8> {
    let mut out = Vec::new();
    let info = InterfaceInfo { resolution, offset, ..InterfaceInfo::default() };
    writer::interface_description(&mut out, &info);
    out
}

/// A packet whose one byte is its number.
fn packet(interface: u32, timestamp: u64, number: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let notes = PacketNotes::default();
    let packet = Packet { interface, timestamp, original_len: 1, data: &[number], notes };
    assert_eq!(writer::enhanced_packet(&mut out, &packet, &notes), 0);
    out
}

fn statistics(interface: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let counts = InterfaceStatistics { interface, ..InterfaceStatistics::default() };
    writer::interface_statistics(&mut out, &counts);
    out
}

/// Two segments: microseconds from the start, nanoseconds with an offset from the second packet on. One packet a
/// second, number 1 at second 1.
fn segments() -> [Vec<u8>; 2] {
    let (micro, nano) = (interface(Resolution::MICRO, 0), interface(Resolution::NANO, -100));
    let micros = |second: u64| second * 1_000_000;
    let nanos = |second: u64| (second + 100) * 1_000_000_000;
    [
        [section(), micro.clone(), packet(0, micros(1), 1), nano.clone(), packet(1, nanos(2), 2)].concat(),
        [section(), micro, nano, packet(0, micros(3), 3), packet(1, nanos(4), 4), statistics(0)].concat(),
    ]
}

fn cut(segments: &[Vec<u8>], range: SaveRange) -> (Vec<u8>, u64) {
    let mut survey = Survey::default();
    for segment in segments {
        survey.begin_segment();
        survey.feed(segment);
    }
    let (mut out, mut cut) = (survey.header().to_vec(), Cut::new(&survey, range));
    for segment in segments {
        cut.feed(segment, &mut out);
    }
    (out, cut.packets())
}

/// Interfaces, numbers of packets, and statistics of a file.
fn contents(file: &[u8]) -> (usize, Vec<u8>, usize) {
    let (items, result) = read(file);
    result.unwrap();
    let (mut interfaces, mut packets, mut statistics) = (0, Vec::new(), 0);
    for item in items {
        match item {
            Item::Interface(..) => interfaces += 1,
            Item::Packet(record) => packets.push(record.data[0]),
            Item::Statistics(_) => statistics += 1,
        }
    }
    (interfaces, packets, statistics)
}

#[test]
fn ranges_begin_with_a_packet_and_have_all_interfaces() {
    let size = packet(0, 0, 0).len() as u64;
    let last = |millis| SaveRange::LastDuration(Duration::from_millis(millis));
    for (range, packets) in [
        (SaveRange::All, &[1, 2, 3, 4][..]),
        (last(0), &[4]),
        (last(999), &[4]),
        (last(1000), &[3, 4]),
        (last(2500), &[2, 3, 4]),
        (last(3_600_000), &[1, 2, 3, 4]),
        (SaveRange::LastDuration(Duration::MAX), &[1, 2, 3, 4]),
        (SaveRange::LastBytes(0), &[]),
        (SaveRange::LastBytes(size - 1), &[]),
        (SaveRange::LastBytes(size), &[4]),
        (SaveRange::LastBytes(3 * size - 1), &[3, 4]),
        (SaveRange::LastBytes(u64::MAX), &[1, 2, 3, 4]),
    ] {
        let (file, count) = cut(&segments(), range);
        let whole = usize::from(range == SaveRange::All);
        assert_eq!(contents(&file), (2, packets.to_vec(), whole), "{range:?}");
        assert_eq!(count, packets.len() as u64);
    }
}

#[test]
fn a_segment_that_was_evicted_is_not_missed() {
    let [_, second] = segments();
    assert_eq!(contents(&cut(&[second], SaveRange::All).0), (2, vec![3, 4], 1));
}

#[test]
fn wherever_a_crash_cut_the_last_block_what_is_before_it_is_read() {
    let [first, second] = segments();
    let last = second.len() - statistics(0).len() - packet(0, 0, 0).len();
    for end in last..second.len() {
        let expected = if end < last + packet(0, 0, 0).len() { vec![1, 2, 3] } else { vec![1, 2, 3, 4] };
        let (file, _) = cut(&[first.clone(), second[..end].to_vec()], SaveRange::All);
        assert_eq!(contents(&file), (2, expected, 0), "{end}");
    }
    assert_eq!(contents(&cut(&[first, second], SaveRange::All).0).2, 1);
}

#[test]
fn any_cut_is_a_file_that_ends_the_same() {
    let whole = cut(&segments(), SaveRange::All).0;
    for end in 0..whole.len() {
        let (file, packets) = cut(&[whole[..end].to_vec()], SaveRange::All);
        assert!(whole.starts_with(&file), "{end}");
        assert!(file.is_empty() || contents(&file).1.len() as u64 == packets);
    }
}

#[test]
fn bytes_that_are_no_capture_give_nothing() {
    let mut survey = Survey::default();
    assert_eq!(survey.feed(&[0x5a; 4096]), 0);
    assert_eq!((survey.packets(), survey.header()), (0, &[][..]));
    let strange = [section(), interface(Resolution::MICRO, 0), packet(7, 1, 9), packet(0, 1, 1)].concat();
    assert_eq!(contents(&cut(&[strange], SaveRange::All).0).1, [1], "the other one cannot be read");
}
