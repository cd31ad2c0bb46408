//! From a terminal's screen to SVG. Text stays text; lines and bars are drawn, because fonts leave gaps in them; every
//! run of text has its place and width, so that it stands where it stood in the terminal whatever font shows it.

use std::fmt::Write as _;

/// A cell's size.
const WIDTH: u16 = 9;
/// A row's.
pub(crate) const HEIGHT: u16 = 19;
/// Where letters stand in a row.
const BASE: u16 = 14;
/// Around the screen.
const MARGIN: u16 = 14;

const BACKGROUND: Rgb = Rgb(0x16, 0x18, 0x1d);
const FOREGROUND: Rgb = Rgb(0xd4, 0xd7, 0xdd);
/// The 16 colours of terminals; the dashboard's own theme names all others itself.
const ANSI: [u32; 16] = [
    0x00_1e_22_29,
    0x00_e0_6c_75,
    0x00_7f_c9_7f,
    0x00_e5_b5_67,
    0x00_5f_af_ff,
    0x00_c6_8f_e0,
    0x00_5f_c9_d6,
    0x00_d4_d7_dd, //
    0x00_7a_80_8c,
    0x00_ff_87_87,
    0x00_9f_e0_9f,
    0x00_ff_d0_87,
    0x00_87_c5_ff,
    0x00_dd_aa_f0,
    0x00_87_e0_ea,
    0x00_ff_ff_ff,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Rgb(u8, u8, u8);

impl Rgb {
    fn of(color: vt100::Color, default: Self) -> Self {
        match color {
            vt100::Color::Default => default,
            vt100::Color::Rgb(red, green, blue) => Self(red, green, blue),
            vt100::Color::Idx(index) => Self::indexed(index),
        }
    }

    /// The palette of 256: 16, then a cube, then greys.
    fn indexed(index: u8) -> Self {
        let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
        match index {
            0..16 => {
                let [_, red, green, blue] = ANSI[usize::from(index)].to_be_bytes();
                Self(red, green, blue)
            }
            16..232 => {
                let index = index - 16;
                Self(level(index / 36), level(index / 6 % 6), level(index % 6))
            }
            232.. => {
                let grey = 8 + (index - 232) * 10;
                Self(grey, grey, grey)
            }
        }
    }

    fn dimmed(self) -> Self {
        let mix =
            |from: u8, to: u8| u8::try_from((u16::from(from) * 6 + u16::from(to) * 4) / 10).unwrap_or(from);
        Self(mix(self.0, BACKGROUND.0), mix(self.1, BACKGROUND.1), mix(self.2, BACKGROUND.2))
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Style {
    ink: Rgb,
    paper: Rgb,
    bold: bool,
    underlined: bool,
}

/// Columns and rows.
pub(crate) fn size(screen: &vt100::Screen) -> (u16, u16) {
    let (rows, columns) = screen.size();
    (columns.get(), rows.get())
}

/// A row of a screen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Row(Vec<(String, Style)>);

impl Row {
    /// A row of a terminal.
    pub(crate) fn of(screen: &vt100::Screen, row: u16) -> Self {
        let cell = |column| screen.cell(row, column).filter(|cell| !cell.is_wide_continuation());
        Self((0..size(screen).0).filter_map(cell).map(read).collect())
    }

    /// It as SVG, with its upper left corner at the origin.
    pub(crate) fn draw(&self) -> String {
        let mut svg = String::new();
        for (from, to) in self.runs(|(_, a), (_, b)| a.paper == b.paper) {
            let paper = self.0[from].1.paper;
            if paper != BACKGROUND {
                rect(&mut svg, (WIDTH * column(from), 0, WIDTH * column(to - from), HEIGHT), paper);
            }
        }
        for (from, to) in self.runs(|(a, x), (b, y)| a == b && x.ink == y.ink) {
            let (sign, style) = &self.0[from];
            if !is_shape(sign) {
                continue;
            }
            shape(&mut svg, sign, column(from), column(to - from), style.ink);
        }
        let is_text = |sign: &str| sign != " " && !is_shape(sign);
        for (from, to) in self.runs(|(a, x), (b, y)| !is_shape(a) && !is_shape(b) && x == y) {
            for (from, to) in self.words(from, to) {
                if self.0[from..to].iter().any(|(sign, _)| is_text(sign)) {
                    self.text(&mut svg, from, to);
                }
            }
        }
        svg
    }

    /// Stretches of cells of which each belongs to the one before.
    fn runs(&self, same: impl Fn(&(String, Style), &(String, Style)) -> bool) -> Vec<(usize, usize)> {
        let mut at = 0;
        self.0
            .chunk_by(|a, b| same(a, b))
            .map(|run| {
                at += run.len();
                (at - run.len(), at)
            })
            .collect()
    }

    /// Splits a run where two blanks stand together, so that no font's width adds up.
    fn words(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let blank = |at: usize| self.0[at].0 == " ";
        let mut words: Vec<(usize, usize)> = Vec::new();
        for at in (from..to).filter(|at| !blank(*at)) {
            match words.last_mut() {
                Some(word) if at - word.1 <= 1 => word.1 = at + 1,
                _ => words.push((at, at + 1)),
            }
        }
        words
    }

    fn text(&self, svg: &mut String, from: usize, to: usize) {
        let style = self.0[from].1;
        let text: String = self.0[from..to].iter().map(|(sign, _)| escaped(sign)).collect();
        let _ = write!(svg, "<text x=\"{}\" y=\"{BASE}\"", WIDTH * column(from));
        if to - from > 1 {
            let _ = write!(svg, " textLength=\"{}\"", WIDTH * column(to - from));
        }
        if style.ink != FOREGROUND {
            let _ = write!(svg, " fill=\"{}\"", style.ink);
        }
        if style.bold {
            svg.push_str(" font-weight=\"bold\"");
        }
        if style.underlined {
            svg.push_str(" text-decoration=\"underline\"");
        }
        let _ = write!(svg, ">{text}</text>");
    }
}

fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn escaped(sign: &str) -> String {
    sign.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn read(cell: &vt100::Cell) -> (String, Style) {
    let sign = if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
    let (mut ink, mut paper) = (Rgb::of(cell.fgcolor(), FOREGROUND), Rgb::of(cell.bgcolor(), BACKGROUND));
    if cell.dim() {
        ink = ink.dimmed();
    }
    if cell.inverse() {
        (ink, paper) = (paper, ink);
    }
    // A blank has no ink that anybody sees.
    if sign == " " && !cell.underline() {
        ink = FOREGROUND;
    }
    let bold = cell.bold() && sign != " ";
    (sign, Style { ink, paper, bold, underlined: cell.underline() })
}

/// The eight bars, the cursor's and the lines.
fn is_shape(sign: &str) -> bool {
    let mut signs = sign.chars();
    matches!(
        (signs.next(), signs.next()),
        (Some('▁'..='█' | '▌' | '─' | '│' | '╭' | '╮' | '╯' | '╰' | '┤' | '└'), None)
    )
}

fn rect(svg: &mut String, (x, y, width, height): (u16, u16, u16, u16), fill: Rgb) {
    let _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>");
}

/// `cells` times the same sign.
fn shape(svg: &mut String, sign: &str, column: u16, cells: u16, ink: Rgb) {
    let (x, middle, centre) = (column * WIDTH, HEIGHT / 2, WIDTH / 2);
    let mut path = |steps: String| {
        let _ = write!(svg, "<path d=\"{steps}\" fill=\"none\" stroke=\"{ink}\"/>");
    };
    let (cx, cy) = (f32::from(x + centre) + 0.5, f32::from(middle) + 0.5);
    let (end, bottom) = (x + WIDTH, HEIGHT);
    match sign.chars().next() {
        Some('─') => rect(svg, (x, middle, WIDTH * cells, 1), ink),
        Some('│') => (0..cells).for_each(|cell| rect(svg, (x + centre + cell * WIDTH, 0, 1, HEIGHT), ink)),
        Some('▌') => (0..cells).for_each(|cell| rect(svg, (x + cell * WIDTH, 0, centre, HEIGHT), ink)),
        Some('╭') => path(format!("M{cx} {bottom}Q{cx} {cy} {end} {cy}")),
        Some('╮') => path(format!("M{x} {cy}Q{cx} {cy} {cx} {bottom}")),
        Some('╯') => path(format!("M{x} {cy}Q{cx} {cy} {cx} 0")),
        Some('╰') => path(format!("M{cx} 0Q{cx} {cy} {end} {cy}")),
        Some('┤') => path(format!("M{x} {cy}H{cx}M{cx} 0V{bottom}")),
        Some('└') => path(format!("M{cx} 0V{cy}H{end}")),
        Some(bar) => {
            let eighths = u16::try_from(u32::from(bar) - 0x2580).unwrap_or(1);
            let height = (HEIGHT * eighths).div_ceil(8);
            rect(svg, (x, HEIGHT - height, WIDTH * cells, height), ink);
        }
        None => {}
    }
}

/// A document of so many columns and rows around what is inside.
pub(crate) fn document(columns: u16, rows: u16, title: &str, inside: &str) -> String {
    let (width, height) = (columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace\" font-size=\"15\" \
         fill=\"{FOREGROUND}\" shape-rendering=\"crispEdges\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACKGROUND}\" shape-rendering=\"auto\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\">\n{inside}</g>\n</svg>\n",
        escaped(title),
    )
}

/// A row at its place.
pub(crate) fn placed(row: u16, inside: &str) -> String {
    format!("<g transform=\"translate(0 {})\">{inside}</g>\n", row * HEIGHT)
}

/// A screen as it stands.
pub(crate) fn picture(screen: &vt100::Screen, title: &str) -> String {
    let (columns, rows) = size(screen);
    let drawn = (0..rows).map(|row| (row, Row::of(screen, row).draw()));
    let inside: String =
        drawn.filter(|(_, svg)| !svg.is_empty()).map(|(row, svg)| placed(row, &svg)).collect();
    document(columns, rows, title, &inside)
}
