//! The only way to the screen's cells: everything that is put there is made harmless and cut to its place.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{
    profile::Graph,
    remote::veil::Veil,
    tui::{
        bindings::Key,
        desk::Desk,
        glyphs::{self, Corner, Glyph, GlyphSet},
        spots::{Spot, Spots},
        theme::{Role, Theme},
    },
};

/// Cells, a theme and signs.
pub(super) struct Canvas<'a> {
    buf: &'a mut Buffer,
    theme: &'a Theme,
    glyphs: GlyphSet,
    graph: Graph,
    veil: Option<&'a Veil>,
    spots: Spots,
}

impl<'a> Canvas<'a> {
    /// A canvas over all cells of `buf`, with the signs, graphs and secrets of a desk.
    pub(super) fn new(buf: &'a mut Buffer, theme: &'a Theme, desk: &'a Desk) -> Self {
        let (glyphs, settings) = (desk.glyphs, &desk.settings);
        Self {
            buf,
            theme,
            glyphs,
            graph: settings.graph(glyphs),
            veil: settings.veil.as_ref(),
            spots: Spots::default(),
        }
    }

    /// Says what a click there means.
    pub(super) fn spot(&mut self, area: Rect, spot: Spot) {
        self.spots.add(area, spot);
    }

    /// Puts keys and what they do, three spaces between them, each a place to click: `Enter use   Esc cancel`. Two
    /// keys that share their words are none, because a click cannot mean both.
    pub(super) fn hints(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) {
        self.put(x, y, width, text, role);
        let mut at = x;
        for hint in text.split("   ") {
            let hint_x = at + self.cells(hint).saturating_sub(self.cells(hint.trim_start()));
            let words = hint.trim();
            let mut keys = words.split(' ').map(Key::parse);
            let cells = self.cells(words).min((x + width).saturating_sub(hint_x));
            if let (Some(Some(key)), second) = (keys.next(), keys.next())
                && second.flatten().is_none()
                && cells > 0
            {
                self.spot(Rect::new(hint_x, y, cells, 1), Spot::Press(key));
            }
            at += self.cells(hint) + 3;
        }
    }

    /// What clicks mean on what was drawn.
    pub(super) fn into_spots(self) -> Spots {
        self.spots
    }

    /// What graphs are drawn with.
    pub(super) fn graph(&self) -> Graph {
        self.graph
    }

    /// `part` of `whole` as a bar one cell wide, in a row of a list.
    pub(super) fn level(&self, part: f64, whole: f64) -> char {
        glyphs::row_level(self.graph, part, whole)
    }

    /// Columns.
    pub(super) fn width(&self) -> u16 {
        self.buf.area.width
    }

    /// Rows.
    pub(super) fn height(&self) -> u16 {
        self.buf.area.height
    }

    /// The signs in use.
    pub(super) fn glyphs(&self) -> GlyphSet {
        self.glyphs
    }

    /// What stands for `text` where part of it is hidden.
    pub(super) fn covered(&self, text: &str) -> Option<String> {
        self.veil.map(|veil| veil.cover(text)).filter(|covered| covered != text)
    }

    /// `text` as it may be shown: no control characters, nothing that changes the direction of writing, and
    /// nothing outside ASCII where the terminal knows no more.
    fn harmless(&self, text: &str) -> String {
        let covered = self.veil.map(|veil| veil.cover(text));
        let text = covered.as_deref().unwrap_or(text);
        let keep = |c: &char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        let known = |c: char| if self.glyphs == GlyphSet::Ascii && !c.is_ascii() { '?' } else { c };
        text.chars().filter(keep).map(known).collect()
    }

    fn write(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        if y >= self.height() || x >= self.width() {
            return 0;
        }
        // A cell has the looks of what is written last, not of everything that was ever there.
        let style = Style::reset().patch(self.theme.style(role));
        self.buf.set_stringn(x, y, text, usize::from(width), style).0 - x
    }

    /// Puts `text` into `width` cells, cut at its end. Returns the cells it took.
    pub(super) fn put(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let text = self.harmless(text);
        let room = usize::from(width.min(self.width().saturating_sub(x)));
        if text.width() <= room {
            return self.write(x, y, width, &text, role);
        }
        let kept = fitting(text.chars(), room.saturating_sub(1));
        let cut: String = text.chars().take(kept).chain(self.glyphs.sign(Glyph::Cut).chars()).collect();
        self.write(x, y, width, &cut, role)
    }

