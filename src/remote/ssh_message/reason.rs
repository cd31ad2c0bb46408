//! The meaning of single lines of ssh.

use super::HopSaid;
use crate::session::FailKind;

/// How much a line explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It says why.
    Reason,
    /// It only says that the other end went away.
    Echo,
}

/// What a hop's log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// About the hop itself.
    Own { kind: FailKind, line: String },
    /// About a jump or command of the user's own configuration before it.
    Proxy { kind: FailKind, line: String },
    /// About its way to the next hop.
    Beyond { kind: FailKind, line: String },
}

/// Words of a line, any of which gives it its kind. In order: the first that matches counts.
const LINES: &[(&[&str], FailKind)] = &[
    (&["IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY"], FailKind::HostKeyChanged),
    (&["Host key verification failed", "host key is known for"], FailKind::HostKeyUnknown),
    (&["Could not resolve hostname"], FailKind::UnknownHost),
    (&["Connection timed out", "Operation timed out"], FailKind::Timeout),
    (&["No route to host", "Network is unreachable", "Host is down"], FailKind::Unreachable),
    (&["Permission denied (", "Too many authentication failures"], FailKind::Authentication),
    (
        &[
            "Unable to negotiate with",
            "Bad remote protocol version",
            "rotocol mismatch",
            "banner line",
            "Bad packet length",
            "Corrupted MAC",
        ],
        FailKind::Protocol,
    ),
    (&["Connection refused"], FailKind::Refused),
    (
        &[
            "Bad configuration option",
            "Bad owner or permissions on",
            "Can't open user config file",
            "nsupported option",
        ],
        FailKind::SshConfig,
    ),
];

/// Lines that only tell of an end.
const ECHOES: &[&str] = &[
    "Connection closed by ",
    "Connection reset by ",
    "closed by remote host",
    "Connection to UNKNOWN",
    "Broken pipe",
    "not responding",
    "Received disconnect from",
];

/// What the bastion's sshd says about a connection that it could not make; the first that matches counts.
const FORWARDINGS: &[(&[&str], FailKind)] = &[
    (&["administratively prohibited", "unknown channel type"], FailKind::ForwardingDenied),
    (&["Connection refused"], FailKind::Refused),
    (&["timed out"], FailKind::Timeout),
    (&["resource shortage"], FailKind::SessionDenied),
    (&["not known", "name resolution", "No address associated", "nodename nor"], FailKind::UnknownHost),
    (&["onnect failed"], FailKind::Unreachable),
];

/// What one hop says with this weight; `bastion`: it was to forward to another hop.
pub(super) fn of_hop(said: &HopSaid, bastion: bool, weight: Weight) -> Option<Reason> {
    let (log, logged_in) = (said.log.as_str(), said.logged_in());
    if weight == Weight::Echo {
        return echo(said, logged_in);
    }
    if bastion && let Some(found) = log.lines().find_map(forwarding) {
        return Some(found);
    }
    // After the login, the words of a failed login come only from a server that tells stories, and the outermost
    // hop that was cut off is the one to name: the cut goes on to all behind it.
    if logged_in {
        return echo(said, logged_in);
    }
    LINES.iter().find_map(|entry| own(log, entry)).or_else(|| config(log))
}

fn own(log: &str, (words, kind): &(&[&str], FailKind)) -> Option<Reason> {
    let line = log.lines().find(|line| words.iter().any(|word| line.contains(word)))?;
    Some(Reason::Own { kind: *kind, line: line.to_owned() })
}

/// Any other complaint about a line of a configuration: `FILE line 3: ...` or `FILE: line 3: ...`.
fn config(log: &str) -> Option<Reason> {
    let is_place = |line: &str| {
        let number = line.split_once(" line ").map(|(_, rest)| rest);
        number.and_then(|rest| rest.split_once(':')).is_some_and(|(n, _)| n.parse::<u32>().is_ok())
    };
    let line = log.lines().find(|line| is_place(line))?;
    Some(Reason::Own { kind: FailKind::SshConfig, line: line.to_owned() })
}

/// The last word about an end. Most are in the log, but `Connection to HOST closed by remote host.` is not.
fn echo(said: &HopSaid, logged_in: bool) -> Option<Reason> {
    let goodbye = |line: &&str| line.starts_with("Connection to ") && line.contains(" closed by remote host");
    let in_log = || said.log.lines().rfind(|line| ECHOES.iter().any(|word| line.contains(word)));
    let line = said.stderr.lines().rfind(goodbye).filter(|_| logged_in).or_else(in_log)?;
    let kind = if logged_in { FailKind::LinkLost } else { FailKind::Protocol };
    // "UNKNOWN port 65535" is ssh's name for the pipe to its proxy.
    let line = if line.contains("UNKNOWN port 65535") { "it closed before the login" } else { line };
    Some(Reason::Own { kind, line: line.to_owned() })
}

/// `channel 0: open failed: connect failed: Connection refused`
fn forwarding(line: &str) -> Option<Reason> {
    let (start, said) = line.split_once(": open failed: ")?;
    if !start.starts_with("channel ") {
        return None;
    }
    let hit = |(words, _): &&(&[&str], FailKind)| words.iter().any(|word| said.contains(word));
    let kind = FORWARDINGS.iter().find(hit).map_or(FailKind::ForwardingDenied, |(_, kind)| *kind);
    let line = said.strip_prefix("connect failed: ").unwrap_or(said).to_owned();
    Some(Reason::Beyond { kind, line })
}

/// The new key of a host whose key changed.
pub(super) fn fingerprint(log: &str) -> Option<&str> {
    let (_, rest) = log.split_once("sent by the remote host is")?;
    rest.split_whitespace().next().map(|word| word.trim_end_matches('.'))
}

/// File and line of the key that is known: `Offending ED25519 key in FILE:3`.
pub(super) fn offending_key(log: &str) -> Option<(&str, &str)> {
    let line = log.lines().find(|line| line.starts_with("Offending "))?;
    line.split_once(" key in ")?.1.trim_end().rsplit_once(':')
}

/// What stands between two pieces of text on one line.
pub(super) fn between<'a>(log: &'a str, before: &str, after: &str) -> Option<&'a str> {
    log.lines().find_map(|line| line.split_once(before)?.1.split_once(after).map(|(middle, _)| middle))
}
