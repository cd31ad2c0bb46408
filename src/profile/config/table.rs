//! All settings: the one place that knows a key. Reading, the schema and the suggestions for mistyped keys are made
//! from this table.

use super::{
    super::{
        field::unknown_key,
        problem::{Invalid, Step},
        value,
        words::Words,
    },
    Config, Glyphs, Graph, KeyChange, Notify, ThemeName, look,
    look::ROLES,
};
use serde_yaml::{Mapping, Value};

/// What may stand behind a key.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// A program and its arguments.
    Command,
    /// A look for each role.
    Looks,
    /// Contexts, in them commands, and their keys.
    Keys,
}

/// A setting.
pub(super) struct Setting {
    /// Its key.
    pub(super) key: &'static str,
    /// What it is for, in a sentence.
    pub(super) about: &'static str,
    /// What may stand behind it.
    pub(super) shape: Shape,
    /// Takes a value that is not null.
    set: fn(&mut Config, &Value) -> Result<(), Vec<Invalid>>,
}

const fn setting(
    key: &'static str,
    about: &'static str,
    shape: Shape,
    set: fn(&mut Config, &Value) -> Result<(), Vec<Invalid>>,
) -> Setting {
    Setting { key, about, shape, set }
}

/// All of them.
pub(super) static SETTINGS: [Setting; 10] = [
    setting("theme", "The colours.", Shape::Words(ThemeName::words), |config, v| {
        one(value::choice(v)).map(|theme| config.theme = theme)
    }),
    setting("colors", "Looks in place of the theme's.", Shape::Looks, |config, v| {
        looks(v).map(|colors| config.colors = colors)
    }),
    setting("glyphs", "The signs; auto asks the locale.", Shape::Words(Glyphs::words), |config, v| {
        one(value::choice(v)).map(|glyphs| config.glyphs = glyphs)
    }),
    setting("graph", "What graphs are drawn with.", Shape::Words(Graph::words), |config, v| {
        one(value::choice(v)).map(|graph| config.graph = graph)
    }),
    setting("mouse", "Take the mouse from the terminal.", Shape::Switch, |config, v| {
        one(value::switch(v)).map(|mouse| config.mouse = mouse)
    }),
    setting(
        "notify",
        "How the terminal is told that a session failed or asks while it has no focus.",
        Shape::Words(Notify::words),
        |config, v| one(value::choice(v)).map(|notify| config.notify = notify),
    ),
    setting(
        "on_event",
        "Run on every event without a shell, with event, target and message as last arguments.",
        Shape::Command,
        |config, v| one(command(v)).map(|words| config.on_event = words),
    ),
    setting("keys", "Keys in place of the table's, by context and command.", Shape::Keys, |config, v| {
        keys(v).map(|keys| config.keys = keys)
    }),
    setting("read_only", "Start and change nothing.", Shape::Switch, |config, v| {
        one(value::switch(v)).map(|read_only| config.read_only = read_only)
    }),
    setting("privacy", "Hide addresses, machines and users.", Shape::Switch, |config, v| {
        one(value::switch(v)).map(|privacy| config.privacy = privacy)
    }),
];

/// Puts one entry of the file into the settings. An entry without a value counts as not there.
pub(super) fn apply(config: &mut Config, key: &Value, value: &Value) -> Result<(), Vec<Invalid>> {
    let key = one(value::key(key))?;
    let setting = SETTINGS.iter().find(|setting| setting.key == key);
    let setting = one(setting.ok_or_else(|| unknown_key(key, SETTINGS.iter().map(|setting| setting.key))))?;
    if value.is_null() {
        return Ok(());
    }
    (setting.set)(config, value)
        .map_err(|all| all.into_iter().map(|invalid| invalid.under_key(key)).collect())
}

fn one<T>(result: Result<T, Invalid>) -> Result<T, Vec<Invalid>> {
    result.map_err(|invalid| vec![invalid])
}

/// All entries of a map, or all that is wrong with them.
fn entries<T>(
    map: &Mapping,
    read: impl Fn(&str, &Value) -> Result<T, Vec<Invalid>>,
) -> Result<Vec<T>, Vec<Invalid>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        match one(value::key(key)).and_then(|key| read(key, value)) {
            Ok(entry) => good.push(entry),
            Err(invalid) => bad.extend(invalid),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

fn under<T>(key: &str, result: Result<T, Vec<Invalid>>) -> Result<T, Vec<Invalid>> {
    result.map_err(|all| all.into_iter().map(|invalid| invalid.under_key(key)).collect())
}

fn looks(v: &Value) -> Result<Vec<(String, look::Look)>, Vec<Invalid>> {
    entries(one(value::map(v))?, |role, v| {
        if !ROLES.contains(&role) {
            return Err(vec![unknown_key(role, ROLES)]);
        }
        // A number is one of 256 colours.
        let text = match v {
            Value::Number(number) => number.to_string(),
            v => under(role, one(value::text(v)))?.to_owned(),
        };
        under(role, one(look::parse(&text))).map(|look| (role.to_owned(), look))
    })
}

fn keys(v: &Value) -> Result<Vec<KeyChange>, Vec<Invalid>> {
    let contexts = entries(one(value::map(v))?, |context, v| {
        let commands = under(context, one(value::map(v)))?;
        let changes = entries(commands, |command, v| {
            let keys = under(command, key_list(v))?;
            Ok(KeyChange { context: context.to_owned(), command: command.to_owned(), keys })
        });
        under(context, changes)
    });
    contexts.map(|contexts| contexts.into_iter().flatten().collect())
}

/// One key or a list of them; digits are keys, too.
fn key_list(v: &Value) -> Result<Vec<String>, Vec<Invalid>> {
    let key = |v: &Value| match v {
        Value::Number(number) => Ok(number.to_string()),
        // A quoted space is a key: nothing is trimmed here.
        Value::String(text) => Ok(text.clone()),
        v => Err(value::mismatch("a key or a list of keys", v)),
    };
    match v {
        Value::Sequence(list) => {
            let keys = list
                .iter()
                .enumerate()
                .map(|(place, v)| one(key(v).map_err(|invalid| invalid.under(Step::Index(place)))));
            keys.collect()
        }
        v => one(key(v).map(|key| vec![key])),
    }
}

/// A list of words, or one line that is split at spaces: there is no shell that would read quotes.
fn command(v: &Value) -> Result<Vec<String>, Invalid> {
    match v {
        Value::Sequence(list) => list
            .iter()
            .enumerate()
            .map(|(place, v)| {
                value::text(v).map(str::to_owned).map_err(|invalid| invalid.under(Step::Index(place)))
            })
            .collect(),
        v => {
            let line = value::line(v)?.unwrap_or_default();
            if line.contains(['\'', '"', '\\']) {
                return Err(Invalid::new("has quotes, which nobody reads here")
                    .hint("write a list: [program, 'first argument', ...]"));
            }
            Ok(line.split_whitespace().map(str::to_owned).collect())
        }
    }
}
