use std::{fs, io::Write as _, sync::Arc};

use super::*;
use crate::{
    engine::spool::Place,
    packet::{InterfaceInfo, InterfaceStatistics, Packet, Sink, StreamError},
    remote::minder::Tag,
    session::Limit,
};

/// What the pump wrote, read again.
#[derive(Default)]
struct Written {
    interfaces: Vec<InterfaceInfo>,
    packets: Vec<(u64, Vec<u8>, u32, u64)>,
    comments: Vec<Option<String>>,
    numbers: Vec<u32>,
}

impl Sink for Written {
    fn interface(&mut self, _: u32, interface: &InterfaceInfo) {
        self.interfaces.push(interface.clone());
    }

    fn packet(&mut self, packet: &Packet<'_>) -> std::ops::ControlFlow<()> {
        let drops = packet.notes.drop_count;
        self.comments.push(packet.notes.comment.map(str::to_owned));
        self.numbers.push(packet.interface);
        self.packets.push((packet.timestamp, packet.data.to_vec(), packet.original_len, drops));
        std::ops::ControlFlow::Continue(())
    }

    fn statistics(&mut self, _: &InterfaceStatistics) {}
}

/// A little-endian pcap stream of packets whose bytes are their number.
fn pcap(packets: u8) -> Vec<u8> {
    let mut bytes = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    for number in 0..packets {
        bytes.extend([1, 0, 0, 0, number, 0, 0, 0, 3, 0, 0, 0, 60, 0, 0, 0]);
        bytes.extend([number; 3]);
    }
    bytes
}

struct Bench {
    folder: tempfile::TempDir,
    counters: Arc<Counters>,
    drops: Arc<PendingDrops>,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), counters: Arc::default(), drops: Arc::default() }
    }

    /// Sends `pieces` one by one through a pump; gives its events and what is in the file then.
    fn run(&self, pieces: &[&[u8]], packets: Option<u64>) -> (Vec<PumpEvent>, Written) {
        let events = self.pump(self.writer(), settings(packets), pieces);
        (events, self.written())
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("out.pcapng")
    }

    fn writer(&self) -> SpoolWriter {
        let mut header = Vec::new();
        let section =
            crate::packet::SectionInfo { application: "test", hardware: None, os: None, comment: None };
        crate::packet::writer::section_header(&mut header, &section);
        SpoolWriter::create(Place::File(self.path()), header, Arc::clone(&self.counters)).unwrap()
    }

    fn pump(&self, writer: SpoolWriter, settings: Settings, pieces: &[&[u8]]) -> Vec<PumpEvent> {
        let (reader, mut pipe) = std::io::pipe().unwrap();
        let marker = MarkerFinder::new(&Tag::new("abc").unwrap());
        let (counters, drops) = (Arc::clone(&self.counters), Arc::clone(&self.drops));
        let mut events = start(reader.into(), marker, settings, writer, counters, drops).unwrap();
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let feeder =
            std::thread::spawn(move || pieces.iter().for_each(|piece| pipe.write_all(piece).unwrap()));
        let all = std::iter::from_fn(|| events.blocking_recv()).collect();
        feeder.join().unwrap();
        all
    }

    fn written(&self) -> Written {
        // A stream without an interface leaves no file.
        let bytes = fs::read(self.path()).unwrap_or_default();
        let mut written = Written::default();
        Reader::new(Limits::default()).feed(&bytes, &mut written).unwrap();
        written
    }
}

fn settings(packets: Option<u64>) -> Settings {
    Settings {
        labels: Labels {
            target: "web-1".into(),
            interface: Some("eth0".into()),
            road: "ec2-user@10.0.1.11".into(),
            filter: Some("tcp".into()),
            os: None,
        },
        packets,
        bytes: None,
        interfaces: Vec::new(),
        gap: None,
        trigger: None,
    }
}

fn end(events: &[PumpEvent]) -> &Result<(), PumpError> {
    match events.last() {
        Some(PumpEvent::Ended(end)) => &end.result,
        other => panic!("no end: {other:?}"),
    }
}

#[test]
fn a_stream_behind_a_banner_is_written_as_it_came() {
    let bench = Bench::new();
    let stream = pcap(5);
    let mut pieces: Vec<&[u8]> = vec![b"Welcome!\nwrcap-str", b"eam abc\n"];
    pieces.extend(stream.chunks(7));
    let (events, written) = bench.run(&pieces, None);
    assert!(matches!(events[0], PumpEvent::Header));
    end(&events).as_ref().unwrap();
    let expected: Vec<_> = (0..5).map(|n| (1_000_000 + u64::from(n), vec![n; 3], 60, 0)).collect();
    assert_eq!(written.packets, expected);
    let interface = &written.interfaces[0];
    assert_eq!(interface.name.as_deref(), Some("web-1:eth0"));
    assert_eq!(interface.description.as_deref(), Some("web-1:eth0 (ec2-user@10.0.1.11)"));
    assert_eq!(interface.filter.as_deref(), Some("tcp"));
    let sample = bench.counters.sample();
    assert_eq!((sample.packets, sample.captured_bytes, sample.wire_bytes, sample.truncated), (5, 15, 300, 5));
}

