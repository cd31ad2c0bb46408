//! What a click on a place of the screen means. The view tells it while it draws, so a place is where it is seen.

use ratatui::layout::Rect;

use super::{
    answer::KeyChoice,
    bindings::{Binding, Key},
    order::{ProfileKey, SessionKey},
    overlay::Button,
};

/// The meaning of a place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    /// None: a box lies there.
    Box,
    /// A key in the footer.
    Hint(&'static Binding),
    /// One of two buttons.
    Button(Button),
    /// A decision about a host key.
    Choice(KeyChoice),
    /// A key that the text there tells of.
    Press(Key),
    /// A row of the box on top, by its place.
    Row(usize),
    /// A command in the help or the palette, by its place among those that are found.
    Command(usize),
    /// A field of the form, by its place.
    Field(usize),
    /// A bastion in the list over the form, by its place.
    Hop(usize),
    /// A button of a box over the form, by its place.
    FormButton(usize),
    /// The title of a column of the sessions.
    Session(SessionKey),
    /// The title of a column of the profiles.
    Profile(ProfileKey),
}

/// The places of a screen; what was drawn later lies above.
#[derive(Debug, Default)]
pub(crate) struct Spots(Vec<(Rect, Spot)>);

impl Spots {
    /// Adds a place.
    pub(crate) fn add(&mut self, area: Rect, spot: Spot) {
        self.0.push((area, spot));
    }

    /// Adds those of a screen that was drawn later.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What lies there on top.
    pub(crate) fn at(&self, (x, y): (u16, u16)) -> Option<Spot> {
        self.0.iter().rfind(|(area, _)| area.contains((x, y).into())).map(|(_, spot)| *spot)
    }
}
