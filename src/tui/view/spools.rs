//! The box of what earlier runs left in the spool.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::{boxes, canvas::Canvas};
use crate::{
    engine::spool::{About, DAYS_KEPT, StoredSpool},
    tui::{
        format,
        model::Model,
        notes::wrap,
        spools::{Said, SpoolBox, label},
        spots::Spot,
        theme::Role,
    },
};

/// Rows that are shown at most.
const SHOWN: usize = 10;

pub(super) fn draw(model: &Model, shown: &SpoolBox, canvas: &mut Canvas<'_>) {
    let room = boxes::room(canvas);
    let rows = SHOWN.min(usize::from(canvas.height()).saturating_sub(12)).max(1);
    let offset = (shown.cursor + 1).saturating_sub(rows);
    let role = |place| if place == shown.cursor { Role::Selection } else { Role::Text };
    let all = shown.left.iter().enumerate().skip(offset).take(rows);
    let mut lines: Vec<_> =
        all.map(|(place, spool)| (row(spool, &model.desk.zone, room), role(place))).collect();
    let listed = lines.len();
    match &shown.said {
        Said::Working(what) if listed == 0 => lines.push(((*what).to_owned(), Role::Accent)),
        _ if listed == 0 => lines.push(("nothing of an earlier run is in the spool".to_owned(), Role::Text)),
        _ => {
            let kept = format!("{} in all; kept {DAYS_KEPT} days after the last packet", shown.left.len());
            lines.push((kept, Role::Muted));
        }
    }
    lines.push((String::new(), Role::Text));
    if let Said::Done(said) = &shown.said {
        let wrapped = said.iter().flat_map(|(text, role)| wrap(text, room).into_iter().map(|l| (l, *role)));
        lines.extend(wrapped);
    }
    let total = lines.len();
    let rest = boxes::boxed("Left by earlier runs", lines, canvas);
    if let (Said::Working(what), true) = (&shown.said, listed > 0) {
        canvas.put(rest.x, rest.y, rest.width, what, Role::Accent);
    }
    boxes::keys("S save here   D remove   Esc close", rest, canvas);
    // The rows stand above everything else that was said, where nothing had to be left out.
    let Some(top) = u16::try_from(total).ok().and_then(|above| rest.y.checked_sub(above)) else { return };
    if total + 5 <= usize::from(canvas.height()) {
        for (y, place) in (top..).zip(offset..offset + listed) {
            canvas.spot(Rect::new(rest.x, y, rest.width, 1), Spot::Row(place));
        }
    }
}

/// What it is of, since when, and how much: the name gives way.
fn row(spool: &StoredSpool, zone: &TimeZone, room: usize) -> String {
    let at = spool.about.as_ref().and_then(About::started).unwrap_or(spool.written);
    let at =
        jiff::Timestamp::try_from(at).map(|at| at.to_zoned(zone.clone()).strftime("%F %H:%M").to_string());
    let numbers = format!("{}  {:>8}", at.unwrap_or_default(), format::bytes(spool.bytes));
    let name: String = label(spool).chars().take(room.saturating_sub(numbers.len() + 3)).collect();
    format!(" {name:<width$}  {numbers}", width = room.saturating_sub(numbers.len() + 3))
}
