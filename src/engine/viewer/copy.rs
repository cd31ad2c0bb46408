//! Copying a spool into a stream: stdout, a named pipe, a device.

use std::{
    fs::File,
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::{runtime::Handle, sync::oneshot};

use crate::engine::spool::{Spool, SpoolReader, Step};

/// Bytes copied at once.
const CHUNK: usize = 256 << 10;
/// How often a quiet stream is asked whether anybody still reads it.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far a copy is.
#[derive(Debug)]
pub struct Progress {
    spool: Arc<Spool>,
    taken: Arc<AtomicU64>,
}

impl Progress {
    /// Bytes of the capture that the stream has not taken yet. What waits in a pipe counts as taken.
    pub fn untaken(&self) -> u64 {
        self.spool.stream_bytes().saturating_sub(self.taken.load(Relaxed))
    }
}

/// Copies until the spool ends or nobody reads the stream any more, on a thread of its own because either side may
/// block. Gives the number of packets that were evicted before they could be copied, once it has ended.
pub fn copy(
    spool: &Arc<Spool>,
    mut stream: File,
) -> io::Result<(oneshot::Receiver<io::Result<u64>>, Progress)> {
    let (done, receiver) = oneshot::channel();
    let runtime = Handle::current();
    let progress = Progress { spool: Arc::clone(spool), taken: Arc::default() };
    let (mut reader, taken) = (spool.reader(), Arc::clone(&progress.taken));
    std::thread::Builder::new().name("copy".into()).spawn(move || {
        let result = run(&runtime, &mut reader, &mut stream, &taken);
        let _ = done.send(result.map(|()| reader.missed_packets()));
    })?;
    Ok((receiver, progress))
}

/// Writes everything, and counts what was written before it fails.
fn put(stream: &mut File, mut bytes: &[u8], taken: &AtomicU64) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                taken.fetch_add(written as u64, Relaxed);
                bytes = &bytes[written..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn run(runtime: &Handle, reader: &mut SpoolReader, stream: &mut File, taken: &AtomicU64) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        match reader.read(&mut buffer)? {
            Step::Data(length) => put(stream, &buffer[..length], taken)?,
            Step::Ended => return stream.flush(),
            Step::Wait => {
                let waited =
                    runtime.block_on(async { tokio::time::timeout(PATIENCE, reader.changed()).await });
                if waited.is_err() && is_abandoned(stream) {
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
            }
        }
    }
}

/// True if the stream is a pipe whose other end is closed.
fn is_abandoned(stream: &File) -> bool {
    let mut polled = [PollFd::new(stream, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut polled, Some(&now)).is_ok_and(|ready| ready > 0)
        && polled[0].revents().intersects(PollFlags::ERR | PollFlags::NVAL)
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, sync::Arc};

    use super::*;
    use crate::engine::spool::{Place, SpoolWriter};

    fn spool(folder: &tempfile::TempDir) -> SpoolWriter {
        let place = Place::Segments { folder: folder.path().join("s"), budget: 1 << 30 };
        let mut writer = SpoolWriter::create(place, b"HE".to_vec(), Arc::default()).unwrap();
        writer.describe(b"AD");
        writer
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn everything_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = spool(&folder);
        let (mut from, to) = std::io::pipe().unwrap();
        let (done, progress) = copy(writer.spool(), File::from(std::os::fd::OwnedFd::from(to))).unwrap();
        writer.buffer().extend_from_slice(b"packet");
        writer.flush().unwrap();
        writer.finish(b"last").unwrap();
        assert_eq!((done.await.unwrap().unwrap(), progress.untaken()), (0, 0));
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"HEADpacketlast");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_closed_pipe_is_noticed_on_a_quiet_stream() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = spool(&folder);
        let (from, to) = std::io::pipe().unwrap();
        let (done, progress) = copy(writer.spool(), File::from(std::os::fd::OwnedFd::from(to))).unwrap();
        drop(from);
        let result = tokio::time::timeout(Duration::from_secs(10), done).await.unwrap().unwrap();
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        writer.buffer().extend_from_slice(b"packet");
        writer.finish(b"last").unwrap();
        assert_eq!(
            progress.untaken(),
            b"HEADpacketlast".len() as u64,
            "what is written later is not taken either"
        );
    }
}
