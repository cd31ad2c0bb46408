//! The words of every choice: read, written and put into the schema from one list each.

use super::target::{
    Delivery, Direction, HostKeyPolicy, Interface, OnViewerExit, Precision, Privilege, Viewer,
};

/// A field whose values are (mostly) words.
pub(super) trait Words: Clone + PartialEq + 'static {
    /// Each word and what it stands for.
    const WORDS: &'static [(&'static str, Self)];

    /// The value of `word`.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone())
    }

    /// The word of this value; `None` for values that carry text of their own.
    fn word(&self) -> Option<&'static str> {
        Self::WORDS.iter().find(|(_, value)| value == self).map(|(word, _)| *word)
    }

    /// All words, in their order.
    fn words() -> Vec<&'static str> {
        Self::WORDS.iter().map(|(word, _)| *word).collect()
    }
}

impl Words for HostKeyPolicy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("ask", Self::Ask), ("strict", Self::Strict), ("accept-new", Self::AcceptNew)];
}

impl Words for Interface {
    const WORDS: &'static [(&'static str, Self)] = &[("auto", Self::Auto)];
}

impl Words for Direction {
    const WORDS: &'static [(&'static str, Self)] =
        &[("inout", Self::InOut), ("in", Self::In), ("out", Self::Out)];
}

impl Words for Precision {
    const WORDS: &'static [(&'static str, Self)] = &[("micro", Self::Micro), ("nano", Self::Nano)];
}

impl Words for Delivery {
    const WORDS: &'static [(&'static str, Self)] =
        &[("batched", Self::Batched), ("immediate", Self::Immediate)];
}

impl Words for Privilege {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("none", Self::None), ("sudo", Self::Sudo), ("doas", Self::Doas)];
}

impl Words for Viewer {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("wireshark", Self::Wireshark),
        ("tshark", Self::Tshark),
        ("termshark", Self::Termshark),
        ("none", Self::None),
    ];
}

impl Words for OnViewerExit {
    const WORDS: &'static [(&'static str, Self)] = &[("stop", Self::Stop), ("keep", Self::Keep)];
}
