//! What the loop listens to.

use std::{
    future::poll_fn,
    io,
    task::Poll,
    time::{Duration, Instant},
};

use crossterm::event::{Event as TerminalEvent, EventStream, KeyCode, KeyEvent, KeyModifiers};
use futures_util::StreamExt;
use tokio::{
    signal::unix::{self, SignalKind},
    sync::mpsc,
};
use zeroize::Zeroizing;

use super::{
    alerts::Attention,
    hangup::{Hangup, Line},
    msg::{EditorEnd, Msg},
};
use crate::engine::{Event, clean::Swept, profiles as clerk, spool::Shelf};

/// Everything that brings news.
pub(super) struct Inputs {
    /// `None` once the terminal is gone.
    keys: Option<EventStream>,
    /// From the engine.
    pub(super) events: mpsc::Receiver<Event>,
    /// What came of errands.
    swept: mpsc::Receiver<Swept>,
    /// What came of tasks about the spool.
    shelves: mpsc::Receiver<Shelf>,
    /// From the clerk of the site files.
    clerk: mpsc::Receiver<clerk::News>,
    signals: [unix::Signal; 3],
    hangup: Hangup,
    late: LateReply,
}

/// A reply of the terminal that comes too late is read as keys, and some of its letters would start or stop
/// something. It begins and ends with chords that no key of ours has.
#[derive(Debug, Default)]
struct LateReply {
    since: Option<Instant>,
}

/// No reply takes longer.
const REPLY: Duration = Duration::from_millis(500);

impl LateReply {
    /// True if this key is part of such a reply.
    fn takes(&mut self, key: KeyEvent, now: Instant) -> bool {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        self.since = self.since.filter(|since| now.saturating_duration_since(*since) <= REPLY);
        match key.code {
            KeyCode::Char(']') if alt => self.since = Some(now),
            KeyCode::Char('\\') if alt && self.since.is_some() => {
                self.since = None;
                return true;
            }
            KeyCode::Char('g') if control && self.since.is_some() => {
                self.since = None;
                return true;
            }
            _ => {}
        }
        self.since.is_some()
    }
}

/// What a wait brought.
pub(super) enum News {
    /// Something for the model.
    Msg(Msg),
    /// There will be no more keys.
    TerminalLost,
    /// The shell that had the terminal has ended.
    ShellEnded,
    /// There will be no more events.
    EngineDone,
    /// The user's editor has ended; without its account if it broke off.
    EditorDone(Option<EditorEnd>),
    /// A command went out, or it is time to draw.
    Nothing,
}

impl Inputs {
    /// Listens to the terminal, the signals that end a process, and the engine.
    pub(super) fn new(
        events: mpsc::Receiver<Event>,
        (swept, shelves): (mpsc::Receiver<Swept>, mpsc::Receiver<Shelf>),
        clerk: mpsc::Receiver<clerk::News>,
    ) -> io::Result<Self> {
        let signals = [
            unix::signal(SignalKind::terminate())?,
            unix::signal(SignalKind::hangup())?,
            unix::signal(SignalKind::interrupt())?,
        ];
        let hangup = Hangup::watch()?;
        let keys = Some(EventStream::new());
        Ok(Self { keys, events, swept, shelves, clerk, signals, hangup, late: LateReply::default() })
    }

    /// Leaves the terminal to somebody else; signals and events are still heard.
    pub(super) fn release(&mut self) {
        self.keys = None;
    }

    /// Listens to the terminal again.
    pub(super) fn resume(&mut self) {
        // The stream that was dropped woke its reader, perhaps when nobody was reading: the next one to ask the
        // terminal something would take that for "no answer".
        let _ = crossterm::event::poll(Duration::ZERO);
        self.keys = Some(EventStream::new());
    }

    /// The next thing from outside. The terminal comes first, so that no flood of events delays a key.
    pub(super) async fn next(&mut self) -> News {
        let line = self.hangup.line();
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            biased;
            _ = terminate.recv() => News::Msg(Msg::Terminate),
            _ = hangup.recv() => News::Msg(Msg::Terminate),
            _ = interrupt.recv() => News::Msg(Msg::Terminate),
            () = self.hangup.told() => {
                self.keys = None;
                News::TerminalLost
            }
            Some(event) = next_key(self.keys.as_mut(), &line) => event.map_or_else(
                || {
                    self.keys = None;
                    News::TerminalLost
                },
                |event| translate(event, &mut self.late),
            ),
            Some(swept) = self.swept.recv() => News::Msg(Msg::Swept(Box::new(swept))),
            Some(left) = self.shelves.recv() => News::Msg(Msg::Spools(Box::new(left))),
            Some(news) = self.clerk.recv() => News::Msg(Msg::Clerk(Box::new(news))),
            event = self.events.recv() => {
                event.map_or(News::EngineDone, |event| News::Msg(Msg::Engine(Box::new(event))))
            }
        }
    }
}

/// The next event of the terminal; `Some(None)` when it is gone, `None` ever after.
async fn next_key(keys: Option<&mut EventStream>, line: &Line) -> Option<Option<TerminalEvent>> {
    let keys = keys?;
    // A terminal that is gone is not read: nobody would come back from that.
    let next = poll_fn(|context| if line.is_cut() { Poll::Pending } else { keys.poll_next_unpin(context) });
    Some(next.await.and_then(Result::ok))
}

fn translate(event: TerminalEvent, late: &mut LateReply) -> News {
    match event {
        TerminalEvent::Key(key) if late.takes(key, Instant::now()) => News::Nothing,
        TerminalEvent::Key(key) => News::Msg(Msg::Key(key)),
        TerminalEvent::Mouse(event) => News::Msg(Msg::Mouse(event)),
        TerminalEvent::FocusGained => News::Msg(Msg::Attention(Attention::Here)),
        TerminalEvent::FocusLost => News::Msg(Msg::Attention(Attention::Away)),
        TerminalEvent::Paste(text) => News::Msg(Msg::Paste(Zeroizing::new(text))),
        TerminalEvent::Resize(width, height) => News::Msg(Msg::Resize(width, height)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{KeyCode, KeyEvent, KeyModifiers, LateReply};

    #[test]
    fn a_late_reply_presses_no_keys() {
        let now = Instant::now();
        let key = |c, modifiers| KeyEvent::new(KeyCode::Char(c), modifiers);
        let mut late = LateReply::default();
        assert!(!late.takes(key('s', KeyModifiers::NONE), now));
        assert!(late.takes(key(']', KeyModifiers::ALT), now));
        for c in "11;rgb:1e1e/1e1e/2222".chars() {
            assert!(late.takes(key(c, KeyModifiers::NONE), now), "{c}");
        }
        assert!(late.takes(key('\\', KeyModifiers::ALT), now));
        assert!(!late.takes(key('s', KeyModifiers::NONE), now), "it is over");
        assert!(late.takes(key(']', KeyModifiers::ALT), now));
        assert!(late.takes(key('g', KeyModifiers::CONTROL), now));
        assert!(!late.takes(key('s', KeyModifiers::NONE), now), "also with a bell");
        late.takes(key(']', KeyModifiers::ALT), now);
        assert!(
            !late.takes(key('s', KeyModifiers::NONE), now + Duration::from_secs(1)),
            "a chord is no prison"
        );
    }
}
