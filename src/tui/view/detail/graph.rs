//! The graph of the last minutes, with its scale written at the left.

use super::{Block, Line, Shape};
use crate::{
    profile::Graph,
    tui::{
        format,
        glyphs::{Glyph, GlyphSet, level},
        sessions::Session,
        theme::Role,
    },
};

/// Cells for the scale and its axis.
const SCALE: u16 = 7;

pub(super) fn block(session: &Session, shape: Shape, signs: (GlyphSet, Graph)) -> Block {
    let rate = session.history.rate();
    let rows = match (shape.roomy, shape.ruled) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 1,
    };
    let window = shape.zoom.window;
    let flow = if session.state.is_live() {
        format!("{}  {} pkt/s", format::rate(rate.bytes), format::packets(rate.packets))
    } else {
        "not live".to_owned()
    };
    let status = if shape.roomy {
        format!("{flow}  window {}   - = zoom", window.words())
    } else {
        format!("{flow}  {}", window.words())
    };
    let room = usize::from(shape.width.saturating_sub(SCALE + 1));
    let bits = cells(session, room, window.seconds());
    let mut lines = bars(&bits, room, rows, signs);
    let title = shape.ruled.then(|| ("Throughput".to_owned(), status.clone()));
    if title.is_none() {
        lines.insert(0, vec![(format!("  {status}"), Role::Text)]);
    }
    Block { title, lines, spare: 1 }
}

/// Bits a second, a value a cell, oldest first, for the last `seconds` in at most `room` cells.
fn cells(session: &Session, room: usize, seconds: usize) -> Vec<f64> {
    let step = seconds.div_ceil(room.max(1)).max(1);
    let number = seconds / step;
    let wide = (room / number.max(1)).max(1);
    let means = session.history.cells(number, step);
    means.iter().flat_map(|bytes| std::iter::repeat_n(bytes * 8.0, wide)).collect()
}

/// The top of a scale that `most` fits below and whose half is a round number, too.
fn top(most: f64) -> f64 {
    let mut unit = 1000.0;
    loop {
        for step in [1.0, 2.0, 4.0, 6.0, 8.0] {
            if most <= step * unit {
                return step * unit;
            }
        }
        unit *= 10.0;
    }
}

fn bars(bits: &[f64], room: usize, rows: usize, (glyphs, graph): (GlyphSet, Graph)) -> Vec<Line> {
    let top = top(bits.iter().copied().fold(0.0, f64::max));
    let axis = glyphs.sign(Glyph::Axis);
    let empty = room.saturating_sub(bits.len());
    (0..rows)
        .rev()
        .map(|row| {
            // The scale says what the lower edge of a row stands for, and at the top the upper edge.
            let label = match row {
                _ if row + 1 == rows => format::magnitude(top),
                0 => "0".to_owned(),
                _ => format::magnitude(top / 2.0),
            };
            let bars: String = bits.iter().map(|bits| bar(*bits / top, row, rows, graph)).collect();
            vec![
                (format!(" {label:>4} {axis}"), Role::Muted),
                (format!("{}{bars}", " ".repeat(empty)), Role::Graph),
            ]
        })
        .collect()
}

/// The cell of a bar of height `part` in `row`, counted from below.
fn bar(part: f64, row: usize, rows: usize, graph: Graph) -> char {
    #[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
    let inside = part * rows as f64 - row as f64;
    if inside <= 0.0 && row > 0 { ' ' } else { level(graph, inside, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::{GlyphSet, Graph, bars, top};

    #[test]
    fn scales_are_round() {
        for (most, expected) in [
            (0.0, 1000.0),
            (999.0, 1000.0),
            (1001.0, 2000.0),
            (31.4e6, 40.0e6),
            (60.0e6, 60.0e6),
            (81e9, 100e9),
        ] {
            assert!((top(most) - expected).abs() < 0.1, "{most}: {}", top(most));
        }
    }

    #[test]
    fn bars_stand_on_the_ground_and_end_at_the_right() {
        let lines = bars(&[0.0, 500.0, 1000.0], 5, 2, (GlyphSet::Unicode, Graph::Block));
        let text: Vec<String> =
            lines.iter().map(|line| line.iter().map(|(text, _)| text.as_str()).collect()).collect();
        assert_eq!(text, ["   1k ┤    █", "    0 ┤  ▁██"]);
    }
}
