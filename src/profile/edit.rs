//! Changes to site files that leave everything else as it stands: comments, order, quotes, indentation.
//!
//! Each change is made twice, once to the text and once to the values that were read from it. Only if the changed
//! text reads as the changed values is it given out; so whatever a file's style does to an edit (anchors, merge
//! keys, keys twice), it can be refused but never go wrong.

mod tree;
mod values;

use super::{
    Problem, check, parse_site,
    problem::Invalid,
    set::value,
    site::{read_yaml, resolve},
    write::HEADER,
};
use serde_yaml::Value;

/// Where in a site file a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// For all targets. The site's bastions are the field `via` here.
    Defaults,
    /// The target of this name.
    Target(String),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Gives a field a value, written as for [`set_field`](super::set_field).
    Set {
        /// Where.
        at: Place,
        /// Which field; `stop_after.packets` for a condition.
        key: String,
        /// The value.
        text: String,
    },
    /// Takes a field out of the file.
    Unset {
        /// Where.
        at: Place,
        /// Which field.
        key: String,
    },
    /// A new target behind the others.
    Add {
        /// Its name.
        name: String,
        /// Its host.
        host: String,
    },
    /// A copy of a target behind it, comments inside included.
    Clone {
        /// What is copied.
        from: String,
        /// The name of the copy.
        to: String,
    },
    /// Another name for a target.
    Rename {
        /// The old one.
        from: String,
        /// The new one.
        to: String,
    },
    /// Takes a target out.
    Remove {
        /// Its name.
        name: String,
    },
}

/// Why a file was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file, or what it would become, has mistakes; at least one.
    #[error("{}", .0.first().map_or_else(String::new, |first| first.message.clone()))]
    Invalid(Vec<Problem>),
    /// No such target.
    #[error("there is no target {0}")]
    NoTarget(String),
    /// The name is taken.
    #[error("there is a target {0} already")]
    Taken(String),
    /// The name cannot be one.
    #[error("{0:?} cannot name a target")]
    Name(String),
    /// No such field.
    #[error("there is no field {0}")]
    NoField(String),
    /// The text cannot be changed here without changing something else too.
    #[error("the file is written in a way that this change would not leave the rest as it is")]
    Entangled,
}

impl EditError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid(problems) => problems.first().and_then(|first| first.hint.clone()),
            Self::NoTarget(_) | Self::NoField(_) => None,
            Self::Taken(_) => Some("choose another name".to_owned()),
            Self::Name(name) => check::name("target", name).err().and_then(|invalid| invalid.hint),
            Self::Entangled => Some("edit the file itself".to_owned()),
        }
    }
}

/// The text of the site file `text` after `edits`; `site` is the site's name. An empty text is a new file.
///
/// # Errors
/// One of the edits is not possible, or the result would have mistakes; see [`EditError`].
pub fn edit_site(site: &str, text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut edited = text.to_owned();
    let mut wanted = read_root(text)?;
    for edit in edits {
        edited = tree::apply(&edited, edit, &wanted)?;
        values::apply(&mut wanted, edit)?;
    }
    let edited = line_ends(text, edited);
    let found = parse_site(site, &edited).map_err(EditError::Invalid)?;
    let mut wanted = resolve(site, &wanted).map_err(|found| EditError::Invalid(unplaced(found)))?;
    let mut sorted = found.targets;
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    wanted.targets.sort_by(|a, b| a.name.cmp(&b.name));
    if sorted == wanted.targets { Ok(edited) } else { Err(EditError::Entangled) }
}

/// The values of a file; a file without any is an empty map.
pub(super) fn read_root(text: &str) -> Result<Value, EditError> {
    match read_yaml(text).map_err(|problem| EditError::Invalid(vec![problem]))? {
        Value::Null => Ok(Value::Mapping(serde_yaml::Mapping::new())),
        root => Ok(root),
    }
}

fn unplaced(found: Vec<Invalid>) -> Vec<Problem> {
    found.into_iter().map(|invalid| invalid.place(1, 1)).collect()
}

/// New lines end as the old ones do, where those agree.
fn line_ends(before: &str, after: String) -> String {
    let dos = before.contains("\r\n") && before.matches('\n').count() == before.matches("\r\n").count();
    if dos { after.replace("\r\n", "\n").replace('\n', "\r\n") } else { after }
}

/// The keys that lead to a field from the root of a file with these values.
pub(super) fn path(root: &Value, at: &Place, key: &str) -> Vec<String> {
    let mut path: Vec<String> = match at {
        Place::Target(name) => vec!["targets".to_owned(), name.clone()],
        Place::Defaults if key == "via" && root.get("defaults").and_then(|d| d.get("via")).is_none() => {
            vec![]
        }
        Place::Defaults => vec!["defaults".to_owned()],
    };
    path.extend(key.split('.').map(str::to_owned));
    path
}

/// The value that `text` stands for in the field `key`.
fn typed(key: &str, text: &str) -> Result<Value, EditError> {
    let shape = super::entry::shape(key).ok_or_else(|| EditError::NoField(key.to_owned()))?;
    Ok(value(shape, text))
}

/// What a file starts with before its first target is there.
pub(super) fn blank() -> String {
    format!("{HEADER}\n")
}
