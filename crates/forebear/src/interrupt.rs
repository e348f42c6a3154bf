//! Ctrl-C: what was not finished is taken away before the program ends.
//!
//! A signal is told to a thread of its own, which may do what a signal handler may not: take a lock and remove files. It keeps the
//! lock while the program ends, so that nobody begins another file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

#[cfg(unix)]
use crate::exit::Exit;

/// Files that are begun and not finished.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Whether a line of progress stands on the terminal.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Ends the program with [`Exit::Interrupted`] on Ctrl-C and on a request to end, with nothing left behind.
///
/// # Errors
/// If the system does not let the program hear of signals; it then ends as any other does.
#[cfg(unix)]
pub fn watch() -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            let unfinished = hold();
            unfinished.paths().for_each(|path| {
                let _ = fs::remove_file(path);
            });
            clear_line();
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    })?;
    Ok(())
}

/// Where there are no signals the program ends as any other does, and the next run that writes the same files takes their place.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn watch() -> io::Result<()> {
    Ok(())
}

/// Keeps the program from ending until it is dropped.
pub(crate) struct Held(MutexGuard<'static, BTreeSet<PathBuf>>);

/// Waits until nobody else begins or finishes a file.
pub(crate) fn hold() -> Held {
    // A panic elsewhere leaves the set as it is: each change of it is one call.
    Held(UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

impl Held {
    /// A file that is to be removed if the program ends before it is finished.
    pub(crate) fn begin(&mut self, path: &Path) {
        self.0.insert(path.to_owned());
    }

    /// The file is finished, or gone.
    pub(crate) fn finish(&mut self, path: &Path) {
        self.0.remove(path);
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter()
    }
}

/// Writes a line of progress over the one before.
pub(crate) fn show_line(line: &str) {
    SHOWN.store(true, Ordering::Relaxed);
    // Nobody may be there to read it.
    let _ = write!(io::stderr(), "\r\u{1b}[K{line}");
    let _ = io::stderr().flush();
}

/// Takes the line of progress away.
pub(crate) fn clear_line() {
    if SHOWN.swap(false, Ordering::Relaxed) {
        let _ = write!(io::stderr(), "\r\u{1b}[K");
        let _ = io::stderr().flush();
    }
}

/// Whether lines can be written over on the terminal.
pub(crate) fn can_show_lines() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|kind| kind != "dumb")
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::whole_file::Ready;

    const FOLDER: &str = "FOREBEAR_TEST_FOLDER";

    /// What the other process of the test below does: it begins a file, and waits.
    fn begin_a_file_and_wait(folder: &Path) {
        watch().unwrap();
        let ready = Ready::beside(&folder.join("report.json"), b"half").unwrap();
        println!("\nbegun");
        let _ = io::stdin().read(&mut [0]);
        drop(ready);
    }

    #[test]
    fn a_file_that_was_begun_is_gone() {
        // The test starts itself once more, with a folder.
        if let Some(folder) = std::env::var_os(FOLDER) {
            return begin_a_file_and_wait(Path::new(&folder));
        }
        for signal in ["INT", "TERM"] {
            let folder = tempfile::tempdir().unwrap();
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "interrupt::tests::a_file_that_was_begun_is_gone", "--nocapture"])
                .env(FOLDER, folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            // Held until the end: waiting for a child closes its input, and this one ends when that is closed.
            let input = child.stdin.take();
            let names = || fs::read_dir(folder.path()).unwrap().count();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap() == "begun"), "the other process did not begin");
            assert_eq!(names(), 1);
            Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
            drop(input);
            assert_eq!(names(), 0, "{signal}");
        }
    }
}
