//! The JSON Schema of `config.yaml`, made from the table that also reads it.

use super::{
    look::ROLES,
    table::{SETTINGS, Setting, Shape},
};
use serde_json::{Map, Value, json};

/// The schema as pretty-printed JSON (draft 2020-12), with a line break at its end. `contexts` are the contexts of
/// keys, each with the names of its commands.
pub fn config_schema(contexts: &[(String, Vec<String>)]) -> String {
    let properties: Map<String, Value> = SETTINGS
        .iter()
        .map(|setting| {
            let mut schema = shape(setting, contexts);
            schema["description"] = setting.about.into();
            (setting.key.to_owned(), schema)
        })
        .collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wrcap settings",
        "description": "Settings of wrcap's dashboard.",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
        "$defs": {"keys": {"anyOf": [
            {"type": ["string", "integer", "null"]},
            {"type": "array", "items": {"type": ["string", "integer"]}},
        ]}},
    });
    format!("{schema:#}\n")
}

fn map(names: impl IntoIterator<Item = String>, schema: &Value) -> Value {
    let properties: Map<String, Value> = names.into_iter().map(|name| (name, schema.clone())).collect();
    json!({"type": ["object", "null"], "additionalProperties": false, "properties": properties})
}

/// Every shape allows null: a key without a value counts as not there.
fn shape(setting: &Setting, contexts: &[(String, Vec<String>)]) -> Value {
    match setting.shape {
        Shape::Switch => json!({"type": ["boolean", "null"], "default": false}),
        Shape::Words(words) => {
            let words = words();
            let default = words.first().copied();
            let words: Vec<Value> = words.into_iter().map(Value::from).chain([Value::Null]).collect();
            json!({"enum": words, "default": default})
        }
        Shape::Command => json!({"anyOf": [
            {"type": ["string", "null"]},
            {"type": "array", "items": {"type": "string"}},
        ]}),
        Shape::Looks => {
            let look =
                json!({"type": ["string", "integer", "null"], "examples": ["#87d7ff bold", "cyan", 117]});
            map(ROLES.map(str::to_owned), &look)
        }
        Shape::Keys => {
            let keys = json!({"$ref": "#/$defs/keys"});
            let contexts =
                contexts.iter().map(|(name, commands)| (name.clone(), map(commands.clone(), &keys)));
            let properties: Map<String, Value> = contexts.collect();
            json!({"type": ["object", "null"], "additionalProperties": false, "properties": properties})
        }
    }
}
