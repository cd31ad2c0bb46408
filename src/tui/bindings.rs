//! The one table of keys: dispatch, footer and help all come from it.

use crossterm::event::KeyCode;

pub(crate) use super::key::{Key, ctrl, ctrl_named, key, named};
use super::{
    box_keys::{self, AskCmd, PickCmd},
    form::{self, FormCmd},
    model::{Model, Pane, Phase},
    text::Edit,
    update::choice,
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
    /// Give the terminal back for a while.
    Suspend,
    /// The other button.
    OtherButton,
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

/// Who gets a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// The sessions.
    Sessions,
    /// The saved targets.
    Profiles,
    /// The log.
    Log,
    /// The detail screen, where it has all of the screen.
    Detail,
    /// The help.
    Help,
    /// The list of commands.
    Palette,
    /// A list to choose from.
    Menu,
    /// The machines that can be imported.
    Import,
    /// The interfaces of a target.
    Picker,
    /// A text for a box being typed.
    Field,
    /// A box with buttons.
    Dialog,
    /// A secret being typed.
    Secret,
    /// A decision about a host key, with a text to compare with.
    HostKey,
    /// A box that only tells something.
    Notice,
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
    /// A filter being typed.
    Filter,
    /// A pane whose rows are filtered: asked before the pane itself.
    Filtered,
    /// A terminal too small to show anything.
    Tiny,
}

impl Context {
    /// All of them.
    pub(crate) const ALL: [Self; 22] = [
        Self::Sessions,
        Self::Profiles,
        Self::Log,
        Self::Detail,
        Self::Filtered,
        Self::Help,
        Self::Palette,
        Self::Menu,
        Self::Save,
        Self::Import,
        Self::Picker,
        Self::Field,
        Self::Dialog,
        Self::Secret,
        Self::HostKey,
        Self::Notice,
        Self::Filter,
        Self::Form,
        Self::Hops,
        Self::FormDialog,
        Self::Trial,
        Self::Tiny,
    ];

    /// True where characters are text.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Help
                | Self::Palette
                | Self::Secret
                | Self::HostKey
                | Self::Filter
                | Self::Field
                | Self::Form
                | Self::Hops
                | Self::Save
        )
    }

    /// True in a form and what lies over it.
    pub(crate) fn is_of_a_form(self) -> bool {
        matches!(self, Self::Form | Self::Hops | Self::FormDialog | Self::Trial)
    }

    /// Those that have the keys while nothing lies over the screen.
    pub(crate) const OF_THE_ROOM: [Self; 5] =
        [Self::Sessions, Self::Profiles, Self::Log, Self::Detail, Self::Filtered];
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

const MAIN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log];
/// Wherever a session can be chosen.
const CHOSEN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Detail];
const LISTS: &[Context] = &[Context::Sessions, Context::Profiles];
const SCROLLED: &[Context] = OPEN;
/// Where nothing lies over the screen.
const OPEN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log, Context::Detail];
const FINDERS: &[Context] = &[Context::Help, Context::Palette];
const EVERYWHERE: &[Context] = &[
    Context::Sessions,
    Context::Profiles,
    Context::Log,
    Context::Detail,
    Context::Help,
    Context::Dialog,
    Context::Secret,
    Context::HostKey,
    Context::Notice,
    Context::Form,
    Context::Hops,
    Context::FormDialog,
    Context::Trial,
    Context::Filter,
    Context::Palette,
    Context::Menu,
    Context::Import,
    Context::Picker,
    Context::Field,
    Context::Save,
    Context::Tiny,
];
/// Where text is typed that may be seen.
const TEXT: &[Context] = &[Context::Filter, Context::Help, Context::Palette, Context::Field];

