//! What a target said about itself (`probe.sh`), read strictly: it is text that a stranger may have written.

use super::{
    exclude::{self, FilterError, SshConnection, address},
    interfaces,
    link_type::{self, LINK_TYPES},
    minder::Tag,
    opening::{self, Opening},
    privilege::{Refusal, Way, WayState},
    script,
    text::clean,
};
use crate::{
    profile::{Interface, Privilege},
    session::{FailKind, Failure, Stage},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The longest answer that is read, in bytes: a target with thousands of interfaces stays below it.
pub const MAX_ANSWER: usize = 1024 * 1024;

/// A program on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its absolute path.
    pub path: String,
    /// What it says of its version, libpcap's included.
    pub version: String,
}

/// One interface of the target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceInfo {
    /// Its name for `-i`.
    pub name: String,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is a loopback interface.
    pub loopback: bool,
    /// Its addresses, normalised.
    pub addresses: Vec<IpAddr>,
    /// tcpdump's words about it, often empty.
    pub description: String,
}

/// How the interface for `auto` was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It holds the address that the ssh connection came in by.
    Address,
    /// The way back to the client leaves by it; the address itself is on no interface, or on loopback.
    RouteToClient,
    /// It has the default route.
    DefaultRoute,
    /// The connection came in by loopback, and there is no route to tell more.
    Loopback,
    /// It is the first one that is up.
    FirstUp,
}

impl Found {
    /// The words for `check`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Address => "it holds the address the connection came in by",
            Self::RouteToClient => "the way back to this machine leaves by it",
            Self::DefaultRoute => "it has the default route",
            Self::Loopback => "the connection came in by loopback",
            Self::FirstUp => "it is the first one that is up",
        }
    }
}

/// The target's own verdict on the filter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FilterCheck {
    /// There was none, or no tcpdump to compile it.
    #[default]
    NotChecked,
    /// It compiles.
    Good,
    /// It does not: tcpdump's words, cleaned.
    Bad(String),
}

/// The most other captures on a target that a capture leaves out.
const MAX_OTHERS: usize = 32;

/// Everything the probe found, texts cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeReport {
    /// The connection as the target sees it; `None` when its sshd does not say.
    pub connection: Option<SshConnection>,
    /// Those of other captures that run there.
    pub others: BTreeSet<SshConnection>,
    /// `uname -s`.
    pub system: String,
    /// `uname -r`.
    pub release: String,
    /// `uname -n`.
    pub hostname: String,
    /// Whom we are there.
    pub login: Login,
    /// The target's clock, in seconds since 1970.
    pub clock: u64,
    /// Memory that is free or can be made free, in bytes; `None` where the target does not say (Linux does).
    pub memory: Option<u64>,
    /// tcpdump, where there is one.
    pub tcpdump: Option<Tool>,
    /// Ways to the right to capture in the order of preference.
    pub ways: Vec<(Way, WayState)>,
    /// The interfaces, in tcpdump's order.
    pub interfaces: Vec<InterfaceInfo>,
    /// The interface for `auto`.
    pub auto_interface: Option<(String, Found)>,
    /// The interfaces that the target's profile names, opened.
    pub opening: Opening,
    /// The filter, compiled on the target.
    pub filter: FilterCheck,
    /// The filter of the packet that ends the capture.
    pub matching: Matching,
}

/// The user of a login.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Login {
    /// The id.
    pub uid: u32,
    /// The name.
    pub user: String,
}

/// A second filter, compiled on the target for every link type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matching {
    /// The target's verdict.
    pub check: FilterCheck,
    /// What it was compiled to, by the link type's number in capture files: the text of `tcpdump -ddd`.
    pub programs: Vec<(u16, String)>,
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// It is larger than [`MAX_ANSWER`].
    #[error("the target's answer does not end")]
    TooLong,
    /// There is no begin marker: the first words of what came instead.
    #[error("the target answered something else: {0}")]
    NoBegin(String),
    /// It is cut off.
    #[error("the target's answer is cut off")]
    NoEnd,
    /// A line between the markers that the probe does not write.
    #[error("the target's answer holds a line that is not the probe's: {0}")]
    Line(String),
    /// A value is missing or is not what it must be.
    #[error("the target's answer has no usable {0}")]
    Value(&'static str),
}

