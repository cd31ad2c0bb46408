//! The sessions, a row each.

use std::time::{Duration, Instant};

use ratatui::layout::Rect;

use super::{
    canvas::Canvas,
    columns::{Column, Field, STEP, columns},
    title,
};
use crate::tui::{
    format,
    glyphs::Glyph,
    layout::{Form, Section},
    model::{Model, Pane},
    notes::{self, Notes},
    order::{Key as _, SessionKey, Sort},
    sessions::Session,
    spots::Spot,
    standing::Standing,
    theme::Role,
};
use crate::{engine::SessionId, session::State};

pub(super) fn draw(model: &Model, form: Form, section: Section, canvas: &mut Canvas<'_>) {
    let columns = columns(canvas.width(), model.catalog.longest_names().0);
    let focused = model.focus == Pane::Sessions;
    if let Some(y) = section.rule {
        let title = format!("1 Sessions {}", model.sessions.all.len());
        canvas.rule(y, &title, &title::sessions(model), focused);
    }
    if model.sessions.all.is_empty() {
        empty(model, section, canvas);
        return;
    }
    if let Some(y) = section.head {
        for column in &columns {
            head(*column, model.sessions.sort, y, canvas);
        }
    }
    let laid = notes::laid(model, form, usize::from(section.height));
    if laid.is_empty() {
        title::nothing_matches(model, Pane::Sessions, section, canvas);
        return;
    }
    // Lines, not rows: the first row may be cut off above.
    let mut line = 0;
    let shown = model.sessions.offset..model.sessions.offset + usize::from(section.height);
    for (id, notes) in laid {
        let Some(session) = model.sessions.all.get(&id) else { continue };
        for part in 0..=notes.len() {
            if shown.contains(&line) {
                let y = section.top + u16::try_from(line - shown.start).unwrap_or(0);
                match part.checked_sub(1) {
                    None => row(model, (id, session), y, &columns, canvas),
                    Some(part) => note(&notes, part, y, canvas),
                }
            }
            line += 1;
        }
    }
}

fn empty(model: &Model, section: Section, canvas: &mut Canvas<'_>) {
    let text = if model.catalog.targets.is_empty() {
        "Nothing running."
    } else if model.focus == Pane::Log {
        "Nothing running. 2 goes to the profiles, s starts one."
    } else if model.catalog.shown_marks().is_empty() {
        "Nothing running. s starts the profile under the cursor."
    } else {
        "Nothing running. s starts what is marked."
    };
    let width = canvas.width().saturating_sub(3);
    canvas.put(2, section.head.unwrap_or(section.top), width, text, Role::Muted);
}

fn head(column: Column, sort: Sort<SessionKey>, y: u16, canvas: &mut Canvas<'_>) {
    let graph = format!("LAST {}s", usize::from(column.width) * STEP);
    let (title, right) = match column.field {
        Field::State => ("STATE", false),
        Field::Name => ("PROFILE", false),
        Field::Interface => ("IFACE", false),
        Field::Graph => (graph.as_str(), false),
        Field::Rate => ("RATE", true),
        Field::Packets => ("PKT/S", true),
        Field::Captured => ("CAPTURED", true),
        Field::Drops => ("DROPS", true),
        Field::Link => ("LINK", true),
        Field::Time => ("TIME", true),
    };
    let cells = if right {
        canvas.put_right(column.x, y, column.width, title, Role::Muted)
    } else {
        canvas.put(column.x, y, column.width, title, Role::Muted)
    };
    if let Some(key) = SessionKey::ALL.iter().find(|key| sorted_by(**key) == column.field) {
        canvas.spot(Rect::new(column.x, y, column.width, 1), Spot::Session(*key));
    }
    if sort != Sort::default() && sorted_by(sort.key) == column.field {
        // In the gap beside the title, so that nothing moves.
        let x = if right { (column.x + column.width - cells).saturating_sub(1) } else { column.x + cells };
        let glyph = if sort.reversed { Glyph::Ascending } else { Glyph::Descending };
        canvas.put(x, y, 1, canvas.glyphs().sign(glyph), Role::Accent);
    }
}

/// The column that an order goes by.
fn sorted_by(key: SessionKey) -> Field {
    match key {
        SessionKey::Need => Field::State,
        SessionKey::Name => Field::Name,
        SessionKey::Interface => Field::Interface,
        SessionKey::Rate => Field::Rate,
        SessionKey::Packets => Field::Packets,
        SessionKey::Captured => Field::Captured,
        SessionKey::Drops => Field::Drops,
        SessionKey::Link => Field::Link,
        SessionKey::Time => Field::Time,
    }
}

fn row(
    model: &Model,
    (id, session): (SessionId, &Session),
    y: u16,
    columns: &[Column],
    canvas: &mut Canvas<'_>,
) {
    let here = model.sessions.cursor == Some(id);
    let glyphs = canvas.glyphs();
    for column in columns {
        cell(model, session, *column, y, canvas);
    }
    if session.is_waiting_for_packets() {
        waiting(model, session, y, columns, canvas);
    }
    if model.sessions.marked.contains(&id) {
        canvas.put(1, y, 1, glyphs.sign(Glyph::Mark), Role::Accent);
    }
    if here && model.focus == Pane::Sessions {
        canvas.lay(Rect::new(0, y, canvas.width(), 1), Role::Selection);
    }
    if here {
        canvas.put(0, y, 1, glyphs.sign(Glyph::Cursor), Role::Accent);
    }
}

