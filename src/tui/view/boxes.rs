//! What lies over the screen.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::{canvas::Canvas, help, palette, picker, question, save, sheet, spools, welcome};
use crate::engine::spool::DAYS_KEPT;
use crate::profile::TargetName;
use crate::tui::{
    copy::Item,
    format,
    layout::Form,
    model::Model,
    notes::wrap,
    overlay::{Button, Confirm, Overlay},
    sessions::Session,
    spools::label,
    spots::Spot,
    theme::Role,
};

pub(super) fn draw(model: &Model, form: Form, canvas: &mut Canvas<'_>) {
    match model.overlays.last() {
        // A filter stands in a title; a form is the screen. Both were drawn.
        None | Some(Overlay::Filter { .. } | Overlay::Opening(_) | Overlay::Form(_)) => {}
        Some(Overlay::Help(finder)) => help::draw(model, finder, canvas),
        Some(Overlay::Palette(finder)) => palette::draw(model, finder, canvas),
        Some(Overlay::Sheet(sheet)) => sheet::draw(model, sheet, canvas),
        Some(Overlay::Copy { items, cursor }) => copy(items, *cursor, canvas),
        Some(Overlay::Picker(picker)) => picker::picker(model, picker, canvas),
        Some(Overlay::CaptureFilter(filter)) => picker::filter(model, filter, canvas),
        Some(Overlay::Import(import)) => welcome::import(import, canvas),
        Some(Overlay::ChangedKey(id)) => question::changed_key(model, *id, canvas),
        Some(Overlay::Confirm { what, button }) => confirm(model, what, *button, form, canvas),
        Some(Overlay::Spools(shown)) => spools::draw(model, shown, canvas),
        Some(Overlay::Save(form)) => save::draw(model, form, canvas),
        Some(Overlay::Question { id, form: answer }) => {
            if let Some(waiting) = model.question(*id) {
                question::draw(model, waiting, answer, canvas);
            }
        }
    }
}

/// A line for each thing to copy, its label first.
fn copy(items: &[Item], cursor: usize, canvas: &mut Canvas<'_>) {
    const LABEL: u16 = 17;
    let height = u16::try_from(items.len() + 2).unwrap_or(u16::MAX);
    let inside = canvas.open_box(box_width(canvas), height, "Copy");
    let shown = usize::from(inside.height);
    let offset = cursor.saturating_sub(shown.saturating_sub(1));
    for (y, (place, item)) in (inside.y..inside.bottom()).zip(items.iter().enumerate().skip(offset)) {
        canvas.put(inside.x, y, LABEL, item.label, Role::Accent);
        let width = inside.width.saturating_sub(LABEL);
        canvas.put(inside.x + LABEL, y, width, &item.text, Role::Text);
        canvas.spot(Rect::new(inside.x, y, inside.width, 1), Spot::Row(place));
        if place == cursor {
            canvas.lay(Rect::new(inside.x, y, inside.width, 1), Role::Selection);
        }
    }
    canvas.hints(inside.x, inside.bottom(), inside.width, " Enter copy   Esc close ", Role::Muted);
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
        canvas.hints(area.x, area.y + 2, area.width, text, Role::Muted);
    }
}

fn confirm(model: &Model, what: &Confirm, button: Button, form: Form, canvas: &mut Canvas<'_>) {
    let running = model.running_of(what);
    let of = format::count(running, "capture");
    let text = match what {
        Confirm::Quit => quit_words(model, running),
        Confirm::Clean(what) => what.question(),
        Confirm::Dismiss(_) => {
            "Packets that are in no file are deleted with their session. Esc, then S saves them.".to_owned()
        }
        Confirm::RemoveSpool(spool) => {
            format!("Remove what {} captured for good? Nothing brings it back.", label(spool))
        }
        Confirm::Stop(_) => format!("Stop {of}? The last packets and statistics are awaited."),
        Confirm::Delete(names) => match names.as_slice() {
            [name] => format!("Delete {name}? z takes it back. Captures of it that run go on."),
            names => {
                let all = format::count(names.len(), "profile");
                format!("Delete {all}? z takes all of it back. Captures of them that run go on.")
            }
        },
        Confirm::DeleteSite { site, targets } => {
            let all = format::count(*targets, "target");
            format!("Delete the site {site} with {all}? z takes it back. Captures that run go on.")
        }
        Confirm::Kill(_) => {
            format!("Kill {of} now? The last packets and the final statistics are lost.")
        }
    };
    let mut lines: Vec<_> = wrap(&text, room(canvas)).into_iter().map(|line| (line, Role::Text)).collect();
    if form != Form::Line {
        lines.push((String::new(), Role::Text));
        lines.extend(affected(model, what, usize::from(canvas.height()).saturating_sub(10)));
    }
    lines.push((String::new(), Role::Text));
    let rest = boxed(what.title(), lines, canvas);
    let words = model.buttons_of(what);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    buttons(&words, button, rest, canvas);
}

