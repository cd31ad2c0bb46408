//! Which keys mean what: the table's own keys, with what the user changed.

use std::collections::BTreeSet;

use super::bindings::{self, Binding, Cmd, Context, Key};
use crate::profile::{KeyChange, nearest};

/// In place of a context: wherever the command has a key.
const EVERYWHERE: &str = "everywhere";

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

/// A change of keys that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Context and command, as far as it goes.
    pub path: Vec<String>,
    /// True if the last step itself is wrong, not what stands behind it.
    pub on_key: bool,
    /// One lowercase sentence.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl Keymap {
    /// The table's keys with these changes; all that is wrong with them, if anything is.
    pub(crate) fn new(changes: &[KeyChange]) -> Result<Self, Vec<Refusal>> {
        let (mut keymap, mut refused) = (Self::default(), Vec::new());
        for change in changes {
            match read(change) {
                Ok(changes) => keymap.changes.extend(changes),
                Err(refusal) => refused.push(refusal),
            }
        }
        if refused.is_empty() {
            refused.extend(changes.iter().filter_map(|change| keymap.conflict(change)));
        }
        if refused.is_empty() { Ok(keymap) } else { Err(refused) }
    }

    /// The keys of a binding in one of its contexts; what was changed last counts.
    pub(crate) fn keys(&self, context: Context, binding: &'static Binding) -> &[Key] {
        let change =
            self.changes.iter().rfind(|change| change.context == context && change.cmd == binding.cmd);
        change.map_or(binding.keys, |change| &change.keys)
    }

    /// The binding of a key in a context.
    pub(crate) fn find(&self, context: Context, key: Key) -> Option<&'static Binding> {
        bindings::all()
            .find(|binding| binding.contexts.contains(&context) && self.keys(context, binding).contains(&key))
    }

    /// The first key of this change that means something else, too.
    fn conflict(&self, change: &KeyChange) -> Option<Refusal> {
        let meant = Context::ALL.into_iter().filter(|context| is_meant(*context, &change.context));
        meant.into_iter().find_map(|context| {
            let here = || bindings::all().filter(move |binding| binding.contexts.contains(&context));
            let binding = here().find(|binding| name(binding.cmd) == change.command)?;
            self.keys(context, binding).iter().find_map(|key| {
                let mut others = here().filter(|other| other.cmd != binding.cmd);
                let other = name(others.find(|other| self.keys(context, other).contains(key))?.cmd);
                let one = &change.command;
                let message = format!("{key} would be {one} and {other} in {}", self::context(context));
                let hint = format!("give {other} another key, or take it away: {other}: []");
                Some(refuse(&[&change.context, one], false, message, Some(hint)))
            })
        })
    }
}

fn refuse(path: &[&str], on_key: bool, message: String, hint: Option<String>) -> Refusal {
    let path = path.iter().map(|step| (*step).to_owned()).collect();
    Refusal { path, on_key, message, hint }
}

fn is_meant(known: Context, written: &str) -> bool {
    written == EVERYWHERE || context(known) == written
}

/// What a change means in each of its contexts.
fn read(change: &KeyChange) -> Result<Vec<Change>, Refusal> {
    let path = [change.context.as_str(), change.command.as_str()];
    let contexts: Vec<Context> =
        Context::ALL.into_iter().filter(|known| is_meant(*known, &change.context)).collect();
    if contexts.is_empty() {
        let names: Vec<String> = names().into_iter().map(|(name, _)| name).collect();
        let hint = did_you_mean(&change.context, &names);
        return Err(refuse(&path[..1], true, "unknown context".to_owned(), Some(hint)));
    }
    let own = |binding: &&Binding| name(binding.cmd) == change.command;
    let meant: Vec<(Context, Cmd)> = contexts
        .iter()
        .flat_map(|context| {
            let here = bindings::all().filter(move |binding| binding.contexts.contains(context));
            here.filter(own).map(|binding| (*context, binding.cmd))
        })
        .collect();
    let Some((_, cmd)) = meant.first() else {
        let known: Vec<String> =
            names().into_iter().filter(|(name, _)| *name == change.context).flat_map(|(_, c)| c).collect();
        let hint = did_you_mean(&change.command, &known);
        return Err(refuse(&path, true, format!("no command of {}", change.context), Some(hint)));
    };
    if matches!(cmd, Cmd::Interrupt) {
        let message = "Ctrl-c always ends wrcap and cannot be changed".to_owned();
        return Err(refuse(&path, true, message, None));
    }
    let keys =
        change.keys.iter().map(|key| self::key(key, &contexts, &path)).collect::<Result<Vec<_>, _>>()?;
    let changes = meant.into_iter().filter_map(|(context, cmd)| change_of(context, cmd, &keys));
    Ok(changes.collect())
}

/// A change for everywhere leaves characters alone where text is typed; what has no other key keeps its own there.
fn change_of(context: Context, cmd: Cmd, keys: &[Key]) -> Option<Change> {
    let usable: Vec<Key> = keys.iter().copied().filter(|key| !(context.is_text() && key.types())).collect();
    (keys.is_empty() || !usable.is_empty()).then_some(Change { context, cmd, keys: usable })
}

