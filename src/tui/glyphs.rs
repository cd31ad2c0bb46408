//! The signs that are not text, in two sets.

use crate::profile::Graph;

/// Which signs the terminal can show. The command line reads the locale and decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GlyphSet {
    /// Block elements and box drawing, for UTF-8 locales.
    #[default]
    Unicode,
    /// Nothing above 127.
    Ascii,
}

/// A sign with a place on the screen, one cell wide in both sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// Beside the row under the cursor.
    Cursor,
    /// Beside a marked row.
    Mark,
    /// A line across the screen.
    Rule,
    /// Leads from a row to its reason.
    Branch,
    /// Something was cut off here.
    Cut,
    /// Beside a graph's scale.
    Axis,
    /// A box's side.
    Side,
    /// A box's corners, clockwise from the upper left.
    Corner(Corner),
    /// Sorted by this column.
    Descending,
    /// Sorted by this column, the other way round.
    Ascending,
    /// A session on its way.
    Starting,
    /// A session that asks.
    Asking,
    /// A session with packets.
    Live,
    /// A session whose link is silent.
    Late,
    /// A session that is tried again.
    Retrying,
    /// A session that stops.
    Stopping,
    /// A session that ended as asked.
    Done,
    /// A session that failed.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// A corner of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Corner {
    /// Upper left.
    TopLeft,
    /// Upper right.
    TopRight,
    /// Lower right.
    BottomRight,
    /// Lower left.
    BottomLeft,
}

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const BRAILLE: [char; 5] = ['⠀', '⣀', '⣤', '⣶', '⣿'];
const ASCII: [char; 5] = ['_', '.', '-', '=', '#'];

impl GlyphSet {
    /// The sign in this set.
    pub(crate) fn sign(self, glyph: Glyph) -> &'static str {
        let (unicode, ascii) = match glyph {
            Glyph::Cursor => ("▌", ">"),
            Glyph::Mark => ("*", "*"),
            Glyph::Rule => ("─", "-"),
            Glyph::Branch => ("└", "\\"),
            Glyph::Cut => ("…", "~"),
            Glyph::Axis => ("┤", "|"),
            Glyph::Side => ("│", "|"),
            Glyph::Corner(Corner::TopLeft) => ("╭", "+"),
            Glyph::Corner(Corner::TopRight) => ("╮", "+"),
            Glyph::Corner(Corner::BottomRight) => ("╯", "+"),
            Glyph::Corner(Corner::BottomLeft) => ("╰", "+"),
            Glyph::Ascending => ("▴", "^"),
            Glyph::Starting => ("◌", "o"),
            Glyph::Asking => ("?", "?"),
            Glyph::Live => ("▸", "="),
            Glyph::Late => ("!", "!"),
            Glyph::Retrying => ("~", "~"),
            Glyph::Stopping | Glyph::Descending => ("▾", "v"),
            Glyph::Done => ("✓", "+"),
            Glyph::Failed => ("✗", "x"),
            Glyph::Unknown => ("–", "-"),
        };
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }
}

fn levels(graph: Graph) -> &'static [char] {
    match graph {
        Graph::Block => &BLOCKS,
        Graph::Braille => &BRAILLE,
        Graph::Ascii => &ASCII,
    }
}

/// `part` of `whole` as a bar one cell wide, in a graph of its own. Only nothing at all looks like nothing.
pub(crate) fn level(graph: Graph, part: f64, whole: f64) -> char {
    step(levels(graph), part, whole)
}

/// The same in a row of a list: never the full block, or neighbouring rows would run into one.
pub(crate) fn row_level(graph: Graph, part: f64, whole: f64) -> char {
    let levels = levels(graph);
    let below = levels.split_last().map_or(levels, |(_, below)| below);
    step(if graph == Graph::Block { below } else { levels }, part, whole)
}

fn step(levels: &[char], part: f64, whole: f64) -> char {
    let steps = levels.len() - 1;
    if part <= 0.0 || whole <= 0.0 {
        return levels.first().copied().unwrap_or(' ');
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of 0 to 1 times at most 7"
    )]
    let step = ((part / whole).clamp(0.0, 1.0) * steps as f64).ceil() as usize;
    levels.get(step.clamp(1, steps)).copied().unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::{Graph, level, row_level};

    #[test]
    fn a_little_is_not_nothing_and_the_most_is_full() {
        let row = |graph| [0.0, 0.001, 0.5, 1.0].map(|part| level(graph, part, 1.0));
        assert_eq!(row(Graph::Block), ['▁', '▂', '▅', '█']);
        assert_eq!(
            [0.0, 0.001, 0.5, 1.0].map(|part| row_level(Graph::Block, part, 1.0)),
            ['▁', '▂', '▄', '▇']
        );
        assert_eq!(row(Graph::Braille), ['⠀', '⣀', '⣤', '⣿']);
        assert_eq!(row(Graph::Ascii), ['_', '.', '-', '#']);
    }
}
