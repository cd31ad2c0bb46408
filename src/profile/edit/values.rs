//! Changes to the values of a file.

use super::{Edit, EditError, check, path, typed};
use crate::profile::entry;
use serde_yaml::{Mapping, Value};

/// Makes one change.
pub(super) fn apply(root: &mut Value, edit: &Edit) -> Result<(), EditError> {
    match edit {
        Edit::Set { at, key, text } => {
            let value = typed(key, text)?;
            set(root, &path(root, at, key), value);
        }
        Edit::Unset { at, key } => unset(root, &path(root, at, key)),
        Edit::Add { name, host } => {
            check_new(root, name)?;
            let fields = Mapping::from_iter([("host".into(), Value::from(host.as_str()))]);
            set(root, &["targets".to_owned(), name.clone()], Value::Mapping(fields));
        }
        Edit::Clone { from, to } => {
            check_new(root, to)?;
            let copy = target(root, from)?.clone();
            set(root, &["targets".to_owned(), to.clone()], copy);
        }
        Edit::Rename { from, to } => {
            check_new(root, to)?;
            let value = target(root, from)?.clone();
            unset(root, &["targets".to_owned(), from.clone()]);
            set(root, &["targets".to_owned(), to.clone()], value);
        }
        Edit::Remove { name } => {
            target(root, name)?;
            unset(root, &["targets".to_owned(), name.clone()]);
        }
    }
    Ok(())
}

/// The values of a target.
pub(super) fn target<'a>(root: &'a Value, name: &str) -> Result<&'a Value, EditError> {
    let found = root.get("targets").and_then(|targets| targets.get(name));
    found.ok_or_else(|| EditError::NoTarget(name.to_owned()))
}

/// Whether a target may get this name.
pub(super) fn check_new(root: &Value, name: &str) -> Result<(), EditError> {
    if !check::valid_name(name) {
        return Err(EditError::Name(name.to_owned()));
    }
    if target(root, name).is_ok() { Err(EditError::Taken(name.to_owned())) } else { Ok(()) }
}

/// Puts `value` at the end of `path`; maps on the way are made where nothing is.
fn set(root: &mut Value, path: &[String], value: Value) {
    let Some((key, rest)) = path.split_first() else {
        *root = value;
        return;
    };
    if root.is_null() {
        *root = Value::Mapping(Mapping::new());
    }
    if let Value::Mapping(map) = root {
        set(map.entry(key.as_str().into()).or_insert(Value::Null), rest, value);
    }
}

/// Takes out what stands at the end of `path`, and the map around it if that is the field and has no entry left.
fn unset(root: &mut Value, path: &[String]) {
    let Some((last, around)) = path.split_last() else { return };
    let mut map = &mut *root;
    for key in around {
        let Some(next) = map.get_mut(key.as_str()) else { return };
        map = next;
    }
    let Value::Mapping(map) = map else { return };
    map.shift_remove(last.as_str());
    let empty = map.is_empty();
    if empty && around.last().is_some_and(|key| entry::is_map(key)) {
        unset(root, around);
    }
}
