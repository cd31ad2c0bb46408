//! The lines below a session's row: why it failed and what to do.

use unicode_width::UnicodeWidthStr;

use super::{layout::Form, model::Model, sessions::Session, theme::Role};
use crate::session::State;

/// Where notes begin, in cells from the left: under the names.
pub(crate) const INDENT: u16 = 10;

/// The most lines that a message or a hint takes.
const LONGEST: usize = 3;

/// The notes of a session, wrapped for a screen of `width`.
pub(crate) fn of(session: &Session, form: Form, width: u16) -> Vec<(String, Role)> {
    let room = usize::from(width.saturating_sub(INDENT + 3));
    if let Some(gap) = session.state.gap() {
        let reason = || wrap(&gap.last.message, room).into_iter().map(|line| (line, Role::Text));
        return match form {
            Form::Full | Form::Compact => reason().take(1).collect(),
            Form::Line | Form::Tiny => Vec::new(),
        };
    }
    let State::Ended { .. } = &session.state else { return Vec::new() };
    let Some(failure) = session.state.failure() else { return Vec::new() };
    let message = || wrap(&failure.message, room).into_iter().map(|line| (line, Role::Text));
    let hint = || {
        let hint = failure.hint.as_ref().map(|hint| wrap(&format!("hint: {hint}"), room));
        hint.unwrap_or_default().into_iter().map(|line| (line, Role::Muted))
    };
    match form {
        Form::Full => message().take(LONGEST).chain(hint().take(LONGEST)).collect(),
        Form::Compact => message().take(2).collect(),
        Form::Line | Form::Tiny => Vec::new(),
    }
}

/// The lines of a session, its row included.
pub(crate) fn lines_of(session: &Session, form: Form, width: u16) -> usize {
    1 + of(session, form, width).len()
}

/// The lines of all sessions.
pub(crate) fn lines_of_all(model: &Model, form: Form) -> usize {
    model.sessions.all.values().map(|session| lines_of(session, form, model.size.0)).sum()
}

/// `text` in lines of at most `room` cells, broken at spaces where there are some.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let cells = word.width();
        if used > 0 && used + 1 + cells > room {
            lines.push(String::new());
            used = 0;
        }
        for (place, c) in (if used > 0 { " " } else { "" }).chars().chain(word.chars()).enumerate() {
            if used >= room && place > 0 {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::wrap;

    #[test]
    fn text_breaks_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("no route to host", 8), ["no route", "to host"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing_and_fits(text in "[a-zA-Z0-9 ]{0,80}", room in 1_usize..30) {
            let lines = wrap(&text, room);
            prop_assert!(lines.iter().all(|line| line.len() <= room), "{lines:?}");
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }
    }
}
