//! The interfaces of a target, from what its tcpdump, ip(8) or ifconfig(8) said, and which one `auto` means.

use super::{
    exclude::{SshConnection, address},
    probe::{Answer, Found, InterfaceInfo},
    text::clean,
};
use std::net::IpAddr;

/// More lines of a list than this are not read: the time spent on a hostile answer stays bounded.
const MAX_LINES: usize = 8192;

/// The interfaces in tcpdump's order; those it does not list follow when ip(8) or ifconfig(8) knows them.
pub(super) fn read(answer: &Answer) -> Vec<InterfaceInfo> {
    let mut list: Vec<InterfaceInfo> = Vec::new();
    for line in answer.lines("interface").iter().take(MAX_LINES) {
        if let Some(info) = listed(line) {
            let name = info.name.clone();
            *entry(&mut list, &name) = info;
        }
    }
    for line in answer.lines("link").iter().take(MAX_LINES) {
        link(line, &mut list);
    }
    for line in answer.lines("address").iter().take(MAX_LINES) {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (name, family, ip) = (words.next(), words.next(), words.next());
        if let (Some(name), Some("inet" | "inet6"), Some(ip)) = (name, family, ip.and_then(listed_address)) {
            entry(&mut list, plain(name)).addresses.push(ip);
        }
    }
    ifconfig(answer.lines("ifconfig"), &mut list);
    list
}

/// The entry with this name, made when there is none.
fn entry<'a>(list: &'a mut Vec<InterfaceInfo>, name: &str) -> &'a mut InterfaceInfo {
    let at = list.iter().position(|info| info.name == name).unwrap_or_else(|| {
        list.push(InterfaceInfo { name: clean(name), ..InterfaceInfo::default() });
        list.len() - 1
    });
    &mut list[at]
}

/// `eth0@if5:` as `-i` wants it.
fn plain(name: &str) -> &str {
    name.trim_end_matches(':').split('@').next().unwrap_or(name)
}

/// `1.eth0 (Description [x]) [Up, Running, Connected]`, description and flags optional.
fn listed(line: &str) -> Option<InterfaceInfo> {
    let (number, rest) = line.split_once('.')?;
    number.parse::<u32>().ok()?;
    let (rest, flags) = match rest.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [")) {
        Some((rest, flags)) => (rest, flags),
        None => (rest, ""),
    };
    let (name, description) = rest.split_once(' ').unwrap_or((rest, ""));
    let has = |flag: &str| flags.split(", ").any(|word| word == flag);
    let description = description.strip_prefix('(').and_then(|d| d.strip_suffix(')')).unwrap_or(description);
    Some(InterfaceInfo {
        name: clean(name),
        up: has("Up"),
        loopback: has("Loopback"),
        addresses: Vec::new(),
        description: clean(description),
    })
}

/// `2: eth0@if5: <BROADCAST,UP,LOWER_UP> mtu ...`
fn link(line: &str, list: &mut Vec<InterfaceInfo>) {
    let mut words = line.split_ascii_whitespace().skip(1);
    if let (Some(name), Some(flags)) = (words.next(), words.next()) {
        take_flags(flags, entry(list, plain(name)));
    }
}

/// `...<UP,BROADCAST,LOOPBACK>...`
fn take_flags(text: &str, info: &mut InterfaceInfo) {
    let flags =
        text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(flags, _)| flags);
    info.up |= flags.split(',').any(|flag| flag == "UP");
    info.loopback |= flags.split(',').any(|flag| flag == "LOOPBACK");
}

/// The blocks of ifconfig(8): BSD and net-tools (`flags=4163<UP,...>`), old net-tools and `BusyBox` (`UP BROADCAST`).
fn ifconfig(lines: &[&str], list: &mut Vec<InterfaceInfo>) {
    let mut name = "";
    for line in lines.iter().take(MAX_LINES).filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_ascii_whitespace();
        if !line.starts_with([' ', '\t']) {
            name = plain(words.next().unwrap_or_default());
            take_flags(line, entry(list, name));
            continue;
        }
        match (words.next(), words.next()) {
            (Some("inet" | "inet6"), Some("addr:")) => push_address(words.next(), name, list),
            (Some("inet" | "inet6"), word) => push_address(word, name, list),
            (Some("UP"), flag) => {
                let info = entry(list, name);
                info.up = true;
                info.loopback |= flag == Some("LOOPBACK");
            }
            _ => {}
        }
    }
}

/// An address on a line of a target's list; `None` when the word is none.
fn listed_address(word: &str) -> Option<IpAddr> {
    address(word.trim_start_matches("addr:"))
}

fn push_address(word: Option<&str>, name: &str, list: &mut Vec<InterfaceInfo>) {
    if let Some(ip) = word.and_then(listed_address) {
        entry(list, name).addresses.push(ip);
    }
}

/// The interface for `auto`, by the first rule that gives one: it holds the address we came in by (loopback only when
/// nothing else does: a tunnel's agent on the target says nothing about the traffic wanted); the way back to the
/// client; the default route; loopback if we came in by it; the first one that is up.
pub(super) fn auto(
    answer: &Answer,
    list: &[InterfaceInfo],
    connection: Option<SshConnection>,
) -> Option<(String, Found)> {
    let holder = connection.and_then(|c| list.iter().find(|info| info.addresses.contains(&c.server)));
    let real = |name: &str| list.iter().find(|info| info.name == name && !info.loopback);
    let by = |key: &str| answer.lines(key).iter().find_map(|line| device(line)).and_then(real);
    let up = || list.iter().find(|info| info.up && !info.loopback && info.name != "any");
    let named = |info: &InterfaceInfo, found| Some((info.name.clone(), found));
    holder
        .filter(|info| !info.loopback)
        .and_then(|info| named(info, Found::Address))
        .or_else(|| named(by("route")?, Found::RouteToClient))
        .or_else(|| named(by("default")?, Found::DefaultRoute))
        .or_else(|| named(holder?, Found::Loopback))
        .or_else(|| named(up()?, Found::FirstUp))
}

/// The interface on a line of `ip route` (`... dev eth0 ...`) or of BSD's `route get` (`interface: en0`).
fn device(line: &str) -> Option<&str> {
    let mut words = line.split_ascii_whitespace().skip_while(|word| !matches!(*word, "dev" | "interface:"));
    words.nth(1)
}
