//! What happened, and what must be done about it.

use std::{
    path::PathBuf,
    time::{Instant, SystemTime},
};

use crossterm::event::{KeyEvent, MouseEvent};
use zeroize::Zeroizing;

use super::{alerts::Attention, mouse::Grip, reload::Fresh};
use crate::{
    engine::{
        Answer, Event, QuestionId, SaveRange, SessionId, Unsaved,
        clean::{Swept, Task},
        profiles::{News, Request},
        spool::{self, Shelf},
        store::Outcome,
    },
    profile::Target,
};

/// A point in time by both clocks: the one that ages things and the one on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// For ages and rates.
    pub(crate) instant: Instant,
    /// For times of day.
    pub(crate) wall: SystemTime,
}

/// Something that happened. It cannot be printed: keys and pasted texts may be parts of a secret.
pub(crate) enum Msg {
    /// A key.
    Key(KeyEvent),
    /// A text was pasted; it may be a secret.
    Paste(Zeroizing<String>),
    /// The mouse.
    Mouse(MouseEvent),
    /// The terminal got or lost the focus.
    Attention(Attention),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The engine reports.
    Engine(Box<Event>),
    /// What came of looking for leftovers on a target, or of ending them.
    Swept(Box<Swept>),
    /// What came of a task about what earlier runs left in the spool.
    Spools(Box<Shelf>),
    /// Time passed.
    Tick,
    /// The process was told to end, or the terminal is gone.
    Terminate,
    /// The process was suspended and goes on.
    Resumed,
    /// The clerk of the site files tells something.
    Clerk(Box<News>),
    /// The user's editor has ended.
    Edited(Box<EditorEnd>),
    /// The settings were read anew, or could not be.
    Reloaded(Box<Result<Fresh, Vec<String>>>),
}

/// What became of a site file in the user's editor.
#[derive(Debug)]
pub(crate) struct EditorEnd {
    /// The site.
    pub(crate) site: String,
    /// Drafts that were left behind earlier, of another text of the file.
    pub(crate) earlier: Vec<PathBuf>,
    /// Where the text is kept if it is not in the site's file; empty: there is none.
    pub(crate) draft: PathBuf,
    /// What happened, or why nothing could.
    pub(crate) outcome: Result<Outcome, String>,
}

/// A file with what was changed in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormText {
    /// The whole text.
    pub(crate) text: String,
    /// The file's text that it was made of; `None`: there is no file.
    pub(crate) seen: Option<String>,
}

/// Something that must be done.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Start a session.
    Start(Box<Target>),
    /// Stop a session.
    Stop(SessionId),
    /// Kill a session.
    Kill(SessionId),
    /// Open a viewer on a session.
    OpenViewer(SessionId),
    /// Answer a question.
    Answer(QuestionId, Answer),
    /// Save packets of a session.
    Save(SessionId, SaveRange, PathBuf),
    /// Forget an ended session.
    Dismiss(SessionId),
    /// Look for what earlier sessions left on a target, or end it.
    Sweep(Box<Target>, Task),
    /// List, save or remove what earlier runs left in the spool.
    Spools(spool::Task),
    /// Look at what a target has and what flows there.
    Look {
        /// Comes back with the look's number.
        ticket: u64,
        /// Where.
        target: Box<Target>,
        /// The session whose connection may be used.
        over: Option<SessionId>,
    },
    /// End everything; the loop ends when the engine has.
    Shutdown(Unsaved),
    /// Give the terminal back and stop this process until it is continued.
    Suspend,
    /// Run a shell on the screen that is given back, while everything else goes on.
    Shell,
    /// Take the mouse, or leave it to the terminal.
    Mouse(Grip),
    /// Send this to the terminal's clipboard.
    Copy(String),
    /// Tell the terminal that the user is needed.
    Notify(String),
    /// Run the user's command for an event: its words, then these.
    Hook(Vec<String>),
    /// Leave, and go on with the demo.
    Demo,
    /// Draw every cell anew.
    Redraw,
    /// Read the settings anew.
    Reload,
    /// Ask the clerk of the site files.
    Clerk(Request),
    /// Give the terminal to the user's editor, with a site's file.
    Editor {
        /// The site.
        site: String,
        /// A text to begin with in place of the file's.
        text: Option<Box<FormText>>,
    },
}
