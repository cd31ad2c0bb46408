//! What ssh asks, told apart by its words.

use crate::remote::text::clean;

/// One question of an ssh process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is asked for.
    pub kind: PromptKind,
    /// ssh's own words, safe to show.
    pub text: String,
    /// The hop whose ssh asks, as the user names it.
    pub hop: String,
}

/// What a question asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// Whether an unknown host key is the right one.
    HostKey {
        /// The machine as ssh names it: `web-1 (10.0.1.11)`.
        host: String,
        /// `ED25519`, `RSA`, ...
        key_type: String,
        /// `SHA256:...`: also the answer that says yes.
        fingerprint: String,
    },
    /// The passphrase of a private key.
    Passphrase {
        /// The key's file.
        key: String,
    },
    /// The login password.
    Password {
        /// `user@host`.
        who: String,
    },
    /// Anything a server asks by keyboard-interactive: passwords and one-time codes through PAM.
    Keyboard {
        /// `user@host`.
        who: String,
        /// The server's words.
        text: String,
    },
    /// A yes or no about the agent or a key.
    Confirm,
    /// A security key waits to be touched; there is nothing to type.
    Touch,
    /// Words that are not known; shown as they are.
    Unknown,
}

impl PromptKind {
    /// Whether ssh takes no answer for an empty one, sends it, and asks again: failed logins of somebody who only wanted
    /// to cancel. The helper ends it instead.
    pub fn is_tried_again(&self) -> bool {
        matches!(self, Self::Password { .. } | Self::Keyboard { .. })
    }

    /// Whether what is typed must not be seen: ssh does not say, so everything that is typed counts as secret.
    pub fn is_secret(&self) -> bool {
        matches!(
            self,
            Self::Passphrase { .. } | Self::Password { .. } | Self::Keyboard { .. } | Self::Unknown
        )
    }
}

impl Prompt {
    /// What is waited for, in few words that begin with what matters; ssh's own words where nobody knows.
    pub fn wanted(&self) -> String {
        match &self.kind {
            PromptKind::HostKey { host, .. } => format!("host key of {host}"),
            PromptKind::Passphrase { key } => format!("passphrase for {key}"),
            PromptKind::Password { who } => format!("password of {who}"),
            PromptKind::Keyboard { text, .. } => text.clone(),
            PromptKind::Confirm | PromptKind::Touch | PromptKind::Unknown => self.text.clone(),
        }
    }

    /// Tells what `text` asks for.
    ///
    /// `mode` is the value of `SSH_ASKPASS_PROMPT`: `confirm` for yes or no, `none` for a mere notice, otherwise
    /// something is to be typed (host keys included). From `readpass.c` and `sshconnect.c` of OpenSSH.
    pub fn classify(hop: &str, mode: &str, text: &str) -> Self {
        let kind = match mode {
            "confirm" => PromptKind::Confirm,
            "none" => PromptKind::Touch,
            _ => typed(text),
        };
        Self { kind, text: clean(text), hop: clean(hop) }
    }
}

fn typed(text: &str) -> PromptKind {
    host_key(text)
        .or_else(|| passphrase(text))
        .or_else(|| keyboard(text))
        .or_else(|| password(text))
        .unwrap_or(PromptKind::Unknown)
}

/// What ssh says of the address of a machine behind a bastion, where others have theirs: it tells a user nothing.
const NO_ADDRESS: &str = " (<no hostip for proxy command>)";

/// Only texts that take the fingerprint for an answer count: a plain yes is never sent.
fn host_key(text: &str) -> Option<PromptKind> {
    let rest = text.strip_prefix("The authenticity of host '")?;
    let (host, rest) = rest.split_once("' can't be established")?;
    let (before, rest) = rest.split_once(" key fingerprint is ")?;
    let fingerprint = rest.split_whitespace().next()?.trim_end_matches('.');
    let well_formed = fingerprint.contains(':') && fingerprint.bytes().all(|b| b.is_ascii_graphic());
    if !well_formed || !rest.contains("[fingerprint]") {
        return None;
    }
    let host = host.strip_suffix(NO_ADDRESS).unwrap_or(host);
    let key_type = before.rsplit(char::is_whitespace).next()?;
    Some(PromptKind::HostKey {
        host: clean(host),
        key_type: clean(key_type),
        fingerprint: fingerprint.to_owned(),
    })
}

