//! New settings in an open room.

use crate::tui::{model::Model, mouse::Grip, msg::Effect, reload::Fresh, theme::Role};

/// Takes new settings over, or says why the old ones stay. What hides addresses stays as it was: the log file and what was
/// said before were written by it.
pub(super) fn take(model: &mut Model, fresh: Result<Fresh, Vec<String>>) -> Vec<Effect> {
    match fresh {
        Err(lines) => {
            refuse(model, lines);
            Vec::new()
        }
        Ok(fresh) => accept(model, fresh),
    }
}

fn refuse(model: &mut Model, lines: Vec<String>) {
    let first = lines.first().cloned().unwrap_or_else(|| "the settings cannot be read".to_owned());
    for (place, line) in lines.into_iter().enumerate() {
        model.say("wrcap", line, if place == 0 { Role::Error } else { Role::Muted });
    }
    model.notice = Some(format!("{}; the old settings stay", without_folder(&first)));
}

/// `FOLDER/FILE:LINE: ...` without the folder: a footer has one line, and the log has it whole.
fn without_folder(line: &str) -> String {
    let (path, rest) = line.split_once(':').unwrap_or((line, ""));
    let name = path.rsplit('/').next().unwrap_or(path);
    if rest.is_empty() { line.to_owned() } else { format!("{name}:{rest}") }
}

fn accept(model: &mut Model, Fresh { mut settings, glyphs, mut note }: Fresh) -> Vec<Effect> {
    let desk = &mut model.desk;
    if settings.veil.is_some() != desk.settings.veil.is_some() {
        note.push_str("; privacy counts from the next start on");
    }
    std::mem::swap(&mut settings.veil, &mut desk.settings.veil);
    let mouse = settings.mouse;
    let changed = mouse != desk.settings.mouse;
    (desk.settings, desk.glyphs) = (settings, glyphs);
    model.say("wrcap", note.clone(), Role::Text);
    model.notice = Some(note);
    if !changed {
        return Vec::new();
    }
    let grip = if mouse { Grip::Ours } else { Grip::Terminal };
    model.desk.mouse.grip = grip;
    vec![Effect::Mouse(grip)]
}
