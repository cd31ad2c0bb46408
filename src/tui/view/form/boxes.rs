//! What lies over the rows of a form.

use ratatui::layout::Rect;

use super::{super::canvas::Canvas, fields};
use crate::{
    engine::check::Step,
    remote::text::clean,
    tui::{
        form::{Form, Layer, hops::HopList, layer::page},
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
        Some(Layer::Hops(list)) => hops(form, list, canvas),
        Some(layer @ Layer::Leave { button }) => {
            let text =
                format!("{} would be lost.", crate::tui::format::count(form.changes().max(1), "change"));
            choice("Leave?", vec![(text, Role::Text)], layer.buttons(), *button, canvas);
        }
        Some(layer @ Layer::Changed { lines, offset, broken, button }) => {
            let told = changed(lines, *offset, broken.as_deref(), canvas);
            choice("The file has changed", told, layer.buttons(), *button, canvas);
        }
        Some(Layer::Trial { steps }) => trial(form, steps.as_deref(), canvas),
    }
}

/// What has become of the file, and the part of the difference that is shown.
fn changed(
    lines: &[String],
    offset: usize,
    broken: Option<&str>,
    canvas: &Canvas<'_>,
) -> Vec<(String, Role)> {
    let told = "Something else has changed the file since it was read. Nothing was saved.";
    let put = |text: &str, role| wrap(text, room(canvas)).into_iter().map(move |line| (line, role));
    let mut all: Vec<_> = put(told, Role::Text).collect();
    // Three rows say where a mistake is; the path before it may be long.
    all.extend(broken.into_iter().flat_map(|why| put(&clean(why), Role::Error).take(3)));
    all.push((String::new(), Role::Text));
    let page = page(canvas.height());
    let offset = offset.min(lines.len().saturating_sub(page));
    all.extend(lines.iter().skip(offset).take(page).map(|line| (line.clone(), Role::Warn)));
    if lines.len() > page {
        let place = format!("lines {} to {} of {}", offset + 1, offset + page, lines.len());
        all.push((place, Role::Muted));
    }
    all
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

fn hops(form: &Form, list: &HopList, canvas: &mut Canvas<'_>) {
    let without = form.shared_key().map_or_else(
        || "ssh's own keys and agent; the site's Identity would be for all".to_owned(),
        |key| format!("the site's Identity, {key}"),
    );
    let about = format!(
        "Outermost first: [user@]host[:port], and behind a space the key file if it has one of its own. Without \
         one: {without}. A target's own Identity is not for bastions."
    );
    let mut lines: Vec<_> = wrap(&about, room(canvas)).into_iter().map(|line| (line, Role::Muted)).collect();
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
