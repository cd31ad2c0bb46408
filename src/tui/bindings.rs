//! The one table of keys: dispatch, footer and help all come from it.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    form::{self, FormCmd},
    model::{Model, Pane, Phase},
    update::choice,
};

/// What a user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cmd {
    /// Open the oldest question.
    Answer,
    /// Start sessions.
    Start,
    /// Stop sessions.
    Stop,
    /// Kill sessions.
    Kill,
    /// Open a viewer again.
    Viewer,
    /// Save captures as files.
    Save,
    /// The next field of a form.
    NextField,
    /// The field before.
    PreviousField,
    /// The next choice of a field, or the one before.
    Turn(bool),
    /// Take ended sessions off the screen.
    Dismiss,
    /// End what earlier sessions left on a target.
    Sweep,
    /// Mark or unmark.
    Mark,
    /// Mark or unmark everything in the pane.
    MarkAll,
    /// Move the cursor or scroll.
    Move(Motion),
    /// Give another pane the focus.
    Focus(Pane),
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Make the log tall or small.
    LogSize,
    /// Open the help.
    Help,
    /// One level up; never leaves.
    Back,
    /// Leave.
    Quit,
    /// Ctrl-c: leave, and the second time at once.
    Interrupt,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back for a while.
    Suspend,
    /// The other button.
    OtherButton,
    /// What the button says.
    Confirm,
    /// Send what was typed.
    Send,
    /// Delete a character.
    DeleteBack,
    /// Delete everything that was typed.
    DeleteAll,
    /// In a form, or on the way to one.
    Form(FormCmd),
}

/// How far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// Who gets a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The sessions.
    Sessions,
    /// The saved targets.
    Profiles,
    /// The log.
    Log,
    /// The help.
    Help,
    /// A box with buttons.
    Dialog,
    /// A secret being typed.
    Secret,
    /// The fields of a profile.
    Form,
    /// The bastions of a profile.
    Hops,
    /// A box over a form.
    FormDialog,
    /// A test of a path.
    Trial,
    /// Where captures are saved to.
    Save,
    /// A terminal too small to show anything.
    Tiny,
}

/// Why a command is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason(pub(crate) &'static str);

/// A key, with Ctrl or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// A command and its keys.
pub(crate) struct Binding {
    /// What it does.
    pub(crate) cmd: Cmd,
    /// Its keys.
    pub(crate) keys: &'static [Key],
    /// Where they work.
    pub(crate) contexts: &'static [Context],
    /// For the footer; empty: not shown there.
    pub(crate) short: &'static str,
    /// For the help.
    pub(crate) long: &'static str,
    /// Whether it is possible now.
    pub(crate) enabled: fn(&Model) -> Result<(), Reason>,
}

/// A character.
pub(crate) const fn key(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: false }
}

/// A character with Ctrl.
pub(crate) const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

/// A key with a name.
pub(crate) const fn named(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

/// A key with a name, with Ctrl.
pub(crate) const fn ctrl_named(code: KeyCode) -> Key {
    Key { code, ctrl: true }
}

impl From<KeyEvent> for Key {
    /// Shift is part of the character; other modifiers than Ctrl are never bound.
    fn from(event: KeyEvent) -> Self {
        Self { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => write!(f, "{code:?}"),
        }
    }
}

const MAIN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log];
const LISTS: &[Context] = &[Context::Sessions, Context::Profiles];
const SCROLLED: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log, Context::Help];
const EVERYWHERE: &[Context] = &[
    Context::Sessions,
    Context::Profiles,
    Context::Log,
    Context::Help,
    Context::Dialog,
    Context::Secret,
    Context::Form,
    Context::Hops,
    Context::FormDialog,
    Context::Trial,
    Context::Save,
    Context::Tiny,
];

#[expect(clippy::unnecessary_wraps, reason = "one of the functions of the table")]
fn always(_: &Model) -> Result<(), Reason> {
    Ok(())
}

