//! A profile being edited.
//!
//! ```text
//! header    what is edited, what is not saved, what is wrong
//! fields    a row each: its name, its text, where that comes from; what is wrong below it
//! result    what will run
//! help      what the field under the cursor is for
//! footer    the keys that do something now
//! ```

mod boxes;
mod fields;

pub(super) use boxes::step_lines;

use super::{canvas::Canvas, footer};
use crate::{
    profile::Entry,
    remote::preview::{capture_line, ssh_line},
    tui::{
        form::{
            Form, Subject,
            lines::{Areas, Line},
            row,
        },
        format,
        glyphs::Glyph,
        model::Model,
        notes::wrap,
        theme::Role,
    },
};

/// Draws the form over the whole screen.
pub(super) fn draw(model: &Model, form: &Form, canvas: &mut Canvas<'_>) {
    let (_, height) = model.screen;
    let told = form.disk_line();
    let areas = Areas::of(model.screen, told.is_some());
    header(model, form, canvas);
    if let (Some(y), Some(told)) = (areas.disk, told) {
        let sign = canvas.glyphs().sign(Glyph::Late);
        canvas.put(2, y, canvas.width().saturating_sub(3), &format!("{sign} {told}"), Role::Warn);
    }
    let lines = form.lines();
    let (top, rows) = areas.body;
    let below = lines.len() > form.offset + usize::from(rows);
    let shown = lines.iter().skip(form.offset);
    for (y, line) in (top..top + rows).zip(shown) {
        match line {
            Line::Section(place) => {
                let status = if *place == 1 { fields::way(form) } else { String::new() };
                canvas.rule(y, row::section(*place), &status, false);
            }
            Line::Row(place) => fields::row(model, form, *place, y, canvas),
            Line::Error(place) => fields::error(model, form, *place, y, canvas),
        }
    }
    if let Some(y) = areas.result {
        result(form, y, below, canvas);
    }
    help(form, areas.help, canvas);
    footer::draw(model, height.saturating_sub(1), canvas);
    boxes::draw(form, canvas);
}

fn header(model: &Model, form: &Form, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let site = &form.file.site;
    let what = match &form.subject {
        Subject::New => "new profile".to_owned(),
        Subject::Copy(name) => format!("copy of {site}/{name}"),
        Subject::Target(name) => format!("edit {site}/{name}"),
        Subject::Site => format!("edit site {site}"),
        Subject::SiteCopy => format!("copy of site {site}"),
    };
    let mut right = Vec::new();
    if !model.questions.is_empty() {
        let waiting = model.questions.len();
        let verb = if waiting == 1 { "waits" } else { "wait" };
        right.push((format!("{waiting} {verb} for an answer"), Role::Attention));
    }
    if form.changes() > 0 {
        right.push((format!("{} unsaved", form.changes()), Role::Accent));
    }
    let problems = form.problems().into_iter().filter(|place| form.error(*place).is_some()).count();
    if problems > 0 {
        right.push((format::count(problems, "problem"), Role::Error));
    }
    let mut end = width.saturating_sub(1);
    for (text, role) in right.iter().rev() {
        let cells = canvas.cells(text);
        end = end.saturating_sub(cells);
        canvas.put(end, 0, cells, text, *role);
        end = end.saturating_sub(2);
    }
    let cells = canvas.put(1, 0, end, "wrcap", Role::Heading);
    canvas.put(2 + cells, 0, end.saturating_sub(3 + cells), &format!("> {what}"), Role::Text);
}

/// The lines that will run, as far as they are known here.
fn result(form: &Form, y: u16, below: bool, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    canvas.rule(y, "Result", if below { "more fields below" } else { "what wrcap will run" }, false);
    let mut target = form.target.clone();
    if form.subject.is_site() {
        "TARGET".clone_into(&mut target.host.host);
    }
    if target.host.host.is_empty() {
        canvas.put(2, y + 1, width.saturating_sub(3), "nothing yet: the host is missing", Role::Muted);
        return;
    }
    for (y, (who, line)) in (y + 1..).zip([("here", ssh_line(&target)), ("target", capture_line(&target))]) {
        canvas.put(2, y, 8, who, Role::Muted);
        canvas.put(10, y, width.saturating_sub(11), &line, Role::Text);
    }
}

fn help(form: &Form, (y, rows): (u16, u16), canvas: &mut Canvas<'_>) {
    let Some(row) = form.row() else { return };
    let how = if row.entry == Entry::Hops { " Here: commas between them; direct means none." } else { "" };
    let text = format!("{}: {}{how}", row.label, row.about);
    let room = canvas.width().saturating_sub(3);
    if rows > 1 {
        canvas.rule(y, "Help", "", false);
    }
    let first = if rows > 1 { y + 1 } else { y };
    for (y, line) in (first..y + rows).zip(wrap(&text, usize::from(room))) {
        canvas.put(2, y, room, &line, Role::Muted);
    }
}
