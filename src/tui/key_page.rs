//! The key table as text: `wrcap keys`.

use std::fmt::Write as _;

use super::{bindings, keymap};

/// All keys of the dashboard, the names of their commands and what they do, a line each.
pub fn key_table() -> String {
    let rows: Vec<(String, String, &str)> = bindings::all()
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            (keys.join(" "), keymap::name(binding.cmd), binding.long)
        })
        .collect();
    let widest = |cell: fn(&(String, String, &str)) -> usize| rows.iter().map(cell).max().unwrap_or(0);
    let (keys_width, name_width) = (widest(|row| row.0.chars().count()), widest(|row| row.1.len()));
    let mut table = String::new();
    for (keys, name, long) in &rows {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{keys:<keys_width$}  {name:<name_width$}  {long}");
    }
    table
}
