//! The session's own lines, in whatever room is left.

use super::{Shape, put};
use crate::tui::{
    detail::LogShare, format, log::Line as Entry, model::Model, notes::wrap, sessions::Session, theme::Role,
    view::canvas::Canvas,
};

/// Cells for the time of day.
const TIME: usize = 10;

pub(super) fn draw(model: &Model, session: &Session, top: u16, shape: Shape, canvas: &mut Canvas<'_>) {
    let log = &session.facts.log;
    let status = match log.back {
        0 => "follow".to_owned(),
        back => format!("{} below, G follows", format::count(back, "line")),
    };
    if top >= shape.height {
        return;
    }
    canvas.rule(top, "Log", &status, false);
    let height = usize::from(shape.height.saturating_sub(top + 1));
    let whole = shape.zoom.log == LogShare::Whole;
    let room = usize::from(shape.width).saturating_sub(TIME + 2);
    let lines: Vec<_> = log.window(height).flat_map(|entry| lines(model, entry, whole, room)).collect();
    // Long lines take several rows: the newest ones are the ones to be seen.
    let shown = lines.iter().skip(lines.len().saturating_sub(height));
    for (y, line) in (top + 1..shape.height).zip(shown) {
        put(line, y, shape.height, canvas);
    }
}

/// The rows of an entry: one, cut at its end, or all of them.
fn lines(model: &Model, entry: &Entry, whole: bool, room: usize) -> Vec<super::Line> {
    let time = format::clock(entry.at, &model.desk.zone);
    let texts = if whole { wrap(&entry.text, room) } else { vec![entry.text.clone()] };
    let first = format!(" {time} ");
    let lefts = std::iter::once(first).chain(std::iter::repeat(" ".repeat(TIME)));
    lefts.zip(texts).map(|(left, text)| vec![(left, Role::Muted), (text, entry.role)]).collect()
}
