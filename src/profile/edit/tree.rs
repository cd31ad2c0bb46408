//! Changes to the text of a file, by its syntax tree.

use super::{Edit, EditError, blank, path, typed, values};
use crate::profile::entry;
use serde_yaml::Value;
use std::str::FromStr as _;
use yaml_edit::{Document, Mapping, Sequence, YamlNode};

/// Makes one change to `text`, whose values are `root`.
pub(super) fn apply(text: &str, edit: &Edit, root: &Value) -> Result<String, EditError> {
    match edit {
        Edit::Set { at, key, text: value } => {
            let value = typed(key, value)?;
            set(text, &path(root, at, key), &value)
        }
        Edit::Unset { at, key } => unset(text, &path(root, at, key)),
        Edit::Add { name, host } => add(text, name, host, root),
        Edit::Clone { from, to } => {
            values::check_new(root, to)?;
            copy(text, from, to)
        }
        Edit::Rename { from, to } => {
            values::check_new(root, to)?;
            change_targets(text, |targets| targets.rename_key(from.as_str(), to.as_str()))
        }
        Edit::Remove { name } => unset(text, &["targets".to_owned(), name.clone()]),
    }
}

fn read(text: &str) -> Result<Document, EditError> {
    Document::from_str(text).map_err(|_| EditError::Entangled)
}

fn root_map(document: &Document) -> Result<Mapping, EditError> {
    document.as_mapping().ok_or(EditError::Entangled)
}

fn change_targets(text: &str, change: impl FnOnce(&Mapping) -> bool) -> Result<String, EditError> {
    let document = read(text)?;
    let targets = root_map(&document)?.get_mapping("targets").ok_or(EditError::Entangled)?;
    if change(&targets) { Ok(document.to_string()) } else { Err(EditError::Entangled) }
}

fn set(text: &str, path: &[String], value: &Value) -> Result<String, EditError> {
    let document = read(text)?;
    let mut map = root_map(&document)?;
    let Some((key, around)) = path.split_last() else { return Err(EditError::Entangled) };
    for (depth, step) in around.iter().enumerate() {
        if let Some(next) = map.get_mapping(step.as_str()) {
            map = next;
            continue;
        }
        // What is there but no map of its own (an alias, say) is not ours to replace.
        if map.get(step.as_str()).is_some_and(|node| !is_null(&node)) {
            return Err(EditError::Entangled);
        }
        let rest = path.get(depth + 1..).unwrap_or_default();
        let nested = rest.iter().rev().fold(value.clone(), |inner, key| {
            Value::Mapping(serde_yaml::Mapping::from_iter([(key.as_str().into(), inner)]))
        });
        insert(&map, step, &nested, depth == 0)?;
        return Ok(document.to_string());
    }
    let old = map.get(key.as_str());
    let blank = old.as_ref().map_or_else(String::new, blank_lines);
    let old = old.map(|node| node.to_string()).unwrap_or_default();
    put(&map, key, value, around.is_empty())?;
    let edited = document.to_string();
    let Some(node) = map.get(key.as_str()) else { return Ok(edited) };
    let (end, new) = (node.byte_range().end as usize, node.to_string());
    match (closing_space(&old), closing_space(&new)) {
        (Some(space), Some("")) if !space.is_empty() && node.as_scalar().is_none() => {
            Ok(pad(&edited, end, space))
        }
        _ if blank_lines(&node).is_empty() => Ok(insert_lines(&edited, end, &blank)),
        _ => Ok(edited),
    }
}

/// The empty lines that end a text of several lines (`|`, `>`): part of its node, but nothing of its value.
fn blank_lines(node: &YamlNode) -> String {
    let text = node.to_string();
    let block = text.trim_start().starts_with(['|', '>']);
    let end = text.get(text.trim_end().len()..).unwrap_or_default();
    let lines = end.split_once('\n').map_or("", |(_, lines)| lines);
    if block { lines.to_owned() } else { String::new() }
}

/// `text` with `lines` behind the line that has the byte before `end`.
fn insert_lines(text: &str, end: usize, lines: &str) -> String {
    let from = end.saturating_sub(1);
    let line_end = text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| from + at + 1);
    match text.split_at_checked(line_end) {
        Some((before, after)) => [before, lines, after].concat(),
        None => text.to_owned(),
    }
}