#[expect(clippy::unnecessary_wraps, reason = "one of the functions of the table")]
pub(crate) fn always(_: &Model) -> Result<(), Reason> {
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
    binding!(Cmd::Answer, [key('p')], OPEN, "answer", "answer the waiting question", choice::can_answer),
    binding!(Cmd::Start, [key('s')], LISTS, "start", "start what is marked or under the cursor; a site: all of it", choice::can_start),
    binding!(Cmd::Stop, [key('x')], CHOSEN, "stop", "stop; the last packets and statistics are awaited", choice::can_stop),
    binding!(Cmd::Kill, [key('X')], CHOSEN, "", "kill now (asks)", choice::can_stop),
    binding!(Cmd::Restart, [key('r')], &[Context::Sessions, Context::Detail], "restart", "stop, and start the same again", choice::can_restart),
    binding!(Cmd::Details, [named(KeyCode::Enter), key('d')], &[Context::Sessions], "details", "everything about this session; beside the list where there is room", choice::can_detail),
    binding!(Cmd::Viewer, [key('w')], CHOSEN, "viewer", "open the viewer again, from the capture's beginning", choice::can_view),
    binding!(Cmd::Pick(PickCmd::Open), [key('i')], CHOSEN, "", "the target's interfaces and what flows there; marked ones are captured on", choice::can_pick),
    binding!(Cmd::Pick(PickCmd::Filter), [key('f')], CHOSEN, "", "another capture filter for the next start; what runs restarts with it", choice::can_pick),
    binding!(Cmd::Save, [key('S')], CHOSEN, "save", "save captures, live or ended, as files", choice::can_save),
    binding!(Cmd::Dismiss, [key('D')], &[Context::Sessions], "dismiss", "dismiss what has ended; deletes its spool", choice::can_dismiss),
    binding!(Cmd::Sweep, [key('K')], &[Context::Profiles], "", "end leftovers on the target: looks, shows, asks", choice::can_sweep),
    binding!(Cmd::Mark, [key(' ')], LISTS, "mark", "mark or unmark", choice::can_mark),
    binding!(Cmd::MarkRange, [key('v')], LISTS, "", "mark a range: from here to the cursor, until pressed again", choice::can_mark),
    binding!(Cmd::MarkAll, [key('A')], LISTS, "", "mark or unmark all that is shown", choice::can_mark),
    binding!(Cmd::Filter, [key('/')], MAIN, "filter", "filter the pane: words, !word, state:fail group: site: host: via: iface: filter: note:", always),
    binding!(Cmd::NextMatch, [key('n')], &[Context::Filtered], "", "the next row that the filter shows", always),
    binding!(Cmd::PreviousMatch, [key('N')], &[Context::Filtered], "", "the row before that the filter shows", always),
    binding!(Cmd::Sort, [key('o')], LISTS, "", "sort by the next column", always),
    binding!(Cmd::ReverseSort, [key('O')], LISTS, "", "turn the order around", always),
    binding!(Cmd::WholeLog, [key('l')], &[Context::Sessions, Context::Detail], "log", "the session's log on the whole screen, and back", choice::can_detail),
    binding!(Cmd::LongerGraph, [key('-')], OPEN, "", "graph: 1, 5, 15 minutes", choice::can_zoom),
    binding!(Cmd::ShorterGraph, [key('=')], OPEN, "", "graph: 15, 5, 1 minutes", choice::can_zoom),
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
    binding!(Cmd::Zoom, [key('+')], MAIN, "", "the pane on the whole screen, and back", always),
    binding!(Cmd::Freeze, [key('F')], OPEN, "", "freeze the screen, and go on; captures go on all the while", always),
    binding!(Cmd::Copy, [key('y')], CHOSEN, "", "copy: the ssh and tcpdump commands, the last error, the file, the fingerprint", choice::can_copy),
    binding!(Cmd::Mouse, [key('%')], OPEN, "", "the mouse: click, wheel, double click; off leaves it to the terminal", always),
    binding!(Cmd::CopyChosen, [named(KeyCode::Enter), key('y')], &[Context::Menu], "copy", "send it to the terminal's clipboard", always),
    binding!(Cmd::Move(Motion::Down), [key('j'), named(KeyCode::Down)], &[Context::Menu, Context::Picker, Context::Import], "", "down", always),
    binding!(Cmd::Move(Motion::Up), [key('k'), named(KeyCode::Up)], &[Context::Menu, Context::Picker, Context::Import], "", "up", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Menu], "close", "close the list", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Detail], "back", "back to the list", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], MAIN, "", "one step back: filter, marks, zoom; never quits", always),
    binding!(Cmd::Redraw, [ctrl('l')], EVERYWHERE, "", "draw the screen anew", always),
    binding!(Cmd::Suspend, [ctrl('z')], OPEN, "", "a shell while captures go on; suspend, when there are none", choice::can_suspend),
    binding!(Cmd::Palette, [key(':')], OPEN, "command", "all commands by name", always),
    binding!(Cmd::Help, [key('?'), named(KeyCode::F(1))], OPEN, "help", "this help", always),
    binding!(Cmd::Help, [named(KeyCode::F(1))], &[Context::Form, Context::Hops], "help", "this help; ? is text here", always),
    binding!(Cmd::Quit, [key('q'), named(KeyCode::F(10))], &[Context::Sessions, Context::Profiles, Context::Log, Context::Tiny], "quit", "quit; asks when captures run", choice::can_quit),
    binding!(Cmd::Interrupt, [ctrl('c')], EVERYWHERE, "", "quit; twice within 2 s stops all without asking", always),
    binding!(Cmd::OtherButton, [named(KeyCode::Left), named(KeyCode::Right), named(KeyCode::Tab), named(KeyCode::BackTab), key('h'), key('l')], &[Context::Dialog], "choose", "the other button", always),
    binding!(Cmd::Confirm, [named(KeyCode::Enter)], &[Context::Dialog], "confirm", "do what the button says", always),
    binding!(Cmd::Send, [named(KeyCode::Enter)], &[Context::Secret, Context::Save], "send", "send what was typed", always),
    binding!(Cmd::DeleteBack, [named(KeyCode::Backspace), ctrl('h')], &[Context::Secret, Context::Save], "", "delete a character", always),
    binding!(Cmd::DeleteAll, [ctrl('u')], &[Context::Secret, Context::Save], "", "delete everything typed", always),
    binding!(Cmd::KeepFilter, [named(KeyCode::Enter)], &[Context::Filter], "keep", "keep the filter", always),
    binding!(Cmd::Recall(Recall::Earlier), [named(KeyCode::Up)], &[Context::Filter], "earlier", "the filter used before", always),
    binding!(Cmd::Recall(Recall::Later), [named(KeyCode::Down)], &[Context::Filter], "", "the filter used after", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], &[Context::Filter], "clear", "clear the filter", always),
    binding!(Cmd::Edit(Edit::Backspace), [named(KeyCode::Backspace), ctrl('h')], TEXT, "", "delete a character", always),
    binding!(Cmd::Edit(Edit::Delete), [named(KeyCode::Delete)], TEXT, "", "delete the character under the cursor", always),
    binding!(Cmd::Edit(Edit::DeleteWord), [ctrl('w')], TEXT, "", "delete a word", always),
    binding!(Cmd::Edit(Edit::DeleteAll), [ctrl('u')], TEXT, "", "delete everything before the cursor", always),
    binding!(Cmd::Edit(Edit::DeleteRest), [ctrl('k')], TEXT, "", "delete everything behind the cursor", always),
    binding!(Cmd::Edit(Edit::Start), [ctrl('a'), named(KeyCode::Home)], TEXT, "", "to the start of the text", always),
    binding!(Cmd::Edit(Edit::End), [ctrl('e'), named(KeyCode::End)], TEXT, "", "to the end of the text", always),
    binding!(Cmd::Edit(Edit::Left), [named(KeyCode::Left)], TEXT, "", "one character to the left", always),
    binding!(Cmd::Edit(Edit::Right), [named(KeyCode::Right)], TEXT, "", "one character to the right", always),
    binding!(Cmd::Edit(Edit::WordLeft), [ctrl_named(KeyCode::Left)], TEXT, "", "one word to the left", always),
    binding!(Cmd::Edit(Edit::WordRight), [ctrl_named(KeyCode::Right)], TEXT, "", "one word to the right", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], &[Context::Dialog, Context::Secret, Context::Save], "cancel", "close the box, change nothing", always),
    binding!(Cmd::Run, [named(KeyCode::Enter)], FINDERS, "run", "run the command under the cursor, or say why not", always),
    binding!(Cmd::Complete, [named(KeyCode::Tab)], &[Context::Palette], "complete", "complete the name", always),
    binding!(Cmd::Move(Motion::Down), [named(KeyCode::Down)], FINDERS, "", "down", always),
    binding!(Cmd::Move(Motion::Up), [named(KeyCode::Up)], FINDERS, "", "up", always),
    binding!(Cmd::Move(Motion::PageDown), [named(KeyCode::PageDown)], FINDERS, "", "a page down", always),
    binding!(Cmd::Move(Motion::PageUp), [named(KeyCode::PageUp)], FINDERS, "", "a page up", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), named(KeyCode::F(1))], FINDERS, "close", "close the list", always),
];