#[test]
fn a_limit_cuts_after_its_packet_and_drains_the_rest() {
    let bench = Bench::new();
    let (events, written) = bench.run(&[b"wrcap-stream abc\n", &pcap(100)], Some(7));
    assert!(events.iter().any(|event| matches!(event, PumpEvent::Limit(Limit::Packets))));
    end(&events).as_ref().unwrap();
    assert_eq!(written.packets.len(), 7);
    assert_eq!(bench.counters.sample().packets, 7);
}

#[test]
fn drops_are_noted_on_the_next_packet() {
    let bench = Bench::new();
    bench.drops.add(40);
    bench.drops.add(2);
    let (_, written) = bench.run(&[b"wrcap-stream abc\n", &pcap(2)], None);
    assert_eq!(written.packets.iter().map(|packet| packet.3).collect::<Vec<_>>(), [42, 0]);
}

#[test]
fn what_is_no_capture_is_an_error_and_is_read_to_its_end() {
    let garbage = vec![b'x'; 3 << 20];
    let cases: [&[&[u8]]; 4] =
        [&[b"no marker"], &[&garbage], &[b"wrcap-stream abc\n", &garbage], &[b"wrcap-stream abc\n"]];
    for pieces in cases {
        let (events, written) = Bench::new().run(pieces, None);
        assert!(end(&events).is_err());
        assert!(written.packets.is_empty());
    }
}

#[test]
fn a_stream_that_breaks_off_keeps_what_came_whole() {
    let stream = pcap(3);
    let (events, written) = Bench::new().run(&[b"wrcap-stream abc\n", &stream[..stream.len() - 1]], None);
    assert!(matches!(end(&events), Err(PumpError::Stream(StreamError::Truncated { .. }))));
    assert_eq!(written.packets.len(), 2);
}

#[test]
fn a_run_after_a_gap_goes_on_with_the_same_interface_and_notes_the_gap_once() {
    let bench = Bench::new();
    let mut events = bench.pump(bench.writer(), settings(Some(5)), &[b"wrcap-stream abc\n", &pcap(3)]);
    let Some(PumpEvent::Ended(first)) = events.pop() else { panic!("no end") };
    let since = Instant::now().checked_sub(std::time::Duration::from_millis(2500)).unwrap();
    let gap = Some(GapNote::new(since, "web-1 rebooted".into()));
    let again = Settings { interfaces: first.interfaces, gap, ..settings(Some(5)) };
    let events = bench.pump(first.writer, again, &[b"wrcap-stream abc\n", &pcap(3)]);
    assert!(matches!(events[0], PumpEvent::Header));
    assert!(events.iter().any(|event| matches!(event, PumpEvent::Limit(Limit::Packets))), "3 and 2 are 5");
    let written = bench.written();
    assert_eq!((written.interfaces.len(), written.numbers), (1, vec![0; 5]));
    let comment = written.comments[3].as_deref().unwrap();
    let length = comment.strip_prefix("wrcap: gap of ").unwrap().split(' ').next().unwrap();
    assert!((2.5..60.0).contains(&length.parse::<f64>().unwrap()), "{comment}");
    assert!(comment.ends_with("packets in it unknown: web-1 rebooted"), "{comment}");
    assert_eq!(written.comments.iter().flatten().count(), 1);
}

#[test]
fn another_link_type_after_a_gap_is_another_interface() {
    let bench = Bench::new();
    let mut events = bench.pump(bench.writer(), settings(None), &[b"wrcap-stream abc\n", &pcap(1)]);
    let Some(PumpEvent::Ended(first)) = events.pop() else { panic!("no end") };
    let mut other = pcap(1);
    other[20] = 113;
    let again = Settings { interfaces: first.interfaces, ..settings(None) };
    bench.pump(first.writer, again, &[b"wrcap-stream abc\n", &other]);
    let written = bench.written();
    assert_eq!(written.numbers, [0, 1]);
    assert_eq!(written.interfaces.iter().map(|i| i.linktype).collect::<Vec<_>>(), [1, 113]);
}

#[test]
fn a_stream_that_goes_on_after_it_broke_is_told_before_it_ends() {
    let bench = Bench::new();
    let (reader, mut pipe) = std::io::pipe().unwrap();
    let marker = MarkerFinder::new(&Tag::new("abc").unwrap());
    let (counters, drops) = (Arc::clone(&bench.counters), Arc::clone(&bench.drops));
    let mut events = start(reader.into(), marker, settings(None), bench.writer(), counters, drops).unwrap();
    pipe.write_all(b"wrcap-stream abc\n").unwrap();
    pipe.write_all(&pcap(2)).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let feeder = std::thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            pipe.write_all(&[0xff; 4096]).unwrap();
        }
    });
    assert!(matches!(events.blocking_recv(), Some(PumpEvent::Header)));
    let Some(PumpEvent::Broken(Broken::Stream(words))) = events.blocking_recv() else { panic!("not told") };
    assert!(words.contains("claims 4294967295 bytes"), "{words}");
    drop(stop);
    feeder.join().unwrap();
    let Some(PumpEvent::Ended(end)) = events.blocking_recv() else { panic!("no end") };
    assert!(matches!(end.result, Err(PumpError::Stream(StreamError::RecordTooLong { .. }))));
    drop(end);
    assert_eq!(bench.written().packets.len(), 2);
}

