//! The one table of keys: dispatch, footer and help all come from it. Its parts stand in files of their own, by
//! context.

mod boxes;
mod context;
mod harmless;
mod room;

pub(crate) use context::Context;
pub(crate) use harmless::shows_only;

pub(crate) use super::key::{Key, ctrl, ctrl_named, key, named};
use super::{
    box_keys::{self, AskCmd, PickCmd},
    form::{self, FormCmd},
    model::{Model, Pane, Phase},
    spools::SpoolCmd,
    text::Edit,
    welcome::WelcomeCmd,
};

/// What a user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cmd {
    /// Open the oldest question.
    Answer,
    /// Open the detail screen, or close it.
    Details,
    /// Stop sessions and start them again.
    Restart,
    /// Show more of the past.
    LongerGraph,
    /// Show less of the past, with more to see.
    ShorterGraph,
    /// Give the whole detail screen to its log, or take it back.
    WholeLog,
    /// At the first run.
    Welcome(WelcomeCmd),
    /// Pick interfaces, or change the filter.
    Pick(PickCmd),
    /// Start sessions.
    Start,
    /// Show what a profile would do.
    Sheet,
    /// Test the path of a profile.
    Test,
    /// Start what the sheet shows, or show its session.
    Begin,
    /// Start sessions without their viewers.
    StartBlind,
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
    /// About what earlier runs left in the spool.
    Spool(SpoolCmd),
    /// Mark or unmark.
    Mark,
    /// Mark or unmark everything that is shown in the pane.
    MarkAll,
    /// Begin or end the marking of a range.
    MarkRange,
    /// Type a filter for the pane.
    Filter,
    /// Take the filter that was typed.
    KeepFilter,
    /// The filter that was used before, or after.
    Recall(Recall),
    /// The next row that the filter shows.
    NextMatch,
    /// The row before that the filter shows.
    PreviousMatch,
    /// Sort by the next column.
    Sort,
    /// Turn the order around.
    ReverseSort,
    /// Change the text that is being typed.
    Edit(Edit),
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
    /// Give the pane in focus the whole screen, or take it back.
    Zoom,
    /// Stop the screen, or let it go on.
    Freeze,
    /// Take the mouse from the terminal, or give it back.
    Mouse,
    /// Open the list of what can be copied.
    Copy,
    /// Copy what is chosen.
    CopyChosen,
    /// Open the help.
    Help,
    /// Open the list of commands.
    Palette,
    /// Run the command under the cursor of the help or the palette.
    Run,
    /// Complete the name that is typed into the palette.
    Complete,
    /// One level up; never leaves.
    Back,
    /// Leave.
    Quit,
    /// Ctrl-c: leave, and the second time at once.
    Interrupt,
    /// Draw everything anew.
    Redraw,
    /// Read the settings anew.
    Reload,
    /// Give the terminal back for a while.
    Suspend,
    /// The next button.
    NextButton,
    /// The button before.
    PreviousButton,
    /// What the button says.
    Confirm,
    /// Something in the box of a question.
    Ask(AskCmd),
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

/// Which way in the history of filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recall {
    /// Further back.
    Earlier,
    /// Back to now.
    Later,
}

/// Why a command is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason(pub(crate) &'static str);

/// A command and its keys.
#[derive(Debug)]
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

#[expect(clippy::unnecessary_wraps, reason = "one of the functions of the table")]
pub(crate) fn always(_: &Model) -> Result<(), Reason> {
    Ok(())
}

macro_rules! binding {
    ($cmd:expr, [$($key:expr),+], $contexts:expr, $short:literal, $long:literal, $enabled:expr) => {
        Binding { cmd: $cmd, keys: &[$($key),+], contexts: $contexts, short: $short, long: $long, enabled: $enabled }
    };
}

use binding;

/// All keys: those of the room first, those of forms last.
pub(crate) fn all() -> impl Iterator<Item = &'static Binding> {
    room::BINDINGS.iter().chain(boxes::BINDINGS).chain(box_keys::BINDINGS).chain(form::keys::BINDINGS)
}

/// Whether a command is possible now, whoever asks for it.
pub(crate) fn possible(model: &Model, binding: &Binding) -> Result<(), Reason> {
    if model.desk.settings.read_only && !harmless::is_harmless(binding.cmd) {
        return Err(Reason("wrcap was started read-only: nothing is started or changed"));
    }
    (binding.enabled)(model)
}

/// The bindings of a context that the footer may show: what waits first, then what is special to the context, then what
/// works everywhere.
pub(crate) fn hints(context: Context) -> impl Iterator<Item = &'static Binding> {
    let here =
        move || all().filter(move |binding| binding.contexts.contains(&context) && !binding.short.is_empty());
    let general = |binding: &&Binding| binding.contexts.contains(&Context::Log) && binding.cmd != Cmd::Answer;
    here().filter(move |binding| !general(binding)).chain(here().filter(general))
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
    use super::{Context, Key, all};

    #[test]
    fn no_context_has_a_key_twice() {
        for context in Context::ALL {
            let mut seen = Vec::new();
            for binding in all().filter(|binding| binding.contexts.contains(&context)) {
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
        for key in all().flat_map(|b| b.keys) {
            assert_eq!(Key::parse(&key.to_string()), Some(*key), "{key} can be read back");
        }
    }
}
