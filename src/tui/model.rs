//! Everything the screen shows, as data.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use super::{
    answer::{AnswerForm, SavedKey},
    bindings::{self, Cmd, Context},
    catalog::{Catalog, Row},
    desk::Desk,
    filter::Query,
    form, keymap,
    layout::{Form, Layout, scrolled},
    log::{Line, Log},
    msg::Moment,
    notes,
    order::ProfileKey,
    orders::Orders,
    overlay::{Confirm, Overlay, Waiting},
    picker::Stage,
    sessions::{Session, Sessions},
    theme::Role,
};
use crate::{
    engine::{QuestionId, SessionId, profiles::Judge},
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
    /// Columns and rows of the lists; see [`Model::fit`].
    pub(crate) size: (u16, u16),
    /// Columns and rows of the whole screen.
    pub(crate) screen: (u16, u16),
    /// How the user has arranged the room.
    pub(crate) desk: Desk,
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
    /// What the room was told to do later.
    pub(crate) orders: Orders,
    /// What lies over the screen, the top one last.
    pub(crate) overlays: Vec<Overlay>,
    /// Where keys go.
    pub(crate) focus: Pane,
    /// Whether the room is open.
    pub(crate) phase: Phase,
    /// Why the last key did nothing.
    pub(crate) notice: Option<String>,
    /// True if the screen shows something else than this.
    pub(crate) dirty: bool,
}

impl Model {
    /// A room that has just been opened.
    pub(crate) fn new(catalog: Catalog, desk: Desk, size: (u16, u16), now: Moment) -> Self {
        Self {
            now,
            size,
            screen: size,
            desk,
            catalog,
            sessions: Sessions::default(),
            starting: BTreeSet::new(),
            log: Log::default(),
            questions: VecDeque::new(),
            orders: Orders::default(),
            overlays: Vec::new(),
            focus: Pane::Profiles,
            phase: Phase::Open { interrupted: None },
            notice: None,
            dirty: true,
        }
    }

    /// Who gets the next key.
    pub(crate) fn context(&self) -> Context {
        match self.overlays.last() {
            _ if Form::of(self.screen) == Form::Tiny => Context::Tiny,
            Some(Overlay::Help(_)) => Context::Help,
            Some(Overlay::Palette(_)) => Context::Palette,
            Some(Overlay::Filter { .. }) => Context::Filter,
            Some(Overlay::Copy { .. }) => Context::Menu,
            Some(Overlay::Picker(picker)) if picker.is_finding() => Context::Find,
            Some(Overlay::Picker(picker)) if !matches!(picker.stage, Stage::Typing { .. }) => Context::Picker,
            Some(Overlay::Picker(_) | Overlay::CaptureFilter(_)) => Context::Field,
            Some(Overlay::Confirm { .. } | Overlay::Question { form: AnswerForm::Choice(_), .. }) => {
                Context::Dialog
            }
            Some(Overlay::Question { form: AnswerForm::Secret(_), .. }) => Context::Secret,
            Some(Overlay::Question { form: AnswerForm::HostKey(_), .. }) => Context::HostKey,
            Some(Overlay::Question { form: AnswerForm::Touch, .. } | Overlay::ChangedKey(_)) => {
                Context::Notice
            }
            Some(Overlay::Save(_)) => Context::Save,
            Some(Overlay::Spools(_)) => Context::Spools,
            Some(Overlay::Import(_)) => Context::Import,
            Some(Overlay::Sheet(_)) => Context::Sheet,
            Some(Overlay::Opening(_)) => Context::Dialog,
            Some(Overlay::Form(form)) => form::keys::context(form.layer.as_ref()),
            None => self.room_context(),
        }
    }

    /// Who would get it without anything lying over the screen.
    fn room_context(&self) -> Context {
        match self.focus {
            _ if self.detailed_alone().is_some() => Context::Detail,
            Pane::Sessions => Context::Sessions,
            Pane::Profiles => Context::Profiles,
            Pane::Log => Context::Log,
        }
    }

