//! The terminal in other hands: an editor's, a shell's, or nobody's while the process stands still.

use std::io;

use ratatui::layout::Rect;
use rustix::process::{Signal, kill_current_process_group};

use super::Room;
use crate::{
    engine::shell::Shell,
    tui::{
        editor,
        model::Phase,
        msg::{EditorEnd, FormText, Msg},
    },
};

impl Room {
    /// Gives the terminal to the user's editor. Captures go on.
    pub(super) fn lend(&mut self, site: String, text: Option<Box<FormText>>) {
        self.inputs.release();
        self.guard.leave();
        let profiles = self.profiles.clone();
        self.lent.editor =
            Some(tokio::task::spawn_blocking(move || editor::edit(&profiles, site, text.as_deref())));
    }

    /// Takes the terminal back from it.
    pub(super) fn take_back(&mut self, end: Option<EditorEnd>) {
        self.lent.editor = None;
        self.come_back();
        if let Some(end) = end {
            self.take(Msg::Edited(Box::new(end)));
        }
    }

    /// The whole process group stops, as if the terminal's own key had been pressed.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.guard.leave();
        let _ = kill_current_process_group(Signal::TSTP);
        self.take_terminal()
    }

    /// A shell has the terminal; everything but the screen goes on.
    pub(super) fn open_shell(&mut self) -> io::Result<()> {
        self.guard.leave();
        self.inputs.release();
        match Shell::open() {
            Ok(shell) => {
                self.lent.shell = Some(shell);
                Ok(())
            }
            Err(error) => {
                self.model.notice = Some(format!("no shell: {error}"));
                self.inputs.resume();
                self.take_terminal()
            }
        }
    }

    pub(super) fn come_back(&mut self) {
        self.lent.shell = None;
        // What ended meanwhile because of a signal needs no terminal any more.
        if self.model.phase == Phase::Leaving {
            return;
        }
        self.inputs.resume();
        if self.take_terminal().is_err() {
            self.guard.leave();
        }
    }

    /// Has every cell drawn anew. The library's own `clear` asks the terminal where its cursor is, and somebody else
    /// may read the answer.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.model.dirty = true;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    pub(super) fn take_terminal(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.guard.grip(self.model.desk.mouse.grip)?;
        self.clear()?;
        let size = self.terminal.size()?;
        self.take(Msg::Resize(size.width, size.height));
        self.take(Msg::Resumed);
        Ok(())
    }
}
