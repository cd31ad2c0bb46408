//! What helper and session agree on.

use std::io::{self, Read};

pub use crate::remote::ssh_config::HOP_VAR;

/// The variable that makes this binary the helper: the path of the session's socket.
pub const SOCKET_VAR: &str = "WRCAP_ASKPASS";
/// The variable that holds the token.
pub const TOKEN_VAR: &str = "WRCAP_ASKPASS_TOKEN";
/// The longest question, in bytes, without its length.
pub(super) const MAX_QUESTION: usize = 16 * 1024;
/// The first byte of an answer.
pub(super) const ACCEPTED: u8 = b'+';

/// What a helper must show: 128 random bits in hexadecimal.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new one, from the kernel's random numbers.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
        Ok(Self(bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))))
    }

    /// For the helper's environment.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares without telling by the time it takes where the difference is.
    pub(super) fn matches(&self, shown: &[u8]) -> bool {
        let own = self.0.as_bytes();
        own.len() == shown.len() && own.iter().zip(shown).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
    }
}

/// A question as it came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    pub(super) token: &'a [u8],
    /// Index of the hop whose ssh asks.
    pub(super) hop: usize,
    /// The value of `SSH_ASKPASS_PROMPT`.
    pub(super) mode: &'a str,
    pub(super) text: String,
}

/// Reads a question without its length; `None` when it is none.
pub(super) fn decode(body: &[u8]) -> Option<Asked<'_>> {
    let mut parts = body.splitn(4, |&byte| byte == 0);
    let token = parts.next()?;
    let hop = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let mode = std::str::from_utf8(parts.next()?).ok()?;
    let text = String::from_utf8_lossy(parts.next()?).into_owned();
    Some(Asked { token, hop, mode, text })
}

/// A question with its length; a text that is too long is cut.
pub(super) fn encode(token: &[u8], hop: &[u8], mode: &[u8], text: &[u8]) -> Vec<u8> {
    let mut body = [token, hop, mode, text].join(&0);
    body.truncate(MAX_QUESTION);
    let length = u32::try_from(body.len()).unwrap_or(0);
    [&length.to_be_bytes()[..], &body].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_QUESTION, Token, decode, encode};

    #[test]
    fn tokens_differ_and_match_only_themselves() {
        let (a, b) = (Token::random().expect("random"), Token::random().expect("random"));
        assert_eq!(a.as_str().len(), 32);
        assert!(a.matches(a.as_str().as_bytes()));
        assert!(!a.matches(b.as_str().as_bytes()));
        assert!(!a.matches(&a.as_str().as_bytes()[..31]) && !a.matches(b""));
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(encode(b"t", b"0", b"", &vec![b'x'; 100_000]).len(), 4 + MAX_QUESTION);
    }

    proptest! {
        #[test]
        fn questions_survive_the_wire(hop in 0_usize..100, text in "[^\\x00]{0,200}") {
            let bytes = encode(b"token", hop.to_string().as_bytes(), b"confirm", text.as_bytes());
            let asked = decode(&bytes[4..]).expect("decodes");
            prop_assert_eq!((asked.token, asked.hop, asked.mode), (&b"token"[..], hop, "confirm"));
            prop_assert_eq!(asked.text, text);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(asked) = decode(&bytes) {
                prop_assert!(!asked.token.contains(&0));
            }
        }
    }
}
