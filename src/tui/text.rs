//! A line of text being typed that may be seen.

use tui_input::{Input, InputRequest};

/// The longest text, in characters.
const LONGEST: usize = 500;

/// A change of the text or a movement in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character under it.
    Delete,
    /// Delete the word before it.
    DeleteWord,
    /// Delete everything before it.
    DeleteAll,
    /// Delete everything from it on.
    DeleteRest,
    /// To the start.
    Start,
    /// To the end.
    End,
    /// One character back.
    Left,
    /// One character on.
    Right,
    /// One word back.
    WordLeft,
    /// One word on.
    WordRight,
}

/// The text and its cursor.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextInput(Input);

impl TextInput {
    /// This text, with the cursor at its end.
    pub(crate) fn new(text: &str) -> Self {
        Self(Input::new(text.to_owned()))
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        self.0.value()
    }

    /// The text before the cursor and from it on.
    pub(crate) fn parts(&self) -> (String, String) {
        let text = self.0.value().chars();
        (text.clone().take(self.0.cursor()).collect(), text.skip(self.0.cursor()).collect())
    }

    /// Types a character, unless it is a control character or there is no room.
    pub(crate) fn push(&mut self, c: char) {
        if !c.is_control() && self.text().chars().count() < LONGEST {
            self.0.handle(InputRequest::InsertChar(c));
        }
    }

    /// Types the first line of what was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        text.lines().next().unwrap_or_default().chars().for_each(|c| self.push(c));
    }

    /// Changes the text or moves in it.
    pub(crate) fn edit(&mut self, edit: Edit) {
        self.0.handle(match edit {
            Edit::Backspace => InputRequest::DeletePrevChar,
            Edit::Delete => InputRequest::DeleteNextChar,
            Edit::DeleteWord => InputRequest::DeletePrevWord,
            Edit::DeleteAll => InputRequest::DeleteFromStart,
            Edit::DeleteRest => InputRequest::DeleteTillEnd,
            Edit::Start => InputRequest::GoToStart,
            Edit::End => InputRequest::GoToEnd,
            Edit::Left => InputRequest::GoToPrevChar,
            Edit::Right => InputRequest::GoToNextChar,
            Edit::WordLeft => InputRequest::GoToPrevWord,
            Edit::WordRight => InputRequest::GoToNextWord,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, TextInput};

    #[test]
    fn text_is_edited_as_in_a_shell() {
        let mut input = TextInput::new("state:fail web");
        input.edit(Edit::DeleteWord);
        input.paste("prod\nrm");
        assert_eq!(input.text(), "state:fail prod");
        input.edit(Edit::Start);
        input.push('!');
        input.push('\u{1b}');
        assert_eq!(input.parts(), ("!".to_owned(), "state:fail prod".to_owned()));
        input.edit(Edit::DeleteRest);
        input.edit(Edit::Backspace);
        assert_eq!(input.text(), "");
    }

    #[test]
    fn text_has_an_end() {
        let mut input = TextInput::default();
        input.paste(&"x".repeat(9999));
        assert_eq!(input.text().len(), 500);
    }
}
