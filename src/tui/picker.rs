//! Picking interfaces of a target, and changing its filter for the next start: what the boxes hold.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use super::{
    filter::{Column, Query},
    text::TextInput,
};
use crate::{
    engine::SessionId,
    profile::{Interface, Target},
    remote::{
        probe::{InterfaceInfo, ProbeReport},
        rates::Flow,
    },
    session::Failure,
};

/// How many measurements of an interface are shown.
pub(crate) const MEASURED: usize = 6;

/// A look at a target that a box waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Looking {
    /// What it was asked for with.
    pub(crate) ticket: u64,
    /// Its number, once it has begun.
    pub(crate) id: Option<SessionId>,
}

/// What the boxes of this room are about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The target as it would be started.
    pub(crate) target: Target,
    /// The session that the box was opened on.
    pub(crate) of: Option<SessionId>,
    /// What the choice is for.
    pub(crate) goal: Goal,
}

/// What a choice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Sessions that start with it.
    Capture,
    /// The field of the form below.
    Field,
}

/// The box that picks interfaces.
#[derive(Debug)]
pub(crate) struct Picker {
    /// Whose.
    pub(crate) subject: Subject,
    /// The look that tells.
    pub(crate) looking: Looking,
    /// How far it is.
    pub(crate) stage: Stage,
    /// What a running capture was to go on with.
    pub(crate) trial: Option<Trial>,
}

/// Interfaces that were chosen for a running capture. It ends for them only once the target has opened them.
#[derive(Debug)]
pub(crate) struct Trial {
    /// A session each.
    pub(crate) choices: Vec<Interface>,
    /// What is known of them.
    pub(crate) outlook: Outlook,
}

/// What is known of interfaces that were chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outlook {
    /// The target is asked.
    Asked,
    /// It cannot capture there, and why.
    Refused(Failure),
    /// Nobody can tell, and why; Enter goes on all the same.
    Unknown(String),
}

/// How far the picking is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The target is asked.
    Reading {
        /// The hops that have let us in.
        reached: usize,
        /// Since when.
        since: Instant,
    },
    /// Its interfaces are to be seen.
    Listed(List),
    /// They cannot be: a name can be typed.
    Typing {
        /// Why.
        failure: Failure,
        /// What is typed.
        input: TextInput,
    },
}

/// The interfaces of a target.
#[derive(Debug)]
pub(crate) struct List {
    /// In the target's order.
    pub(crate) rows: Vec<Row>,
    /// The row under the cursor.
    pub(crate) cursor: usize,
    /// The marked ones, by name.
    pub(crate) marked: BTreeSet<String>,
    /// The interface that our own connection comes in by.
    pub(crate) own: Option<String>,
    /// When it was read or measured last.
    pub(crate) at: Instant,
    /// Why nothing is measured.
    pub(crate) unmeasured: Option<String>,
    /// What is searched for; without it all rows are shown.
    pub(crate) find: Option<Find>,
}

/// A search in the interfaces.
#[derive(Debug, Default)]
pub(crate) struct Find {
    /// What for.
    pub(crate) input: TextInput,
    /// It is being typed.
    pub(crate) typing: bool,
}

/// One interface.
#[derive(Debug)]
pub(crate) struct Row {
    /// What the target says of it.
    pub(crate) info: InterfaceInfo,
    /// What flowed, oldest first.
    pub(crate) flows: VecDeque<Flow>,
}

impl List {
    /// The interfaces that a target has told of.
    pub(crate) fn new(report: ProbeReport, now: Instant) -> Self {
        let holds = |info: &&InterfaceInfo| {
            report.connection.is_some_and(|connection| info.addresses.contains(&connection.server))
        };
        let own = report.interfaces.iter().find(holds).map(|info| info.name.clone());
        let auto = report.auto_interface.map(|(name, _)| name);
        let cursor = report.interfaces.iter().position(|info| Some(&info.name) == auto.as_ref()).unwrap_or(0);
        let rows = report.interfaces.into_iter().map(|info| Row { info, flows: VecDeque::new() }).collect();
        Self { rows, cursor, marked: BTreeSet::new(), own, at: now, unmeasured: None, find: None }
    }

    /// Takes a measurement in.
    pub(crate) fn measure(&mut self, flows: &BTreeMap<String, Flow>, now: Instant) {
        self.at = now;
        for row in &mut self.rows {
            if let Some(flow) = flows.get(&row.info.name) {
                if row.flows.len() == MEASURED {
                    row.flows.pop_front();
                }
                row.flows.push_back(*flow);
            }
        }
    }

    /// The places of the rows that are shown.
    pub(crate) fn shown(&self) -> Vec<usize> {
        let query = self.find.as_ref().map_or_else(Query::default, |find| Query::parse(find.input.text()));
        let shown = |(_, row): &(usize, &Row)| row.is_found_by(&query);
        self.rows.iter().enumerate().filter(shown).map(|(place, _)| place).collect()
    }

