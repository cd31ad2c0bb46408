//! The keys of the lists, the log and the detail, while nothing lies over them.

use crossterm::event::KeyCode;

use super::{Binding, Cmd, Context, Motion, SpoolCmd, always, binding, ctrl, key, named, while_open};
use crate::tui::{box_keys::PickCmd, model::Pane, sheet, update::choice};

const MAIN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log];
/// Wherever a session can be chosen.
const CHOSEN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Detail];
const LISTS: &[Context] = &[Context::Sessions, Context::Profiles];
/// Where nothing lies over the screen.
const OPEN: &[Context] = &[Context::Sessions, Context::Profiles, Context::Log, Context::Detail];
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
    Context::Sheet,
    Context::Picker,
    Context::Find,
    Context::Field,
    Context::Save,
    Context::Spools,
    Context::Tiny,
];

/// All of them. The footer shows them in this order, most urgent first.
#[rustfmt::skip]
pub(super) static BINDINGS: &[Binding] = &[
    binding!(Cmd::Answer, [key('p')], OPEN, "answer", "answer the waiting question", choice::can_answer),
    binding!(Cmd::Start, [key('s')], LISTS, "start", "start what is marked or under the cursor; a site: all of it", choice::can_start),
    binding!(Cmd::StartBlind, [key('W')], &[Context::Sessions, Context::Profiles, Context::Sheet], "without viewer", "start it without its viewer: packets are kept, S saves them", choice::can_start),
    binding!(Cmd::Stop, [key('x')], CHOSEN, "stop", "stop; the last packets and statistics are awaited", choice::can_stop),
    binding!(Cmd::Kill, [key('X')], CHOSEN, "", "kill now (asks)", choice::can_stop),
    binding!(Cmd::Restart, [key('r')], CHOSEN, "restart", "stop, and start the same again", choice::can_restart),
    binding!(Cmd::Details, [named(KeyCode::Enter), key('d')], &[Context::Sessions], "details", "everything about this session; beside the list where there is room", choice::can_detail),
    binding!(Cmd::Sheet, [named(KeyCode::Enter), key('d')], &[Context::Profiles], "", "what this profile would do; Enter again starts it", sheet::can_open),
    binding!(Cmd::Test, [key('t')], &[Context::Profiles, Context::Sheet], "test", "test the path, nothing is captured", sheet::can_test),
    binding!(Cmd::Viewer, [key('w')], CHOSEN, "viewer", "open the viewer again, from the capture's beginning", choice::can_view),
    binding!(Cmd::Pick(PickCmd::Open), [key('i')], CHOSEN, "", "the target's interfaces and what flows there; marked ones are captured on", choice::can_pick),
    binding!(Cmd::Pick(PickCmd::Filter), [key('f')], CHOSEN, "", "another capture filter for the next start; what runs restarts with it", choice::can_pick),
    binding!(Cmd::Save, [key('S')], CHOSEN, "save", "save captures, live or ended, as files", choice::can_save),
    binding!(Cmd::Dismiss, [key('D')], &[Context::Sessions], "dismiss", "dismiss what has ended; deletes its spool", choice::can_dismiss),
    binding!(Cmd::Spool(SpoolCmd::Open), [key('U')], MAIN, "", "unsaved captures that earlier runs left: save or remove them", while_open),
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
    binding!(Cmd::Move(Motion::Down), [key('j'), named(KeyCode::Down)], OPEN, "", "down", always),
    binding!(Cmd::Move(Motion::Up), [key('k'), named(KeyCode::Up)], OPEN, "", "up", always),
    binding!(Cmd::Move(Motion::Top), [key('g'), named(KeyCode::Home)], OPEN, "", "to the first row", always),
    binding!(Cmd::Move(Motion::Bottom), [key('G'), named(KeyCode::End)], OPEN, "", "to the last row", always),
    binding!(Cmd::Move(Motion::HalfDown), [ctrl('d')], OPEN, "", "half a page down", always),
    binding!(Cmd::Move(Motion::HalfUp), [ctrl('u')], OPEN, "", "half a page up", always),
    binding!(Cmd::Move(Motion::PageDown), [named(KeyCode::PageDown)], OPEN, "", "a page down", always),
    binding!(Cmd::Move(Motion::PageUp), [named(KeyCode::PageUp)], OPEN, "", "a page up", always),
    binding!(Cmd::NextPane, [named(KeyCode::Tab)], MAIN, "pane", "the next pane", always),
    binding!(Cmd::PreviousPane, [named(KeyCode::BackTab)], MAIN, "", "the pane before", always),
    binding!(Cmd::Focus(Pane::Sessions), [key('1')], MAIN, "", "sessions", always),
    binding!(Cmd::Focus(Pane::Profiles), [key('2')], MAIN, "", "profiles", always),
    binding!(Cmd::Focus(Pane::Log), [key('3')], MAIN, "", "log", always),
    binding!(Cmd::LogSize, [key('@')], MAIN, "log", "make the log tall or small", always),
    binding!(Cmd::Zoom, [key('+')], MAIN, "", "the pane on the whole screen, and back", always),
    binding!(Cmd::Freeze, [key('F')], OPEN, "", "freeze the screen, and go on; captures go on all the while", always),
    binding!(Cmd::Copy, [key('y')], CHOSEN, "", "copy: the ssh and tcpdump commands, the last error, the file, the fingerprint", choice::can_copy),
    binding!(Cmd::Mouse, [key('%')], OPEN, "", "the mouse: rows, titles of columns, buttons, keys, wheel; off leaves it to the terminal", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Detail], "back", "back to the list", always),
    binding!(Cmd::Back, [named(KeyCode::Esc)], MAIN, "", "one step back: filter, marks, zoom; never quits", always),
    binding!(Cmd::Redraw, [ctrl('l')], EVERYWHERE, "", "draw the screen anew", always),
    binding!(Cmd::Reload, [ctrl('r')], OPEN, "", "read config.yaml anew: theme, keys, glyphs, mouse, notify", always),
    binding!(Cmd::Suspend, [ctrl('z')], OPEN, "", "a shell while captures go on; suspend, when there are none", choice::can_suspend),
    binding!(Cmd::Palette, [key(':')], OPEN, "command", "all commands by name", always),
    binding!(Cmd::Help, [key('?'), named(KeyCode::F(1))], OPEN, "help", "this help", always),
    binding!(Cmd::Quit, [key('q'), named(KeyCode::F(10))], &[Context::Sessions, Context::Profiles, Context::Log, Context::Tiny], "quit", "quit; asks when captures run or packets are in no file", choice::can_quit),
    binding!(Cmd::Interrupt, [ctrl('c')], EVERYWHERE, "", "quit; twice within 2 s stops all without asking and keeps packets", always),
];
