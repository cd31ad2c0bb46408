//! What happens while the screen stands still is held back, in order.

use std::{collections::VecDeque, time::Duration};

use super::msg::Moment;
use crate::engine::{Event, EventKind};

/// More lines for the log than this are not held back: it would not keep them either.
const LOG_LINES: usize = 1000;

/// A screen that stands still.
#[derive(Debug)]
pub(crate) struct Frozen {
    /// Since when.
    since: Moment,
    /// The time that goes on.
    pub(crate) now: Moment,
    held: VecDeque<Event>,
    log_lines: usize,
}

impl Frozen {
    /// A screen that stands still from now on.
    pub(crate) fn new(now: Moment) -> Self {
        Self { since: now, now, held: VecDeque::new(), log_lines: 0 }
    }

    /// For how long it has stood still.
    pub(crate) fn age(&self) -> Duration {
        self.now.instant.saturating_duration_since(self.since.instant)
    }

    /// Holds an event back. The oldest log lines go first, everything else stays.
    pub(crate) fn hold(&mut self, event: Event) {
        if is_log(&event) {
            self.log_lines += 1;
            if self.log_lines > LOG_LINES
                && let Some(oldest) = self.held.iter().position(is_log)
            {
                self.held.remove(oldest);
                self.log_lines -= 1;
            }
        }
        self.held.push_back(event);
    }

    /// What was held back, and the time that it is.
    pub(crate) fn thaw(self) -> (VecDeque<Event>, Moment) {
        (self.held, self.now)
    }
}

fn is_log(event: &Event) -> bool {
    matches!(event.kind, EventKind::Log { .. })
}

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use super::{Event, EventKind, Frozen, LOG_LINES, Moment};
    use crate::{engine::SessionId, session::State};

    #[test]
    fn only_log_lines_are_given_up() {
        let (instant, wall) = (Instant::now(), SystemTime::now());
        let mut frozen = Frozen::new(Moment { instant, wall });
        let event = |kind| Event { session: SessionId(1), sequence: 0, at: wall, kind };
        frozen.hold(event(EventKind::State(State::Probing { since: instant, gap: None })));
        for line in 0..LOG_LINES + 10 {
            frozen.hold(event(EventKind::Log { source: "ssh".to_owned(), text: line.to_string() }));
        }
        let held = frozen.thaw().0;
        assert_eq!(held.len(), LOG_LINES + 1);
        assert!(matches!(held[0].kind, EventKind::State(_)));
        assert!(matches!(&held[1].kind, EventKind::Log { text, .. } if text == "10"));
    }
}
