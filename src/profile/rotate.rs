//! `rotate`: when a kept capture goes on in another file.

use super::{
    field::{self, Field, Shape, from_duration},
    problem::Invalid,
    target::Rotate,
    unit::format_size,
    value,
};
use serde_yaml::Value;
use std::{ops::RangeInclusive, time::Duration};

const SIZE: RangeInclusive<u64> = 1_000_000..=1 << 44;
const EVERY: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(30 * 86_400);
const KEEP: RangeInclusive<u64> = 1..=99_999;

/// The parts of `rotate`.
pub(super) static ROTATE: [Field<Rotate>; 3] = [
    Field::new(
        "size",
        "Go on in another file before one gets longer than this.",
        Shape::Size,
        |rotate| rotate.size.map_or(Value::Null, |bytes| format_size(bytes).into()),
        |rotate, v| value::size(v, &SIZE).map(|x| rotate.size = Some(x)),
    ),
    Field::new(
        "every",
        "Go on in another file with the first packet after this long.",
        Shape::Duration,
        |rotate| rotate.every.map_or(Value::Null, from_duration),
        |rotate, v| value::duration(v, &EVERY, false).map(|x| rotate.every = Some(x)),
    ),
    Field::new(
        "keep",
        "Keep at most so many files; the oldest goes.",
        Shape::Number(KEEP),
        |rotate| rotate.keep.map_or(Value::Null, Value::from),
        |rotate, v| value::number(v, &KEEP).map(|x| rotate.keep = Some(x)),
    ),
];

/// Takes a map with any of the parts.
pub(super) fn set(rotate: &mut Rotate, value: &Value) -> Result<(), Invalid> {
    field::apply_first(&ROTATE, rotate, value)?;
    if rotate.keep.is_some() && !rotate.is_on() {
        return Err(Invalid::new("keeps files of which no second one is begun")
            .hint("say when with size or every: { size: 100MB, keep: 5 }"));
    }
    Ok(())
}
