//! Everything the screen shows, as data.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use jiff::tz::TimeZone;

use super::{
    bindings::Context,
    catalog::{Catalog, Row},
    form,
    glyphs::GlyphSet,
    layout::{Form, Layout, scrolled},
    log::{Line, Log},
    msg::Moment,
    notes,
    overlay::{AnswerForm, Overlay, Waiting},
    sessions::Sessions,
    theme::Role,
};
use crate::{
    engine::{QuestionId, Report},
    profile::TargetName,
};

/// A part of the screen that can have the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    /// The sessions.
    Sessions,
    /// The saved targets.
    Profiles,
    /// The log.
    Log,
}

/// Whether the room is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is.
    Open {
        /// When Ctrl-c was pressed last.
        interrupted: Option<Instant>,
    },
    /// Everything ends; what is left is shown until the engine is done.
    Leaving,
}

/// What on the screen grows older by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aging {
    /// Nothing: no timer runs.
    Nothing,
    /// Times.
    Seconds,
    /// Numbers.
    Numbers,
}

impl Aging {
    /// How long the screen may stay as it is.
    pub(crate) fn interval(self) -> Option<Duration> {
        match self {
            Self::Nothing => None,
            Self::Seconds => Some(Duration::from_secs(1)),
            Self::Numbers => Some(Duration::from_millis(250)),
        }
    }
}

/// The state of the room.
#[derive(Debug)]
pub(crate) struct Model {
    /// When the last message came.
    pub(crate) now: Moment,
    /// Columns and rows.
    pub(crate) size: (u16, u16),
    /// The signs to use.
    pub(crate) glyphs: GlyphSet,
    /// For times of day.
    pub(crate) zone: TimeZone,
    /// The saved targets.
    pub(crate) catalog: Catalog,
    /// The sessions.
    pub(crate) sessions: Sessions,
    /// Targets whose start was asked for and has not been heard of yet.
    pub(crate) starting: BTreeSet<TargetName>,
    /// The log.
    pub(crate) log: Log,
    /// Questions that wait, oldest first.
    pub(crate) questions: VecDeque<Waiting>,
    /// What lies over the screen, the top one last.
    pub(crate) overlays: Vec<Overlay>,
    /// Where keys go.
    pub(crate) focus: Pane,
    /// Whether the room is open.
    pub(crate) phase: Phase,
    /// Why the last key did nothing.
    pub(crate) notice: Option<String>,
    /// The accounts of the sessions that ended, in that order.
    pub(crate) reports: Vec<Report>,
    /// True if the screen shows something else than this.
    pub(crate) dirty: bool,
}

impl Model {
    /// A room that has just been opened.
    pub(crate) fn new(
        catalog: Catalog,
        glyphs: GlyphSet,
        zone: TimeZone,
        size: (u16, u16),
        now: Moment,
    ) -> Self {
        Self {
            now,
            size,
            glyphs,
            zone,
            catalog,
            sessions: Sessions::default(),
            starting: BTreeSet::new(),
            log: Log::default(),
            questions: VecDeque::new(),
            overlays: Vec::new(),
            focus: Pane::Profiles,
            phase: Phase::Open { interrupted: None },
            notice: None,
            reports: Vec::new(),
            dirty: true,
        }
    }

    /// Who gets the next key.
    pub(crate) fn context(&self) -> Context {
        match (self.overlays.last(), self.focus) {
            _ if Form::of(self.size) == Form::Tiny => Context::Tiny,
            (Some(Overlay::Help { .. }), _) => Context::Help,
            (Some(Overlay::Confirm { .. } | Overlay::Question { form: AnswerForm::Choice(_), .. }), _) => {
                Context::Dialog
            }
            (Some(Overlay::Question { form: AnswerForm::Secret(_), .. }), _) => Context::Secret,
            (Some(Overlay::Opening(_)), _) => Context::Dialog,
            (Some(Overlay::Form(form)), _) => form::keys::context(form.layer.as_ref()),
            (Some(Overlay::Save(_)), _) => Context::Save,
            (None, Pane::Sessions) => Context::Sessions,
            (None, Pane::Profiles) => Context::Profiles,
            (None, Pane::Log) => Context::Log,
        }
    }

    /// What must be drawn again by itself, and how soon.
    pub(crate) fn aging(&self) -> Aging {
        if self.sessions.all.values().any(|session| session.state.is_live()) {
            Aging::Numbers
        } else if self.sessions.active_count() > 0 {
            Aging::Seconds
        } else {
            Aging::Nothing
        }
    }

    /// Adds a line to the log.
    pub(crate) fn say(&mut self, who: impl Into<String>, text: impl Into<String>, role: Role) {
        self.log.push(Line { at: self.now.wall, who: who.into(), text: text.into(), role });
    }

    /// The question with this number.
    pub(crate) fn question(&self, id: QuestionId) -> Option<&Waiting> {
        self.questions.iter().find(|waiting| waiting.question.id == id)
    }

    /// Opens the oldest question, if there is one.
    pub(crate) fn open_question(&mut self) {
        if let Some(waiting) = self.questions.front() {
            let (id, form) = (waiting.question.id, AnswerForm::of(&waiting.question.prompt));
            self.overlays.push(Overlay::Question { id, form });
        }
    }

    /// Scrolls so that both cursors are to be seen.
    pub(crate) fn settle(&mut self) {
        let size = self.size;
        if let Some(form) = form::of_mut(self) {
            form.settle(size);
        }
        let layout = Layout::of(self);
        if let Some(section) = layout.sessions {
            let (lines, total) = self.cursor_lines(layout.form);
            self.sessions.offset = scrolled(self.sessions.offset, lines, usize::from(section.height), total);
        }
        if let Some(section) = layout.profiles {
            let catalog = &mut self.catalog;
            // A site's heading stays in sight of its first target.
            let headed = catalog.cursor.checked_sub(1).and_then(|above| catalog.rows.get(above));
            let heading = usize::from(section.height > 1 && matches!(headed, Some(Row::Site { .. })));
            let rows = (catalog.cursor - heading, catalog.cursor + 1);
            catalog.offset = scrolled(catalog.offset, rows, usize::from(section.height), catalog.rows.len());
        }
    }

    /// The lines of the session under the cursor, and how many lines there are.
    fn cursor_lines(&self, form: Form) -> ((usize, usize), usize) {
        let (mut lines, mut total) = ((0, 0), 0);
        for id in self.sessions.in_order() {
            let Some(session) = self.sessions.all.get(&id) else { continue };
            let height = notes::lines_of(session, form, self.size.0);
            if self.sessions.cursor == Some(id) {
                lines = (total, total + height);
            }
            total += height;
        }
        (lines, total)
    }
}
