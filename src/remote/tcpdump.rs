//! tcpdump: its arguments, and what its messages on stderr say.

use super::text::clean;
use crate::{
    profile::{Delivery, Direction, Precision},
    session::{FailKind, Failure, Stage},
};

/// The largest `-B`, in KiB: tcpdump keeps the size in bytes in an `int`.
const MAX_BUFFER_KIB: u64 = 2 * 1024 * 1024 - 1;

/// What to capture, as values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// tcpdump's path on the target, from the probe.
    pub tcpdump: String,
    /// The interface, by the target's name.
    pub interface: String,
    /// Bytes kept of each packet.
    pub snaplen: u32,
    /// The kernel buffer, in bytes; rounded up to whole KiB.
    pub buffer: u64,
    /// Put the interface into promiscuous mode.
    pub promiscuous: bool,
    /// Which way packets must go.
    pub direction: Direction,
    /// Resolution of timestamps.
    pub precision: Precision,
    /// Kernel batching.
    pub delivery: Delivery,
    /// The whole pcap-filter expression, self-exclusion included.
    pub filter: Option<String>,
}

/// The argument list, program first. The filter is one argument after `--`, so it can never be an option.
pub fn arguments(spec: &Spec) -> Vec<String> {
    let snaplen = spec.snaplen.to_string();
    let buffer = spec.buffer.div_ceil(1024).clamp(1, MAX_BUFFER_KIB).to_string();
    let mut args =
        vec![spec.tcpdump.as_str(), "-U", "-n", "-i", &spec.interface, "-s", &snaplen, "-B", &buffer];
    if !spec.promiscuous {
        args.push("-p");
    }
    match spec.direction {
        Direction::In => args.extend(["-Q", "in"]),
        Direction::Out => args.extend(["-Q", "out"]),
        Direction::InOut => {}
    }
    if spec.precision == Precision::Nano {
        args.push("--time-stamp-precision=nano");
    }
    if spec.delivery == Delivery::Immediate {
        args.push("--immediate-mode");
    }
    args.extend(["-w", "-"]);
    if let Some(filter) = &spec.filter {
        args.extend(["--", filter]);
    }
    args.into_iter().map(str::to_owned).collect()
}

/// tcpdump's counters since its start. They are 32 bits wide on the target and may wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Packets that tcpdump wrote.
    pub captured: u64,
    /// Packets that passed the filter; on Linux the dropped ones are part of it.
    pub received: u64,
    /// Packets dropped by the kernel because the buffer was full.
    pub dropped: u64,
    /// Packets dropped by the interface or its driver, where tcpdump says it.
    pub interface_dropped: Option<u64>,
}

/// One of the lines that tcpdump ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Packets captured.
    Captured(u64),
    /// Packets received by filter.
    Received(u64),
    /// Packets dropped by kernel.
    Dropped(u64),
    /// Packets dropped by interface.
    InterfaceDropped(u64),
}

/// The final statistics while their lines come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    captured: Option<u64>,
    received: Option<u64>,
    dropped: Option<u64>,
    interface_dropped: Option<u64>,
}

impl Totals {
    /// Takes one line; a repeated one replaces the earlier.
    pub fn add(&mut self, count: Count) {
        match count {
            Count::Captured(n) => self.captured = Some(n),
            Count::Received(n) => self.received = Some(n),
            Count::Dropped(n) => self.dropped = Some(n),
            Count::InterfaceDropped(n) => self.interface_dropped = Some(n),
        }
    }

    /// The statistics once the three lines that always come are there.
    pub fn statistics(&self) -> Option<Statistics> {
        Some(Statistics {
            captured: self.captured?,
            received: self.received?,
            dropped: self.dropped?,
            interface_dropped: self.interface_dropped,
        })
    }
}

/// One line of tcpdump's stderr, texts cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The capture is open.
    Listening {
        /// The interface it listens on.
        interface: String,
        /// Link type by name, e.g. `EN10MB`.
        link_type: String,
        /// Bytes kept of each packet.
        snaplen: u32,
    },
    /// The answer to a statistics signal.
    Statistics(Statistics),
    /// One line of the final statistics.
    Count(Count),
    /// tcpdump says why it ends, by the kind of thing to do about it.
    Error(FailKind, String),
    /// It goes on.
    Warning(String),
    /// Anything else.
    Other(String),
}