macro_rules! binding {
    ($cmd:expr, [$($key:expr),+], $contexts:expr, $short:literal, $long:literal, $enabled:expr) => {
        Binding { cmd: $cmd, keys: &[$($key),+], contexts: $contexts, short: $short, long: $long, enabled: $enabled }
    };
}

/// All keys. The footer shows them in this order, most urgent first.
#[rustfmt::skip]
pub(crate) static BINDINGS: &[Binding] = &[
    binding!(Cmd::Answer, [key('p')], MAIN, "answer", "answer the waiting question", choice::can_answer),
    binding!(Cmd::Start, [key('s')], LISTS, "start", "start what is marked or under the cursor; a site: all of it", choice::can_start),
    binding!(Cmd::Stop, [key('x')], LISTS, "stop", "stop; the last packets and statistics are awaited", choice::can_stop),
    binding!(Cmd::Kill, [key('X')], LISTS, "", "kill now (asks)", choice::can_stop),
    binding!(Cmd::Viewer, [key('w')], LISTS, "viewer", "open the viewer again, from the capture's beginning", choice::can_view),
    binding!(Cmd::Save, [key('S')], LISTS, "", "save captures, live or ended, as files", choice::can_save),
    binding!(Cmd::Dismiss, [key('D')], &[Context::Sessions], "dismiss", "dismiss what has ended; deletes its spool", choice::can_dismiss),
    binding!(Cmd::Sweep, [key('K')], &[Context::Profiles], "", "end leftovers on the target: looks, shows, asks", choice::can_sweep),
    binding!(Cmd::Mark, [key(' ')], LISTS, "mark", "mark or unmark", choice::can_mark),
    binding!(Cmd::MarkAll, [key('A')], LISTS, "", "mark or unmark all", choice::can_mark),
    binding!(Cmd::Move(Motion::Down), [key('j'), named(KeyCode::Down)], SCROLLED, "", "down", always),
    binding!(Cmd::Move(Motion::Up), [key('k'), named(KeyCode::Up)], SCROLLED, "", "up", always),
    binding!(Cmd::Move(Motion::Top), [key('g'), named(KeyCode::Home)], SCROLLED, "", "to the first row", always),
    binding!(Cmd::Move(Motion::Bottom), [key('G'), named(KeyCode::End)], SCROLLED, "", "to the last row", always),
    binding!(Cmd::Move(Motion::HalfDown), [ctrl('d')], SCROLLED, "", "half a page down", always),
    binding!(Cmd::Move(Motion::HalfUp), [ctrl('u')], SCROLLED, "", "half a page up", always),
    binding!(Cmd::Move(Motion::PageDown), [named(KeyCode::PageDown)], SCROLLED, "", "a page down", always),
    binding!(Cmd::Move(Motion::PageUp), [named(KeyCode::PageUp)], SCROLLED, "", "a page up", always),
    binding!(Cmd::NextPane, [named(KeyCode::Tab)], MAIN, "pane", "the next pane", always),
    binding!(Cmd::PreviousPane, [named(KeyCode::BackTab)], MAIN, "", "the pane before", always),
    binding!(Cmd::Focus(Pane::Sessions), [key('1')], MAIN, "", "sessions", always),
    binding!(Cmd::Focus(Pane::Profiles), [key('2')], MAIN, "", "profiles", always),
    binding!(Cmd::Focus(Pane::Log), [key('3')], MAIN, "", "log", always),
    binding!(Cmd::LogSize, [key('@')], MAIN, "log", "make the log tall or small", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], MAIN, "", "clear the marks; never quits", always),
    binding!(Cmd::Redraw, [ctrl('l')], EVERYWHERE, "", "draw the screen anew", always),
    binding!(Cmd::Suspend, [ctrl('z')], MAIN, "", "suspend, when no capture runs", choice::can_suspend),
    binding!(Cmd::Help, [key('?'), named(KeyCode::F(1))], MAIN, "help", "this help", always),
    binding!(Cmd::Help, [named(KeyCode::F(1))], &[Context::Form, Context::Hops], "help", "this help; ? is text here", always),
    binding!(Cmd::Quit, [key('q'), named(KeyCode::F(10))], &[Context::Sessions, Context::Profiles, Context::Log, Context::Tiny], "quit", "quit; asks when captures run", choice::can_quit),
    binding!(Cmd::Interrupt, [ctrl('c')], EVERYWHERE, "", "quit; twice within 2 s stops all without asking", always),
    binding!(Cmd::OtherButton, [named(KeyCode::Left), named(KeyCode::Right), named(KeyCode::Tab), named(KeyCode::BackTab), key('h'), key('l')], &[Context::Dialog], "choose", "the other button", always),
    binding!(Cmd::Confirm, [named(KeyCode::Enter)], &[Context::Dialog], "confirm", "do what the button says", always),
    binding!(Cmd::Send, [named(KeyCode::Enter)], &[Context::Secret, Context::Save], "send", "send what was typed", always),
    binding!(Cmd::NextField, [named(KeyCode::Tab), named(KeyCode::Down)], &[Context::Save], "next", "the next field", always),
    binding!(Cmd::PreviousField, [named(KeyCode::BackTab), named(KeyCode::Up)], &[Context::Save], "", "the field before", always),
    binding!(Cmd::Turn(true), [named(KeyCode::Right)], &[Context::Save], "", "the next choice", always),
    binding!(Cmd::Turn(false), [named(KeyCode::Left)], &[Context::Save], "", "the choice before", always),
    binding!(Cmd::DeleteBack, [named(KeyCode::Backspace), ctrl('h')], &[Context::Secret, Context::Save], "", "delete a character", always),
    binding!(Cmd::DeleteAll, [ctrl('u')], &[Context::Secret, Context::Save], "", "delete everything typed", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], &[Context::Dialog, Context::Secret, Context::Save], "cancel", "close the box, change nothing", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q'), key('?')], &[Context::Help], "close", "close the help", always),
];

