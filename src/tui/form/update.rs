//! What keys do in a form.

use tui_input::{Input, InputRequest};

use super::{Checked, Form, FormCmd, Layer, Subject, hops::HopList, keys::TextCmd, open, row};
use crate::{
    engine::{
        SessionId,
        profiles::{Judge, Request},
    },
    profile::{Entry, Target, edit_site, valid_name},
    tui::{
        model::Model,
        msg::{Effect, FormText},
        overlay::Overlay,
        sessions::Session,
        update::pick_for_form,
    },
};

/// The longest text of a field, in characters.
const LONGEST: usize = 4096;

/// Performs a command that is possible.
pub(crate) fn perform(model: &mut Model, cmd: FormCmd) -> Vec<Effect> {
    let effects = act(model, cmd);
    lend(model, effects)
}

/// Adds to questions about filters whose connection leads to the target: that of a session that captures there.
pub(super) fn lend(model: &Model, mut effects: Vec<Effect>) -> Vec<Effect> {
    for effect in &mut effects {
        if let Effect::Clerk(Request::Filter { target, over, .. }) = effect {
            *over = lender(model, target);
        }
    }
    effects
}

/// The session that captures at the end of the target's way, whatever it is called.
pub(crate) fn lender(model: &Model, target: &Target) -> Option<SessionId> {
    let leads_there = |session: &Session| {
        let own = session.facts.target.as_ref();
        session.state.is_live() && own.is_some_and(|own| own.host == target.host && own.via == target.via)
    };
    model.sessions.all.iter().find(|(_, session)| leads_there(session)).map(|(id, _)| *id)
}

/// Goes to a field that was clicked, unless something lies over the form.
pub(crate) fn select(model: &mut Model, place: usize) {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return };
    if form.layer.is_none() && place < form.rows.len() {
        form.cursor = place;
    }
}

/// Does what a button says that was clicked.
pub(crate) fn push(model: &mut Model, place: usize) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = model.overlays.last_mut()
        && let Some(Layer::Leave { button } | Layer::Changed { button, .. }) = &mut form.layer
    {
        *button = place;
        return press(model);
    }
    Vec::new()
}

/// Puts what was chosen elsewhere into a field.
pub(crate) fn put(model: &mut Model, key: &str, text: &str) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    form.cursor = form.rows.iter().position(|row| row.key == key).unwrap_or(form.cursor);
    let effects = changed(form, |row| row.set(text));
    lend(model, effects)
}

fn act(model: &mut Model, cmd: FormCmd) -> Vec<Effect> {
    match cmd {
        FormCmd::New => return open::new(model),
        FormCmd::Copy => return open::copy(model),
        FormCmd::Edit => return open::edit(model),
        FormCmd::EditFile => return open::edit_file(model),
        FormCmd::Delete => {
            open::delete(model);
            return Vec::new();
        }
        FormCmd::Undo => return vec![Effect::Clerk(Request::Undo)],
        FormCmd::Save => return save(model),
        FormCmd::Editor => return editor(model),
        FormCmd::Leave => {
            leave(model);
            return Vec::new();
        }
        FormCmd::Press => return press(model),
        FormCmd::Pick => {
            let target = super::of(model).map(|form| form.target.clone());
            return target.map_or_else(Vec::new, |target| pick_for_form(model, target));
        }
        _ => {}
    }
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    match cmd {
        FormCmd::Next | FormCmd::Enter | FormCmd::Previous => travel(form, cmd),
        FormCmd::NextSection => jump(form, true),
        FormCmd::PreviousSection => jump(form, false),
        FormCmd::Left => return sideways(form, false),
        FormCmd::Right => return sideways(form, true),
        FormCmd::Text(cmd) => return change(form, |input| text(input, cmd)),
        FormCmd::Test => {
            form.layer = Some(Layer::Trial { steps: None });
            return vec![Effect::Clerk(Request::Test(Box::new(form.target.clone())))];
        }
        FormCmd::Disk => form.show_disk(),
        FormCmd::Close => return close(form),
        FormCmd::NextButton | FormCmd::PreviousButton => {
            if let Some(layer) = &mut form.layer {
                layer.turn(cmd == FormCmd::NextButton);
            }
        }
        FormCmd::AddHop => hops(form, HopList::add),
        FormCmd::RemoveHop => hops(form, HopList::remove),
        FormCmd::ShiftOut => hops(form, |list| list.shift(false)),
        FormCmd::ShiftIn => hops(form, |list| list.shift(true)),
        _ => {}
    }
    Vec::new()
}

fn hops(form: &mut Form, act: impl FnOnce(&mut HopList)) {
    if let Some(Layer::Hops(list)) = &mut form.layer {
        act(list);
    }
}

/// Down or up; Enter in the bastions opens their list.
fn travel(form: &mut Form, cmd: FormCmd) {
    let down = cmd != FormCmd::Previous;
    if let Some(Layer::Hops(list)) = &mut form.layer {
        list.travel(down);
        return;
    }
    let list = form.row().filter(|row| row.entry == Entry::Hops && cmd == FormCmd::Enter).map(|row| {
        let below = row.below.as_ref().map_or("", |(text, _)| text.as_str());
        HopList::new(row.own().as_deref().unwrap_or(below))
    });
    if let Some(list) = list {
        form.layer = Some(Layer::Hops(list));
        return;
    }
    let rows = form.rows.len().max(1);
    form.cursor = (form.cursor + if down { 1 } else { rows - 1 }) % rows;
}

