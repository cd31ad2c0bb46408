//! The command line as users and scripts meet it: help, documents, exit codes, errors. Nothing here needs a target.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot prepare its world has failed")]

use std::{
    ffi::OsStr,
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use clap::CommandFactory as _;
use tempfile::TempDir;

/// A name that clears the screen of a terminal that prints it.
const NASTY: &str = "x\u{1b}[2J\u{9b}31m\r\ny";
/// Longer than any of these commands takes, name look-ups without a network included.
const LIMIT: Duration = Duration::from_secs(60);

/// A user's home without anything in it, and wrcap started in it without a terminal.
struct Home(TempDir);

/// What a command came to.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn profiles(&self) -> std::path::PathBuf {
        self.path().join("config/wrcap/profiles")
    }

    /// Writes a site file.
    fn site(&self, name: &str, text: &str) {
        fs::create_dir_all(self.profiles()).unwrap();
        fs::write(self.profiles().join(name), text).unwrap();
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wrcap"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("COLUMNS", "100")
            .env_remove("VISUAL")
            .env_remove("EDITOR")
            .env_remove("WRCAP_LOG")
            .stdin(Stdio::null());
        command
    }

    fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        run(self.command(arguments))
    }

    fn edit(&self, editor: &str) -> Ran {
        let mut command = self.command(&["edit", "shop"]);
        command.env("EDITOR", editor);
        run(command)
    }
}

fn run(command: Command) -> Ran {
    let output = assert_cmd::Command::from_std(command).timeout(LIMIT).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ran {
    /// Ended as asked; gives what it printed.
    fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self.out
    }

    /// Ended with `code` and an error in the form that all have; gives the sentence and the hint.
    fn failed(&self, code: i32) -> (&str, Option<&str>) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        let (_, last) = self.err.split_once("wrcap: ").unwrap_or_else(|| panic!("no error: {}", self.err));
        let mut lines = last.lines();
        let sentence = lines.next().unwrap();
        let hint = lines.next().map(|line| line.strip_prefix("hint: ").unwrap_or_else(|| panic!("{line}")));
        assert_eq!(lines.next(), None, "more than a sentence and a hint: {}", self.err);
        assert!(!sentence.ends_with('.') && !sentence.starts_with(char::is_uppercase), "{sentence}");
        (sentence, hint)
    }
}

const SHOP: &str = "via: [jo@gate]\ntargets: { web-1: { host: 10.0.1.11 } }\n";

#[test]
fn help_of_every_verb() {
    let home = Home::new();
    insta::assert_snapshot!("help", home.run(&["--help"]).good());
    for verb in wrcap::cli::args::Cli::command().get_subcommands() {
        let name = verb.get_name();
        let long = home.run(&[name, "--help"]).good();
        insta::assert_snapshot!(format!("help_{name}"), long);
    }
}

#[test]
fn the_version_is_the_package_s() {
    assert_eq!(Home::new().run(&["--version"]).good(), concat!("wrcap ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn committed_documents_are_what_the_program_prints() {
    let home = Home::new();
    for (file, arguments) in [
        ("wrcap.1", &["man"][..]),
        ("completions/wrcap.bash", &["completions", "bash"]),
        ("completions/_wrcap", &["completions", "zsh"]),
        ("completions/wrcap.fish", &["completions", "fish"]),
        ("schema.json", &["schema"]),
        ("config.schema.json", &["schema", "--config"]),
    ] {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(file);
        let same = fs::read_to_string(committed).is_ok_and(|text| text == home.run(arguments).good());
        let again = arguments.join(" ");
        assert!(same, "assets/{file} is out of date; write it anew: wrcap {again} > assets/{file}");
    }
}

#[test]
fn without_a_terminal_it_lists() {
    let home = Home::new();
    let empty = home.run::<&str>(&[]);
    assert!(empty.err.starts_with("no saved targets in "), "{}", empty.err);
    assert_eq!(empty.good(), "");
    home.site("shop.yaml", SHOP);
    let listed = home.run::<&str>(&[]).good();
    assert!(listed.contains("shop/web-1  10.0.1.11  jo@gate"), "{listed}");
    assert_eq!(listed, home.run(&["list"]).good());
}

#[test]
fn profiles_may_stand_before_and_after_the_verb() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    let folder = home.path().join("mine");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("lab.yaml"), "targets: { t1: { host: a } }").unwrap();
    for arguments in
        [&["--profiles", "mine", "list"][..], &["list", "--profiles", "mine"], &["--profiles=mine"]]
    {
        let listed = home.run(arguments).good();
        assert!(listed.contains("lab/t1") && !listed.contains("shop"), "{arguments:?}: {listed}");
    }
}