    /// Who is asked for a key's meaning, in this order.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = Context> {
        let room = self.overlays.is_empty() && Form::of(self.screen) != Form::Tiny;
        let top = (!room).then(|| self.context());
        top.into_iter().chain(self.room_contexts().filter(move |_| room))
    }

    /// The same without boxes lying over the screen: a form is a screen of its own.
    pub(crate) fn room_contexts(&self) -> impl Iterator<Item = Context> {
        let form = form::of(self).map(|form| form::keys::context(form.layer.as_ref()));
        let plain = form.is_none() && self.detailed_alone().is_none();
        let filtered = plain && !self.query(self.focus).is_empty();
        let own = form.unwrap_or_else(|| self.room_context());
        filtered.then_some(Context::Filtered).into_iter().chain([own])
    }

    /// The filter of a pane.
    pub(crate) fn query(&self, pane: Pane) -> &Query {
        match pane {
            Pane::Sessions => &self.sessions.query,
            Pane::Profiles => &self.catalog.query,
            Pane::Log => &self.log.query,
        }
    }

    /// What must be drawn again by itself, and how soon.
    pub(crate) fn aging(&self) -> Aging {
        if self.desk.frozen.is_some() {
            Aging::Seconds
        } else if self.sessions.all.values().any(|session| session.state.is_live()) {
            Aging::Numbers
        } else if self.sessions.active_count() > 0
            || form::of(self).is_some_and(|form| form.judge_of_filter() == Some(Judge::Target))
            || self.overlays.iter().any(|o| o.looking().is_some())
        {
            Aging::Seconds
        } else {
            Aging::Nothing
        }
    }

    /// Adds a line to the log.
    pub(crate) fn say(&mut self, who: impl Into<String>, text: impl Into<String>, role: Role) {
        self.log.push(Line { at: self.now.wall, who: who.into(), text: text.into(), role });
    }

    /// How many of the captures that a box is about still run, or are about to.
    pub(crate) fn running_of(&self, what: &Confirm) -> usize {
        let running = self.sessions.active().filter(|(id, _)| what.concerns(*id)).count();
        running + if *what == Confirm::Quit { self.starting.len() } else { 0 }
    }

    /// Whether leaving would cost packets that are in no file, if they were not kept in the spool.
    pub(crate) fn has_packets_at_stake(&self) -> bool {
        !self.desk.throwaway
            && (!self.starting.is_empty() || self.sessions.all.values().any(Session::may_lose))
    }

    /// The key of a command of the room, as it is now.
    pub(crate) fn key_of(&self, cmd: Cmd) -> String {
        let keymap = &self.desk.settings.keymap;
        let binding = bindings::all().find(|binding| binding.cmd == cmd);
        let key = binding.and_then(|b| keymap.keys(*b.contexts.first()?, b).first().map(ToString::to_string));
        key.unwrap_or_else(|| format!(":{}", keymap::name(cmd)))
    }

    /// The words on the buttons of a box.
    pub(crate) fn buttons_of(&self, what: &Confirm) -> Vec<String> {
        what.buttons(self.running_of(what), self.has_packets_at_stake())
    }

    /// The session of a target that has not ended.
    pub(crate) fn session_of(&self, name: &TargetName) -> Option<(SessionId, &Session)> {
        self.sessions.active().find(|(_, session)| session.name == *name)
    }

    /// The question with this number.
    pub(crate) fn question(&self, id: QuestionId) -> Option<&Waiting> {
        self.questions.iter().find(|waiting| waiting.question.id == id)
    }

    /// Opens the oldest question, if there is one.
    pub(crate) fn open_question(&mut self) {
        if let Some(id) = self.questions.front().map(|waiting| waiting.question.id) {
            self.open_this_question(id);
        }
    }

    /// Opens a question.
    pub(crate) fn open_this_question(&mut self, id: QuestionId) {
        if let Some(waiting) = self.question(id) {
            let form = AnswerForm::of(&waiting.question);
            self.overlays.push(Overlay::Question { id, form });
        }
    }

    /// The command that removes the known key of a host whose key has changed.
    pub(crate) fn removal_of(&self, id: SessionId) -> Option<String> {
        let failure = self.sessions.all.get(&id)?.state.failure()?;
        SavedKey::of(failure.hint.as_deref()?).map(|key| key.command.to_owned())
    }

    /// The name of a session's target, or of the target that a box looks at.
    pub(crate) fn name_of(&self, id: SessionId) -> String {
        let looks = |overlay: &&Overlay| overlay.looking().and_then(|looking| looking.id) == Some(id);
        let look = || Some(&self.overlays.iter().find(looks)?.subject()?.target.name);
        let session = self.sessions.all.get(&id).map(|session| &session.name);
        session.or_else(look).map_or_else(|| "wrcap".to_owned(), ToString::to_string)
    }

    /// Scrolls so that both cursors are to be seen.
    pub(crate) fn settle(&mut self) {
        let screen = self.screen;
        if let Some(form) = form::of_mut(self) {
            form.settle(screen);
        }
        self.sessions.supersede();
        self.sessions.keep_cursor();
        if !self.catalog.query.is_empty() {
            self.arrange_profiles();
        }
        let layout = Layout::of(self);
        if let Some(section) = layout.sessions {
            let height = usize::from(section.height);
            let (lines, total) = self.cursor_lines(layout.form, height);
            self.sessions.offset = scrolled(self.sessions.offset, lines, height, total);
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

    /// Makes the rows of the profiles anew: what a filter shows depends on the sessions.
    pub(crate) fn arrange_profiles(&mut self) {
        let sessions = &self.sessions;
        self.catalog.arrange(|name| sessions.word_of(name));
    }

    /// Notes that a target is in use now.
    pub(crate) fn use_now(&mut self, name: &TargetName) {
        self.catalog.used.note(name, self.now.wall);
        if self.catalog.sort.key == ProfileKey::Used {
            self.arrange_profiles();
        }
    }

    /// Puts what was read anew from the files in place of the profiles.
    pub(crate) fn renew_catalog(&mut self, new: Catalog) {
        for session in self.sessions.all.values_mut() {
            session.facts.renew(self.catalog.find(&session.name), new.find(&session.name));
        }
        let sessions = &self.sessions;
        self.catalog = self.catalog.renewed(new, |name| sessions.word_of(name));
    }

    /// The lines of the session under the cursor in a section of `height`, and how many lines there are.
    fn cursor_lines(&self, form: Form, height: usize) -> ((usize, usize), usize) {
        let (mut lines, mut total) = ((0, 0), 0);
        for (id, notes) in notes::laid(self, form, height) {
            if self.sessions.cursor == Some(id) {
                lines = (total, total + 1 + notes.len());
            }
            total += 1 + notes.len();
        }
        (lines, total)
    }
}
