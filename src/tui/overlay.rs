//! What lies over the screen and takes the keys.

use super::{
    answer::{AnswerForm, SecretForm},
    clean::Leftovers,
    copy::Item,
    form::{Form, Wanted},
    menu::Finder,
    picker::{FilterBox, Looking, Picker, Stage, Subject, Verdict},
    save::SaveForm,
    sheet::Sheet,
    spools::SpoolBox,
    text::TextInput,
    welcome::Import,
};
use crate::{
    engine::{Question, QuestionId, SessionId, spool::StoredSpool},
    profile::TargetName,
};

/// A layer over the screen; the top one gets the keys.
#[derive(Debug)]
pub(crate) enum Overlay {
    /// All keys.
    Help(Finder),
    /// All commands by name.
    Palette(Finder),
    /// A filter for the pane in focus, typed into its title.
    Filter {
        /// What is typed.
        input: TextInput,
        /// How far back in the history it was taken from; 0 was typed.
        recalled: usize,
    },
    /// What can be copied.
    Copy {
        /// What.
        items: Vec<Item>,
        /// The chosen one.
        cursor: usize,
    },
    /// Something that must be confirmed.
    Confirm {
        /// What.
        what: Confirm,
        /// The button under the cursor.
        button: Button,
    },
    /// What a profile would do.
    Sheet(Sheet),
    /// The interfaces of a target.
    Picker(Box<Picker>),
    /// A filter for the next start of a capture.
    CaptureFilter(Box<FilterBox>),
    /// Where to save captures, and how much of them.
    Save(SaveForm),
    /// What earlier runs left in the spool.
    Spools(SpoolBox),
    /// A question of ssh or sudo.
    Question {
        /// Its number.
        id: QuestionId,
        /// How it is answered.
        form: AnswerForm,
    },
    /// A host key that has changed, and whose session failed by it.
    ChangedKey(SessionId),
    /// The machines that can be imported.
    Import(Box<Import>),
    /// A form whose file is being read.
    Opening(Wanted),
    /// A profile being edited.
    Form(Box<Form>),
}

impl Overlay {
    /// The text that is being typed, if it may be seen.
    pub(crate) fn input_mut(&mut self) -> Option<&mut TextInput> {
        match self {
            Self::Filter { input, .. }
            | Self::Help(Finder { input, .. })
            | Self::Palette(Finder { input, .. }) => Some(input),
            Self::CaptureFilter(filter) => Some(&mut filter.input),
            Self::Picker(picker) => match &mut picker.stage {
                Stage::Typing { input, .. } => Some(input),
                Stage::Listed(list) => {
                    list.find.as_mut().filter(|find| find.typing).map(|find| &mut find.input)
                }
                Stage::Reading { .. } => None,
            },
            Self::Question { form: AnswerForm::HostKey(form), .. } => Some(&mut form.paste),
            Self::Copy { .. }
            | Self::Confirm { .. }
            | Self::Sheet(_)
            | Self::Question { .. }
            | Self::ChangedKey(_)
            | Self::Import(_)
            | Self::Save(_)
            | Self::Spools(_)
            | Self::Opening(_)
            | Self::Form(_) => None,
        }
    }

    /// The secret that is being typed.
    pub(crate) fn secret_mut(&mut self) -> Option<&mut SecretForm> {
        match self {
            Self::Question { form, .. } => form.secret_mut(),
            _ => None,
        }
    }

