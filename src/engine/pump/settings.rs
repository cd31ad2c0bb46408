//! What a pump is told before it begins, and what is told to it meanwhile.

use super::Trigger;
use crate::{packet::InterfaceInfo, profile::MAX_INTERFACES};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

/// What every interface of a session is labelled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// The target's short name: interfaces are `web-1:eth0`.
    pub target: String,
    /// The interface that tcpdump captures on; an own command names its own.
    pub interface: Option<String>,
    /// How it is reached, for people: `ec2-user@10.0.1.11 via bastion`.
    pub road: String,
    /// The filter that the target applies.
    pub filter: Option<String>,
    /// The target's operating system.
    pub os: Option<String>,
}

/// What an interface is called in the file.
pub fn label(target: &str, interface: &str) -> String {
    format!("{target}:{interface}")
}

/// What the pump needs to know.
#[derive(Debug)]
pub struct Settings {
    /// What interfaces are called.
    pub labels: Labels,
    /// Stop after this many packets of all runs.
    pub packets: Option<u64>,
    /// Stop after this many captured bytes of all runs.
    pub bytes: Option<u64>,
    /// The interfaces that earlier runs have described in the spool.
    pub interfaces: Vec<InterfaceInfo>,
    /// The gap since the run before, to be noted on the first packet.
    pub gap: Option<GapNote>,
    /// The packet that ends the capture, and whether it is the last one or others follow for a while.
    pub trigger: Option<(Arc<Trigger>, LastPacket)>,
}

/// What a packet that ends the capture is to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPacket {
    /// The last one.
    Itself,
    /// The first of the last ones.
    Later,
}

/// What the first packet after a gap says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapNote {
    /// When the target was last heard before the gap.
    since: Instant,
    /// When packets could flow again.
    until: Option<Instant>,
    cause: String,
}

impl GapNote {
    /// A gap that began then, for a reason.
    pub fn new(since: Instant, cause: String) -> Self {
        Self { since, until: None, cause }
    }

    /// The gap ends now.
    pub(super) fn end(&mut self) {
        self.until.get_or_insert_with(Instant::now);
    }
}

impl fmt::Display for GapNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.until.unwrap_or(self.since).saturating_duration_since(self.since);
        let seconds = length.as_secs_f64();
        write!(f, "wrcap: gap of {seconds:.1} s before this packet, packets in it unknown: {}", self.cause)
    }
}

/// Drops seen on the target and not yet noted on a packet.
#[derive(Debug, Default)]
pub struct PendingDrops {
    any: AtomicU64,
    /// Of the interfaces of a merged capture.
    of: [AtomicU64; MAX_INTERFACES],
}

impl PendingDrops {
    /// Adds drops; the next packet carries them.
    pub fn add(&self, drops: u64) {
        self.any.fetch_add(drops, Relaxed);
    }

    /// Adds drops that the next packet of this interface of the stream carries.
    pub fn add_of(&self, interface: usize, drops: u64) {
        self.of.get(interface).unwrap_or(&self.any).fetch_add(drops, Relaxed);
    }

    pub(super) fn take(&self, interface: u32) -> u64 {
        let take = |drops: &AtomicU64| if drops.load(Relaxed) == 0 { 0 } else { drops.swap(0, Relaxed) };
        take(&self.any) + self.of.get(interface as usize).map_or(0, take)
    }
}
