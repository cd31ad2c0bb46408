//! Who gets which rows of the screen. Both the view and the scrolling ask here.

use super::{desk::Zoom, log::LogSize, model::Model, model::Pane, notes};

/// How much of everything there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Three sections with titles and column names.
    Full,
    /// Two sections, the upper one without a title.
    Compact,
    /// The section in focus, one line a row.
    Line,
    /// A sentence.
    Tiny,
}

impl Form {
    /// The form for a terminal of this size.
    pub(crate) fn of((width, height): (u16, u16)) -> Self {
        match (width, height) {
            (80.., 20..) => Self::Full,
            (60.., 12..) => Self::Compact,
            (30.., 4..) => Self::Line,
            _ => Self::Tiny,
        }
    }
}

/// The rows of a section, counted from the top of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Section {
    /// The row of its title.
    pub(crate) rule: Option<u16>,
    /// The row of its column names.
    pub(crate) head: Option<u16>,
    /// The first row of its contents.
    pub(crate) top: u16,
    /// How many rows of contents there are.
    pub(crate) height: u16,
}

/// The screen: a header in row 0, then sections, then a footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// How much there is room for.
    pub(crate) form: Form,
    /// Sessions.
    pub(crate) sessions: Option<Section>,
    /// Profiles.
    pub(crate) profiles: Option<Section>,
    /// Log.
    pub(crate) log: Option<Section>,
    /// The row of the footer.
    pub(crate) footer: Option<u16>,
}

/// Cuts sections off a column of rows, from the top.
struct Rows {
    next: u16,
}

impl Rows {
    fn take(&mut self) -> u16 {
        self.next += 1;
        self.next - 1
    }

    fn section(&mut self, rule: bool, head: bool, height: u16) -> Section {
        let rule = rule.then(|| self.take());
        let head = head.then(|| self.take());
        let top = self.next;
        self.next += height;
        Section { rule, head, top, height }
    }
}

impl Layout {
    /// The layout of what the model holds now.
    pub(crate) fn of(model: &Model) -> Self {
        let form = Form::of(model.size);
        match form {
            Form::Full | Form::Compact if model.desk.zoom == Zoom::Whole => whole(model, form),
            Form::Full => full(model),
            Form::Compact => compact(model),
            Form::Line => line(model),
            Form::Tiny => Self { form, sessions: None, profiles: None, log: None, footer: None },
        }
    }

    /// The section of a pane, if it is on the screen.
    pub(crate) fn section(&self, pane: Pane) -> Option<Section> {
        match pane {
            Pane::Sessions => self.sessions,
            Pane::Profiles => self.profiles,
            Pane::Log => self.log,
        }
    }
}

fn rows(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX).max(1)
}

/// Shares `height` between sessions, which come first, and profiles, which get at least two fifths if they
/// need it.
fn share(model: &Model, form: Form, height: u16) -> (u16, u16) {
    let sessions = rows(notes::lines_of_all(model, form));
    let profiles = rows(model.catalog.rows.len());
    let sessions = if sessions.saturating_add(profiles) < height {
        sessions + 1
    } else {
        sessions.min(height.saturating_sub(profiles).max(height * 3 / 5))
    };
    (sessions, height - sessions.min(height))
}

fn full(model: &Model) -> Layout {
    let height = model.size.1;
    let log = match model.log.size {
        LogSize::Tall => height / 2,
        LogSize::Small if height >= 28 => 4,
        LogSize::Small => 2,
    };
    // Header, footer, three rules, two lines of column names.
    let (sessions, profiles) = share(model, Form::Full, height.saturating_sub(log + 7));
    let mut rows = Rows { next: 1 };
    Layout {
        form: Form::Full,
        sessions: Some(rows.section(true, true, sessions)),
        profiles: Some(rows.section(true, true, profiles)),
        log: Some(rows.section(true, false, log)),
        footer: Some(height - 1),
    }
}

fn compact(model: &Model) -> Layout {
    let height = model.size.1;
    // Header, rule, footer.
    let (sessions, lower) = share(model, Form::Compact, height.saturating_sub(3));
    let mut rows = Rows { next: 1 };
    let sessions = rows.section(false, false, sessions);
    let lower = rows.section(true, false, lower);
    let log_shown = match model.focus {
        Pane::Log => true,
        Pane::Profiles => false,
        Pane::Sessions => model.log.size == LogSize::Tall,
    };
    Layout {
        form: Form::Compact,
        sessions: Some(sessions),
        profiles: (!log_shown).then_some(lower),
        log: log_shown.then_some(lower),
        footer: Some(height - 1),
    }
}

/// The pane in focus and nothing else.
fn whole(model: &Model, form: Form) -> Layout {
    let height = model.size.1;
    let head = form == Form::Full && model.focus != Pane::Log;
    // Header, rule, column names, footer.
    let body = Rows { next: 1 }.section(true, head, height.saturating_sub(3 + u16::from(head)));
    Layout {
        form,
        sessions: (model.focus == Pane::Sessions).then_some(body),
        profiles: (model.focus == Pane::Profiles).then_some(body),
        log: (model.focus == Pane::Log).then_some(body),
        footer: Some(height - 1),
    }
}

fn line(model: &Model) -> Layout {
    let height = model.size.1;
    let footer = (height >= 8).then(|| height - 1);
    let body = Rows { next: 1 }.section(false, false, height - 1 - u16::from(footer.is_some()));
    Layout {
        form: Form::Line,
        sessions: (model.focus == Pane::Sessions).then_some(body),
        profiles: (model.focus == Pane::Profiles).then_some(body),
        log: (model.focus == Pane::Log).then_some(body),
        footer,
    }
}

/// The offset that shows the rows `from..to` in a window of `height`, as near to the old offset as can be.
pub(crate) fn scrolled(offset: usize, (from, to): (usize, usize), height: usize, total: usize) -> usize {
    let offset = offset.min(total.saturating_sub(height));
    if from < offset {
        from
    } else if to > offset + height {
        // What is taller than the window shows its beginning.
        to.saturating_sub(height).min(from)
    } else {
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, scrolled};

    #[test]
    fn forms_follow_the_size() {
        assert_eq!(Form::of((100, 30)), Form::Full);
        assert_eq!(Form::of((80, 24)), Form::Full);
        assert_eq!(Form::of((200, 19)), Form::Compact);
        assert_eq!(Form::of((60, 12)), Form::Compact);
        assert_eq!(Form::of((40, 10)), Form::Line);
        assert_eq!(Form::of((30, 4)), Form::Line);
        assert_eq!(Form::of((29, 50)), Form::Tiny);
        assert_eq!(Form::of((0, 0)), Form::Tiny);
    }

    #[test]
    fn scrolling_moves_no_more_than_it_must() {
        assert_eq!(scrolled(0, (3, 4), 5, 20), 0);
        assert_eq!(scrolled(0, (5, 6), 5, 20), 1);
        assert_eq!(scrolled(4, (2, 3), 5, 20), 2);
        assert_eq!(scrolled(18, (19, 20), 5, 20), 15);
        assert_eq!(scrolled(0, (4, 12), 5, 20), 4, "taller than the window");
        assert_eq!(scrolled(7, (0, 1), 5, 1), 0);
    }
}
