//! The clerk of the site files: opens, saves and deletes them for the dashboard, notices when something else changes
//! them, and finds out what a form wants to know while it is filled in.

mod delete;
mod facts;
mod filter;
mod hosts;
mod survey;
mod trial;

pub use delete::Doomed;
pub use facts::{Facts, KeyFacts};
pub use filter::{Judge, Verdict};
pub use hosts::Host;
pub use survey::Survey;
pub use trial::TRIAL;

use std::{path::PathBuf, time::Duration};

use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    askpass::Answer,
    check::Step,
    event::{Command, Question, QuestionId, SessionId},
    store::{self, Catalog, SaveError, UndoLog, Watch},
};
use crate::profile::{Edit, Target};
use trial::Trial;

/// Requests and news that may wait.
const WAITING: usize = 64;
/// Questions about a text that is still being typed are asked this long after its last change.
const TYPING: Duration = Duration::from_millis(250);

/// Where the clerk works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of site files.
    pub profiles: PathBuf,
    /// The file that remembers changes, to take them back.
    pub undo: PathBuf,
    /// The runtime folder, for tests of a path.
    pub runtime: PathBuf,
    /// The engine whose sessions may lend their connections. It is not kept alive by this.
    pub engine: Option<mpsc::WeakSender<Command>>,
}

/// What the clerk is asked to do.
#[derive(Debug)]
pub enum Request {
    /// Hand over the text of a site's file.
    Open(String),
    /// Make changes to a site's file.
    Save {
        /// The site.
        site: String,
        /// The changes.
        edits: Vec<Edit>,
        /// The text they are meant for; `None`: a new file.
        seen: Option<String>,
    },
    /// Make changes to a site, and give it another name or make another site of it.
    SaveAs {
        /// The site as it is called now, and as it shall be called.
        site: (String, String),
        /// The changes.
        edits: Vec<Edit>,
        /// The text they are meant for.
        seen: String,
        /// The site as it is stays beside the new one.
        copy: bool,
    },
    /// Take targets away, or all of a site.
    Delete(Doomed),
    /// Take the last change back.
    Undo,
    /// Remember a change that an editor made.
    Remember(store::Change),
    /// Check a filter; an earlier check that still runs is given up.
    Filter {
        /// The filter.
        filter: String,
        /// What it is for.
        target: Box<Target>,
        /// The session whose connection leads there.
        over: Option<SessionId>,
    },
    /// Find out about a target's ssh; an earlier search that still runs is given up.
    Facts(Box<Target>),
    /// Test the path to a target; an earlier test that still runs is given up.
    Test(Box<Target>),
    /// Give the test up.
    EndTest,
    /// Look what this machine has for captures.
    Survey,
    /// List the machines of the user's `ssh_config`.
    Hosts,
    /// Answer a question of the test.
    Answer(QuestionId, Answer),
}

/// What the clerk tells.
#[derive(Debug)]
pub enum News {
    /// What the folder holds now.
    Loaded(Box<Catalog>),
    /// The text of a site's file; `None`: there is none yet.
    Opened(String, Option<String>),
    /// A change was made, in a few words.
    Saved(String),
    /// This is gone.
    Deleted(Doomed),
    /// A change was taken back, in a few words.
    Undone(String),
    /// Something was not done.
    Refused(SaveError),
    /// About a filter.
    Filter(String, Verdict),
    /// About a target's ssh.
    Facts(Box<Facts>),
    /// What this machine has.
    Surveyed(Box<Survey>),
    /// The machines of the user's `ssh_config`.
    Hosts(Vec<Host>),
    /// The test asks.
    Asked(Question),
    /// A question of the test needs no answer any more.
    Withdrawn(QuestionId),
    /// The test is over.
    Tested(Vec<Step>),
}

/// Starts a clerk. It ends when nobody can ask it any more.
pub fn start(settings: Settings) -> (mpsc::Sender<Request>, mpsc::Receiver<News>) {
    let (sender, requests) = mpsc::channel(WAITING);
    let (news, receiver) = mpsc::channel(WAITING);
    let clerk = Clerk {
        undo: UndoLog::new(settings.undo.clone()),
        watch: Watch::new(&settings.profiles),
        settings,
        news,
        filter: Errand::default(),
        facts: Errand::default(),
        survey: Errand::default(),
        hosts: Errand::default(),
        trial: None,
    };
    tokio::spawn(clerk.work(requests));
    (sender, receiver)
}

/// A task that ends with its handle.
#[derive(Debug, Default)]
struct Errand(Option<JoinHandle<()>>);

impl Errand {
    fn replace(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.end();
        self.0 = Some(tokio::spawn(task));
    }