impl Line {
    /// Reads one line; whatever is not known is [`Line::Other`].
    pub fn parse(line: &str) -> Self {
        let line = line.trim_end();
        let own = line.strip_prefix("tcpdump: ");
        let body = own.unwrap_or(line);
        if let Some(known) = listening(body).or_else(|| statistics(body)) {
            return known;
        }
        match own {
            None => count(line).map_or_else(|| Self::Other(clean(line)), Self::Count),
            Some(text) if text.starts_with("WARNING:") || text.starts_with("Warning:") => {
                Self::Warning(clean(text))
            }
            Some(text) if text.starts_with("data link type ") => Self::Other(clean(text)),
            Some(text) => Self::Error(kind(text), clean(text)),
        }
    }
}

/// `listening on v0, link-type EN10MB (Ethernet), snapshot length 262144 bytes`; 4.9.x says `capture size`.
fn listening(body: &str) -> Option<Line> {
    let (interface, rest) = body.strip_prefix("listening on ")?.split_once(", link-type ")?;
    let (link, size) =
        rest.rsplit_once(", snapshot length ").or_else(|| rest.rsplit_once(", capture size "))?;
    let snaplen = size.strip_suffix(" bytes")?.parse().ok()?;
    let link_type = clean(link.split_whitespace().next()?);
    Some(Line::Listening { interface: clean(interface), link_type, snaplen })
}

/// The one line after a signal: three or four counts, separated by commas.
fn statistics(body: &str) -> Option<Line> {
    let mut totals = Totals::default();
    let parts: Vec<Count> = body.split(", ").map(count).collect::<Option<_>>()?;
    for part in parts {
        totals.add(part);
    }
    totals.statistics().map(Line::Statistics)
}

/// `5 packets captured`, `1 packet dropped by kernel`. A number of more than 32 bits is nothing that tcpdump says.
fn count(text: &str) -> Option<Count> {
    let (number, what) = text.split_once(' ')?;
    let number = number.parse::<u32>().ok()?.into();
    let what = what.strip_prefix("packets ").or_else(|| what.strip_prefix("packet "))?;
    match what {
        "captured" => Some(Count::Captured(number)),
        "received by filter" => Some(Count::Received(number)),
        "dropped by kernel" => Some(Count::Dropped(number)),
        "dropped by interface" => Some(Count::InterfaceDropped(number)),
        _ => None,
    }
}

/// Phrases of tcpdump and libpcap and what they are about; the first one found decides.
const PHRASES: &[(FailKind, &[&str])] = &[
    (FailKind::Privilege, &["permission", "Operation not permitted", "Permission denied"]),
    (
        FailKind::Interface,
        &[
            "No such device",
            "not up",
            "doesn't exist",
            "SIOCGIFHWADDR",
            "BIOCSETIF",
            "went down",
            "disappeared",
        ],
    ),
    (
        FailKind::Filter,
        &[
            "filter expression",
            "syntax error",
            "parse error",
            "illegal token",
            "illegal port",
            "unknown host",
            "unknown port",
            "unknown protocol",
            "unknown ether host",
            "unknown network",
            "expression rejects",
            "illegal qualifier",
            "modifier applied to",
            "non-network bits",
            "invalid qualifier",
            "invalid ip",
        ],
    ),
];

/// What an error of tcpdump is about.
pub(super) fn kind(text: &str) -> FailKind {
    let found = PHRASES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| text.contains(phrase)));
    found.map_or(FailKind::CaptureDied, |(kind, _)| *kind)
}

/// A failure with tcpdump's own words and what to do about them.
pub fn failure(kind: FailKind, words: &str, stage: Stage, target: &str) -> Failure {
    let failure = Failure::new(stage, Some(target), kind, format!("tcpdump on {target}: {}", clean(words)));
    match kind {
        FailKind::Interface => failure
            .hint("i shows the target's interfaces; or use `interface: auto`")
            .by_option("see the target's interfaces with `wrcap interfaces`, or use `interface: auto`"),
        FailKind::Filter => {
            failure.hint("filters are written as in pcap-filter(7), for example `tcp port 80`")
        }
        FailKind::Privilege => {
            failure.hint("set `privilege: sudo` or `doas`, or give tcpdump cap_net_raw on the target")
        }
        _ => failure,
    }
}

#[cfg(test)]
#[path = "tcpdump_tests.rs"]
mod tests;
