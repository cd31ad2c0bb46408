//! What may come to a terminal.

/// Fails if `text` could steer a terminal, reorder what is shown, or be more than one line.
pub(crate) fn assert_safe(what: &str, text: &str) {
    let bad = text.chars().find(|&c| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    });
    assert!(bad.is_none(), "{what} holds {bad:?}: {text:?}");
}

/// The same, and no longer than what is shown in one piece, with the words around it.
pub(crate) fn assert_short(what: &str, text: &str) {
    assert_safe(what, text);
    assert!(text.chars().count() <= 4096, "{what} is {} characters long", text.chars().count());
}
