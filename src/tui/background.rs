//! What a terminal says of its background: OSC 11, and what else comes in before the answer.

use super::theme::Background;

/// Asks for the background, and then for the terminal's kind: every terminal answers the second question, so that
/// nobody waits for a first answer that will not come.
pub(crate) const QUESTION: &[u8] = b"\x1b]11;?\x1b\\\x1b[c";

/// What has come of the answer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// More must come.
    Waiting,
    /// The terminal has said all that it will say.
    Told(Option<Background>),
}

/// Reads what has come from the terminal.
pub(crate) fn read(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let told = text.split_once("\x1b]11;").and_then(|(_, rest)| {
        let end = rest.find(['\x07', '\x1b'])?;
        Some(rest.get(..end).and_then(background))
    });
    let kind = text.split_once("\x1b[?").is_some_and(|(_, rest)| {
        rest.find(|c: char| !c.is_ascii_digit() && c != ';').is_some_and(|end| rest[end..].starts_with('c'))
    });
    match told {
        // The second answer must be read, too, or it would be taken for keys.
        Some(background) if kind => Answer::Told(background),
        None if kind => Answer::Told(None),
        _ => Answer::Waiting,
    }
}

/// `rgb:1e1e/1e1e/2222`, also with two digits, or with `rgba:`.
fn background(color: &str) -> Option<Background> {
    let (_, channels) = color.split_once(':')?;
    let mut channels = channels.split('/').map(|channel| {
        let most = 16_u32.checked_pow(u32::try_from(channel.len()).ok()?)?.checked_sub(1)?;
        Some(f64::from(u32::from_str_radix(channel, 16).ok()?) / f64::from(most.max(1)))
    });
    let mut next = || channels.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    let bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5;
    Some(if bright { Background::Light } else { Background::Dark })
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::any, proptest};

    use super::{Answer, Background, read};

    #[test]
    fn answers_are_read() {
        for (bytes, answer) in [
            ("", Answer::Waiting),
            ("\x1b]11;rgb:1e1e/1e1e/2222", Answer::Waiting),
            ("\x1b]11;rgb:1e1e/1e1e/2222\x1b\\", Answer::Waiting),
            ("\x1b]11;rgb:1e1e/1e1e/2222\x1b\\\x1b[?62;22c", Answer::Told(Some(Background::Dark))),
            ("j\x1b]11;rgb:fd/f6/e3\x07\x1b[?1;2c", Answer::Told(Some(Background::Light))),
            ("\x1b]11;rgba:ffff/ffff/ffff/ffff\x07\x1b[?6c", Answer::Told(Some(Background::Light))),
            ("\x1b[?62c", Answer::Told(None)),
            ("\x1b]11;what\x07\x1b[?62c", Answer::Told(None)),
        ] {
            assert_eq!(read(bytes.as_bytes()), answer, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            read(&bytes);
            let mut told = b"\x1b]11;rgb:".to_vec();
            told.extend(bytes);
            told.extend(b"\x07\x1b[?1c");
            read(&told);
        }
    }
}
