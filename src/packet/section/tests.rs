//! Sections made by hand, in both byte orders.

use super::*;
use crate::packet::testing::{Bytes, Item, Record, read, read_in, write};

const ORDERS: [Order; 2] = [Order::Little, Order::Big];

fn section(out: &mut Bytes) -> &mut Bytes {
    out.block(block::SECTION, |body| body.word(block::ORDER_MAGIC).half(1).half(0).long(u64::MAX))
}

fn interface(out: &mut Bytes, linktype: u16, snaplen: u32) -> &mut Bytes {
    out.block(block::INTERFACE, |body| body.half(linktype).half(0).word(snaplen))
}

fn packet(out: &mut Bytes, interface: u32) -> &mut Bytes {
    out.block(block::ENHANCED_PACKET, |body| {
        body.word(interface).word(1).word(2).word(3).word(60).padded(b"abc")
    })
}

fn expected(interface: u32) -> Item {
    let timestamp = (1 << 32) + 2;
    Item::Packet(Record { interface, timestamp, original_len: 60, data: b"abc".into(), ..Record::default() })
}

fn info(linktype: u16, snaplen: u32) -> InterfaceInfo {
    InterfaceInfo { linktype, snaplen, ..InterfaceInfo::default() }
}

#[test]
fn interfaces_count_through_sections_of_either_order() {
    let mut out = Bytes(Order::Big, Vec::new());
    packet(interface(interface(section(&mut out), 1, 0), 276, 96), 1);
    out.0 = Order::Little;
    packet(interface(section(&mut out), 113, 0), 0);
    let all = [
        Item::Interface(0, info(1, 0)),
        Item::Interface(1, info(276, 96)),
        expected(1),
        Item::Interface(2, info(113, 0)),
        expected(2),
    ];
    assert_eq!(read(&out.1), (all.to_vec(), Ok(())));
    assert_eq!(read_in(&out.1, &[1], 0), (all.to_vec(), Ok(())));
}

#[test]
fn an_interface_says_what_it_is() {
    for order in ORDERS {
        let mut out = Bytes(order, Vec::new());
        section(&mut out).block(block::INTERFACE, |body| {
            body.half(1).half(0).word(512);
            body.half(2).half(4).padded(b"eth0").half(3).half(7).padded(b"uplink\0");
            body.half(9).half(1).padded(&[0x83]).half(14).half(8).long((-3600_i64).cast_unsigned());
            body.half(11).half(4).padded(b"\0tcp").half(12).half(5).padded(b"Linux");
            body.half(8).half(8).long(1_000_000_000);
            // After the end option nothing counts.
            body.half(0).half(0).half(2).half(4).padded(b"lo00")
        });
        let interface = InterfaceInfo {
            linktype: 1,
            snaplen: 512,
            resolution: Resolution::from_option(0x83).unwrap(),
            offset: -3600,
            name: Some("eth0".into()),
            description: Some("uplink".into()),
            filter: Some("tcp".into()),
            os: Some("Linux".into()),
        };
        assert_eq!(interface.resolution.per_second(), 8);
        assert_eq!(read(&out.1), (vec![Item::Interface(0, interface)], Ok(())));
    }
}

#[test]
fn packets_come_in_three_kinds_and_with_notes() {
    for order in ORDERS {
        let mut out = Bytes(order, Vec::new());
        interface(section(&mut out), 1, 2);
        out.block(block::ENHANCED_PACKET, |body| {
            body.word(0).word(1).word(2).word(3).word(60).padded(b"abc");
            body.half(2).half(4).word(1).half(4).half(8).long(1 << 40);
            body.half(1).half(2).padded(b"hi").half(1).half(5).padded(b"there").half(0).half(0)
        });
        for drops in [7, UNKNOWN_DROPS] {
            out.block(block::OLD_PACKET, |body| {
                body.half(0).half(drops).word(1).word(2).word(3).word(60).padded(b"abc");
                body.half(2).half(4).word(2)
            });
        }
        out.block(block::SIMPLE_PACKET, |body| body.word(3).padded(b"ab"));
        let Item::Packet(plain) = expected(0) else { panic!("no packet") };
        let noted = Record { flags: 1, drop_count: 1 << 40, comment: Some("hi".into()), ..plain.clone() };
        let (old, unsure) =
            (Record { flags: 2, drop_count: 7, ..plain.clone() }, Record { flags: 2, ..plain });
        let simple = Record { original_len: 3, data: b"ab".into(), ..Record::default() };
        let packets = [noted, old, unsure, simple].map(Item::Packet);
        let all = [Item::Interface(0, info(1, 2))].into_iter().chain(packets).collect();
        assert_eq!(read(&out.1), (all, Ok(())));
    }
}

