//! The life cycle as one function: a state and an input give the next state and what must be done.

use std::time::{Duration, Instant};

use super::{
    failure::{FailKind, Failure, Stage},
    gap::{Comeback, Gap, Retries},
    link::{Link, Rhythm},
    state::{Limit, Outcome, State, StopStep, StoppedBy},
};

/// How long tcpdump may take to end after `stop`.
const ASKED_GRACE: Duration = Duration::from_secs(3);
/// How long the minder may take after its stdin was closed: with [`ASKED_GRACE`] what it needs from TERM to KILL and to
/// see what became of it.
const CLOSED_GRACE: Duration = Duration::from_secs(4);
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
    /// Connect, unless the connection still stands.
    Connect,
    /// Ask the target what it has.
    Probe,
    /// Start tcpdump.
    Arm,
    /// Open the viewer.
    OpenViewer,
    /// Note that a gap begins.
    BeginGap,
    /// Note that packets flow again.
    EndGap,
    /// Take the channel and the connection down; spool and viewers stay.
    Disconnect,
    /// Send `stop`.
    SendStop,
    /// Close the channel's stdin.
    CloseStdin,
    /// End the ssh master.
    KillMaster,
    /// Take everything down and report.
    Finish,
}

/// A state and what must be done on the way to it.
type Next = (State, Vec<Effect>);

/// A session's state machine. It knows no clock: every call says what time it is.
#[derive(Debug)]
pub struct Machine {
    state: State,
    rhythm: Rhythm,
    settle: Duration,
    retries: Retries,
    comeback: Option<Comeback>,
}

impl Machine {
    /// A session that begins to connect. `settle` is how long the target's kernel may keep a packet before tcpdump
    /// sees it: a stop waits that long, so that what happened just before it is in the capture.
    pub fn new(rhythm: Rhythm, settle: Duration, retries: Retries, now: Instant) -> Self {
        let state = State::Connecting { since: now, gap: None };
        Self { state, rhythm, settle, retries, comeback: None }
    }

    /// Where it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// When [`Input::Tick`] is due next, if time alone can change the state.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Arming { heard, .. } => Some(*heard + self.rhythm.lost),
            State::Live { link: Link::Live { heard, .. }, .. } => Some(*heard + self.rhythm.late),
            State::Live { link, .. } => Some(link.heard() + self.rhythm.lost),
            State::Retrying { at, .. } => Some(*at),
            State::Connecting { gap: Some(gap), .. } | State::Probing { gap: Some(gap), .. } => {
                Some(self.retries.end(gap))
            }
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
        let state = std::mem::replace(&mut self.state, State::Connecting { since: now, gap: None });
        let (state, effects) = match state {
            State::Ended { .. } => (state, vec![]),
            State::Stopping { by, step, since } => self.stopping(by, step, since, input, now),
            State::Live { since, link } => self.live(since, link, input, now),
            State::Retrying { gap, at } => retrying(gap, at, input, now),
            state => self.opening(state, input, now),
        };
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

    /// On the way to packets, for the first time or again. Questions wrap the state they interrupt, so everything
    /// else is asked of what lies beneath.
    fn opening(&mut self, state: State, input: Input, now: Instant) -> Next {
        match (state, input) {
            (State::Asking { resume, .. }, Input::Answered) => (*resume, vec![]),
            (State::Asking { resume, .. }, Input::Asked(question)) => {
                (State::Asking { question, since: now, resume }, vec![])
            }
            (state, Input::Asked(question)) => {
                (State::Asking { question, since: now, resume: Box::new(state) }, vec![])
            }
            (state @ (State::Connecting { .. } | State::Asking { .. }), Input::Connected) => {
                (State::Probing { since: now, gap: state.into_gap() }, vec![Effect::Probe])
            }
            (state @ (State::Probing { .. } | State::Asking { .. }), Input::Probed) => {
                (State::Arming { heard: now, gap: state.into_gap() }, vec![Effect::Arm])
            }
            (State::Arming { gap, .. }, Input::Beat { .. }) => (State::Arming { heard: now, gap }, vec![]),
            // A try that is not through by then has no more time; tcpdump's own start is bounded by the lease.
            (
                State::Connecting { gap: Some(gap), .. } | State::Probing { gap: Some(gap), .. },
                Input::Tick,
            ) if now >= self.retries.end(&gap) => {
                let last = gap.last.clone();
                ended(Outcome::Failed(gap.given_up(last, now)), now)
            }
            (State::Arming { heard, gap }, Input::Tick) if now >= heard + self.rhythm.lost => {
                self.failed(gap, silence(heard, now), now)
            }
            (State::Arming { gap: None, .. }, Input::Header) => {
                (State::Live { since: now, link: Link::fresh(now) }, vec![Effect::OpenViewer])
            }
            (State::Arming { gap: Some(gap), .. }, Input::Header) => {
                self.comeback = Some(gap.comeback(now));
                (State::Live { since: gap.live_since, link: Link::fresh(now) }, vec![Effect::EndGap])
            }
            // There is nothing to wait for: taking everything down is enough.
            (state, Input::Stop(by)) => ended(stopped(state.gap(), by), now),
            (state, Input::Kill) => ended(stopped(state.gap(), StoppedBy::User), now),
            (
                state,
                Input::Failed(failure) | Input::MasterDied(failure) | Input::ChannelEnded(Err(failure)),
            ) => self.failed(state.into_gap(), failure, now),
            (_, Input::ChannelEnded(Ok(()))) => ended(Outcome::Stopped(StoppedBy::SourceEnded), now),
            (state, _) => (state, vec![]),
        }
    }

