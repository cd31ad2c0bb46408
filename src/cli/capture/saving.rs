//! SIGUSR1: what every session holds now becomes a file in the current folder.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{
    cli::json,
    engine::{Command, SaveRange, Saved, SessionId},
    remote::text::clean,
    session::Failure,
};

/// The name of such a file.
const NAME: &str = "{site}-{target}-{start}.pcapng";

/// What a session is told on SIGUSR1.
pub(super) fn command(session: SessionId) -> Command {
    Command::Save { session, range: SaveRange::All, path: PathBuf::from(NAME) }
}

/// A save as scripts see it.
pub(super) fn saved_json(saved: &Saved) -> Value {
    json!({"path": saved.path.to_string_lossy(), "packets": saved.packets, "bytes": saved.bytes, "error": null})
}

/// A save that failed, as scripts see it.
pub(super) fn not_saved_json(failure: &Failure) -> Value {
    json!({"path": null, "packets": 0, "bytes": 0, "error": json::failure(failure)})
}

/// A save in words.
pub(in crate::cli) fn saved_text(saved: &Saved) -> String {
    let path = clean(&saved.path.to_string_lossy());
    format!("saved {} packets, {} bytes, in {path}", saved.packets, saved.bytes)
}

/// A save that failed, in words.
pub(super) fn not_saved_text(failure: &Failure) -> String {
    let hint = failure.command_line_hint().map_or(String::new(), |hint| format!("\nhint: {}", clean(hint)));
    format!("not saved: {}{hint}", clean(&failure.message))
}