fn cell(model: &Model, session: &Session, column: Column, y: u16, canvas: &mut Canvas<'_>) {
    let now = model.now.instant;
    let Column { field, x, width } = column;
    let live = session.state.is_live();
    let sample = &session.sample;
    let mut right = |text: &str, role| {
        canvas.put_right(x, y, width, text, role);
    };
    match field {
        Field::State => state(session, x, y, canvas),
        Field::Name => {
            canvas.put_name(x, y, width, &session.name.to_string(), Role::Text);
        }
        Field::Interface => {
            canvas.put(x, y, width, session.interface.as_deref().unwrap_or(""), Role::Text);
        }
        Field::Graph if live => graph(session, column, y, canvas),
        Field::Rate if live => right(&format::rate(session.history.rate().bytes), Role::Text),
        Field::Packets if live => right(&format::packets(session.history.rate().packets), Role::Text),
        Field::Captured if live || sample.packets > 0 => {
            right(&format::bytes(sample.captured_bytes), Role::Text);
        }
        Field::Drops if session.drops_are_unknown() => right("?", Role::Muted),
        Field::Drops if live || sample.packets > 0 => {
            let role = if sample.dropped() > 0 { Role::Warn } else { Role::Text };
            right(&format::share(sample.dropped(), sample.kernel_received), role);
        }
        Field::Link => match session.link_age(now) {
            Some(Ok(age)) => right(&format::age(age), session.standing_of_link()),
            Some(Err(())) => right("gone", Role::Error),
            None => {}
        },
        Field::Time => right(&time(session, now), Role::Text),
        _ => {}
    }
}

fn state(session: &Session, x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let standing = session.standing();
    let sign = canvas.glyphs().sign(standing.glyph());
    canvas.put(x, y, 7, &format!("{sign} {}", session.word()), standing.role());
}

/// How long it lasts; of a capture that broke off which try of how many, and the seconds to it.
fn time(session: &Session, now: Instant) -> String {
    match (&session.state, session.state.gap()) {
        (State::Retrying { at, .. }, Some(gap)) => {
            let seconds = at.saturating_duration_since(now).as_secs_f64().ceil();
            format!("{}/{} {seconds}s", gap.attempt, gap.of)
        }
        (State::Asking { .. }, _) | (_, None) => format::span(session.time(now)),
        (_, Some(gap)) => format!("{}/{}", gap.attempt, gap.of),
    }
}

/// The last minute, each session on its own scale, newest at the right.
fn graph(session: &Session, column: Column, y: u16, canvas: &mut Canvas<'_>) {
    let cells = session.history.cells(usize::from(column.width), STEP);
    let most = cells.iter().copied().fold(0.0, f64::max);
    let text: String = cells.iter().map(|part| canvas.level(*part, most)).collect();
    let role = if session.standing() == Standing::Late { Role::GraphAlt } else { Role::Graph };
    canvas.put_right(column.x, y, column.width, &text, role);
}

/// After so long without a packet the interface is doubted.
const DOUBT: Duration = Duration::from_secs(30);

/// What a live session without packets says in place of its numbers, as far as there is room.
fn waiting(model: &Model, session: &Session, y: u16, columns: &[Column], canvas: &mut Canvas<'_>) {
    let numbers = [Field::Graph, Field::Rate, Field::Packets, Field::Captured];
    let mut place = columns.iter().filter(|column| numbers.contains(&column.field));
    let (Some(first), last) = (place.next(), place.next_back()) else { return };
    let last = last.unwrap_or(first);
    let width = last.x + last.width - first.x;
    let waited = session.time(model.now.instant);
    let text = waiting_words(session, waited, width, |text| canvas.cells(text));
    canvas.put(first.x, y, width, &" ".repeat(usize::from(width)), Role::Text);
    canvas.put(first.x, y, width, &text, Role::Muted);
}

/// The most of it that fits. A filter may be cut where some of it is to be seen.
fn waiting_words(session: &Session, waited: Duration, width: u16, cells: impl Fn(&str) -> u16) -> String {
    let time = format::stretch(waited);
    let filter =
        session.filter.as_ref().map_or_else(|| "none".to_owned(), |filter| filter.replace('\n', " "));
    let brief = format!("0 packets in {time}");
    let whole = format!("armed, {brief}");
    let filtered = format!("{whole}, filter: {filter}");
    let texts = if waited >= DOUBT {
        vec![
            format!("{filtered}; is this the right interface? i"),
            format!("{whole}; is this the right interface? i"),
            format!("{brief}; right interface? i"),
            format!("0 in {time}; interface? i"),
        ]
    } else if cells(&whole) + 12 <= width {
        return filtered;
    } else {
        vec![whole]
    };
    texts.into_iter().find(|text| cells(text) <= width).unwrap_or(brief)
}

fn note(notes: &Notes, line: usize, y: u16, canvas: &mut Canvas<'_>) {
    let Some((text, role)) = notes.get(line) else { return };
    if line == 0 {
        let branch = canvas.glyphs().sign(Glyph::Branch);
        canvas.put(notes::INDENT, y, 1, branch, Role::Muted);
    }
    canvas.put(notes::INDENT + 2, y, canvas.width(), text, *role);
}

impl Session {
    /// The role of the link's age: plain while replies come.
    fn standing_of_link(&self) -> Role {
        match &self.state {
            State::Live { link: crate::session::Link::Live { .. }, .. } => Role::Text,
            _ => Role::Warn,
        }
    }
}
