//! The life cycle as one function: a state and an input give the next state and what must be done.

use std::time::{Duration, Instant};

use super::{
    failure::{FailKind, Failure, Stage},
    link::{Link, Rhythm},
    state::{Limit, Outcome, State, StopStep, StoppedBy},
};

/// How long tcpdump may take to end after `stop`.
const ASKED_GRACE: Duration = Duration::from_secs(3);
/// How long the minder may take after its stdin was closed.
const CLOSED_GRACE: Duration = Duration::from_secs(2);
/// How long the ssh master may take to die.
const KILLED_GRACE: Duration = Duration::from_secs(2);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// ssh, or sudo on the target, asks something.
    Asked(String),
    /// The question was answered, cancelled, or withdrawn.
    Answered,
    /// All hops are logged in.
    Connected,
    /// The target answered the probe and a capture can be tried.
    Probed,
    /// The stream's header came.
    Header,
    /// A beat came back.
    Beat {
        /// Its round trip.
        round_trip: Duration,
    },
    /// Time passed.
    Tick,
    /// The remote command ended; a failure unless it ended as it should.
    ChannelEnded(Result<(), Failure>),
    /// The ssh master is gone.
    MasterDied(Failure),
    /// A step failed while the connection stands.
    Failed(Failure),
    /// An end was asked for.
    Stop(StoppedBy),
    /// An end was asked for at once.
    Kill,
}

/// What must be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask the target what it has.
    Probe,
    /// Start tcpdump.
    Arm,
    /// Open the viewer.
    OpenViewer,
    /// Send `stop`.
    SendStop,
    /// Close the channel's stdin.
    CloseStdin,
    /// End the ssh master.
    KillMaster,
    /// Take everything down and report.
    Finish,
}

/// A session's state machine. It knows no clock: every call says what time it is.
#[derive(Debug)]
pub struct Machine {
    state: State,
    rhythm: Rhythm,
    settle: Duration,
}

