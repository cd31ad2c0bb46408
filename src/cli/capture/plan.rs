//! From the words of the command line to what is to be started.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::FileTypeExt as _,
    path::{Path, PathBuf},
};

use super::CaptureArgs;
use crate::{
    cli::error::CliError,
    engine::{self, Keep},
    profile::{FileNames, Rotate, Target, TargetName, Viewer, check_template, fill, is_template, set_field},
};

/// A session to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) target: Target,
    pub(super) keep: Keep,
}

/// Applies the options to the targets and decides where each one's packets go.
pub(super) fn plan(args: &CaptureArgs, targets: Vec<Target>) -> Result<Vec<Planned>, CliError> {
    let several = targets.len() > 1;
    let mut files = HashSet::new();
    let mut planned = Vec::with_capacity(targets.len());
    for mut target in targets {
        override_fields(args, &mut target)?;
        let keep = match &args.write {
            None => Keep::Spool,
            Some(path) => keep(path, &target, several)?,
        };
        if let Keep::File(path) = &keep
            && !files.insert(name_of(path, &target))
        {
            return Err(CliError::usage(format!("two targets would write to {}", path.display())));
        }
        if !args.rotate.is_empty() && !is_kept(&keep, &target) {
            return Err(CliError::usage("--rotate is for captures that are kept in files")
                .hint("say where with -w FILE, or with `record:` in the profile"));
        }
        planned.push(Planned { target, keep });
    }
    Ok(planned)
}

/// The options speak the profiles' own language, so the profiles' own checks hold for them.
fn override_fields(args: &CaptureArgs, target: &mut Target) -> Result<(), CliError> {
    let mut set = |option: &str, key: &str, value: Option<&str>| match value {
        None => Ok(()),
        Some(value) => set_field(target, key, value).map_err(|(message, hint)| {
            // What is out of bounds is told as it was read, with its unit.
            let is_told = message.contains(" is not within ");
            let told = if is_told {
                format!("{option}: {message}")
            } else {
                format!("{option} {value:?} {message}")
            };
            let error = CliError::usage(told);
            hint.map_or(error.clone(), |hint| error.hint(hint))
        }),
    };
    let count = args.count.map(|count| count.to_string());
    set("--filter", "filter", args.filter.as_deref())?;
    let interfaces = (!args.interface.is_empty()).then(|| args.interface.join(","));
    set("--interface", "interface", interfaces.as_deref())?;
    set("--snaplen", "snaplen", args.snaplen.as_deref())?;
    set("--count", "stop_after.packets", count.as_deref())?;
    set("--duration", "stop_after.duration", args.duration.as_deref())?;
    set("--bytes", "stop_after.bytes", args.bytes.as_deref())?;
    set("--until", "stop_after.at", args.stop.until.as_deref())?;
    set("--stop-match", "stop_after.match", args.stop.stop_match.as_deref())?;
    set("--stop-then", "stop_after.then", args.stop.stop_then.as_deref())?;
    set("--viewer", "viewer", args.viewer.as_deref())?;
    if target.stop_after.then.is_some() && target.stop_after.matching.is_none() {
        return Err(CliError::usage("--stop-then is counted from a packet that --stop-match waits for")
            .hint("name it: --stop-match 'tcp[tcpflags] & tcp-rst != 0'"));
    }
    if target.stop_after.at.is_some_and(engine::is_over) {
        return Err(CliError::usage(format!("{}: the time when the capture is to end is over", target.name))
            .hint("name a later one with --until, or in stop_after"));
    }
    rotate(args, target)?;
    if args.no_viewer || (args.write.is_some() && args.viewer.is_none()) {
        target.viewer = Viewer::None;
    }
    Ok(())
}

/// A file that the command line names is one file unless the command line says otherwise.
fn rotate(args: &CaptureArgs, target: &mut Target) -> Result<(), CliError> {
    if args.write.is_some() || !args.rotate.is_empty() {
        target.rotate = Rotate::default();
    }
    for part in &args.rotate {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        set_field(target, &format!("rotate.{}", key.trim()), value.trim()).map_err(|(message, hint)| {
            let error = CliError::usage(format!("--rotate {part:?} {message}"));
            error.hint(hint.unwrap_or_else(|| "write size=100MB,every=1h,keep=5, any of them".to_owned()))
        })?;
    }
    if args.rotate.is_empty() || target.rotate.is_on() {
        return Ok(());
    }
    Err(CliError::usage("--rotate does not say when another file begins").hint("add size=100MB or every=1h"))
}

fn is_kept(keep: &Keep, target: &Target) -> bool {
    matches!(keep, Keep::File(_)) || (*keep == Keep::Spool && target.record.is_some())
}

/// The name of a target's file as far as it is known before the capture, to tell those of several targets apart.
fn name_of(path: &Path, target: &Target) -> PathBuf {
    let TargetName { site, target } = &target.name;
    fill(path, &FileNames { site, target, interface: "", start: "" })
}

fn keep(path: &Path, target: &Target, several: bool) -> Result<Keep, CliError> {
    if path == Path::new("-") {
        return if several {
            Err(CliError::usage("only one target can be written to stdout").hint("give -w a folder"))
        } else {
            Ok(Keep::Stream(path.to_owned()))
        };
    }
    if is_template(path) {
        check_template(path).map_err(|(message, hint)| {
            let error = CliError::usage(format!("-w {} {message}", path.display()));
            hint.map_or(error.clone(), |hint| error.hint(hint))
        })?;
    }
    let kind = fs::metadata(path).ok().map(|found| found.file_type());
    match kind {
        Some(kind) if kind.is_dir() => {
            Ok(Keep::File(path.join(format!("{}-{}.pcapng", target.name.site, target.name.target))))
        }
        None if is_template(path) => in_folder(path),
        _ if several => Err(CliError::usage(format!("{} is one file for several targets", path.display()))
            .hint("make it a folder: each target gets a file of its own there")),
        Some(kind) if kind.is_fifo() || kind.is_char_device() => Ok(Keep::Stream(path.to_owned())),
        _ => in_folder(path),
    }
}