/// To the first row of the next section, or of this one or the one before.
fn jump(form: &mut Form, forward: bool) {
    let section = |place: usize| form.rows.get(place).map(|row| row.section);
    let first = |place: &usize| *place == 0 || section(place - 1) != section(*place);
    let cursor = form.cursor;
    let found =
        if forward { (cursor + 1..form.rows.len()).find(first) } else { (0..cursor).rev().find(first) };
    form.cursor = found.unwrap_or(if forward { form.rows.len().saturating_sub(1) } else { 0 });
}

/// Another word in a choice; else along the text. An empty field takes over what holds without it.
fn sideways(form: &mut Form, right: bool) -> Vec<Effect> {
    let hops = matches!(form.layer, Some(Layer::Hops(_)));
    let Some(row) = form.rows.get_mut(form.cursor) else { return Vec::new() };
    if !hops && row.is_choice() && !(row.words().is_empty()) {
        return changed(form, |row| row.turn(right));
    }
    if !hops && right && row.input.value().is_empty() {
        let below = row.below.as_ref().map(|(text, _)| text.clone());
        return below.map_or_else(Vec::new, |text| changed(form, |row| row.set(&text)));
    }
    let step = if right { InputRequest::GoToNextChar } else { InputRequest::GoToPrevChar };
    change(form, |input| {
        input.handle(step);
    })
}

fn text(input: &mut Input, cmd: TextCmd) {
    input.handle(match cmd {
        TextCmd::Home => InputRequest::GoToStart,
        TextCmd::End => InputRequest::GoToEnd,
        TextCmd::WordLeft => InputRequest::GoToPrevWord,
        TextCmd::WordRight => InputRequest::GoToNextWord,
        TextCmd::DeleteBack => InputRequest::DeletePrevChar,
        TextCmd::Delete => InputRequest::DeleteNextChar,
        TextCmd::DeleteWord => InputRequest::DeletePrevWord,
        TextCmd::Clear => InputRequest::DeleteLine,
        TextCmd::DeleteRight => InputRequest::DeleteTillEnd,
    });
}

/// A character was typed.
pub(crate) fn type_character(model: &mut Model, c: char) -> Vec<Effect> {
    paste(model, c.encode_utf8(&mut [0; 4]))
}

/// A text was typed or pasted: its first line that is not empty, without control characters.
pub(crate) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    if !matches!(form.layer, None | Some(Layer::Hops(_))) {
        return Vec::new();
    }
    let line = text.lines().find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let effects = change(form, |input| {
        for c in line.chars().filter(|c| !c.is_control()) {
            if input.value().chars().count() < LONGEST {
                input.handle(InputRequest::InsertChar(c));
            }
        }
    });
    lend(model, effects)
}

/// Changes the text under the cursor, of a field or of a bastion.
fn change(form: &mut Form, act: impl FnOnce(&mut Input)) -> Vec<Effect> {
    if let Some(Layer::Hops(list)) = &mut form.layer {
        list.input().map(act);
        return Vec::new();
    }
    changed(form, |row| act(&mut row.input))
}

/// Changes the row under the cursor, and finds out what that means.
fn changed(form: &mut Form, act: impl FnOnce(&mut row::Row)) -> Vec<Effect> {
    let Some(row) = form.rows.get_mut(form.cursor) else { return Vec::new() };
    let before = row.input.value().to_owned();
    act(row);
    if row.input.value() == before {
        return Vec::new();
    }
    let key = row.key.clone();
    // A target stays in its site; only a new one can still choose it.
    if key == row::SITE && matches!(form.subject, Subject::Copy(_) | Subject::Target(_)) {
        if let Some(row) = form.rows.get_mut(form.cursor) {
            row.set(&before);
        }
        return Vec::new();
    }
    form.warned = false;
    form.judge();
    questions(form, Some(&key))
}

/// What must be asked after the field `key` was changed; after the form was opened, everything.
pub(super) fn questions(form: &mut Form, key: Option<&str>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let filter = form.text("filter").to_owned();
    // Who can tell is told by the way to the target; a site has none.
    let way = ["host", "port", "user", "via"];
    let matters =
        |key: &str| ["filter", "interface"].contains(&key) || (!form.subject.is_site() && way.contains(&key));
    if key.is_none_or(matters) {
        form.checked = Checked { filter: filter.clone(), verdict: None };
        if !filter.is_empty() {
            let target = Box::new(form.target.clone());
            effects.push(Effect::Clerk(Request::Filter { filter, target, over: None }));
        }
    }
    let ssh = ["host", "port", "user", "identity"];
    if key.is_none_or(|key| ssh.contains(&key)) && !form.target.host.host.is_empty() {
        effects.push(Effect::Clerk(Request::Facts(Box::new(form.target.clone()))));
    }
    let site = form.text(row::SITE);
    if key == Some(row::SITE) && form.subject == Subject::New && valid_name(site) {
        effects.push(Effect::Clerk(Request::Open(site.to_owned())));
    }
    effects
}

