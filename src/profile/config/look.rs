//! How a role looks: a colour and attributes, written as words.

use super::super::{nearest::nearest, problem::Invalid, value::did_you_mean};

/// What text on the screen can be, as far as its looks are concerned.
pub const ROLES: [&str; 12] = [
    "text",
    "muted",
    "heading",
    "accent",
    "ok",
    "warn",
    "error",
    "info",
    "attention",
    "selection",
    "graph",
    "graph_alt",
];

/// A colour as the user names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// The terminal's own foreground.
    Default,
    /// One of the terminal's own sixteen: 0 to 7, and 8 to 15 bright.
    Ansi(u8),
    /// One of 256.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Something beside a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// Bold.
    Bold,
    /// Dim.
    Dim,
    /// Underlined.
    Underlined,
    /// Foreground and background exchanged.
    Reversed,
}

/// A colour and attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// `None` leaves the theme's.
    pub color: Option<Color>,
    /// In place of the theme's, if there are any.
    pub attributes: Vec<Attribute>,
}

const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

const ATTRIBUTES: [(&str, Attribute); 4] = [
    ("bold", Attribute::Bold),
    ("dim", Attribute::Dim),
    ("underlined", Attribute::Underlined),
    ("reversed", Attribute::Reversed),
];

/// Reads `#87d7ff`, `cyan`, `bright-cyan`, `117`, `default`, with `bold`, `dim`, `underlined`, `reversed` beside it or
/// alone.
pub(super) fn parse(text: &str) -> Result<Look, Invalid> {
    let mut look = Look::default();
    for word in text.split_whitespace() {
        if let Some((_, attribute)) = ATTRIBUTES.iter().find(|(name, _)| *name == word) {
            look.attributes.push(*attribute);
        } else if look.color.is_none() {
            look.color = Some(color(word)?);
        } else {
            return Err(Invalid::new(format!("{word:?} would be a second colour")));
        }
    }
    Ok(look)
}

fn color(word: &str) -> Result<Color, Invalid> {
    let unknown = || {
        let names = NAMES.into_iter().chain(["default"]).chain(ATTRIBUTES.map(|(name, _)| name));
        let invalid = Invalid::new(format!("{word:?} is no colour"));
        match nearest(word, names) {
            Some(near) => invalid.hint(did_you_mean(near)),
            None => invalid.hint("write a name such as cyan or bright-cyan, #87d7ff, or 0 to 255"),
        }
    };
    if let Some(hex) = word.strip_prefix('#') {
        let number = (hex.len() == 6).then(|| u32::from_str_radix(hex, 16).ok()).flatten();
        let [_, red, green, blue] = number.ok_or_else(unknown)?.to_be_bytes();
        return Ok(Color::Rgb(red, green, blue));
    }
    if let Ok(index) = word.parse() {
        return Ok(Color::Indexed(index));
    }
    if word == "default" {
        return Ok(Color::Default);
    }
    let (plain, bright) = word.strip_prefix("bright-").map_or((word, 0), |rest| (rest, 8));
    let place = (0_u8..).zip(NAMES).find(|(_, name)| *name == plain).ok_or_else(unknown)?.0;
    Ok(Color::Ansi(place + bright))
}
