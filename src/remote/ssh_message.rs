//! What ssh says when it fails, turned into one [`Failure`] that names the hop and the reason.
//!
//! Every hop's ssh writes its own log (`-E`), so the hop is known from where a line stands. The outermost hop
//! with a reason is the one to name: every hop behind it only sees its connection close, which ssh words as
//! `Connection closed by UNKNOWN port 65535`. A bastion that reaches no further says so in its own log, about
//! the next hop. Words: OpenSSH 8 to 9, recorded from real servers (the table below).

mod reason;
mod standing;

pub use standing::{DEBUG, refusal, was_refused};

use std::path::PathBuf;

use reason::{Reason, Weight};

use crate::{
    remote::text::clean,
    session::{FailKind, Failure, Stage},
};

/// All that the ssh processes of one connection said: one entry per hop, outermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SshSaid {
    /// The hops.
    pub hops: Vec<HopSaid>,
}

/// What one hop's ssh said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HopSaid {
    /// Its log (`-E`): ssh's own words only.
    pub log: String,
    /// Its stderr: the server's banner, words of the user's own `ProxyCommand`, and ssh's word about the end.
    pub stderr: String,
    /// How the hop is entered.
    pub entry: Entry,
}

/// How a connection enters a hop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Entry {
    /// By a login of its own.
    #[default]
    Login,
    /// Through a connection that stands already.
    Standing,
}

impl SshSaid {
    /// How many hops let us in, counted from the outermost.
    pub fn logged_in(&self) -> usize {
        self.hops.iter().take_while(|said| said.logged_in()).count()
    }
}

impl HopSaid {
    /// Whether this hop's ssh has logged in.
    fn logged_in(&self) -> bool {
        self.entry == Entry::Standing || self.log.lines().any(is_login)
    }
}

/// Whether ssh says that a hop let it in.
fn is_login(line: &str) -> bool {
    line.starts_with("Authenticated to ") && line.contains(" using \"")
}

/// Why a connection could not be made or went away. `labels` are the hops as the user names them, outermost first.
pub fn classify(stage: Stage, labels: &[String], said: &SshSaid) -> Failure {
    let found = find(labels.len(), said, Weight::Reason)
        .or_else(|| user_proxy(said))
        .or_else(|| find(labels.len(), said, Weight::Echo));
    match found {
        Some((hop, reason)) => words(stage, labels, said, hop, &reason),
        None => unexplained(stage, labels, said),
    }
}

/// The outermost hop with a line of this weight: its index and what the line means.
fn find(count: usize, said: &SshSaid, weight: Weight) -> Option<(usize, Reason)> {
    said.hops.iter().take(count).enumerate().find_map(|(hop, of_hop)| {
        let found = reason::of_hop(of_hop, hop + 1 < count, weight)?;
        // A forwarding that failed speaks of the next hop, unless this one forbade it.
        let beyond = matches!(found, Reason::Beyond { kind, .. } if kind != FailKind::ForwardingDenied);
        Some((hop + usize::from(beyond), found))
    })
}

/// A jump or command of the user's own configuration, on the way to the first hop, writes to that hop's stderr.
fn user_proxy(said: &SshSaid) -> Option<(usize, Reason)> {
    if said.logged_in() > 0 {
        return None;
    }
    let as_log = HopSaid { log: said.hops.first()?.stderr.clone(), ..HopSaid::default() };
    match reason::of_hop(&as_log, true, Weight::Reason)? {
        Reason::Own { kind, line } | Reason::Beyond { kind, line } | Reason::Proxy { kind, line } => {
            Some((0, Reason::Proxy { kind, line }))
        }
    }
}