    fn end(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.end();
    }
}

struct Clerk {
    settings: Settings,
    undo: UndoLog,
    watch: Watch,
    news: mpsc::Sender<News>,
    filter: Errand,
    facts: Errand,
    survey: Errand,
    hosts: Errand,
    trial: Option<Trial>,
}

impl Clerk {
    async fn work(mut self, mut requests: mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.serve(request).await,
                    None => return,
                },
                () = self.watch.changed() => self.load().await,
            }
        }
    }

    async fn tell(&self, news: News) {
        // Without a front nobody misses it.
        let _ = self.news.send(news).await;
    }

    async fn serve(&mut self, request: Request) {
        match request {
            Request::Open(site) => {
                let read = store::read_site_text(&self.settings.profiles, &site);
                self.tell(read.map_or_else(News::Refused, |text| News::Opened(site, text))).await;
            }
            Request::Save { site, edits, seen } => {
                let done = store::save(&self.settings.profiles, &site, &edits, seen.as_deref());
                self.done(done, News::Saved).await;
            }
            Request::SaveAs { site: (site, to), edits, seen, copy } => {
                let names = (site.as_str(), to.as_str());
                let done = store::save_as(&self.settings.profiles, names, &edits, &seen, copy);
                self.done(done, News::Saved).await;
            }
            Request::Delete(doomed) => {
                let done = delete::delete(&self.settings.profiles, &doomed);
                self.done(done, |_| News::Deleted(doomed)).await;
            }
            Request::Undo => self.take_back().await,
            Request::Remember(change) => self.done(Ok(change), News::Saved).await,
            Request::Filter { filter, target, over } => self.check_filter(filter, target, over),
            Request::Facts(target) => {
                let news = self.news.clone();
                self.facts.replace(async move {
                    tokio::time::sleep(TYPING).await;
                    let facts = facts::find(&target).await;
                    let _ = news.send(News::Facts(Box::new(facts))).await;
                });
            }
            Request::Test(target) => {
                self.trial = Some(Trial::start(*target, self.settings.runtime.clone(), self.news.clone()));
            }
            Request::EndTest => self.trial = None,
            Request::Survey => {
                let news = self.news.clone();
                self.survey.replace(async move {
                    let _ = news.send(News::Surveyed(Box::new(survey::survey().await))).await;
                });
            }
            Request::Hosts => self.list_hosts(),
            Request::Answer(id, answer) => {
                if let Some(trial) = &self.trial {
                    trial.answer(id, answer);
                }
            }
        }
    }

    fn list_hosts(&mut self) {
        let news = self.news.clone();
        self.hosts.replace(async move {
            let hosts = match directories::BaseDirs::new() {
                Some(dirs) => hosts::list(dirs.home_dir()).await,
                None => Vec::new(),
            };
            let _ = news.send(News::Hosts(hosts)).await;
        });
    }

    fn check_filter(&mut self, filter: String, target: Box<Target>, over: Option<SessionId>) {
        let (news, engine) = (self.news.clone(), self.settings.engine.clone());
        self.filter.replace(async move {
            tokio::time::sleep(TYPING).await;
            let lent = filter::borrow(engine, over).await;
            let verdict = filter::check(&filter, &target, lent).await;
            let _ = news.send(News::Filter(filter, verdict)).await;
        });
    }

    /// After a change, or what stood against it.
    async fn done(&mut self, done: Result<store::Change, SaveError>, told: impl FnOnce(String) -> News) {
        match done {
            Ok(change) => {
                let what = change.what.clone();
                if let Err(error) = self.undo.push(change) {
                    self.tell(News::Refused(error)).await;
                }
                self.load().await;
                self.tell(told(what)).await;
            }
            Err(error) => self.tell(News::Refused(error)).await,
        }
    }

    async fn take_back(&mut self) {
        match self.undo.undo() {
            Ok(Some(change)) => {
                self.load().await;
                self.tell(News::Undone(change.what)).await;
            }
            Ok(None) => {
                let nothing = SaveError::Read("there is no change to take back".to_owned());
                self.tell(News::Refused(nothing)).await;
            }
            Err(error) => self.tell(News::Refused(error)).await,
        }
    }

    async fn load(&mut self) {
        self.watch.refresh();
        let folder = &self.settings.profiles;
        let loaded = Catalog::load(folder).map_or_else(
            |error| News::Refused(SaveError::Read(format!("cannot list {}: {error}", folder.display()))),
            |catalog| News::Loaded(Box::new(catalog)),
        );
        self.tell(loaded).await;
    }
}

#[cfg(test)]
mod tests;
