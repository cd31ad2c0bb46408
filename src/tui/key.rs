//! A key, and how it is written.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, with Ctrl or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// A character.
pub(crate) const fn key(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: false }
}

/// A character with Ctrl.
pub(crate) const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), ctrl: true }
}

/// A key with a name.
pub(crate) const fn named(code: KeyCode) -> Key {
    Key { code, ctrl: false }
}

/// A key with a name, with Ctrl.
pub(crate) const fn ctrl_named(code: KeyCode) -> Key {
    Key { code, ctrl: true }
}

impl From<KeyEvent> for Key {
    /// Shift is part of the character; other modifiers than Ctrl are never bound.
    fn from(event: KeyEvent) -> Self {
        Self { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) }
    }
}

/// The keys with names, as they are written.
const NAMED: [(&str, KeyCode); 14] = [
    ("Space", KeyCode::Char(' ')),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];

impl Key {
    /// The key that is written so: `x`, `X`, `Space`, `PgDn`, `F5`, `Ctrl-r`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rest, ctrl) = text.strip_prefix("Ctrl-").map_or((text, false), |rest| (rest, true));
        let mut chars = rest.chars();
        let code = match (chars.next()?, chars.next()) {
            (c, None) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            (c, None) => KeyCode::Char(c),
            ('F', Some('1'..='9')) => KeyCode::F(rest.get(1..)?.parse().ok().filter(|number| *number <= 24)?),
            _ if rest == "Home" => KeyCode::Home,
            _ if rest == "End" => KeyCode::End,
            _ => NAMED.iter().find(|(name, _)| *name == rest)?.1,
        };
        (!matches!(code, KeyCode::Char(c) if c.is_control())).then_some(Self { code, ctrl })
    }

    /// It, pressed.
    pub(crate) fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, if self.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE })
    }

    /// True if it types a character where text is typed.
    pub(crate) fn types(self) -> bool {
        !self.ctrl && matches!(self.code, KeyCode::Char(_))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => write!(f, "{code:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn what_is_no_key_is_not_read() {
        for text in ["", "xy", "Ctrl-", "Alt-x", "F0", "F99", "\u{1b}"] {
            assert_eq!(Key::parse(text), None, "{text:?}");
        }
    }
}
