//! What an update wants done: by the engine, the clerk, the terminal, or here.

use std::io;

use tokio::sync::{mpsc, oneshot};

use super::Room;
use crate::{
    engine::{
        Command, Keep,
        clean::{Errand, Swept},
        hook, profiles as clerk, spool,
    },
    session::StoppedBy,
    tui::{
        msg::{Effect, Msg},
        setup::ExitReason,
        theme::Theme,
    },
};

impl Room {
    /// Does what must be done.
    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let done = match effect {
                Effect::Suspend => self.suspend(),
                Effect::Clerk(request) => {
                    self.ask_clerk(request);
                    Ok(())
                }
                Effect::Answer(id, answer) if id.session == clerk::TRIAL => {
                    // Without a test that waits for it, it is of no use.
                    let _ = self.clerk.try_send(clerk::Request::Answer(id, answer));
                    Ok(())
                }
                Effect::Editor { site, text } => {
                    self.lend(site, text);
                    Ok(())
                }
                Effect::Spools(task) => {
                    self.look_after_spools(task);
                    Ok(())
                }
                Effect::Demo => {
                    self.reason = ExitReason::Demo;
                    Ok(())
                }
                Effect::Shell => self.open_shell(),
                Effect::Redraw => self.clear(),
                Effect::Reload => self.reload(),
                Effect::Mouse(grip) => self.guard.grip(grip),
                Effect::Copy(text) => self.guard.copy(&text),
                Effect::Notify(text) => self.guard.notify(self.model.desk.settings.notify, &text),
                Effect::Hook(words) => {
                    hook::run(&self.model.desk.settings.on_event, &words);
                    Ok(())
                }
                effect => {
                    self.outbox.extend(command(effect, &self.errands.swept));
                    Ok(())
                }
            };
            if done.is_err() {
                self.guard.leave();
            }
        }
    }

    /// Reads the settings anew. The background is what the terminal said at the start, if it was asked then.
    fn reload(&mut self) -> io::Result<()> {
        let fresh = self.paint.reload.read();
        if let Ok(fresh) = &fresh {
            self.paint.theme = Theme::of(self.paint.color, &fresh.settings, self.paint.background);
        }
        self.take(Msg::Reloaded(Box::new(fresh)));
        self.clear()
    }

    /// On a thread that may wait for a disk.
    fn look_after_spools(&self, task: spool::Task) {
        let (spools, reply) = (self.errands.spools.clone(), self.errands.shelves.clone());
        tokio::task::spawn_blocking(move || {
            // A front that is gone does not want to know.
            let _ = reply.blocking_send(task.run(&spools));
        });
    }

    /// The clerk is never busy for long; where it is, the user asks again.
    fn ask_clerk(&mut self, request: clerk::Request) {
        if self.clerk.try_send(request).is_err() {
            self.model.notice = Some("the profiles are busy; try again".to_owned());
        }
    }
}

/// The command that an effect stands for, if the engine has to do with it.
fn command(effect: Effect, swept: &mpsc::Sender<Swept>) -> Option<Command> {
    Some(match effect {
        // The session's number comes with its first event.
        Effect::Start(target) => {
            Command::Start { target, keep: Keep::default(), reply: oneshot::channel().0 }
        }
        Effect::Stop(id) => Command::Stop(id, StoppedBy::User),
        Effect::Kill(id) => Command::Kill(id),
        Effect::OpenViewer(id) => Command::OpenViewer(id),
        Effect::Answer(id, answer) => Command::Answer(id, answer),
        Effect::Save(session, range, path) => Command::Save { session, range, path },
        Effect::Dismiss(id) => Command::Dismiss(id),
        Effect::Sweep(target, task) => Command::Sweep(Errand { target, task, reply: swept.clone() }),
        Effect::Look { ticket, target, over } => Command::Look { ticket, target, over },
        Effect::Shutdown(unsaved) => Command::Shutdown(unsaved),
        Effect::Suspend
        | Effect::Demo
        | Effect::Shell
        | Effect::Redraw
        | Effect::Reload
        | Effect::Mouse(_)
        | Effect::Copy(_)
        | Effect::Notify(_)
        | Effect::Hook(_)
        | Effect::Clerk(_)
        | Effect::Spools(_)
        | Effect::Editor { .. } => return None,
    })
}
