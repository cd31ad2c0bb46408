//! A target with every field filled in: what a session needs to know, nothing about files.

use super::moment::Moment;
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// tcpdump's own limit for `-s`, in bytes; it stands for whole packets.
pub const MAX_SNAPLEN: u32 = 262_144;

/// The name of a target as the user writes it: `site/target`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetName {
    /// The site: the stem of its YAML file.
    pub site: String,
    /// The key of the target in the site's `targets` map.
    pub target: String,
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site, self.target)
    }
}

/// One machine on the way: a bastion or the target itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hop {
    /// Host name, address, or an alias of the user's own `ssh_config`.
    pub host: String,
    /// Login name; `None` leaves it to ssh.
    pub user: Option<String>,
    /// TCP port; `None` leaves it to ssh.
    pub port: Option<u16>,
    /// Private key file, `~` unexpanded (ssh expands it); `None` leaves it to ssh.
    pub identity: Option<PathBuf>,
}

impl fmt::Display for Hop {
    /// `user@host:port`, each part only where it was given; IPv6 hosts in brackets when a port follows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.port {
            Some(port) if self.host.contains(':') => write!(f, "[{}]:{port}", self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// What to do with a host key that is not in `known_hosts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostKeyPolicy {
    /// Show the fingerprint and ask.
    #[default]
    Ask,
    /// Refuse.
    Strict,
    /// Take unknown keys, refuse changed ones.
    AcceptNew,
}

/// Where on the target to capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Interface {
    /// The interface that holds the address the ssh connection came in by.
    #[default]
    Auto,
    /// This one, by the target's own name for it (`any` included).
    Named(String),
    /// These, in one capture: two or more, each once.
    Merged(Vec<String>),
}

impl Interface {
    /// The interfaces that are named; none for [`Self::Auto`].
    pub fn names(&self) -> &[String] {
        match self {
            Self::Auto => &[],
            Self::Named(name) => std::slice::from_ref(name),
            Self::Merged(names) => names,
        }
    }
}

/// As the field is written: `auto`, `eth0`, `eth0,eth1`.
impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            named => f.write_str(&named.names().join(",")),
        }
    }
}

/// tcpdump's `-Q`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Received packets only.
    In,
    /// Sent packets only.
    Out,
    /// Both.
    #[default]
    InOut,
}

/// Resolution of packet timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Microseconds, tcpdump's default.
    #[default]
    Micro,
    /// Nanoseconds.
    Nano,
}

/// How the target's kernel hands packets to tcpdump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// In blocks of up to one second: holds bursts.
    #[default]
    Batched,
    /// One by one (`--immediate-mode`): 0.2 ms of delay, small bursts only.
    Immediate,
}

/// How tcpdump gets the right to capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Privilege {
    /// The first way that the probe finds to work.
    #[default]
    Auto,
    /// None: the login user captures by itself (root, or capabilities on tcpdump).
    None,
    /// sudo, with a password where it wants one.
    Sudo,
    /// doas.
    Doas,
}

/// What shows the packets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Viewer {
    /// Wireshark on the session's unix socket.
    #[default]
    Wireshark,
    /// tshark on the terminal.
    Tshark,
    /// termshark on the terminal.
    Termshark,
    /// None: packets only go to the spool or a file.
    None,
    /// The user's own command, `{}` is the socket's path; without `{}` it reads stdin.
    Command(String),
}

/// What ends a capture by itself. All that are set apply; the first one reached ends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StopAfter {
    /// After this long.
    pub duration: Option<Duration>,
    /// After this many packets.
    pub packets: Option<u64>,
    /// After this many captured bytes (packet data as captured, headers of the file not counted).
    pub bytes: Option<u64>,
    /// At this time by this machine's clock.
    pub at: Option<Moment>,
    /// After the first packet that matches this pcap-filter expression.
    pub matching: Option<String>,
    /// How long after that packet; `None` is with it.
    pub then: Option<Duration>,
}

