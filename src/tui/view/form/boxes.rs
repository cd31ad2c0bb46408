//! What lies over the rows of a form.

use ratatui::layout::Rect;

use super::{super::canvas::Canvas, fields};
use crate::{
    engine::check::Step,
    tui::{
        form::{
            Form, Layer,
            hops::HopList,
            layer::{CHANGED, LEAVE},
        },
        notes::wrap,
        spots::Spot,
        theme::Role,
    },
};

/// The cells of a box.
const WIDTH: u16 = 80;

pub(super) fn draw(form: &Form, canvas: &mut Canvas<'_>) {
    match &form.layer {
        None => {}
        Some(Layer::Hops(list)) => hops(list, canvas),
        Some(Layer::Leave { button }) => {
            let text =
                format!("{} would be lost.", crate::tui::format::count(form.changes().max(1), "change"));
            choice("Leave?", vec![(text, Role::Text)], LEAVE, *button, canvas);
        }
        Some(Layer::Changed { lines, button }) => {
            let told = "Something else has changed the file since it was read. Nothing was saved.";
            let mut all: Vec<_> =
                wrap(told, room(canvas)).into_iter().map(|line| (line, Role::Text)).collect();
            all.push((String::new(), Role::Text));
            all.extend(lines.iter().map(|line| (line.clone(), Role::Warn)));
            choice("The file has changed", all, CHANGED, *button, canvas);
        }
        Some(Layer::Trial { steps }) => trial(form, steps.as_deref(), canvas),
    }
}

fn width(canvas: &Canvas<'_>) -> u16 {
    WIDTH.min(canvas.width().saturating_sub(2))
}

/// Cells for text inside a box.
fn room(canvas: &Canvas<'_>) -> usize {
    usize::from(width(canvas).saturating_sub(4))
}

/// A box of lines, with `more` empty rows at its end; returns those.
fn boxed(title: &str, lines: &[(String, Role)], more: u16, canvas: &mut Canvas<'_>) -> Rect {
    let most = canvas.height().saturating_sub(2 + more);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(most);
    let inside = canvas.open_box(width(canvas), rows + more + 2, title);
    for (y, (line, role)) in (inside.y..inside.y + rows).zip(lines) {
        canvas.put(inside.x, y, inside.width, line, *role);
    }
    Rect::new(inside.x, inside.y + rows, inside.width, more)
}

/// A question with three buttons.
fn choice(title: &str, lines: Vec<(String, Role)>, texts: [&str; 3], chosen: usize, canvas: &mut Canvas<'_>) {
    let mut lines = lines;
    lines.push((String::new(), Role::Text));
    let area = boxed(title, &lines, 1, canvas);
    let mut x = area.x;
    for (place, text) in texts.into_iter().enumerate() {
        let room = area.right().saturating_sub(x);
        let cells = canvas.put(x, area.y, room, &format!("[ {text} ]"), Role::Accent);
        canvas.spot(Rect::new(x, area.y, cells, 1), Spot::FormButton(place));
        if place == chosen {
            canvas.lay(Rect::new(x, area.y, cells, 1), Role::Selection);
        }
        x += cells + 2;
    }
}

fn hops(list: &HopList, canvas: &mut Canvas<'_>) {
    let about =
        "Outermost first: [user@]host[:port], and behind a space the key file if it has one of its own.";
    let mut lines: Vec<_> = wrap(about, room(canvas)).into_iter().map(|line| (line, Role::Muted)).collect();
    lines.push((String::new(), Role::Text));
    let rows = u16::try_from(list.hops.len()).unwrap_or(u16::MAX);
    let area = boxed("Bastions", &lines, rows.min(canvas.height().saturating_sub(8)), canvas);
    let skip = (list.cursor + 1).saturating_sub(usize::from(area.height));
    let shown = list.hops.iter().enumerate().skip(skip);
    for (y, (place, hop)) in (area.y..area.bottom()).zip(shown) {
        canvas.put(area.x, y, 3, &format!("{}.", place + 1), Role::Muted);
        canvas.spot(Rect::new(area.x, y, area.width, 1), Spot::Hop(place));
        let room = area.width.saturating_sub(4);
        if place == list.cursor {
            fields::input(hop, area.x + 3, y, room, canvas);
        } else {
            canvas.put(area.x + 3, y, room, hop.value(), Role::Text);
        }
    }
}

fn trial(form: &Form, steps: Option<&[Step]>, canvas: &mut Canvas<'_>) {
    let room = room(canvas);
    let mut lines = Vec::new();
    match steps {
        None => lines.push(("on the way; nothing is captured".to_owned(), Role::Info)),
        Some(steps) => lines.extend(steps.iter().flat_map(|step| step_lines(step, room))),
    }
    let title = format!("Test of {}", form.target.name);
    boxed(&title, &lines, 0, canvas);
}

/// A step as `wrcap check` tells it.
pub(in crate::tui::view) fn step_lines(step: &Step, room: usize) -> Vec<(String, Role)> {
    const INDENT: usize = 17;
    let (word, role, text, hint) = match &step.result {
        Ok(found) if step.advice.is_some() => ("warn", Role::Warn, found, step.advice.as_ref()),
        Ok(found) => ("ok  ", Role::Text, found, None),
        Err(failure) => ("FAIL", Role::Error, &failure.message, failure.hint.as_ref()),
    };
    let lefts =
        std::iter::once(format!("{word}  {:<11}", step.name)).chain(std::iter::repeat(" ".repeat(INDENT)));
    let mut lines: Vec<_> = wrap(text, room.saturating_sub(INDENT))
        .into_iter()
        .zip(lefts)
        .map(|(line, left)| (format!("{left}{line}"), role))
        .collect();
    if let Some(hint) = hint {
        let hint = wrap(&format!("hint: {hint}"), room.saturating_sub(INDENT));
        lines.extend(hint.into_iter().map(|line| (format!("{}{line}", " ".repeat(INDENT)), Role::Muted)));
    }
    lines
}
