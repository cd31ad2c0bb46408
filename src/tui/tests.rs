//! The room as a whole: fake engine events and keys in, screens and effects out.

mod bytes;
mod clean;
mod detail;
mod form;
mod form_bounds;
mod form_broken;
mod form_checks;
mod form_files;
mod form_logins;
mod form_new;
mod form_pick;
mod form_screens;
mod form_typing;
mod freezing;
mod hands;
mod keys;
mod leaving;
mod lists;
mod looks;
mod marks;
mod menus;
mod mouse;
mod picker;
mod questions;
mod reload;
mod save;
mod screens;
mod sheet;
mod spools;
mod tries;
mod welcome;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    catalog::Catalog,
    desk as arrangement,
    glyphs::GlyphSet,
    model::Model,
    msg::{Effect, Moment, Msg},
    settings::Settings,
    standing::Standing,
    theme::Theme,
    update::update,
    view,
};
use crate::{
    engine::{Event, EventKind, Question, QuestionId, Report, SessionId, clean::Task, spool},
    profile::{Hop, Interface, Target, TargetName},
    remote::prompt::Prompt,
    session::{Counters, FailKind, Failure, Link, Outcome, Sample, Stage, State, StoppedBy},
};

fn question_id(number: u32) -> QuestionId {
    QuestionId { session: SessionId(0), number }
}

fn hop(host: &str, user: Option<&str>) -> Hop {
    Hop { host: host.to_owned(), user: user.map(str::to_owned), port: None, identity: None }
}

fn name(name: &str) -> TargetName {
    let (site, target) = name.split_once('/').unwrap();
    TargetName { site: site.to_owned(), target: target.to_owned() }
}

fn target(of: &str, bastion: &str, host: &str, interface: Option<&str>, filter: Option<&str>) -> Target {
    Target {
        via: vec![hop(bastion, Some("ec2-user"))],
        interface: interface.map_or(Interface::Auto, |name| Interface::Named(name.to_owned())),
        filter: filter.map(str::to_owned),
        ..Target::new(name(of), hop(host, Some("ops")))
    }
}

fn targets() -> Vec<Target> {
    vec![
        target("shop/web-1", "bastion.shop.example", "10.0.1.11", None, Some("tcp port 80")),
        target("shop/web-2", "bastion.shop.example", "10.0.1.12", Some("eth0"), Some("tcp port 80")),
        target("shop/db-1", "bastion.shop.example", "10.0.1.30", Some("bond0"), Some("tcp port 5432")),
        target("core/router", "jump-a", "10.20.0.1", Some("ge-0/0/1"), Some("not port 22")),
        target("core/mail-gw", "jump-b", "mail01.prod", Some("ens192"), Some("port 25 or port 587")),
        target("core/dmz-fw", "jump-b", "192.0.2.7", Some("eth3"), None),
    ]
}

/// A model with a clock of its own.
struct Desk {
    model: Model,
    now: Moment,
    sequence: u64,
    counters: BTreeMap<u32, Arc<Counters>>,
}

impl Desk {
    fn new(size: (u16, u16), glyphs: GlyphSet) -> Self {
        Self::with(targets(), Vec::new(), size, glyphs)
    }

    fn with(targets: Vec<Target>, problems: Vec<String>, size: (u16, u16), glyphs: GlyphSet) -> Self {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(50_607);
        let now = Moment { instant: Instant::now() + Duration::from_secs(10_000), wall };
        let desk = arrangement::Desk::new(glyphs, TimeZone::UTC, Settings::default());
        let model = Model::new(Catalog::new(targets, problems), desk, size, now);
        Self { model, now, sequence: 0, counters: BTreeMap::new() }
    }

