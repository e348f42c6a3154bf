//! What the tests of the history walk share: a walk by every engine, and its events in a few words.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use forebear_scanner::history::{self, Engine, Request, Silent};
use forebear_scanner::source::{self, What};
use forebear_types::history::{Event, History};

/// The history of a folder's HEAD by both engines, which must agree; `change` changes what is asked for.
pub fn walk_with(folder: &Path, change: impl Fn(&mut Request)) -> History {
    let mut all = [(Engine::Objects, 1), (Engine::Packs, 1), (Engine::Packs, 3)].map(|(engine, threads)| {
        let opened = source::open(folder, What::Revision("HEAD".to_owned())).unwrap();
        let (reading, _) = source::examine(opened.source.as_ref());
        let handle = opened.repository.as_ref().expect("a repository");
        let mut request = Request { engine, threads, ..Request::of(opened.head.expect("a commit")) };
        change(&mut request);
        history::walk(handle, &request, &opened.source.snapshot(), &reading.facts, &Silent)
    });
    assert_eq!(all[0], all[1], "single objects and packs give one answer");
    assert_eq!(all[1], all[2], "the number of threads changes nothing");
    std::mem::take(&mut all[0])
}

/// The history of a folder's HEAD by both engines, which must agree.
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
