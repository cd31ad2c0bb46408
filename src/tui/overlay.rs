//! What lies over the screen and takes the keys.

use super::{
    clean::Leftovers,
    form::{Form, Wanted},
    save::SaveForm,
    secret::SecretInput,
};
use crate::{
    engine::{Question, QuestionId, SessionId},
    profile::TargetName,
    remote::prompt::Prompt,
};

/// A layer over the screen; the top one gets the keys.
#[derive(Debug)]
pub(crate) enum Overlay {
    /// All keys, from this line on.
    Help {
        /// The first line that is shown.
        offset: usize,
    },
    /// Something that must be confirmed.
    Confirm {
        /// What.
        what: Confirm,
        /// The button under the cursor.
        button: Button,
    },
    /// Where to save captures, and how much of them.
    Save(SaveForm),
    /// A question of ssh or sudo.
    Question {
        /// Its number.
        id: QuestionId,
        /// How it is answered.
        form: AnswerForm,
    },
    /// A form whose file is being read.
    Opening(Wanted),
    /// A profile being edited.
    Form(Box<Form>),
}

/// What must be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Confirm {
    /// Leave although captures are live.
    Quit,
    /// Stop several sessions.
    Stop(Vec<SessionId>),
    /// Kill sessions.
    Kill(Vec<SessionId>),
    /// End what earlier sessions left on a target.
    Clean(Leftovers),
    /// Delete a profile.
    Delete(TargetName),
}

/// One of two buttons. The one that changes nothing comes first and is chosen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Button {
    /// Leave everything as it is.
    #[default]
    Keep,
    /// Do it.
    Act,
}

/// How a question is answered.
#[derive(Debug)]
pub(crate) enum AnswerForm {
    /// With a secret.
    Secret(SecretInput),
    /// With yes or no.
    Choice(Button),
}

impl AnswerForm {
    /// The empty form for a question.
    pub(crate) fn of(prompt: &Prompt) -> Self {
        if is_secret(prompt) { Self::Secret(SecretInput::new()) } else { Self::Choice(Button::Keep) }
    }
}

/// True if something is to be typed, which must not be seen.
fn is_secret(prompt: &Prompt) -> bool {
    prompt.kind.is_secret()
}

impl Button {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Keep => Self::Act,
            Self::Act => Self::Keep,
        }
    }
}

impl Confirm {
    /// The box's title.
    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::Quit => "Quit?",
            Self::Stop(_) => "Stop?",
            Self::Kill(_) => "Kill?",
            Self::Clean(_) => "End leftovers?",
            Self::Delete(_) => "Delete?",
        }
    }

    /// The words on its buttons.
    pub(crate) fn buttons(&self) -> [String; 2] {
        match self {
            Self::Quit => ["Stay".to_owned(), "Stop all and quit".to_owned()],
            Self::Stop(ids) => ["Keep running".to_owned(), format!("Stop {}", ids.len())],
            Self::Clean(what) => ["Cancel".to_owned(), format!("End {}", what.number())],
            Self::Kill(ids) if ids.len() == 1 => ["Keep running".to_owned(), "Kill".to_owned()],
            Self::Kill(ids) => ["Keep running".to_owned(), format!("Kill {}", ids.len())],
            Self::Delete(name) => ["Keep".to_owned(), format!("Delete {}", name.target)],
        }
    }
}

/// The words on the buttons of a question that is answered with yes or no.
pub(crate) const TRUST_BUTTONS: [&str; 2] = ["Do not connect", "Trust"];

/// A question in the queue.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Whose.
    pub(crate) session: SessionId,
    /// What.
    pub(crate) question: Question,
}
