//! The askpass channel: whatever ssh asks reaches the session, and the answer goes back.
//!
//! `SSH_ASKPASS` is the `wrcap` binary itself; the environment tells it that it is the helper, where the session
//! listens, which hop's ssh asks, and a token. One connection is one question:
//!
//! ```text
//! helper to session: length of the rest (u32, big endian), then token \0 hop \0 SSH_ASKPASS_PROMPT \0 text
//! session to helper: '+' and the answer, or anything else for a refusal; then the end
//! ```
//!
//! The helper ends with its ssh: its connection then closes, and the question is withdrawn.

mod helper;
mod server;
mod wire;

pub use helper::helper_main;
pub use server::{AskState, AskpassServer, Cancelled};
pub use wire::{HOP_VAR, SOCKET_VAR, TOKEN_VAR, Token};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::remote::prompt::Prompt;

/// The longest answer that ssh reads, in bytes (`readpass.c`).
pub const MAX_ANSWER: usize = 1023;

/// One question of an ssh process, waiting for its answer. Dropping it cancels it.
#[derive(Debug)]
pub struct Question {
    /// What is asked, and by which hop's ssh.
    pub prompt: Prompt,
    /// How often this hop's ssh has asked the same before: 0 the first time.
    pub attempt: u32,
    /// Whether [`Answer::AcceptOnce`] is possible.
    pub once: bool,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
    /// Cancelled when ssh no longer waits for the answer.
    pub withdrawn: CancellationToken,
}

/// The answer to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// What was typed. Refused for a host key: there the answer is the fingerprint that was shown.
    Typed(Secret),
    /// Yes: a host key is accepted by its fingerprint, a confirmation is given.
    Accept,
    /// A host key is accepted by its fingerprint, for this session only; refused where that is not possible.
    AcceptOnce,
    /// No answer: ssh goes on without, which mostly ends it.
    Cancel,
}

impl Answer {
    /// What was typed; text that ssh would not take whole is no answer.
    pub fn typed(text: Zeroizing<String>) -> Self {
        Secret::new(text).map_or(Self::Cancel, Self::Typed)
    }
}

/// Typed text that ssh takes whole; wiped from memory when dropped.
pub struct Secret {
    text: Zeroizing<String>,
    reuse: Reuse,
}

/// What the user allowed to be done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reuse {
    /// It is for this question.
    Never,
    /// The session may give it again when it has to log in anew.
    OnReconnect,
}

/// Why typed text is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Longer than [`MAX_ANSWER`].
    #[error("the answer is longer than the {MAX_ANSWER} bytes that ssh reads")]
    TooLong,
    /// ssh would cut it there.
    #[error("the answer holds a line break")]
    LineBreak,
}

impl Secret {
    /// Takes typed text over.
    pub fn new(text: Zeroizing<String>) -> Result<Self, SecretError> {
        if text.len() > MAX_ANSWER {
            return Err(SecretError::TooLong);
        }
        if text.contains(['\r', '\n', '\0']) {
            return Err(SecretError::LineBreak);
        }
        Ok(Self { text, reuse: Reuse::Never })
    }

    /// The same, allowed to be given again when the session has to log in anew.
    #[must_use]
    pub fn reusable(self) -> Self {
        Self { reuse: Reuse::OnReconnect, ..self }
    }

    /// Whether it may be given again.
    pub fn may_be_reused(&self) -> bool {
        self.reuse == Reuse::OnReconnect
    }

    /// Hands the text over.
    pub fn into_inner(self) -> Zeroizing<String> {
        self.text
    }

    pub(crate) fn text(&self) -> &Zeroizing<String> {
        &self.text
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
