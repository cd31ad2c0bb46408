//! The sessions on the screen.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{facts::Facts, history::History, standing::Standing};
use crate::{
    engine::SessionId,
    profile::TargetName,
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
    /// What else is known of it.
    pub(crate) facts: Facts,
    counters: Arc<Counters>,
    began: Instant,
    live_since: Option<Instant>,
}

impl Session {
    /// A session that begins now.
    pub(crate) fn new(name: TargetName, counters: Arc<Counters>, now: Instant) -> Self {
        Self {
            name,
            state: State::Connecting { since: now, gap: None },
            interface: None,
            filter: None,
            sample: Sample::default(),
            history: History::new(now),
            facts: Facts::default(),
            counters,
            began: now,
            live_since: None,
        }
    }

    /// What its state means.
    pub(crate) fn standing(&self) -> Standing {
        Standing::of(&self.state)
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
        let since = match (&self.state, self.live_since) {
            (State::Asking { since, .. }, _) => *since,
            (_, Some(live)) => live,
            (_, None) => self.began,
        };
        until.saturating_duration_since(since)
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
    /// The first line that is shown, counted in lines because a failed session has several.
    pub(crate) offset: usize,
}

impl Sessions {
    /// In the order of the screen: what needs the user first, then by age.
    pub(crate) fn in_order(&self) -> Vec<SessionId> {
        let mut ids: Vec<_> = self.all.iter().map(|(id, session)| (session.standing().rank(), *id)).collect();
        ids.sort_unstable();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// The sessions that have not ended.
    pub(crate) fn active(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.all.iter().filter(|(_, session)| !session.state.is_ended()).map(|(id, session)| (*id, session))
    }

    /// How many have not ended.
    pub(crate) fn active_count(&self) -> usize {
        self.active().count()
    }

    /// The marked ones, else the one under the cursor.
    pub(crate) fn chosen(&self) -> Vec<SessionId> {
        if self.marked.is_empty() {
            self.cursor.into_iter().collect()
        } else {
            self.marked.iter().copied().collect()
        }
    }

    /// Moves the cursor by `rows`, stopping at both ends.
    pub(crate) fn move_cursor(&mut self, rows: isize) {
        let order = self.in_order();
        let at = order.iter().position(|id| Some(*id) == self.cursor).unwrap_or(0);
        self.cursor = order.get(at.saturating_add_signed(rows).min(order.len().saturating_sub(1))).copied();
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
