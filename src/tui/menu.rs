//! All commands as a list that can be searched and run: the help and the palette.

use super::{
    bindings::{self, Binding, Context, Reason},
    filter::{Column, Query},
    keymap,
    model::Model,
    text::TextInput,
};

/// A search in the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finder {
    /// What is searched for.
    pub(crate) input: TextInput,
    /// The chosen one of the commands that were found.
    pub(crate) cursor: usize,
}

/// A command in the list.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The command.
    pub(crate) binding: &'static Binding,
    /// Its name.
    pub(crate) name: String,
    /// Its keys, each as text.
    pub(crate) keys: Vec<String>,
    /// Why it is not possible now, if so.
    pub(crate) possible: Result<(), Reason>,
}

type Belongs = fn(&Binding) -> bool;

/// The parts of the help, and which bindings belong to them.
const PARTS: [(&str, Belongs); 6] = [
    ("Sessions and profiles", |b| in_a_list(b) && !b.contexts.contains(&Context::Log)),
    ("Everywhere", |b| b.contexts.contains(&Context::Log)),
    ("In the detail of a session", |b| b.contexts == [Context::Detail]),
    ("While a filter is set", |b| b.contexts.contains(&Context::Filtered)),
    ("In boxes and where text is typed", |b| !is_of_the_room(b) && !is_of_a_form(b)),
    ("In the form of a profile", |b| !is_of_the_room(b) && is_of_a_form(b)),
];

fn in_a_list(binding: &Binding) -> bool {
    binding.contexts.iter().any(|context| matches!(context, Context::Sessions | Context::Profiles))
}

/// True for what can be done without a box.
fn is_of_the_room(binding: &Binding) -> bool {
    binding.contexts.iter().any(|context| Context::OF_THE_ROOM.contains(context))
}

fn is_of_a_form(binding: &Binding) -> bool {
    binding.contexts.iter().any(|context| context.is_of_a_form())
}

fn entry(model: &Model, binding: &'static Binding) -> Entry {
    let here = model.room_contexts().find(|context| binding.contexts.contains(context));
    let possible = here.map_or_else(|| Err(elsewhere(binding)), |_| bindings::possible(model, binding));
    let context = here.or(binding.contexts.first().copied());
    let keys = context.map(|context| model.desk.settings.keymap.keys(context, binding)).unwrap_or_default();
    let keys = keys.iter().map(ToString::to_string).collect();
    Entry { binding, name: keymap::name(binding.cmd), keys, possible }
}

/// Where a command that is not possible here would be.
fn elsewhere(binding: &Binding) -> Reason {
    Reason(match binding.contexts.first() {
        Some(Context::Sessions) => "works in the sessions",
        Some(Context::Profiles) => "works in the profiles",
        Some(Context::Log) => "works in the log",
        Some(Context::Detail) => "works in the detail of a session",
        Some(Context::Filtered) => "works where a filter is set",
        Some(Context::Form | Context::Hops | Context::FormDialog | Context::Trial) => "in a form",
        _ => "not here",
    })
}

impl Entry {
    /// A key is found by itself, everything else by name and meaning.
    fn is_found_by(&self, text: &str, query: &Query) -> bool {
        let columns = [(Column::Name, self.name.as_str()), (Column::Note, self.binding.long)];
        self.keys.iter().any(|key| key == text) || query.keeps(&columns.into_iter())
    }
}

/// The help: parts with their titles, without those in which nothing was found.
pub(crate) fn help(model: &Model, text: &str) -> Vec<(&'static str, Vec<Entry>)> {
    let query = Query::parse(text);
    // One character is a key: whoever types it wants to know what it does.
    let one = text.trim().chars().count() == 1;
    let found = |entry: &Entry| {
        let is_key = entry.keys.iter().any(|key| key == text.trim());
        if one { is_key } else { entry.is_found_by(text.trim(), &query) }
    };
    let part = |belongs: Belongs| {
        let bindings = bindings::all().filter(move |binding| belongs(binding));
        bindings.map(|binding| entry(model, binding)).filter(found)
    };
    PARTS
        .into_iter()
        .map(|(title, belongs)| (title, part(belongs).collect::<Vec<_>>()))
        .filter(|(_, entries)| !entries.is_empty())
        .collect()
}

/// The palette: what begins with the text first, then what contains it, then what means it.
pub(crate) fn palette(model: &Model, text: &str) -> Vec<Entry> {
    let (text, query) = (text.trim(), Query::parse(text));
    let mut found: Vec<Entry> = bindings::all()
        .filter(|binding| is_of_the_room(binding))
        .map(|binding| entry(model, binding))
        .filter(|entry| entry.is_found_by(text, &query))
        .collect();
    let rank = |entry: &Entry| match &entry.name {
        name if name == text => 0,
        _ if entry.keys.iter().any(|key| key == text) => 1,
        name if name.starts_with(text) => 2,
        name if name.contains(text) => 3,
        _ => 4,
    };
    found.sort_by_key(rank);
    found
}

/// `text` and what all names that begin with it go on with; without such names the name under the cursor.
pub(crate) fn complete(entries: &[Entry], cursor: usize, text: &str) -> String {
    let mut names = entries.iter().map(|entry| entry.name.as_str()).filter(|name| name.starts_with(text));
    let Some(first) = names.next() else {
        return entries.get(cursor).map_or_else(|| text.to_owned(), |entry| entry.name.clone());
    };
    let common = names.fold(first, |common, name| {
        let same = common.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        common.get(..same).unwrap_or(common)
    });
    if common.len() > text.len() {
        return common.to_owned();
    }
    entries.get(cursor).map_or_else(|| text.to_owned(), |entry| entry.name.clone())
}
