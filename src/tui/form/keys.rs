//! The keys of forms, and those that lead to them.

use crossterm::event::KeyCode;

use super::{Form, Layer, Subject, open};
use crate::tui::{
    bindings::{Binding, Cmd, Context, Key, Motion, Reason, ctrl, ctrl_named, key, named, while_open},
    catalog::Picked,
    model::Model,
    update::choice,
};

/// What a user can ask for, in a form and on the way to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormCmd {
    /// A new target.
    New,
    /// A copy of the target under the cursor.
    Copy,
    /// The target or site under the cursor.
    Edit,
    /// Its file, in the user's editor.
    EditFile,
    /// Take the target under the cursor away.
    Delete,
    /// Take the last change back.
    Undo,
    /// The next field.
    Next,
    /// The field before.
    Previous,
    /// The next section.
    NextSection,
    /// The section before.
    PreviousSection,
    /// Enter.
    Enter,
    /// One to the left, or another word.
    Left,
    /// One to the right, or another word.
    Right,
    /// A change to the text under the cursor.
    Text(TextCmd),
    /// Save.
    Save,
    /// Test the path.
    Test,
    /// Pick from what the target has.
    Pick,
    /// The list of bastions.
    Bastions,
    /// The file, in the user's editor.
    Editor,
    /// How the file was changed by something else, and the ways on.
    Disk,
    /// Leave.
    Leave,
    /// Close what lies over the form.
    Close,
    /// The next button.
    NextButton,
    /// The button before.
    PreviousButton,
    /// Along the difference of the file.
    Scroll(Motion),
    /// Do what the button says.
    Press,
    /// A new bastion.
    AddHop,
    /// Take a bastion away.
    RemoveHop,
    /// Move a bastion outwards.
    ShiftOut,
    /// Move a bastion inwards.
    ShiftIn,
}

/// A change to a line of text or its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextCmd {
    /// To its beginning.
    Home,
    /// To its end.
    End,
    /// A word to the left.
    WordLeft,
    /// A word to the right.
    WordRight,
    /// Delete the character before the cursor.
    DeleteBack,
    /// Delete the character under the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete everything.
    Clear,
    /// Delete what is right of the cursor.
    DeleteRight,
}

/// Who gets a key while a form is open.
pub(crate) fn context(layer: Option<&Layer>) -> Context {
    match layer {
        None => Context::Form,
        Some(Layer::Hops(_)) => Context::Hops,
        Some(Layer::Leave { .. } | Layer::Changed { .. }) => Context::FormDialog,
        Some(Layer::Trial { .. }) => Context::Trial,
    }
}

fn can_add(model: &Model) -> Result<(), Reason> {
    while_open(model)
}

/// Whether one target or site is chosen, of a file that can be read.
fn can_edit(model: &Model) -> Result<(), Reason> {
    can_add(model)?;
    is_good(&choice::one_profile(model)?)
}

/// Whether targets or a site are chosen.
fn can_delete(model: &Model) -> Result<(), Reason> {
    can_add(model)?;
    is_good(&model.catalog.picked())
}

fn is_good(picked: &Picked) -> Result<(), Reason> {
    match picked {
        Picked::Targets(_) | Picked::Site(_) => Ok(()),
        Picked::Problem(_) => Err(Reason("this file has mistakes; E opens it in your editor")),
        Picked::Nothing => Err(Reason("there are no profiles yet; n makes one")),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "one of the functions of the table")]
fn always(_: &Model) -> Result<(), Reason> {
    Ok(())
}

/// Whether something would be saved.
fn can_save(model: &Model) -> Result<(), Reason> {
    match super::of(model) {
        Some(form)
            if !form.is_dirty()
                && !matches!(form.subject, Subject::New | Subject::Copy(_) | Subject::SiteCopy) =>
        {
            Err(Reason("nothing was changed"))
        }
        Some(form) if form.saving => Err(Reason("being saved")),
        _ => Ok(()),
    }
}

/// Whether there is something to reload.
fn has_changed_on_disk(model: &Model) -> Result<(), Reason> {
    match super::of(model) {
        Some(form) if form.disk_line().is_none() => Err(Reason("the file is as it was")),
        _ => Ok(()),
    }
}

