//! Styles by role. Views name a role, never a colour.

use ratatui::style::{Color, Modifier, Style};

/// Whether the room may use colours. The command line decides (`--color`, `NO_COLOR`, `TERM`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// The terminal's own sixteen colours.
    #[default]
    Ansi,
    /// Bold, dim, reversed and underlined only.
    Mono,
}

/// What a piece of text is, as far as its looks are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Data: the terminal's own foreground.
    Text,
    /// What may be overlooked.
    Muted,
    /// Titles and column names.
    Heading,
    /// Keys and what can be chosen.
    Accent,
    /// Works.
    Ok,
    /// May be in trouble.
    Warn,
    /// Is in trouble.
    Error,
    /// On its way.
    Info,
    /// Waits for a human.
    Attention,
    /// The row or button under the cursor, laid over what is there.
    Selection,
    /// Sparklines.
    Graph,
}

/// One row a role: its colour, its attributes beside the colour, its attributes without colour.
/// Backgrounds are never painted, so light and dark terminals both stay readable.
const TABLE: [(Role, Color, Modifier, Modifier); 11] = [
    (Role::Text, Color::Reset, Modifier::empty(), Modifier::empty()),
    (Role::Muted, Color::Reset, Modifier::DIM, Modifier::DIM),
    (Role::Heading, Color::Reset, Modifier::BOLD, Modifier::BOLD),
    (Role::Accent, Color::Blue, Modifier::BOLD, Modifier::BOLD),
    (Role::Ok, Color::Green, Modifier::empty(), Modifier::empty()),
    (Role::Warn, Color::Yellow, Modifier::BOLD, Modifier::BOLD),
    (Role::Error, Color::Red, Modifier::BOLD, Modifier::BOLD),
    (Role::Info, Color::Cyan, Modifier::empty(), Modifier::empty()),
    (Role::Attention, Color::Magenta, Modifier::BOLD, Modifier::BOLD.union(Modifier::UNDERLINED)),
    (Role::Selection, Color::Reset, Modifier::REVERSED, Modifier::REVERSED),
    (Role::Graph, Color::Reset, Modifier::empty(), Modifier::empty()),
];

/// A style for every role.
#[derive(Debug, Clone)]
pub(crate) struct Theme {
    styles: [Style; TABLE.len()],
}

impl Theme {
    /// The theme for a choice. Without colours no style names any, because the terminal library turns a
    /// colour it may not print into an empty sequence, and that resets bold and reversed as well.
    pub(crate) fn new(choice: ColorChoice) -> Self {
        let styles = TABLE.map(|(_, color, beside, without)| match (choice, color) {
            (ColorChoice::Mono, _) => Style::new().add_modifier(without),
            (ColorChoice::Ansi, Color::Reset) => Style::new().add_modifier(beside),
            (ColorChoice::Ansi, color) => Style::new().fg(color).add_modifier(beside),
        });
        Self { styles }
    }

    /// The style of a role.
    pub(crate) fn style(&self, role: Role) -> Style {
        TABLE
            .iter()
            .position(|row| row.0 == role)
            .and_then(|place| self.styles.get(place))
            .copied()
            .unwrap_or_default()
    }

    /// A theme whose colours are nothing but the roles' places in the table, for tests that read roles.
    #[cfg(test)]
    pub(crate) fn of_roles() -> Self {
        let mut place = 0;
        let styles = TABLE.map(|(role, ..)| {
            let style = match role {
                Role::Selection => Style::new().add_modifier(Modifier::REVERSED),
                _ => Style::new().fg(Color::Indexed(place)),
            };
            place += 1;
            style
        });
        Self { styles }
    }
}

#[cfg(test)]
mod tests {
    use super::{Color, ColorChoice, TABLE, Theme};

    #[test]
    fn mono_has_no_colour_and_no_theme_paints_a_background() {
        let (ansi, mono) = (Theme::new(ColorChoice::Ansi), Theme::new(ColorChoice::Mono));
        for (role, color, ..) in TABLE {
            assert_eq!(mono.style(role).fg, None, "{role:?}");
            assert_eq!(ansi.style(role).fg, (color != Color::Reset).then_some(color), "{role:?}");
            assert_eq!((mono.style(role).bg, ansi.style(role).bg), (None, None), "{role:?}");
        }
    }
}
