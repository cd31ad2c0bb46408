//! Secrets that the user allowed to answer the same question of other sessions. In memory only, wiped with the room.

use std::fmt;

use zeroize::Zeroizing;

use super::answer::same_secret;
use crate::{engine::Answer, remote::prompt::Prompt};

/// An answer that the session may give again when it has to log in anew.
pub(crate) fn reusable(secret: Zeroizing<String>) -> Answer {
    match Answer::typed(secret) {
        Answer::Typed(secret) => Answer::Typed(secret.reusable()),
        answer => answer,
    }
}

/// The kept secrets, each with the question that it answered.
#[derive(Default)]
pub(crate) struct Kept(Vec<(Prompt, Zeroizing<String>)>);

impl Kept {
    /// Keeps the answer to a question.
    pub(crate) fn keep(&mut self, prompt: &Prompt, secret: Zeroizing<String>) {
        self.forget(prompt);
        self.0.push((prompt.clone(), secret));
    }

    /// The answer to a question, if it is known.
    pub(crate) fn answer(&self, prompt: &Prompt) -> Option<Answer> {
        let (_, secret) = self.0.iter().find(|(known, _)| same_secret(known, prompt))?;
        Some(reusable(secret.clone()))
    }

    /// Forgets an answer that was wrong.
    pub(crate) fn forget(&mut self, prompt: &Prompt) {
        self.0.retain(|(known, _)| !same_secret(known, prompt));
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({})", self.0.len())
    }
}
