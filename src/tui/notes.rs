//! The lines below a session's row: why it failed and what to do.

use unicode_width::UnicodeWidthStr;

use super::{layout::Form, model::Model, order::Sort, sessions::Session, theme::Role};
use crate::{engine::SessionId, session::State};

/// Where notes begin, in cells from the left: under the names.
pub(crate) const INDENT: u16 = 10;

/// What stands for the rest of a note.
const DOTS: &str = " ...";

/// Lines below a row.
pub(crate) type Notes = Vec<(String, Role)>;

/// The most lines that a message and a hint take.
#[derive(Debug, Clone, Copy)]
struct Limit {
    message: usize,
    hint: usize,
}

/// Where there is room for everything.
const ROOMY: Limit = Limit { message: 3, hint: 3 };
/// Where there is hardly any.
const TIGHT: Limit = Limit { message: 1, hint: 0 };
/// What is tried, in this order.
const LIMITS: [Limit; 5] = [
    ROOMY,
    Limit { message: 2, hint: 2 },
    Limit { message: 2, hint: 1 },
    Limit { message: 1, hint: 1 },
    TIGHT,
];

/// The notes of a session, wrapped for a screen of `width`.
fn of(session: &Session, form: Form, width: u16, limit: Limit) -> Notes {
    let room = usize::from(width.saturating_sub(INDENT + 3));
    if matches!(form, Form::Line | Form::Tiny) || session.superseded {
        return Notes::new();
    }
    let lines =
        |text: &str, most, role| cut(wrap(text, room), most, room).into_iter().map(move |line| (line, role));
    if let Some(gap) = session.state.gap() {
        return lines(&gap.last.message, 1, Role::Text).collect();
    }
    let failure = match &session.state {
        State::Ended { .. } => session.state.failure(),
        _ => None,
    };
    let Some(failure) = failure else { return Notes::new() };
    let compact = form == Form::Compact;
    let message = limit.message.min(if compact { 2 } else { ROOMY.message });
    let hint = failure.hint.as_ref().filter(|_| !compact).map(|hint| format!("hint: {hint}"));
    let hint = hint.into_iter().flat_map(|hint| lines(&hint, limit.hint, Role::Muted));
    lines(&failure.message, message, Role::Text).chain(hint).collect()
}

/// At most so many lines; what is cut off is told by dots.
fn cut(mut lines: Vec<String>, most: usize, room: usize) -> Vec<String> {
    let more = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| more) {
        while last.width() + DOTS.len() > room && last.pop().is_some() {}
        last.push_str(DOTS);
    }
    lines
}

/// The sessions in the order of the screen, with the notes that `height` lines have room for: no reason of a failure hides
/// what runs. What has ended as asked comes last and may be scrolled to. The rest of a reason is in the details.
pub(crate) fn laid(model: &Model, form: Form, height: usize) -> Vec<(SessionId, Notes)> {
    let sessions: Vec<_> = model
        .sessions
        .in_order()
        .into_iter()
        .filter_map(|id| Some((id, model.sessions.all.get(&id)?)))
        .collect();
    let by_need = model.sessions.sort == Sort::default();
    let needed = |session: &Session| !by_need || !session.standing().is_history();
    let rows = sessions.iter().filter(|(_, session)| needed(session)).count();
    let mut spare = height.saturating_sub(rows);
    let all = |limit| sessions.iter().map(move |(_, session)| of(session, form, model.size.0, limit));
    let fits = |limit: &Limit| all(*limit).map(|notes| notes.len()).sum::<usize>() <= spare;
    let limit = LIMITS.into_iter().find(fits).unwrap_or(TIGHT);
    let mut laid = Vec::new();
    for ((id, _), mut notes) in sessions.iter().zip(all(limit)) {
        notes.truncate(spare);
        spare -= notes.len();
        laid.push((*id, notes));
    }
    laid
}

/// The lines that all sessions would like to have, their rows included.
pub(crate) fn lines_of_all(model: &Model, form: Form) -> usize {
    let lines = |session: &Session| 1 + of(session, form, model.size.0, ROOMY).len();
    model.sessions.all.values().map(lines).sum()
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

    #[test]
    fn what_is_cut_off_is_told() {
        let cut = |most| super::cut(wrap("no route to host at all", 8), most, 8);
        assert_eq!(cut(9), ["no route", "to host", "at all"]);
        assert_eq!(cut(2), ["no route", "to h ..."]);
        assert!(cut(0).is_empty());
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
