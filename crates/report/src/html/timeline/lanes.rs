//! The lives of files and declarations on the line of the examined commit: what the drawing draws.

use forebear_types::history::{About, Detail, Event, EventKind};
use forebear_types::run::Run;
use forebear_types::{RepoPath, Snapshot, Time};

/// One file or one declaration.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) about: &'a About,
    /// When it was there; an open end is `None`. One that begins with `None` was there before the first event.
    pub(super) lives: Vec<(Option<Time>, Option<Time>)>,
    /// Its events, with their numbers in the table.
    pub(super) events: Vec<(usize, &'a Event, Time)>,
}

/// The lanes: legal files, then declarations, then other evidence, each kind in order of its first event. `numbered` are the events
/// of the table, oldest first.
pub(super) fn of<'a>(run: &'a Run, numbered: &[&'a Event]) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    for (number, event) in numbered.iter().enumerate().filter(|(_, event)| event.is_of_head()) {
        let time = moment(run, &event.snapshot);
        let found = lanes.iter().position(|lane| *lane.path == event.path && *lane.about == event.about);
        let at = found.unwrap_or_else(|| {
            lanes.push(Lane {
                path: &event.path,
                about: &event.about,
                lives: Vec::new(),
                events: Vec::new(),
            });
            lanes.len() - 1
        });
        lanes[at].take(number, event, time);
        // What was moved is no longer where it was.
        if event.kind == EventKind::Renamed {
            let old = event.from.as_deref().and_then(|path| RepoPath::new(path).ok());
            let left =
                lanes.iter_mut().find(|lane| Some(lane.path) == old.as_ref() && *lane.about == event.about);
            if let Some(left) = left {
                left.close(time);
            }
        }
    }
    lanes.sort_by_key(|lane| match lane.about {
        About::LegalFile => 0,
        About::Declaration(_) => 1,
        About::Evidence => 2,
    });
    lanes
}

/// When a state was made. What is not committed is there at the moment of the run.
pub(super) fn moment(run: &Run, snapshot: &Snapshot) -> Time {
    match snapshot {
        Snapshot::Commit { time, .. } => *time,
        _ => run.maker.time,
    }
}

impl<'a> Lane<'a> {
    fn take(&mut self, number: usize, event: &'a Event, time: Time) {
        self.events.push((number, event, time));
        if event.kind == EventKind::Removed {
            self.close(time);
        } else if self.lives.last().is_none_or(|(_, end)| end.is_some()) {
            // What takes in another file's text was there before.
            let begins = matches!(event.kind, EventKind::Added | EventKind::Restored | EventKind::Renamed)
                && event.detail != Some(Detail::MergedInto);
            self.lives.push((begins.then_some(time), None));
        }
    }

    fn close(&mut self, time: Time) {
        match self.lives.last_mut() {
            Some((_, end @ None)) => *end = Some(time),
            Some(_) => {}
            None => self.lives.push((None, Some(time))),
        }
    }
}
