//! Saving after the fact: what a spool holds at one moment, or the end of it, as a file that stays.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::NamedTempFile;

use super::{Spool, names::candidates};
use crate::packet::{Cut, SaveRange, Survey};

/// Bytes read at once; more than the longest block.
const CHUNK: usize = 1 << 20;

/// A file that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Where; another name than the wished one where that was taken.
    pub path: PathBuf,
    /// Packets in it.
    pub packets: u64,
    /// Bytes of it.
    pub bytes: u64,
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// There are no packets.
    #[error("there are no packets to save yet")]
    Empty,
    /// The wished part is smaller than the last packet.
    #[error("not even the last packet fits into so few bytes")]
    TooLittle,
    /// The spool.
    #[error("could not read the spool: {0}")]
    Read(io::Error),
    /// The new file.
    #[error("could not write {path}: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SaveError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("wait for the first packets"),
            Self::TooLittle => Some("ask for more of them"),
            Self::Read(_) => None,
            Self::Write { source, .. } => Some(hint_of(source.kind())),
        }
    }
}

/// What to do about a file that could not be written.
fn hint_of(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind::{
        AlreadyExists, FileTooLarge, InvalidFilename, NotADirectory, NotFound, PermissionDenied,
        QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match kind {
        InvalidFilename => "choose a shorter name",
        NotFound => "make that folder first, or choose another one",
        NotADirectory => "a part of the path is a file; choose another folder",
        PermissionDenied | ReadOnlyFilesystem => "choose a folder that you may write to",
        StorageFull | QuotaExceeded => "free some space, or choose another place",
        FileTooLarge => "save only the last of it, or choose another place",
        AlreadyExists => "choose another name",
        _ => "choose another place",
    }
}

/// An error without the name of the file that was to become the wished one: nobody has named that.
fn nameless(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

/// The segments of a spool at one moment, held open: what is evicted meanwhile is saved all the same.
#[derive(Debug)]
pub struct Snapshot {
    segments: Vec<Segment>,
}

#[derive(Debug)]
struct Segment {
    file: File,
    length: u64,
}

impl Spool {
    /// What is there now.
    ///
    /// # Errors
    /// A segment cannot be opened.
    pub fn snapshot(self: &Arc<Self>) -> io::Result<Snapshot> {
        let there: Vec<(usize, u64)> = {
            let index = self.index();
            (index.oldest..index.extents.len()).map(|number| (number, index.extents[number].length)).collect()
        };
        let mut segments = Vec::with_capacity(there.len());
        for (number, length) in there {
            match File::open(self.segment_path(number)) {
                Ok(file) => segments.push(Segment { file, length }),
                Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_evicted(number) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Snapshot { segments })
    }
}

impl Snapshot {
    /// The segments in a spool's folder, whoever wrote them. The last one may end with a part of a block.
    ///
    /// # Errors
    /// The folder or a segment cannot be read.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        let mut paths = segment_paths(folder)?;
        paths.sort();
        let mut segments = Vec::with_capacity(paths.len());
        for path in paths {
            match File::open(&path) {
                Ok(file) => segments.push(Segment { length: file.metadata()?.len(), file }),
                // Evicted between the listing and now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { segments })
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// Finds out what there is. Reads everything.
    ///
    /// # Errors
    /// A segment cannot be read.
    pub fn survey(&self) -> io::Result<Survey> {
        let mut survey = Survey::default();
        for segment in &self.segments {
            survey.begin_segment();
            segment.walk(|bytes| Ok::<_, io::Error>(survey.feed(bytes)))?;
        }
        Ok(survey)
    }

    /// Saves a part as a file for this user alone. It appears under its name when it is whole; one that is there
    /// already is never overwritten: then the name gets a number.
    ///
    /// # Errors
    /// There is nothing to save, or it cannot be read or written.
    pub fn save(&self, range: SaveRange, path: &Path) -> Result<Saved, SaveError> {
        let survey = self.survey().map_err(SaveError::Read)?;
        if survey.packets() == 0 {
            return Err(SaveError::Empty);
        }
        let failed = |source| SaveError::Write { path: path.to_owned(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // 0600, as of all its kind.
        let mut file = tempfile::Builder::new()
            .prefix(".wrcap-")
            .suffix(".pcapng")
            .tempfile_in(folder)
            .map_err(|error| failed(nameless(error)))?;
        let mut cut = Cut::new(&survey, range);
        self.copy(&mut cut, survey.header(), file.as_file_mut()).map_err(|error| match error {
            Copying::Reading(source) => SaveError::Read(source),
            Copying::Writing(source) => failed(source),
        })?;
        if cut.packets() == 0 {
            return Err(SaveError::TooLittle);
        }
        let bytes = file.as_file().metadata().map_err(failed)?.len();
        let path = keep(file, path).map_err(failed)?;
        Ok(Saved { path, packets: cut.packets(), bytes })
    }

    fn copy(&self, cut: &mut Cut, header: &[u8], to: &mut File) -> Result<(), Copying> {
        to.write_all(header).map_err(Copying::Writing)?;
        let mut out = Vec::with_capacity(CHUNK);
        for segment in &self.segments {
            segment.walk(|bytes| {
                let whole = cut.feed(bytes, &mut out);
                to.write_all(&out).map_err(Copying::Writing)?;
                out.clear();
                Ok::<_, Copying>(whole)
            })?;
        }
        to.sync_all().map_err(Copying::Writing)
    }
}

/// Which end failed.
enum Copying {
    Reading(io::Error),
    Writing(io::Error),
}

impl From<io::Error> for Copying {
    fn from(error: io::Error) -> Self {
        Self::Reading(error)
    }
}

impl Segment {
    /// Hands the segment on piece by piece until its end, or until no whole block follows. `take` says how much of a
    /// piece it took.
    fn walk<E: From<io::Error>>(&self, mut take: impl FnMut(&[u8]) -> Result<usize, E>) -> Result<(), E> {
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        while at < self.length {
            let wanted = usize::try_from(self.length - at).unwrap_or(CHUNK).min(CHUNK);
            let filled = fill(&self.file, &mut buffer[..wanted], at)?;
            let taken = take(&buffer[..filled])?;
            if taken == 0 {
                break;
            }
            at += taken as u64;
        }
        Ok(())
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Gives a temporary file the first name that is free.
fn keep(mut file: NamedTempFile, wished: &Path) -> io::Result<PathBuf> {
    for path in candidates(wished) {
        match file.persist_noclobber(&path) {
            Ok(_) => return std::path::absolute(path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The segments of a folder, in no order.
pub(super) fn segment_paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "pcapng") {
            paths.push(path);
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

    use super::{SaveError, SaveRange, Snapshot, nameless};
    use crate::{
        engine::spool::{Place, SpoolWriter},
        packet::{InterfaceInfo, Packet, PacketNotes, SectionInfo, writer as pcapng},
    };

    /// A spool of 1 MiB segments with packets of 100 kB that come a second apart.
    fn spool(folder: &std::path::Path) -> SpoolWriter {
        let mut header = Vec::new();
        let section = SectionInfo { application: "test", hardware: None, os: None, comment: None };
        pcapng::section_header(&mut header, &section);
        let place = Place::Segments { folder: folder.to_owned(), budget: 4 << 20 };
        let mut writer = SpoolWriter::create(place, header, Arc::default()).unwrap();
        let mut block = Vec::new();
        pcapng::interface_description(&mut block, &InterfaceInfo::default());
        writer.describe(&block);
        writer
    }

    #[test]
    fn a_place_that_takes_no_file_is_told_without_the_name_of_a_file_that_nobody_has_named() {
        let folder = tempfile::tempdir().unwrap();
        let error =
            tempfile::Builder::new().prefix(".own-").tempfile_in(folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains(".own-"));
        assert_eq!(nameless(error).to_string(), "No such file or directory (os error 2)");
    }

    fn add(writer: &mut SpoolWriter, seconds: std::ops::Range<u64>) {
        for second in seconds {
            let (data, notes) = (vec![7; 100_000], PacketNotes::default());
            let timestamp = second * 1_000_000;
            let packet = Packet { interface: 0, timestamp, original_len: 100_000, data: &data, notes };
            assert_eq!(pcapng::enhanced_packet(writer.buffer(), &packet, &notes), 0);
            writer.count_packet();
            writer.flush().unwrap();
        }
    }

    #[test]
    fn a_live_spool_is_saved_beside_its_writer() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = spool(&folder.path().join("s"));
        let wished = folder.path().join("out.pcapng");
        let save = |writer: &SpoolWriter, range| writer.spool().snapshot().unwrap().save(range, &wished);
        assert!(matches!(save(&writer, SaveRange::All), Err(SaveError::Empty)));
        add(&mut writer, 0..25);
        let first = save(&writer, SaveRange::All).unwrap();
        assert_eq!((first.packets, &first.path), (25, &wished));
        assert_eq!(fs::metadata(&wished).unwrap().permissions().mode() & 0o777, 0o600);
        let last = SaveRange::LastDuration(std::time::Duration::from_secs(4));
        let second = save(&writer, last).unwrap();
        assert_eq!((second.packets, second.path), (5, folder.path().join("out-1.pcapng")));
        // Evicted after the look, saved all the same.
        let before = writer.spool().snapshot().unwrap();
        add(&mut writer, 25..200);
        assert_eq!(before.save(SaveRange::All, &wished).unwrap().packets, 25);
        let rest = save(&writer, SaveRange::All).unwrap();
        assert!(rest.packets < 45 && rest.bytes <= 4 << 20, "{rest:?}");
        let mut left: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["out-1.pcapng", "out-2.pcapng", "out-3.pcapng", "out.pcapng", "s"]);
    }

    #[test]
    fn a_dead_spool_is_saved_up_to_its_last_whole_block_wherever_it_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let mut writer = spool(&path);
        add(&mut writer, 0..12);
        let last = fs::read(path.join("000001.pcapng")).unwrap();
        drop(writer);
        let block = 100_032;
        for cut in (1..=block).step_by(997).chain([1, 2, 3, 4, block - 1, block]) {
            fs::write(path.join("000001.pcapng"), &last[..last.len() - cut]).unwrap();
            let saved =
                Snapshot::of_folder(&path).unwrap().save(SaveRange::All, &folder.path().join("x")).unwrap();
            assert_eq!(saved.packets, 11, "{cut} bytes less");
            fs::remove_file(saved.path).unwrap();
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = spool(&folder.path().join("s"));
        add(&mut writer, 0..1);
        let result =
            writer.spool().snapshot().unwrap().save(SaveRange::All, &folder.path().join("no/x.pcapng"));
        let Err(SaveError::Write { path, .. }) = result else { panic!("{result:?}") };
        assert_eq!(path, folder.path().join("no/x.pcapng"));
    }

    #[test]
    fn each_kind_of_failure_has_a_hint_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = spool(&folder.path().join("s"));
        add(&mut writer, 0..1);
        fs::write(folder.path().join("file"), "").unwrap();
        for (path, hint) in [
            ("x".repeat(300), "choose a shorter name"),
            ("no/x.pcapng".to_owned(), "make that folder first, or choose another one"),
            ("file/x.pcapng".to_owned(), "a part of the path is a file; choose another folder"),
        ] {
            let wished = folder.path().join(path);
            let error = writer.spool().snapshot().unwrap().save(SaveRange::All, &wished).unwrap_err();
            assert_eq!(error.hint(), Some(hint), "{error}");
        }
        let full = SaveError::Write { path: "x".into(), source: std::io::ErrorKind::StorageFull.into() };
        assert_eq!(full.hint(), Some("free some space, or choose another place"));
    }
}
