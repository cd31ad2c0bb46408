//! The unix socket of a session: every connect gets the spool from its start, then the live tail.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{UnixListener, UnixStream},
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::engine::spool::{Spool, SpoolReader, Step};

/// Bytes read from the spool at once.
const CHUNK: usize = 256 << 10;
/// Viewers of one session at a time: each has a buffer of its own. More are shown out.
const MAX_VIEWERS: usize = 32;

/// Serves one spool to any number of viewers. A slow one lags behind in the spool and slows nobody.
#[derive(Debug)]
pub struct ViewerServer {
    path: PathBuf,
    connections: TaskTracker,
    /// Ends the listener, and with it the way in for new viewers.
    closed: CancellationToken,
    /// Cuts the connections that are there.
    cut: Arc<Notify>,
    /// How many connections there were.
    admitted: watch::Sender<u64>,
}

impl ViewerServer {
    /// Listens on `path`, which must not exist and must lie in a folder that only this user can enter.
    pub fn bind(path: PathBuf, spool: Arc<Spool>) -> io::Result<Self> {
        let listener = UnixListener::bind(&path)?;
        let server = Self {
            path,
            connections: TaskTracker::new(),
            closed: CancellationToken::new(),
            cut: Arc::default(),
            admitted: watch::Sender::new(0),
        };
        let door = Door {
            spool,
            connections: server.connections.clone(),
            closed: server.closed.clone(),
            cut: Arc::clone(&server.cut),
            admitted: server.admitted.clone(),
        };
        tokio::spawn(door.keep(listener));
        Ok(server)
    }

    /// The socket.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many connections there were so far.
    pub fn admitted(&self) -> u64 {
        *self.admitted.borrow()
    }

    /// Waits until there were more connections than `before`.
    pub async fn admits_more_than(&self, before: u64) {
        // It cannot fail: the sender is ours.
        let _ = self.admitted.subscribe().wait_for(|count| *count > before).await;
    }

    /// How many viewers are connected.
    pub fn viewers(&self) -> usize {
        self.connections.len()
    }

    /// Cuts the connections that are there now: what is left behind by a viewer that was killed holds one open
    /// (measured: dumpcap outlives its Wireshark until it next has something to report).
    pub fn disconnect(&self) {
        self.cut.notify_waiters();
    }

    /// Waits until every viewer has read an ended spool to its end, at most this long.
    pub async fn drained(&self, limit: Duration) {
        self.connections.close();
        let _ = tokio::time::timeout(limit, self.connections.wait()).await;
    }
}

impl Drop for ViewerServer {
    fn drop(&mut self) {
        self.closed.cancel();
        self.cut.notify_waiters();
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Lets viewers in.
struct Door {
    spool: Arc<Spool>,
    connections: TaskTracker,
    closed: CancellationToken,
    cut: Arc<Notify>,
    /// How many connections there were.
    admitted: watch::Sender<u64>,
}

impl Door {
    async fn keep(self, listener: UnixListener) {
        loop {
            tokio::select! {
                () = self.closed.cancelled() => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => self.admit(stream),
                    Err(error) => {
                        // Out of descriptors, most likely: others may be closed meanwhile.
                        tracing::warn!(%error, "could not accept a viewer");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
    }

    fn admit(&self, stream: UnixStream) {
        if self.connections.len() >= MAX_VIEWERS {
            tracing::warn!("{MAX_VIEWERS} viewers read this session already: another one was shown out");
            return;
        }
        self.admitted.send_modify(|count| *count += 1);
        let (reader, cut) = (self.spool.reader(), Arc::clone(&self.cut).notified_owned());
        self.connections.spawn(async move {
            tokio::select! {
                () = cut => {}
                result = serve(stream, reader) => match result {
                    Ok(missed) if missed > 0 => tracing::warn!(missed, "the spool overran a viewer"),
                    Ok(_) => {}
                    Err(error) => tracing::debug!(%error, "a viewer left"),
                },
            }
        });
    }
}

/// Copies until the spool ends or the viewer leaves; returns how many packets were evicted before it came to them.
async fn serve(mut stream: UnixStream, mut reader: SpoolReader) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let (result, back) = read_blocking(reader, buffer).await?;
        (reader, buffer) = back;
        match result? {
            Step::Data(length) => stream.write_all(&buffer[..length]).await?,
            Step::Wait => tokio::select! {
                () = reader.changed() => {}
                gone = left(&stream) => return gone.map(|()| reader.missed_packets()),
            },
            Step::Ended => return Ok(reader.missed_packets()),
        }
    }
}

/// Reads on a thread that may wait for a disk.
async fn read_blocking(
    mut reader: SpoolReader,
    mut buffer: Vec<u8>,
) -> io::Result<(io::Result<Step>, (SpoolReader, Vec<u8>))> {
    tokio::task::spawn_blocking(move || {
        let step = reader.read(&mut buffer);
        (step, (reader, buffer))
    })
    .await
    .map_err(io::Error::other)
}

/// Resolves once the viewer has closed its end, also on a quiet stream. A viewer has nothing to say, so what it
/// says is thrown away.
async fn left(stream: &UnixStream) -> io::Result<()> {
    let mut ignored = [0; 256];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut ignored) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::engine::spool::{Place, SpoolWriter};

    async fn until(what: &str, condition: impl Fn() -> bool) {
        let wait = async {
            while !condition() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap_or_else(|_| panic!("never: {what}"));
    }

    /// A spool with a header, and its server.
    fn served(folder: &Path, socket: &Path) -> (SpoolWriter, ViewerServer) {
        let place = Place::Segments { folder: folder.join("s"), budget: 1 << 30 };
        let mut writer = SpoolWriter::create(place, b"HE".to_vec(), Arc::default()).unwrap();
        writer.describe(b"AD");
        writer.flush().unwrap();
        let server = ViewerServer::bind(socket.to_owned(), Arc::clone(writer.spool())).unwrap();
        (writer, server)
    }

    #[tokio::test]
    async fn everybody_gets_everything_and_leaves_when_they_like() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s.sock");
        let (mut writer, server) = served(folder.path(), &socket);
        let mut early = UnixStream::connect(&socket).await.unwrap();
        let mut start = [0; 4];
        early.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HEAD");
        drop(early);
        until("a closed viewer is noticed on a quiet stream", || server.viewers() == 0).await;

        let mut late = UnixStream::connect(&socket).await.unwrap();
        writer.buffer().extend_from_slice(b"packet");
        writer.flush().unwrap();
        writer.finish(b"last").unwrap();
        let mut all = Vec::new();
        late.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"HEADpacketlast");
        server.drained(Duration::from_secs(10)).await;
        drop(server);
        assert!(!socket.exists());
    }

    #[tokio::test]
    async fn a_viewer_that_stops_reading_can_be_cut() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s.sock");
        let (mut writer, server) = served(folder.path(), &socket);
        let stuck = UnixStream::connect(&socket).await.unwrap();
        writer.buffer().resize(8 << 20, 0);
        writer.flush().unwrap();
        until("it is connected", || server.viewers() == 1).await;
        server.disconnect();
        until("it is cut", || server.viewers() == 0).await;
        drop(stuck);
    }
}