impl ProbeError {
    /// The failure to tell.
    pub fn failure(&self, target: &str) -> Failure {
        Failure::new(Stage::Probe, Some(target), FailKind::BadAnswer, format!("{target}: {self}")).hint(
            "see what `ssh` prints there without wrcap: a forced command or a login script may be in the way",
        )
    }
}

/// The command of the probe's channel.
pub fn command(tag: &Tag) -> String {
    script::command(tag)
}

/// The bytes to send on it; then stdin may be closed. The filter is the user's alone, without our exclusion;
/// `matching` is that of packets that end the capture.
pub fn questions(
    tag: &Tag,
    privilege: Privilege,
    interface: &Interface,
    filter: Option<&str>,
    matching: Option<&str>,
) -> Result<Vec<u8>, FilterError> {
    let filter = filter.unwrap_or_default().trim();
    exclude::check(filter)?;
    let matching = matching.unwrap_or_default().trim();
    exclude::check(matching)?;
    let types = LINK_TYPES.map(|(name, _)| name).join(" ");
    let privilege = match privilege {
        Privilege::Auto => "auto",
        Privilege::None => "none",
        Privilege::Sudo => "sudo",
        Privilege::Doas => "doas",
    };
    let link = link_type::compiled_for(interface);
    let devices = interface.names().join(" ");
    let script = script::flatten(include_str!("probe.sh"));
    let tag = tag.to_string();
    let lines = [&script, &tag, privilege, link, filter, matching, &types, &devices];
    Ok(lines.map(|line| format!("{line}\n")).concat().into_bytes())
}

/// Every key that the probe writes.
const KEYS: &[&str] = &[
    "ssh",
    "other",
    "system",
    "release",
    "machine",
    "hostname",
    "uid",
    "user",
    "clock",
    "memory",
    "tcpdump",
    "version",
    "interface",
    "filter",
    "filter-exit",
    "match",
    "match-exit",
    "program",
    "none",
    "none-exit",
    "sudo",
    "sudo-exit",
    "tty",
    "tty-exit",
    "doas",
    "doas-exit",
    "opened",
    "unopened",
    "refusal",
    "link",
    "address",
    "ifconfig",
    "route",
    "default",
];

/// The lines of an answer by key.
pub(super) struct Answer<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Answer<'a> {
    fn read(text: &'a str, tag: &Tag) -> Result<Self, ProbeError> {
        let begin = format!("wrcap-probe {tag}\n");
        let end = format!("\nwrcap-probe-end {tag}");
        let no_begin = || ProbeError::NoBegin(clean(text.get(..400).unwrap_or(text)));
        let (_, body) = text.split_once(&begin).ok_or_else(no_begin)?;
        let (body, _) = body.split_once(&end).ok_or(ProbeError::NoEnd)?;
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in body.lines() {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            if !KEYS.contains(&key) {
                return Err(ProbeError::Line(clean(line)));
            }
            lines.entry(key).or_default().push(value);
        }
        Ok(Self(lines))
    }

    /// All lines of a key, in their order.
    pub(super) fn lines(&self, key: &str) -> &[&'a str] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// All lines of a key as one text.
    fn text(&self, key: &str) -> String {
        clean(&self.lines(key).join(" "))
    }

    /// A number on the only line of a key.
    fn number<T: std::str::FromStr>(&self, key: &'static str) -> Result<T, ProbeError> {
        match self.lines(key) {
            [one] => one.trim().parse().map_err(|_| ProbeError::Value(key)),
            _ => Err(ProbeError::Value(key)),
        }
    }

    /// A text that must not be empty.
    fn word(&self, key: &'static str) -> Result<String, ProbeError> {
        Some(self.text(key)).filter(|text| !text.is_empty()).ok_or(ProbeError::Value(key))
    }

    /// The exit code of a tried command; `None` when it was not tried.
    fn exit(&self, key: &'static str) -> Result<Option<u8>, ProbeError> {
        if self.lines(key).is_empty() { Ok(None) } else { self.number(key).map(Some) }
    }
}