/// What leaving stops and what it may cost.
fn quit_words(model: &Model, running: usize) -> String {
    let stops = match running {
        0 => None,
        1 => Some("1 capture is running. Leaving stops it; viewers keep what they have.".to_owned()),
        _ => {
            Some(format!("{running} captures are running. Leaving stops them; viewers keep what they have."))
        }
    };
    let stake = model
        .has_packets_at_stake()
        .then(|| format!("Packets in no file can stay {DAYS_KEPT} days for wrcap spool, or be deleted."));
    let words: Vec<String> = stops.into_iter().chain(stake).collect();
    if words.is_empty() {
        "All captures have ended meanwhile; nothing runs any more.".to_owned()
    } else {
        words.join(" ")
    }
}

/// The sessions that a box is about, at most `most` of them.
fn affected(model: &Model, what: &Confirm, most: usize) -> Vec<(String, Role)> {
    match what {
        Confirm::Clean(what) => return what.lines().take(most).map(|line| (line, Role::Text)).collect(),
        Confirm::Delete(names) if names.len() > 1 => return listed(names, most),
        _ => {}
    }
    let name = model.catalog.longest_names().0;
    let concerned = |session: &Session| match what {
        Confirm::Dismiss(_) => session.is_unsaved(),
        Confirm::Quit => !session.state.is_ended() || session.is_unsaved(),
        _ => !session.state.is_ended(),
    };
    let all: Vec<_> = model.sessions.all.iter().map(|(id, session)| (*id, session)).collect();
    let all: Vec<_> = all.into_iter().filter(|(id, s)| what.concerns(*id) && concerned(s)).collect();
    let mut lines: Vec<_> = all
        .iter()
        .take(most)
        .map(|(_, session)| {
            let captured = format::bytes(session.sample.captured_bytes);
            let kept = match session.facts.kept_in() {
                Some(place) => format!("saved in {place}"),
                None => "not saved to a file".to_owned(),
            };
            let packets = format!("{} pkts", format::grouped(session.sample.packets));
            let name = format!("{:<name$}", session.name.to_string());
            (
                format!("  {name}  {:<5}  {packets:>12}  {captured:>8}   {kept}", session.state.word()),
                Role::Text,
            )
        })
        .collect();
    if all.len() > most {
        lines.push((format!("  and {} more", all.len() - most), Role::Muted));
    }
    lines
}

/// A line for each name, at most `most` of them.
fn listed(names: &[TargetName], most: usize) -> Vec<(String, Role)> {
    let mut lines: Vec<_> = names.iter().take(most).map(|name| (format!("  {name}"), Role::Text)).collect();
    if names.len() > most {
        lines.push((format!("  and {} more", names.len() - most), Role::Muted));
    }
    lines
}

fn capitalized(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Two or three buttons and how to use them.
pub(super) fn buttons(texts: &[&str], chosen: Button, area: Rect, canvas: &mut Canvas<'_>) {
    let mut x = area.x + 1;
    let needed: usize = texts.iter().map(|text| text.width() + 7).sum();
    let is_narrow = needed > usize::from(area.width) + 2;
    let gap = if is_narrow { 1 } else { 3 };
    for (text, button) in texts.iter().zip(Button::ALL) {
        // The word that tells them apart is the one before the last.
        let short = text.rsplit(", ").next().and_then(|act| act.split(' ').next()).unwrap_or_default();
        let words = if is_narrow { format!("[{}]", capitalized(short)) } else { format!("[ {text} ]") };
        let cells = canvas.put(x, area.y, area.right().saturating_sub(x), &words, Role::Accent);
        canvas.spot(Rect::new(x, area.y, cells, 1), Spot::Button(button));
        if button == chosen.among(texts.len()) {
            canvas.lay(Rect::new(x, area.y, cells, 1), Role::Selection);
        }
        x += cells + gap;
    }
    keys("Left/Right choose   Enter confirm   Esc cancel", area, canvas);
}
