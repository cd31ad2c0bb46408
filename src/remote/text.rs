//! Text from outside, made safe to show.

use crate::profile::is_unsafe;

/// The longest text from outside that is shown or logged in one piece, in characters.
pub const MAX_SHOWN: usize = 500;

/// `text` without control characters (C0, DEL, C1) and without Unicode's invisible direction marks,
/// white space folded, cut at [`MAX_SHOWN`]: what a terminal may see of a remote message.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_SHOWN));
    for word in text.split(|c: char| c.is_whitespace() || is_unsafe(c)).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.chars().count() > MAX_SHOWN {
            return out.chars().take(MAX_SHOWN).chain(std::iter::once('…')).collect();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(clean("a\x1b[31mred\x07\r\n b\u{9b}2J"), "a [31mred b 2J");
        assert_eq!(clean("\u{202e}abc"), "abc");
        assert_eq!(clean("a\u{61c}b\u{2066}c\u{fffa}d\u{e0041}e"), "a b c d e");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(clean(&"x".repeat(10_000)).chars().count(), super::MAX_SHOWN + 1);
    }
}
