//! The keys of boxes that ask something: questions of ssh, interfaces, filters of captures.

use crossterm::event::KeyCode;

use super::{
    bindings::{Binding, Cmd, Context, Key, Motion, Reason, always, ctrl, key, named, while_open},
    model::Model,
    overlay::Overlay,
    picker::Goal,
    text::Edit,
    update::{choice, picker},
    welcome::WelcomeCmd,
};

/// What a user can ask for about interfaces and filters of captures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PickCmd {
    /// Show the target's interfaces.
    Open,
    /// Mark or unmark one.
    Mark,
    /// Type a word to find interfaces by.
    Find,
    /// Go on with what it finds.
    KeepFound,
    /// Ask the target again.
    Reread,
    /// Use what is chosen or typed.
    Take,
    /// Use what is marked in one session.
    Merge,
    /// Type another filter.
    Filter,
}

/// What a user can ask for in the box of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskCmd {
    /// Show what is typed, or hide it.
    Show,
    /// Keep the answer for others that ask the same, or not.
    Keep,
    /// The next question.
    Next,
    /// Another button.
    Turn {
        /// The one to the right.
        on: bool,
    },
    /// Do what the button says.
    Decide,
    /// Copy what the box is about.
    Copy,
    /// Read the log of the session.
    Log,
}

type Enabled = fn(&Model) -> Result<(), Reason>;

const fn row(
    cmd: Cmd,
    keys: &'static [Key],
    contexts: &'static [Context],
    short: &'static str,
    long: &'static str,
    enabled: Enabled,
) -> Binding {
    Binding { cmd, keys, contexts, short, long, enabled }
}

const LISTS: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log];

/// Whether nothing is saved yet.
fn first_run(model: &Model) -> Result<(), Reason> {
    while_open(model)?;
    if model.is_first_run() { Ok(()) } else { Err(Reason("only while there are no profiles")) }
}

/// Whether another question waits behind the one that is open.
fn has_next_question(model: &Model) -> Result<(), Reason> {
    match model.questions.len() {
        0 | 1 => Err(Reason("no other question waits")),
        _ => Ok(()),
    }
}

/// Whether there is a machine to import.
fn has_hosts(model: &Model) -> Result<(), Reason> {
    match model.overlays.last() {
        Some(Overlay::Import(import)) if import.len() == 0 => Err(Reason("no machine is listed")),
        _ => Ok(()),
    }
}

/// Whether several interfaces can be chosen.
fn can_mark_several(model: &Model) -> Result<(), Reason> {
    match model.overlays.last().and_then(Overlay::subject) {
        Some(subject) if subject.goal == Goal::Field => Err(Reason("the field takes one interface")),
        _ => Ok(()),
    }
}

