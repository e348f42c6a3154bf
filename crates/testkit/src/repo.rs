//! A git repository in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{IndexAddOption, Oid, Repository, RepositoryInitOptions, Signature, Time};
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