#[test]
fn wrong_usage_is_exit_2() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    for arguments in [
        &["capture"][..],
        &["capture", "nowhere"],
        &["capture", "shop/web-1", "-w", "-", "--viewer"],
        &["capture", "shop", "-d", "soon"],
        &["capture", "shop", "-c", "many"],
        &["capture", "shop", "-f", "tcp\nport 80"],
        &["capture", "shop", "--viewer", "tshark", "--no-viewer"],
        &["capture", "shop", "--ask", "-q", "-v"],
        &["check"],
        &["check", "shop/*9"],
        &["interfaces"],
        &["list", "nowhere"],
        &["list", "--no-such-option"],
        &["list", "--read-only"],
        &["capture", "shop/web-1", "--privacy"],
        &["capture", "shop/web-1", "--stop-then", "2s"],
        &["capture", "shop/web-1", "--until", "2020-02-01 14:30"],
        &["edit", "../shop"],
        &["import", "no-such.conf"],
        &["completions", "cmd.exe"],
        &["fly"],
    ] {
        let ran = home.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.err);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{arguments:?}: {}", ran.out);
    }
}

#[test]
fn errors_are_a_sentence_and_a_hint() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    let ran = home.run(&["capture", "shpo"]);
    assert_eq!(ran.failed(2), ("no saved target matches \"shpo\"", Some("did you mean shop?")));
    let ran = home.run(&["capture", "shop", "-w", "no/such/folder/x.pcapng"]);
    assert_eq!(ran.failed(5).0, "there is no folder no/such/folder");
    let ran = home.run(&["capture", "shop", "-c", "0"]);
    assert_eq!(ran.failed(2).0, "--count: 0 is not within 1 to 9007199254740992");
    home.site("shop.yaml", "targets: { web-1: { hots: 10.0.1.11 } }\n");
    let ran = home.run(&["check", "shop"]);
    let (sentence, _) = ran.failed(2);
    assert!(sentence.contains("shop.yaml:1:12: targets.web-1: the host is missing"), "{sentence}");
}

/// The reading end is closed before the program starts, so every write fails.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["--help"],
        &["schema"],
        &["man"],
        &["keys"],
        &["completions", "bash"],
    ] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = home.command(arguments);
        let output =
            command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(output.stderr, b"", "{arguments:?}");
    }
}

