//! Answers that the user allowed to be used again when the session has to log in anew. In memory only.

use zeroize::Zeroizing;

use crate::{
    engine::askpass::{Answer, Secret},
    remote::prompt::{Prompt, PromptKind},
};

/// What was typed, by the hop that asked and its words. Wiped with the session.
#[derive(Default)]
pub(in crate::engine) struct Memory(Vec<(String, String, Zeroizing<String>)>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(..)")
    }
}

impl Memory {
    /// Remembers an answer if the user allowed that and if it can serve twice: a one-time code cannot.
    pub(in crate::engine) fn keep(&mut self, prompt: &Prompt, answer: &Answer) {
        if let Answer::Typed(secret) = answer
            && secret.may_be_reused()
            && matches!(prompt.kind, PromptKind::Passphrase { .. } | PromptKind::Password { .. })
        {
            self.forget(prompt);
            self.0.push((prompt.hop.clone(), prompt.text.clone(), secret.text().clone()));
        }
    }

    /// The answer to a question that was answered before.
    pub(in crate::engine) fn recall(&self, prompt: &Prompt) -> Option<Answer> {
        let known = self.0.iter().find(|(hop, text, _)| *hop == prompt.hop && *text == prompt.text);
        known.and_then(|(_, _, answer)| Secret::new(answer.clone()).ok()).map(Answer::Typed)
    }

    /// Forgets an answer that was wrong.
    pub(in crate::engine) fn forget(&mut self, prompt: &Prompt) {
        self.0.retain(|(hop, text, _)| *hop != prompt.hop || *text != prompt.text);
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Memory, Prompt, PromptKind, Secret, Zeroizing};

    fn prompt(kind: PromptKind) -> Prompt {
        Prompt { kind, text: "it?".into(), hop: "web-1".into() }
    }

    fn typed(reuse: bool) -> Answer {
        let secret = Secret::new(Zeroizing::new("abc".to_owned())).unwrap();
        Answer::Typed(if reuse { secret.reusable() } else { secret })
    }

    #[test]
    fn only_what_may_and_can_serve_twice_is_remembered() {
        let password = prompt(PromptKind::Password { who: "a@b".into() });
        let code = prompt(PromptKind::Keyboard { who: "a@b".into(), text: "code".into() });
        for (prompt, answer, remembered) in
            [(&password, typed(true), true), (&password, typed(false), false), (&code, typed(true), false)]
        {
            let mut memory = Memory::default();
            memory.keep(prompt, &answer);
            assert_eq!(memory.recall(prompt).is_some(), remembered, "{prompt:?}");
            memory.forget(prompt);
            assert!(memory.recall(prompt).is_none());
        }
    }

    #[test]
    fn each_hop_has_its_own() {
        let here = prompt(PromptKind::Password { who: "a@b".into() });
        let mut memory = Memory::default();
        memory.keep(&here, &typed(true));
        assert!(memory.recall(&Prompt { hop: "web-2".into(), ..here.clone() }).is_none());
        assert!(
            matches!(memory.recall(&here), Some(Answer::Typed(secret)) if secret.text().as_str() == "abc")
        );
    }
}
