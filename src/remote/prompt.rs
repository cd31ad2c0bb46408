//! Questions of ssh and sudo, recognised from their words.

/// A question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The words, cleaned.
    pub text: String,
}