/// A failure that has been traced to a hop.
fn words(stage: Stage, labels: &[String], said: &SshSaid, hop: usize, reason: &Reason) -> Failure {
    let name = labels[hop].as_str();
    let log = said.hops.get(hop).map_or("", |said| said.log.as_str());
    let from = hop.checked_sub(1).map(|i| labels[i].as_str());
    let (kind, message) = match reason {
        Reason::Own { kind, line } => (*kind, own_message(*kind, name, line, log)),
        Reason::Beyond { kind: FailKind::ForwardingDenied, .. } => {
            let next = labels.get(hop + 1).map_or("the next hop", String::as_str);
            (FailKind::ForwardingDenied, format!("{name} refuses to forward to {next}"))
        }
        Reason::Beyond { kind, line } => {
            let from = from.unwrap_or("the bastion");
            (*kind, format!("{from} cannot reach {name}: {}", clean(line)))
        }
        Reason::Proxy { kind, line } => {
            (*kind, format!("the way to {name} in your ssh_config failed: {}", clean(line)))
        }
    };
    let failure = Failure::new(stage, Some(name), kind, message);
    match hint(kind, name, labels.get(hop + 1).map(String::as_str), log) {
        Some(hint) if kind == FailKind::HostKeyUnknown => failure.hint(hint).by_option(format!(
            "compare the fingerprint and accept it with --ask, or connect once with ssh to {name}"
        )),
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Nothing that ssh said about a hop is known: its last words, whatever they are.
fn unexplained(stage: Stage, labels: &[String], said: &SshSaid) -> Failure {
    let hop = said.logged_in().min(labels.len().saturating_sub(1));
    let name = labels.get(hop).map_or("the target", String::as_str);
    let mut all = said.hops.iter().flat_map(|said| said.log.lines().chain(said.stderr.lines()));
    // That it got in, and how much it carried, is no reason for its end.
    let is_account =
        |line: &str| line.starts_with("Transferred: sent ") || line.starts_with("Bytes per second: ");
    let last = all.rfind(|line| !line.trim().is_empty() && !is_login(line) && !is_account(line));
    let kind = if said.logged_in() == labels.len() { FailKind::LinkLost } else { FailKind::Protocol };
    let text = match last {
        Some(line) => format!("the connection to {name} ended: {}", clean(line)),
        None => format!("the connection to {name} ended without a word from ssh"),
    };
    Failure::new(stage, Some(name), kind, text)
}

fn own_message(kind: FailKind, name: &str, line: &str, log: &str) -> String {
    let line = clean(line);
    match kind {
        FailKind::Refused => format!("{name} refused the connection"),
        FailKind::UnknownHost => format!("the name of {name} does not resolve: {line}"),
        FailKind::Timeout => format!("{name} did not answer in time"),
        FailKind::Unreachable => format!("{name} cannot be reached: {line}"),
        FailKind::Authentication => format!("{name} did not let us in: {line}"),
        FailKind::HostKeyUnknown => format!("the host key of {name} is not known and was not accepted"),
        FailKind::HostKeyChanged => match reason::fingerprint(log) {
            Some(key) => format!("the host key of {name} has changed, it is now {}", clean(key)),
            None => format!("the host key of {name} has changed: {line}"),
        },
        FailKind::SshConfig => format!("ssh refuses its configuration: {line}"),
        FailKind::LinkLost => format!("the connection to {name} was lost: {}", line.trim_end_matches('.')),
        _ => format!("the connection to {name} failed: {line}"),
    }
}

/// What to do about it.
fn hint(kind: FailKind, name: &str, next: Option<&str>, log: &str) -> Option<String> {
    let text = match kind {
        FailKind::Refused => {
            "no ssh server listens there: check host and port, and that sshd runs".to_owned()
        }
        FailKind::UnknownHost => {
            "check the spelling; a bastion resolves the names of what lies behind it".to_owned()
        }
        FailKind::Timeout | FailKind::Unreachable => {
            "check the address, the network and any firewall or security group on the way".to_owned()
        }
        FailKind::Authentication => authentication_hint(log),
        FailKind::HostKeyUnknown => {
            format!("compare the fingerprint and accept it, or connect once with ssh to {name}")
        }
        FailKind::HostKeyChanged => changed_key_hint(log),
        FailKind::Protocol => protocol_hint(log),
        FailKind::ForwardingDenied => format!(
            "sshd on {name} needs AllowTcpForwarding, and PermitOpen for {}",
            next.unwrap_or("the next hop")
        ),
        FailKind::SshConfig => "correct that line, or the profile's ssh_options".to_owned(),
        FailKind::SessionDenied => {
            "the server is at its limit (MaxSessions, MaxStartups): try again".to_owned()
        }
        _ => return None,
    };
    Some(text)
}

fn authentication_hint(log: &str) -> String {
    if let Some(path) = reason::between(log, "no such identity: ", ": ") {
        return format!("the key file {} does not exist", clean(path));
    }
    if let Some(path) = reason::between(log, "Permissions 0", "are too open")
        .and_then(|rest| reason::between(rest, "for '", "'"))
    {
        return format!("ssh ignores a key that others can read: chmod 600 {}", clean(path));
    }
    if let Some(path) = reason::between(log, "Load key \"", "\": ") {
        return format!(
            "the key {} could not be used: check file and passphrase, or ssh-add it",
            clean(path)
        );
    }
    if log.contains("Too many authentication failures") {
        return "the agent offers too many keys: set identity for this hop".to_owned();
    }
    "check user and identity; a key with a passphrase goes into the agent with ssh-add".to_owned()
}

/// File and line of the known key that is not the one that was offered.
pub fn known_key(said: &SshSaid) -> Option<(PathBuf, usize)> {
    let (file, line) = said.hops.iter().find_map(|said| reason::offending_key(&said.log))?;
    Some((file.into(), line.parse().ok()?))
}

/// The fingerprint in what `ssh-keygen -l` says of a key.
pub fn fingerprint_of(told: &str) -> Option<&str> {
    told.split_whitespace().find(|word| word.starts_with("SHA256:") || word.starts_with("MD5:"))
}

const KNOWN: &str = "the known key ";

/// The failure with the fingerprint of the key that is known.
pub fn with_known_key(mut failure: Failure, fingerprint: &str) -> Failure {
    let named = format!("{KNOWN}{} ", clean(fingerprint));
    failure.hint = failure.hint.map(|hint| hint.replacen(KNOWN, &named, 1));
    failure
}

/// The command that forgets the old key: Debian's ssh prints one, others do not.
fn changed_key_hint(log: &str) -> String {
    let Some((file, line)) = reason::offending_key(log) else {
        return "if the change is expected, remove the old key from known_hosts".to_owned();
    };
    let place = format!("{KNOWN}is at {}:{}", clean(file), clean(line));
    match reason::between(log, "Host key for ", " has changed") {
        Some(host) => {
            format!(
                "{place}; if the change is expected: ssh-keygen -f '{}' -R '{}'",
                clean(file),
                clean(host)
            )
        }
        None => format!("{place}; if the change is expected, remove it"),
    }
}

fn protocol_hint(log: &str) -> String {
    if log.contains("Unable to negotiate with") {
        return "an old server may need HostKeyAlgorithms, KexAlgorithms or Ciphers in ssh_options"
            .to_owned();
    }
    "it may not be an ssh server, be overloaded (MaxStartups), or block this address".to_owned()
}

#[cfg(test)]
mod tests;