fn is_null(node: &YamlNode) -> bool {
    matches!(node.to_string().trim(), "" | "~" | "null" | "Null" | "NULL" | "{}")
}

/// Gives `key` a value; of lists and maps only the entries that differ are touched.
fn put(map: &Mapping, key: &str, value: &Value, at_root: bool) -> Result<(), EditError> {
    match (map.get(key), value) {
        (Some(node), Value::Sequence(items)) if node.as_sequence().is_some_and(|list| !list.is_empty()) => {
            node.as_sequence().map_or(Ok(()), |list| put_items(list, items))
        }
        (Some(node), Value::Mapping(entries)) if node.as_mapping().is_some_and(|map| !map.is_empty()) => {
            node.as_mapping().map_or(Ok(()), |map| put_entries(map, entries))
        }
        (Some(node), _) if node.as_alias().is_some() => Err(EditError::Entangled),
        _ => insert(map, key, value, at_root),
    }
}

/// Makes the list hold `items`; what is the same at both ends stays as it is written.
fn put_items(list: &Sequence, items: &[Value]) -> Result<(), EditError> {
    let old: Vec<Option<Value>> =
        list.values().map(|node| serde_yaml::from_str(&node.to_string()).ok()).collect();
    let same = |(old, new): &(&Option<Value>, &Value)| old.as_ref() == Some(*new);
    let head = old.iter().zip(items).take_while(same).count();
    let left = old.len().min(items.len()) - head;
    let tail = old.iter().rev().zip(items.iter().rev()).take(left).take_while(same).count();
    let (gone, new) = (old.len() - head - tail, items.get(head..items.len() - tail).unwrap_or_default());
    for index in (head + new.len().min(gone)..head + gone).rev() {
        list.remove(index);
    }
    for (index, item) in new.iter().enumerate() {
        with_node(item, |node| {
            if index < gone {
                list.set(head + index, node);
            } else {
                list.insert(head + index, node);
            }
        })?;
    }
    Ok(())
}

/// Makes the map hold `entries`.
fn put_entries(map: &Mapping, entries: &serde_yaml::Mapping) -> Result<(), EditError> {
    let old: serde_yaml::Mapping = serde_yaml::from_str(&map.to_string()).unwrap_or_default();
    for key in old.keys().filter_map(Value::as_str).filter(|key| !entries.contains_key(*key)) {
        map.remove(key);
    }
    for (key, value) in entries {
        let Some(key) = key.as_str() else { return Err(EditError::Entangled) };
        if old.get(key) != Some(value) {
            put(map, key, value, false)?;
        }
    }
    Ok(())
}

/// Puts in an entry, or another value for it. A file reads from the way there to the targets.
fn insert(map: &Mapping, key: &str, value: &Value, at_root: bool) -> Result<(), EditError> {
    let new = at_root && map.get(key).is_none();
    with_styled(value, at_root, |node| {
        if new && key == "defaults" && map.contains_key("via") {
            map.insert_after("via", key, node);
        } else if new && key == "via" && map.contains_key("defaults") {
            map.insert_before("defaults", key, node);
        } else if new && key != "targets" {
            map.insert_before("targets", key, node);
        } else {
            map.set(key, node);
        }
    })
}

/// Calls `then` with `value` as a node.
fn with_node<T>(value: &Value, then: impl FnOnce(&dyn yaml_edit::AsYaml) -> T) -> Result<T, EditError> {
    with_styled(value, false, then)
}

