//! How questions are answered: what their boxes hold.

use super::{overlay::Button, secret::SecretInput, text::TextInput};
use crate::{
    engine::Question,
    remote::{
        prompt::{Prompt, PromptKind},
        ssh_message::fingerprint_of,
    },
};

/// How a question is answered.
#[derive(Debug)]
pub(crate) enum AnswerForm {
    /// With a secret.
    Secret(SecretForm),
    /// With yes or no.
    Choice(Button),
    /// With a decision about an unknown host key.
    HostKey(KeyForm),
    /// By touching a security key: there is nothing to type.
    Touch,
}

/// A secret being typed.
#[derive(Debug)]
pub(crate) struct SecretForm {
    /// What is typed.
    pub(crate) input: SecretInput,
    /// Whether it is to be seen.
    pub(crate) sight: Sight,
    /// Whether it is kept, as far as it can serve again.
    pub(crate) keep: Keep,
}

/// Whether a secret is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Stars.
    Hidden,
    /// As it is.
    Shown,
}

/// What becomes of a secret once it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It can only be used once.
    Never,
    /// It is forgotten.
    No,
    /// It answers the same question of others, and of this session when it logs in anew.
    Yes,
}

/// What may be done with an unknown key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyChoice {
    /// Refuse it.
    Refuse,
    /// Accept it for good.
    Save,
    /// Accept it for this session.
    Once,
}

/// A decision about a key.
#[derive(Debug)]
pub(crate) struct KeyForm {
    /// The button under the cursor.
    pub(crate) choice: KeyChoice,
    /// A fingerprint to compare with.
    pub(crate) paste: TextInput,
    /// Whether the key can be accepted for this session only.
    pub(crate) once: bool,
}

/// What comparing two fingerprints gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// There is nothing to compare with.
    Nothing,
    /// They are the same.
    Same,
    /// They are not.
    Different,
    /// It is no fingerprint of the same kind.
    Incomparable,
}

impl AnswerForm {
    /// The empty form for a question.
    pub(crate) fn of(question: &Question) -> Self {
        match &question.prompt.kind {
            PromptKind::HostKey { .. } => Self::HostKey(KeyForm {
                choice: KeyChoice::Refuse,
                paste: TextInput::default(),
                once: question.once,
            }),
            PromptKind::Touch => Self::Touch,
            PromptKind::Confirm => Self::Choice(Button::Keep),
            kind => Self::Secret(SecretForm {
                input: SecretInput::new(),
                sight: Sight::Hidden,
                keep: if can_serve_again(kind) { Keep::No } else { Keep::Never },
            }),
        }
    }

    /// The secret that is being typed.
    pub(crate) fn secret_mut(&mut self) -> Option<&mut SecretForm> {
        match self {
            Self::Secret(form) => Some(form),
            Self::Choice(_) | Self::HostKey(_) | Self::Touch => None,
        }
    }
}

/// A one-time code cannot, and nobody knows what an unknown question wants.
fn can_serve_again(kind: &PromptKind) -> bool {
    matches!(kind, PromptKind::Passphrase { .. } | PromptKind::Password { .. })
}

/// Whether an answer to one question is the answer to another: the same key, or the same login on the same machine.
pub(crate) fn same_secret(one: &Prompt, other: &Prompt) -> bool {
    match (&one.kind, &other.kind) {
        (PromptKind::Passphrase { key: one }, PromptKind::Passphrase { key: other }) => one == other,
        (PromptKind::Password { who: a }, PromptKind::Password { who: b }) => {
            a == b && one.hop == other.hop && one.text == other.text
        }
        _ => false,
    }
}

impl KeyForm {
    /// The buttons that may be chosen. A fingerprint that differs leaves one.
    pub(crate) fn choices(&self, fingerprint: &str) -> Vec<KeyChoice> {
        match (self.comparison(fingerprint), self.once) {
            (Comparison::Different, _) => vec![KeyChoice::Refuse],
            (_, true) => vec![KeyChoice::Refuse, KeyChoice::Save, KeyChoice::Once],
            (_, false) => vec![KeyChoice::Refuse, KeyChoice::Save],
        }
    }

    /// The chosen button, as far as it may be.
    pub(crate) fn chosen(&self, fingerprint: &str) -> KeyChoice {
        if self.choices(fingerprint).contains(&self.choice) { self.choice } else { KeyChoice::Refuse }
    }

