//! A line of input that leaves no copy of itself in memory.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// The longest secret, in bytes. The buffer is as large from the start, because growing would leave the
/// smaller one's contents behind.
const LONGEST: usize = 1024;

/// A secret being typed.
pub(crate) struct SecretInput(Zeroizing<String>);

impl SecretInput {
    /// Nothing typed yet.
    pub(crate) fn new() -> Self {
        Self(Zeroizing::new(String::with_capacity(LONGEST)))
    }

    /// Adds a character, unless it is a control character or there is no room.
    pub(crate) fn push(&mut self, c: char) {
        if !c.is_control() && self.0.len() + c.len_utf8() <= LONGEST {
            self.0.push(c);
        }
    }

    /// Adds the first line of what was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        text.lines().next().unwrap_or_default().chars().for_each(|c| self.push(c));
    }

    /// Takes the last character away.
    pub(crate) fn pop(&mut self) {
        if self.0.pop().is_some() {
            // The byte stays in the spare capacity until it is overwritten.
            let kept = Zeroizing::new(self.0.as_str().to_owned());
            self.clear();
            self.0.push_str(&kept);
        }
    }

    /// Wipes everything.
    pub(crate) fn clear(&mut self) {
        self.0.zeroize();
    }

    /// How many characters there are.
    pub(crate) fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// The secret, to be shown to whoever types it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Hands the secret over and is empty afterwards.
    pub(crate) fn take(&mut self) -> Zeroizing<String> {
        std::mem::take(&mut self.0)
    }
}

impl fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretInput(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, SecretInput};

    #[test]
    fn only_one_line_without_control_characters_gets_in() {
        let mut input = SecretInput::new();
        input.paste("pä\u{1b}ss\nrm -rf");
        assert_eq!(input.len(), 4);
        input.pop();
        input.push('x');
        assert_eq!(format!("{input:?}"), "SecretInput(..)");
        assert_eq!(input.take().as_str(), "päsx");
        assert_eq!(input.len(), 0);
    }

    #[test]
    fn the_buffer_never_moves() {
        let mut input = SecretInput::new();
        let place = input.0.as_ptr();
        input.paste(&"ä".repeat(LONGEST));
        input.pop();
        assert_eq!((input.0.as_ptr(), input.len()), (place, LONGEST / 2 - 1));
    }
}
