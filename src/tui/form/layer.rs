//! What lies over the rows of a form.

use super::hops::HopList;
use crate::{engine::check::Step, tui::bindings::Motion};

/// A layer.
#[derive(Debug)]
pub(crate) enum Layer {
    /// The list of bastions.
    Hops(HopList),
    /// Changes would be lost.
    Leave {
        /// The button under the cursor.
        button: usize,
    },
    /// The file was changed by something else.
    Changed {
        /// How it differs, a line each.
        lines: Vec<String>,
        /// The first of them that is shown.
        offset: usize,
        /// Why it cannot be read, if it cannot.
        broken: Option<String>,
        /// The button under the cursor.
        button: usize,
    },
    /// A test of the path.
    Trial {
        /// What it found; `None` while it runs.
        steps: Option<Vec<Step>>,
    },
}

/// The words on the buttons of [`Layer::Leave`]. The one that changes nothing comes first.
const LEAVE: [&str; 3] = ["Keep editing", "Discard", "Save"];
/// Those of [`Layer::Changed`] where the file can be read.
const CHANGED: [&str; 3] = ["Keep editing", "Put mine on top", "Reload"];
/// Those where it cannot: nothing can go on top of it or be taken from it.
const BROKEN: [&str; 3] = ["Keep editing", "Open in $EDITOR", "Copy mine"];

/// Rows of the box that are no lines of the difference, at most.
const AROUND: u16 = 12;

/// The lines of a difference that a screen of this height shows at a time.
pub(crate) fn page(height: u16) -> usize {
    usize::from(height.saturating_sub(AROUND).max(1))
}

impl Layer {
    /// The words on its buttons.
    pub(crate) fn buttons(&self) -> [&'static str; 3] {
        match self {
            Self::Changed { broken: None, .. } => CHANGED,
            Self::Changed { broken: Some(_), .. } => BROKEN,
            Self::Leave { .. } | Self::Hops(_) | Self::Trial { .. } => LEAVE,
        }
    }

    /// Goes to another button.
    pub(super) fn turn(&mut self, forward: bool) {
        let number = self.buttons().len();
        if let Self::Leave { button } | Self::Changed { button, .. } = self {
            *button = (*button + if forward { 1 } else { number - 1 }) % number;
        }
    }

    /// True if there is more of the difference than a screen of this height shows.
    pub(super) fn is_long(&self, height: u16) -> bool {
        matches!(self, Self::Changed { lines, .. } if lines.len() > page(height))
    }

    /// Moves along the difference.
    pub(super) fn scroll(&mut self, motion: Motion, height: u16) {
        let Self::Changed { lines, offset, .. } = self else { return };
        let page = page(height);
        let last = lines.len().saturating_sub(page);
        *offset = match motion {
            Motion::Up => offset.saturating_sub(1),
            Motion::PageUp | Motion::HalfUp => offset.saturating_sub(page),
            Motion::Down => *offset + 1,
            Motion::PageDown | Motion::HalfDown => *offset + page,
            Motion::Top => 0,
            Motion::Bottom => last,
        }
        .min(last);
    }
}

/// How one text differs from another: what is gone with `-`, what came with `+`.
pub(super) fn difference(old: &str, new: &str) -> Vec<String> {
    let (a, b): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let left = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
    let part = |lines: &[&str], sign: &str| {
        let lines = lines.get(head..lines.len() - tail).unwrap_or_default();
        lines.iter().map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    let (gone, came) = (part(&a, "-"), part(&b, "+"));
    gone.into_iter().chain(came).collect()
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), ["- b", "+ x", "+ y"]);
        assert_eq!(difference("a\na\n", "a\n"), ["- a"]);
        assert_eq!(difference("", "1\n2\n3\n"), ["+ 1", "+ 2", "+ 3"]);
    }
}