    /// The target that the box is about.
    pub(crate) fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Picker(picker) => Some(&picker.subject),
            Self::CaptureFilter(filter) => Some(&filter.subject),
            _ => None,
        }
    }

    /// The look that the box waits for.
    pub(crate) fn looking(&self) -> Option<&Looking> {
        match self {
            Self::Picker(picker) => Some(&picker.looking),
            Self::CaptureFilter(filter) => match &filter.verdict {
                Verdict::Asked(looking) => Some(looking),
                _ => None,
            },
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn looking_mut(&mut self) -> Option<&mut Looking> {
        match self {
            Self::Picker(picker) => Some(&mut picker.looking),
            Self::CaptureFilter(filter) => match &mut filter.verdict {
                Verdict::Asked(looking) => Some(looking),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What must be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confirm {
    /// Leave although captures are live, or packets are in no file.
    Quit,
    /// Stop several sessions.
    Stop(Vec<SessionId>),
    /// Kill sessions.
    Kill(Vec<SessionId>),
    /// Dismiss ended sessions, some of whose packets are nowhere but in the spool.
    Dismiss(Vec<SessionId>),
    /// End what earlier sessions left on a target.
    Clean(Leftovers),
    /// Remove what an earlier run left in the spool.
    RemoveSpool(Box<StoredSpool>),
    /// Delete profiles.
    Delete(Vec<TargetName>),
    /// Delete a site.
    DeleteSite {
        /// Which.
        site: String,
        /// How many targets go with it.
        targets: usize,
    },
}

/// One of two or three buttons. The one that changes nothing comes first and is chosen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Button {
    /// Leave everything as it is.
    #[default]
    Keep,
    /// Do it.
    Act,
    /// Do it, and delete what could be kept.
    Delete,
}

impl Button {
    /// All of them, from left to right.
    pub(crate) const ALL: [Self; 3] = [Self::Keep, Self::Act, Self::Delete];

    /// The next one of so many, or the one before, around both ends.
    pub(crate) fn turned(self, on: bool, number: usize) -> Self {
        let shown = &Self::ALL[..number.min(Self::ALL.len())];
        let at = shown.iter().position(|button| *button == self.among(number)).unwrap_or(0);
        let step = if on { 1 } else { number.saturating_sub(1) };
        shown.get((at + step) % number.max(1)).copied().unwrap_or_default()
    }

    /// Itself if it is one of the first so many, else the last of them: the others may have gone.
    pub(crate) fn among(self, number: usize) -> Self {
        let shown = &Self::ALL[..number.min(Self::ALL.len())];
        if shown.contains(&self) { self } else { shown.last().copied().unwrap_or_default() }
    }
}

impl Confirm {
    /// Whether it is about this session.
    pub(crate) fn concerns(&self, id: SessionId) -> bool {
        match self {
            Self::Quit => true,
            Self::Stop(ids) | Self::Kill(ids) | Self::Dismiss(ids) => ids.contains(&id),
            Self::Clean(_) | Self::RemoveSpool(_) | Self::Delete(_) | Self::DeleteSite { .. } => false,
        }
    }

    /// The box's title.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Quit => "Quit?",
            Self::Stop(_) => "Stop?",
            Self::Kill(_) => "Kill?",
            Self::Dismiss(_) => "Dismiss?",
            Self::Clean(_) => "End leftovers?",
            Self::RemoveSpool(_) => "Remove?",
            Self::Delete(_) | Self::DeleteSite { .. } => "Delete?",
        }
    }

    /// The words on its buttons, while so many of what it is about still run; `at_stake`: packets that are in no file.
    pub(crate) fn buttons(&self, running: usize, at_stake: bool) -> Vec<String> {
        let (keep, act) = match self {
            Self::Quit if at_stake => return quit_buttons(running),
            Self::Quit if running == 0 => ("Stay", "Quit".to_owned()),
            Self::Quit => ("Stay", "Stop all and quit".to_owned()),
            Self::Stop(_) => ("Keep running", format!("Stop {running}")),
            Self::Dismiss(_) => ("Keep", "Delete the packets".to_owned()),
            Self::RemoveSpool(_) => ("Keep", "Remove for good".to_owned()),
            Self::Clean(what) => ("Cancel", format!("End {}", what.number())),
            Self::Kill(_) if running == 1 => ("Keep running", "Kill".to_owned()),
            Self::Kill(_) => ("Keep running", format!("Kill {running}")),
            Self::DeleteSite { site, .. } => ("Keep", format!("Delete all of {site}")),
            Self::Delete(names) => match names.as_slice() {
                [name] => ("Keep", format!("Delete {}", name.target)),
                names => ("Cancel", format!("Delete {}", names.len())),
            },
        };
        vec![keep.to_owned(), act]
    }
}

/// Leaving with packets that are in no file: the button that loses something is the last one.
fn quit_buttons(running: usize) -> Vec<String> {
    let words = if running == 0 {
        ["Stay", "Quit, keep packets", "Quit, delete packets"]
    } else {
        ["Stay", "Stop all, keep packets", "Stop all, delete packets"]
    };
    words.map(str::to_owned).to_vec()
}

/// A question in the queue.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Whose.
    pub(crate) session: SessionId,
    /// Its target's name.
    pub(crate) name: String,
    /// What.
    pub(crate) question: Question,
}
