//! Which processes on a target are ours, and which of them nobody watches any more.
//!
//! A process is ours by what it says itself (a label in the arguments of a minder and of the sudo it started, or in
//! the environment of everything below it), or by its parents or its process group. tcpdump below a sudo that is gone
//! says nothing itself: it is known by our exclusion in its filter. Everything else is somebody else's, whatever it is called.

mod words;

pub use words::counted;

use super::{
    exclude::SshConnection,
    label::{Client, Label},
    minder::Tag,
    sweep::{Chosen, Kind, Process, Sweep},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How much longer than the lease a capture may have gone without a sign of life.
const GRACE: Duration = Duration::from_secs(10);

/// The longest chain of parents that is followed.
const MAX_DEPTH: usize = 32;

/// What was found on a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traces {
    /// Sessions that ended and left something, the oldest first.
    pub leftovers: Vec<Group>,
    /// Captures that somebody is watching.
    pub in_use: Vec<Group>,
    /// The target shows its users their own processes only: there may be more.
    pub hidden: bool,
}

/// The processes of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose they are, as far as they say.
    pub label: Option<Label>,
    /// What is there, by id; never empty.
    pub processes: Vec<Process>,
}

impl Group {
    /// The age of the oldest one.
    pub fn age(&self) -> Duration {
        self.processes.iter().map(|process| process.age).max().unwrap_or_default()
    }

    /// The processes as they are to be ended.
    pub fn chosen(&self) -> impl Iterator<Item = Chosen> {
        self.processes.iter().map(|process| Chosen {
            pid: process.pid,
            start: process.start.clone(),
            kind: match process {
                relay if is_relay(relay) => Kind::Relay,
                minder if self.is_minder_itself(minder) => Kind::Minder,
                _ => Kind::Own,
            },
        })
    }

    /// Whether it is the shell that started the capture: not one that it forked, which looks the same and hears
    /// nothing, nor what it waits below (setsid, script).
    fn is_minder_itself(&self, process: &Process) -> bool {
        let minds = |process: &Process| {
            is_minder(&process.args) && !matches!(program(&process.args), "setsid" | "script")
        };
        minds(process) && !self.processes.iter().any(|other| other.pid == process.parent && minds(other))
    }

    /// Who started it; `None` when nothing that is left of it says so.
    pub fn owner(&self) -> Option<&Client> {
        self.label.as_ref()?.client.as_ref()
    }

    /// What tells its session from all others.
    fn random(&self) -> Option<&str> {
        self.label.as_ref().map(|label| label.random.as_str())
    }

    /// The same processes: this group without those that `other` does not hold.
    fn common(&self, other: &[Self]) -> Option<Self> {
        let known = |process: &Process| {
            let mut all = other.iter().flat_map(|group| &group.processes);
            all.any(|known| (known.pid, &known.start) == (process.pid, &process.start))
        };
        let processes: Vec<Process> = self.processes.iter().filter(|p| known(p)).cloned().collect();
        (!processes.is_empty()).then(|| Self { label: self.label.clone(), processes })
    }
}

impl Traces {
    /// Sorts what a target said it has; the sweep's own channel, `own`, does not count.
    pub fn of(sweep: &Sweep, own: &Tag) -> Self {
        let own = Label::parse(&own.to_string()).map(|label| label.random);
        let sessions = Sessions::of(sweep);
        let mut traces = Self { hidden: sweep.hidden, ..Self::default() };
        for (id, group) in sessions.groups(sweep) {
            if own.as_deref() == Some(id) {
                continue;
            }
            if !is_watched(&group) {
                traces.leftovers.push(group);
            } else if group.processes.iter().any(captures) {
                traces.in_use.push(group);
            }
        }
        traces.leftovers.extend(strays(sweep, &sessions));
        traces.leftovers.sort_by_key(|group| std::cmp::Reverse(group.age()));
        traces
    }

    /// What this look and an earlier one agree about: a session that is just ending is no leftover.
    #[must_use]
    pub fn confirmed(self, earlier: &Self) -> Self {
        let leftovers = self.leftovers.iter().filter_map(|group| group.common(&earlier.leftovers)).collect();
        Self { leftovers, ..self }
    }

    /// What is there of these groups, with what their processes started meanwhile.
    pub fn still(&self, groups: &[Group]) -> Vec<Group> {
        let all = || self.leftovers.iter().chain(&self.in_use);
        let labels: BTreeSet<&str> = groups.iter().filter_map(Group::random).collect();
        let same = |group: &Group| match group.random() {
            Some(random) => labels.contains(random).then(|| group.clone()),
            None => group.common(groups),
        };
        all().filter_map(same).collect()
    }

    /// How many processes were left over.
    pub fn left(&self) -> usize {
        self.leftovers.iter().map(|group| group.processes.len()).sum()
    }
}

/// Which session, by the random part of its label, each process belongs to.
struct Sessions<'a> {
    of: BTreeMap<u32, &'a str>,
    labels: BTreeMap<&'a str, Label>,
}

/// A label that a process bears.
struct Bearer<'a> {
    pid: u32,
    group: u32,
    /// The label's random part, in the process's own text.
    random: &'a str,
}