/// A file whose folder is there.
fn in_folder(path: &Path) -> Result<Keep, CliError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if !folder.is_dir() => Err(missing(folder)),
        _ => Ok(Keep::File(path.to_owned())),
    }
}

fn missing(folder: &Path) -> CliError {
    let mut error = CliError::usage(format!("there is no folder {}", folder.display()));
    error.code = crate::cli::exit::ExitCode::Output;
    error.hint("make it first, or choose another place for -w")
}

#[cfg(test)]
fn file(planned: &Planned) -> Option<std::path::PathBuf> {
    match &planned.keep {
        Keep::File(path) => Some(path.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;

    use super::*;
    use crate::profile::{Hop, Interface};

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: CaptureArgs,
    }

    fn plan_of(line: &[&str], targets: &[&str]) -> Result<Vec<Planned>, CliError> {
        let args = Line::try_parse_from([&["capture", "x"], line].concat()).unwrap().args;
        let target = |name: &&str| {
            let name = TargetName { site: "shop".into(), target: (*name).to_owned() };
            Target::new(name, Hop { host: "h".into(), user: None, port: None, identity: None })
        };
        plan(&args, targets.iter().map(target).collect())
    }

    #[test]
    fn options_replace_fields() {
        let line =
            ["-f", "-w /etc/passwd", "-i", "eth1", "-s", "96", "-c", "5", "-d", "1m", "--bytes", "1MiB"];
        let planned = plan_of(&line, &["a"]).unwrap();
        let target = &planned[0].target;
        assert_eq!(target.filter.as_deref(), Some("-w /etc/passwd"));
        assert_eq!(target.interface, Interface::Named("eth1".into()));
        assert_eq!(target.snaplen, 96);
        assert_eq!(target.stop_after.packets, Some(5));
        assert_eq!(target.stop_after.duration, Some(Duration::from_secs(60)));
        assert_eq!(target.stop_after.bytes, Some(1 << 20));
        assert_eq!(target.viewer, Viewer::Wireshark);
        assert_eq!(planned[0].keep, Keep::Spool);
    }

    #[test]
    fn writing_means_no_viewer_unless_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert_eq!(plan_of(&["-w", "x.pcapng"], &["a"]).unwrap()[0].target.viewer, Viewer::None);
        let named = plan_of(&["-w", "x.pcapng", "--viewer", "tshark"], &["a"]).unwrap();
        assert_eq!(named[0].target.viewer, Viewer::Tshark);
        let both = plan_of(&["-w", path], &["a", "b"]).unwrap();
        let files: Vec<_> = both.iter().filter_map(file).collect();
        assert_eq!(files, [folder.path().join("shop-a.pcapng"), folder.path().join("shop-b.pcapng")]);
        assert_eq!(plan_of(&["-w", "-"], &["a"]).unwrap()[0].keep, Keep::Stream("-".into()));
        assert_eq!(plan_of(&["-w", "/dev/null"], &["a"]).unwrap()[0].keep, Keep::Stream("/dev/null".into()));
    }

    #[test]
    fn rotation_and_names_in_braces() {
        let line = ["-w", "{target}-{start}.pcapng", "--rotate", "size=100MB,every=1h,keep=5"];
        let both = plan_of(&line, &["a", "b"]).unwrap();
        assert!(both.iter().all(|planned| planned.keep == Keep::File("{target}-{start}.pcapng".into())));
        let rotate = both[0].target.rotate;
        assert_eq!((rotate.size, rotate.keep), (Some(100_000_000), Some(5)));
        assert_eq!(rotate.every, Some(Duration::from_secs(3600)));
        let by_time = plan_of(&["-w", "x", "--rotate", "every=1h", "--rotate", "keep=2"], &["a"]).unwrap();
        assert_eq!((by_time[0].target.rotate.size, by_time[0].target.rotate.keep), (None, Some(2)));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (line, targets, code) in [
            (&["-w", "-"][..], &["a", "b"][..], 2),
            (&["-w", "x.pcapng"], &["a", "b"], 2),
            (&["-w", "/no/such/folder/x"], &["a"], 5),
            (&["-f", "tcp\nport 80"], &["a"], 2),
            (&["-i", "eth 0"], &["a"], 2),
            (&["-s", "x"], &["a"], 2),
            (&["-d", "soon"], &["a"], 2),
            (&["-c", "0"], &["a"], 2),
            (&["-w", "{targt}.pcapng"], &["a"], 2),
            (&["-w", "{site}.pcapng"], &["a", "b"], 2),
            (&["-w", "/no/such/folder/{target}"], &["a", "b"], 5),
            (&["--rotate", "size=1GB"], &["a"], 2),
            (&["--rotate", "size=1GB", "-w", "-"], &["a"], 2),
            (&["--rotate", "keep=4", "-w", "x"], &["a"], 2),
            (&["--rotate", "size=1kB", "-w", "x"], &["a"], 2),
            (&["--rotate", "sizes=1GB", "-w", "x"], &["a"], 2),
            (&["--rotate", "size", "-w", "x"], &["a"], 2),
        ] {
            assert_eq!(plan_of(line, targets).unwrap_err().code.number(), code, "{line:?}");
        }
    }
}