/// The connections of other captures; a filter must not become too long for a target.
fn others(answer: &Answer<'_>, own: Option<SshConnection>) -> BTreeSet<SshConnection> {
    let all = answer.lines("other").iter().filter_map(|line| SshConnection::parse(line));
    all.filter(|other| Some(*other) != own).take(MAX_OTHERS).collect()
}

impl ProbeReport {
    /// Reads the whole stdout of the probe's channel; what a login shell printed around it does not matter.
    pub fn parse(bytes: &[u8], tag: &Tag) -> Result<Self, ProbeError> {
        if bytes.len() > MAX_ANSWER {
            return Err(ProbeError::TooLong);
        }
        let text = String::from_utf8_lossy(bytes);
        let answer = Answer::read(&text, tag)?;
        let connection = SshConnection::parse(&answer.text("ssh"));
        let interfaces = interfaces::read(&answer);
        Ok(Self {
            connection,
            others: others(&answer, connection),
            system: answer.word("system")?,
            release: answer.text("release"),
            hostname: answer.text("hostname"),
            login: Login { uid: answer.number("uid")?, user: answer.word("user")? },
            clock: answer.number("clock")?,
            memory: answer.number("memory").ok().and_then(|kib: u64| kib.checked_mul(1024)),
            tcpdump: tool(&answer)?,
            ways: ways(&answer)?,
            auto_interface: interfaces::auto(&answer, &interfaces, connection),
            interfaces,
            opening: Opening::read(&answer),
            filter: check(&answer, "filter", "filter-exit")?,
            matching: Matching { check: check(&answer, "match", "match-exit")?, programs: programs(&answer) },
        })
    }

    /// The interfaces to capture on. A name that is not on the target's list is refused with the names that are;
    /// `nflog:5` and the like count by what stands before the colon.
    pub fn interfaces(&self, wanted: &Interface, target: &str) -> Result<Vec<String>, Failure> {
        if *wanted == Interface::Auto {
            let found = self.auto_interface.as_ref().map(|(name, _)| vec![name.clone()]);
            let message = format!("no interface of {target} could be chosen");
            return found
                .ok_or_else(|| Failure::new(Stage::Probe, Some(target), FailKind::Interface, message));
        }
        wanted.names().iter().map(|name| self.known(name, target)).collect()
    }

    fn known(&self, name: &str, target: &str) -> Result<String, Failure> {
        let base = name.split(':').next();
        let known = |info: &InterfaceInfo| info.name == name || Some(info.name.as_str()) == base;
        if self.interfaces.is_empty() || self.interfaces.iter().any(known) {
            return Ok(name.to_owned());
        }
        let message = format!("there is no interface {} on {target}", clean(name));
        Err(Failure::new(Stage::Probe, Some(target), FailKind::Interface, message)
            .hint(opening::listed(self.interfaces.iter().map(|info| info.name.as_str()))))
    }

    /// The failure for a filter that the target refused: that of the capture or that of its last packet.
    pub fn filter_failure(&self, target: &str) -> Option<Failure> {
        let failure = |check: &FilterCheck| match check {
            FilterCheck::Bad(words) => {
                Some(super::tcpdump::failure(FailKind::Filter, words, Stage::Probe, target))
            }
            FilterCheck::Good | FilterCheck::NotChecked => None,
        };
        let of_the_end = |failure: Failure| Failure {
            message: format!("the filter of the last packet (stop_after.match): {}", failure.message),
            ..failure
        };
        failure(&self.filter).or_else(|| failure(&self.matching.check).map(of_the_end))
    }