fn can_test(model: &Model) -> Result<(), Reason> {
    match super::of(model) {
        Some(form) if form.subject.is_site() => Err(Reason("a site has no path of its own; test a target")),
        Some(form) if form.text("host").is_empty() => Err(Reason("the host is missing")),
        _ => Ok(()),
    }
}

/// Whether the target can be asked what it has for the field under the cursor.
fn can_pick(model: &Model) -> Result<(), Reason> {
    match super::of(model) {
        Some(form) if form.row().is_none_or(|row| row.key != "interface") => {
            Err(Reason("only the interface is picked from the target"))
        }
        Some(form) if form.subject.is_site() => Err(Reason("a site has no interfaces of its own")),
        Some(form) if form.text("host").is_empty() => Err(Reason("the host is missing")),
        Some(form) if form.target.command.is_some() => {
            Err(Reason("its own command decides what is captured"))
        }
        _ => Ok(()),
    }
}

/// Whether the bastions are what the field under the cursor is about.
fn can_list_bastions(model: &Model) -> Result<(), Reason> {
    match super::of(model).and_then(Form::row) {
        Some(row) if !["via", "identity"].contains(&row.key.as_str()) => {
            Err(Reason("the list of bastions opens in Bastions and in Identity"))
        }
        _ => Ok(()),
    }
}

/// Whether there is more in the box than is shown.
fn can_scroll(model: &Model) -> Result<(), Reason> {
    let layer = super::of(model).and_then(|form| form.layer.as_ref());
    match layer {
        Some(layer) if !layer.is_long(model.screen.1) => Err(Reason("everything is shown")),
        _ => Ok(()),
    }
}

const fn entry(
    cmd: FormCmd,
    keys: &'static [Key],
    contexts: &'static [Context],
    texts: (&'static str, &'static str),
    enabled: fn(&Model) -> Result<(), Reason>,
) -> Binding {
    Binding { cmd: Cmd::Form(cmd), keys, contexts, short: texts.0, long: texts.1, enabled }
}

const LIST: &[Context] = &[Context::Profiles];
const FORM: &[Context] = &[Context::Form];
const HOPS: &[Context] = &[Context::Hops];
const TYPED: &[Context] = &[Context::Form, Context::Hops];
const DIALOG: &[Context] = &[Context::FormDialog];
const TRIAL: &[Context] = &[Context::Trial];

const fn text(cmd: TextCmd, keys: &'static [Key], long: &'static str) -> Binding {
    entry(FormCmd::Text(cmd), keys, TYPED, ("", long), always)
}

