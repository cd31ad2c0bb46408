//! The help, made from the table of keys.

use super::canvas::Canvas;
use crate::tui::{
    bindings::{self, Binding, Context},
    model::Model,
    notes::wrap,
    standing::Standing,
    theme::Role,
};

/// A line of the help: a key or a sign, what it means, and how it looks.
struct Line {
    left: String,
    right: String,
    roles: (Role, Role),
}

type Belongs = fn(&Binding) -> bool;

/// A part of the help, and which bindings belong to it.
const PARTS: [(&str, Belongs); 4] = [
    ("Sessions and profiles", |b| lists(b) && !b.contexts.contains(&Context::Log)),
    ("Everywhere", |b| b.contexts.contains(&Context::Log)),
    ("In boxes", |b| !lists(b) && !b.contexts.contains(&Context::Log) && !forms(b)),
    ("In the form of a profile", |b| !lists(b) && forms(b)),
];

fn forms(binding: &Binding) -> bool {
    let form = [Context::Form, Context::Hops, Context::FormDialog, Context::Trial];
    binding.contexts.iter().any(|context| form.contains(context))
}

fn lists(binding: &Binding) -> bool {
    binding.contexts.contains(&Context::Sessions) || binding.contexts.contains(&Context::Profiles)
}

fn content(model: &Model) -> Vec<Line> {
    let heading = |text: &str| Line {
        left: String::new(),
        right: text.to_owned(),
        roles: (Role::Heading, Role::Heading),
    };
    let room = room(model.size.0);
    let mut lines = Vec::new();
    for (title, belongs) in PARTS {
        lines.push(heading(title));
        let bindings = bindings::all().filter(|binding| belongs(binding));
        lines.extend(bindings.flat_map(|binding| entry(model, binding, room)));
        lines.push(heading(""));
    }
    lines.push(heading("States"));
    lines.extend(Standing::ALL.map(|standing| Line {
        left: format!("{} {}", model.glyphs.sign(standing.glyph()), standing.counted().1),
        right: standing.meaning().to_owned(),
        roles: (standing.role(), Role::Text),
    }));
    lines
}

/// A binding in as many lines as it needs; dimmed, with the reason, if it is not possible now.
fn entry(model: &Model, binding: &Binding, room: usize) -> Vec<Line> {
    let keys: Vec<_> = binding.keys.iter().take(3).map(ToString::to_string).collect();
    let (text, roles) = match (binding.enabled)(model) {
        Ok(()) => (binding.long.to_owned(), (Role::Accent, Role::Text)),
        Err(reason) => (format!("{} ({})", binding.long, reason.0), (Role::Muted, Role::Muted)),
    };
    let lefts = std::iter::once(keys.join(" ")).chain(std::iter::repeat(" ".to_owned()));
    wrap(&text, room).into_iter().zip(lefts).map(|(right, left)| Line { left, right, roles }).collect()
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

/// How many lines the help has.
pub(crate) fn lines(model: &Model) -> usize {
    content(model).len()
}

pub(super) fn draw(model: &Model, offset: usize, canvas: &mut Canvas<'_>) {
    let content = content(model);
    let height = u16::try_from(content.len() + 2).unwrap_or(u16::MAX).min(canvas.height().saturating_sub(2));
    let inside = canvas.open_box(box_width(model.size.0), height, "Help");
    for (y, line) in (inside.y..inside.bottom()).zip(content.iter().skip(offset)) {
        if line.left.is_empty() {
            canvas.put(inside.x, y, inside.width, &line.right, line.roles.1);
        } else {
            canvas.put(inside.x + 2, y, KEYS, &line.left, line.roles.0);
            let x = KEYS + 3;
            canvas.put(inside.x + x, y, inside.width.saturating_sub(x), &line.right, line.roles.1);
        }
    }
    let below = content.len().saturating_sub(offset + usize::from(inside.height));
    let foot =
        if below > 0 { format!(" j k scroll, {below} more   Esc close ") } else { " Esc close ".to_owned() };
    canvas.put(inside.x, inside.bottom(), inside.width, &foot, Role::Muted);
}