    /// The row under the cursor; none if nothing is found.
    pub(crate) fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor).filter(|_| self.shown().contains(&self.cursor))
    }

    /// Moves the cursor over what is shown, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        let shown = self.shown();
        let from = shown.iter().position(|place| *place == self.cursor).unwrap_or(0);
        let to = from.saturating_add_signed(rows).min(shown.len().saturating_sub(1));
        self.cursor = shown.get(to).copied().unwrap_or(self.cursor);
    }

    /// Begins to type what is searched for, or goes on with it.
    pub(crate) fn begin_find(&mut self) {
        self.find.get_or_insert_default().typing = true;
    }

    /// What was typed stays; nothing typed finds everything.
    pub(crate) fn keep_found(&mut self) {
        self.find = self.find.take().filter(|find| !find.input.text().trim().is_empty());
        if let Some(find) = &mut self.find {
            find.typing = false;
        }
    }

    /// Shows all rows again; false if they were.
    pub(crate) fn end_find(&mut self) -> bool {
        self.find.take().is_some()
    }

    /// Marks or unmarks the row under the cursor.
    pub(crate) fn mark(&mut self) {
        if let Some(row) = self.rows.get(self.cursor).filter(|_| self.row().is_some())
            && !self.marked.remove(&row.info.name)
        {
            self.marked.insert(row.info.name.clone());
        }
    }

    /// The marked ones in the list's order, also those that a search hides; else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<String> {
        if self.marked.is_empty() {
            return self.row().map(|row| row.info.name.clone()).into_iter().collect();
        }
        let names = self.rows.iter().map(|row| &row.info.name);
        names.filter(|name| self.marked.contains(*name)).cloned().collect()
    }
}

impl Row {
    fn is_found_by(&self, query: &Query) -> bool {
        let InterfaceInfo { name, description, addresses, .. } = &self.info;
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let columns = [
            (Column::Name, name.as_str()),
            (Column::Interface, name.as_str()),
            (Column::Note, description.as_str()),
        ];
        let addresses = addresses.iter().map(|address| (Column::Host, address.as_str()));
        query.keeps(&columns.into_iter().chain(addresses))
    }
}

impl Picker {
    /// True while a word is typed that the interfaces are searched for.
    pub(crate) fn is_finding(&self) -> bool {
        matches!(&self.stage, Stage::Listed(List { find: Some(find), .. }) if find.typing)
    }

    /// What Enter does with the list, in a few words; `runs`: the session that the box was opened on has not ended.
    pub(crate) fn enter(&self, runs: bool) -> String {
        let names = self.chosen();
        match (self.subject.goal, names.len()) {
            (_, 0) => "use".to_owned(),
            (Goal::Field, _) => format!("use {}", names.join(", ")),
            (Goal::Capture, 1) if runs => format!("restart on {}", names.join(", ")),
            (Goal::Capture, 1) => format!("start on {}", names.join(", ")),
            (Goal::Capture, number) => format!("{number} sessions"),
        }
    }

    /// How many interfaces are marked.
    pub(crate) fn marked(&self) -> usize {
        match &self.stage {
            Stage::Listed(list) => list.marked.len(),
            Stage::Reading { .. } | Stage::Typing { .. } => 0,
        }
    }

    /// The names that would be used now.
    pub(crate) fn chosen(&self) -> Vec<String> {
        match &self.stage {
            Stage::Reading { .. } => Vec::new(),
            Stage::Listed(list) => list.chosen(),
            Stage::Typing { input, .. } => {
                let name = input.text().trim();
                let usable =
                    !name.is_empty() && !name.starts_with('-') && !name.contains(char::is_whitespace);
                usable.then(|| name.to_owned()).into_iter().collect()
            }
        }
    }
}

/// The box that changes a filter.
#[derive(Debug)]
pub(crate) struct FilterBox {
    /// Whose.
    pub(crate) subject: Subject,
    /// What is typed.
    pub(crate) input: TextInput,
    /// What is known of it.
    pub(crate) verdict: Verdict,
}

/// What is known of a filter that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has not been asked for.
    Open,
    /// The target of a running session is asked, so that a mistake does not end its capture.
    Asked(Looking),
    /// It is wrong: the target's words, or our own.
    Wrong(String),
    /// Nobody could be asked, and why; Enter goes on all the same.
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        time::{Duration, Instant},
    };

    use super::{Flow, InterfaceInfo, List, MEASURED, ProbeReport};
    use crate::remote::{exclude::SshConnection, probe::Found};

    fn list(now: Instant) -> List {
        let info = |name: &str, address: &str| InterfaceInfo {
            name: name.into(),
            addresses: vec![address.parse().unwrap()],
            ..InterfaceInfo::default()
        };
        let report = ProbeReport {
            connection: SshConnection::parse("10.0.0.9 50000 10.0.1.11 22"),
            interfaces: vec![info("lo", "127.0.0.1"), info("eth0", "10.0.1.11"), info("eth1", "10.0.2.1")],
            auto_interface: Some(("eth0".into(), Found::Address)),
            ..ProbeReport::default()
        };
        List::new(report, now)
    }

    #[test]
    fn the_cursor_begins_at_what_auto_means_and_our_own_connection_is_known() {
        let list = list(Instant::now());
        assert_eq!((list.cursor, list.own.as_deref()), (1, Some("eth0")));
        assert_eq!(list.chosen(), ["eth0"]);
    }

    #[test]
    fn marks_are_used_in_the_order_of_the_list() {
        let mut list = list(Instant::now());
        list.move_cursor(9);
        list.mark();
        list.move_cursor(-9);
        list.mark();
        assert_eq!(list.chosen(), ["lo", "eth1"]);
        list.mark();
        assert_eq!(list.chosen(), ["eth1"]);
    }

    #[test]
    fn measurements_are_bounded_and_go_to_their_interface() {
        let now = Instant::now();
        let mut list = list(now);
        for number in 0..20_u32 {
            let flow = Flow { bytes: f64::from(number), packets: 1.0 };
            let flows = BTreeMap::from([("eth1".to_owned(), flow), ("new".to_owned(), flow)]);
            list.measure(&flows, now + Duration::from_secs(2 * u64::from(number)));
        }
        assert_eq!(list.rows[2].flows.len(), MEASURED);
        assert_eq!(list.rows[2].flows.back().unwrap().bytes.to_string(), "19");
        assert!(list.rows[0].flows.is_empty());
    }
}
