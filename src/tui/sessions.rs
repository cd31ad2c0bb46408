//! The sessions on the screen.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    catalog::{as_column, columns},
    facts::Facts,
    filter::{Column, Query},
    history::{History, Rate},
    marks::{self, Stretch},
    order::{SessionKey, Sort},
    standing::Standing,
};
use crate::{
    engine::{Fate, Report, SessionId},
    profile::{Interface, Target, TargetName},
    session::{Counters, Link, Sample, State},
};

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    /// Its target.
    pub(crate) name: TargetName,
    /// Where it stands.
    pub(crate) state: State,
    /// The interface, as far as it is known.
    pub(crate) interface: Option<String>,
    /// The filter of its profile.
    pub(crate) filter: Option<String>,
    /// Its numbers as of the last tick.
    pub(crate) sample: Sample,
    /// Its last minutes.
    pub(crate) history: History,
    /// What a filter finds of its target.
    pub(crate) columns: Vec<(Column, String)>,
    /// What else is known of it.
    pub(crate) facts: Facts,
    /// Whether it failed and a later try of the same is in the list.
    pub(crate) superseded: bool,
    counters: Arc<Counters>,
    began: Instant,
    live_since: Option<Instant>,
}

impl Session {
    /// Whether it has ended with packets that are nowhere but in the spool.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.state.is_ended() && self.may_lose()
    }

    /// Whether its end would cost packets that are in no file, or may, as it still runs.
    pub(crate) fn may_lose(&self) -> bool {
        let some = !self.state.is_ended() || self.sample.only_in_spool(self.facts.saved) > 0;
        self.facts.kept_in().is_none() && some
    }

    /// A session that begins now.
    pub(crate) fn new(name: TargetName, counters: Arc<Counters>, now: Instant) -> Self {
        Self {
            state: State::Connecting { since: now, gap: None },
            interface: None,
            filter: None,
            sample: Sample::default(),
            history: History::new(now),
            facts: Facts::default(),
            superseded: false,
            columns: vec![(Column::Name, name.to_string()), (Column::Site, name.site.clone())],
            name,
            counters,
            began: now,
            live_since: None,
        }
    }

    /// Takes over what its target says of itself.
    pub(crate) fn describe(&mut self, target: &Target) {
        self.columns = columns(target, None);
        self.columns.retain(|(column, _)| !matches!(column, Column::State | Column::Interface));
    }

    /// Whether a filter shows it.
    fn is_kept_by(&self, query: &Query) -> bool {
        let now = [
            (Column::State, self.state.word()),
            (Column::State, self.word()),
            (Column::Interface, self.interface.as_deref().unwrap_or_default()),
        ];
        query.keeps(&now.into_iter().chain(self.columns.iter().map(as_column)))
    }

    /// The rate as the row shows it: none once it has ended.
    pub(crate) fn shown_rate(&self) -> Rate {
        if self.state.is_live() { self.history.rate() } else { Rate::default() }
    }

    /// When its target was heard last; sessions without a link come last.
    pub(crate) fn heard(&self) -> (bool, Option<Instant>) {
        match &self.state {
            State::Live { link, .. } => (false, Some(link.heard())),
            _ => (true, None),
        }
    }

    /// Since when it has been what it is.
    pub(crate) fn since(&self) -> Instant {
        match (&self.state, self.live_since) {
            (State::Asking { since, .. }, _) => *since,
            (_, Some(live)) => live,
            (_, None) => self.began,
        }
    }

    /// What its state means.
    pub(crate) fn standing(&self) -> Standing {
        if self.superseded { Standing::Superseded } else { Standing::of(&self.state) }
    }

    /// The word for it in a list.
    pub(crate) fn word(&self) -> &'static str {
        if self.superseded { Standing::OLDER } else { self.state.word() }
    }

    /// Puts it into another state.
    pub(crate) fn enter(&mut self, state: State, now: Instant) {
        if let State::Live { since, .. } = &state
            && self.live_since.is_none()
        {
            self.live_since = Some(*since);
            self.history = History::new(*since);
        }
        self.state = state;
        self.read(now);
    }

    /// Reads the counters. Returns true if something to be seen changed.
    pub(crate) fn read(&mut self, now: Instant) -> bool {
        let sample = self.counters.sample();
        let changed = sample != self.sample;
        self.sample = sample;
        self.facts.past.read(sample, now);
        let completed = self.state.is_live() && self.history.read(sample, now);
        changed || completed
    }

    /// How long it has been what it is: captures count from their first moment to their end, what waits for an
    /// answer counts the waiting.
    pub(crate) fn time(&self, now: Instant) -> Duration {
        let until = match &self.state {
            State::Ended { at, .. } => *at,
            _ => now,
        };
        until.saturating_duration_since(self.since())
    }

    /// The age of the last sign of life, while there is a link; `Err` if it is taken for gone.
    pub(crate) fn link_age(&self, now: Instant) -> Option<Result<Duration, ()>> {
        match &self.state {
            State::Live { link: Link::Lost { .. }, .. } => Some(Err(())),
            State::Live { link, .. } => Some(Ok(now.saturating_duration_since(link.heard()))),
            state if state.gap().is_some() => Some(Err(())),
            _ => None,
        }
    }

    /// True while it is live and nothing has come yet: this is said in words, because it is no error.
    pub(crate) fn is_waiting_for_packets(&self) -> bool {
        self.state.is_live() && self.sample.packets == 0
    }

    /// True if packets came but tcpdump has told nothing of drops yet.
    pub(crate) fn drops_are_unknown(&self) -> bool {
        self.sample.packets > 0 && self.sample.kernel_received == 0 && self.sample.dropped() == 0
    }
}

