//! What a target said about itself (`probe.sh`), read strictly: it is text that a stranger may have written.

mod answer;
mod read;

use super::{
    exclude::{self, FilterError, SshConnection},
    link_type::{self, LINK_TYPES},
    minder::Tag,
    opening::{self, Opening},
    privilege::{Way, WayState},
    script,
    text::clean,
};
use crate::{
    profile::{Interface, Privilege},
    session::{FailKind, Failure, Stage},
};
pub(super) use answer::Answer;
use std::{collections::BTreeSet, net::IpAddr};

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

impl ProbeReport {
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

#[cfg(test)]
mod tests;
