//! How the user has arranged the room: everything that is neither a target nor a session.

use super::{glyphs::GlyphSet, keymap::Keymap};

/// How many filters are remembered.
const FILTERS: usize = 50;

/// The arrangement.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// The signs to use.
    pub(crate) glyphs: GlyphSet,
    /// What the keys mean.
    pub(crate) keymap: Keymap,
    /// Filters that were used, the last one last.
    pub(crate) filters: Vec<String>,
}

impl Desk {
    /// Remembers a filter as the last one used.
    pub(crate) fn remember_filter(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.filters.retain(|known| known != text);
        self.filters.push(text.to_owned());
        let surplus = self.filters.len().saturating_sub(FILTERS);
        self.filters.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::{Desk, FILTERS};

    #[test]
    fn filters_are_remembered_once_and_not_forever() {
        let mut desk = Desk::default();
        for text in ["a", "b", "a", ""] {
            desk.remember_filter(text);
        }
        assert_eq!(desk.filters, ["b", "a"]);
        (0..100).for_each(|number| desk.remember_filter(&number.to_string()));
        assert_eq!((desk.filters.len(), desk.filters[FILTERS - 1].as_str()), (FILTERS, "99"));
    }
}
