//! The last beats of a session's link: what came back, what was late, what was lost.

use std::{
    collections::VecDeque,
    time::{Duration, Instant, SystemTime},
};

use super::{glyphs::Glyph, theme::Role};
use crate::session::{FailKind, Failure, Link, State};

/// How many are kept.
pub(crate) const KEPT: usize = 40;

/// One beat, or the lack of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    /// It came back.
    Heard,
    /// Two were missing.
    Late,
    /// The link was taken for gone.
    Lost,
    /// What is before it is gone: nobody knows.
    Unknown,
}

impl Beat {
    /// Its sign.
    pub(crate) fn glyph(self) -> Glyph {
        match self {
            Self::Heard => Glyph::Done,
            Self::Late => Glyph::Late,
            Self::Lost => Glyph::Failed,
            Self::Unknown => Glyph::Unknown,
        }
    }

    /// Its role.
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Heard => Role::Ok,
            Self::Late => Role::Warn,
            Self::Lost => Role::Error,
            Self::Unknown => Role::Muted,
        }
    }
}

/// Whether a state means that the link is gone.
pub(crate) fn is_lost(state: &State) -> bool {
    let is_gone = |failure: &Failure| failure.kind == FailKind::LinkLost;
    matches!(state, State::Retrying { .. } | State::Live { link: Link::Lost { .. }, .. })
        || state.failure().is_some_and(is_gone)
}

/// The strip of a machine, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Beats {
    /// At most [`KEPT`].
    pub(crate) strip: VecDeque<Beat>,
    /// The last round trip.
    pub(crate) round_trip: Option<Duration>,
    /// How often the link was late, and when last.
    pub(crate) late: Option<(u32, SystemTime)>,
    /// When it was heard of last.
    pub(crate) heard: Option<Instant>,
}

impl Beats {
    /// Takes a state in that was entered at `at`.
    pub(crate) fn enter(&mut self, state: &State, at: SystemTime) {
        let State::Live { link, .. } = state else {
            if is_lost(state) {
                self.lose();
            }
            return;
        };
        match *link {
            Link::Live { heard, round_trip: Some(round_trip) } if self.heard != Some(heard) => {
                self.round_trip = Some(round_trip);
                self.hear(heard);
            }
            Link::Late { .. } => self.miss(at),
            Link::Lost { .. } => self.lose(),
            Link::Live { .. } => {}
        }
    }

    /// Takes a sign of life in.
    pub(crate) fn hear(&mut self, heard: Instant) {
        self.heard = Some(heard);
        self.push(Beat::Heard);
    }

    /// Notes that signs of life stay away; once, until there is one.
    pub(crate) fn miss(&mut self, at: SystemTime) {
        if self.strip.back() != Some(&Beat::Late) {
            self.push(Beat::Late);
            self.late = Some((self.late.map_or(0, |(times, _)| times) + 1, at));
        }
    }

    /// Notes that it is taken for gone.
    pub(crate) fn lose(&mut self) {
        if !self.strip.is_empty() && self.strip.back() != Some(&Beat::Lost) {
            self.push(Beat::Lost);
        }
    }

    /// Notes that nobody can know: something before it is gone. That it was taken for gone itself was not true.
    pub(crate) fn doubt(&mut self) {
        if self.strip.back() == Some(&Beat::Lost) {
            self.strip.pop_back();
        }
        if !self.strip.is_empty() && self.strip.back() != Some(&Beat::Unknown) {
            self.push(Beat::Unknown);
        }
    }

    /// Notes that it must be there: what is behind it is told through it.
    pub(crate) fn trust(&mut self) {
        if matches!(self.strip.back(), Some(Beat::Lost | Beat::Unknown)) {
            self.push(Beat::Heard);
        }
    }

    fn push(&mut self, beat: Beat) {
        if self.strip.len() == KEPT {
            self.strip.pop_front();
        }
        self.strip.push_back(beat);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant, SystemTime};

    use super::{Beat, Beats, FailKind, Failure, KEPT, Link, State};
    use crate::session::{Stage, StopStep, StoppedBy};

    #[test]
    fn each_beat_is_one_sign_and_silence_is_one_too() {
        let (start, wall) = (Instant::now(), SystemTime::UNIX_EPOCH);
        let mut beats = Beats::default();
        let mut enter = |link| beats.enter(&State::Live { since: start, link }, wall);
        enter(Link::fresh(start));
        let heard = |seconds| Link::Live {
            heard: start + Duration::from_secs(seconds),
            round_trip: Some(Duration::ZERO),
        };
        enter(heard(5));
        enter(heard(5));
        enter(Link::Late { heard: start });
        enter(Link::Late { heard: start });
        enter(heard(20));
        assert_eq!(beats.strip, [Beat::Heard, Beat::Late, Beat::Heard]);
        assert_eq!(beats.late, Some((1, wall)));
        let failure = Failure::new(Stage::Capture, None, FailKind::LinkLost, "gone");
        let stopping = |step| State::Stopping { by: StoppedBy::Failure(failure.clone()), step, since: start };
        beats.enter(&stopping(StopStep::Killed), wall);
        beats.enter(&stopping(StopStep::Killed), wall);
        assert_eq!(beats.strip.back(), Some(&Beat::Lost));
        assert_eq!(beats.strip.len(), 4);
        for second in 30..200 {
            beats.enter(&State::Live { since: start, link: heard(second) }, wall);
        }
        assert_eq!(beats.strip.len(), KEPT);
    }
}
