//! Where in the text a key or value stands.
//!
//! The YAML reader tells positions only with its errors. So the text is read once more along the path, and
//! the reading is made to fail exactly there. Costs one pass a problem, nothing for files without any.

use super::problem::{Invalid, Problem, Spot, Step};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// `invalid` with its line and column in `text`. What came in by a merge key or an alias is placed at the nearest
/// node around it that is written out.
pub(super) fn place(text: &str, invalid: Invalid) -> Problem {
    let seek = Seek { path: &invalid.at, on: invalid.on };
    let failed = seek.deserialize(serde_yaml::Deserializer::from_str(text)).err();
    let (line, column) = failed.and_then(|e| e.location()).map_or((1, 1), |l| (l.line(), l.column()));
    invalid.place(line, column)
}

/// Walks to the end of `path` and fails there; fails earlier where the path leaves what is written.
struct Seek<'a> {
    path: &'a [Step],
    on: Spot,
}

impl Seek<'_> {
    fn here<T, E: Error>() -> Result<T, E> {
        Err(E::custom("here"))
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("here")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Key(want), rest)) = self.path.split_first() else { return Self::here() };
        let stop = rest.is_empty() && self.on == Spot::Key;
        while let Some(found) = map.next_key_seed(SeekKey { want, stop })? {
            if found {
                return map.next_value_seed(Seek { path: rest, on: self.on });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Self::here()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((Step::Index(want), rest)) = self.path.split_first() else { return Self::here() };
        for _ in 0..*want {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Self::here();
            }
        }
        list.next_element_seed(Seek { path: rest, on: self.on })?;
        Self::here()
    }
}

/// Says whether a key is the wanted one; fails on it when the key itself is what is looked for.
struct SeekKey<'a> {
    want: &'a str,
    stop: bool,
}

impl SeekKey<'_> {
    fn compare<E: Error>(&self, key: &str) -> Result<bool, E> {
        if key == self.want && self.stop { Seek::here() } else { Ok(key == self.want) }
    }
}

impl<'de> DeserializeSeed<'de> for SeekKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for SeekKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        self.compare(key)
    }

    fn visit_bool<E: Error>(self, key: bool) -> Result<bool, E> {
        self.compare(&key.to_string())
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<bool, E> {
        self.compare(&key.to_string())
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<bool, E> {
        self.compare(&key.to_string())
    }

    fn visit_f64<E: Error>(self, key: f64) -> Result<bool, E> {
        self.compare(&key.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        self.compare("null")
    }
}
