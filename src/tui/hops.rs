//! What is known of the machines on the way to a target, and of the target.
//!
//! Each beat comes back from the target through all of them, so it is a sign of life of all. Where beats stay away, the
//! engine asks the last bastion once, and its answer stands for all bastions before it, too. How long the way to a bastion
//! takes nobody measures: sshd has no question for that which leaves nothing in its log.

use std::{
    cmp::Ordering,
    time::{Duration, Instant, SystemTime},
};

use super::{
    beats::{Beat, Beats, is_lost},
    msg::Moment,
};
use crate::{
    profile::Target,
    session::{Link, State},
};

/// One machine.
#[derive(Debug, Default)]
pub(crate) struct Hop {
    /// As the user names it.
    pub(crate) name: String,
    /// As failures name it: with login and port.
    label: String,
    /// Its signs of life.
    pub(crate) beats: Beats,
    /// Since when there is a connection to it.
    pub(crate) since: Option<SystemTime>,
}

/// All of them, the target last.
#[derive(Debug, Default)]
pub(crate) struct Hops {
    /// In the order of the way.
    pub(crate) all: Vec<Hop>,
}

impl Hops {
    /// Those on the way to a target.
    pub(crate) fn new(target: &Target) -> Self {
        let hop = |hop: &crate::profile::Hop| Hop {
            name: hop.host.clone(),
            label: hop.to_string(),
            ..Hop::default()
        };
        Self { all: target.hops().map(hop).collect() }
    }

    /// All have let us in at `now`; the bastions perhaps earlier, for another session.
    pub(crate) fn connect(&mut self, bastion_since: Option<SystemTime>, now: SystemTime) {
        let bastions = self.all.len().saturating_sub(1);
        for (place, hop) in self.all.iter_mut().enumerate() {
            hop.beats.trust();
            hop.since = Some(if place < bastions { bastion_since.unwrap_or(now) } else { now });
        }
    }

    /// Takes a state in that was entered at `at`.
    pub(crate) fn enter(&mut self, state: &State, at: SystemTime) {
        if let Some(place) = self.broken(state) {
            self.break_at(place);
            return;
        }
        let Some((target, bastions)) = self.split() else { return };
        let before = target.beats.heard;
        target.beats.enter(state, at);
        let heard = target.beats.heard.filter(|_| target.beats.heard != before);
        if let (Some(heard), State::Live { link: Link::Live { .. }, .. }) = (heard, state) {
            for hop in bastions.iter_mut() {
                hop.beats.hear(heard);
            }
        }
        if is_lost(state) {
            // Of those that did not answer before, this is true, too; of others nobody knows.
            let silent = |hop: &&mut Hop| hop.beats.strip.back() == Some(&Beat::Late);
            for hop in bastions.iter_mut().filter(silent) {
                hop.beats.lose();
            }
            for hop in &mut self.all {
                hop.since = None;
            }
        }
    }

    /// The place of the bastion that is known to have failed.
    fn broken(&self, state: &State) -> Option<usize> {
        let known =
            state.gap().map(|gap| &gap.last).or_else(|| state.failure()).filter(|_| is_lost(state))?;
        let name = known.hop.as_deref()?;
        let place = self.all.iter().position(|hop| hop.label == name)?;
        (place + 1 < self.all.len()).then_some(place)
    }

    /// What is before it is there, and of what is behind it nobody knows.
    fn break_at(&mut self, place: usize) {
        for (at, hop) in self.all.iter_mut().enumerate() {
            match at.cmp(&place) {
                Ordering::Less => hop.beats.trust(),
                Ordering::Equal => hop.beats.lose(),
                Ordering::Greater => hop.beats.doubt(),
            }
            if at >= place {
                hop.since = None;
            }
        }
    }

    /// The last bastion was asked whether it is there.
    pub(crate) fn hear_of_bastions(&mut self, answers: bool, now: Moment) {
        let Some((_, bastions)) = self.split() else { return };
        for hop in bastions {
            if answers { hop.beats.hear(now.instant) } else { hop.beats.miss(now.wall) }
        }
    }

    /// The target, and the bastions before it.
    fn split(&mut self) -> Option<(&mut Hop, &mut [Hop])> {
        self.all.split_last_mut()
    }
}

impl Hop {
    /// How long ago it was heard of.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        self.beats.heard.map(|heard| now.saturating_duration_since(heard))
    }
}
