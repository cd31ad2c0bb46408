//! Packets for filters: made by hand, cut everywhere, and of noise.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::iter::repeat_n;

/// A packet as it is in a file.
#[derive(Debug, Clone)]
pub(crate) struct Captured {
    pub(crate) data: Vec<u8>,
    pub(crate) wire_length: u32,
}

impl Captured {
    fn whole(data: Vec<u8>) -> Self {
        let wire_length = u32::try_from(data.len()).unwrap();
        Self { data, wire_length }
    }

    /// The same with only its first bytes.
    fn cut(&self, length: usize) -> Self {
        Self { data: self.data[..length].to_vec(), ..*self }
    }
}

/// A pcap file; the second of each packet is its number.
pub(crate) fn write_pcap(linktype: u16, packets: &[Captured]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let version = u32::from_ne_bytes([2_u16.to_ne_bytes(), 4_u16.to_ne_bytes()].concat().try_into().unwrap());
    let mut file = words(&[0xa1b2_c3d4, version, 0, 0, 262_144, linktype.into()]);
    for (number, packet) in (0..).zip(packets) {
        file.extend(words(&[number, 0, u32::try_from(packet.data.len()).unwrap(), packet.wire_length]));
        file.extend(&packet.data);
    }
    file
}

/// The seconds of the packets of a pcap file.
pub(crate) fn read_seconds(file: &[u8]) -> Vec<u32> {
    let word = |at: usize| u32::from_ne_bytes(file[at..at + 4].try_into().unwrap());
    let mut seconds = Vec::new();
    let mut at = 24;
    while at < file.len() {
        seconds.push(word(at));
        at += 16 + word(at + 8) as usize;
    }
    seconds
}

