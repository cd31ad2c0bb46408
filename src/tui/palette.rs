//! The colours of the themes, and what of them a terminal can show.

use ratatui::style::{Color, Modifier, Style};

use super::{
    settings::Depth,
    theme::{ColorChoice, Role},
};
use crate::profile::{self, Attribute, Look, ThemeName};

type Rgb = (u8, u8, u8);

const fn rgb(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    (red, green, blue)
}

/// Every colour has a contrast of at least 4.5 to 1 against the usual backgrounds; a test computes it.
pub(super) fn color(theme: ThemeName, role: Role) -> Option<Rgb> {
    let (dark, light) = match role {
        Role::Muted | Role::GraphAlt => (0x009a_9a9a, 0x006c_6c6c),
        Role::Accent => (0x005f_afff, 0x0000_5faf),
        Role::Ok => (0x005f_d7af, 0x0000_704f),
        Role::Warn => (0x00ff_af5f, 0x0087_5f00),
        Role::Error => (0x00ff_8787, 0x00af_0000),
        Role::Info => (0x0087_d7ff, 0x0000_5f87),
        Role::Attention => (0x00ff_afff, 0x0087_0087),
        Role::Text | Role::Heading | Role::Selection | Role::Graph => return None,
    };
    let (blind_dark, blind_light) = match role {
        Role::Ok => (0x0056_b4e9, 0x0000_70af),
        Role::Warn => (0x00e6_9f00, 0x007a_5200),
        Role::Error => (0x00ff_8a4c, 0x00a6_3c00),
        _ => (dark, light),
    };
    match theme {
        ThemeName::Dark => Some(rgb(dark)),
        ThemeName::Light => Some(rgb(light)),
        ThemeName::ColorblindDark => Some(rgb(blind_dark)),
        ThemeName::ColorblindLight => Some(rgb(blind_light)),
        ThemeName::Auto | ThemeName::Ansi | ThemeName::Mono => None,
    }
}

/// Where colours alone do not tell enough, the worst is reversed.
pub(super) fn is_reversed(theme: ThemeName, role: Role) -> bool {
    matches!(theme, ThemeName::ColorblindDark | ThemeName::ColorblindLight) && role == Role::Error
}

/// The sixteen as most terminals have them, for the nearest one.
const SIXTEEN: [(Color, u32); 16] = [
    (Color::Black, 0x0000_0000),
    (Color::Red, 0x00cd_0000),
    (Color::Green, 0x0000_cd00),
    (Color::Yellow, 0x00cd_cd00),
    (Color::Blue, 0x0000_00ee),
    (Color::Magenta, 0x00cd_00cd),
    (Color::Cyan, 0x0000_cdcd),
    (Color::Gray, 0x00e5_e5e5),
    (Color::DarkGray, 0x007f_7f7f),
    (Color::LightRed, 0x00ff_0000),
    (Color::LightGreen, 0x0000_ff00),
    (Color::LightYellow, 0x00ff_ff00),
    (Color::LightBlue, 0x005c_5cff),
    (Color::LightMagenta, 0x00ff_00ff),
    (Color::LightCyan, 0x0000_ffff),
    (Color::White, 0x00ff_ffff),
];

/// The colour, or the nearest one that the terminal knows.
pub(super) fn fit(red: u8, green: u8, blue: u8, depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(red, green, blue),
        Depth::Indexed => {
            Color::Indexed(nearest((16_u8..=255).map(|index| (index, of_index(index))), (red, green, blue)))
        }
        Depth::Sixteen => nearest(SIXTEEN.map(|(color, hex)| (color, rgb(hex))), (red, green, blue)),
    }
}

fn nearest<T: Default>(known: impl IntoIterator<Item = (T, Rgb)>, wanted: Rgb) -> T {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    let distance =
        |(red, green, blue): Rgb| square(red, wanted.0) + square(green, wanted.1) + square(blue, wanted.2);
    known.into_iter().min_by_key(|(_, color)| distance(*color)).map(|(color, _)| color).unwrap_or_default()
}

/// The colours from 16 on: a cube of six steps, then greys.
fn of_index(index: u8) -> Rgb {
    let step = |level: u8| if level == 0 { 0 } else { 55 + level * 40 };
    if let Some(grey) = index.checked_sub(232) {
        return (8 + grey * 10, 8 + grey * 10, 8 + grey * 10);
    }
    let cube = index.saturating_sub(16);
    (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
}

/// A style with the user's look laid over it. Without colours its attributes stay.
pub(super) fn overridden(style: Style, look: &Look, choice: ColorChoice, depth: Depth) -> Style {
    let color = look.color.filter(|_| choice == ColorChoice::Ansi).map(|color| match color {
        profile::Color::Default => Color::Reset,
        profile::Color::Ansi(index) => {
            SIXTEEN.get(usize::from(index)).map_or(Color::Reset, |(color, _)| *color)
        }
        profile::Color::Indexed(index) if depth == Depth::Sixteen => {
            let (red, green, blue) = of_index(index);
            let own = SIXTEEN.get(usize::from(index)).map(|(color, _)| *color);
            own.unwrap_or_else(|| fit(red, green, blue, depth))
        }
        profile::Color::Indexed(index) => Color::Indexed(index),
        profile::Color::Rgb(red, green, blue) => fit(red, green, blue, depth),
    });
    let modifier = |attribute: &Attribute| match attribute {
        Attribute::Bold => Modifier::BOLD,
        Attribute::Dim => Modifier::DIM,
        Attribute::Underlined => Modifier::UNDERLINED,
        Attribute::Reversed => Modifier::REVERSED,
    };
    let own: Modifier = look.attributes.iter().map(modifier).collect();
    let modifiers = if look.attributes.is_empty() { style.add_modifier } else { own };
    Style { fg: color.or(style.fg), add_modifier: modifiers, ..Style::new() }
}

#[cfg(test)]
mod tests {
    use super::{Color, Depth, Rgb, Role, ThemeName, color, fit, of_index, rgb};

    fn luminance((red, green, blue): Rgb) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_can_be_read() {
        let dark = [0x0000_0000, 0x001e_1e22, 0x0028_2c34].map(rgb);
        let light = [0x00ff_ffff, 0x00fd_f6e3, 0x00ee_eeee].map(rgb);
        let roles = [
            Role::Muted,
            Role::Accent,
            Role::Ok,
            Role::Warn,
            Role::Error,
            Role::Info,
            Role::Attention,
            Role::GraphAlt,
        ];
        for (theme, backgrounds) in [
            (ThemeName::Dark, dark),
            (ThemeName::ColorblindDark, dark),
            (ThemeName::Light, light),
            (ThemeName::ColorblindLight, light),
        ] {
            for role in roles {
                for background in backgrounds {
                    let found = contrast(color(theme, role).unwrap(), background);
                    assert!(found >= 4.5, "{theme:?} {role:?} on {background:?}: {found:.2}");
                }
            }
        }
    }

    #[test]
    fn colours_go_to_the_nearest_that_the_terminal_knows() {
        assert_eq!(fit(0x5f, 0xaf, 0xff, Depth::Indexed), Color::Indexed(75));
        assert_eq!(fit(0x9a, 0x9a, 0x9a, Depth::Indexed), Color::Indexed(247));
        assert_eq!(fit(0xff, 0x20, 0x20, Depth::Sixteen), Color::LightRed);
        assert_eq!(
            (of_index(16), of_index(231), of_index(255)),
            ((0, 0, 0), (255, 255, 255), (238, 238, 238))
        );
    }
}
