//! What a field of a profile is: its key, its shape, and how it goes into a value and comes out again.

use super::{
    nearest::nearest,
    problem::Invalid,
    unit::format_duration,
    value::{self, did_you_mean},
};
use serde_yaml::{Mapping, Value};
use std::{ops::RangeInclusive, time::Duration};

/// What may stand behind a key. The schema is made from it.
pub(super) enum Shape {
    /// One line of text.
    Line,
    /// Text of any number of lines.
    Lines,
    /// `true` or `false`.
    Switch,
    /// A whole number in this range.
    Number(RangeInclusive<u64>),
    /// A size in this range, in bytes.
    Size,
    /// A duration.
    Duration,
    /// A time of day, or a day and a time of it.
    Moment,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// One of these words, or other text.
    WordsOr(fn() -> Vec<&'static str>),
    /// One of these words, or other text, or a list of texts.
    WordsOrList(fn() -> Vec<&'static str>),
    /// A list of hops.
    Hops,
    /// A map from `ssh_config` keywords to their values.
    Options,
    /// A map of stop conditions.
    Stop,
    /// A map of what makes a recorded capture go on in another file.
    Rotate,
}

/// One field of `T`.
pub(super) struct Field<T: 'static> {
    /// Its key in the file.
    pub(super) key: &'static str,
    /// What it is for, in a sentence.
    pub(super) about: &'static str,
    /// What may stand behind it.
    pub(super) shape: Shape,
    /// The value as it would be written; null for "not set".
    pub(super) get: fn(&T) -> Value,
    /// Takes a value that is not null.
    pub(super) set: fn(&mut T, &Value) -> Result<(), Invalid>,
}

impl<T> Field<T> {
    /// A field, its parts in the order of the struct.
    pub(super) const fn new(
        key: &'static str,
        about: &'static str,
        shape: Shape,
        get: fn(&T) -> Value,
        set: fn(&mut T, &Value) -> Result<(), Invalid>,
    ) -> Self {
        Self { key, about, shape, get, set }
    }
}

/// Puts every entry of `map` into `into`, and tells all that is wrong. An entry without a value counts as not
/// there.
pub(super) fn apply<T>(fields: &[Field<T>], into: &mut T, map: &Mapping) -> Vec<Invalid> {
    map.iter().filter_map(|(key, value)| apply_one(fields, into, key, value).err()).collect()
}

fn apply_one<T>(fields: &[Field<T>], into: &mut T, key: &Value, value: &Value) -> Result<(), Invalid> {
    let key = value::key(key)?;
    let field = fields
        .iter()
        .find(|field| field.key == key)
        .ok_or_else(|| unknown_key(key, fields.iter().map(|field| field.key)))?;
    if value.is_null() {
        return Ok(());
    }
    (field.set)(into, value).map_err(|invalid| invalid.under_key(key))
}

/// `key` is not one of `known`.
pub(super) fn unknown_key(key: &str, known: impl IntoIterator<Item = &'static str>) -> Invalid {
    let known: Vec<_> = known.into_iter().collect();
    let invalid = Invalid::new("unknown key").on_key().under_key(key);
    match nearest(key, known.iter().copied()) {
        Some(near) => invalid.hint(did_you_mean(near)),
        None => invalid.hint(format!("known keys: {}", known.join(", "))),
    }
}

/// The field of `T` that the map behind a key fills, for fields that are maps themselves: the first thing
/// that is wrong in it, if any.
pub(super) fn apply_first<T>(fields: &[Field<T>], into: &mut T, value: &Value) -> Result<(), Invalid> {
    apply(fields, into, value::map(value)?).into_iter().next().map_or(Ok(()), Err)
}

/// The fields that are set, as the map that [`apply_first`] reads; null for none.
pub(super) fn written<T>(fields: &[Field<T>], of: &T) -> Value {
    let pair = |field: &Field<T>| (Value::from(field.key), (field.get)(of));
    let set: Mapping = fields.iter().map(pair).filter(|(_, value)| !value.is_null()).collect();
    if set.is_empty() { Value::Null } else { Value::Mapping(set) }
}

/// Text that may be missing, as a value.
pub(super) fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

/// A duration as a value.
pub(super) fn from_duration(duration: Duration) -> Value {
    format_duration(duration).into()
}