/// All keys of these boxes.
#[rustfmt::skip]
pub(crate) static BINDINGS: &[Binding] = &[
    row(Cmd::Pick(PickCmd::Mark), &[key(' ')], &[Context::Picker], "mark", "mark or unmark the interface", can_mark_several),
    row(Cmd::Pick(PickCmd::Take), &[named(KeyCode::Enter)], &[Context::Picker, Context::Field], "use", "use what is marked or typed: a session each", always),
    row(Cmd::Pick(PickCmd::Merge), &[key('m')], &[Context::Picker], "one merged session", "use what is marked in one session", picker::can_merge),
    row(Cmd::Pick(PickCmd::Find), &[key('/')], &[Context::Picker], "find", "find interfaces by name, address or what they are", always),
    row(Cmd::Pick(PickCmd::Reread), &[key('r')], &[Context::Picker], "reread", "ask the target again", always),
    row(Cmd::Pick(PickCmd::KeepFound), &[named(KeyCode::Enter)], &[Context::Find], "keep", "go on with what was found", always),
    row(Cmd::Move(Motion::Down), &[named(KeyCode::Down)], &[Context::Find], "", "down", always),
    row(Cmd::Move(Motion::Up), &[named(KeyCode::Up)], &[Context::Find], "", "up", always),
    row(Cmd::Back, &[named(KeyCode::Esc)], &[Context::Find], "all", "show all interfaces again", always),
    row(Cmd::Back, &[named(KeyCode::Esc)], &[Context::Picker, Context::Field], "cancel", "close the box, change nothing", always),
    row(Cmd::Ask(AskCmd::Turn { on: true }), &[named(KeyCode::Right), named(KeyCode::Tab)], &[Context::HostKey], "choose", "the next button", always),
    row(Cmd::Ask(AskCmd::Turn { on: false }), &[named(KeyCode::Left), named(KeyCode::BackTab)], &[Context::HostKey], "", "the button before", always),
    row(Cmd::Ask(AskCmd::Decide), &[named(KeyCode::Enter)], &[Context::HostKey], "confirm", "do what the button says", always),
    row(Cmd::Ask(AskCmd::Copy), &[ctrl('y')], &[Context::HostKey], "copy", "copy the fingerprint", always),
    row(Cmd::Ask(AskCmd::Copy), &[key('y')], &[Context::Notice], "copy", "copy the command that removes the saved key", always),
    row(Cmd::Ask(AskCmd::Log), &[key('l')], &[Context::Notice], "log", "the session's log", always),
    row(Cmd::Ask(AskCmd::Show), &[ctrl('v')], &[Context::Secret], "show", "show what is typed, or hide it", always),
    row(Cmd::Ask(AskCmd::Keep), &[ctrl('k')], &[Context::Secret], "keep", "keep the answer for other sessions that ask the same, in memory only", choice::can_keep),
    row(Cmd::Ask(AskCmd::Next), &[named(KeyCode::Tab)], &[Context::Secret], "next", "the next question", has_next_question),
    row(Cmd::Edit(Edit::Backspace), &[named(KeyCode::Backspace), ctrl('h')], &[Context::HostKey], "", "delete a character", always),
    row(Cmd::Edit(Edit::DeleteAll), &[ctrl('u')], &[Context::HostKey], "", "delete what was pasted", always),
    row(Cmd::Back, &[named(KeyCode::Esc)], &[Context::HostKey], "refuse", "do not connect", always),
    row(Cmd::Back, &[named(KeyCode::Esc), key('q')], &[Context::Notice], "close", "close the box", always),
    row(Cmd::Welcome(WelcomeCmd::Import), &[key('I')], LISTS, "import", "import machines from ~/.ssh/config", first_run),
    row(Cmd::Welcome(WelcomeCmd::Demo), &[key('T')], LISTS, "try the demo", "try everything with a throwaway lab on this machine", first_run),
    row(Cmd::Welcome(WelcomeCmd::Mark), &[key(' ')], &[Context::Import], "mark", "mark or unmark the machine", has_hosts),
    row(Cmd::Welcome(WelcomeCmd::MarkAll), &[key('A')], &[Context::Import], "all", "mark all machines, or none", has_hosts),
    row(Cmd::Welcome(WelcomeCmd::Save), &[ctrl('s')], &[Context::Import], "save", "make a target of each marked machine", has_hosts),
    row(Cmd::Back, &[named(KeyCode::Esc), key('q')], &[Context::Import], "cancel", "close the list, write nothing", always),
    row(Cmd::NextField, &[named(KeyCode::Tab), named(KeyCode::Down)], &[Context::Save], "next", "the next field", always),
    row(Cmd::PreviousField, &[named(KeyCode::BackTab), named(KeyCode::Up)], &[Context::Save], "", "the field before", always),
    row(Cmd::Turn(true), &[named(KeyCode::Right)], &[Context::Save], "", "the next choice", always),
    row(Cmd::Turn(false), &[named(KeyCode::Left)], &[Context::Save], "", "the choice before", always),
];