    /// The next button, or the one before.
    pub(crate) fn turn(&mut self, fingerprint: &str, on: bool) {
        let choices = self.choices(fingerprint);
        let at = choices.iter().position(|choice| *choice == self.choice).unwrap_or(0);
        let step = if on { 1 } else { choices.len() - 1 };
        self.choice = choices.get((at + step) % choices.len()).copied().unwrap_or(KeyChoice::Refuse);
    }

    /// Compares what was pasted with the key that was offered.
    pub(crate) fn comparison(&self, fingerprint: &str) -> Comparison {
        compare(self.paste.text(), fingerprint)
    }
}

/// `pasted` may be a fingerprint with its kind or without, or a whole line of `ssh-keygen -lf`.
fn compare(pasted: &str, fingerprint: &str) -> Comparison {
    let Some((kind, hash)) = fingerprint.split_once(':') else { return Comparison::Incomparable };
    let bare = |text: &str| text.trim_end_matches(['=', '.']).to_owned();
    let mut words = pasted.split_whitespace();
    let Some(first) = words.clone().next() else { return Comparison::Nothing };
    let prefix = format!("{kind}:");
    if let Some(found) = words.find_map(|word| word.strip_prefix(&prefix)) {
        return if bare(found) == bare(hash) { Comparison::Same } else { Comparison::Different };
    }
    if bare(first) == bare(hash) {
        return Comparison::Same;
    }
    // As long as the hash and made of its letters: meant as one.
    let alike = |word: &str| {
        bare(word).len() == bare(hash).len()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    };
    if alike(first) { Comparison::Different } else { Comparison::Incomparable }
}

/// What the engine says of a saved key that is not the one that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SavedKey<'a> {
    /// Its fingerprint, where that could be told.
    pub(crate) fingerprint: Option<&'a str>,
    /// `FILE:LINE`.
    pub(crate) place: &'a str,
    /// What removes it.
    pub(crate) command: &'a str,
}

impl<'a> SavedKey<'a> {
    /// Reads the hint of a failure.
    pub(crate) fn of(hint: &'a str) -> Option<Self> {
        let at = hint.find("ssh-keygen ")?;
        let (known, command) = hint.split_at_checked(at)?;
        let (key, place) = known.split(';').next()?.split_once(" is at ")?;
        Some(Self { fingerprint: fingerprint_of(key), place, command })
    }

    /// The line of its file.
    pub(crate) fn line(self) -> &'a str {
        self.place.rsplit_once(':').map_or("", |(_, line)| line)
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, KeyChoice, KeyForm, TextInput, compare};

    const KEY: &str = "SHA256:MNyMWJ40c9j1lCp6P3sEWD/Qi0o1WW0qy7ICS9Bv5CE";
    const OTHER: &str = "SHA256:t3vG2OYyVNiQNunuyboosATuYNEXdnxdXiQ2okyTrxc";

    #[test]
    fn a_fingerprint_is_found_in_whatever_was_pasted() {
        let line = format!("256 {KEY} root@jump-b (ED25519)");
        for same in [KEY, &KEY[7..], &format!(" {KEY}= "), &line] {
            assert_eq!(compare(same, KEY), Comparison::Same, "{same}");
        }
        let line = format!("256 {OTHER} root@jump-b (ED25519)");
        for different in [OTHER, &OTHER[7..], &line, &KEY.replace("MNy", "MNY")] {
            assert_eq!(compare(different, KEY), Comparison::Different, "{different}");
        }
        for nothing in ["MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "yes"] {
            assert_eq!(compare(nothing, KEY), Comparison::Incomparable, "{nothing}");
        }
        assert_eq!(compare("  ", KEY), Comparison::Nothing);
    }

    #[test]
    fn a_different_one_leaves_one_button() {
        let mut form = KeyForm { choice: KeyChoice::Refuse, paste: TextInput::default(), once: true };
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(form.choice);
            form.turn(KEY, true);
        }
        assert_eq!(seen, [KeyChoice::Refuse, KeyChoice::Save, KeyChoice::Once, KeyChoice::Refuse]);
        form.turn(KEY, false);
        assert_eq!(form.choice, KeyChoice::Refuse);
        form.paste = TextInput::new(OTHER);
        form.turn(KEY, true);
        assert_eq!(form.choice, KeyChoice::Refuse);
    }
}
