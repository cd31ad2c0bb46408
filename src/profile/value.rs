//! From a YAML value to what a field wants, and what to say when it is something else.

use super::{
    check,
    moment::Moment,
    nearest::nearest,
    problem::Invalid,
    unit::{format_duration, format_size, parse_duration, parse_size},
    words::Words,
};
use serde_yaml::{Mapping, Value};
use std::{ops::RangeInclusive, time::Duration};

/// What YAML calls a value, for messages.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a switch",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a map",
        Value::Tagged(_) => "a tagged value",
    }
}

/// "wants X, got Y".
pub(super) fn mismatch(wanted: &str, got: &Value) -> Invalid {
    Invalid::new(format!("wants {wanted}, got {}", kind(got)))
}

/// Text; what YAML took for a number or a switch must be quoted, as its spelling is lost.
pub(super) fn text(value: &Value) -> Result<&str, Invalid> {
    match value {
        Value::String(text) => Ok(text.trim()),
        Value::Number(_) | Value::Bool(_) => Err(mismatch("text", value).hint("put quotes around it")),
        _ => Err(mismatch("text", value)),
    }
}

/// Text on one line; `None` when it is empty.
pub(super) fn line(value: &Value) -> Result<Option<String>, Invalid> {
    let text = text(value)?;
    check::one_line(text)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Free text of any number of lines; `None` when it is empty.
pub(super) fn lines(value: &Value) -> Result<Option<String>, Invalid> {
    let text = text(value)?;
    check::no_control(text)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// `true` or `false`.
pub(super) fn switch(value: &Value) -> Result<bool, Invalid> {
    value.as_bool().ok_or_else(|| mismatch("true or false", value))
}

/// The first number that has no room in 64 bits.
const TOO_LARGE: f64 = 18_446_744_073_709_551_616.0;

/// What to say of a number with more digits than any number here has.
pub(super) fn too_large(limit: Option<u64>) -> String {
    let limit = limit.map_or_else(String::new, |limit| format!(": the limit is {limit}"));
    format!("the number is too large{limit}")
}

/// A whole number within `range`.
pub(super) fn number(value: &Value, range: &RangeInclusive<u64>) -> Result<u64, Invalid> {
    // More digits than any number here has are text, or no whole number any more.
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = value.as_str().map(str::trim);
    if text.is_some_and(|text| digits(text) && text.parse::<u64>().is_err())
        || (value.as_u64().is_none() && value.as_f64().is_some_and(|number| number >= TOO_LARGE))
    {
        return Err(Invalid::new(too_large(Some(*range.end()))));
    }
    if !value.is_number() {
        return Err(mismatch("a number", value));
    }
    value.as_u64().filter(|n| range.contains(n)).ok_or_else(|| {
        let shown = serde_yaml::to_string(value).unwrap_or_default();
        Invalid::new(format!("{} is not within {} to {}", shown.trim(), range.start(), range.end()))
    })
}

/// A size within `range`, in bytes.
pub(super) fn size(value: &Value, range: &RangeInclusive<u64>) -> Result<u64, Invalid> {
    let bytes = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => parse_size(text),
        _ => return Err(mismatch("a size", value)),
    };
    let bytes = bytes.ok_or_else(|| {
        Invalid::new("is no size").hint("write 64KiB, 32MiB, 2GiB, 100MB, or a whole number of bytes")
    })?;
    if range.contains(&bytes) {
        return Ok(bytes);
    }
    let (least, most) = (format_size(*range.start()), format_size(*range.end()));
    Err(Invalid::new(format!("{} is not within {least} to {most}", format_size(bytes))))
}

/// A duration within `range`; `off` lets zero pass too.
pub(super) fn duration(
    value: &Value,
    range: &RangeInclusive<Duration>,
    off: bool,
) -> Result<Duration, Invalid> {
    let duration = match value {
        Value::Number(number) => number.as_u64().map(Duration::from_secs),
        Value::String(text) => parse_duration(text),
        _ => return Err(mismatch("a duration", value)),
    };
    let duration = duration.ok_or_else(|| {
        Invalid::new("is no duration").hint("write 60s, 1m 30s, or a whole number of seconds")
    })?;
    if range.contains(&duration) || (off && duration.is_zero()) {
        return Ok(duration);
    }
    let (least, most) = (format_duration(*range.start()), format_duration(*range.end()));
    let or_off = if off { ", or 0 for off" } else { "" };
    Err(Invalid::new(format!("{} is not within {least} to {most}{or_off}", format_duration(duration))))
}

/// A time of day, or a day and a time of it.
pub(super) fn moment(value: &Value) -> Result<Moment, Invalid> {
    let text = text(value)?;
    Moment::parse(text).ok_or_else(|| {
        Invalid::new("is no time").hint("write 14:30 for the next time it is that, or 2026-11-26 14:30")
    })
}

/// One of the words of `T`.
pub(super) fn choice<T: Words>(value: &Value) -> Result<T, Invalid> {
    let word = text(value)?;
    T::from_word(word).ok_or_else(|| {
        let all = T::words();
        let invalid = Invalid::new(format!("{word:?} is none of {}", all.join(", ")));
        match nearest(word, all) {
            Some(near) => invalid.hint(did_you_mean(near)),
            None => invalid,
        }
    })
}

/// The hint for a mistyped word.
pub(super) fn did_you_mean(near: &str) -> String {
    format!("did you mean {near}?")
}

/// A map.
pub(super) fn map(value: &Value) -> Result<&Mapping, Invalid> {
    value.as_mapping().ok_or_else(|| mismatch("a map", value))
}

/// A key of a map as text.
pub(super) fn key(key: &Value) -> Result<&str, Invalid> {
    key.as_str().ok_or_else(|| {
        let shown = serde_yaml::to_string(key).unwrap_or_default();
        let invalid = Invalid::new("the key is no text").hint("put quotes around the key").on_key();
        invalid.under_key(shown.trim())
    })
}
