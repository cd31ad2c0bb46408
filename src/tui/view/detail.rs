//! The detail screen: blocks of lines from the top, the session's log in what they leave.
//!
//! ```text
//! header      the session, its state, its time
//! notice      what it asks or why it failed
//! path        hops, what is captured
//! throughput  the last minutes
//! losses      every place where packets can be lost
//! link        each hop: its last signs of life
//! totals      what came, and where it is kept
//! commands    what runs, word for word
//! log         the session's lines
//! ```

mod facts;
mod graph;
mod link;
mod log;
mod losses;

use super::canvas::Canvas;
use crate::tui::{
    detail::{Detail, LogShare},
    format,
    model::{Aging, Model},
    sessions::Session,
    theme::Role,
};

/// A line in pieces, each with its role.
type Line = Vec<(String, Role)>;

/// What a part of the screen has to say.
struct Block {
    /// The title of its rule, and what stands at the rule's right; without a title there is no rule.
    title: Option<(String, String)>,
    lines: Vec<Line>,
    /// What goes first where there is no room; 0 stays.
    spare: u8,
}

impl Block {
    fn height(&self) -> usize {
        self.lines.len() + usize::from(self.title.is_some())
    }
}

/// How much room there is.
#[derive(Debug, Clone, Copy)]
struct Shape {
    width: u16,
    height: u16,
    /// Rules between the blocks.
    ruled: bool,
    /// Everything in words.
    roomy: bool,
    zoom: Detail,
}

impl Shape {
    fn of(width: u16, height: u16, zoom: Detail) -> Self {
        Self { width, height, ruled: height >= 20, roomy: width >= 90 && height >= 28, zoom }
    }
}

/// Draws the detail of the session under the cursor; its last row is left to a footer where there is one.
pub(super) fn draw(model: &Model, footer: bool, canvas: &mut Canvas<'_>) {
    let (Some((_, session)), Some(zoom)) = (model.detailed(), model.desk.detail) else { return };
    let shape = Shape::of(canvas.width(), canvas.height().saturating_sub(u16::from(footer)), zoom);
    header(model, session, footer, canvas);
    let mut y = 1;
    for block in fitting(blocks(model, session, shape, canvas), shape) {
        if let Some((title, status)) = &block.title {
            canvas.rule(y, title, status, false);
            y += 1;
        }
        for line in &block.lines {
            put(line, y, shape.height, canvas);
            y += 1;
        }
    }
    log::draw(model, session, y, shape, canvas);
}

/// How many rows the log of the detail has, as far as scrolling is concerned.
pub(crate) fn log_height(model: &Model) -> usize {
    let (Some((_, session)), Some(zoom)) = (model.detailed(), model.desk.detail) else { return 0 };
    let shape = Shape::of(model.screen.0, model.screen.1.saturating_sub(1), zoom);
    let mut buf = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, shape.width, 1));
    let theme = crate::tui::theme::Theme::new(crate::tui::theme::ColorChoice::Mono);
    let canvas = Canvas::new(&mut buf, &theme, &model.desk);
    let above: usize = fitting(blocks(model, session, shape, &canvas), shape).iter().map(Block::height).sum();
    usize::from(shape.height).saturating_sub(above + 2)
}

fn blocks(model: &Model, session: &Session, shape: Shape, canvas: &Canvas<'_>) -> Vec<Block> {
    if shape.zoom.log == LogShare::Whole {
        return Vec::new();
    }
    let all = [
        facts::notice(model, session, shape),
        Some(facts::path(session, shape, canvas)),
        Some(graph::block(session, shape, (canvas.glyphs(), canvas.graph()))),
        Some(losses::block(session, model.now.instant, shape)),
        link::block(session, model, shape, canvas.glyphs()),
        Some(facts::totals(session, model, shape)),
        facts::commands(session, shape),
    ];
    all.into_iter().flatten().collect()
}

/// What fits, with at least two rows left for the log. What can be spared most goes first, then what is lowest.
fn fitting(mut blocks: Vec<Block>, shape: Shape) -> Vec<Block> {
    let room = usize::from(shape.height).saturating_sub(3);
    let height = |blocks: &[Block]| blocks.iter().map(Block::height).sum::<usize>();
    while height(&blocks) > room {
        let spare = blocks.iter().map(|block| block.spare).max().unwrap_or(0);
        match blocks.iter().position(|block| block.spare == spare && spare > 0) {
            Some(place) => drop(blocks.remove(place)),
            None => break,
        }
    }
    let mut left = room;
    for block in &mut blocks {
        block.lines.truncate(left.saturating_sub(usize::from(block.title.is_some())));
        left = left.saturating_sub(block.height());
    }
    blocks
}

fn put(line: &Line, y: u16, height: u16, canvas: &mut Canvas<'_>) {
    let mut x = 0;
    for (text, role) in line.iter().filter(|_| y < height) {
        x += canvas.put(x, y, canvas.width().saturating_sub(x), text, *role);
    }
}

/// The name at the left, the state and its time at the right, then the clock where it runs.
fn header(model: &Model, session: &Session, alone: bool, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    let standing = session.standing();
    let time = format::span(session.time(model.now.instant));
    let sign = canvas.glyphs().sign(standing.glyph());
    let state = format!("{sign} {} {time}", session.state.word());
    let clock = match model.aging() {
        Aging::Nothing => String::new(),
        _ if !alone || width < 50 => String::new(),
        _ => format!("   {}", format::clock(model.now.wall, &model.desk.zone)),
    };
    let (state_cells, clock_cells) = (canvas.cells(&state), canvas.cells(&clock));
    let right = state_cells + clock_cells + 1;
    let x = width.saturating_sub(right);
    let mut at = 1;
    if alone {
        at += canvas.put(1, 0, x, "wrcap > ", Role::Muted);
    }
    canvas.put_name(at, 0, x.saturating_sub(at + 1), &session.name.to_string(), Role::Heading);
    canvas.put(x, 0, state_cells, &state, standing.role());
    canvas.put(x + state_cells, 0, clock_cells, &clock, Role::Text);
}
