//! The table of the places where packets can be lost.

use std::time::Instant;

use super::{Block, Line, Shape};
use crate::tui::{
    format,
    losses::{self, AsOf, Loss},
    sessions::Session,
    theme::Role,
};

/// The cells of the columns: place, count, share, change, age.
fn columns(width: u16) -> [usize; 5] {
    match width {
        90.. => [26, 13, 9, 11, 11],
        76.. => [19, 11, 8, 11, 9],
        50.. => [17, 10, 8, 9, 9],
        _ => [13, 7, 7, 0, 0],
    }
}

pub(super) fn block(session: &Session, now: Instant, shape: Shape) -> Block {
    let columns = columns(shape.width);
    let rows = losses::of(session, now);
    let title = shape.ruled.then(|| ("Where packets can be lost".to_owned(), "worst first".to_owned()));
    let head = ["STAGE", "COUNT", "SHARE", if shape.width >= 76 { "LAST 10 s" } else { "10 s" }, "AS OF"];
    let head = shape.ruled.then(|| vec![(cells(columns, head.map(str::to_owned)), Role::Muted)]);
    let lines = rows.iter().map(|row| line(row, columns, shape));
    Block { title, lines: head.into_iter().chain(lines).collect(), spare: 0 }
}

/// The place at the left of its column, the numbers at the right of theirs.
fn cells(columns: [usize; 5], texts: [String; 5]) -> String {
    let [place, count, share, recent, age] = columns;
    let [stage, number, part, change, read] = texts;
    let text = format!("  {stage:<place$}{number:>count$}{part:>share$}");
    if recent > 0 { format!("{text}{change:>recent$}  {read:<age$}") } else { text }
}

fn line(row: &Loss, columns: [usize; 5], shape: Shape) -> Line {
    let unknown = || "?".to_owned();
    let texts = [
        if shape.width >= 90 { row.place.0 } else { row.place.1 }.to_owned(),
        row.count.map_or_else(unknown, format::grouped),
        row.count.map_or_else(unknown, |count| format::share(count, row.whole)),
        match (row.count, row.recent) {
            (None, _) => unknown(),
            (Some(_), 0) => "0".to_owned(),
            (Some(_), recent) => format!("+{}", format::grouped(recent)),
        },
        match row.as_of {
            AsOf::Now => "now".to_owned(),
            AsOf::Ago(age) => format!("{} ago", format::age(age)),
            AsOf::Never => "not yet".to_owned(),
        },
    ];
    let role = match row.count {
        None => Role::Muted,
        Some(0) => Role::Text,
        Some(_) => Role::Warn,
    };
    let mut line = vec![(cells(columns, texts), role)];
    if shape.width >= 76 && !row.note.is_empty() {
        line.push((format!(" {}", row.note), Role::Muted));
    }
    line
}