#[test]
fn statistics_are_read_and_the_rest_is_passed_over() {
    for order in ORDERS {
        let mut out = Bytes(order, Vec::new());
        interface(section(&mut out), 1, 0);
        for (kind, bytes) in [(4, 40), (10, 8), (0x0BAD, 0), (0x0AAA, 100_000)] {
            out.block(kind, |body| body.raw(&vec![0xAB; bytes]));
        }
        out.block(block::STATISTICS, |body| {
            body.word(0).word(1).word(2).half(2).half(8).word(3).word(4).half(4).half(8).long(99);
            body.half(5).half(8).long(5).half(7).half(8).long(7)
        });
        let counts = InterfaceStatistics {
            timestamp: (1 << 32) + 2,
            start: Some((3 << 32) + 4),
            received: Some(99),
            interface_dropped: Some(5),
            os_dropped: Some(7),
            ..InterfaceStatistics::default()
        };
        let all = vec![Item::Interface(0, info(1, 0)), Item::Statistics(counts)];
        assert_eq!(read(&out.1), (all.clone(), Ok(())));
        // Passed over piece by piece: `read_in` checks that nothing of the 100,000 bytes is held back.
        assert_eq!(read_in(&out.1, &[1, 1000, 7], 0), (all, Ok(())));
    }
}

#[test]
fn a_bad_block_is_refused_with_its_place() {
    type Make = fn(&mut Bytes) -> &mut Bytes;
    // The header and the interface take 28 + 20 bytes.
    let block = |kind, what| StreamError::Block { offset: 48, kind, what };
    let cases: [(Make, StreamError); 13] = [
        (|out| packet(out, 1), StreamError::UnknownInterface { offset: 48, interface: 1, known: 1 }),
        (|out| packet(section(out), 0), StreamError::UnknownInterface { offset: 76, interface: 0, known: 0 }),
        (|out| out.word(6).word(34).word(0), StreamError::BlockLength { offset: 48, kind: 6, length: 34 }),
        (|out| out.word(99).word(8).word(0), StreamError::BlockLength { offset: 48, kind: 99, length: 8 }),
        (
            |out| out.word(6).word(8192).word(0),
            StreamError::BlockTooLong { offset: 48, kind: 6, length: 8192, limit: 4096 },
        ),
        (
            |out| out.word(99).word(16).word(0).word(12),
            StreamError::Trailer { offset: 60, length: 16, found: 12 },
        ),
        (
            |out| out.word(6).word(16).word(0).word(12),
            StreamError::Trailer { offset: 60, length: 16, found: 12 },
        ),
        (|out| out.block(6, |body| body.word(0)), block(6, "too few bytes")),
        (
            |out| out.block(6, |body| body.word(0).long(0).word(5).word(5).word(0)),
            block(6, "a packet longer than its block"),
        ),
        (
            |out| out.block(1, |body| body.long(1).half(2).half(5).word(0)),
            block(1, "an option longer than its block"),
        ),
        (
            |out| out.block(1, |body| body.long(1).half(9).half(1).padded(&[20])),
            block(1, "a unit of time too small to count in"),
        ),
        (
            |out| out.block(block::SECTION, |body| body.long(0).long(0)),
            block(block::SECTION, "no byte-order magic"),
        ),
        (
            |out| out.block(block::SECTION, |body| body.word(block::ORDER_MAGIC).half(2).half(0).long(0)),
            StreamError::Version { offset: 48, major: 2, minor: 0 },
        ),
    ];
    for (make, error) in cases {
        for order in ORDERS {
            let mut out = Bytes(order, Vec::new());
            interface(section(&mut out), 1, 0);
            make(&mut out);
            assert_eq!(read(&out.1).1, Err(error.clone()));
            assert_eq!(read_in(&out.1, &[1], 0).1, Err(error.clone()));
        }
    }
}

#[test]
fn there_is_an_end_of_interfaces() {
    let mut out = Bytes(Order::Big, Vec::new());
    section(&mut out);
    for _ in 0..8 {
        interface(&mut out, 1, 0);
    }
    assert_eq!(read(&out.1).1, Ok(()));
    interface(section(&mut out), 1, 0);
    let offset = out.1.len() as u64 - 20;
    assert_eq!(read(&out.1).1, Err(StreamError::TooManyInterfaces { offset, limit: 8 }));
}

#[test]
fn there_is_an_end_of_descriptions() {
    // Each of them is read, and each is kept.
    let long = InterfaceInfo { name: Some("x".repeat(3000)), ..InterfaceInfo::default() };
    let stream = write(&[(); 3].map(|()| Item::Interface(0, long.clone())));
    let (items, end) = read(&stream);
    assert_eq!(items.len(), 2);
    assert!(matches!(end, Err(StreamError::DescriptionsTooLong { limit: 8192, .. })), "{end:?}");
}

#[test]
fn a_block_passed_over_that_never_ends_is_truncated() {
    let mut out = Bytes(Order::Little, Vec::new());
    section(&mut out).word(99).word(4_000_000_000).word(0);
    let need = 4_000_000_000 - 12;
    assert_eq!(read(&out.1).1, Err(StreamError::Truncated { offset: 40, have: 0, need }));
}
