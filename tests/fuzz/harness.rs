//! Runs one parser over many inputs, and keeps the input that it could not take.

use std::{
    any::Any,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use crate::{
    memory::{limit_process, peak_of},
    mutate::{Rng, mutate},
};

/// No input takes longer than this, on a machine that does other things too.
const STUCK: Duration = Duration::from_secs(20);
/// How long all inputs of one parser may take in a normal run; on a slow machine there are fewer of them.
const NORMAL: Duration = Duration::from_millis(2500);
/// The seed of a normal run.
const SEED: u64 = 0x7772_6361_7000;

/// What one parser is tried with.
pub(crate) struct Fuzz {
    name: &'static str,
    corpus: Vec<Vec<u8>>,
    rounds: u64,
    /// Most bytes that the parser may hold: for itself, and for each byte of its input.
    memory: (usize, usize),
}

impl Fuzz {
    /// The parser with the corpus `corpus/NAME`, tried with so many inputs in a normal run.
    pub(crate) fn new(name: &'static str, rounds: u64) -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
        Self { name, corpus: files(&own), rounds, memory: (64 << 10, 16) }
    }

    /// With the files of a folder of other tests too.
    pub(crate) fn and(mut self, folder: &str) -> Self {
        self.corpus.extend(files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)));
        self
    }

    /// The parser may hold `own` bytes and `each` for every byte of its input.
    pub(crate) fn memory(mut self, own: usize, each: usize) -> Self {
        self.memory = (own, each);
        self
    }

    /// Tries the corpus as it is, then what becomes of it. `check` panics when something is wrong.
    pub(crate) fn run(self, mut check: impl FnMut(&[u8], &mut Rng)) {
        limit_process();
        assert!(!self.corpus.is_empty(), "no corpus for {}", self.name);
        let (seed, end) = self.budget();
        let watched = Watched::new(self.name);
        let mut rng = Rng::new(seed);
        for input in &self.corpus {
            self.one(&watched, input, &mut rng, &mut check);
        }
        let mut round = 0;
        while Instant::now() < end && (round < self.rounds || seconds().is_some()) {
            let input = mutate(&mut rng, &self.corpus);
            self.one(&watched, &input, &mut rng, &mut check);
            round += 1;
        }
        eprintln!("{}: {round} inputs, seed {seed}", self.name);
    }

    fn budget(&self) -> (u64, Instant) {
        let now = Instant::now();
        let chosen = env::var("FUZZ_SEED").ok().map(|seed| seed.parse().expect("FUZZ_SEED is a number"));
        match seconds() {
            Some(seconds) => {
                let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
                let seed = chosen.unwrap_or(u64::try_from(clock.as_micros()).unwrap());
                eprintln!("{}: seed {seed}", self.name);
                (seed, now + Duration::from_secs(seconds))
            }
            None => (chosen.unwrap_or(SEED), now + NORMAL),
        }
    }

    fn one(&self, watched: &Watched, input: &[u8], rng: &mut Rng, check: &mut impl FnMut(&[u8], &mut Rng)) {
        watched.begin(input);
        let before = rng.clone();
        let (result, peak) = peak_of(|| catch_unwind(AssertUnwindSafe(|| check(input, rng))));
        watched.done();
        let (own, each) = self.memory;
        let most = own + each * input.len();
        let why = match result {
            Ok(()) if peak <= most => return,
            Ok(()) => format!("held {peak} bytes for an input of {}", input.len()),
            Err(panic) => words(panic.as_ref()),
        };
        let file = keep(self.name, input);
        panic!("{}: {why}\n{before:?}\ninput: {}", self.name, file.display());
    }
}

fn seconds() -> Option<u64> {
    env::var("FUZZ_SECONDS").ok().map(|seconds| seconds.parse().expect("FUZZ_SECONDS is a number"))
}

/// The contents of all files of a folder, by name, so that a seed means the same everywhere.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("a panic without words").to_owned()
}

/// Writes the input where it can be found again.
fn keep(name: &str, input: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = folder.join(format!("{name}-{hash:016x}"));
    fs::write(&file, input).unwrap();
    file
}

/// The input that is being read, and since when.
type Current = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// Ends the process, and keeps the input, when a parser does not end.
struct Watched {
    current: Current,
    /// Dropped with this: the watcher's sign to go.
    _alive: mpsc::Sender<()>,
}

impl Watched {
    fn new(name: &'static str) -> Self {
        let current: Current = Arc::default();
        let (alive, gone) = mpsc::channel();
        let seen = Arc::clone(&current);
        std::thread::spawn(move || {
            while gone.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
                if let Some((since, input)) = &*seen.lock().unwrap()
                    && since.elapsed() > STUCK
                {
                    eprintln!("{name} does not end\ninput: {}", keep(name, input).display());
                    std::process::exit(101);
                }
            }
        });
        Self { current, _alive: alive }
    }

    fn begin(&self, input: &[u8]) {
        *self.current.lock().unwrap() = Some((Instant::now(), input.to_vec()));
    }

    fn done(&self) {
        *self.current.lock().unwrap() = None;
    }
}
