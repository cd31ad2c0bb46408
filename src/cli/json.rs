//! JSON as every verb prints it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::session::Failure;

/// One line of JSON that moves no cursor: JSON itself lets DEL, C1 controls and direction marks through.
pub(super) fn line(value: &Value) -> String {
    let mut line = String::new();
    for c in value.to_string().chars() {
        if is_unsafe(c) {
            // Writing to a string cannot fail.
            let _ = write!(line, "\\u{:04x}", u32::from(c));
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

/// Outside strings JSON is ASCII, so these stand inside strings only; all of them have four hexadecimal digits.
fn is_unsafe(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A failure as scripts see it.
pub(super) fn failure(failure: &Failure) -> Value {
    json!({
        "stage": failure.stage.word(),
        "hop": failure.hop,
        "kind": failure.kind.word(),
        "message": failure.message,
        "hint": failure.command_line_hint(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn nothing_raw_reaches_a_terminal_and_nothing_is_lost() {
        let value = json!({"a": "x\u{1b}[2J\u{9b}2J\u{202e}é"});
        let line = super::line(&value);
        assert!(line.trim_end().chars().all(|c| !c.is_control()) && !line.contains('\u{202e}'), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }
}
