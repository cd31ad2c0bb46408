//! The key table as text: `wrcap keys`.

use std::fmt::Write as _;

use super::bindings;

/// All keys of the dashboard and what they do, a line each.
pub fn key_table() -> String {
    let rows: Vec<(String, &str)> = bindings::all()
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            (keys.join(" "), binding.long)
        })
        .collect();
    let width = rows.iter().map(|(keys, _)| keys.chars().count()).max().unwrap_or(0);
    let mut table = String::new();
    for (keys, long) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{keys:<width$}  {long}");
    }
    table
}
