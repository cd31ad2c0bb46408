//! A gap in a capture, and how long it is tried to end it.

use std::time::{Duration, Instant};

use super::failure::{FailKind, Failure, Stage};

/// The pauses before the first tries, in seconds; every later one is as long as the last.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 30];

/// A run of the capture that lasted this long was a good one: the next gap starts with the shortest pause again.
const GOOD_RUN: Duration = Duration::from_secs(30);

/// How long and how often a capture that broke off is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    limit: Duration,
}

impl Retries {
    /// Tries for this long; zero is not at all.
    pub fn lasting(limit: Duration) -> Self {
        Self { limit }
    }

    /// The pause before a try, counted from 1.
    pub fn pause(attempt: u32) -> Duration {
        let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        Duration::from_secs(PAUSES[index.min(PAUSES.len() - 1)])
    }

    /// How many tries fit in, if each failed at once: what `n of m` counts to.
    pub fn most(self) -> u32 {
        let (mut spent, mut tries) = (Duration::ZERO, 0);
        while spent + Self::pause(tries + 1) <= self.limit {
            tries += 1;
            spent += Self::pause(tries);
        }
        tries
    }

    /// When the time for `gap`'s tries is over.
    pub(super) fn end(self, gap: &Gap) -> Instant {
        gap.trying_since + self.limit
    }

    /// When the next try after `gap`'s is due; `None` if that would be too late.
    pub(super) fn next(self, gap: &Gap, now: Instant) -> Option<Instant> {
        let at = now + Self::pause(gap.attempt + 1);
        (at <= self.end(gap)).then_some(at)
    }
}

/// A gap: packets flowed before it, none flow in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// When the target was last heard before it.
    pub since: Instant,
    /// Since when the capture as a whole is live.
    pub live_since: Instant,
    /// The try that is being made or waited for, counted from 1.
    pub attempt: u32,
    /// The most tries that fit into the time there is.
    pub of: u32,
    /// Why the capture broke off.
    pub cause: Failure,
    /// Why the last try failed; before the first one the cause.
    pub last: Failure,
    /// Since when it is being tried without a good run in between.
    trying_since: Instant,
}

/// A run of the capture that came after a gap; remembered so that a capture that always breaks off soon is not
/// tried for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comeback {
    at: Instant,
    attempt: u32,
    trying_since: Instant,
}

impl Gap {
    /// A gap that begins: `since` the target was not heard, and before it packets flowed since `live_since`.
    pub(super) fn open(
        cause: Failure,
        since: Instant,
        live_since: Instant,
        comeback: Option<Comeback>,
        retries: Retries,
        now: Instant,
    ) -> Self {
        let short = comeback.filter(|comeback| now.saturating_duration_since(comeback.at) < GOOD_RUN);
        let (attempt, trying_since) = short.map_or((0, now), |short| (short.attempt, short.trying_since));
        let last = cause.clone();
        Self { since, live_since, attempt, of: retries.most(), cause, last, trying_since }
    }

    /// What is remembered of it once packets flow again.
    pub(super) fn comeback(&self, now: Instant) -> Comeback {
        Comeback { at: now, attempt: self.attempt, trying_since: self.trying_since }
    }

    /// Why there is no further try after one that failed like this.
    pub(super) fn given_up(&self, last: Failure, now: Instant) -> Failure {
        let message = if last.kind.may_pass() {
            let time = spent(now.saturating_duration_since(self.trying_since));
            let tries =
                if self.attempt == 1 { "1 try".to_owned() } else { format!("{} tries", self.attempt) };
            format!("gave up after {tries} in {time}: {}", last.message)
        } else {
            format!("the capture broke off ({}) and cannot go on: {}", self.cause.message, last.message)
        };
        Failure { stage: Stage::Capture, message, ..last }
    }
}

/// A time in seconds, a long one in minutes.
fn spent(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", (seconds + 30) / 60),
    }
}

impl FailKind {
    /// Whether time alone may mend it, so that a capture that had begun is worth another try. What a human has to
    /// decide or repair (keys, rights, filters, our own disk) is not.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Refused
            | Self::UnknownHost
            | Self::Timeout
            | Self::Unreachable
            | Self::Protocol
            | Self::SessionDenied
            | Self::LinkLost
            | Self::Interface
            | Self::CaptureDied => true,
            Self::Authentication
            | Self::HostKeyUnknown
            | Self::HostKeyChanged
            | Self::SshConfig
            | Self::ForwardingDenied
            | Self::Unanswered
            | Self::NoSsh
            | Self::NoTcpdump
            | Self::Privilege
            | Self::Filter
            | Self::Cleaned
            | Self::BadStream
            | Self::BadAnswer
            | Self::Viewer
            | Self::File
            | Self::Internal => false,
        }
    }

    /// Whether the connection is good although the capture is not: then it is kept, and nobody has to log in again.
    pub(super) fn spares_connection(self) -> bool {
        matches!(self, Self::CaptureDied | Self::Interface)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Retries};

    #[test]
    fn pauses_grow_and_then_stay() {
        let pauses = [1, 2, 3, 4, 5, 6, 7, 100].map(|attempt| Retries::pause(attempt).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn the_number_of_tries_follows_from_the_time() {
        for (seconds, tries) in [(0, 0), (1, 1), (2, 1), (3, 2), (61, 6), (600, 23)] {
            assert_eq!(Retries::lasting(Duration::from_secs(seconds)).most(), tries, "{seconds} s");
        }
    }
}