    /// Puts `text` into `width` cells, cut at its beginning: for names and paths, whose end tells them apart.
    pub(super) fn put_end(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let text = self.harmless(text);
        let room = usize::from(width);
        if text.width() <= room {
            return self.write(x, y, width, &text, role);
        }
        let dropped = text.chars().count() - fitting(text.chars().rev(), room.saturating_sub(1));
        let cut: String = self.glyphs.sign(Glyph::Cut).chars().chain(text.chars().skip(dropped)).collect();
        self.write(x, y, width, &cut, role)
    }

    /// Puts `text` into `width` cells, cut in its middle: for messages, which begin with what happened and end with why.
    pub(super) fn put_middle(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let text = self.harmless(text);
        let room = usize::from(width.min(self.width().saturating_sub(x)));
        if text.width() <= room {
            return self.write(x, y, width, &text, role);
        }
        let front = fitting(text.chars(), room.saturating_sub(1) * 2 / 5);
        let front: String = text.chars().take(front).collect();
        let dropped =
            text.chars().count() - fitting(text.chars().rev(), room.saturating_sub(1 + front.width()));
        let cut: String = front
            .chars()
            .chain(self.glyphs.sign(Glyph::Cut).chars())
            .chain(text.chars().skip(dropped))
            .collect();
        self.write(x, y, width, &cut, role)
    }

    /// Puts a name into `width` cells. A long one keeps its beginning, which is the site's, and more of its end, which
    /// tells targets apart.
    pub(super) fn put_name(&mut self, x: u16, y: u16, width: u16, name: &str, role: Role) -> u16 {
        let name = self.harmless(name);
        let room = usize::from(width);
        if name.width() <= room {
            return self.write(x, y, width, &name, role);
        }
        let site = name.split('/').next().unwrap_or_default().chars();
        let front: String = site.clone().take(fitting(site, room.saturating_sub(1) / 3)).collect();
        let kept = fitting(name.chars().rev(), room.saturating_sub(1 + front.width()));
        let end = name.chars().skip(name.chars().count() - kept);
        let cut: String = front.chars().chain(self.glyphs.sign(Glyph::Cut).chars()).chain(end).collect();
        self.write(x, y, width, &cut, role)
    }

    /// Puts `text` at the right of `width` cells. Returns the cells it took.
    pub(super) fn put_right(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let cells = self.cells(text).min(width);
        self.put(x + width - cells, y, cells, text, role)
    }

    /// The cells that `text` takes when nothing is cut.
    pub(super) fn cells(&self, text: &str) -> u16 {
        u16::try_from(self.harmless(text).width()).unwrap_or(u16::MAX)
    }

    /// Lays a role over cells that have text already.
    pub(super) fn lay(&mut self, area: Rect, role: Role) {
        self.buf.set_style(area.intersection(self.buf.area), self.theme.style(role));
    }

    /// The title line of a section. The one that has the keys is told by a sign too, not by colour alone.
    pub(super) fn rule(&mut self, y: u16, title: &str, status: &str, focused: bool) {
        let width = self.width();
        let line = self.glyphs.sign(Glyph::Rule).repeat(usize::from(width));
        self.write(0, y, width, &line, Role::Muted);
        if focused {
            self.write(0, y, 1, self.glyphs.sign(Glyph::Cursor), Role::Accent);
        }
        let role = if focused { Role::Accent } else { Role::Heading };
        self.put(2, y, width.saturating_sub(4), &format!(" {title} "), role);
        if !status.is_empty() {
            self.put_right(2, y, width.saturating_sub(4), &format!(" {status} "), Role::Muted);
        }
    }

    /// An empty box in the middle of the screen, over what is there. Returns the cells inside its border.
    pub(super) fn open_box(&mut self, width: u16, height: u16, title: &str) -> Rect {
        let screen = self.buf.area;
        let (width, height) = (width.min(screen.width), height.min(screen.height));
        let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
        for cell in area.positions() {
            self.buf[cell].reset();
        }
        self.border(area);
        self.spot(area, Spot::Box);
        self.put(area.x + 2, area.y, width.saturating_sub(4), &format!(" {title} "), Role::Heading);
        Rect::new(area.x + 2, area.y + 1, width.saturating_sub(4), height.saturating_sub(2))
    }

