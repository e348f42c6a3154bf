//! Files that are written whole or not at all: each into a new file beside it, which then takes its place.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::interrupt::hold;

/// Writes a file, or what stands in its place: a pipe or a device is written to, a link is followed.
///
/// # Errors
/// What the system says. A file that was there keeps its content then.
pub(crate) fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let found = fs::metadata(target);
    if found.as_ref().is_ok_and(|found| !found.is_file()) {
        return fs::write(target, bytes);
    }
    // A link that leads nowhere yet has no real path; the system knows what to make of it.
    let real = match fs::canonicalize(target) {
        Ok(real) => real,
        Err(_) if fs::symlink_metadata(target).is_ok() => return fs::write(target, bytes),
        Err(_) => target.to_owned(),
    };
    match Ready::beside(&real, bytes) {
        Ok(ready) => replace([ready]).map_err(|(_, cause)| cause),
        // A file that may be written to, in a folder that may not.
        Err(cause) if found.is_ok() && is_refused(&cause) => fs::write(&real, bytes),
        Err(cause) => Err(cause),
    }
}

/// Writes a file that must not be there yet. What could not be written whole is removed.
///
/// # Errors
/// What the system says; [`io::ErrorKind::AlreadyExists`] if there is something.
pub(crate) fn create(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut held = hold();
    let mut file = fs::File::create_new(target)?;
    held.begin(target);
    drop(held);
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(target);
    }
    hold().finish(target);
    written
}

/// New content of a file, ready beside it. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Ready {
    temporary: PathBuf,
    target: PathBuf,
}

impl Ready {
    /// Writes a new file in the same folder, with the rights of the one that it is to replace.
    ///
    /// # Errors
    /// What the system says; nothing is left then.
    pub(crate) fn beside(target: &Path, bytes: &[u8]) -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        /// A file of a program that was killed may have the name; it is somebody's, so it stays.
        const TRIES: usize = 100;
        let mut last = None;
        for _ in 0..TRIES {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let temporary = target.with_file_name(format!(".forebear-{}-{number}", std::process::id()));
            let mut held = hold();
            let mut file = match fs::OpenOptions::new().write(true).create_new(true).open(&temporary) {
                Ok(file) => file,
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                    last = Some(cause);
                    continue;
                }
                Err(cause) => return Err(cause),
            };
            held.begin(&temporary);
            drop(held);
            let ready = Self { temporary, target: target.to_owned() };
            file.write_all(bytes)?;
            if let Ok(old) = fs::metadata(target) {
                file.set_permissions(old.permissions())?;
            }
            file.sync_all()?;
            return Ok(ready);
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        let mut held = hold();
        let _ = fs::remove_file(&self.temporary);
        held.finish(&self.temporary);
    }
}

/// Moves files into their places; a request to end waits until it is done.
///
/// # Errors
/// What the system says, and how many were moved before.
pub(crate) fn replace(all: impl IntoIterator<Item = Ready>) -> Result<(), (usize, io::Error)> {
    let all: Vec<Ready> = all.into_iter().collect();
    let mut moved = 0;
    let failed = {
        let mut held = hold();
        all.iter().find_map(|ready| match fs::rename(&ready.temporary, &ready.target) {
            Ok(()) => {
                held.finish(&ready.temporary);
                moved += 1;
                None
            }
            Err(cause) => Some(cause),
        })
    };
    match failed {
        None => Ok(()),
        Some(cause) => Err((moved, cause)),
    }
}

fn is_refused(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_and_keeps_its_rights() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        write(&file, b"one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        write(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("report.json"), folder.path().join("latest"));
        fs::write(&file, "one").unwrap();
        std::os::unix::fs::symlink("report.json", &link).unwrap();
        write(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"two");
        let new = folder.path().join("new");
        std::os::unix::fs::symlink("to-come", &new).unwrap();
        write(&new, b"three").unwrap();
        assert_eq!(fs::read(folder.path().join("to-come")).unwrap(), b"three");
        write(Path::new("/dev/null"), b"four").unwrap();
        assert_eq!(names(folder.path()), ["latest", "new", "report.json", "to-come"]);
    }

    #[test]
    fn what_is_not_moved_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("LICENSE");
        let ready = Ready::beside(&file, b"text").unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(ready);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        assert!(write(&folder.path().join("no/such/folder"), b"x").is_err());
    }

    #[test]
    fn what_is_there_is_not_created_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forebear.toml");
        create(&file, b"one").unwrap();
        assert_eq!(create(&file, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"one");
    }
}
