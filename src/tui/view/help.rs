//! The help, made from the table of keys.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::{
    menu::{self, Entry, Finder},
    model::Model,
    notes::wrap,
    spots::Spot,
    standing::Standing,
    theme::Role,
};

/// A line of the help: a key or a sign, what it means, and how it looks.
struct Line {
    left: String,
    right: String,
    roles: (Role, Role),
    /// The place of the command that it is about.
    entry: Option<usize>,
}

impl Line {
    fn heading(text: &str) -> Self {
        Self {
            left: String::new(),
            right: text.to_owned(),
            roles: (Role::Heading, Role::Heading),
            entry: None,
        }
    }
}

/// Cells for keys.
const KEYS: u16 = 17;

fn box_width(width: u16) -> u16 {
    84.min(width.saturating_sub(2))
}

/// Cells for what keys mean, inside a border and behind the keys.
fn room(width: u16) -> usize {
    usize::from(box_width(width).saturating_sub(4 + 2 + KEYS + 1))
}

/// All lines, and which of them are the entry under the cursor.
fn content(model: &Model, finder: &Finder) -> (Vec<Line>, std::ops::Range<usize>) {
    let (mut lines, mut chosen, mut place) = (Vec::new(), 0..0, 0);
    for (title, entries) in menu::help(model, finder.input.text()) {
        lines.push(Line::heading(title));
        for entry in entries {
            let from = lines.len();
            let told = explain(&entry, room(model.size.0)).into_iter();
            lines.extend(told.map(|line| Line { entry: Some(place), ..line }));
            if place == finder.cursor {
                chosen = from..lines.len();
            }
            place += 1;
        }
        lines.push(Line::heading(""));
    }
    if finder.input.text().is_empty() {
        lines.push(Line::heading("States"));
        lines.extend(Standing::ALL.map(|standing| Line {
            left: format!("{} {}", model.desk.glyphs.sign(standing.glyph()), standing.counted().1),
            right: standing.meaning().to_owned(),
            roles: (standing.role(), Role::Text),
            entry: None,
        }));
    } else if lines.is_empty() {
        lines.push(Line::heading("No command is called or means that."));
    }
    (lines, chosen)
}

/// A command in as many lines as it needs; dimmed, with the reason, if it is not possible now.
fn explain(entry: &Entry, room: usize) -> Vec<Line> {
    let long = entry.binding.long;
    let (text, roles) = match &entry.possible {
        Ok(()) => (long.to_owned(), (Role::Accent, Role::Text)),
        Err(reason) => (format!("{long} ({})", reason.0), (Role::Muted, Role::Muted)),
    };
    let keys: Vec<_> = entry.keys.iter().take(3).map(String::as_str).collect();
    let lefts = std::iter::once(keys.join(" ")).chain(std::iter::repeat(" ".to_owned()));
    wrap(&text, room)
        .into_iter()
        .zip(lefts)
        .map(|(right, left)| Line { left, right, roles, entry: None })
        .collect()
}

pub(super) fn draw(model: &Model, finder: &Finder, canvas: &mut Canvas<'_>) {
    let (content, chosen) = content(model, finder);
    let height = u16::try_from(content.len() + 3).unwrap_or(u16::MAX).min(canvas.height().saturating_sub(2));
    let inside = canvas.open_box(box_width(model.size.0), height, "Help");
    let list = Rect { height: inside.height.saturating_sub(1), ..inside };
    // The cursor stays in the middle, as far as the list goes on in both directions.
    let shown = usize::from(list.height);
    let end = content.len().saturating_sub(shown);
    let offset = chosen.start.saturating_sub(shown / 2).min(end);
    for (y, (place, line)) in (list.y..list.bottom()).zip(content.iter().enumerate().skip(offset)) {
        draw_line(line, Rect { y, height: 1, ..list }, canvas);
        if let Some(entry) = line.entry {
            canvas.spot(Rect { y, height: 1, ..list }, Spot::Command(entry));
        }
        if chosen.contains(&place) {
            canvas.lay(Rect { y, height: 1, ..list }, Role::Selection);
        }
    }
    search(finder, inside, canvas);
    let more = content.len().saturating_sub(shown);
    let foot = if more > 0 { " Up Down scroll   Enter run   Esc close " } else { " Enter run   Esc close " };
    canvas.hints(inside.x, inside.bottom(), inside.width, foot, Role::Muted);
}

fn draw_line(line: &Line, area: Rect, canvas: &mut Canvas<'_>) {
    if line.left.is_empty() {
        canvas.put(area.x, area.y, area.width, &line.right, line.roles.1);
    } else {
        canvas.put(area.x + 2, area.y, KEYS, &line.left, line.roles.0);
        let x = KEYS + 3;
        canvas.put(area.x + x, area.y, area.width.saturating_sub(x), &line.right, line.roles.1);
    }
}

/// The last line of the box: what is searched for.
fn search(finder: &Finder, inside: Rect, canvas: &mut Canvas<'_>) {
    let y = inside.bottom().saturating_sub(1);
    let (before, behind) = finder.input.parts();
    let x = canvas.put(inside.x, y, inside.width, "type to search: ", Role::Muted);
    canvas.put(inside.x + x, y, inside.width.saturating_sub(x), &format!("{before}_{behind}"), Role::Text);
}