/// All keys of forms, in the order of the footer.
#[rustfmt::skip]
pub(crate) static BINDINGS: &[Binding] = &[
    entry(FormCmd::New, &[key('n')], LIST, ("new", "a new target"), can_add),
    entry(FormCmd::Copy, &[key('c')], LIST, ("clone", "a copy of the target, or of the site with all its targets, to be changed"), can_edit),
    entry(FormCmd::Edit, &[key('e')], LIST, ("edit", "edit the target; on a site: its name, bastions and defaults"), can_edit),
    entry(FormCmd::EditFile, &[key('E')], LIST, ("", "edit the site's file in $EDITOR"), open::can_edit_file),
    entry(FormCmd::Delete, &[key('D')], LIST, ("", "delete the marked targets, the one under the cursor, or a site with all of them (asks)"), can_delete),
    entry(FormCmd::Undo, &[key('z')], LIST, ("", "take the last change of a profile back"), can_add),
    entry(FormCmd::Next, &[named(KeyCode::Tab), named(KeyCode::Down)], FORM, ("next", "the next field"), always),
    entry(FormCmd::Previous, &[named(KeyCode::BackTab), named(KeyCode::Up)], FORM, ("", "the field before"), always),
    entry(FormCmd::NextSection, &[named(KeyCode::PageDown)], FORM, ("", "the next section"), always),
    entry(FormCmd::PreviousSection, &[named(KeyCode::PageUp)], FORM, ("", "the section before"), always),
    entry(FormCmd::Enter, &[named(KeyCode::Enter)], FORM, ("", "the next field; in empty Bastions the list of them"), always),
    entry(FormCmd::Left, &[named(KeyCode::Left)], TYPED, ("", "left; in a choice the word before"), always),
    entry(FormCmd::Right, &[named(KeyCode::Right)], TYPED, ("", "right; in a choice the next word; in an empty field takes over what holds without it"), always),
    entry(FormCmd::Save, &[ctrl('s')], FORM, ("save", "save; goes to the first problem if there is one"), can_save),
    entry(FormCmd::Pick, &[ctrl('p')], FORM, ("pick", "in Interface: pick one from what the target has"), can_pick),
    entry(FormCmd::Bastions, &[ctrl('g')], FORM, ("bastions", "the list of bastions, each with its key if it has one of its own"), can_list_bastions),
    entry(FormCmd::Test, &[ctrl('t')], FORM, ("test", "test the path, nothing is captured"), can_test),
    entry(FormCmd::Leave, &[named(KeyCode::Esc)], FORM, ("leave", "leave; asks if something was changed"), always),
    entry(FormCmd::Editor, &[ctrl('o')], FORM, ("$EDITOR", "the file in $EDITOR, with what was changed here"), always),
    entry(FormCmd::Disk, &[ctrl('r')], FORM, ("", "what something else changed in the file, to reload it or to keep yours"), has_changed_on_disk),
    text(TextCmd::Clear, &[ctrl('u')], "clear the field"),
    text(TextCmd::Home, &[ctrl('a'), named(KeyCode::Home)], "to the beginning"),
    text(TextCmd::End, &[ctrl('e'), named(KeyCode::End)], "to the end"),
    text(TextCmd::WordLeft, &[ctrl_named(KeyCode::Left)], "a word to the left"),
    text(TextCmd::WordRight, &[ctrl_named(KeyCode::Right)], "a word to the right"),
    text(TextCmd::DeleteBack, &[named(KeyCode::Backspace), ctrl('h')], "delete a character"),
    text(TextCmd::Delete, &[named(KeyCode::Delete), ctrl('d')], "delete the character under the cursor"),
    text(TextCmd::DeleteWord, &[ctrl('w')], "delete a word"),
    text(TextCmd::DeleteRight, &[ctrl('k')], "delete to the end"),
    entry(FormCmd::AddHop, &[named(KeyCode::Enter)], HOPS, ("new", "a new bastion below"), always),
    entry(FormCmd::RemoveHop, &[ctrl('x')], HOPS, ("remove", "take the bastion away"), always),
    entry(FormCmd::Next, &[named(KeyCode::Down), named(KeyCode::Tab)], HOPS, ("", "the next bastion"), always),
    entry(FormCmd::Previous, &[named(KeyCode::Up), named(KeyCode::BackTab)], HOPS, ("", "the bastion before"), always),
    entry(FormCmd::ShiftOut, &[named(KeyCode::PageUp)], HOPS, ("outwards", "move the bastion outwards"), always),
    entry(FormCmd::ShiftIn, &[named(KeyCode::PageDown)], HOPS, ("inwards", "move the bastion inwards"), always),
    entry(FormCmd::Close, &[named(KeyCode::Esc), ctrl('s')], HOPS, ("done", "back to the form"), always),
    entry(FormCmd::NextButton, &[named(KeyCode::Right), named(KeyCode::Tab), key('l')], DIALOG, ("choose", "the next button"), always),
    entry(FormCmd::PreviousButton, &[named(KeyCode::Left), named(KeyCode::BackTab), key('h')], DIALOG, ("", "the button before"), always),
    entry(FormCmd::Scroll(Motion::Down), &[named(KeyCode::Down), key('j')], DIALOG, ("scroll", "more of what was changed"), can_scroll),
    entry(FormCmd::Scroll(Motion::Up), &[named(KeyCode::Up), key('k')], DIALOG, ("", "back in what was changed"), can_scroll),
    entry(FormCmd::Scroll(Motion::PageDown), &[named(KeyCode::PageDown)], DIALOG, ("", "a page more of what was changed"), can_scroll),
    entry(FormCmd::Scroll(Motion::PageUp), &[named(KeyCode::PageUp)], DIALOG, ("", "a page back in what was changed"), can_scroll),
    entry(FormCmd::Press, &[named(KeyCode::Enter)], DIALOG, ("confirm", "do what the button says"), always),
    entry(FormCmd::Close, &[named(KeyCode::Esc)], DIALOG, ("keep editing", "back to the form"), always),
    entry(FormCmd::Close, &[named(KeyCode::Esc), named(KeyCode::Enter), key('q')], TRIAL, ("close", "back to the form; a test that runs is given up"), always),
];
