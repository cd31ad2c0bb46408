//! What lies over the rows of a form.

use super::hops::HopList;
use crate::engine::check::Step;

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
pub(crate) const LEAVE: [&str; 3] = ["Keep editing", "Discard", "Save"];
/// The words on the buttons of [`Layer::Changed`].
pub(crate) const CHANGED: [&str; 3] = ["Keep editing", "Put mine on top", "Reload"];

impl Layer {
    /// Goes to another button.
    pub(super) fn turn(&mut self, forward: bool) {
        if let Self::Leave { button } | Self::Changed { button, .. } = self {
            *button = (*button + if forward { 1 } else { 2 }) % LEAVE.len();
        }
    }
}

/// How one text differs from another, at most `most` lines: what is gone with `-`, what came with `+`.
pub(crate) fn difference(old: &str, new: &str, most: usize) -> Vec<String> {
    let (a, b): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let head = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let left = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(left).take_while(|(a, b)| a == b).count();
    let part = |lines: &[&str], sign: &str| {
        let lines = lines.get(head..lines.len() - tail).unwrap_or_default();
        lines.iter().map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    let (gone, came) = (part(&a, "-"), part(&b, "+"));
    let total = gone.len() + came.len();
    let mut lines: Vec<_> = gone.into_iter().chain(came).take(most).collect();
    if total > most {
        lines.push(format!("and {} more", total - most));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n", 9), ["- b", "+ x", "+ y"]);
        assert_eq!(difference("a\na\n", "a\n", 9), ["- a"]);
        assert_eq!(difference("", "1\n2\n3\n", 2), ["+ 1", "+ 2", "and 1 more"]);
    }
}