    /// The failure when nobody can tell which packet ends the capture.
    pub fn match_failure(&self, matching: Option<&str>, target: &str) -> Option<Failure> {
        let message = format!("there is no tcpdump on {target} to compile stop_after.match");
        let failure = || Failure::new(Stage::Probe, Some(target), FailKind::Filter, message);
        (matching.is_some() && self.matching.programs.is_empty()).then(failure)
    }
}

/// tcpdump's path and version. The path becomes an argument and a line of the sudoers hint, so it must be a plain one.
fn tool(answer: &Answer) -> Result<Option<Tool>, ProbeError> {
    let path = match answer.lines("tcpdump") {
        [] => return Ok(None),
        [path] if path.starts_with('/') && !path.contains(char::is_whitespace) && clean(path) == *path => {
            *path
        }
        _ => return Err(ProbeError::Value("tcpdump")),
    };
    let known = |line: &&&str| line.contains(" version ");
    let version: Vec<&str> = answer.lines("version").iter().filter(known).copied().collect();
    Ok(Some(Tool { path: path.to_owned(), version: clean(&version.join(", ")) }))
}

/// The target's verdict on a filter.
fn check(answer: &Answer, key: &'static str, exit: &'static str) -> Result<FilterCheck, ProbeError> {
    Ok(match answer.exit(exit)? {
        None => FilterCheck::NotChecked,
        Some(0) => FilterCheck::Good,
        Some(_) => {
            let text = answer.text(key);
            FilterCheck::Bad(text.strip_prefix("tcpdump: ").unwrap_or(&text).to_owned())
        }
    })
}

/// `EN10MB 4 40 0 0 12 ...`; lines of link types that nobody asked for are passed over.
fn programs(answer: &Answer) -> Vec<(u16, String)> {
    let program = |line: &&str| {
        let (name, text) = line.split_once(' ')?;
        Some((link_type::number(name)?, text.to_owned()))
    };
    answer.lines("program").iter().filter_map(program).collect()
}

/// The ways in the order of preference.
fn ways(answer: &Answer) -> Result<Vec<(Way, WayState)>, ProbeError> {
    let none = tried(answer, "none", "none-exit")?;
    let sudo = tried(answer, "sudo", "sudo-exit")?;
    let doas = tried(answer, "doas", "doas-exit")?;
    let tty = tried(answer, "tty", "tty-exit")?;
    Ok(vec![
        (Way::None, none),
        (Way::Sudo, sudo.clone()),
        (Way::Doas, doas),
        (Way::SudoPassword, asks(&sudo)),
        (Way::SudoTty, tty.clone()),
        (Way::SudoTtyPassword, asks(&tty)),
    ])
}

/// What came of trying one. tcpdump's own complaint about a device also shows that it was let in.
fn tried(answer: &Answer, key: &'static str, exit: &'static str) -> Result<WayState, ProbeError> {
    let text = answer.text(key);
    let let_in = text.starts_with("tcpdump: ")
        && matches!(super::tcpdump::Line::parse(&text), super::tcpdump::Line::Error(kind, _) if kind != FailKind::Privilege);
    Ok(match answer.exit(exit)? {
        None => WayState::NotTried,
        Some(0) => WayState::Works,
        Some(_) if let_in => WayState::Works,
        Some(_) => WayState::Fails(text),
    })
}

/// Whether the same way with a password may work.
fn asks(without: &WayState) -> WayState {
    match without {
        WayState::Fails(words) if Refusal::classify(words) == Some(Refusal::PasswordRequired) => {
            WayState::AsksPassword
        }
        _ => WayState::NotTried,
    }
}

/// An address on a line of a target's list; `None` when the word is none.
pub(super) fn listed_address(word: &str) -> Option<IpAddr> {
    address(word.trim_start_matches("addr:"))
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