    fn take(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, msg, self.now)
    }

    fn pass(&mut self, time: Duration) {
        self.now = Moment { instant: self.now.instant + time, wall: self.now.wall + time };
        self.take(Msg::Tick);
    }

    fn hear(&mut self, session: u32, kind: EventKind) -> Vec<Effect> {
        self.sequence += 1;
        let event = Event { session: SessionId(session), sequence: self.sequence, at: self.now.wall, kind };
        self.take(Msg::Engine(Box::new(event)))
    }

    fn start(&mut self, session: u32, of: &str) {
        let counters = Arc::new(Counters::default());
        self.counters.insert(session, Arc::clone(&counters));
        let known = self.model.catalog.find(&name(of)).cloned();
        let target = known.unwrap_or_else(|| target(of, "jump", "unknown", None, None));
        self.begin(session, target, counters);
    }

    fn begin(&mut self, session: u32, target: Target, counters: Arc<Counters>) {
        let name = target.name.clone();
        self.hear(session, EventKind::Started { name, counters, target: Arc::new(target) });
    }

    fn live(&mut self, session: u32, of: &str, interface: &str) {
        self.start(session, of);
        let line = |name| format!("sudo -n tcpdump -U -n -i {name} -s 262144 -w -");
        let command_lines = interface.split(',').map(line).collect();
        self.hear(session, EventKind::Armed { interface: interface.to_owned(), command_lines });
        let since = self.now.instant;
        self.hear(session, EventKind::State(State::Live { since, link: Link::fresh(since) }));
    }

    /// Packets for some seconds, waxing and waning.
    fn flow(&mut self, session: u32, seconds: u64, bytes: u64) {
        for second in 0..seconds {
            self.add(session, bytes * (1 + second * 7 % 5) / 3);
            self.pass(Duration::from_secs(1));
        }
    }

    fn add(&mut self, session: u32, bytes: u64) {
        let counters = &self.counters[&session];
        counters.add_packets(bytes / 650, bytes, bytes, 0);
        let packets = counters.sample().packets;
        counters.set_kernel(packets, packets / 5000, 0);
    }

    fn beat(&mut self, session: u32) {
        let Some(known) = self.model.sessions.all.get(&SessionId(session)) else { return };
        let State::Live { since, .. } = known.state else { return };
        let link = Link::fresh(self.now.instant);
        self.hear(session, EventKind::State(State::Live { since, link }));
    }

    fn end(&mut self, session: u32, outcome: Outcome) -> String {
        let counters = self.counters[&session].sample();
        let report = report(&self.model.sessions.all[&SessionId(session)].name, outcome.clone(), counters);
        self.hear(session, EventKind::State(State::Ended { at: self.now.instant, outcome }));
        words(&self.hear(session, EventKind::Ended(Box::new(report))))
    }

    fn ask(&mut self, session: u32, id: u32, text: &str, attempt: u32) -> Vec<Effect> {
        let known = &self.model.sessions.all[&SessionId(session)];
        let resume = Box::new(known.state.clone());
        let question = text.to_owned();
        let since = self.now.instant;
        self.hear(session, EventKind::State(State::Asking { question, since, resume }));
        self.ask_of(session, id, text, attempt)
    }

    /// A question of whoever has this number.
    fn ask_of(&mut self, session: u32, id: u32, text: &str, attempt: u32) -> Vec<Effect> {
        let prompt = Prompt::classify("jump-b", "", text);
        let question =
            Question { id: question_id(id), hop: "jump-b".to_owned(), prompt, attempt, once: true };
        self.hear(session, EventKind::Asked(question))
    }

    /// Presses keys, separated by spaces; names in angle brackets.
    fn keys(&mut self, keys: &str) -> String {
        let effects: Vec<_> = keys.split(' ').flat_map(|key| self.take(Msg::Key(key_event(key)))).collect();
        words(&effects)
    }

    fn draw(&self, theme: &Theme) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.model.screen.0, self.model.screen.1));
        view::draw(&self.model, theme, &mut buf);
        buf
    }

    fn text(&self) -> String {
        screen(&self.draw(&Theme::of_roles()), |cell| cell.symbol().to_owned())
    }
}

fn screen(buf: &Buffer, of: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let row = |y| (0..buf.area.width).map(|x| of(&buf[(x, y)])).collect::<String>();
    (0..buf.area.height).map(|y| row(y) + "|\n").collect()
}

fn report(name: &TargetName, outcome: Outcome, sample: Sample) -> Report {
    Report {
        name: name.clone(),
        outcome,
        sample,
        statistics_final: true,
        untaken_bytes: 0,
        file: None,
        files: Vec::new(),
    }
}

fn failure(message: &str, hint: &str) -> Outcome {
    Outcome::Failed(Failure::new(Stage::Arm, Some("mail01"), FailKind::Privilege, message).hint(hint))
}

