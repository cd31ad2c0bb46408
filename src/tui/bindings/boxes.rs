//! The keys of boxes with buttons, of lists to choose from, and of where text is typed.

use crossterm::event::KeyCode;

use super::{
    Binding, Cmd, Context, Edit, Motion, Recall, SpoolCmd, always, binding, ctrl, ctrl_named, key, named,
    while_open,
};

const FINDERS: &[Context] = &[Context::Help, Context::Palette];
/// Where text is typed that may be seen.
const TEXT: &[Context] = &[Context::Filter, Context::Help, Context::Palette, Context::Field, Context::Find];

/// All of them, in the order of the footer.
#[rustfmt::skip]
pub(super) static BINDINGS: &[Binding] = &[
    binding!(Cmd::Begin, [named(KeyCode::Enter)], &[Context::Sheet], "start", "start it, or show its session", while_open),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Sheet], "close", "close the sheet", always),
    binding!(Cmd::CopyChosen, [named(KeyCode::Enter), key('y')], &[Context::Menu], "copy", "send it to the terminal's clipboard", always),
    binding!(Cmd::Move(Motion::Down), [key('j'), named(KeyCode::Down)], &[Context::Menu, Context::Picker, Context::Import, Context::Spools], "", "down", always),
    binding!(Cmd::Move(Motion::Up), [key('k'), named(KeyCode::Up)], &[Context::Menu, Context::Picker, Context::Import, Context::Spools], "", "up", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Menu], "close", "close the list", always),
    binding!(Cmd::Spool(SpoolCmd::Save), [named(KeyCode::Enter), key('S')], &[Context::Spools], "save", "save it as a file in the current folder", always),
    binding!(Cmd::Spool(SpoolCmd::Remove), [key('D')], &[Context::Spools], "remove", "remove it for good; asks", always),
    binding!(Cmd::Back, [named(KeyCode::Esc), key('q')], &[Context::Spools], "close", "close the list", always),
    binding!(Cmd::Help, [named(KeyCode::F(1))], &[Context::Form, Context::Hops], "help", "this help; ? is text here", always),
    binding!(Cmd::NextButton, [named(KeyCode::Right), named(KeyCode::Tab), key('l')], &[Context::Dialog], "choose", "the next button", always),
    binding!(Cmd::PreviousButton, [named(KeyCode::Left), named(KeyCode::BackTab), key('h')], &[Context::Dialog], "", "the button before", always),
    binding!(Cmd::Confirm, [named(KeyCode::Enter)], &[Context::Dialog], "confirm", "do what the button says", always),
    binding!(Cmd::Send, [named(KeyCode::Enter)], &[Context::Secret], "send", "send what was typed", always),
    binding!(Cmd::Send, [named(KeyCode::Enter)], &[Context::Save], "save", "save what is chosen there", always),
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
