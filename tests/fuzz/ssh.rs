//! What ssh says: its logs and its questions.

use wrcap::{
    remote::{
        prompt::{Prompt, PromptKind},
        ssh_message::{HopSaid, SshSaid, classify},
    },
    session::Stage,
};

use crate::{
    harness::Fuzz,
    shown::{assert_safe, assert_short},
};

#[test]
fn logs() {
    Fuzz::new("log", 5000).memory(256 << 10, 200).run(|input, rng| {
        let text = String::from_utf8_lossy(input);
        let hops: Vec<HopSaid> = text
            .split('\0')
            .map(|hop| {
                let (log, stderr) = hop.split_once('\u{1}').unwrap_or((hop, ""));
                HopSaid { log: log.to_owned(), stderr: stderr.to_owned(), ..HopSaid::default() }
            })
            .collect();
        let labels: Vec<String> = (0..=rng.below(4)).map(|hop| format!("hop{hop}")).collect();
        let said = SshSaid { hops };
        assert!(said.logged_in() <= said.hops.len());
        let failure = classify(Stage::Connect, &labels, &said);
        assert_short("a failure", &failure.message);
        assert_short("a hint", &failure.hint.unwrap_or_default());
        assert!(failure.hop.is_none_or(|hop| labels.contains(&hop)), "a hop that is none");
    });
}

#[test]
fn prompts() {
    Fuzz::new("prompt", 6000).run(|input, rng| {
        let text = String::from_utf8_lossy(input);
        let (mode, text) = text.split_once('\0').unwrap_or(("", &text));
        let hop = if rng.below(2) == 0 { "web-1" } else { "\x1b[2J" };
        let prompt = Prompt::classify(hop, mode, text);
        assert_short("a question", &prompt.text);
        assert_short("a hop", &prompt.hop);
        let shown = match prompt.kind {
            PromptKind::HostKey { host, key_type, fingerprint } => {
                // It is the answer to ssh: it must be the text's own.
                assert!(text.contains(&fingerprint) && !fingerprint.is_empty());
                assert_safe("a fingerprint", &fingerprint);
                format!("{host} {key_type}")
            }
            PromptKind::Passphrase { key } => key,
            PromptKind::Password { who } => who,
            PromptKind::Keyboard { who, text } => format!("{who} {text}"),
            PromptKind::Confirm | PromptKind::Touch | PromptKind::Unknown => String::new(),
        };
        assert_short("what is asked for", &shown);
    });
}
