//! Text in a form: typed, pasted, changed; what must be asked after it.

use tui_input::{Input, InputRequest};

use super::{Checked, Form, Layer, Subject, keys::TextCmd, lend, row};
use crate::{
    engine::profiles::Request,
    profile::valid_name,
    tui::{model::Model, msg::Effect},
};

/// The longest text of a field, in characters.
const LONGEST: usize = 4096;

/// Puts what was chosen elsewhere into a field.
pub(crate) fn put(model: &mut Model, key: &str, text: &str) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    form.cursor = form.rows.iter().position(|row| row.key == key).unwrap_or(form.cursor);
    let effects = changed(form, |row| row.set(text));
    lend(model, effects)
}

/// Another word in a choice; else along the text. An empty field takes over what holds without it.
pub(super) fn sideways(form: &mut Form, right: bool) -> Vec<Effect> {
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

/// A change to the text under the cursor.
pub(super) fn edit(form: &mut Form, cmd: TextCmd) -> Vec<Effect> {
    let request = match cmd {
        TextCmd::Home => InputRequest::GoToStart,
        TextCmd::End => InputRequest::GoToEnd,
        TextCmd::WordLeft => InputRequest::GoToPrevWord,
        TextCmd::WordRight => InputRequest::GoToNextWord,
        TextCmd::DeleteBack => InputRequest::DeletePrevChar,
        TextCmd::Delete => InputRequest::DeleteNextChar,
        TextCmd::DeleteWord => InputRequest::DeletePrevWord,
        TextCmd::Clear => InputRequest::DeleteLine,
        TextCmd::DeleteRight => InputRequest::DeleteTillEnd,
    };
    change(form, |input| {
        input.handle(request);
    })
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
pub(super) fn changed(form: &mut Form, act: impl FnOnce(&mut row::Row)) -> Vec<Effect> {
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
