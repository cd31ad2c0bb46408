//! Takes the pictures of the README from the real program. `scripts/pictures.sh` builds a lab, a user and a home for it.
//!
//! ```text
//! pictures WRCAP SITES OUT      SITES: the site files of the lab; OUT: the folder for the pictures
//! ```
//!
//! `FILM_HOST` is the target of the film, `DISPLAY` is where its Wireshark opens.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "what goes wrong here is seen at once"
)]

mod film;
mod svg;

#[path = "../../tests/load/glass.rs"]
#[expect(dead_code, reason = "the terminal of the load tests measures, too")]
mod glass;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use film::Film;
use glass::Glass;

const SIZE: (u16, u16) = (100, 30);
/// Letters of a film are to be read on a page, too.
const FILM: (u16, u16) = (90, 26);
/// How long anything on the screen may take.
const PATIENCE: Duration = Duration::from_secs(60);

struct Studio {
    wrcap: PathBuf,
    sites: PathBuf,
    out: PathBuf,
    profiles: PathBuf,
}

fn main() {
    let words: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [wrcap, sites, out] = &words[..] else { panic!("pictures WRCAP SITES OUT") };
    let home = PathBuf::from(env::var_os("HOME").unwrap());
    fs::create_dir_all(home.join(".config/wrcap")).unwrap();
    fs::write(home.join(".config/wrcap/config.yaml"), "theme: dark\n").unwrap();
    let profiles = home.join(".config/wrcap/profiles");
    let studio = Studio { wrcap: wrcap.clone(), sites: sites.clone(), out: out.clone(), profiles };
    studio.first_run();
    studio.first_capture();
    studio.busy_day();
}

impl Studio {
    fn open(&self, size: (u16, u16)) -> Glass {
        self.open_with(size, &[])
    }

    fn open_with(&self, size: (u16, u16), set: &[(&str, &OsStr)]) -> Glass {
        let set = [&[("COLORTERM", OsStr::new("truecolor"))], set].concat();
        Glass::start(self.wrcap.as_os_str(), &[], size, &set)
    }

    fn save(&self, name: &str, svg: &str) {
        let path = self.out.join(format!("{name}.svg"));
        fs::write(&path, svg).unwrap();
        println!("{} {} kB", path.display(), svg.len() / 1000);
    }

    fn picture(&self, name: &str, glass: &Glass, title: &str) {
        self.save(name, &svg::picture(glass.screen(), title));
    }

    /// Nothing is saved yet.
    fn first_run(&self) {
        let mut glass = self.open(SIZE);
        glass.shows("ssh-agent");
        glass.settle(Duration::from_secs(1));
        self.picture(
            "first-run",
            &glass,
            "wrcap at its first run: what this machine has, and three ways to begin",
        );
        glass.press("q");
    }

    /// The film: from an empty folder to packets in Wireshark, and all about them.
    fn first_capture(&self) {
        let display = env::var_os("DISPLAY").unwrap();
        let mut glass = self.open_with(FILM, &[("DISPLAY", &display)]);
        glass.shows("ssh-agent");
        glass.settle(Duration::from_secs(1));
        let mut scene = Scene { film: Film::begin(glass.screen()), glass };
        scene.pause(3);
        scene.press("n");
        scene.shows("new profile");
        scene.pause(1);
        scene.type_in("\x15", "web-1");
        scene.type_in("\t\t\t\r", "ec2-user@bastion.shop.example");
        scene.type_in("\x1b", "");
        scene.type_in("\t", &env::var("FILM_HOST").unwrap());
        scene.type_in("\t\t", "ec2-user");
        scene.pause(3);
        scene.press("\x13");
        scene.shows("saved: ");
        scene.pause(2);
        scene.press("s");
        scene.shows("▸ live");
        let live = scene.film.time();
        scene.pause(12);
        scene.press("1\r");
        scene.shows("Where packets can be lost");
        scene.pause(8);
        scene.press("\x1b");
        scene.pause(2);
        scene.press("x");
        scene.shows("✓ done");
        scene.pause(4);
        let title = "From an empty folder to packets: a profile, a capture, all about it, its end";
        self.save("first-capture", &scene.film.develop(title, live + Duration::from_secs(10)));
        scene.glass.press("q");
        scene.glass.shows("[ Stay ]");
        scene.glass.press("\x1b[C\x1b[C\r");
        scene.glass.shows("web-1: ");
        fs::remove_dir_all(&self.profiles).unwrap();
    }

    /// Six targets, one of which asks and one of which cannot capture.
    fn busy_day(&self) {
        fs::create_dir_all(&self.profiles).unwrap();
        for site in ["core.yaml", "shop.yaml"] {
            fs::copy(self.sites.join(site), self.profiles.join(site)).unwrap();
        }
        let mut glass = self.open(SIZE);
        glass.shows("Nothing running");
        glass.press("2As");
        glass.shows("4 live");
        glass.shows("SHA256:");
        // The last minute of every capture.
        glass.watch(Duration::from_secs(50));
        self.picture("host-key", &glass, "An unknown host key: fingerprint, hop, and what can be done");
        glass.press("\x1b[C\r");
        glass.shows("5 live");
        glass.shows("fail");
        glass.press("1j");
        glass.watch(Duration::from_secs(15));
        self.picture(
            "dashboard",
            &glass,
            "The dashboard: a failure with its reason on top, five live captures below",
        );
        glass.press("\r");
        glass.shows("Where packets can be lost");
        glass.watch(Duration::from_secs(11));
        self.picture("detail", &glass, "One session: path, throughput, where packets can be lost, link, log");
        back(&mut glass);
        glass.press("i");
        glass.shows("Pick interfaces");
        glass.shows("lo ");
        glass.press("j");
        glass.watch(Duration::from_secs(9));
        self.picture("picker", &glass, "The interfaces of a target with what flows on them");
        back(&mut glass);
        glass.press("2gjjjj");
        glass.press("e");
        glass.shows("Result");
        glass.watch(Duration::from_secs(3));
        self.picture("form", &glass, "A target in the form, with the ssh and tcpdump lines that will run");
        back(&mut glass);
        glass.press("\x03\x03");
        glass.shows("stopped");
    }
}

/// One level up. What comes right behind an Esc would be taken for a chord with it.
fn back(glass: &mut Glass) {
    glass.press("\x1b");
    glass.watch(Duration::from_millis(500));
}

/// A terminal that is filmed.
struct Scene {
    glass: Glass,
    film: Film,
}

impl Scene {
    fn press(&mut self, keys: &str) {
        self.glass.press(keys);
    }

    /// Types a text as fast as somebody who knows it.
    fn type_in(&mut self, before: &str, text: &str) {
        self.press(before);
        self.watch(Duration::from_millis(800));
        for sign in text.chars() {
            self.press(&sign.to_string());
            self.watch(Duration::from_millis(60));
        }
        self.watch(Duration::from_millis(500));
    }

    fn pause(&mut self, seconds: u64) {
        self.watch(Duration::from_secs(seconds));
    }

    fn watch(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.step();
        }
    }

    fn shows(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.glass.text().contains(text) {
            assert!(Instant::now() < end, "never: {text}\n{}", self.glass.text());
            self.step();
        }
    }

    fn step(&mut self) {
        self.glass.watch(Duration::from_millis(50));
        self.film.look(self.glass.screen());
    }
}
