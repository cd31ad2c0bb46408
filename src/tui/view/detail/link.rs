//! The machines on the way, a row each: their last signs of life.

use std::time::Duration;

use super::{Block, Line, Shape, facts::ruled};
use crate::{
    session::Rhythm,
    tui::{beats::Beat, format, glyphs::GlyphSet, hops::Hop, model::Model, sessions::Session, theme::Role},
};

/// Cells of a name at most.
const NAME: usize = 24;

/// What is said of a hop, and how there is room for it.
struct Row {
    name: usize,
    beats: usize,
    /// In words, and with the time of the last silence.
    roomy: bool,
    /// The time that a connection stands.
    up: bool,
}

impl Row {
    fn of(shape: Shape, session: &Session) -> Self {
        let longest = session.facts.hops.all.iter().map(|hop| hop.name.chars().count()).max().unwrap_or(0);
        let name = longest.min(NAME).min(usize::from(shape.width) / 4);
        Self {
            name,
            beats: if shape.width >= 90 { 20 } else { 10 },
            roomy: shape.width >= 90,
            up: shape.width >= 70,
        }
    }
}

/// The rows of all hops, the target's last. A session that never had a link has none.
pub(super) fn block(session: &Session, model: &Model, shape: Shape, glyphs: GlyphSet) -> Option<Block> {
    let hops = &session.facts.hops.all;
    let age = session.link_age(model.now.instant);
    if age.is_none() && hops.iter().all(|hop| hop.beats.strip.is_empty()) {
        return None;
    }
    let row = Row::of(shape, session);
    let last = hops.len().saturating_sub(1);
    let lines = hops.iter().enumerate().map(|(place, hop)| {
        let age = if place == last { age } else { bastion_age(hop, model) };
        line(hop, age, &row, model, glyphs)
    });
    let every = session.facts.target.as_ref().map(|target| {
        let rhythm = Rhythm::of_lease(target.lease);
        format!("a beat every {} s, lost after {} s", rhythm.every.as_secs(), rhythm.lost.as_secs())
    });
    let title = ruled(shape, "Link", every.unwrap_or_default());
    Some(Block { title, lines: lines.collect(), spare: 2 })
}

fn bastion_age(hop: &Hop, model: &Model) -> Option<Result<Duration, ()>> {
    match hop.beats.strip.back()? {
        Beat::Lost => Some(Err(())),
        _ => hop.age(model.now.instant).map(Ok),
    }
}

fn line(hop: &Hop, age: Option<Result<Duration, ()>>, row: &Row, model: &Model, glyphs: GlyphSet) -> Line {
    let beats = &hop.beats;
    let mut line = vec![(format!("  {:<width$}  ", cut(&hop.name, row.name), width = row.name), Role::Text)];
    let shown = beats.strip.iter().skip(beats.strip.len().saturating_sub(row.beats));
    line.extend(shown.map(|beat| (glyphs.sign(beat.glyph()).to_owned(), beat.role())));
    line.push((" ".repeat(row.beats.saturating_sub(beats.strip.len()) + 2), Role::Text));
    line.push(match age {
        _ if beats.strip.back() == Some(&Beat::Unknown) => (format!("{:<15}", "unknown"), Role::Muted),
        Some(Ok(age)) => (format!("last reply {:<4}", format::age(age)), Role::Text),
        Some(Err(())) => (format!("{:<15}", "gone"), Role::Error),
        None => (format!("{:<15}", "no link"), Role::Muted),
    });
    let round_trip = beats.round_trip.map_or_else(String::new, |time| format!("{} ms", time.as_millis()));
    line.push((format!("  {round_trip:>7}"), Role::Text));
    if let (true, Some(since)) = (row.up, hop.since) {
        let up = model.now.wall.duration_since(since).unwrap_or_default();
        line.push((format!("   up {:<7}", format::span(up)), Role::Text));
    }
    if let Some((times, last)) = beats.late {
        let at =
            if row.roomy { format!(" at {}", format::clock(last, &model.desk.zone)) } else { String::new() };
        let last = if times > 1 && row.roomy { ", last" } else { "" };
        line.push((format!("  {times} late{last}{at}"), Role::Warn));
    }
    line
}

/// A name whose end does not fit.
fn cut(name: &str, cells: usize) -> String {
    name.chars().take(cells).collect()
}
