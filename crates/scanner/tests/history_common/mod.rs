//! What the tests of the history walk share: a walk by every engine, and its events in a few words.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use forebear_scanner::history::{self, Engine, Request, Silent};
use forebear_scanner::source::{self, What};
use forebear_types::history::{Event, History};

/// The history of a folder's HEAD by one engine; an error if there is nothing to walk from.
pub fn walk_by(
    folder: &Path,
    engine: Engine,
    threads: usize,
    change: impl Fn(&mut Request),
) -> Result<History, String> {
    let opened =
        source::open(folder, What::Revision("HEAD".to_owned())).map_err(|error| error.to_string())?;
    let (reading, _) = source::examine(opened.source.as_ref());
    let handle = opened.repository.as_ref().ok_or("no repository")?;
    let mut request = Request { engine, threads, ..Request::of(opened.head.ok_or("no commit")?) };
    change(&mut request);
    Ok(history::walk(handle, &request, &opened.source.snapshot(), &reading.facts, &Silent))
}

/// The history of a folder's HEAD by both engines, which must agree; `change` changes what is asked for.
#[track_caller]
pub fn walk_with(folder: &Path, change: impl Fn(&mut Request)) -> History {
    let objects = walk_by(folder, Engine::Objects, 1, &change).unwrap();
    for threads in [1, 3] {
        let packs = walk_by(folder, Engine::Packs, threads, &change).unwrap();
        assert_eq!(packs, objects, "single objects, and packs with {threads} threads");
    }
    objects
}

/// The history of a folder that is damaged, by both engines. They must agree on all but the words in which they say what is
/// wrong; an error if HEAD itself cannot be opened.
#[track_caller]
pub fn walk_damaged(folder: &Path) -> Result<History, String> {
    let objects = walk_by(folder, Engine::Objects, 1, |_| {});
    let packs = walk_by(folder, Engine::Packs, 2, |_| {});
    match (&objects, &packs) {
        (Ok(objects), Ok(packs)) => {
            assert_eq!(without_problems(packs), without_problems(objects), "both engines give one answer");
            assert_eq!(packs.problems.is_empty(), objects.problems.is_empty());
            for history in [objects, packs] {
                assert_eq!(history.complete, history.problems.is_empty(), "{:?}", history.problems);
            }
        }
        (Err(_), Err(_)) => {}
        _ => panic!("one engine gave an error: {:?} {:?}", objects.err(), packs.err()),
    }
    objects
}

fn without_problems(history: &History) -> History {
    History { problems: Vec::new(), ..history.clone() }
}

/// The history of a folder's HEAD by both engines, which must agree.
#[track_caller]
pub fn walk(folder: &Path) -> History {
    walk_with(folder, |_| {})
}

/// Events of legal files as `kind path: subject of the commit`.
pub fn events(history: &History) -> Vec<String> {
    history.events.iter().filter(|event| event.is_legal()).map(words).collect()
}

fn words(event: &Event) -> String {
    format!("{} {}: {}", event.kind.name(), event.path, event.subject)
}

/// All that the history says of problems, one a line.
pub fn problems(history: &History) -> String {
    history.problems.iter().map(|problem| format!("{}\n", problem.what)).collect()
}