/// The beginning of a pcapng stream of two interfaces.
fn two_interfaces() -> Vec<u8> {
    let mut stream = b"wrcap-stream abc\n".to_vec();
    let section = crate::packet::SectionInfo { application: "test", hardware: None, os: None, comment: None };
    crate::packet::writer::section_header(&mut stream, &section);
    for _ in 0..2 {
        crate::packet::writer::interface_description(&mut stream, &InterfaceInfo::default());
    }
    stream
}

#[test]
fn an_account_in_the_stream_replaces_the_one_before() {
    let bench = Bench::new();
    let mut stream = two_interfaces();
    for count in 0..1000 {
        for interface in 0..2 {
            let received = Some(count);
            let counts = InterfaceStatistics { interface, received, ..InterfaceStatistics::default() };
            crate::packet::writer::interface_statistics(&mut stream, &counts);
        }
    }
    let mut events = bench.pump(bench.writer(), settings(None), &[&stream]);
    let Some(PumpEvent::Ended(end)) = events.pop() else { panic!("no end") };
    let counts: Vec<_> = end.statistics.iter().map(|counts| (counts.interface, counts.received)).collect();
    assert_eq!(counts, [(0, Some(999)), (1, Some(999))]);
}

/// What `tcpdump -ddd 'ether[0] = N'` prints.
fn first_byte_is(number: u8) -> String {
    format!("4\n48 0 0 0\n21 0 1 {number}\n6 0 0 262144\n6 0 0 0\n")
}

fn with_trigger(last: LastPacket, linktype: u16) -> (Settings, Arc<Trigger>) {
    let trigger = Arc::new(Trigger::new(&[(linktype, first_byte_is(2))]));
    (Settings { trigger: Some((Arc::clone(&trigger), last)), ..settings(None) }, trigger)
}

#[test]
fn the_packet_that_matches_is_the_last_one() {
    let bench = Bench::new();
    let (settings, _) = with_trigger(LastPacket::Itself, 1);
    let events = bench.pump(bench.writer(), settings, &[b"wrcap-stream abc\n", &pcap(6)]);
    assert!(events.iter().any(|event| matches!(event, PumpEvent::Limit(Limit::Match))), "{events:?}");
    assert_eq!(bench.written().packets.len(), 3);
}

#[test]
fn packets_after_the_match_are_kept_and_it_is_told_once_in_all_runs() {
    let bench = Bench::new();
    let told = |events: &[PumpEvent]| events.iter().filter(|e| matches!(e, PumpEvent::Matched)).count();
    let (first, trigger) = with_trigger(LastPacket::Later, 1);
    let mut events = bench.pump(bench.writer(), first, &[b"wrcap-stream abc\n", &pcap(6), &pcap(4)[24..]]);
    let Some(PumpEvent::Ended(end)) = events.pop() else { panic!("no end") };
    assert_eq!((told(&events), bench.written().packets.len()), (1, 10));
    let trigger = Some((trigger, LastPacket::Later));
    let again = Settings { interfaces: end.interfaces, trigger, ..settings(None) };
    let events = bench.pump(end.writer, again, &[b"wrcap-stream abc\n", &pcap(6)]);
    assert_eq!((told(&events), bench.written().packets.len()), (0, 16));
}

#[test]
fn a_link_type_without_a_program_is_an_error_before_any_packet_is_lost_to_it() {
    let bench = Bench::new();
    let (settings, _) = with_trigger(LastPacket::Itself, 113);
    let events = bench.pump(bench.writer(), settings, &[b"wrcap-stream abc\n", &pcap(6)]);
    assert!(matches!(end(&events), Err(PumpError::LinkType(name)) if name == "EN10MB"));
    assert!(!events.iter().any(|event| matches!(event, PumpEvent::Header)), "it does not begin: {events:?}");
}

#[test]
fn packets_and_drops_are_those_of_their_interface() {
    let bench = Bench::new();
    let mut stream = two_interfaces();
    for interface in [0, 1, 1, 0, 1] {
        let notes = crate::packet::PacketNotes::default();
        let packet = Packet { interface, timestamp: 1, original_len: 1, data: b"x", notes };
        let _ = crate::packet::writer::enhanced_packet(&mut stream, &packet, &notes);
    }
    bench.drops.add_of(1, 40);
    bench.drops.add_of(1, 2);
    let mut events = bench.pump(bench.writer(), settings(None), &[&stream]);
    let Some(PumpEvent::Ended(end)) = events.pop() else { panic!("no end") };
    assert_eq!(end.delivered, [2, 3]);
    let written = bench.written();
    assert_eq!(written.packets.iter().map(|packet| packet.3).collect::<Vec<_>>(), [0, 42, 0, 0, 0]);
}
