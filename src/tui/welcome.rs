//! The first run: nothing is saved yet, and there are three ways to begin.

use std::{collections::BTreeSet, path::PathBuf};

use super::model::Model;
use crate::{
    engine::profiles::{Host, Survey},
    profile::{Edit, Hop, Place},
};

/// The site that imported machines go to.
pub(crate) const SITE: &str = "ssh";

/// What a user can ask for at the first run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WelcomeCmd {
    /// List the machines of `~/.ssh/config`.
    Import,
    /// Leave for a throwaway lab.
    Demo,
    /// Mark or unmark a machine.
    Mark,
    /// Mark all machines, or none.
    MarkAll,
    /// Save what is marked.
    Save,
}

/// What is said at the first run.
#[derive(Debug, Default)]
pub(crate) struct Welcome {
    /// What this machine has, once it was looked at.
    pub(crate) survey: Option<Survey>,
    /// How many of the machines of `~/.ssh/config` have a jump, once ssh was asked.
    pub(crate) jumps: Option<usize>,
    /// Where profiles are saved.
    pub(crate) folder: Option<PathBuf>,
}

/// The machines that can be imported.
#[derive(Debug, Default)]
pub(crate) struct Import {
    /// In the configuration's order; `None` while it is read.
    pub(crate) hosts: Option<Vec<Host>>,
    /// The places of the marked ones.
    pub(crate) marked: BTreeSet<usize>,
    /// The one under the cursor.
    pub(crate) cursor: usize,
}

impl Import {
    /// Takes the machines in; all of them are marked.
    pub(crate) fn list(&mut self, hosts: Vec<Host>) {
        self.marked = (0..hosts.len()).collect();
        self.hosts = Some(hosts);
        self.cursor = 0;
    }

    /// How many machines there are.
    pub(crate) fn len(&self) -> usize {
        self.hosts.as_ref().map_or(0, Vec::len)
    }

    /// Moves the cursor, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.len().saturating_sub(1));
    }

    /// Marks or unmarks the machine under the cursor.
    pub(crate) fn mark(&mut self) {
        if self.cursor < self.len() && !self.marked.remove(&self.cursor) {
            self.marked.insert(self.cursor);
        }
    }

    /// Marks all, or none if all are.
    pub(crate) fn mark_all(&mut self) {
        self.marked =
            if self.marked.len() == self.len() { BTreeSet::new() } else { (0..self.len()).collect() };
    }

    /// The changes that save what is marked: a target each, whose host is the name that ssh knows, and its bastions.
    pub(crate) fn edits(&self) -> Vec<Edit> {
        let hosts = self.hosts.iter().flatten().enumerate();
        hosts.filter(|(place, _)| self.marked.contains(place)).flat_map(|(_, host)| edits(host)).collect()
    }
}

fn edits(host: &Host) -> Vec<Edit> {
    let mut edits = vec![Edit::Add { name: host.name.clone(), host: host.name.clone() }];
    if !host.via.is_empty() {
        let at = Place::Target(host.name.clone());
        edits.push(Edit::Set { at, key: "via".to_owned(), text: words(&host.via, ", ") });
    }
    edits
}

fn words(hops: &[Hop], between: &str) -> String {
    hops.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

/// What a machine would become, in words: `bastion > ops@10.0.1.11`.
pub(crate) fn becomes(host: &Host) -> String {
    let facts = &host.facts;
    let port =
        if matches!(facts.port.as_str(), "" | "22") { String::new() } else { format!(":{}", facts.port) };
    let user = if facts.user.is_empty() { String::new() } else { format!("{}@", facts.user) };
    let machine = format!("{user}{}{port}", facts.hostname);
    match &facts.proxy {
        _ if !host.via.is_empty() => format!("{} > {machine}", words(&host.via, " > ")),
        Some(proxy) => format!("{machine}, as ssh goes there: {proxy}"),
        None => machine,
    }
}

impl Model {
    /// True while nothing is saved and nothing runs.
    pub(crate) fn is_first_run(&self) -> bool {
        self.catalog.targets.is_empty()
            && self.catalog.problems.is_empty()
            && self.sessions.all.is_empty()
            && self.starting.is_empty()
    }
}
