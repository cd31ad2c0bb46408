//! Questions of ssh and sudo, and host keys that have changed.

use ratatui::layout::Rect;

use super::{
    boxes::{boxed, buttons, keys, room},
    canvas::Canvas,
    picker::type_in,
};
use crate::{
    engine::SessionId,
    remote::{prompt::PromptKind, ssh_message::fingerprint_of},
    tui::{
        answer::{AnswerForm, Comparison, Keep, KeyChoice, KeyForm, SavedKey, SecretForm, Sight},
        model::Model,
        notes::wrap,
        overlay::Waiting,
        spots::Spot,
        theme::Role,
    },
};

type Lines = Vec<(String, Role)>;

/// ssh gives up after so many wrong answers.
const TRIES: u32 = 3;

fn text(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

pub(super) fn draw(model: &Model, waiting: &Waiting, form: &AnswerForm, canvas: &mut Canvas<'_>) {
    match form {
        AnswerForm::HostKey(form) => host_key(model, waiting, form, canvas),
        AnswerForm::Secret(form) => secret(model, waiting, form, canvas),
        AnswerForm::Choice(button) => {
            let mut lines = said(waiting, canvas);
            lines.push(text(""));
            let rest = boxed("Confirm", lines, canvas);
            buttons(&["No", "Yes"], *button, rest, canvas);
        }
        AnswerForm::Touch => {
            let mut lines = said(waiting, canvas);
            lines.insert(0, (format!("Touch your security key now, for {}", waiting.name), Role::Attention));
            let rest = boxed("Security key", lines, canvas);
            keys(&format!("closes itself once it was touched   Esc cancel {}", waiting.name), rest, canvas);
        }
    }
}

/// ssh's own words.
fn said(waiting: &Waiting, canvas: &Canvas<'_>) -> Lines {
    wrap(&waiting.question.prompt.text, room(canvas)).into_iter().map(text).collect()
}

/// `jump-b, hop 1 of 2`
fn hop(model: &Model, waiting: &Waiting) -> String {
    let hop = &waiting.question.hop;
    let session = model.sessions.all.get(&waiting.session);
    let looked = || {
        let looks = |overlay: &&crate::tui::overlay::Overlay| {
            overlay.looking().and_then(|looking| looking.id) == Some(waiting.session)
        };
        Some(&model.overlays.iter().find(looks)?.subject()?.target)
    };
    let target = session.and_then(|session| session.facts.target.as_deref()).or_else(looked);
    let Some(target) = target else { return hop.clone() };
    let labels: Vec<String> = target.hops().map(ToString::to_string).collect();
    let mut places = labels.iter().enumerate().filter(|(place, label)| {
        *label == hop || target.hops().nth(*place).is_some_and(|known| known.host == *hop)
    });
    match (places.next(), places.next()) {
        (Some((place, _)), None) if labels.len() > 1 => {
            format!("{hop}, hop {} of {}", place + 1, labels.len())
        }
        _ => hop.clone(),
    }
}

/// How many questions wait.
fn queue(model: &Model) -> String {
    match model.questions.len() {
        0 | 1 => String::new(),
        number => format!(", 1 of {number} questions waiting"),
    }
}

fn secret(model: &Model, waiting: &Waiting, form: &SecretForm, canvas: &mut Canvas<'_>) {
    let question = &waiting.question;
    let name = &waiting.name;
    let of = hop(model, waiting);
    let (title, needs, mut lines) = match &question.prompt.kind {
        PromptKind::Passphrase { key } => {
            let needs = format!("{name} needs the passphrase for a key");
            ("Passphrase", needs, vec![text(format!("  key  {key}")), text(format!("  for  {of}"))])
        }
        PromptKind::Password { who } if question.prompt.text.starts_with("[sudo]") => {
            let needs = format!("{name} needs the password of {who} for sudo");
            ("Sudo password", needs, vec![text(format!("  on   {of}"))])
        }
        PromptKind::Password { who } => {
            let needs = format!("{name} needs the password of {who}");
            ("Password", needs, vec![text(format!("  for  {of}"))])
        }
        PromptKind::Keyboard { who, .. } => {
            let mut lines = vec![text(format!("  for  {of}"))];
            lines.extend(said(waiting, canvas));
            ("Answer to a server", format!("{name}: the server asks {who}"), lines)
        }
        _ => {
            let mut lines = vec![text(format!("  for  {of}"))];
            lines.extend(said(waiting, canvas));
            ("Question", format!("{name}: ssh asks"), lines)
        }
    };
    let headline = format!("{needs}{}", queue(model));
    let mut all: Lines = wrap(&headline, room(canvas)).into_iter().map(text).collect();
    all.append(&mut lines);
    all.push(text(""));
    all.extend(kept(form).map(text));
    all.push(attempt(model, waiting));
    let rest = boxed(title, all, canvas);
    typed(form, rest, canvas);
    let more = if model.questions.len() > 1 { "   Tab next question" } else { "" };
    let show = if form.sight == Sight::Hidden { "show" } else { "hide" };
    keys(&format!("Enter send   Ctrl-v {show}{more}   Esc cancel {name}"), rest, canvas);
}

fn kept(form: &SecretForm) -> Option<String> {
    let mark = match form.keep {
        Keep::Never => return None,
        Keep::No => ' ',
        Keep::Yes => 'x',
    };
    Some(format!("[{mark}] Ctrl-k keep it for other sessions that ask this (memory only)"))
}

fn attempt(model: &Model, waiting: &Waiting) -> (String, Role) {
    let attempt = waiting.question.attempt;
    let others = model.sessions.active().filter(|(id, _)| *id != waiting.session).count();
    let others = match others {
        0 => String::new(),
        1 => "   the other session keeps running".to_owned(),
        number => format!("   the other {number} sessions keep running"),
    };
    if attempt > 1 {
        (format!("attempt {attempt} of {TRIES}: the answer before was not accepted{others}"), Role::Warn)
    } else {
        (format!("attempt 1 of {TRIES}{others}"), Role::Muted)
    }
}

/// What is typed: stars, or the end of it as it is.
fn typed(form: &SecretForm, area: Rect, canvas: &mut Canvas<'_>) {
    let width = area.width.saturating_sub(3);
    let x = area.x + canvas.put(area.x, area.y, 2, "> ", Role::Accent);
    let cells = match form.sight {
        Sight::Hidden => {
            let stars = "*".repeat(form.input.len().min(usize::from(width)));
            canvas.put(x, area.y, width, &stars, Role::Text)
        }
        Sight::Shown => canvas.put_end(x, area.y, width, form.input.text(), Role::Text),
    };
    canvas.put(x + cells, area.y, 1, " ", Role::Selection);
}

fn host_key(model: &Model, waiting: &Waiting, form: &KeyForm, canvas: &mut Canvas<'_>) {
    let PromptKind::HostKey { host, key_type, fingerprint } = &waiting.question.prompt.kind else { return };
    let room = room(canvas);
    let mut lines: Lines = wrap(&format!("{key_type} {fingerprint}"), room)
        .into_iter()
        .map(|line| (line, Role::Attention))
        .collect();
    let known = format!("{host} is not in your known_hosts{}", queue(model));
    lines.splice(0..0, wrap(&known, room).into_iter().map(text).chain([text("")]));
    let needed = format!("needed by {}: {}", waiting.name, hop(model, waiting));
    lines.extend(wrap(&needed, room).into_iter().map(|line| (line, Role::Muted)));
    lines.push(text(""));
    let how = "Compare it with what the owner of the machine published, or paste that here:";
    lines.extend(wrap(how, room).into_iter().map(text));
    let place = lines.len();
    lines.push(text("> "));
    let (verdict, role) = match form.comparison(fingerprint) {
        Comparison::Nothing => ("", Role::Text),
        Comparison::Same => ("the same: this is the machine that you mean", Role::Ok),
        Comparison::Different => ("DIFFERENT: this is not the key that you pasted", Role::Error),
        Comparison::Incomparable => ("that is no fingerprint of this kind", Role::Warn),
    };
    lines.push((verdict.to_owned(), role));
    let rows = lines.len();
    let rest = boxed("Unknown host key", lines, canvas);
    // The line to paste into is there only where nothing had to be left out.
    let above = u16::try_from(rows - place).unwrap_or(0);
    if rest.height == 3 && rest.y > above {
        let y = rest.y - above;
        type_in(&form.paste, Rect::new(rest.x + 2, y, rest.width.saturating_sub(2), 1), canvas);
    }
    choices(form, fingerprint, rest, canvas);
}

fn choices(form: &KeyForm, fingerprint: &str, area: Rect, canvas: &mut Canvas<'_>) {
    let mut x = area.x;
    let narrow = area.width < 60;
    for choice in form.choices(fingerprint) {
        let words = match choice {
            KeyChoice::Refuse => "Do not connect",
            KeyChoice::Save if narrow => "Save",
            KeyChoice::Save => "Trust and save",
            KeyChoice::Once if narrow => "Once",
            KeyChoice::Once => "Trust this once",
        };
        let cells =
            canvas.put(x, area.y, area.right().saturating_sub(x), &format!("[ {words} ]"), Role::Accent);
        canvas.spot(Rect::new(x, area.y, cells, 1), Spot::Choice(choice));
        if choice == form.chosen(fingerprint) {
            canvas.lay(Rect::new(x, area.y, cells, 1), Role::Selection);
        }
        x += cells + 2;
    }
    keys("Left Right choose   Enter confirm   Ctrl-y copy it   Esc do not connect", area, canvas);
}

/// A host key that has changed: a refusal with a way on.
pub(super) fn changed_key(model: &Model, id: SessionId, canvas: &mut Canvas<'_>) {
    let Some(session) = model.sessions.all.get(&id) else { return };
    let Some(failure) = session.state.failure() else { return };
    let room = room(canvas);
    let hop = failure.hop.as_deref().unwrap_or("a machine on the way");
    let title = format!("THE HOST KEY OF {hop} HAS CHANGED");
    let mut lines: Lines = wrap(&title, room).into_iter().map(|line| (line, Role::Error)).collect();
    lines.push(text(""));
    let saved = failure.hint.as_deref().and_then(SavedKey::of);
    if let Some(key) = saved {
        let line = format!("(line {})", key.line());
        lines.extend(fingerprint("saved", key.fingerprint.unwrap_or("cannot be read"), &line, room));
    }
    match fingerprint_of(&failure.message) {
        Some(offered) => lines.extend(fingerprint("offered", offered, "", room)),
        None => lines.extend(wrap(&failure.message, room).into_iter().map(text)),
    }
    lines.push(text(""));
    let why = "Either the machine was reinstalled or someone is in between. wrcap will not connect.";
    lines.extend(wrap(why, room).into_iter().map(text));
    if let Some(key) = saved {
        let how = "To replace the saved key, once you know why it changed, run:";
        lines.extend(wrap(how, room).into_iter().map(text));
        let command = wrap(key.command, room.saturating_sub(2));
        lines.extend(command.into_iter().map(|line| (format!("  {line}"), Role::Accent)));
    }
    let rest = boxed("Host key changed", lines, canvas);
    let words = format!("y copy the command   l log   Esc close ({} stays failed)", session.name);
    keys(&words, rest, canvas);
}

/// A fingerprint behind its label, below it where there is no room.
fn fingerprint(label: &str, fingerprint: &str, note: &str, room: usize) -> Lines {
    let line = format!("  {label:<7}  {fingerprint}  {note}");
    let line = line.trim_end().to_owned();
    if line.len() <= room {
        return vec![(line, Role::Attention)];
    }
    vec![text(format!("  {label} {note}").trim_end()), (format!("  {fingerprint}"), Role::Attention)]
}
