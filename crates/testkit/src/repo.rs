//! A git repository in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use git2::{IndexAddOption, ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

/// A repository, or a plain folder until the first commit or staging.
pub struct Repo {
    folder: TempDir,
    repository: Option<Repository>,
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    /// An empty repository on the branch `main`.
    pub fn new() -> Self {
        let mut repo = Self::plain();
        repo.init();
        repo
    }

    /// A plain folder.
    pub fn plain() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), repository: None }
    }

    /// Makes a repository of the folder, if it is none yet.
    pub fn init(&mut self) -> &Repository {
        if self.repository.is_none() {
            let options = &mut RepositoryInitOptions::new();
            options.initial_head("main").external_template(false);
            let repository = Repository::init_opts(self.folder.path(), options).unwrap();
            // Nothing of the machine's own configuration may decide how a test comes out.
            let mut config = repository.config().unwrap();
            config.set_str("core.autocrlf", "false").unwrap();
            config.set_str("core.excludesFile", "").unwrap();
            self.repository = Some(repository);
        }
        self.repository.as_ref().unwrap()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders above it.
    pub fn write(&mut self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes a weight file: its header, and a hole of the length of its data.
    pub fn write_weights(&mut self, path: &str, header: &crate::weights::Header) {
        let path = self.write(path, &header.bytes);
        fs::OpenOptions::new().write(true).open(path).unwrap().set_len(header.len).unwrap();
    }

    /// Deletes a file.
    pub fn remove(&mut self, path: &str) {
        fs::remove_file(self.folder.path().join(path)).unwrap();
    }

    /// Moves a file.
    pub fn rename(&mut self, from: &str, to: &str) {
        let to = self.folder.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.folder.path().join(from), to).unwrap();
    }

    /// Stages everything, deletions too.
    pub fn stage_all(&mut self) {
        let mut index = self.init().index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
    }

    /// Commits what is staged. `time` is RFC 3339.
    pub fn commit(&mut self, message: &str, time: &str) -> String {
        self.commit_with(message, time, &[])
    }

    /// Commits what is staged, with these commits as further parents: a merge.
    pub fn commit_with(&mut self, message: &str, time: &str, others: &[&str]) -> String {
        let repository = self.init();
        let tree = repository.find_tree(repository.index().unwrap().write_tree().unwrap()).unwrap();
        let time: jiff::Timestamp = time.parse().unwrap_or_else(|error| panic!("{time}: {error}"));
        let author = Signature::new("Kaguya", "kaguya@example.org", &Time::new(time.as_second(), 0)).unwrap();
        let head = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
        let others: Vec<_> =
            others.iter().map(|id| repository.find_commit(Oid::from_str(id).unwrap()).unwrap()).collect();
        let parents: Vec<_> = head.iter().chain(&others).collect();
        repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents).unwrap().to_string()
    }

    /// Commits a whole tree, given as path and content, with any parents; no work tree, index or reference changes. `time` is RFC 3339.
    pub fn commit_tree(
        &mut self,
        message: &str,
        time: &str,
        parents: &[&str],
        files: &[(&str, &str)],
    ) -> String {
        let repository = self.init();
        let mut index = git2::Index::new().unwrap();
        for (path, content) in files {
            let id = repository.blob(content.as_bytes()).unwrap();
            index.add(&entry(path.as_bytes(), 0o100_644, id)).unwrap();
        }
        let tree = index.write_tree_to(repository).unwrap();
        self.commit_of(message, time, parents, &tree.to_string())
    }

    /// Commits a tree that is there, with any parents; no reference changes.
    pub fn commit_of(&mut self, message: &str, time: &str, parents: &[&str], tree: &str) -> String {
        let time: jiff::Timestamp = time.parse().unwrap_or_else(|error| panic!("{time}: {error}"));
        let mut text = format!("tree {tree}\n");
        for parent in parents {
            text += &format!("parent {parent}\n");
        }
        for role in ["author", "committer"] {
            text += &format!("{role} Kaguya <kaguya@example.org> {} +0000\n", time.as_second());
        }
        text += &format!("\n{message}\n");
        self.object(ObjectType::Commit, text.as_bytes())
    }

    /// Writes a tree of entries (mode in octal, name, object) as they are: in this order, whatever they name.
    pub fn tree_of(&mut self, entries: &[(&str, &[u8], &str)]) -> String {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend_from_slice(mode.as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(name);
            bytes.push(0);
            bytes.extend_from_slice(Oid::from_str(id).unwrap().as_bytes());
        }
        self.object(ObjectType::Tree, &bytes)
    }

    /// Writes a blob.
    pub fn blob(&mut self, content: impl AsRef<[u8]>) -> String {
        self.object(ObjectType::Blob, content.as_ref())
    }

    /// Writes an object of any content; nothing checks that it makes sense.
    pub fn object(&mut self, kind: ObjectType, bytes: &[u8]) -> String {
        self.init().odb().unwrap().write(kind, bytes).unwrap().to_string()
    }

    /// The file of a loose object.
    pub fn loose(&self, id: &str) -> PathBuf {
        self.folder.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    }

    /// Points a reference, by its full name, to an object.
    pub fn point(&mut self, reference: &str, at: &str) {
        self.init().reference(reference, Oid::from_str(at).unwrap(), true, "test").unwrap();
    }

    /// Runs git in the folder; gives what it printed.
    ///
    /// # Panics
    /// If git is missing or fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.folder.path(), arguments)
    }

    /// Packs everything that a reference reaches, with deltas, and leaves no loose object of it behind. Needs git.
    pub fn pack(&self) {
        self.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
        self.git(&["prune-packed", "-q"]);
    }

    /// Starts a branch at a commit and checks it out.
    pub fn branch(&mut self, name: &str, at: &str) {
        {
            let repository = self.init();
            let commit = repository.find_commit(Oid::from_str(at).unwrap()).unwrap();
            repository.branch(name, &commit, true).unwrap();
        }
        self.checkout(name);
    }

    /// Checks a branch out, its files too.
    pub fn checkout(&mut self, name: &str) {
        let repository = self.init();
        repository.set_head(&format!("refs/heads/{name}")).unwrap();
        repository
            .checkout_head(Some(git2::build::CheckoutBuilder::new().force().remove_untracked(true)))
            .unwrap();
    }

    /// Makes the repository look like a clone that was cut at a commit.
    pub fn shallow(&mut self, at: &str) {
        fs::write(self.init().path().join("shallow"), format!("{at}\n")).unwrap();
        // The boundary is read when the repository is opened.
        self.repository = Some(Repository::open(self.folder.path()).unwrap());
    }
}

