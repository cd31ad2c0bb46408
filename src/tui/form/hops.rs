//! The list of bastions, one a line.

use tui_input::Input;

/// Bastions being edited, outermost first.
#[derive(Debug, Clone)]
pub(crate) struct HopList {
    /// A text each: `[user@]host[:port]`, and its key file behind a space.
    pub(crate) hops: Vec<Input>,
    /// The one with the cursor.
    pub(crate) cursor: usize,
}

impl HopList {
    /// The list of a text with commas.
    pub(crate) fn new(text: &str) -> Self {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let mut hops: Vec<Input> = items.map(|item| Input::new(item.to_owned())).collect();
        if hops.is_empty() {
            hops.push(Input::default());
        }
        Self { hops, cursor: 0 }
    }

    /// The list as a text with commas.
    pub(crate) fn text(&self) -> String {
        let items = self.hops.iter().map(|hop| hop.value().trim()).filter(|item| !item.is_empty());
        items.collect::<Vec<_>>().join(", ")
    }

    /// The hop under the cursor.
    pub(crate) fn input(&mut self) -> Option<&mut Input> {
        self.hops.get_mut(self.cursor)
    }

    /// Puts the cursor on the hop at this place.
    pub(crate) fn select(&mut self, place: usize) {
        self.cursor = place.min(self.hops.len().saturating_sub(1));
    }

    /// Moves the cursor.
    pub(crate) fn travel(&mut self, down: bool) {
        let step = if down { 1 } else { -1 };
        self.cursor = self.cursor.saturating_add_signed(step).min(self.hops.len().saturating_sub(1));
    }

    /// A new hop behind the one under the cursor.
    pub(crate) fn add(&mut self) {
        self.cursor = (self.cursor + 1).min(self.hops.len());
        self.hops.insert(self.cursor, Input::default());
    }

    /// Takes the hop under the cursor away.
    pub(crate) fn remove(&mut self) {
        if self.cursor < self.hops.len() {
            self.hops.remove(self.cursor);
        }
        if self.hops.is_empty() {
            self.hops.push(Input::default());
        }
        self.travel(false);
    }

    /// Moves the hop under the cursor inwards or outwards.
    pub(crate) fn shift(&mut self, inwards: bool) {
        let from = self.cursor;
        self.travel(inwards);
        if from < self.hops.len() && self.cursor < self.hops.len() {
            self.hops.swap(from, self.cursor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HopList;
    use tui_input::Input;

    #[test]
    fn hops_come_go_and_change_places() {
        let mut list = HopList::new("a, jo@b:22 ~/.ssh/k,, c");
        assert_eq!(list.text(), "a, jo@b:22 ~/.ssh/k, c");
        list.shift(true);
        assert_eq!((list.text().as_str(), list.cursor), ("jo@b:22 ~/.ssh/k, a, c", 1));
        list.add();
        *list.input().unwrap() = Input::new("x".into());
        assert_eq!(list.text(), "jo@b:22 ~/.ssh/k, a, x, c");
        list.travel(false);
        list.remove();
        assert_eq!((list.text().as_str(), list.cursor), ("jo@b:22 ~/.ssh/k, x, c", 0));
        for _ in 0..5 {
            list.remove();
        }
        assert_eq!((list.text().as_str(), list.hops.len()), ("", 1));
    }
}
