//! What lies over the screen.

use ratatui::layout::Rect;

use super::{canvas::Canvas, help, save};
use crate::tui::{
    format,
    layout::Form,
    model::Model,
    notes::wrap,
    overlay::{AnswerForm, Button, Confirm, Overlay, TRUST_BUTTONS, Waiting},
    theme::Role,
};

pub(super) fn draw(model: &Model, form: Form, canvas: &mut Canvas<'_>) {
    match model.overlays.last() {
        // A form is the screen; it was drawn.
        None | Some(Overlay::Opening(_) | Overlay::Form(_)) => {}
        Some(Overlay::Help { offset }) => help::draw(model, *offset, canvas),
        Some(Overlay::Confirm { what, button }) => confirm(model, what, *button, form, canvas),
        Some(Overlay::Save(form)) => save::draw(model, form, canvas),
        Some(Overlay::Question { id, form: answer }) => {
            if let Some(waiting) = model.question(*id) {
                question(model, waiting, answer, canvas);
            }
        }
    }
}

fn box_width(canvas: &Canvas<'_>) -> u16 {
    76.min(canvas.width().saturating_sub(2))
}

/// Room for text inside a box.
pub(super) fn room(canvas: &Canvas<'_>) -> usize {
    usize::from(box_width(canvas).saturating_sub(4))
}

/// Draws a box of these lines with room for an answer and its keys at the end; returns that room. On a small
/// screen first the empty lines go, then the keys: what is asked must be readable.
pub(super) fn boxed(title: &str, lines: Vec<(String, Role)>, canvas: &mut Canvas<'_>) -> Rect {
    let most = usize::from(canvas.height().saturating_sub(2));
    let mut lines = lines;
    if lines.len() + ANSWER > most {
        lines.retain(|(line, _)| !line.is_empty());
    }
    let rest = if lines.len() + ANSWER > most { 1 } else { ANSWER };
    let shown = most.saturating_sub(rest);
    if lines.len() > shown {
        lines.truncate(shown.saturating_sub(1));
        lines.push(("(there is more: make the terminal larger)".to_owned(), Role::Warn));
    }
    let rows = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let inside = canvas.open_box(box_width(canvas), rows(lines.len() + rest + 2), title);
    for (y, (line, role)) in (inside.y..inside.bottom()).zip(&lines) {
        canvas.put(inside.x, y, inside.width, line, *role);
    }
    Rect::new(inside.x, inside.bottom().saturating_sub(rows(rest)), inside.width, rows(rest))
}

/// Rows for an answer: itself, an empty one, its keys.
const ANSWER: usize = 3;

/// The keys of an answer, if there is room for them.
pub(super) fn keys(text: &str, area: Rect, canvas: &mut Canvas<'_>) {
    if usize::from(area.height) == ANSWER {
        canvas.put(area.x, area.y + 2, area.width, text, Role::Muted);
    }
}

fn confirm(model: &Model, what: &Confirm, button: Button, form: Form, canvas: &mut Canvas<'_>) {
    let of = |ids: &[_]| format::count(ids.len(), "capture");
    let text = match what {
        Confirm::Quit => {
            let running = format::count(model.sessions.active_count() + model.starting.len(), "capture");
            format!("{running} would be stopped. Viewers keep what they have.")
        }
        Confirm::Clean(what) => what.question(),
        Confirm::Stop(ids) => format!("Stop {}? The last packets and statistics are awaited.", of(ids)),
        Confirm::Delete(name) => {
            format!("Delete {name}? z takes it back. Captures of it that run go on.")
        }
        Confirm::Kill(ids) => {
            format!("Kill {} now? The last packets and the final statistics are lost.", of(ids))
        }
    };
    let mut lines: Vec<_> = wrap(&text, room(canvas)).into_iter().map(|line| (line, Role::Text)).collect();
    if form != Form::Line {
        lines.push((String::new(), Role::Text));
        lines.extend(affected(model, what, usize::from(canvas.height()).saturating_sub(10)));
    }
    lines.push((String::new(), Role::Text));
    let rest = boxed(what.title(), lines, canvas);
    let [keep, act] = what.buttons();
    buttons([&keep, &act], button, rest, canvas);
}

/// The sessions that a box is about, at most `most` of them.
fn affected(model: &Model, what: &Confirm, most: usize) -> Vec<(String, Role)> {
    if let Confirm::Clean(what) = what {
        return what.lines().take(most).map(|line| (line, Role::Text)).collect();
    }
    let concerned = |id| match what {
        Confirm::Clean(_) | Confirm::Delete(_) => false,
        Confirm::Quit => true,
        Confirm::Stop(ids) | Confirm::Kill(ids) => ids.contains(&id),
    };
    let name = model.catalog.longest_names().0;
    let all: Vec<_> = model.sessions.active().filter(|(id, _)| concerned(*id)).collect();
    let mut lines: Vec<_> = all
        .iter()
        .take(most)
        .map(|(_, session)| {
            let captured = format::bytes(session.sample.captured_bytes);
            (format!("  {:<name$}  {captured:>8}", session.name.to_string()), Role::Text)
        })
        .collect();
    if all.len() > most {
        lines.push((format!("  and {} more", all.len() - most), Role::Muted));
    }
    lines
}

/// Two buttons and how to use them.
fn buttons(texts: [&str; 2], chosen: Button, area: Rect, canvas: &mut Canvas<'_>) {
    let mut x = area.x + 1;
    for (text, button) in texts.into_iter().zip([Button::Keep, Button::Act]) {
        let cells =
            canvas.put(x, area.y, area.right().saturating_sub(x), &format!("[ {text} ]"), Role::Accent);
        if button == chosen {
            canvas.lay(Rect::new(x, area.y, cells, 1), Role::Selection);
        }
        x += cells + 3;
    }
    keys("Left/Right choose   Enter confirm   Esc cancel", area, canvas);
}

fn question(model: &Model, waiting: &Waiting, form: &AnswerForm, canvas: &mut Canvas<'_>) {
    let question = &waiting.question;
    let session = model.sessions.all.get(&waiting.session);
    let name = session.map_or_else(|| "the test".to_owned(), |session| session.name.to_string());
    let title = match model.questions.len() {
        0 | 1 => format!("{} asks for {name}", question.hop),
        number => format!("{} asks for {name}, {} more wait", question.hop, number - 1),
    };
    let mut lines = vec![(String::new(), Role::Text)];
    lines.extend(wrap(&question.prompt.text, room(canvas)).into_iter().map(|line| (line, Role::Text)));
    if question.attempt > 1 {
        let attempt = format!("attempt {}: the answer before was not accepted", question.attempt);
        lines.push((attempt, Role::Warn));
    }
    lines.push((String::new(), Role::Text));
    let rest = boxed(&title, lines, canvas);
    match form {
        AnswerForm::Choice(button) => buttons(TRUST_BUTTONS, *button, rest, canvas),
        AnswerForm::Secret(input) => {
            let room = usize::from(rest.width.saturating_sub(4));
            let stars = "*".repeat(input.len().min(room));
            let cells = canvas.put(rest.x, rest.y, rest.width, &format!("> {stars}"), Role::Text);
            canvas.put(rest.x + cells, rest.y, 1, " ", Role::Selection);
            keys("Enter send   Ctrl-u clear   Esc cancel: ends this connection", rest, canvas);
        }
    }
}