impl Machine {
    /// A session that begins to connect. `settle` is how long the target's kernel may keep a packet before tcpdump
    /// sees it: a stop waits that long, so that what happened just before it is in the capture.
    pub fn new(rhythm: Rhythm, settle: Duration, now: Instant) -> Self {
        Self { state: State::Connecting { since: now }, rhythm, settle }
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When [`Input::Tick`] is due next, if time alone can change the state.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Live { link: Link::Live { heard, .. }, .. } => Some(*heard + self.rhythm.late),
            State::Live { link, .. } => Some(link.heard() + self.rhythm.lost),
            State::Stopping { step, since, .. } => Some(*since + self.grace(*step)),
            _ => None,
        }
    }

    /// Says that an end that looked good was not: the last blocks could not be written. A failure stays what it was.
    pub fn amend(&mut self, failure: Failure) {
        if let State::Ended { outcome, .. } = &mut self.state
            && !matches!(outcome, Outcome::Failed(_))
        {
            *outcome = Outcome::Failed(failure);
        }
    }

    /// Takes an input; returns what must be done. An input that means nothing in this state changes nothing.
    pub fn step(&mut self, input: Input, now: Instant) -> Vec<Effect> {
        let state = std::mem::replace(&mut self.state, State::Connecting { since: now });
        let (state, effects) = self.next(state, input, now);
        self.state = state;
        effects
    }

    fn grace(&self, step: StopStep) -> Duration {
        match step {
            StopStep::Settling => self.settle,
            StopStep::Asked => ASKED_GRACE,
            StopStep::Closed => CLOSED_GRACE,
            StopStep::Killed => KILLED_GRACE,
        }
    }

    /// The rules. Questions wrap the state they interrupt, so everything else is asked of what lies beneath.
    fn next(&self, state: State, input: Input, now: Instant) -> (State, Vec<Effect>) {
        match (state, input) {
            (state @ State::Ended { .. }, _) => (state, vec![]),
            (State::Asking { resume, .. }, Input::Answered) => (*resume, vec![]),
            (State::Asking { resume, .. }, Input::Asked(question)) => {
                (State::Asking { question, since: now, resume }, vec![])
            }
            (
                state @ (State::Connecting { .. } | State::Probing { .. } | State::Arming { .. }),
                Input::Asked(question),
            ) => (State::Asking { question, since: now, resume: Box::new(state) }, vec![]),
            (State::Connecting { .. } | State::Asking { .. }, Input::Connected) => {
                (State::Probing { since: now }, vec![Effect::Probe])
            }
            (State::Probing { .. } | State::Asking { .. }, Input::Probed) => {
                (State::Arming { since: now }, vec![Effect::Arm])
            }
            (State::Arming { .. }, Input::Header) => {
                (State::Live { since: now, link: Link::fresh(now) }, vec![Effect::OpenViewer])
            }
            (State::Live { since, .. }, Input::Beat { round_trip }) => {
                (State::Live { since, link: Link::Live { heard: now, round_trip: Some(round_trip) } }, vec![])
            }
            (State::Live { since, link }, Input::Tick) => live_tick(since, link, self.rhythm, now),
            (State::Live { .. }, Input::Stop(by)) => self.stop(by, now),
            (State::Live { .. }, Input::Kill) => kill(StoppedBy::User, now),
            (State::Live { .. }, Input::Failed(failure)) => ask(StoppedBy::Failure(failure), now),
            (State::Stopping { by, step, since }, input) => self.stopping(by, step, since, input, now),
            // Before the first packet could flow there is nothing to wait for: taking everything down is enough.
            (_, Input::Stop(_) | Input::Kill) => ended(Outcome::Interrupted, now),
            (_, Input::Failed(failure) | Input::MasterDied(failure) | Input::ChannelEnded(Err(failure))) => {
                ended(Outcome::Failed(failure), now)
            }
            (_, Input::ChannelEnded(Ok(()))) => ended(Outcome::Stopped(StoppedBy::SourceEnded), now),
            (state, _) => (state, vec![]),
        }
    }

    /// A stop that somebody wanted now includes what the target's kernel still holds; after a count or without a
    /// viewer nobody wants more.
    fn stop(&self, by: StoppedBy, now: Instant) -> (State, Vec<Effect>) {
        let wanted_now =
            matches!(by, StoppedBy::User | StoppedBy::Shutdown | StoppedBy::Limit(Limit::Duration));
        if wanted_now && !self.settle.is_zero() {
            (stopping_at(by, StopStep::Settling, now), vec![])
        } else {
            ask(by, now)
        }
    }

    /// While stopping, the cause stays what it was first; only the force grows. A disk that fails meanwhile is
    /// worse than any cause.
    fn stopping(
        &self,
        by: StoppedBy,
        step: StopStep,
        since: Instant,
        input: Input,
        now: Instant,
    ) -> (State, Vec<Effect>) {
        match input {
            Input::ChannelEnded(Err(failure)) if failure.stage == Stage::Write => {
                ended(Outcome::Failed(failure), now)
            }
            Input::ChannelEnded(_) | Input::MasterDied(_) => ended(outcome_of(by), now),
            Input::Kill if step != StopStep::Killed => kill(by, now),
            Input::Tick if now >= since + self.grace(step) => match step {
                StopStep::Settling => ask(by, now),
                StopStep::Asked => (stopping_at(by, StopStep::Closed, now), vec![Effect::CloseStdin]),
                StopStep::Closed => (stopping_at(by, StopStep::Killed, now), vec![Effect::KillMaster]),
                StopStep::Killed => ended(outcome_of(by), now),
            },
            _ => (State::Stopping { by, step, since }, vec![]),
        }
    }
}

fn ask(by: StoppedBy, now: Instant) -> (State, Vec<Effect>) {
    (stopping_at(by, StopStep::Asked, now), vec![Effect::SendStop])
}

fn kill(by: StoppedBy, now: Instant) -> (State, Vec<Effect>) {
    (stopping_at(by, StopStep::Killed, now), vec![Effect::CloseStdin, Effect::KillMaster])
}

/// A link that is lost ends the capture: by now the target's own dead man's switch has ended tcpdump.
fn live_tick(since: Instant, link: Link, rhythm: Rhythm, now: Instant) -> (State, Vec<Effect>) {
    match link.aged(rhythm, now) {
        Link::Lost { heard } => {
            let silence = now.saturating_duration_since(heard).as_secs();
            let message = format!("no sign of life from the target for {silence} s");
            let failure = Failure::new(Stage::Capture, None, FailKind::LinkLost, message)
                .hint("check the network on the way, then start again");
            kill(StoppedBy::Failure(failure), now)
        }
        link => (State::Live { since, link }, vec![]),
    }
}

fn stopping_at(by: StoppedBy, step: StopStep, since: Instant) -> State {
    State::Stopping { by, step, since }
}

fn outcome_of(by: StoppedBy) -> Outcome {
    match by {
        StoppedBy::Failure(failure) => Outcome::Failed(failure),
        by => Outcome::Stopped(by),
    }
}

fn ended(outcome: Outcome, at: Instant) -> (State, Vec<Effect>) {
    (State::Ended { at, outcome }, vec![Effect::Finish])
}

#[cfg(test)]
mod tests;
