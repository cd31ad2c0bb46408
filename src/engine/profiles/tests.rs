use super::{Doomed, Judge, News, Request, SessionId, Settings, Verdict, start};
use crate::{
    engine::store::SaveError,
    profile::{Edit, Hop, Place, Target, TargetName},
    session::FailKind,
};
use std::{fs, path::Path, time::Duration};
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(20);

fn settings(root: &Path) -> Settings {
    Settings {
        profiles: root.join("profiles"),
        undo: root.join("state/undo.json"),
        runtime: root.join("run"),
        engine: None,
    }
}

async fn until<T>(news: &mut mpsc::Receiver<News>, wanted: impl Fn(News) -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = wanted(news.recv().await.unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap()
}

async fn names(news: &mut mpsc::Receiver<News>) -> Vec<String> {
    until(news, |news| match news {
        News::Loaded(catalog) => Some(catalog.targets().map(|target| target.name.to_string()).collect()),
        _ => None,
    })
    .await
}

async fn refused(news: &mut mpsc::Receiver<News>) -> SaveError {
    until(news, |news| if let News::Refused(error) = news { Some(error) } else { None }).await
}

fn add(name: &str) -> Edit {
    Edit::Add { name: name.to_owned(), host: "10.0.0.1".to_owned() }
}

#[tokio::test]
async fn a_site_comes_grows_shrinks_goes_and_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let (clerk, mut news) = start(settings(root.path()));
    let ask = async |request| clerk.send(request).await.unwrap();
    ask(Request::Open("shop".to_owned())).await;
    let opened =
        until(&mut news, |news| if let News::Opened(_, text) = news { Some(text) } else { None }).await;
    assert_eq!(opened, None);
    let edits = vec![add("a"), add("b")];
    ask(Request::Save { site: "shop".to_owned(), edits: edits.clone(), seen: None }).await;
    assert_eq!(names(&mut news).await, ["shop/a", "shop/b"]);
    ask(Request::Save { site: "shop".to_owned(), edits, seen: None }).await;
    assert!(matches!(refused(&mut news).await, SaveError::Changed { .. }));
    for (target, left) in [("a", vec!["shop/b"]), ("b", vec![])] {
        let name = TargetName { site: "shop".to_owned(), target: target.to_owned() };
        ask(Request::Delete(Doomed::Targets(vec![name]))).await;
        assert_eq!(names(&mut news).await, left);
    }
    assert!(!root.path().join("profiles/shop.yaml").exists());
    for left in [vec!["shop/b"], vec!["shop/a", "shop/b"], vec![]] {
        ask(Request::Undo).await;
        assert_eq!(names(&mut news).await, left);
    }
    ask(Request::Undo).await;
    assert_eq!(refused(&mut news).await.to_string(), "there is no change to take back");
}

#[tokio::test]
async fn changes_from_outside_are_told() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("profiles")).unwrap();
    let (_clerk, mut news) = start(settings(root.path()));
    fs::write(root.path().join("profiles/x.yaml"), "targets: {a: {host: b}}").unwrap();
    assert_eq!(names(&mut news).await, ["x/a"]);
}

fn check(filter: &str) -> Request {
    let name = TargetName { site: "s".into(), target: "t".into() };
    let target = Box::new(Target::new(name, Hop { host: "h".into(), ..Hop::default() }));
    Request::Filter { filter: filter.to_owned(), target, over: Some(SessionId(7)) }
}

#[tokio::test]
async fn only_the_last_filter_is_checked() {
    let root = tempfile::tempdir().unwrap();
    let (clerk, mut news) = start(settings(root.path()));
    for filter in ["t", "tc", "tcp"] {
        clerk.send(check(filter)).await.unwrap();
    }
    let (filter, verdict) =
        until(&mut news, |news| if let News::Filter(f, v) = news { Some((f, v)) } else { None }).await;
    assert_eq!(filter, "tcp");
    assert!(matches!(verdict, Verdict::Good(Judge::Here) | Verdict::NotChecked(_)));
}

#[tokio::test]
async fn a_path_that_ends_is_told_as_a_step() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("run")).unwrap();
    let (clerk, mut news) = start(settings(root.path()));
    let name = TargetName { site: "s".into(), target: "t".into() };
    // Nothing listens on the discard port of a test machine.
    let host = Hop { host: "127.0.0.1".into(), port: Some(9), ..Hop::default() };
    clerk.send(Request::Test(Box::new(Target::new(name, host)))).await.unwrap();
    let steps =
        until(&mut news, |news| if let News::Tested(steps) = news { Some(steps) } else { None }).await;
    let failure = steps.last().unwrap().result.clone().unwrap_err();
    assert!(matches!(failure.kind, FailKind::Refused | FailKind::NoSsh), "{failure:?}");
    let unset = Edit::Unset { at: Place::Defaults, key: "user".to_owned() };
    clerk.send(Request::Save { site: "x/y".to_owned(), edits: vec![unset], seen: None }).await.unwrap();
    assert!(matches!(refused(&mut news).await, SaveError::Name(_)));
}