/// All keys, those of forms last.
pub(crate) fn all() -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().chain(form::keys::BINDINGS)
}

/// The binding of a key in a context.
pub(crate) fn find(context: Context, key: Key) -> Option<&'static Binding> {
    all().find(|binding| binding.contexts.contains(&context) && binding.keys.contains(&key))
}

/// The bindings of a context that the footer may show.
pub(crate) fn hints(context: Context) -> impl Iterator<Item = &'static Binding> {
    all().filter(move |binding| binding.contexts.contains(&context) && !binding.short.is_empty())
}

/// Not possible while everything ends.
pub(crate) fn while_open(model: &Model) -> Result<(), Reason> {
    match model.phase {
        Phase::Open { .. } => Ok(()),
        Phase::Leaving => Err(Reason("everything is being stopped; Ctrl-c kills")),
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERYWHERE, all};

    #[test]
    fn no_context_has_a_key_twice() {
        for context in EVERYWHERE {
            let mut seen = Vec::new();
            for binding in all().filter(|binding| binding.contexts.contains(context)) {
                for key in binding.keys {
                    assert!(!seen.contains(key), "{key} twice in {context:?}");
                    seen.push(*key);
                }
            }
            assert!(!seen.is_empty(), "{context:?}");
        }
    }

    #[test]
    fn keys_have_names_that_can_be_read_aloud() {
        let names: Vec<_> = all().flat_map(|b| b.keys).map(ToString::to_string).collect();
        assert!(names.iter().all(|name| !name.is_empty() && !name.contains([' ', '('])), "{names:?}");
        for name in ["Ctrl-d", "Space", "PgDn", "Shift-Tab", "F1", "Esc", "@"] {
            assert!(names.iter().any(|have| have == name), "{name}");
        }
    }
}
