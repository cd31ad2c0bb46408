use std::io::{PipeReader, PipeWriter, Read as _, pipe};

use super::*;
use crate::{packet::StreamError, remote::minder::Tag};

const LONG: Duration = Duration::from_secs(600);
const BEGIN: &[u8] = b"Welcome!\nwrcap-stream abc\n";

/// What the merged stream holds.
#[derive(Default)]
struct Seen {
    interfaces: Vec<(Option<String>, u16)>,
    /// Interface and time of each packet.
    packets: Vec<(u32, u64)>,
}

impl Sink for Seen {
    fn interface(&mut self, _: u32, interface: &InterfaceInfo) {
        self.interfaces.push((interface.name.clone(), interface.linktype));
    }

    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        assert_eq!(packet.data, packet.timestamp.to_le_bytes(), "a packet with the time of another one");
        self.packets.push((packet.interface, packet.timestamp));
        ControlFlow::Continue(())
    }

    fn statistics(&mut self, _: &InterfaceStatistics) {}
}

fn header(linktype: u8) -> Vec<u8> {
    vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, linktype, 0, 0, 0]
}

/// Packets of these microseconds since 1970.
fn packets(times: &[u8]) -> Vec<u8> {
    let packet = |time: &u8| {
        let head = [0, 0, 0, 0, *time, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0];
        head.into_iter().chain(u64::from(*time).to_le_bytes())
    };
    times.iter().flat_map(packet).collect()
}

struct Bench {
    eth0: Option<PipeWriter>,
    cap0: Option<PipeWriter>,
    out: PipeReader,
    came: Vec<u8>,
}

impl Bench {
    /// Both streams have begun, with these link types.
    fn new(hold: Duration, linktypes: [u8; 2]) -> Self {
        let mut bench = Self::silent(hold);
        bench.send(&[BEGIN, &header(linktypes[0])].concat(), &[BEGIN, &header(linktypes[1])].concat());
        bench
    }

    fn silent(hold: Duration) -> Self {
        let ((eth0, a), (cap0, b), (out, writer)) = (pipe().unwrap(), pipe().unwrap(), pipe().unwrap());
        let source = |channel: PipeReader, name: &str| Source {
            channel: channel.into(),
            marker: MarkerFinder::new(&Tag::new("abc").unwrap()),
            name: name.into(),
        };
        start(vec![source(eth0, "eth0"), source(cap0, "cap0")], writer.into(), hold).unwrap();
        Self { eth0: Some(a), cap0: Some(b), out, came: Vec::new() }
    }

    fn send(&mut self, eth0: &[u8], cap0: &[u8]) {
        self.eth0.as_mut().unwrap().write_all(eth0).unwrap();
        self.cap0.as_mut().unwrap().write_all(cap0).unwrap();
    }

    /// What has come by now, without the marker, and how it went.
    fn seen(&self) -> (Seen, Result<(), StreamError>) {
        let mut seen = Seen::default();
        let stream = self.came.strip_prefix(b"wrcap-stream abc\n").unwrap_or_default();
        let mut reader = Reader::new(Limits::default());
        let fed = reader.feed(stream, &mut seen);
        let result = fed.and_then(|fed| reader.finish(&stream[fed.consumed..]));
        (seen, result)
    }

    /// Reads until there are so many packets; without them it waits for ever.
    fn until(&mut self, packets: usize) -> Seen {
        loop {
            let (seen, _) = self.seen();
            if seen.packets.len() >= packets {
                return seen;
            }
            let mut block = [0; 4096];
            let got = self.out.read(&mut block).unwrap();
            assert!(got > 0, "the stream ended");
            self.came.extend_from_slice(&block[..got]);
        }
    }

    /// Ends both channels and reads the rest.
    fn end(&mut self) -> (Seen, Result<(), StreamError>) {
        (self.eth0, self.cap0) = (None, None);
        self.out.read_to_end(&mut self.came).unwrap();
        self.seen()
    }
}

#[test]
fn packets_of_all_interfaces_come_in_the_order_of_their_time() {
    let mut bench = Bench::new(LONG, [1, 113]);
    bench.send(&packets(&[1, 2, 7]), &packets(&[3, 5]));
    let seen = bench.until(4);
    assert_eq!(seen.interfaces, [(Some("eth0".to_owned()), 1), (Some("cap0".to_owned()), 113)]);
    assert_eq!(seen.packets, [(0, 1), (0, 2), (1, 3), (1, 5)]);
    bench.send(&packets(&[8]), &packets(&[6]));
    let (seen, result) = bench.end();
    result.unwrap();
    assert_eq!(seen.packets[4..], [(1, 6), (0, 7), (0, 8)]);
}

#[test]
fn a_silent_interface_is_waited_for_only_for_a_while() {
    let mut bench = Bench::new(Duration::from_millis(30), [1, 1]);
    let before = Instant::now();
    bench.send(&packets(&[10, 11]), &[]);
    assert_eq!(bench.until(2).packets, [(0, 10), (0, 11)]);
    assert!(before.elapsed() >= Duration::from_millis(30), "it was not waited for");
    bench.send(&[], &packets(&[4]));
    assert_eq!(bench.until(3).packets[2], (1, 4), "what comes too late is kept as it came");
}

#[test]
fn an_interface_that_has_ended_is_not_waited_for() {
    let mut bench = Bench::new(LONG, [1, 1]);
    bench.send(&[], &packets(&[1]));
    bench.cap0 = None;
    bench.eth0.as_mut().unwrap().write_all(&packets(&[2, 3])).unwrap();
    assert_eq!(bench.until(3).packets, [(1, 1), (0, 2), (0, 3)]);
}

#[test]
fn nothing_begins_before_all_have() {
    let mut bench = Bench::silent(Duration::ZERO);
    bench.send(&[BEGIN, &header(1), &packets(&[1])].concat(), BEGIN);
    let (seen, result) = bench.end();
    assert!(seen.interfaces.is_empty() && seen.packets.is_empty());
    assert!(matches!(result, Err(StreamError::Empty)), "{result:?}");
    assert_eq!(bench.came, b"wrcap-stream abc\n");
}

#[test]
fn what_is_no_capture_is_passed_on_to_be_told() {
    let mut bench = Bench::silent(Duration::ZERO);
    bench.send(&[BEGIN, &header(1)].concat(), &[BEGIN, b"<html>"].concat());
    let (_, result) = bench.end();
    assert!(matches!(result, Err(StreamError::NotCapture { found }) if &found == b"<htm"), "{result:?}");

    let mut bench = Bench::silent(Duration::ZERO);
    bench.send(&[BEGIN, &header(1)].concat(), b"This account is closed.\n");
    assert!(bench.end().0.packets.is_empty());
    assert_eq!(bench.came, b"This account is closed.\n");

    let mut bench = Bench::new(Duration::ZERO, [1, 1]);
    bench.send(&packets(&[1]), &[0xff; 64]);
    let (seen, result) = bench.end();
    assert!(
        seen.packets.len() <= 1 && !matches!(result, Ok(()) | Err(StreamError::Truncated { .. })),
        "{result:?}"
    );
}

#[test]
fn a_reader_that_is_gone_blocks_nobody() {
    let bench = Bench::new(Duration::ZERO, [1, 1]);
    let Bench { eth0, cap0, out, .. } = bench;
    drop(out);
    let many = packets(&[1; 200]);
    for channel in [eth0, cap0] {
        let mut channel = channel.unwrap();
        // More than a pipe holds.
        (0..100).for_each(|_| channel.write_all(&many).unwrap());
    }
}