/// All keys, those of forms last.
pub(crate) fn all() -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().chain(box_keys::BINDINGS).chain(form::keys::BINDINGS)
}

/// Whether a command is possible now, whoever asks for it.
pub(crate) fn possible(model: &Model, binding: &Binding) -> Result<(), Reason> {
    if model.desk.settings.read_only && !is_harmless(binding.cmd) {
        return Err(Reason("wrcap was started read-only: nothing is started or changed"));
    }
    (binding.enabled)(model)
}

/// True for what starts, stops and changes nothing. Whatever is not named here is refused in a read-only dashboard.
fn is_harmless(cmd: Cmd) -> bool {
    shows_only(cmd)
        || matches!(
            cmd,
            Cmd::Quit
                | Cmd::Interrupt
                | Cmd::Suspend
                | Cmd::OtherButton
                | Cmd::Confirm
                | Cmd::Send
                | Cmd::Ask(_)
                | Cmd::Answer
                | Cmd::DeleteBack
                | Cmd::DeleteAll
        )
}

/// True for what changes nothing but what is shown.
pub(crate) fn shows_only(cmd: Cmd) -> bool {
    matches!(
        cmd,
        Cmd::Move(_)
            | Cmd::Focus(_)
            | Cmd::NextPane
            | Cmd::PreviousPane
            | Cmd::LogSize
            | Cmd::WholeLog
            | Cmd::Details
            | Cmd::LongerGraph
            | Cmd::ShorterGraph
            | Cmd::Zoom
            | Cmd::Freeze
            | Cmd::Help
            | Cmd::Palette
            | Cmd::Run
            | Cmd::Complete
            | Cmd::Filter
            | Cmd::KeepFilter
            | Cmd::Recall(_)
            | Cmd::NextMatch
            | Cmd::PreviousMatch
            | Cmd::Sort
            | Cmd::ReverseSort
            | Cmd::Edit(_)
            | Cmd::Mark
            | Cmd::MarkAll
            | Cmd::MarkRange
            | Cmd::Back
            | Cmd::Copy
            | Cmd::CopyChosen
            | Cmd::Mouse
            | Cmd::Redraw
    )
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