/// The same; `block` writes maps on lines of their own.
fn with_styled<T>(
    value: &Value,
    block: bool,
    then: impl FnOnce(&dyn yaml_edit::AsYaml) -> T,
) -> Result<T, EditError> {
    match value {
        Value::String(text) => Ok(then(&text.as_str())),
        Value::Bool(switch) => Ok(then(switch)),
        Value::Number(number) => number.as_u64().map(|number| then(&number)).ok_or(EditError::Entangled),
        Value::Mapping(entries) if block && !entries.is_empty() => {
            let lines = entries.iter().map(|(key, value)| format!("{}: {}\n", flow(key), flow(value)));
            let document = read(&lines.collect::<String>())?;
            document.as_mapping().map(|map| then(&map)).ok_or(EditError::Entangled)
        }
        Value::Mapping(_) => {
            let document = read(&flow(value))?;
            document.as_mapping().map(|map| then(&map)).ok_or(EditError::Entangled)
        }
        Value::Sequence(_) => {
            let document = read(&flow(value))?;
            document.as_sequence().map(|list| then(&list)).ok_or(EditError::Entangled)
        }
        Value::Null | Value::Tagged(_) => Err(EditError::Entangled),
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Sequence(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) if map.is_empty() => "{}".to_owned(),
        Value::Mapping(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", flow(key), flow(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if is_plain(text) => text.clone(),
        Value::String(text) => serde_json::Value::from(text.as_str()).to_string(),
        Value::Bool(switch) => switch.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Tagged(_) => "null".to_owned(),
    }
}

/// Whether a text can stand in a list or map on one line without quotes.
fn is_plain(text: &str) -> bool {
    let list: Result<Value, _> = serde_yaml::from_str(&format!("[{text}]"));
    let word = text.chars().all(|c| c.is_ascii_alphanumeric() || " @._~/:+%=-".contains(c));
    word && list.is_ok_and(|list| list == Value::Sequence(vec![Value::from(text)]))
}

fn unset(text: &str, path: &[String]) -> Result<String, EditError> {
    let document = read(text)?;
    let Some((key, around)) = path.split_last() else { return Err(EditError::Entangled) };
    let mut map = root_map(&document)?;
    for step in around {
        match map.get_mapping(step.as_str()) {
            Some(next) => map = next,
            None => return Ok(text.to_owned()),
        }
    }
    let last_of_field = map.len() == 1 && around.last().is_some_and(|key| entry::is_map(key));
    if last_of_field && map.contains_key(key.as_str()) {
        return unset(text, around);
    }
    let before = map.to_string();
    let space = closing_space(&before).filter(|space| map.is_flow_style() && !space.is_empty());
    if map.remove(key.as_str()).is_none() {
        return Ok(text.to_owned());
    }
    let edited = document.to_string();
    Ok(match space.filter(|_| !map.is_empty()) {
        Some(space) => pad(&edited, map.byte_range().end as usize, space),
        None => edited,
    })
}

/// What stands between the last entry and the brace of a map or list on one line, or spread over some.
fn closing_space(node: &str) -> Option<&str> {
    let inside = node.trim_end().strip_suffix(['}', ']'])?;
    inside.get(inside.trim_end().len()..)
}

/// `text` with this space before the brace or bracket that ends at byte `end`: it goes with an entry that is taken out, though
/// it is not the entry's. A brace on a line of its own stays there: what is before it may be a comment.
fn pad(text: &str, end: usize, space: &str) -> String {
    let at = end.saturating_sub(1);
    match (text.get(..at), text.get(at..)) {
        (Some(before), Some(brace)) if brace.starts_with(['}', ']']) => {
            let kept = before.trim_end();
            let has_line = before.get(kept.len()..).is_some_and(|space| space.contains('\n'));
            if has_line { text.to_owned() } else { format!("{kept}{space}{brace}") }
        }
        _ => text.to_owned(),
    }
}

/// A new target, written as the last one is.
fn add(text: &str, name: &str, host: &str, root: &Value) -> Result<String, EditError> {
    values::check_new(root, name)?;
    if root.as_mapping().is_none_or(serde_yaml::Mapping::is_empty) {
        let start = if text.trim().is_empty() { blank() } else { whole_lines(text) };
        return Ok(format!("{start}targets:\n  {}:\n    host: {}\n", flow(&name.into()), flow(&host.into())));
    }
    let document = read(text)?;
    let fields = Value::Mapping(serde_yaml::Mapping::from_iter([("host".into(), Value::from(host))]));
    let root = root_map(&document)?;
    let Some(targets) = root.get_mapping("targets").filter(|targets| !targets.is_empty()) else {
        let targets = Value::Mapping(serde_yaml::Mapping::from_iter([(name.into(), fields)]));
        insert(&root, "targets", &targets, true)?;
        return Ok(document.to_string());
    };
    let last = targets.values().last();
    let flow = last.is_some_and(|node| node.as_mapping().is_some_and(Mapping::is_flow_style));
    with_styled(&fields, !flow, |node| targets.set(name, node))?;
    Ok(document.to_string())
}

fn whole_lines(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// A copy of a target's text behind it.
fn copy(text: &str, from: &str, to: &str) -> Result<String, EditError> {
    change_targets(text, |targets| {
        let node = targets.get(from);
        node.is_some_and(|node| targets.insert_after(from, to, node))
    })
}