fn key(text: &str, contexts: &[Context], path: &[&str]) -> Result<Key, Refusal> {
    let Some(key) = Key::parse(text) else {
        let hint = "write a character, or Space, Enter, Esc, Tab, Up, PgDn, F5, Ctrl-r, ...".to_owned();
        return Err(refuse(path, false, format!("{text:?} is no key"), Some(hint)));
    };
    if key.types() && contexts.iter().any(|context| context.is_text() && path.first() != Some(&EVERYWHERE)) {
        let hint = "use Ctrl or a key with a name".to_owned();
        return Err(refuse(path, false, format!("{key} types a character there"), Some(hint)));
    }
    Ok(key)
}

fn did_you_mean(word: &str, known: &[String]) -> String {
    let near = nearest(word, known.iter().map(String::as_str));
    near.map_or_else(|| format!("known: {}", known.join(", ")), |near| format!("did you mean {near}?"))
}

/// The contexts whose keys can be changed, each with the names of its commands.
pub(crate) fn names() -> Vec<(String, Vec<String>)> {
    let commands = |belongs: &dyn Fn(&Binding) -> bool| {
        let changeable = |binding: &&Binding| belongs(binding) && binding.cmd != Cmd::Interrupt;
        let names: BTreeSet<String> = bindings::all().filter(changeable).map(|b| name(b.cmd)).collect();
        names.into_iter().collect()
    };
    let everywhere = (EVERYWHERE.to_owned(), commands(&|_| true));
    let contexts =
        Context::ALL.into_iter().map(|known| (context(known), commands(&|b| b.contexts.contains(&known))));
    std::iter::once(everywhere).chain(contexts).collect()
}

/// The name of a context in the settings.
fn context(context: Context) -> String {
    kebab(&format!("{context:?}"))
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

    use super::{Cmd, Context, Key, KeyChange, Keymap, Refusal, bindings, name, names};

    fn change(context: &str, command: &str, keys: &[&str]) -> KeyChange {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        KeyChange { context: context.to_owned(), command: command.to_owned(), keys }
    }

    fn found(keymap: &Keymap, context: Context, key: &str) -> Option<Cmd> {
        keymap.find(context, Key::parse(key).unwrap()).map(|binding| binding.cmd)
    }

    fn refused(changes: &[KeyChange]) -> Refusal {
        Keymap::new(changes).unwrap_err().remove(0)
    }

    #[test]
    fn commands_have_names_of_their_own() {
        let mut names = BTreeMap::new();
        for binding in bindings::all() {
            let before = names.insert(name(binding.cmd), binding.cmd);
            assert!(before.is_none_or(|cmd| cmd == binding.cmd), "{:?}", binding.cmd);
        }
        for name in ["start", "mark-all", "next-pane", "move-half-down", "focus-log", "edit-delete-word"] {
            assert!(names.contains_key(name), "{name} in {names:?}");
        }
    }

    #[test]
    fn every_context_has_commands() {
        assert!(names().iter().all(|(_, commands)| !commands.is_empty()), "{:?}", names());
    }

    #[test]
    fn keys_change_where_they_are_told_to() {
        let keymap = Keymap::new(&[
            change("sessions", "stop", &["Delete", "Ctrl-x"]),
            change("everywhere", "help", &["H"]),
            change("profiles", "kill", &[]),
        ])
        .unwrap();
        assert_eq!(found(&keymap, Context::Sessions, "Delete"), Some(Cmd::Stop));
        assert_eq!(found(&keymap, Context::Sessions, "x"), None);
        assert_eq!(found(&keymap, Context::Profiles, "x"), Some(Cmd::Stop));
        assert_eq!(found(&keymap, Context::Log, "H"), Some(Cmd::Help));
        assert_eq!(found(&keymap, Context::Profiles, "X"), None);
        assert_eq!(found(&keymap, Context::Sessions, "X"), Some(Cmd::Kill));
    }

    #[test]
    fn two_keys_may_change_places() {
        let keymap =
            Keymap::new(&[change("sessions", "stop", &["s"]), change("sessions", "start", &["x"])]).unwrap();
        assert_eq!(found(&keymap, Context::Sessions, "s"), Some(Cmd::Stop));
        assert_eq!(found(&keymap, Context::Sessions, "x"), Some(Cmd::Start));
    }

    #[test]
    fn a_key_with_two_meanings_is_refused_with_both_names() {
        let refusal = refused(&[change("sessions", "kill", &["s"])]);
        assert_eq!(refusal.message, "s would be kill and start in sessions");
        assert_eq!(refusal.path, ["sessions", "kill"]);
        let refusal = refused(&[change("everywhere", "zoom", &["q"])]);
        assert_eq!(refusal.message, "q would be zoom and quit in sessions");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (bad, message, hint) in [
            (change("session", "stop", &["x"]), "unknown context", "did you mean sessions?"),
            (change("sessions", "stopp", &["x"]), "no command of sessions", "did you mean stop?"),
            (change("sessions", "stop", &["Alt-x"]), "\"Alt-x\" is no key", "write a character"),
            (change("filter", "keep-filter", &["x"]), "x types a character there", "use Ctrl"),
            (change("everywhere", "interrupt", &["q"]), "Ctrl-c always ends wrcap and cannot be changed", ""),
        ] {
            let refusal = refused(&[bad]);
            assert_eq!(refusal.message, message);
            assert!(refusal.hint.unwrap_or_default().starts_with(hint), "{message}");
        }
    }
}