fn passphrase(text: &str) -> Option<PromptKind> {
    let rest = text
        .strip_prefix("Enter passphrase for key '")
        .or_else(|| text.strip_prefix("Enter passphrase for \""))
        .or_else(|| text.strip_prefix("Enter PIN for '"))?;
    let end = rest.rfind(['\'', '"'])?;
    Some(PromptKind::Passphrase { key: clean(&rest[..end]) })
}

fn password(text: &str) -> Option<PromptKind> {
    let who = text.trim_end().strip_suffix("'s password:")?;
    (who.contains('@') && !who.contains(char::is_whitespace))
        .then(|| PromptKind::Password { who: clean(who) })
}

/// ssh puts `(user@host) ` before what a server asks, so that a server cannot pretend to be ssh itself.
fn keyboard(text: &str) -> Option<PromptKind> {
    let (who, rest) = text.strip_prefix('(')?.split_once(") ")?;
    (who.contains('@') && !who.contains(char::is_whitespace))
        .then(|| PromptKind::Keyboard { who: clean(who), text: clean(rest) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Prompt, PromptKind};

    const HOST_KEY: &str = "The authenticity of host '[127.0.0.1]:4522 ([127.0.0.1]:4522)' can't be \
        established.\nED25519 key fingerprint is SHA256:fhSA7A7jE4SMjIO1o9YgH2ze0/g6j5mBYyuU/mBqv/s.\nThis key \
        is not known by any other names.\nAre you sure you want to continue connecting \
        (yes/no/[fingerprint])? ";

    fn kind(mode: &str, text: &str) -> PromptKind {
        Prompt::classify("web-1", mode, text).kind
    }

    #[test]
    fn host_key_carries_its_fingerprint() {
        let expected = PromptKind::HostKey {
            host: "[127.0.0.1]:4522 ([127.0.0.1]:4522)".into(),
            key_type: "ED25519".into(),
            fingerprint: "SHA256:fhSA7A7jE4SMjIO1o9YgH2ze0/g6j5mBYyuU/mBqv/s".into(),
        };
        assert_eq!(kind("", HOST_KEY), expected);
        assert!(!expected.is_secret());
        let behind = HOST_KEY.replace("([127.0.0.1]:4522)", "(<no hostip for proxy command>)");
        let PromptKind::HostKey { host, .. } = kind("", &behind) else { panic!("{behind}") };
        assert_eq!(host, "[127.0.0.1]:4522");
        let yes_only = HOST_KEY.replace("/[fingerprint]", "");
        assert_eq!(kind("", &yes_only), PromptKind::Unknown);
    }

    #[test]
    fn every_recorded_text_has_its_kind() {
        let who = || "alice@127.0.0.1".to_owned();
        let cases = [
            (
                "Enter passphrase for key '/k/it's mine': ",
                PromptKind::Passphrase { key: "/k/it's mine".into() },
            ),
            ("alice@127.0.0.1's password: ", PromptKind::Password { who: who() }),
            ("(alice@127.0.0.1) Password: ", PromptKind::Keyboard { who: who(), text: "Password:".into() }),
            (
                "(alice@127.0.0.1) Welcome. A token is required.\nOne-time code (OTP) for token 7: ",
                PromptKind::Keyboard {
                    who: who(),
                    text: "Welcome. A token is required. One-time code (OTP) for token 7:".into(),
                },
            ),
            ("Please type 'yes', 'no' or the fingerprint: ", PromptKind::Unknown),
            ("", PromptKind::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(kind("", text), expected, "{text}");
            assert!(expected.is_secret(), "{text}");
        }
        assert_eq!(kind("confirm", "Add key /k (c) to agent?"), PromptKind::Confirm);
        assert_eq!(kind("none", "Confirm user presence for key ED25519-SK"), PromptKind::Touch);
    }

    #[test]
    fn a_server_cannot_pose_as_ssh() {
        let lie = format!("(alice@evil) {HOST_KEY}");
        assert!(matches!(
            kind("", "(alice@evil) Enter passphrase for key '/k': "),
            PromptKind::Keyboard { .. }
        ));
        assert!(matches!(kind("", &lie), PromptKind::Keyboard { .. }));
    }

    proptest! {
        #[test]
        fn any_text_is_safe_to_show(text in any::<String>(), hop in any::<String>()) {
            let prompt = Prompt::classify(&hop, "", &text);
            prop_assert!(!prompt.text.chars().any(char::is_control));
            prop_assert!(!prompt.hop.chars().any(char::is_control));
        }
    }
}
