//! Which keys mean what: the table's own keys, with what the user changed.

use super::bindings::{BINDINGS, Binding, Cmd, Context, Key};

/// The keys of one command in one context, in place of the table's.
#[derive(Debug, Clone)]
struct Change {
    context: Context,
    cmd: Cmd,
    keys: Vec<Key>,
}

/// The keys that are in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keymap {
    changes: Vec<Change>,
}

impl Keymap {
    /// The keys of a binding in one of its contexts.
    pub(crate) fn keys(&self, context: Context, binding: &'static Binding) -> &[Key] {
        let change =
            self.changes.iter().find(|change| change.context == context && change.cmd == binding.cmd);
        change.map_or(binding.keys, |change| &change.keys)
    }

    /// The binding of a key in a context.
    pub(crate) fn find(&self, context: Context, key: Key) -> Option<&'static Binding> {
        BINDINGS
            .iter()
            .find(|binding| binding.contexts.contains(&context) && self.keys(context, binding).contains(&key))
    }
}

/// The name of a command in the palette and in the settings: `kill`, `next-pane`, `move-half-down`.
pub(crate) fn name(cmd: Cmd) -> String {
    kebab(&format!("{cmd:?}"))
}

/// `Move(HalfDown)` becomes `move-half-down`: the variants are the names, so that none can be forgotten.
fn kebab(camel: &str) -> String {
    let mut name = String::new();
    for c in camel.chars().filter(char::is_ascii_alphanumeric) {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BINDINGS, name};

    #[test]
    fn commands_have_names_of_their_own() {
        let mut names = BTreeMap::new();
        for binding in BINDINGS {
            let before = names.insert(name(binding.cmd), binding.cmd);
            assert!(before.is_none_or(|cmd| cmd == binding.cmd), "{:?}", binding.cmd);
        }
        for name in [
            "start",
            "mark-all",
            "next-pane",
            "move-half-down",
            "focus-log",
            "edit-delete-word",
            "recall-earlier",
        ] {
            assert!(names.contains_key(name), "{name} in {names:?}");
        }
    }
}
