//! The lines of an answer to the probe, by key.

use super::{ProbeError, Tag};
use crate::remote::text::clean;
use std::collections::BTreeMap;

/// Every key that the probe writes.
const KEYS: &[&str] = &[
    "ssh",
    "other",
    "system",
    "release",
    "hostname",
    "uid",
    "user",
    "clock",
    "memory",
    "tcpdump",
    "version",
    "interface",
    "filter",
    "filter-exit",
    "match",
    "match-exit",
    "program",
    "none",
    "none-exit",
    "sudo",
    "sudo-exit",
    "tty",
    "tty-exit",
    "doas",
    "doas-exit",
    "opened",
    "unopened",
    "refusal",
    "link",
    "address",
    "ifconfig",
    "route",
    "default",
];

/// The lines of an answer by key.
pub(in crate::remote) struct Answer<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Answer<'a> {
    pub(super) fn read(text: &'a str, tag: &Tag) -> Result<Self, ProbeError> {
        let begin = format!("wrcap-probe {tag}\n");
        let end = format!("\nwrcap-probe-end {tag}");
        let no_begin = || ProbeError::NoBegin(clean(text.get(..400).unwrap_or(text)));
        let (_, body) = text.split_once(&begin).ok_or_else(no_begin)?;
        let (body, _) = body.split_once(&end).ok_or(ProbeError::NoEnd)?;
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in body.lines() {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            if !KEYS.contains(&key) {
                return Err(ProbeError::Line(clean(line)));
            }
            lines.entry(key).or_default().push(value);
        }
        Ok(Self(lines))
    }

    /// All lines of a key, in their order.
    pub(in crate::remote) fn lines(&self, key: &str) -> &[&'a str] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// All lines of a key as one text.
    pub(super) fn text(&self, key: &str) -> String {
        clean(&self.lines(key).join(" "))
    }

    /// A number on the only line of a key.
    pub(super) fn number<T: std::str::FromStr>(&self, key: &'static str) -> Result<T, ProbeError> {
        match self.lines(key) {
            [one] => one.trim().parse().map_err(|_| ProbeError::Value(key)),
            _ => Err(ProbeError::Value(key)),
        }
    }

    /// A text that must not be empty.
    pub(super) fn word(&self, key: &'static str) -> Result<String, ProbeError> {
        Some(self.text(key)).filter(|text| !text.is_empty()).ok_or(ProbeError::Value(key))
    }

    /// The exit code of a tried command; `None` when it was not tried.
    pub(super) fn exit(&self, key: &'static str) -> Result<Option<u8>, ProbeError> {
        if self.lines(key).is_empty() { Ok(None) } else { self.number(key).map(Some) }
    }
}