/// An entry for an index, with nothing of a file on disk.
fn entry(path: &[u8], mode: u32, id: Oid) -> git2::IndexEntry {
    let never = git2::IndexTime::new(0, 0);
    git2::IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

/// Whether git is there, in a version that merges anew for `git show --remerge-diff` (2.36 of April 2022).
pub fn has_git() -> bool {
    let Ok(output) = git_command(Path::new(".")).arg("--version").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(2), Some(36))
}

/// Runs git in a folder; gives what it printed.
///
/// # Panics
/// If git is missing or fails.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = try_git(folder, arguments);
    assert!(
        output.status.success(),
        "git {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs git in a folder, whatever comes of it.
///
/// # Panics
/// If git is missing.
pub fn try_git(folder: &Path, arguments: &[&str]) -> Output {
    git_command(folder).args(arguments).output().unwrap()
}

/// Git that sees nothing of the machine's configuration, fetches nothing, asks nothing, and has an author and a clock.
pub fn git_command(folder: &Path) -> Command {
    let mut command = crate::env::command(Path::new("git"));
    command
        .current_dir(folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("LC_ALL", "C");
    for role in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{role}_NAME"), "Kaguya")
            .env(format!("GIT_{role}_EMAIL"), "kaguya@example.org")
            .env(format!("GIT_{role}_DATE"), "2026-03-20T00:00:00Z");
    }
    command.args([
        "-c",
        "init.defaultBranch=main",
        "-c",
        "safe.directory=*",
        "-c",
        "protocol.file.allow=always",
    ]);
    command
}
