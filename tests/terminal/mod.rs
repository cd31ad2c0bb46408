//! A program in a terminal of its own: its keys, and the bytes that come from it.

use std::{
    io::{Read as _, Write},
    sync::mpsc::{Receiver, channel},
    time::Instant,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// What one holds of such a terminal.
pub(crate) struct Ends {
    pub(crate) master: Box<dyn MasterPty + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    pub(crate) keys: Box<dyn Write + Send>,
    /// Each block, and when it came; over when the program is gone.
    pub(crate) bytes: Receiver<(Instant, Vec<u8>)>,
    /// The terminal's settings before the program was started.
    pub(crate) before: String,
}

/// A terminal's size in cells.
pub(crate) fn size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// A terminal's settings, its size not among them.
pub(crate) fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// Starts a program in a terminal of this size.
pub(crate) fn open(command: CommandBuilder, size: PtySize) -> Ends {
    let pair = native_pty_system().openpty(size).unwrap();
    let before = settings(pair.master.as_ref());
    let child = pair.slave.spawn_command(command).unwrap();
    // The terminal ends with the program only if nobody else holds its side.
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().unwrap();
    let (send, bytes) = channel();
    std::thread::spawn(move || {
        let mut block = vec![0; 65_536];
        while let Ok(read @ 1..) = reader.read(&mut block) {
            if send.send((Instant::now(), block[..read].to_vec())).is_err() {
                break;
            }
        }
    });
    let keys = pair.master.take_writer().unwrap();
    Ends { master: pair.master, child, keys, bytes, before }
}
