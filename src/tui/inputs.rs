//! What the loop listens to.

use std::{io, time::Duration};

use crossterm::event::{Event as TerminalEvent, EventStream};
use futures_util::StreamExt;
use tokio::{
    signal::unix::{self, SignalKind},
    sync::mpsc,
};
use zeroize::Zeroizing;

use super::msg::{EditorEnd, Msg};
use crate::engine::{Event, clean::Swept, profiles as clerk};

/// Everything that brings news.
pub(super) struct Inputs {
    /// `None` once the terminal is gone.
    keys: Option<EventStream>,
    /// From the engine.
    pub(super) events: mpsc::Receiver<Event>,
    /// What came of errands.
    swept: mpsc::Receiver<Swept>,
    /// From the clerk of the site files.
    clerk: mpsc::Receiver<clerk::News>,
    signals: [unix::Signal; 3],
}

/// What a wait brought.
pub(super) enum News {
    /// Something for the model.
    Msg(Msg),
    /// There will be no more keys.
    TerminalLost,
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
        swept: mpsc::Receiver<Swept>,
        clerk: mpsc::Receiver<clerk::News>,
    ) -> io::Result<Self> {
        let signals = [
            unix::signal(SignalKind::terminate())?,
            unix::signal(SignalKind::hangup())?,
            unix::signal(SignalKind::interrupt())?,
        ];
        Ok(Self { keys: Some(EventStream::new()), events, swept, clerk, signals })
    }

    /// Leaves the keys to another program.
    pub(super) fn lend_keys(&mut self) {
        self.keys = None;
    }

    /// Takes the keys again.
    pub(super) fn take_keys(&mut self) {
        // The stream that was dropped woke its reader, perhaps when nobody was reading: the next one to ask the
        // terminal something would take that for "no answer".
        let _ = crossterm::event::poll(Duration::ZERO);
        self.keys = Some(EventStream::new());
    }

    /// The next thing from outside. The terminal comes first, so that no flood of events delays a key.
    pub(super) async fn next(&mut self) -> News {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            biased;
            _ = terminate.recv() => News::Msg(Msg::Terminate),
            _ = hangup.recv() => News::Msg(Msg::Terminate),
            _ = interrupt.recv() => News::Msg(Msg::Terminate),
            Some(event) = next_key(self.keys.as_mut()) => event.map_or_else(
                || {
                    self.keys = None;
                    News::TerminalLost
                },
                translate,
            ),
            Some(swept) = self.swept.recv() => News::Msg(Msg::Swept(Box::new(swept))),
            Some(news) = self.clerk.recv() => News::Msg(Msg::Clerk(Box::new(news))),
            event = self.events.recv() => {
                event.map_or(News::EngineDone, |event| News::Msg(Msg::Engine(Box::new(event))))
            }
        }
    }
}

/// The next event of the terminal; `Some(None)` when it is gone, `None` ever after.
async fn next_key(keys: Option<&mut EventStream>) -> Option<Option<TerminalEvent>> {
    Some(keys?.next().await.and_then(Result::ok))
}

fn translate(event: TerminalEvent) -> News {
    match event {
        TerminalEvent::Key(key) => News::Msg(Msg::Key(key)),
        TerminalEvent::Paste(text) => News::Msg(Msg::Paste(Zeroizing::new(text))),
        TerminalEvent::Resize(width, height) => News::Msg(Msg::Resize(width, height)),
        _ => News::Nothing,
    }
}