fn key_event(key: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match key {
        "<enter>" => plain(KeyCode::Enter),
        "<esc>" => plain(KeyCode::Esc),
        "<space>" => plain(KeyCode::Char(' ')),
        "<tab>" => plain(KeyCode::Tab),
        "<pgdn>" => plain(KeyCode::PageDown),
        "<up>" => plain(KeyCode::Up),
        "<down>" => plain(KeyCode::Down),
        "<right>" => plain(KeyCode::Right),
        "<bs>" => plain(KeyCode::Backspace),
        "<left>" => plain(KeyCode::Left),
        "<backtab>" => plain(KeyCode::BackTab),
        "<pgup>" => plain(KeyCode::PageUp),
        "<f1>" => plain(KeyCode::F(1)),
        _ => match key.strip_prefix("C-") {
            Some(c) => KeyEvent::new(KeyCode::Char(c.chars().next().unwrap()), KeyModifiers::CONTROL),
            None => plain(KeyCode::Char(key.chars().next().unwrap())),
        },
    }
}

/// Effects in words.
fn words(effects: &[Effect]) -> String {
    let word = |effect: &Effect| match effect {
        Effect::Start(target) => format!("start {}", target.name),
        Effect::Stop(id) => format!("stop {id}"),
        Effect::Kill(id) => format!("kill {id}"),
        Effect::OpenViewer(id) => format!("view {id}"),
        Effect::Save(id, range, path) => format!("save {id} {range:?} {}", path.display()),
        Effect::Dismiss(id) => format!("dismiss {id}"),
        Effect::Answer(id, crate::engine::Answer::Typed(secret)) => {
            format!("answer {} {:?}", id.number, String::from_utf8_lossy(secret.as_bytes()))
        }
        Effect::Answer(id, answer) => format!("answer {} {answer:?}", id.number),
        Effect::Sweep(target, Task::Look) => format!("look at {}", target.name),
        Effect::Sweep(target, Task::End(groups)) => format!("end {} on {}", groups.len(), target.name),
        Effect::Look { ticket, target, over } => match over {
            Some(over) => format!("look {ticket} at {} over {over}", target.name),
            None => format!("look {ticket} at {}", target.name),
        },
        Effect::Spools(spool::Task::List) => "list spools".to_owned(),
        Effect::Spools(spool::Task::Save(spool)) => format!("save spool {}", spool.name),
        Effect::Spools(spool::Task::Remove(spool)) => format!("remove spool {}", spool.name),
        Effect::Demo => "demo".to_owned(),
        Effect::Shutdown(unsaved) => format!("shutdown {unsaved:?}"),
        Effect::Suspend => "suspend".to_owned(),
        Effect::Redraw => "redraw".to_owned(),
        Effect::Reload => "reload".to_owned(),
        Effect::Clerk(request) => form::words(request),
        Effect::Editor { site, text } => {
            format!("editor {site}{}", if text.is_some() { " with text" } else { "" })
        }
        Effect::Shell => "shell".to_owned(),
        Effect::Mouse(grip) => format!("mouse {grip:?}"),
        Effect::Copy(text) => format!("copy {text}"),
        Effect::Notify(text) => format!("notify {text}"),
        Effect::Hook(words) => format!("hook {}", words.join("|")),
    };
    effects.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// One session in every state: what a bad day looks like.
fn bad_day(size: (u16, u16), glyphs: GlyphSet) -> Desk {
    let mut desk = Desk::new(size, glyphs);
    desk.live(1, "core/router", "ge-0/0/1");
    desk.live(2, "shop/db-1", "bond0");
    desk.live(3, "shop/web-1", "eth0");
    desk.flow(3, 3, 900_000);
    desk.start(4, "core/mail-gw");
    let hint = "add to sudoers on mail01: ops ALL=(root) NOPASSWD: /usr/bin/tcpdump, or give tcpdump its capabilities \
                with setcap cap_net_raw,cap_net_admin=eip /usr/bin/tcpdump";
    desk.end(4, failure("sudo wants a password on mail01 and none was given", hint));
    desk.flow(2, 2, 12_000);
    desk.end(3, Outcome::Stopped(StoppedBy::User));
    let heard = desk.now.instant;
    desk.flow(1, 24, 3_900_000);
    desk.beat(1);
    let since = heard;
    desk.hear(2, EventKind::State(State::Live { since, link: Link::Late { heard } }));
    desk.live(5, "shop/web-2", "eth0");
    desk.start(6, "core/dmz-fw");
    desk.ask(6, 1, "Enter passphrase for key '/home/me/.ssh/id_prod':", 1);
    desk.model.overlays.clear();
    desk.add(1, 4_000_000);
    desk.pass(Duration::from_secs(9));
    desk.beat(5);
    desk.keys("1 <space> 2 j <space>");
    desk
}