/// When a recorded capture goes on in another file, and how many files stay. Without size and time it never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotate {
    /// Once a file is this long, in bytes.
    pub size: Option<u64>,
    /// With the first packet after this long.
    pub every: Option<Duration>,
    /// At most so many files are kept; the oldest goes.
    pub keep: Option<u64>,
}

impl Rotate {
    /// Whether a second file is ever begun.
    pub fn is_on(&self) -> bool {
        self.size.is_some() || self.every.is_some()
    }
}

/// What closing the viewer does to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnViewerExit {
    /// The session ends.
    Stop,
    /// The session goes on.
    Keep,
}

/// A target with all its fields resolved from the site's defaults and wrcap's own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a mirror of the profile's fields, four of which are switches"
)]
pub struct Target {
    /// Its name.
    pub name: TargetName,
    /// The bastions on the way, outermost first.
    pub via: Vec<Hop>,
    /// The machine to capture on.
    pub host: Hop,
    /// What to do with unknown host keys, on every hop.
    pub host_key: HostKeyPolicy,
    /// More `ssh_config` keywords, for every hop.
    pub ssh_options: BTreeMap<String, String>,
    /// `ServerAliveInterval` on every hop.
    pub keepalive: Duration,
    /// How long the target goes on without hearing from us.
    pub lease: Duration,
    /// Compress the ssh transport.
    pub compression: bool,
    /// Go on by itself after the capture broke off.
    pub reconnect: bool,
    /// How long that is tried.
    pub retry_for: Duration,
    /// Where to capture.
    pub interface: Interface,
    /// A pcap-filter expression; `None` captures everything.
    pub filter: Option<String>,
    /// Leave out the session's own transport.
    pub exclude_self: bool,
    /// For grouping in lists.
    pub group: Option<String>,
    /// Free text for humans.
    pub note: Option<String>,
    /// Bytes kept of each packet.
    pub snaplen: u32,
    /// tcpdump's kernel buffer, in bytes; less where the target has not eight times as much memory free.
    pub buffer: u64,
    /// Which way packets must go.
    pub direction: Direction,
    /// Put the interface into promiscuous mode.
    pub promiscuous: bool,
    /// Resolution of timestamps.
    pub precision: Precision,
    /// Kernel batching.
    pub delivery: Delivery,
    /// How to become allowed to capture.
    pub privilege: Privilege,
    /// The user's own capture command instead of tcpdump; must write pcap or pcapng to its stdout.
    pub command: Option<String>,
    /// What shows the packets.
    pub viewer: Viewer,
    /// Folder for kept captures, or the path of their files with names in braces; `~` unexpanded.
    pub record: Option<PathBuf>,
    /// When a kept capture goes on in another file.
    pub rotate: Rotate,
    /// Budget of the spool, in bytes.
    pub spool: u64,
    /// Stop conditions.
    pub stop_after: StopAfter,
    /// What closing the viewer does; `None` means stop, or keep when recorded.
    pub on_viewer_exit: Option<OnViewerExit>,
}

impl Target {
    /// A target that captures everything on `host` with wrcap's own defaults, no bastion in between.
    pub fn new(name: TargetName, host: Hop) -> Self {
        Self {
            name,
            via: Vec::new(),
            host,
            host_key: HostKeyPolicy::default(),
            ssh_options: BTreeMap::new(),
            keepalive: Duration::from_secs(60),
            lease: Duration::from_secs(30),
            compression: true,
            reconnect: true,
            retry_for: Duration::from_secs(600),
            interface: Interface::default(),
            filter: None,
            exclude_self: true,
            group: None,
            note: None,
            snaplen: MAX_SNAPLEN,
            buffer: 128 << 20,
            direction: Direction::default(),
            promiscuous: true,
            precision: Precision::default(),
            delivery: Delivery::default(),
            privilege: Privilege::default(),
            command: None,
            viewer: Viewer::default(),
            record: None,
            rotate: Rotate::default(),
            spool: 2 << 30,
            stop_after: StopAfter::default(),
            on_viewer_exit: None,
        }
    }

    /// All machines on the way in order, bastions first, the target last.
    pub fn hops(&self) -> impl Iterator<Item = &Hop> {
        self.via.iter().chain(std::iter::once(&self.host))
    }
}
