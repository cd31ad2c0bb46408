//! The ways out of a form: saved, in the user's editor, left.

use super::{Layer, Subject, row, typing::questions};
use crate::{
    engine::profiles::{Judge, Request},
    profile::edit_site,
    tui::{
        model::Model,
        msg::{Effect, FormText},
    },
};

/// Leaves, or asks.
pub(super) fn leave(model: &mut Model) {
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
pub(super) fn press(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    match form.layer.take() {
        Some(Layer::Leave { button: 1 }) => super::shut(model),
        Some(Layer::Leave { button: 2 }) => return save(model),
        Some(Layer::Changed { button: 1, broken: Some(_), .. }) => {
            return vec![Effect::Editor { site: form.file.site.clone(), text: None }];
        }
        Some(Layer::Changed { button: 2, broken: Some(_), .. }) => return copy(model),
        Some(Layer::Changed { button: 1, .. }) => {
            let told = form.keep_mine();
            model.notice = Some(told);
        }
        Some(Layer::Changed { button: 2, .. }) => return reload(model),
        _ => {}
    }
    Vec::new()
}

/// The file as it was read with what was typed, into the clipboard: it can be pasted over one that is broken.
fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of(model) else { return Vec::new() };
    match edit_site(&form.file.site, form.file.seen.as_deref().unwrap_or_default(), &form.edits()) {
        Ok(text) => {
            model.notice = Some("copied: the file as it was read, with what you typed".to_owned());
            vec![Effect::Copy(text)]
        }
        Err(error) => {
            model.notice = Some(format!("what was changed here makes no file: {error}"));
            Vec::new()
        }
    }
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
pub(super) fn save(model: &mut Model) -> Vec<Effect> {
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
pub(super) fn editor(model: &mut Model) -> Vec<Effect> {
    let Some(form) = super::of_mut(model) else { return Vec::new() };
    let site = form.file.site.clone();
    let edits = form.edits();
    // The file of a copy is not there before it is saved; one that gets another name has its old one until then.
    if form.subject == Subject::SiteCopy {
        let name = form.text(row::SITE);
        model.notice = Some(format!("the copy has no file yet: Ctrl-s makes {name}, then E opens it"));
        return Vec::new();
    }
    if !form.is_dirty() || edits.is_empty() || form.is_broken_on_disk() {
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
