//! How large a site becomes once it is read: aliases and inherited defaults make much of little text.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess as _, Visitor,
};
use serde_yaml::Value;
use std::{cell::Cell, fmt};

/// The most that a file may come to, in bytes of memory, roughly. A site of 10,000 targets stays far below it.
const MAX_WEIGHT: usize = 32 << 20;

/// What one node weighs by itself.
const NODE: usize = 64;

/// The most work that brackets may make: the reader looks at all that are open for each token, before its limit of 128
/// levels applies. Less than a second.
const MAX_BRACKETS: usize = 1 << 27;

/// Fails where `text` comes to more than any site needs. Walks through all aliases and keeps nothing.
pub(super) fn check(text: &str) -> Result<(), serde_yaml::Error> {
    if brackets(text) > MAX_BRACKETS {
        return Err(serde_yaml::Error::custom("too many brackets are open at a time"));
    }
    let left = Cell::new(MAX_WEIGHT);
    Walk(&left).deserialize(serde_yaml::Deserializer::from_str(text))
}

/// Whether every one of `heirs` can have a copy of `inherited`.
pub(super) fn is_heritable(inherited: &[Option<&Value>], heirs: usize) -> bool {
    let weight: usize = inherited.iter().flatten().map(|value| weight(value)).sum();
    weight.saturating_mul(heirs) <= 4 * MAX_WEIGHT
}

/// The brackets that are open at each byte, added up. Those in texts count too: there are never so many.
fn brackets(text: &str) -> usize {
    let mut open = 0_usize;
    let at_each = text.bytes().map(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    at_each.fold(0, usize::saturating_add)
}

fn weight(value: &Value) -> usize {
    NODE + match value {
        Value::String(text) => text.len(),
        Value::Sequence(list) => list.iter().map(weight).sum(),
        Value::Mapping(map) => map.iter().map(|(key, value)| weight(key) + weight(value)).sum(),
        Value::Tagged(tagged) => weight(&tagged.value),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Walks a document while there is weight left.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a Cell<usize>);

impl Walk<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(NODE + bytes);
        self.0.set(left.ok_or_else(|| E::custom("it is too large: an alias stands for much, many times"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.take(0)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.take(0)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        self.deserialize(value)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.take(0)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        self.take(0)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        self.take(0)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.take(0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.take(text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.take(0)?;
        while list.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.take(0)?;
        while map.next_key_seed(self)?.is_some() {
            map.next_value_seed(self)?;
        }
        Ok(())
    }

    /// A value with a tag.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<(), A::Error> {
        self.take(0)?;
        tagged.variant_seed(self)?.1.newtype_variant_seed(self)
    }
}
