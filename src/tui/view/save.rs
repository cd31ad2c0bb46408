//! The box that saves captures.

use unicode_width::UnicodeWidthChar as _;

use super::{boxes, canvas::Canvas};
use crate::tui::{
    format,
    model::Model,
    notes::wrap,
    save::{Field, Progress, SaveForm, What, Wrong},
    theme::Role,
};

/// The most lines of a reason.
const LONGEST: usize = 6;

pub(super) fn draw(model: &Model, form: &SaveForm, canvas: &mut Canvas<'_>) {
    let name = form.ids.first().and_then(|id| model.sessions.all.get(id));
    let title = match (form.ids.as_slice(), name) {
        ([_], Some(session)) => format!("Save {}", session.name),
        (ids, _) => format!("Save {}", format::count(ids.len(), "capture")),
    };
    let room = boxes::room(canvas).saturating_sub(12);
    let what = match form.what {
        What::All => "all packets that are there",
        What::Minutes => "the last minutes",
        What::Megabytes => "the last megabytes",
    };
    let mut lines = vec![
        (String::new(), Role::Text),
        line(form, Field::Path, "Path", &typed(form, Field::Path, &tail(&form.path, room))),
        line(form, Field::Range, "What", &format!("< {what} >")),
    ];
    let unit = match form.what {
        What::All => None,
        What::Minutes => Some("Minutes"),
        What::Megabytes => Some("MB"),
    };
    lines.extend(unit.map(|unit| line(form, Field::Amount, unit, &typed(form, Field::Amount, &form.amount))));
    lines.push((String::new(), Role::Text));
    lines.extend(form.wrong().into_iter().flat_map(|wrong| told(wrong, boxes::room(canvas))));
    let rest = boxes::boxed(&title, lines, canvas);
    if matches!(form.progress, Progress::Saving { .. }) {
        canvas.put(rest.x, rest.y, rest.width, "saving ...", Role::Accent);
        boxes::keys("Esc close the box; what is being saved goes on", rest, canvas);
    } else {
        boxes::keys("Tab next   Left/Right choose   Enter save   Esc cancel", rest, canvas);
    }
}

/// The reason and what to do, in lines of this room. Of a long reason the end is shown: what comes before is the path
/// that was typed.
fn told(wrong: &Wrong, room: usize) -> Vec<(String, Role)> {
    let reason = wrap(&wrong.message, room);
    let hint = wrong.hint.iter().flat_map(|hint| wrap(&format!("hint: {hint}"), room));
    let shown = reason.into_iter().rev().take(LONGEST).collect::<Vec<_>>().into_iter().rev();
    shown.map(|line| (line, Role::Warn)).chain(hint.map(|line| (line, Role::Muted))).collect()
}

fn line(form: &SaveForm, field: Field, name: &str, value: &str) -> (String, Role) {
    let is_current = form.field == field;
    let mark = if is_current { ">" } else { " " };
    (format!("{mark} {name:<9}{value}"), if is_current { Role::Accent } else { Role::Text })
}

/// A text with the place of the next character.
fn typed(form: &SaveForm, field: Field, text: &str) -> String {
    if form.field == field { format!("{text}_") } else { text.to_owned() }
}

/// The end of a text, which is where it is typed, in so many cells.
fn tail(text: &str, cells: usize) -> String {
    let mut left = cells;
    let mut kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            let fits = c.width().unwrap_or(0) <= left;
            left = left.saturating_sub(c.width().unwrap_or(0));
            fits
        })
        .collect();
    kept.reverse();
    kept.into_iter().collect()
}
