//! Filters that wrcap runs by itself against those of the real tcpdump: for every link type, the same packets match.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail where it stands"
)]

mod packets;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

use packets::{Captured, corpus, noise, read_seconds, write_pcap};
use wrcap::{
    packet::bpf::{Program, ProgramError},
    remote::link_type::LINK_TYPES,
};

/// Filters of every kind that the compiler has code for.
const FILTERS: [&str; 57] = [
    "tcp",
    "udp port 53",
    "tcp[tcpflags] & tcp-rst != 0",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10.0.0.0/8",
    "ip and host 10.0.0.1",
    "src host 10.0.0.2",
    "dst net 192.168.0.0/16",
    "host 2001:db8::1",
    "ip6 and dst net 2001:db8::/32",
    "icmp[icmptype] == icmp-echo",
    "icmp6",
    "arp",
    "arp[6:2] = 2",
    "port 80 or port 443",
    "portrange 1-1023",
    "src portrange 50000-60000 and dst port 80",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "ip[8] < 5",
    "ip[6:2] & 0x1fff != 0",
    "ip[0] & 0xf != 5",
    "ip proto 17",
    "ip6 proto 6",
    "ip6 protochain 6",
    "ip protochain 17",
    "ip broadcast",
    "ip multicast",
    "ip6 multicast",
    "greater 100",
    "less 60",
    "len == 64",
    "len > 40 and len % 2 = 1",
    "len / 3 = 20",
    "ip[len - 30] > 0x40",
    "ip[2:2] * 2 > len",
    "ip[4:4] ^ 0x12345678 > ip[12:4]",
    "(ip[1] << 3) | (ip[9] >> 1) = 3",
    "-ip[8] & 0xff = 192",
    "vlan",
    "vlan 5",
    "vlan 5 and tcp",
    "vlan and vlan 7 and udp",
    "vlan and arp",
    "mpls",
    "mpls 1024 and ip",
    "pppoes and ip",
    "ether host 02:00:00:00:00:01",
    "ether broadcast",
    "ether multicast",
    "ether proto 0x88b5",
    "ether[12:2] <= 1500",
    "stp",
    "inbound",
    "outbound and tcp",
    "ifindex 3",
    "wlan type mgt",
    "geneve and tcp port 80",
    "not ip and not ip6",
];

/// What most link types do not say and a kernel does; such a program must not be taken and then never match.
const DIRECTIONS: [&str; 3] = ["inbound", "outbound and tcp", "ifindex 3"];

fn tcpdump(words: &[&str]) -> Output {
    Command::new("tcpdump").args(words).output().unwrap()
}

fn has_tcpdump() -> bool {
    let found = which::which("tcpdump").is_ok();
    assert!(found || std::env::var_os("WRCAP_REQUIRE_LAB").is_none(), "tcpdump is missing");
    if !found {
        println!("skipped: tcpdump is missing");
    }
    found
}

/// The numbers of the packets of a file that match, by tcpdump; `None` when it refuses the filter.
fn matching(file: &Path, filter: &str) -> Option<BTreeSet<u32>> {
    let out = file.with_extension("out");
    let (file, path) = (file.to_string_lossy(), out.to_string_lossy());
    // A filter that rejects all packets is an error for `-d` and none for a file.
    let done = tcpdump(&["-Z", "root", "-r", &file, "-w", &path, "--", filter]);
    done.status.success().then(|| read_seconds(&fs::read(out).unwrap()).into_iter().collect())
}

/// The program of a filter by tcpdump, for a name of `-y`; `None` when it or we refuse the filter.
fn compiled(link: &str, filter: &str) -> Option<Program> {
    let done = tcpdump(&["-y", link, "-ddd", "--", filter]);
    let text = String::from_utf8(done.stdout).unwrap();
    match Program::parse(&text) {
        _ if !done.status.success() => None,
        Err(ProgramError::Ancillary) if DIRECTIONS.contains(&filter) => None,
        program => Some(program.unwrap_or_else(|error| panic!("{link}: {filter}: {error}\n{text}"))),
    }
}

/// Compares filter by filter; gives how many filters there were and how many packets matched.
fn compare(link: &str, linktype: u16, packets: &[Captured]) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in");
    fs::write(&file, write_pcap(linktype, packets)).unwrap();
    let mut found = (0, 0);
    for filter in FILTERS {
        let Some(program) = compiled(link, filter) else { continue };
        let wanted = matching(&file, filter).unwrap_or_else(|| panic!("{link}: no file with {filter}"));
        let numbered = (0..).zip(packets);
        let ours = numbered.filter(|(_, packet)| program.matches(&packet.data, packet.wire_length));
        let ours: BTreeSet<u32> = ours.map(|(number, _)| number).collect();
        let packet =
            ours.symmetric_difference(&wanted).next().map(|number| (number, &packets[*number as usize]));
        assert!(packet.is_none(), "{link}: {filter}: wrcap {ours:?}, tcpdump {wanted:?}, first {packet:x?}");
        found = (found.0 + 1, found.1 + wanted.len());
    }
    found
}

#[test]
fn the_same_packets_match_as_in_tcpdump() {
    if !has_tcpdump() {
        return;
    }
    for (link, linktype) in LINK_TYPES.into_iter().take(4) {
        let packets = corpus(linktype);
        let (filters, matches) = compare(link, linktype, &packets);
        println!("{link}: {filters} filters, {} packets, {matches} matches", packets.len());
        assert!(filters >= 35 && matches > 500, "{link}: {filters} filters, {matches} matches");
    }
}

/// Packets of no sense at all, and each name has the number that files have.
#[test]
fn noise_of_every_link_type_matches_as_in_tcpdump() {
    if !has_tcpdump() {
        return;
    }
    let mut known = 0;
    for (link, linktype) in LINK_TYPES {
        let (filters, matches) = compare(link, linktype, &noise(linktype));
        println!("{link}: {filters} filters, {matches} matches");
        known += usize::from(filters > 0);
    }
    // An old tcpdump does not know the youngest ones.
    assert!(known >= 20, "only {known} link types");
}