/// Closes what lies over the form.
fn close(form: &mut Form) -> Vec<Effect> {
    match form.layer.take() {
        Some(Layer::Hops(list)) => {
            let text = list.text();
            let was = form.row().and_then(|row| row.below.clone()).map(|(text, _)| text);
            // What the site says anyway is not repeated at the target.
            let text = match (text.as_str(), was) {
                ("", Some(_)) => "direct".to_owned(),
                (text, Some(below)) if text == below => String::new(),
                (text, _) => text.to_owned(),
            };
            changed(form, |row| row.set(&text))
        }
        Some(Layer::Trial { .. }) => vec![Effect::Clerk(Request::EndTest)],
        _ => Vec::new(),
    }
}

/// Leaves, or asks.
fn leave(model: &mut Model) {
    match super::of_mut(model) {
        Some(form) if form.is_dirty() => form.layer = Some(Layer::Leave { button: 0 }),
        _ => super::shut(model),
    }
}

/// True if a form has something to lose; it asks then.
pub(crate) fn holds(model: &mut Model) -> bool {
    let Some(form) = super::of_mut(model).filter(|form| form.is_dirty()) else { return false };
    form.layer = Some(Layer::Leave { button: 0 });
    true
}

/// Does what the button says.
fn press(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    match form.layer.take() {
        Some(Layer::Leave { button: 1 }) => super::shut(model),
        Some(Layer::Leave { button: 2 }) => return save(model),
        Some(Layer::Changed { button: 1 | 2, .. }) if form.is_broken_on_disk() => {
            let told = "the file is no YAML any more; Ctrl-o opens it in your editor";
            model.notice = Some(told.to_owned());
        }
        Some(Layer::Changed { button: 1, .. }) => {
            let told = form.keep_mine();
            model.notice = Some(told);
        }
        Some(Layer::Changed { button: 2, .. }) => return reload(model),
        _ => {}
    }
    Vec::new()
}

/// The file as it is now, in place of what was typed; without anything for the form it closes.
fn reload(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    if form.take_theirs() {
        return questions(form, None);
    }
    super::shut(model);
    model.notice = Some("there is nothing left to edit here".to_owned());
    Vec::new()
}

/// Saves, or goes to the first problem.
fn save(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    form.tried = true;
    let wrong = form.rows.iter().position(|row| row.error.is_some());
    let filter = form.rows.iter().position(|row| row.key == "filter");
    if let Some(place) = wrong {
        form.cursor = place;
        return Vec::new();
    }
    if form.filter_error().is_some() && !form.warned {
        form.cursor = filter.unwrap_or(form.cursor);
        form.warned = true;
        let whose = match form.judge_of_filter() {
            Some(Judge::Target) => "the target's tcpdump",
            _ => "tcpdump here",
        };
        model.notice = Some(format!("{whose} does not take the filter; Ctrl-s again saves it all the same"));
        return Vec::new();
    }
    let site = form.text(row::SITE).to_owned();
    let (edits, seen) = (form.edits(), form.file.seen.clone());
    if form.subject.is_site() && site != form.file.site {
        form.saving = true;
        let (names, seen) = ((form.file.site.clone(), site), seen.unwrap_or_default());
        let copy = form.subject == Subject::SiteCopy;
        return vec![Effect::Clerk(Request::SaveAs { site: names, edits, seen, copy })];
    }
    if form.file.site != site {
        model.notice = Some(format!("the file of {site} is being read; press it again"));
        return vec![Effect::Clerk(Request::Open(site))];
    }
    form.saving = true;
    vec![Effect::Clerk(Request::Save { site, edits, seen })]
}

/// The file in the user's editor, with what was changed in the form.
fn editor(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    let site = form.file.site.clone();
    let edits = form.edits();
    // The file of another name is not there before it is saved; the editor would have the old one.
    if form.subject.is_site() && form.text(row::SITE) != site {
        let name = form.text(row::SITE);
        model.notice =
            Some(format!("the file is still {site}'s: Ctrl-s saves it as {name:?}, then E opens that"));
        return Vec::new();
    }
    if !form.is_dirty() || form.is_broken_on_disk() {
        return vec![Effect::Editor { site, text: None }];
    }
    if form.disk_line().is_some() {
        form.show_disk();
        return Vec::new();
    }
    // The text that the editor left with mistakes has these changes already, and more.
    if form.drafted.as_ref() == Some(&edits) {
        return vec![Effect::Editor { site, text: None }];
    }
    match edit_site(&site, form.file.seen.as_deref().unwrap_or_default(), &edits) {
        Ok(text) => {
            form.drafted = Some(edits);
            let text = Some(Box::new(FormText { text, seen: form.file.seen.clone() }));
            vec![Effect::Editor { site, text }]
        }
        Err(error) => {
            model.notice = Some(format!("what was changed here cannot be taken along: {error}"));
            Vec::new()
        }
    }
}