impl<'a> Sessions<'a> {
    fn of(sweep: &'a Sweep) -> Self {
        let mut labels = BTreeMap::new();
        let mut bearers = Vec::new();
        for process in sweep.processes.values() {
            if let Some((random, label)) = own_words(process) {
                labels.insert(random, label);
                bearers.push(Bearer { pid: process.pid, group: process.group, random });
            }
        }
        let mut of: BTreeMap<u32, &str> = bearers.iter().map(|bearer| (bearer.pid, bearer.random)).collect();
        let groups: BTreeMap<u32, &str> =
            bearers.iter().map(|bearer| (bearer.group, bearer.random)).collect();
        for process in sweep.processes.values().filter(|process| captures(process)) {
            let from = parents(sweep, process).find_map(|parent| of.get(&parent).copied());
            if let Some(random) = from.or_else(|| groups.get(&process.group).copied()) {
                of.entry(process.pid).or_insert(random);
            }
        }
        Self { of, labels }
    }

    /// The processes of each session.
    fn groups(&self, sweep: &Sweep) -> BTreeMap<&'a str, Group> {
        let mut groups = BTreeMap::new();
        for (pid, random) in &self.of {
            let Some(process) = sweep.processes.get(pid) else { continue };
            let label = self.labels.get(random).cloned();
            let group = groups.entry(*random).or_insert_with(|| Group { label, processes: Vec::new() });
            group.processes.push(process.clone());
        }
        groups
    }
}

/// Whether the session's minder still has the sshd that started it, and its lease is not over.
fn is_watched(group: &Group) -> bool {
    let inside: BTreeSet<u32> = group.processes.iter().map(|process| process.pid).collect();
    let held = |process: &Process| {
        is_minder(&process.args) && process.parent != 1 && !inside.contains(&process.parent)
    };
    group.processes.iter().any(held) && !group.processes.iter().any(is_overdue)
}

/// The ids of a process's parent, its parent, and so on, as far as they are known.
fn parents<'a>(sweep: &'a Sweep, process: &'a Process) -> impl Iterator<Item = u32> + 'a {
    let mut at = Some(process.parent);
    let up = std::iter::from_fn(move || {
        let pid = at?;
        at = sweep.processes.get(&pid).map(|parent| parent.parent);
        Some(pid)
    });
    up.take(MAX_DEPTH)
}

/// The label that a process bears itself, and its random part where that stands.
fn own_words(process: &Process) -> Option<(&str, Label)> {
    if let Some(mark) = &process.mark {
        return Some((mark.random.as_str(), mark.clone()));
    }
    let words: Vec<&str> = process.args.split(' ').collect();
    let at = words.iter().position(|word| word.strip_prefix("wrcap-").and_then(Label::parse).is_some())?;
    let text = words[at].strip_prefix("wrcap-")?;
    let sudo = program(&process.args) == "sudo" && at > 0 && words[at - 1] == "-p";
    let random = text.split(':').next()?;
    (is_minder(&process.args) || sudo).then_some(()).and(Label::parse(text)).map(|label| (random, label))
}

/// The shell that runs a script of ours, or what it waits below (setsid, script).
fn is_minder(args: &str) -> bool {
    args.contains("eval \"$wrcap\"")
}

/// The name of the program.
fn program(args: &str) -> &str {
    let first = args.split(' ').next().unwrap_or_default();
    first.rsplit('/').next().unwrap_or_default()
}

fn is_relay(process: &Process) -> bool {
    matches!(program(&process.args), "sudo" | "doas")
}

/// tcpdump as we start it, or the sudo or doas above it; and whatever bears our mark but is not the minder's own.
fn captures(process: &Process) -> bool {
    let ours = is_relay(process) || program(&process.args) == "tcpdump";
    ours && process.args.contains("tcpdump") || process.mark.is_some() && !is_nap(&process.args)
}

/// The minder's sleep: as old as the last sign of life from the client.
fn is_nap(args: &str) -> bool {
    nap(args).is_some()
}

fn nap(args: &str) -> Option<Duration> {
    let seconds = args.strip_prefix("sleep ")?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// A lease that is over without having ended anything: the processes were stopped.
fn is_overdue(process: &Process) -> bool {
    process.mark.is_some()
        && nap(&process.args).is_some_and(|lease| process.age > lease.saturating_add(GRACE))
}

/// Captures that nothing but their filter tells to be ours: everything above them is gone, and none of the
/// connections that they exclude is there any more.
fn strays(sweep: &Sweep, sessions: &Sessions) -> Vec<Group> {
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    for process in sweep.processes.values() {
        if sessions.of.contains_key(&process.pid) || !is_our_capture(&process.args) {
            continue;
        }
        let known = |pid: &u32| sweep.processes.get(pid).is_some_and(|above| is_our_capture(&above.args));
        let top = parents(sweep, process).take_while(known).last().unwrap_or(process.pid);
        let orphaned = sweep.processes.get(&top).is_some_and(|top| top.parent == 1);
        if orphaned && process.connections == 0 {
            let group = groups.entry(top).or_insert_with(|| Group { label: None, processes: Vec::new() });
            group.processes.push(process.clone());
        }
    }
    groups.into_values().collect()
}

/// The shape of the command line that `tcpdump.rs` and `exclude.rs` write, with our exclusion at its end.
fn is_our_capture(args: &str) -> bool {
    let tcpdump = matches!(program(args), "tcpdump" | "sudo" | "doas") && args.contains("tcpdump -U -n -i ");
    let Some((_, exclusion)) = args.rsplit_once("not (tcp and host ") else { return false };
    tcpdump && args.contains(" -w - -- ") && is_exclusion(exclusion)
}

/// `CLIENT and port PORT and host SERVER and port PORT)`.
fn is_exclusion(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        [client, "and", "port", cport, "and", "host", server, "and", "port", sport] => {
            sport.strip_suffix(')').is_some_and(|sport| {
                SshConnection::parse(&format!("{client} {cport} {server} {sport}")).is_some()
            })
        }
        _ => false,
    }
}

#[cfg(test)]
#[path = "leftover_tests.rs"]
mod tests;
