//! What a process of ours on a target says about itself in the process list: for which target, for whom, since when.

use super::minder::Tag;
use crate::profile::TargetName;
use std::fmt;

/// The longest part of a label, in characters.
const MAX_PART: usize = 32;

/// The hexadecimal digits that make a label unguessable.
const RANDOM: usize = 32;

/// Who captures: the user and the machine that wrcap runs on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client {
    /// The user's name there.
    pub user: String,
    /// The machine's name.
    pub host: String,
}

impl Client {
    /// Reduced to what a label can hold, so that it equals the one that is read back.
    pub fn new(user: &str, host: &str) -> Self {
        Self { user: plain(user), host: plain(host) }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.host)
    }
}

/// `RANDOM:SITE/TARGET:USER@HOST:START`, in characters that mean nothing to any login shell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// 128 random bits in hexadecimal; the same in all processes of one channel.
    pub random: String,
    /// `site/target` as the client names it; `None` in labels of versions that did not say more.
    pub target: Option<String>,
    /// Who started it; `None` as above.
    pub client: Option<Client>,
    /// When, by the client's clock, in seconds since 1970; 0 as above.
    pub started: u64,
}

impl Label {
    /// The tag of a new channel. `random` is 32 hexadecimal digits.
    pub fn tag(random: &str, target: &TargetName, client: &Client, now: u64) -> Option<Tag> {
        let (site, target) = (plain(&target.site), plain(&target.target));
        let text = format!("{random}:{site}/{target}:{client}:{now}");
        Self::parse(&text).and(Tag::new(&text))
    }

    /// Reads the text behind `wrcap-`; `None` for everything that we would not have written.
    pub fn parse(text: &str) -> Option<Self> {
        let (random, rest) = text.split_once(':').unwrap_or((text, ""));
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if random.len() != RANDOM || !random.bytes().all(hex) {
            return None;
        }
        let random = random.to_owned();
        if rest.is_empty() {
            return (text == random).then_some(Self { random, target: None, client: None, started: 0 });
        }
        let mut parts = rest.split(':');
        let (target, client, started) = (parts.next()?, parts.next()?, parts.next()?);
        let (site, name) = target.split_once('/')?;
        let (user, host) = client.split_once('@')?;
        let good = parts.next().is_none() && [site, name, user, host].into_iter().all(is_plain);
        good.then_some(Self {
            random,
            target: Some(target.to_owned()),
            client: Some(Client { user: user.to_owned(), host: host.to_owned() }),
            started: started.parse().ok()?,
        })
    }
}

fn is_plain_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn is_plain(part: &str) -> bool {
    (1..=MAX_PART).contains(&part.len()) && part.chars().all(is_plain_char)
}

/// A part without what a shell or a reader could misunderstand, cut.
fn plain(part: &str) -> String {
    let kept: String = part.chars().take(MAX_PART).map(|c| if is_plain_char(c) { c } else { '_' }).collect();
    if kept.is_empty() { "_".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::{Client, Label};
    use crate::{profile::TargetName, remote::script};
    use proptest::prelude::*;

    const RANDOM: &str = "0123456789abcdef0123456789abcdef";

    fn name(site: &str, target: &str) -> TargetName {
        TargetName { site: site.into(), target: target.into() }
    }

    #[test]
    fn a_label_says_for_what_for_whom_and_since_when() {
        let client = Client::new("alice", "laptop.example");
        let tag = Label::tag(RANDOM, &name("shop", "web-1"), &client, 1_700_000_000).unwrap();
        assert_eq!(tag.to_string(), format!("{RANDOM}:shop/web-1:alice@laptop.example:1700000000"));
        let label = Label::parse(&tag.to_string()).unwrap();
        assert_eq!(label.target.as_deref(), Some("shop/web-1"));
        assert_eq!((label.client, label.started), (Some(client), 1_700_000_000));
        assert_eq!(Label::parse(RANDOM).unwrap().client, None);
    }

    #[test]
    fn what_we_would_not_have_written_is_no_label() {
        for text in [
            "",
            "stream",
            "0123456789abcdef",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef:",
            "0123456789abcdef0123456789abcdef:shop:a@b:1",
            "0123456789abcdef0123456789abcdef:shop/x:ab:1",
            "0123456789abcdef0123456789abcdef:shop/x:a@b",
            "0123456789abcdef0123456789abcdef:shop/x:a@b:x",
            "0123456789abcdef0123456789abcdef:shop/x:a@b:1:2",
            "0123456789abcdef0123456789abcdef:sh$op/x:a@b:1",
            "0123456789abcdef0123456789abcdef:/x:a@b:1",
        ] {
            assert_eq!(Label::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_names_are_the_command_is_plain_and_bounded(
            site in "\\PC{0,60}", target in "\\PC{0,60}", user in "\\PC{0,60}", host in "\\PC{0,60}", at: u64
        ) {
            let client = Client::new(&user, &host);
            let tag = Label::tag(RANDOM, &name(&site, &target), &client, at).unwrap();
            let command = script::command(&tag);
            prop_assert!(command.len() < 280);
            let tail = command.split_once("wrcap-").unwrap().1;
            prop_assert!(tail.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@".contains(c)), "{}", tail);
            prop_assert_eq!(Label::parse(&tag.to_string()).unwrap().client, Some(client));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,80}") {
            let _ = Label::parse(&text);
        }
    }
}
