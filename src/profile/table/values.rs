//! Fields whose values have a form of their own, read and written.

use crate::profile::{
    check,
    field::optional,
    nearest::nearest,
    problem::Invalid,
    target::{Interface, MAX_SNAPLEN, Viewer},
    template,
    value::{self, did_you_mean},
    words::Words as _,
};
use serde_yaml::Value;
use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf};

/// How many interfaces one capture may have: sshd allows ten sessions of a connection unless told otherwise, and looks
/// go over it as well.
pub const MAX_INTERFACES: usize = 8;
pub(super) const SNAPLEN: RangeInclusive<u64> = 0..=MAX_SNAPLEN as u64;

/// A path in which only known names stand in braces.
pub(super) fn record(value: &Value) -> Result<Option<PathBuf>, Invalid> {
    let path = value::line(value)?.map(PathBuf::from);
    path.as_deref().map_or(Ok(()), template::check)?;
    Ok(path)
}

/// 0 keeps whole packets, as in tcpdump.
pub(super) fn snaplen(value: &Value) -> Result<u32, Invalid> {
    let bytes = value::number(value, &SNAPLEN)?;
    Ok(u32::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(MAX_SNAPLEN))
}

/// A name, or several in a list or with commas.
pub(super) fn interface(value: &Value) -> Result<Interface, Invalid> {
    let names: Vec<&str> = match value {
        Value::Sequence(names) => names.iter().map(value::text).collect::<Result<_, _>>()?,
        name => value::text(name)?.split(',').map(str::trim).collect(),
    };
    names.iter().try_for_each(|name| check::interface(name))?;
    match names[..] {
        [] => Err(Invalid::new("names no interface")),
        [name] => Ok(Interface::from_word(name).unwrap_or_else(|| Interface::Named(name.to_owned()))),
        _ => several(&names),
    }
}

fn several(names: &[&str]) -> Result<Interface, Invalid> {
    let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    if let Some((_, name)) = twice {
        return Err(Invalid::new(format!("names {name:?} twice")));
    }
    if names.iter().any(|name| Interface::from_word(name).is_some()) {
        return Err(Invalid::new("\"auto\" cannot be one of several").hint("name the interface itself"));
    }
    if names.len() > MAX_INTERFACES {
        return Err(Invalid::new(format!("names {} interfaces", names.len())).hint(format!(
            "one capture has {MAX_INTERFACES} at most, as each takes a channel of the connection"
        )));
    }
    Ok(Interface::Merged(names.iter().map(|name| (*name).to_owned()).collect()))
}

/// A viewer's word or a command. A single word that is nearly a viewer's is a slip and not a command.
pub(super) fn viewer(value: &Value) -> Result<Viewer, Invalid> {
    let Some(text) = value::line(value)? else { return Err(Invalid::new("the viewer is empty")) };
    if let Some(known) = Viewer::from_word(&text) {
        return Ok(known);
    }
    match nearest(&text, Viewer::words()) {
        Some(near) => Err(Invalid::new(format!("{text:?} is no viewer"))
            .hint(format!("{} A command of your own is written with its path.", did_you_mean(near)))),
        None => Ok(Viewer::Command(text)),
    }
}

pub(super) fn viewer_value(viewer: &Viewer) -> Value {
    match viewer {
        Viewer::Command(command) => command.as_str().into(),
        known => optional(known.word()),
    }
}

/// `ssh_options`: keywords to values; numbers and switches are written as ssh reads them.
pub(super) fn options(value: &Value) -> Result<BTreeMap<String, String>, Invalid> {
    value::map(value)?.iter().map(|(key, value)| option(key, value)).collect()
}

fn option(key: &Value, value: &Value) -> Result<(String, String), Invalid> {
    let keyword = value::key(key)?;
    check::ssh_keyword(keyword).map_err(|invalid| invalid.under_key(keyword))?;
    let text = match value {
        Value::Bool(true) => Ok(Some("yes".to_owned())),
        Value::Bool(false) => Ok(Some("no".to_owned())),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => value::line(other),
    };
    let text = text.and_then(|text| text.ok_or_else(|| Invalid::new("has no value")));
    Ok((keyword.to_owned(), text.map_err(|invalid| invalid.under_key(keyword))?))
}

pub(super) fn options_value(options: &BTreeMap<String, String>) -> Value {
    let pair = |(key, value): (&String, &String)| (Value::from(key.as_str()), Value::from(value.as_str()));
    Value::Mapping(options.iter().map(pair).collect())
}
