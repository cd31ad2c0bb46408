//! Names of capture files: numbers, moments, and what is still free.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// How capture files end.
const ENDING: &str = ".pcapng";
/// Digits of a number at least.
const DIGITS: usize = 5;

/// `STEM-00001.pcapng`.
pub(super) fn numbered(stem: &Path, number: usize) -> PathBuf {
    with(stem, &format!("-{number:0DIGITS$}{ENDING}"))
}

/// A capture file's path without its ending: what numbers follow.
pub fn stem(path: &Path) -> PathBuf {
    match path.to_str().and_then(|path| path.strip_suffix(ENDING)) {
        Some(stem) => stem.into(),
        None => path.to_owned(),
    }
}

/// The number after the highest one of the files of that stem: those of an earlier capture stay.
pub fn next_number(stem: &Path) -> io::Result<usize> {
    let folder = stem.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let prefix = stem.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = |name: &str| {
        let digits = name.strip_prefix(&prefix)?.strip_prefix('-')?.strip_suffix(ENDING)?;
        let is_number = digits.len() >= DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<usize>().ok().filter(|_| is_number)
    };
    let mut highest = 0;
    for entry in fs::read_dir(folder)? {
        highest = highest.max(number(&entry?.file_name().to_string_lossy()).unwrap_or(0));
    }
    Ok(highest + 1)
}

/// This path, or one with `-1`, `-2` and so on before the ending where it is taken.
pub fn free_path(path: &Path) -> PathBuf {
    candidates(path).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| path.to_owned())
}

/// A path and the ones to be tried when it is taken.
pub(super) fn candidates(path: &Path) -> impl Iterator<Item = PathBuf> {
    let (stem, path) = (stem(path), path.to_owned());
    let ending = if stem == path { "" } else { ENDING };
    std::iter::once(path).chain((1..=9999).map(move |number| with(&stem, &format!("-{number}{ending}"))))
}

/// A moment for file names, in local time.
pub fn stamp(at: SystemTime) -> String {
    jiff::Timestamp::try_from(at).map_or_else(
        |_| "unknown-time".to_owned(),
        |at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y%m%d-%H%M%S").to_string(),
    )
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

#[cfg(test)]
mod tests {
    use super::{Path, free_path, fs, next_number, numbered, stem};

    #[test]
    fn numbers_go_on_where_an_earlier_capture_ended() {
        let folder = tempfile::tempdir().unwrap();
        let out = stem(&folder.path().join("out.pcapng"));
        assert_eq!(next_number(&out).unwrap(), 1);
        for other in
            ["out-00007.pcapng", "out-9.pcapng", "out-00009.pcap", "other-00050.pcapng", "out-0000x.pcapng"]
        {
            fs::write(folder.path().join(other), "").unwrap();
        }
        assert_eq!(next_number(&out).unwrap(), 8);
        assert_eq!(numbered(&out, 8), folder.path().join("out-00008.pcapng"));
        assert_eq!(stem(Path::new("a/b.pcap")), Path::new("a/b.pcap"));
        assert!(next_number(&folder.path().join("no/such")).is_err());
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.pcapng");
        assert_eq!(free_path(&path), path);
        fs::write(&path, "").unwrap();
        fs::write(folder.path().join("out-1.pcapng"), "").unwrap();
        assert_eq!(free_path(&path), folder.path().join("out-2.pcapng"));
        let plain = folder.path().join("out");
        fs::write(&plain, "").unwrap();
        assert_eq!(free_path(&plain), folder.path().join("out-1"));
    }
}