    fn border(&mut self, area: Rect) {
        let sign = |glyph| self.glyphs.sign(glyph);
        let across = sign(Glyph::Rule).repeat(usize::from(area.width.saturating_sub(2)));
        let corner = |corner| sign(Glyph::Corner(corner));
        let top = format!("{}{across}{}", corner(Corner::TopLeft), corner(Corner::TopRight));
        let bottom = format!("{}{across}{}", corner(Corner::BottomLeft), corner(Corner::BottomRight));
        let side = sign(Glyph::Side);
        self.write(area.x, area.y, area.width, &top, Role::Muted);
        self.write(area.x, area.bottom().saturating_sub(1), area.width, &bottom, Role::Muted);
        for y in area.y + 1..area.bottom().saturating_sub(1) {
            self.write(area.x, y, 1, side, Role::Muted);
            self.write(area.right().saturating_sub(1), y, 1, side, Role::Muted);
        }
    }
}

/// How many of `chars` fit into `room` cells.
fn fitting(chars: impl Iterator<Item = char>, room: usize) -> usize {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::{Buffer, Canvas, Desk, GlyphSet, Rect, Role, Theme};
    use crate::tui::{settings::Settings, theme::ColorChoice};

    fn put(glyphs: GlyphSet, width: u16, text: &str) -> [String; 3] {
        let theme = Theme::new(ColorChoice::Mono);
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 3));
        let desk = Desk::new(glyphs, jiff::tz::TimeZone::UTC, Settings::default());
        let mut canvas = Canvas::new(&mut buf, &theme, &desk);
        canvas.put(0, 0, width, text, Role::Text);
        canvas.put_end(0, 1, width, text, Role::Text);
        canvas.put_right(0, 2, width, text, Role::Text);
        canvas.put(0, 99, width, text, Role::Text);

        canvas.put(99, 0, width, text, Role::Text);
        [0, 1, 2].map(|y| (0..10).map(|x| buf[(x, y)].symbol()).collect())
    }

    #[test]
    fn text_is_cut_where_it_tells_least() {
        assert_eq!(put(GlyphSet::Unicode, 5, "shop/web"), ["shop…     ", "…/web     ", "shop…     "]);
        assert_eq!(put(GlyphSet::Ascii, 5, "näh"), ["n?h       ", "n?h       ", "  n?h     "]);
        assert_eq!(put(GlyphSet::Unicode, 4, "漢字漢"), ["漢 …       ", "…漢        ", "漢 …       "]);
    }

    #[test]
    fn a_name_keeps_the_start_of_its_site_and_the_end_of_its_target() {
        let name = |width, text| {
            let theme = Theme::new(ColorChoice::Mono);
            let mut buf = Buffer::empty(Rect::new(0, 0, 14, 1));
            let desk = Desk::new(GlyphSet::Unicode, jiff::tz::TimeZone::UTC, Settings::default());
            let cells = Canvas::new(&mut buf, &theme, &desk).put_name(0, 0, width, text, Role::Text);
            assert!(cells <= width, "{cells} in {width}");
            (0..14).map(|x| buf[(x, 0)].symbol()).collect::<String>().trim_end().to_owned()
        };
        assert_eq!(name(14, "main/web-3"), "main/web-3");
        assert_eq!(name(14, "production-eu/frontend-17"), "prod…ontend-17");
        assert_eq!(name(14, "eu/frontend-of-the-shop-17"), "eu…the-shop-17");
        assert_eq!(name(10, "frontend-of-the-shop-17"), "fro…hop-17");
        assert_eq!(name(1, "main/web"), "…");
        assert_eq!(name(0, "main/web"), "");
    }

    #[test]
    fn a_message_keeps_what_happened_and_why() {
        let middle = |width, text| {
            let theme = Theme::new(ColorChoice::Mono);
            let mut buf = Buffer::empty(Rect::new(0, 0, 10, 1));
            let desk = Desk::new(GlyphSet::Unicode, jiff::tz::TimeZone::UTC, Settings::default());
            let cells = Canvas::new(&mut buf, &theme, &desk).put_middle(0, 0, width, text, Role::Text);
            assert!(cells <= width, "{cells} in {width}");
            (0..10).map(|x| buf[(x, 0)].symbol()).collect::<String>()
        };
        assert_eq!(middle(10, "no: denied"), "no: denied");
        assert_eq!(middle(9, "failed: why"), "fai…: why ");
        assert_eq!(middle(6, "漢字漢字漢"), "漢 …漢      ");
        assert_eq!(middle(1, "failed"), "…         ");
    }

    #[test]
    fn nothing_harmful_gets_into_a_cell() {
        let lines = put(GlyphSet::Unicode, 10, "a\x1b[2J\u{9b}\u{202e}b\r\n\0c");
        assert_eq!(lines[0], "a[2Jbc    ");
    }
}