/// All sessions, with the cursor and the marks.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// Oldest first.
    pub(crate) all: BTreeMap<SessionId, Session>,
    /// The one under the cursor: it is followed wherever its row goes.
    pub(crate) cursor: Option<SessionId>,
    /// The marked ones.
    pub(crate) marked: BTreeSet<SessionId>,
    /// The range that is being marked.
    pub(crate) stretch: Option<Stretch<SessionId>>,
    /// The first line that is shown, counted in lines because a failed session has several.
    pub(crate) offset: usize,
    /// Their order.
    pub(crate) sort: Sort<SessionKey>,
    /// Which are shown.
    pub(crate) query: Query,
    /// The accounts of those that ended, in that order.
    pub(crate) reports: Vec<(SessionId, Report)>,
    /// What became of packets that were in no file.
    pub(crate) fates: BTreeMap<SessionId, Fate>,
}

impl Sessions {
    /// What is shown, in the order of the screen.
    pub(crate) fn in_order(&self) -> Vec<SessionId> {
        let mut shown: Vec<_> =
            self.all.iter().filter(|(_, session)| session.is_kept_by(&self.query)).collect();
        shown.sort_by(|a, b| self.sort.compare(a.1, b.1));
        shown.into_iter().map(|(id, _)| *id).collect()
    }

    /// Finds out which failures are history: those of which a later try of the same is in the list.
    pub(crate) fn supersede(&mut self) {
        let interface =
            |session: &Session| session.facts.target.as_ref().map(|target| target.interface.clone());
        let mut later: Vec<(TargetName, Option<Interface>, SessionId)> = Vec::new();
        for (id, session) in self.all.iter_mut().rev() {
            let (name, interface) = (session.name.clone(), interface(session));
            let last = later.iter().find(|last| (&last.0, &last.1) == (&name, &interface)).map(|last| last.2);
            let superseded = last.is_some() && session.state.is_ended() && session.state.failure().is_some();
            // Who looks at a target goes on looking at it when it is tried again.
            if superseded && !session.superseded && self.cursor == Some(*id) {
                self.cursor = last;
            }
            session.superseded = superseded;
            if last.is_none() {
                later.push((name, interface, *id));
            }
        }
    }

    /// The word for the state of a target's last session.
    pub(crate) fn word_of(&self, name: &TargetName) -> Option<&'static str> {
        let session = self.all.values().rev().find(|session| session.name == *name);
        session.map(|session| session.state.word())
    }

    /// The sessions that have not ended.
    pub(crate) fn active(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.all.iter().filter(|(_, session)| !session.state.is_ended()).map(|(id, session)| (*id, session))
    }

    /// How many have not ended.
    pub(crate) fn active_count(&self) -> usize {
        self.active().count()
    }

    /// The marked ones that are shown: nothing happens to what nobody sees.
    pub(crate) fn shown_marks(&self) -> Vec<SessionId> {
        let mut marked = self.in_order();
        marked.retain(|id| self.marked.contains(id));
        marked.sort_unstable();
        marked
    }

    /// The marked ones, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<SessionId> {
        let marked = self.shown_marks();
        if marked.is_empty() { self.cursor.into_iter().collect() } else { marked }
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        let order = self.in_order();
        let at = order.iter().position(|id| Some(*id) == self.cursor).unwrap_or(0);
        self.go_to(&order, at.saturating_add_signed(rows).min(order.len().saturating_sub(1)));
    }

    /// Moves the cursor to the next row, or to the one before, around both ends.
    pub(crate) fn next_row(&mut self, forward: bool) {
        let order = self.in_order();
        let at = order.iter().position(|id| Some(*id) == self.cursor).unwrap_or(0);
        let step = if forward { 1 } else { order.len().saturating_sub(1) };
        self.go_to(&order, (at + step) % order.len().max(1));
    }

    fn go_to(&mut self, order: &[SessionId], at: usize) {
        self.cursor = order.get(at).copied();
        if let (Some(stretch), Some(to)) = (&self.stretch, self.cursor)
            && let Some(marked) = stretch.marked(order, to)
        {
            self.marked = marked;
        }
    }

    /// Puts a cursor whose row is not shown any more on the first one that is.
    pub(crate) fn keep_cursor(&mut self) {
        let order = self.in_order();
        if !self.cursor.is_some_and(|id| order.contains(&id)) {
            self.cursor = order.first().copied();
        }
    }

    /// Marks all that is shown, or takes the marks away if all of it is marked.
    pub(crate) fn mark_all(&mut self) {
        let shown = self.in_order();
        self.stretch = None;
        marks::toggle(&mut self.marked, &shown);
    }

    /// Begins to mark a range, or ends it.
    pub(crate) fn mark_range(&mut self) {
        self.stretch = match (self.stretch.take(), self.cursor) {
            (None, Some(id)) => Some(Stretch::new(id, self.marked.clone())),
            _ => None,
        };
        self.move_cursor(0);
    }

    /// Takes all marks away. Returns false if there were none.
    pub(crate) fn unmark(&mut self) -> bool {
        let some = !self.marked.is_empty() || self.stretch.is_some();
        self.marked.clear();
        self.stretch = None;
        some
    }

    /// Takes a session off the screen; the cursor stays at its place.
    pub(crate) fn remove(&mut self, id: SessionId) {
        let order = self.in_order();
        let at = order.iter().position(|other| *other == id).unwrap_or(0);
        self.all.remove(&id);
        self.marked.remove(&id);
        if self.cursor == Some(id) {
            let left = self.in_order();
            self.cursor = left.get(at.min(left.len().saturating_sub(1))).copied();
        }
    }
}