/// What stands between a link-layer header and its payload: pairs of a type and what that header adds.
type Tags<'a> = &'a [(u16, &'a [u8])];

/// Packets of many protocols, whole, cut at every length, and with fewer bytes than were on the wire.
pub(crate) fn corpus(linktype: u16) -> Vec<Captured> {
    let mut whole = Vec::new();
    for (ethertype, payload) in payloads() {
        for tags in [
            &[] as Tags,
            &[(0x8100, &[0, 5])],
            &[(0x88a8, &[0x20, 6]), (0x8100, &[0, 7])],
            &[(0x8100, &[0, 5]), (0x8100, &[0xe0, 7])],
        ] {
            whole.push(Captured::whole(link_header(linktype, tags, ethertype, &payload)));
        }
    }
    let cuts: Vec<Captured> =
        whole.iter().flat_map(|packet| (0..packet.data.len()).map(|n| packet.cut(n))).collect();
    whole.extend(cuts);
    whole
}

/// The header of a link type around a payload.
fn link_header(linktype: u16, tags: Tags, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut types: Vec<u16> = tags.iter().map(|(kind, _)| *kind).collect();
    types.push(ethertype);
    let first = types[0].to_be_bytes();
    let mut packet = match linktype {
        1 => [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &first[..]].concat(),
        // Direction, ARPHRD, length and address, protocol.
        113 => [&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0], &first[..]].concat(),
        // Protocol, reserved, interface index, ARPHRD, direction, length and address.
        276 => [&first[..], &[0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]].concat(),
        _ => Vec::new(),
    };
    if packet.is_empty() {
        packet.extend(payload);
        return packet;
    }
    for ((_, control), kind) in tags.iter().zip(&types[1..]) {
        packet.extend(*control);
        packet.extend(kind.to_be_bytes());
    }
    packet.extend(payload);
    packet
}

/// Payloads by their Ethernet type.
fn payloads() -> Vec<(u16, Vec<u8>)> {
    let tcp = |flags: u8, body: usize| {
        let mut segment = vec![0xc3, 0x51, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 1, 0, 0, 0, 0, 0];
        segment.extend(repeat_n(b'x', body));
        segment
    };
    let udp = |port: u16, body: &[u8]| {
        let length = u16::try_from(8 + body.len()).unwrap();
        [&[0xc3, 0x52], &port.to_be_bytes()[..], &length.to_be_bytes(), &[0, 0], body].concat()
    };
    let mut all = Vec::new();
    for flags in [0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14] {
        all.push((0x0800, ipv4(6, 0, 0, &tcp(flags, usize::from(flags)))));
        all.push((0x86dd, ipv6(6, &[], &tcp(flags, 3))));
    }
    // Options in the header, fragments, a small TTL.
    all.push((0x0800, ipv4(6, 3, 0, &tcp(0x04, 0))));
    all.push((0x0800, ipv4(6, 0, 0x2000, &tcp(0x04, 9))));
    all.push((0x0800, ipv4(6, 0, 0x00b9, &tcp(0x04, 9))));
    all.push((0x0800, ipv4(17, 0, 0, &udp(53, b"query"))));
    all.push((0x0800, ipv4(17, 10, 0, &udp(6081, &geneve(&ethernet(&ipv4(6, 0, 0, &tcp(0x02, 0))))))));
    all.push((0x0800, ipv4(1, 0, 0, &[8, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3])));
    all.push((
        0x0800,
        ipv4(51, 0, 0, &[17, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ));
    all.push((0x86dd, ipv6(17, &[], &udp(53, b"query"))));
    all.push((0x86dd, ipv6(58, &[], &[135, 0, 0, 0, 0, 0, 0, 0])));
    // Hop-by-hop options, routing, destination options, a fragment; then TCP.
    let hop_by_hop: &[u8] = &[43, 0, 1, 4, 0, 0, 0, 0];
    let routing: &[u8] = &[60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let options: &[u8] = &[44, 0, 1, 4, 0, 0, 0, 0];
    let fragment: &[u8] = &[6, 0, 0, 0, 0, 0, 0, 1];
    all.push((0x86dd, ipv6(0, &[hop_by_hop, routing, options, fragment], &tcp(0x02, 0))));
    all.push((0x86dd, ipv6(44, &[fragment], &tcp(0x04, 0))));
    for operation in [1, 2] {
        all.push((0x0806, arp(operation)));
    }
    // MPLS labels, PPPoE, an unknown type, LLC with spanning tree.
    all.push((0x8847, [&[0, 0x40, 1, 64][..], &ipv4(6, 0, 0, &tcp(0x02, 0))].concat()));
    all.push((0x8864, [&[0x11, 0, 0, 5, 0, 42, 0, 0x21][..], &ipv4(17, 0, 0, &udp(53, b""))].concat()));
    all.push((0x88b5, vec![1, 2, 3]));
    all.push((38, vec![0x42, 0x42, 3, 0, 0, 0, 0, 0, 0, 0]));
    all
}

/// An IPv4 packet; `options` are words of its header, `fragment` its flags and offset.
fn ipv4(protocol: u8, options: u8, fragment: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + usize::from(options) * 4 + body.len()).unwrap();
    let mut packet = vec![0x45 + options, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0x12, 0x34]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([if options > 0 { 3 } else { 64 }, protocol, 0, 0, 10, 0, 0, 1, 192, 168, 0, 255]);
    packet.extend(repeat_n(1, usize::from(options) * 4));
    packet.extend(body);
    packet
}

fn ipv6(next: u8, headers: &[&[u8]], body: &[u8]) -> Vec<u8> {
    let rest = [headers.concat(), body.to_vec()].concat();
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
    packet.extend([next, 64]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend(rest);
    packet
}

fn ethernet(payload: &[u8]) -> Vec<u8> {
    [&[0xff; 6], &[2, 0, 0, 0, 0, 1, 8, 0][..], payload].concat()
}

fn geneve(frame: &[u8]) -> Vec<u8> {
    [&[1, 0, 0x65, 0x58, 0, 0, 1, 0, 0xff, 0xff, 0, 0], frame].concat()
}

fn arp(operation: u8) -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, operation];
    packet.extend([2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    packet
}

/// Packets of pseudo-random bytes, many of them small numbers, that begin a little like an Ethernet payload.
pub(crate) fn noise(seed: u16) -> Vec<Captured> {
    let mut state = u64::from(seed) * 2 + 1;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut packets = Vec::new();
    for number in 0..1500 {
        let length = (next() % 120) as usize;
        let mut data: Vec<u8> = (0..length)
            .map(|_| match next() % 3 {
                0 => next().to_le_bytes()[0],
                1 => next().to_le_bytes()[0] % 20,
                _ => 0,
            })
            .collect();
        // A packet somewhere in it, where the link type may look for one.
        let (_, payload) = &payloads()[number % payloads().len()];
        let at = (next() % 48) as usize & !1;
        if at < data.len() {
            data.truncate(at);
            data.extend(payload);
        }
        let wire_length = u32::try_from(data.len()).unwrap() + next() % 3 * 40;
        packets.push(Captured { data, wire_length });
    }
    packets
}