    fn live(&mut self, since: Instant, link: Link, input: Input, now: Instant) -> Next {
        let link = link.aged(self.rhythm, now);
        match (input, link) {
            (Input::Beat { round_trip }, _) => {
                (State::Live { since, link: Link::Live { heard: now, round_trip: Some(round_trip) } }, vec![])
            }
            (Input::Tick, Link::Lost { heard }) => {
                let cause = silence(heard, now);
                let without = kill(StoppedBy::Failure(cause.clone()), now);
                self.broke(since, heard, cause, now).unwrap_or(without)
            }
            // Whatever the target says of the end, it was alone for longer than its lease.
            (Input::ChannelEnded(Err(_)), Link::Lost { heard }) => {
                self.broken(since, heard, silence(heard, now), now)
            }
            (Input::ChannelEnded(Err(cause)) | Input::MasterDied(cause), Link::Live { .. }) => {
                self.broken(since, now, cause, now)
            }
            (Input::ChannelEnded(Err(cause)) | Input::MasterDied(cause), link) => {
                self.broken(since, link.heard(), cause, now)
            }
            (Input::ChannelEnded(Ok(())), _) => ended(Outcome::Stopped(StoppedBy::SourceEnded), now),
            (Input::Stop(by), _) => self.stop(by, now),
            (Input::Kill, _) => kill(StoppedBy::User, now),
            (Input::Failed(failure), _) => ask(StoppedBy::Failure(failure), now),
            (_, link) => (State::Live { since, link }, vec![]),
        }
    }

    fn broken(&mut self, since: Instant, heard: Instant, cause: Failure, now: Instant) -> Next {
        let without = ended(Outcome::Failed(cause.clone()), now);
        self.broke(since, heard, cause, now).unwrap_or(without)
    }

    /// A capture that broke off, if it is worth a try to go on with it.
    fn broke(&mut self, since: Instant, heard: Instant, cause: Failure, now: Instant) -> Option<Next> {
        if !cause.kind.may_pass() || self.retries.most() == 0 {
            return None;
        }
        let gap = Gap::open(cause.clone(), heard, since, self.comeback.take(), self.retries, now);
        let (state, mut effects) = self.failed(Some(Box::new(gap)), cause, now);
        if state.gap().is_some() {
            effects.insert(0, Effect::BeginGap);
        }
        Some((state, effects))
    }

    /// A step failed. Only a capture that had begun is tried again.
    fn failed(&self, gap: Option<Box<Gap>>, failure: Failure, now: Instant) -> Next {
        let Some(mut gap) = gap else { return ended(Outcome::Failed(failure), now) };
        match self.retries.next(&gap, now).filter(|_| failure.kind.may_pass()) {
            Some(at) => {
                let kept = failure.kind.spares_connection();
                gap.attempt += 1;
                gap.last = failure;
                (State::Retrying { gap, at }, if kept { vec![] } else { vec![Effect::Disconnect] })
            }
            None => ended(Outcome::Failed(gap.given_up(failure, now)), now),
        }
    }

    /// A stop that somebody wanted now includes what the target's kernel still holds; after a count or without a
    /// viewer nobody wants more.
    fn stop(&self, by: StoppedBy, now: Instant) -> Next {
        let by_time = matches!(by, StoppedBy::Limit(Limit::Duration | Limit::Time | Limit::Match));
        let wanted_now = by_time || matches!(by, StoppedBy::User | StoppedBy::Shutdown);
        if wanted_now && !self.settle.is_zero() {
            (stopping_at(by, StopStep::Settling, now), vec![])
        } else {
            ask(by, now)
        }
    }

    /// While stopping, the cause stays what it was first; only the force grows. A disk that fails meanwhile is
    /// worse than any cause.
    fn stopping(&self, by: StoppedBy, step: StopStep, since: Instant, input: Input, now: Instant) -> Next {
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

fn ask(by: StoppedBy, now: Instant) -> Next {
    (stopping_at(by, StopStep::Asked, now), vec![Effect::SendStop])
}

fn kill(by: StoppedBy, now: Instant) -> Next {
    (stopping_at(by, StopStep::Killed, now), vec![Effect::CloseStdin, Effect::KillMaster])
}

/// Waiting for the next try; the connection may stand or not.
fn retrying(gap: Box<Gap>, at: Instant, input: Input, now: Instant) -> Next {
    match input {
        Input::Tick if now >= at => (State::Connecting { since: now, gap: Some(gap) }, vec![Effect::Connect]),
        Input::Stop(by) => ended(Outcome::Stopped(by), now),
        Input::Kill => ended(Outcome::Stopped(StoppedBy::User), now),
        Input::Failed(failure) => ended(Outcome::Failed(gap.given_up(failure, now)), now),
        _ => (State::Retrying { gap, at }, vec![]),
    }
}

/// How a session ends that is asked to while no packets flow.
fn stopped(gap: Option<&Gap>, by: StoppedBy) -> Outcome {
    if gap.is_some() { Outcome::Stopped(by) } else { Outcome::Interrupted }
}

/// A target that is silent for longer than its lease: by now its own dead man's switch has ended tcpdump.
fn silence(heard: Instant, now: Instant) -> Failure {
    let seconds = now.saturating_duration_since(heard).as_secs();
    let message = format!("no sign of life from the target for {seconds} s");
    Failure::new(Stage::Capture, None, FailKind::LinkLost, message)
        .hint("check the network on the way, then start again")
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

fn ended(outcome: Outcome, at: Instant) -> Next {
    (State::Ended { at, outcome }, vec![Effect::Finish])
}

#[cfg(test)]
mod tests;
