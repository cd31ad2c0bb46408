//! What goes through reader and writer together comes out as it went in, in pieces of any size.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::order::Order;
use super::testing::*;
use super::*;

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
    let unit = prop_oneof![0..=19_u8, 0x80..=0xBF_u8].prop_map(|unit| Resolution::from_option(unit).unwrap());
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
        let base = stream.len();
        let cut = writer::enhanced_packet(&mut stream, &own.packet(), &more.packet().notes);
        prop_assert_eq!(cut, 0);
        let expected = Record {
            drop_count: own.drop_count.saturating_add(more.drop_count),
            flags: own.flags | more.flags,
            comment: own.comment.clone().or(more.comment.clone()),
            ..own
        };
        prop_assert_eq!(read(&stream).0.pop(), Some(Item::Packet(expected)));
        let comment = more.comment.unwrap_or_default();
        prop_assert!(stream[base..].windows(comment.len().max(1)).any(|bytes| bytes.starts_with(comment.as_bytes())));
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
        let zeros = [&stream[..], &[0; 64]].concat();
        prop_assert_eq!(scan::whole_blocks(&zeros), stream.len());
    }
}
