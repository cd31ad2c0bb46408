//! The first row: what needs the user, how much flows, what is lost, what time it is.

use super::canvas::Canvas;
use crate::tui::{
    format,
    history::Rate,
    layout::Form,
    model::{Aging, Model, Phase},
    standing::Standing,
    theme::Role,
};

pub(super) fn draw(model: &Model, form: Form, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let right = totals(model, width);
    let room = width.saturating_sub(canvas.cells(&right) + 1);
    canvas.put_right(0, 0, width.saturating_sub(1), &right, Role::Text);
    let gap = if width >= 90 { 2 } else { 1 };
    let mut x = 1 + canvas.put(1, 0, room, "wrcap", Role::Heading) + gap;
    if let Some(frozen) = &model.desk.frozen {
        let text = format!("FROZEN {}", format::age(frozen.age()));
        x += canvas.put(x, 0, room.saturating_sub(x), &text, Role::Attention) + gap;
    }
    let long = counts(model, width >= 90, form);
    let needed: u16 = long.iter().map(|(text, _)| canvas.cells(text) + gap).sum();
    let fits = x + needed <= room + gap;
    let (told, gap) = if fits { (long, gap) } else { (counts(model, false, form), 1) };
    for (text, role) in told {
        let cells = canvas.cells(&text);
        // A count is shown whole or not at all; the ones that matter come first.
        if x + cells > room {
            break;
        }
        x += canvas.put(x, 0, room - x, &text, role) + gap;
    }
}

/// The counts in words, so that they read the same without colour.
fn counts(model: &Model, with_room: bool, form: Form) -> Vec<(String, Role)> {
    let sessions = &model.sessions.all;
    if model.phase == Phase::Leaving {
        let text = match model.sessions.active_count() {
            0 => "closing".to_owned(),
            left => format!("stopping {}", format::count(left, "capture")),
        };
        return vec![(text, Role::Attention)];
    }
    if sessions.is_empty() && form != Form::Line {
        return vec![("nothing running".to_owned(), Role::Muted)];
    }
    let number = |standing| sessions.values().filter(|session| session.standing() == standing).count();
    Standing::ALL
        .into_iter()
        .map(|standing| (number(standing), standing))
        .filter(|(number, _)| *number > 0)
        .map(|(number, standing)| {
            let (long, short) = standing.counted();
            let word = if with_room { long } else { short };
            // "asks you" of several is still one verb: "2 ask you".
            let word = if number > 1 { word.replacen("asks", "ask", 1) } else { word.to_owned() };
            (format!("{number} {word}"), standing.role())
        })
        .collect()
}

/// Rates and drops of everything live. The clock is shown while something ages: on a screen that stands
/// still it would be wrong.
fn totals(model: &Model, width: u16) -> String {
    let live = || model.sessions.all.values().filter(|session| session.state.is_live());
    let mut parts = Vec::new();
    if live().next().is_some() {
        let rates = live().map(|session| session.history.rate());
        let rate = rates.fold(Rate::default(), |sum, rate| Rate {
            bytes: sum.bytes + rate.bytes,
            packets: sum.packets + rate.packets,
        });
        parts.push(format!("{:>9}", format::rate(rate.bytes)));
        if width >= 90 {
            parts.push(format!("{:>5} pkt/s", format::packets(rate.packets)));
        }
        if width >= 70 {
            let dropped = live().map(|session| session.sample.dropped()).sum();
            let received =
                live().map(|session| session.sample.kernel_received.max(session.sample.packets)).sum();
            parts.push(format!("drops {:>5}", format::share(dropped, received)));
        }
    }
    if width >= 50 && model.aging() != Aging::Nothing {
        parts.push(format::clock(model.now.wall, &model.desk.zone));
    }
    parts.join("  ")
}
