//! The JSON Schema of site files, for editors that check while typing. Made from the tables that also read the files.

use super::{
    check::MAX_NAME,
    field::{Field, Shape},
    hop::HOP,
    rotate::ROTATE,
    stop::STOP,
    table::{MAX_INTERFACES, SITE, TARGET},
    target::{Hop, Rotate, StopAfter, Target, TargetName},
};
use serde_json::{Map, Value, json};

/// The schema as pretty-printed JSON (draft 2020-12), with a line break at its end.
pub fn schema() -> String {
    let about = |key: &str| SITE.iter().find(|(known, _)| *known == key).map_or("", |(_, about)| about);
    let name = TargetName { site: String::new(), target: String::new() };
    let target = Target::new(name, Hop::default());
    let named = json!({"pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]*$", "maxLength": MAX_NAME});
    let required = |mut schema: Value, key: &str| {
        schema["required"] = json!([key]);
        schema
    };
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wrcap site",
        "description": "One site of wrcap: the bastions, shared defaults, and the targets behind them.",
        "type": "object",
        "additionalProperties": false,
        "required": ["targets"],
        "properties": {
            "via": described(json!({"$ref": "#/$defs/hops"}), about("via")),
            "defaults": described(object(&references(&TARGET[1..])), about("defaults")),
            "targets": described(json!({
                "type": "object",
                "minProperties": 1,
                "propertyNames": named,
                "additionalProperties": required(object(&references(&TARGET)), "host"),
            }), about("targets")),
        },
        "$defs": {
            "hop": {"anyOf": [
                {"type": "string", "description": "[user@]host[:port] or an alias of your ssh_config"},
                required(object(&properties(&HOP, &Hop::default())), "host"),
            ]},
            "hops": {"type": ["array", "null"], "items": {"$ref": "#/$defs/hop"}},
            "fields": properties(&TARGET, &target),
        },
    });
    format!("{schema:#}\n")
}

fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = about.into();
    schema
}

fn object(properties: &Map<String, Value>) -> Value {
    json!({"type": ["object", "null"], "additionalProperties": false, "properties": properties})
}

/// The fields by reference: they are said once and used for targets and defaults.
fn references(fields: &[Field<Target>]) -> Map<String, Value> {
    let entry = |field: &Field<Target>| {
        (field.key.to_owned(), json!({"$ref": format!("#/$defs/fields/{}", field.key)}))
    };
    fields.iter().map(entry).collect()
}

fn properties<T>(fields: &[Field<T>], defaults: &T) -> Map<String, Value> {
    fields.iter().map(|field| (field.key.to_owned(), property(field, defaults))).collect()
}

/// One field, with what it is without being set; that is left out where it is nothing.
fn property<T>(field: &Field<T>, defaults: &T) -> Value {
    let mut schema = described(shape(&field.shape), field.about);
    match serde_json::to_value((field.get)(defaults)) {
        Ok(Value::Null | Value::Array(_) | Value::Object(_)) | Err(_) => {}
        Ok(Value::String(empty)) if empty.is_empty() => {}
        Ok(default) => schema["default"] = default,
    }
    schema
}

/// Every shape allows null: a key without a value counts as not there.
fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Line | Shape::Lines => json!({"type": ["string", "null"]}),
        Shape::Switch => json!({"type": ["boolean", "null"]}),
        Shape::Number(range) => {
            json!({"type": ["integer", "null"], "minimum": range.start(), "maximum": range.end()})
        }
        Shape::Size => json!({"anyOf": [
            {"type": ["integer", "null"], "minimum": 0},
            {"type": "string", "pattern": "^\\s*[0-9]+\\s*(([KkMmGg][Ii]?)?[Bb])?\\s*$", "examples": ["32MiB"]},
        ]}),
        Shape::Duration => json!({"anyOf": [
            {"type": ["integer", "null"], "minimum": 0},
            {"type": "string", "pattern": "^\\s*[0-9]", "examples": ["60s", "1m 30s"]},
        ]}),
        Shape::Moment => json!({
            "type": ["string", "null"],
            "pattern": "^\\s*([0-9]{4}-[0-9]{2}-[0-9]{2}[ T])?[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\\s*$",
            "examples": ["14:30", "2026-11-26 14:30"],
        }),
        Shape::Words(words) => {
            let words: Vec<Value> = words().into_iter().map(Value::from).chain([Value::Null]).collect();
            json!({"enum": words})
        }
        Shape::WordsOr(words) => json!({"anyOf": [{"enum": words()}, {"type": ["string", "null"]}]}),
        Shape::WordsOrList(words) => json!({"anyOf": [
            {"enum": words()},
            {"type": ["string", "null"]},
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_INTERFACES, "uniqueItems": true},
        ]}),
        Shape::Hops => json!({"$ref": "#/$defs/hops"}),
        Shape::Options => json!({
            "type": ["object", "null"],
            "propertyNames": {"pattern": "^[A-Za-z0-9]+$"},
            "additionalProperties": {"type": ["string", "integer", "boolean"]},
        }),
        Shape::Stop => object(&properties(&STOP, &StopAfter::default())),
        Shape::Rotate => object(&properties(&ROTATE, &Rotate::default())),
    }
}
