//! Styles by role. Views name a role, never a colour.

use ratatui::style::{Color, Modifier, Style};

use super::{
    palette,
    settings::{Depth, Settings},
};
use crate::profile::{ROLES, ThemeName};

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
    /// Sparklines of what may not be so any more.
    GraphAlt,
}

impl Role {
    /// Its name in the settings.
    pub(crate) fn name(self) -> &'static str {
        let place = TABLE.iter().position(|(role, ..)| *role == self).unwrap_or(0);
        ROLES.get(place).copied().unwrap_or_default()
    }
}

/// One row a role: its colour, its attributes beside the colour, its attributes without colour.
/// Backgrounds are never painted, so light and dark terminals both stay readable.
const TABLE: [(Role, Color, Modifier, Modifier); 12] = [
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
    (Role::GraphAlt, Color::Reset, Modifier::DIM, Modifier::DIM),
];

/// What the terminal's background is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Background {
    /// Rather dark.
    Dark,
    /// Rather light.
    Light,
}

/// A style for every role.
#[derive(Debug, Clone)]
pub(crate) struct Theme {
    styles: [Style; TABLE.len()],
}

impl Theme {
    /// The theme of the terminal's own colours, or of none. Without colours no style names any, because the terminal
    /// library turns a colour it may not print into an empty sequence, and that resets bold and reversed as well.
    pub(crate) fn new(choice: ColorChoice) -> Self {
        let styles = TABLE.map(|(_, color, beside, without)| match (choice, color) {
            (ColorChoice::Mono, _) => Style::new().add_modifier(without),
            (ColorChoice::Ansi, Color::Reset) => Style::new().add_modifier(beside),
            (ColorChoice::Ansi, color) => Style::new().fg(color).add_modifier(beside),
        });
        Self { styles }
    }

    /// The theme that the settings want, as far as this terminal can show it.
    pub(crate) fn of(choice: ColorChoice, settings: &Settings, background: Option<Background>) -> Self {
        let name = match (settings.theme, background, settings.depth) {
            (ThemeName::Auto, Some(Background::Dark), Depth::True) => ThemeName::Dark,
            (ThemeName::Auto, Some(Background::Light), Depth::True) => ThemeName::Light,
            // The terminal's own sixteen have no fine differences to choose from.
            (ThemeName::Auto, ..) | (ThemeName::Dark | ThemeName::Light, _, Depth::Sixteen) => {
                ThemeName::Ansi
            }
            (name, ..) => name,
        };
        let choice = if name == ThemeName::Mono { ColorChoice::Mono } else { choice };
        let depth = if name == ThemeName::Ansi { Depth::Sixteen } else { settings.depth };
        let mut theme = Self::new(choice);
        for ((role, ..), style) in TABLE.iter().zip(&mut theme.styles) {
            let own = palette::color(name, *role).filter(|_| choice == ColorChoice::Ansi);
            if let Some((red, green, blue)) = own {
                *style = style.fg(palette::fit(red, green, blue, depth)).remove_modifier(Modifier::DIM);
                style.sub_modifier = Modifier::empty();
            }
            if palette::is_reversed(name, *role) {
                *style = style.add_modifier(Modifier::REVERSED);
            }
            if let Some((_, look)) = settings.colors.iter().find(|(name, _)| *name == role.name()) {
                *style = palette::overridden(*style, look, choice, depth);
            }
        }
        theme
    }

    /// The style of a role.
    pub(crate) fn style(&self, role: Role) -> Style {
        TABLE
            .iter()
            .zip(self.styles)
            .find(|((known, ..), _)| *known == role)
            .map_or_else(Style::new, |(_, style)| style)
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
    use super::{
        Background, Color, ColorChoice, Depth, Modifier, ROLES, Role, Settings, TABLE, Theme, ThemeName,
    };
    use crate::profile::{Attribute, Look};

    #[test]
    fn roles_have_the_names_of_the_settings() {
        for ((role, ..), name) in TABLE.iter().zip(ROLES) {
            assert_eq!(format!("{role:?}").to_lowercase(), name.replace('_', ""));
            assert_eq!(role.name(), name);
        }
    }

    fn settings(theme: ThemeName, depth: Depth) -> Settings {
        Settings { theme, depth, ..Settings::default() }
    }

    fn ok(settings: &Settings, choice: ColorChoice, background: Option<Background>) -> Option<Color> {
        Theme::of(choice, settings, background).style(Role::Ok).fg
    }

    #[test]
    fn the_terminal_and_the_settings_choose_the_colours() {
        use Background::{Dark, Light};
        let rgb = |r, g, b| Some(Color::Rgb(r, g, b));
        for (theme, depth, background, expected) in [
            (ThemeName::Auto, Depth::True, None, Some(Color::Green)),
            (ThemeName::Auto, Depth::True, Some(Dark), rgb(0x5f, 0xd7, 0xaf)),
            (ThemeName::Auto, Depth::True, Some(Light), rgb(0, 0x70, 0x4f)),
            (ThemeName::Auto, Depth::Indexed, Some(Light), Some(Color::Green)),
            (ThemeName::Ansi, Depth::True, Some(Dark), Some(Color::Green)),
            (ThemeName::Dark, Depth::Indexed, None, Some(Color::Indexed(79))),
            (ThemeName::Dark, Depth::Sixteen, None, Some(Color::Green)),
            (ThemeName::ColorblindLight, Depth::True, Some(Dark), rgb(0, 0x70, 0xaf)),
            (ThemeName::Mono, Depth::True, Some(Dark), None),
        ] {
            assert_eq!(
                ok(&settings(theme, depth), ColorChoice::Ansi, background),
                expected,
                "{theme:?} {depth:?}"
            );
            assert_eq!(
                ok(&settings(theme, depth), ColorChoice::Mono, background),
                None,
                "{theme:?} {depth:?}"
            );
        }
        let theme = Theme::of(ColorChoice::Ansi, &settings(ThemeName::ColorblindDark, Depth::True), None);
        assert!(theme.style(Role::Error).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn looks_are_taken_over_as_far_as_they_can_be_shown() {
        let look =
            |color, attributes: &[Attribute]| Look { color: Some(color), attributes: attributes.to_vec() };
        let colors =
            vec![("ok".to_owned(), look(crate::profile::Color::Rgb(250, 10, 10), &[Attribute::Underlined]))];
        let style = |choice, theme| {
            let settings = Settings { colors: colors.clone(), ..settings(theme, Depth::True) };
            Theme::of(choice, &settings, None).style(Role::Ok)
        };
        let dark = style(ColorChoice::Ansi, ThemeName::Dark);
        assert_eq!((dark.fg, dark.add_modifier), (Some(Color::Rgb(250, 10, 10)), Modifier::UNDERLINED));
        assert_eq!(
            style(ColorChoice::Ansi, ThemeName::Ansi).fg,
            Some(Color::LightRed),
            "never more than sixteen"
        );
        let mono = style(ColorChoice::Mono, ThemeName::Dark);
        assert_eq!((mono.fg, mono.add_modifier), (None, Modifier::UNDERLINED));
    }

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
