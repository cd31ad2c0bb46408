//! Whether the target's tcpdump can open what is to be captured on: tried by the probe, before anything is captured.

use super::{
    privilege,
    probe::{Answer, ProbeReport},
    tcpdump,
    text::clean,
};
use crate::{
    profile::Target,
    session::{FailKind, Failure, Stage},
};

/// The most names that a hint lists.
const LISTED: usize = 20;

/// What came of opening the interfaces that a target names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Opening {
    /// Not tried: none is named, or tcpdump needs a password first.
    #[default]
    NotTried,
    /// All of them open.
    Opens,
    /// One does not.
    Fails {
        /// Its name, cleaned.
        interface: String,
        /// tcpdump's words about it, cleaned.
        words: String,
    },
}

impl Opening {
    /// Reads it. Only tcpdump's own complaint counts: a sudo that lets in for a capture alone says nothing about the interface.
    pub(super) fn read(answer: &Answer<'_>) -> Self {
        match (answer.lines("unopened"), answer.lines("opened")) {
            ([interface], _) => {
                let complaint =
                    answer.lines("refusal").iter().find_map(|line| line.strip_prefix("tcpdump: "));
                let about =
                    complaint.map(|words| words.strip_prefix(&format!("{interface}: ")).unwrap_or(words));
                about.map_or(Self::NotTried, |words| Self::Fails {
                    interface: clean(interface),
                    words: clean(words),
                })
            }
            ([], [_]) => Self::Opens,
            _ => Self::NotTried,
        }
    }
}

/// The interfaces of a target, for a hint.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("it has {}", clean(&names.take(LISTED).collect::<Vec<_>>().join(", ")))
}

impl ProbeReport {
    /// The failure for an interface that cannot be opened.
    pub fn opening_failure(&self, target: &str) -> Option<Failure> {
        let Opening::Fails { interface, words } = &self.opening else { return None };
        let kind = match tcpdump::kind(words) {
            FailKind::Privilege => FailKind::Privilege,
            _ => FailKind::Interface,
        };
        let message = format!("{target} cannot capture on {interface}: {words}");
        let others = self.interfaces.iter().map(|info| info.name.as_str()).filter(|name| name != interface);
        Some(Failure::new(Stage::Probe, Some(target), kind, message).hint(listed(others)))
    }

    /// Whether a capture of `target` would begin, as far as can be known before: `None` if it would; `Some(Ok)` says why nobody
    /// can tell, `Some(Err)` why it would not.
    pub fn doubt(&self, target: &Target) -> Option<Result<String, Failure>> {
        let hop = target.host.to_string();
        let known = privilege::choose(self, target.privilege, &hop)
            .and_then(|way| self.interfaces(&target.interface, &hop).map(|_| way));
        match (known, self.opening_failure(&hop).or_else(|| self.filter_failure(&hop))) {
            (Err(failure), _) | (Ok(_), Some(failure)) => Some(Err(failure)),
            (Ok(way), None) if way.needs_password() => {
                Some(Ok(format!("sudo on {hop} wants a password before it opens anything")))
            }
            (Ok(_), None) => None,
        }
    }
}