#[test]
fn the_old_script_s_file_is_taken_over_and_run() {
    let home = Home::new();
    let conf = "USER=jo\nKEY_PAIR=~/.ssh/shop.pem\nCONNECT_HOSTNAME=localhost\nTARGET_PRIVATE_IPADDR=10.0.1.11\n\
                PORTFORWARD_PORT=2222\nPORTFORWARD_HOSTNAME=bastion.invalid # the gate\nFILTER='tcp port 80'\n\
                touch touched\n";
    fs::write(home.path().join("wireshark-remote.conf"), conf).unwrap();
    let dry = home.run(&["import", "wireshark-remote.conf", "--dry-run"]);
    assert!(dry.err.contains("not used: line 8: is a command, and none is run"), "{}", dry.err);
    assert!(!home.profiles().exists(), "a dry run writes nothing");
    let site = dry.good();

    let ran = home.run(&["import", "wireshark-remote.conf", "--name", "shop"]);
    assert!(ran.err.contains("changed: line 7: FILTER is really a filter now"), "{}", ran.err);
    ran.good();
    assert_eq!(fs::read_to_string(home.profiles().join("shop.yaml")).unwrap(), site);
    let listed = home.run(&["list", "shop"]).good();
    assert!(listed.contains("jo@10.0.1.11  jo@bastion.invalid  auto       -      tcp port 80"), "{listed}");
    let again = home.run(&["import", "wireshark-remote.conf", "--name", "shop"]);
    assert_eq!(again.failed(2).1, Some("choose another name with --name"));

    let ran = home.run(&["capture", "./wireshark-remote.conf", "--no-viewer", "--json"]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    let ended: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!((&ended["event"], &ended["target"]), (&"ended".into(), &"wireshark-remote/10.0.1.11".into()));
    assert_eq!(
        (&ended["error"]["stage"], &ended["error"]["kind"]),
        (&"connect".into(), &"unknown-host".into())
    );
    assert_eq!(ended["error"]["hop"], "jo@bastion.invalid");
    assert!(!home.path().join("touched").exists(), "something of the file was run");
}

#[test]
fn the_editor_has_the_last_word() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    let file = home.profiles().join("shop.yaml");
    assert_eq!(home.edit("true").good(), "nothing was changed\n");
    assert_eq!(home.edit("false").failed(2).0, "the editor false gave up: exit status: 1");

    fs::write(home.path().join("editor.sh"), "sed -i.old -e 's/web-1/web-2/' \"$1\" && rm \"$1.old\"\n")
        .unwrap();
    assert!(home.edit("sh editor.sh").good().starts_with("wrote "));
    assert_eq!(fs::read_to_string(&file).unwrap(), SHOP.replace("web-1", "web-2"));

    fs::write(home.path().join("editor.sh"), "echo 'targets: { a: { hots: b } }' > \"$1\"\n").unwrap();
    let ran = home.edit("sh editor.sh");
    assert!(ran.err.contains("unknown key\nhint: did you mean host?\n"), "{}", ran.err);
    let (sentence, hint) = ran.failed(2);
    assert_eq!(sentence, "the site shop was not changed: the new text has mistakes");
    let kept = hint.unwrap().strip_prefix("your text is kept in ").unwrap();
    assert_eq!(fs::read_to_string(kept).unwrap(), "targets: { a: { hots: b } }\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), SHOP.replace("web-1", "web-2"));
}

/// Names come from archives, shares and other people: a terminal must survive them.
#[test]
fn names_never_reach_the_terminal_raw() {
    let home = Home::new();
    home.site("shop.yaml", SHOP);
    home.site(&format!("{NASTY}.yaml"), SHOP);
    home.site(&format!("z{NASTY}.yaml"), "targets: [");
    let conf = format!("{NASTY}.conf");
    fs::write(home.path().join(&conf), "CONNECT_HOSTNAME=$(hostname)\n").unwrap();
    let (missing, folder) = (format!("no{NASTY}.conf"), format!("no{NASTY}"));
    let file = format!("{folder}/x.pcapng");
    for arguments in [
        &["list"][..],
        &["list", NASTY],
        &["list", "--json"],
        &["list", "--profiles", &folder],
        &["import", &conf],
        &["import", &missing],
        &["capture", &conf],
        &["capture", &missing],
        &["capture", NASTY],
        &["capture", "shop", "-w", &file],
        &["capture", "shop", "-i", NASTY],
        &["check", NASTY],
        &["edit", NASTY],
    ] {
        let ran = home.run(arguments);
        let json = arguments.contains(&"--json");
        for text in [&ran.out, &ran.err] {
            // JSON keeps names as they are: what is above ASCII need not be escaped there.
            let raw = text.chars().find(|c| c.is_control() && *c != '\n' && (!json || c.is_ascii()));
            assert_eq!(raw, None, "{arguments:?}: {text:?}");
            assert!(!text.contains("\ny"), "a line of its own: {arguments:?}: {text:?}");
        }
    }
}
