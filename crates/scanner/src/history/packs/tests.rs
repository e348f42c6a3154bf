//! Whatever is read equals what libgit2 reads, and what git writes equals what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use forebear_testkit::repo::Repo;
use git2::{ObjectType, Odb, Repository};

use super::ids::Ids;
use super::names::Met;
use super::part::Part;
use super::tree::{Open, Sink};
use super::*;
use crate::history::Silent;

fn wanted(name: &[u8]) -> bool {
    name.starts_with(b"LICENSE") || name.ends_with(b".json")
}

const NAMES: Names<'_> = Names { wanted: &wanted };

fn read(repository: &Path, threads: usize) -> Decoded {
    decode(&[repository.join(".git/objects")], &NAMES, threads, &Silent)
}

fn git(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A history of many similar trees, with every kind of entry, a merge, a tag, and names that share beginnings.
fn history(turns: usize) -> Repo {
    let mut repo = Repo::new();
    let mut ids = Vec::new();
    for turn in 0..turns {
        for file in 0..30 {
            repo.write(
                &format!("src/part{}/file{file}.rs", file % 4),
                format!("{file} {}", turn * file / 60),
            );
        }
        repo.write(&format!("models/m{}/config.json", turn % 7), format!("{turn}"));
        repo.write("LICENSE", format!("a licence, {}", turn / 9));
        repo.write("README.md", format!("{turn}"));
        if turn % 5 == 3 {
            repo.remove("LICENSE");
        }
        repo.stage_all();
        ids.push(repo.commit(&format!("turn {turn}"), "2024-02-03T04:05:06Z"));
    }
    repo.branch("side", &ids[turns / 2]);
    repo.write("LICENSE-2", "another");
    repo.stage_all();
    let side = repo.commit("side", "2024-03-03T04:05:06Z");
    repo.branch("again", &ids[turns - 1]);
    repo.write("LICENSE.txt", "third");
    repo.stage_all();
    repo.commit_with("merge", "2024-03-04T04:05:06Z", &[&side]);
    all_kinds(repo.init());
    repo
}

/// Tags, and a commit whose tree holds everything that a tree can.
fn all_kinds(repository: &Repository) {
    let head = repository.head().unwrap().peel(ObjectType::Commit).unwrap();
    let blob = repository.blob(b"elsewhere").unwrap();
    let person = git2::Signature::new("A b", "c", &git2::Time::new(-5, -90)).unwrap();
    let tag = repository.tag("v1", &head, &person, "a tag", false).unwrap();
    repository
        .tag("nested", &repository.find_object(tag, None).unwrap(), &person, "of a tag", false)
        .unwrap();
    let old = repository.head().unwrap().peel_to_tree().unwrap();
    let mut tree = repository.treebuilder(Some(&old)).unwrap();
    tree.insert("LICENSE-link", blob, 0o120_000).unwrap();
    tree.insert("LICENSE-module", head.id(), 0o160_000).unwrap();
    tree.insert("LICENSE-run", blob, 0o100_755).unwrap();
    tree.insert("LICENSE-folder", old.id(), 0o040_000).unwrap();
    tree.insert(b"LICENSE-\xff\xfe".as_slice(), blob, 0o100_644).unwrap();
    let tree = repository.find_tree(tree.write().unwrap()).unwrap();
    let zone = git2::Signature::new("É", "e@x", &git2::Time::new(1_700_000_000, -570)).unwrap();
    let head = head.peel_to_commit().unwrap();
    repository.commit(Some("HEAD"), &zone, &zone, "\n\nall kinds", &tree, &[&head]).unwrap();
}

/// Compares all that was read with libgit2. How many commits and trees were read.
fn same_as_libgit2(decoded: &Decoded, repository: &Path) -> (usize, usize) {
    let repository = Repository::open(repository).unwrap();
    let (mut commits, mut trees) = (0, 0);
    let follow = |object: Object| match object {
        Object::Number(number) => decoded.id(number),
        Object::Id(id) => {
            assert_eq!(decoded.find(&id), None);
            id
        }
    };
    for number in 0..decoded.len() as u32 {
        let id = decoded.id(number);
        assert_eq!(decoded.find(&id), Some(number));
        if let Some(commit) = decoded.commit(number) {
            let expected = repository.find_commit(id).unwrap();
            assert_eq!(follow(commit.tree()), expected.tree_id());
            assert!(commit.parents().map(follow).eq(expected.parent_ids()));
            for (read, expected) in
                [(commit.author, expected.author().when()), (commit.committer, expected.committer().when())]
            {
                assert_eq!(read.seconds, expected.seconds());
                assert_eq!(i32::from(read.offset), expected.offset_minutes());
            }
            commits += 1;
        }
        if let Some(tree) = decoded.tree(number) {
            let expected = repository.find_tree(id).unwrap();
            let is_folder = |entry: &git2::TreeEntry<'_>| entry.kind() == Some(ObjectType::Tree);
            let folders =
                expected.iter().filter(is_folder).map(|entry| (entry.name_bytes().to_vec(), entry.id()));
            let read = tree.folders().map(|(name, child)| (decoded.name(name).to_vec(), follow(child)));
            assert!(read.eq(folders), "{id}");
            let files = expected.iter().filter(|entry| !is_folder(entry) && wanted(entry.name_bytes()));
            let files = files.map(|entry| {
                let kind = Kind::of_mode(entry.filemode_raw() as u32);
                (entry.name_bytes().to_vec(), kind, entry.id())
            });
            let read = tree.files().map(|(name, kind, id)| (decoded.name(name).to_vec(), kind, id));
            assert!(read.eq(files), "{id}");
            trees += 1;
        }
        if let Some(of) = decoded.tag(number) {
            assert_eq!(follow(of), repository.find_tag(id).unwrap().target_id());
        }
    }
    (commits, trees)
}

/// All that is in packs is read, but for what a forged one leaves out.
fn all_is_read(decoded: &Decoded, repository: &Path) {
    assert_eq!(decoded.problems, Vec::<String>::new());
    let opened = Repository::open(repository).unwrap();
    let objects = opened.odb().unwrap();
    let mut kinds = BTreeMap::new();
    objects
        .foreach(|id| {
            kinds.insert(*id, objects.read_header(*id).unwrap().1);
            true
        })
        .unwrap();
    for (id, kind) in kinds {
        let number = decoded.find(&id);
        let known = match kind {
            ObjectType::Commit => decoded.commit(number.unwrap()).is_some(),
            ObjectType::Tree => decoded.tree(number.unwrap()).is_some(),
            ObjectType::Tag => decoded.tag(number.unwrap()).is_some(),
            _ => number.is_none(),
        };
        assert!(known, "{kind:?} {id}");
    }
    same_as_libgit2(decoded, repository);
}

/// All that can be asked of what was read.
fn said(decoded: &Decoded) -> Vec<String> {
    let of = |number: u32| {
        let commit = decoded.commit(number);
        let commit = commit.map(|c| (c.tree(), c.parents().collect::<Vec<_>>(), c.author, c.committer));
        let tree = decoded.tree(number);
        let tree = tree.map(|tree| (tree.folders().collect::<Vec<_>>(), tree.files().collect::<Vec<_>>()));
        format!("{} {commit:?} {tree:?} {:?}", decoded.id(number), decoded.tag(number))
    };
    let names = (0..decoded.name_ends.len() as u32).map(|name| format!("{:?}", decoded.name(NameId(name))));
    (0..decoded.len() as u32).map(of).chain(names).chain(decoded.problems.clone()).collect()
}

#[test]
fn packs_of_every_shape_say_what_libgit2_says() {
    let repo = history(40);
    let path = repo.path();
    let by_turns: [&[&str]; 5] = [
        &["gc", "-q", "--no-prune"],
        &["repack", "-adfkq", "--depth=50", "--window=50"],
        &["repack", "-adfkq", "--depth=2"],
        &["repack", "-adfkq", "--depth=0"],
        &["-c", "pack.indexVersion=1", "repack", "-adfkq", "--depth=4000", "--window=300"],
    ];
    for how in by_turns {
        git(path, how, "");
        let decoded = read(path, 1);
        all_is_read(&decoded, path);
        let commits: Vec<_> = decoded.commits().collect();
        assert_eq!(commits.len(), 43);
        assert_eq!(said(&decoded), said(&read(path, 2)), "{how:?}");
        assert_eq!(said(&decoded), said(&read(path, 7)), "{how:?}");
    }
}

#[test]
fn bases_named_by_id_are_found_before_and_behind() {
    let repo = history(40);
    let path = repo.path();
    let objects = git(path, &["rev-list", "--all", "--objects"], "");
    let ids: String = objects.lines().map(|line| format!("{}\n", &line[..40])).collect();
    // Without `--delta-base-offset`, bases are named.
    let made = git(path, &["pack-objects", "-q", "--window=50", ".git/objects/pack/pack"], &ids);
    git(path, &["prune-packed"], "");
    assert_eq!(made.trim().len(), 40);
    all_is_read(&read(path, 1), path);

    // The same entries the other way round: every base lies behind its deltas.
    let pack = path.join(format!(".git/objects/pack/pack-{}.pack", made.trim()));
    let turned = backwards(&fs::read(&pack).unwrap(), &pack);
    for extension in ["pack", "idx", "rev"] {
        let _: Result<_, _> = fs::remove_file(pack.with_extension(extension));
    }
    write_pack(path, &turned);
    let decoded = read(path, 2);
    all_is_read(&decoded, path);
}

/// The entries of a pack in reverse.
fn backwards(bytes: &[u8], path: &Path) -> Vec<u8> {
    let index = Index::new(fs::read(path.with_extension("idx")).unwrap()).unwrap();
    let mut offsets: Vec<usize> = (0..index.len()).map(|rank| index.offset(rank).unwrap() as usize).collect();
    offsets.sort();
    offsets.push(bytes.len() - 20);
    let mut turned = bytes[..12].to_vec();
    for pair in offsets.windows(2).rev() {
        turned.extend_from_slice(&bytes[pair[0]..pair[1]]);
    }
    turned
}

/// Lets git index a pack without its checksum.
fn write_pack(repository: &Path, bytes: &[u8]) {
    let folder = repository.join(".git/objects/pack");
    let pack = folder.join("pack-made.pack");
    fs::write(&pack, [bytes, &sha1(bytes)].concat()).unwrap();
    git(repository, &["index-pack", "-o", ".git/objects/pack/pack-made.idx", pack.to_str().unwrap()], "");
}

/// SHA-1 (RFC 3174), for forging packs.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut message = bytes.to_vec();
    message.push(0x80);
    message.resize((message.len() + 8).next_multiple_of(64) - 8, 0);
    message.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in message.as_chunks::<64>().0 {
        let mut words = [0_u32; 80];
        for (word, four) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*four);
        }
        for at in 16..80 {
            words[at] = (words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in words.iter().enumerate() {
            let (f, k) = match at / 20 {
                0 => (b & c | !b & d, 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc_u32),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (sum, value) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(value);
        }
    }
    let mut id = [0; 20];
    for (four, value) in id.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *four = value.to_be_bytes();
    }
    id
}

#[test]
fn several_packs_and_alternates_are_one() {
    let mut repo = history(40);
    git(repo.path(), &["gc", "-q"], "");
    let first = read(repo.path(), 1);
    let known: BTreeSet<Oid> = (0..first.len() as u32).map(|number| first.id(number)).collect();
    repo.write("LICENSE", "a newer one");
    repo.stage_all();
    repo.commit("newer", "2024-05-05T05:05:05Z");
    git(repo.path(), &["repack", "-dq"], "");
    // Old objects once more, in a third pack.
    let old: String = known.iter().take(50).map(|id| format!("{id}\n")).collect();
    git(repo.path(), &["pack-objects", "-q", ".git/objects/pack/pack"], &old);
    git(repo.path(), &["multi-pack-index", "write"], "");
    let decoded = read(repo.path(), 2);
    all_is_read(&decoded, repo.path());
    assert!(decoded.len() > first.len());
    assert_eq!(said(&decoded), said(&read(repo.path(), 1)));

    // A second repository that borrows from the first.
    let mut second = Repo::new();
    let theirs = repo.path().join(".git/objects");
    second.write(".git/objects/info/alternates", format!("{}\n", theirs.to_str().unwrap()));
    second.write("config.json", "{}");
    second.stage_all();
    second.commit("own", "2024-05-05T05:05:05Z");
    git(second.path(), &["repack", "-adlq"], "");
    let folders = [second.path().join(".git/objects"), theirs];
    let both = decode(&folders, &NAMES, 1, &Silent);
    all_is_read(&both, second.path());
    assert_eq!(both.len(), decoded.len() + 2);
}

#[test]
fn a_repository_without_packs_says_nothing() {
    let repo = history(40);
    fs::remove_dir_all(repo.path().join(".git/objects/pack")).unwrap();
    let decoded = read(repo.path(), 2);
    assert_eq!((decoded.len(), &decoded.problems[..]), (0, &[][..]));
    assert_eq!(decoded.find(&Oid::from_str("12").unwrap()), None);
    assert_eq!(decoded.commits().count(), 0);

    // A pack without objects, and one that has no index.
    let mut empty = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    fs::create_dir(repo.path().join(".git/objects/pack")).unwrap();
    write_pack(repo.path(), &empty);
    empty[11] = 9;
    fs::write(repo.path().join(".git/objects/pack/pack-other.pack"), empty).unwrap();
    let decoded = read(repo.path(), 2);
    assert_eq!((decoded.len(), &decoded.problems[..]), (0, &[][..]));
}

/// The one pack of a repository, and its index.
fn packed(repository: &Path) -> (PathBuf, PathBuf) {
    let mut problems = Vec::new();
    let packs = list(&repository.join(".git/objects/pack"), &mut problems);
    assert_eq!((packs.len(), problems.len()), (1, 0));
    let files = (packs[0].clone(), packs[0].with_extension("idx"));
    // git makes both read-only.
    for file in [&files.0, &files.1] {
        let bytes = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        fs::write(file, bytes).unwrap();
    }
    files
}

#[test]
fn damage_is_left_out_and_nothing_wrong_is_said() {
    let repo = history(10);
    git(repo.path(), &["repack", "-adfq", "--depth=50"], "");
    let whole = read(repo.path(), 1);
    let all: BTreeSet<String> = said(&whole).into_iter().collect();
    let (pack, index) = packed(repo.path());
    let good = fs::read(&pack).unwrap();
    let objects = whole.places.iter().flatten().count();
    let ids: BTreeSet<Oid> = (0..whole.len() as u32).map(|number| whole.id(number)).collect();
    let mut fewest = objects;
    for at in (12..good.len() - 20).step_by(97) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&pack, &bad).unwrap();
        let decoded = read(repo.path(), 1);
        fewest = fewest.min(decoded.places.iter().flatten().count());
        let trusted = Repository::open(repo.path()).unwrap();
        no_more_than_libgit2(&decoded, &trusted.odb().unwrap(), &ids);
    }
    assert!(fewest < objects, "nothing was damaged");

    let good_index = fs::read(&index).unwrap();
    fs::write(&pack, &good).unwrap();
    for at in (0..good_index.len()).step_by(97) {
        let mut bad = good_index.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&index, &bad).unwrap();
        let decoded = read(repo.path(), 1);
        let trusted = Repository::open(repo.path()).unwrap();
        no_more_than_libgit2(&decoded, &trusted.odb().unwrap(), &ids);
    }

    // Cut short: nothing is read at all.
    for len in [0, 11, 12, 31, 32, 33, good.len() / 2, good.len() - 1] {
        fs::write(&index, &good_index).unwrap();
        fs::write(&pack, &good[..len]).unwrap();
        let decoded = read(repo.path(), 1);
        assert_eq!((decoded.len(), decoded.problems.len()), (0, 1), "{len}");
        fs::write(&pack, &good).unwrap();
        fs::write(&index, &good_index[..good_index.len().min(len)]).unwrap();
        let decoded = read(repo.path(), 1);
        let expected = if len >= good_index.len() { (whole.len(), 0) } else { (0, 1) };
        assert_eq!((decoded.len(), decoded.problems.len()), expected, "{len}");
    }
    fs::write(&index, &good_index).unwrap();
    fs::write(&pack, &good).unwrap();
    assert_eq!(said(&read(repo.path(), 1)).into_iter().collect::<BTreeSet<_>>(), all);
}

/// What was read is what libgit2 reads from the same damaged files. A damaged index may have an id that no object has: that
/// can only be seen from a digest of the object, and nobody asks for it.
fn no_more_than_libgit2(decoded: &Decoded, objects: &Odb<'_>, ids: &BTreeSet<Oid>) {
    for number in 0..decoded.len() as u32 {
        let id = decoded.id(number);
        let read = decoded.places[number as usize];
        let Some(Place { record, .. }) = read.filter(|_| ids.contains(&id)) else { continue };
        let object = objects.read(id).unwrap_or_else(|error| panic!("{id}: {error}"));
        let bytes = object.data();
        match record {
            Record::Commit(_) => {
                let head = commit::Head::new(bytes).unwrap();
                let commit = decoded.commit(number).unwrap();
                assert_eq!((commit.author, commit.committer), (head.author, head.committer));
                assert!(commit.parents().eq(head.parents().map(|id| place_of(decoded, id))));
            }
            Record::Tree(_) => {
                let mut part = Part::default();
                let (folders, files) = read_whole(bytes, &mut part, &decoded.ids).unwrap();
                let tree = decoded.tree(number).unwrap();
                assert!(
                    tree.folders()
                        .map(|(_, child)| child)
                        .eq(folders.iter().map(|(_, t)| object_of(&part, t)))
                );
                assert!(tree.files().map(|(_, kind, id)| (kind, id)).eq(files));
            }
            Record::Tag(_) => {
                let of = commit::tagged(bytes).unwrap();
                assert_eq!(decoded.tag(number), Some(place_of(decoded, of)));
            }
        }
    }
}

fn object_of(part: &Part, target: &Target) -> Object {
    object(part, *target)
}

fn place_of(decoded: &Decoded, id: Id) -> Object {
    decoded.find(&oid(&id)).map_or(Object::Id(oid(&id)), Object::Number)
}

type Whole = (Vec<(u32, Target)>, Vec<(Kind, Oid)>);

fn read_whole(bytes: &[u8], part: &mut Part, ids: &Ids) -> Option<Whole> {
    let mut met = Met::new(NAMES);
    let mut open = Open::of(bytes);
    open.read(&mut Sink { part, met: &mut met }).then(|| {
        let names: Vec<u32> = (0..met.len() as u32).collect();
        part.settle(ids, &names);
        let (_, folders, files) = open.said(part);
        (folders, files.iter().map(|file| (file.kind, oid(&file.id))).collect())
    })
}

/// An entry of a pack: its kind and claimed length, what its header names, and its content deflated.
fn entry(kind: u8, size: u64, base: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = size >> 4;
    let mut byte = kind << 4 | (size & 0xf) as u8;
    while left > 0 {
        bytes.push(byte | 0x80);
        byte = (left & 0x7f) as u8;
        left >>= 7;
    }
    bytes.push(byte);
    bytes.extend_from_slice(base);
    bytes.extend_from_slice(&miniz_oxide::deflate::compress_to_vec_zlib(content, 6));
    bytes
}

/// Writes a pack of entries with the ids that they are said to have, and an index that says so.
fn forge(repository: &Path, entries: &[(Id, Vec<u8>)]) {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    let mut sorted = Vec::new();
    for (id, bytes) in entries {
        sorted.push((*id, pack.len() as u32, inflate::crc32(bytes)));
        pack.extend_from_slice(bytes);
    }
    let sum = sha1(&pack);
    pack.extend_from_slice(&sum);
    sorted.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        index.extend_from_slice(
            &(sorted.iter().filter(|(id, ..)| id[0] <= first).count() as u32).to_be_bytes(),
        );
    }
    sorted.iter().for_each(|(id, ..)| index.extend_from_slice(id));
    sorted.iter().for_each(|(.., checksum)| index.extend_from_slice(&checksum.to_be_bytes()));
    sorted.iter().for_each(|(_, offset, _)| index.extend_from_slice(&offset.to_be_bytes()));
    index.extend_from_slice(&sum);
    let own = sha1(&index);
    index.extend_from_slice(&own);
    let folder = repository.join(".git/objects/pack");
    fs::write(folder.join("pack-forged.pack"), pack).unwrap();
    fs::write(folder.join("pack-forged.idx"), index).unwrap();
}

fn tree_bytes(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| [b"100644 ", name.as_bytes(), &[0; 21]].concat()).collect()
}

#[test]
fn forged_entries_are_left_out() {
    let repo = Repo::new();
    let tree = tree_bytes(&["LICENSE", "other"]);
    let whole = |id: u8| ([id; 20], entry(2, tree.len() as u64, &[], &tree));
    let len = tree.len() as u8;
    let same = [len, len, 0x90, len];
    let of = |base: u8, delta: &[u8]| entry(7, delta.len() as u64, &[base; 20], delta);
    forge(
        repo.path(),
        &[
            whole(1),
            ([2; 20], of(1, &same)),
            // Each is a delta of the other, and one of them has a child.
            ([3; 20], of(4, &same)),
            ([4; 20], of(3, &same)),
            ([5; 20], of(4, &same)),
            // A delta of itself, of nothing that is here, and of a blob.
            ([6; 20], of(6, &same)),
            ([7; 20], of(99, &same)),
            ([8; 20], entry(3, 3, &[], b"abc")),
            ([9; 20], of(8, &[3, 3, 0x90, 3])),
            // Lengths that are not true: of the entry, of the base, of the result.
            ([10; 20], entry(2, tree.len() as u64 + 1, &[], &tree)),
            ([11; 20], entry(2, tree.len() as u64 - 1, &[], &tree)),
            ([12; 20], entry(2, u64::MAX >> 4, &[], &tree)),
            ([13; 20], of(1, &[len + 1, len, 0x90, len])),
            ([14; 20], of(1, &[len, len - 1, 0x90, len])),
            ([15; 20], of(1, &[len, len + 1, 0x90, len])),
            // Copies of what is beyond the base, a step that git keeps for later, a step cut short.
            ([16; 20], of(1, &[len, len, 0x91, 1, len])),
            ([17; 20], of(1, &[len, len, 0])),
            ([18; 20], of(1, &[len, len, 0x90])),
            ([19; 20], of(1, &[len, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, len])),
            // Another delta's distance leads before the pack.
            ([20; 20], entry(6, 4, &[0xff, 0x7f], &same)),
            // A tree that is none, and a good delta of it.
            ([21; 20], entry(2, 3, &[], b"abc")),
            ([22; 20], of(21, &[3, len, 0x90, 3])),
            // A type that does not exist.
            ([23; 20], entry(5, 3, &[], b"abc")),
            // A good delta at the end, whose base lies before.
            ([24; 20], of(2, &same)),
        ],
    );
    let decoded = read(repo.path(), 1);
    assert_eq!(decoded.problems, Vec::<String>::new());
    let readable = (1..=24_u8).filter(|id| {
        let number = decoded.find(&Oid::from_bytes(&[*id; 20]).unwrap());
        number.and_then(|number| decoded.tree(number)).is_some_and(|tree| tree.files().len() == 1)
    });
    assert_eq!(readable.collect::<Vec<_>>(), [1, 2, 24]);
}

#[test]
fn a_pack_that_unfolds_without_end_is_left_to_libgit2() {
    let repo = Repo::new();
    // A tree of many folders, and ever so many deltas that are the same tree again.
    let folders = 50_000_u32;
    let tree: Vec<u8> =
        (0..folders).flat_map(|at| [b"40000 a\0".as_slice(), &[at as u8; 20]].concat()).collect();
    let mut entries = vec![([0; 20], entry(2, tree.len() as u64, &[], &tree))];
    let mut delta = Vec::new();
    for _ in 0..2 {
        let mut left = tree.len();
        while left > 0 {
            let more = if left > 0x7f { 0x80 } else { 0 };
            delta.push(left as u8 & 0x7f | more);
            left >>= 7;
        }
    }
    for at in (0..tree.len()).step_by(0xff_ffff) {
        let len = (tree.len() - at).min(0xff_ffff) as u32;
        delta.push(0xff);
        delta.extend_from_slice(&(at as u32).to_le_bytes());
        delta.extend_from_slice(&len.to_le_bytes()[..3]);
    }
    for copy in 1..60_u8 {
        entries.push(([copy; 20], entry(7, delta.len() as u64, &[copy / 2; 20], &delta)));
    }
    forge(repo.path(), &entries);
    for threads in [1, 3] {
        assert_eq!(read(repo.path(), threads).places.iter().flatten().count(), 60);
        let folders = [repo.path().join(".git/objects")];
        let decoded = decode_within(&folders, &NAMES, threads, &Silent, 20 << 20);
        let found =
            (decoded.problems.len(), decoded.places.iter().flatten().count(), decoded.name_ends.len());
        assert_eq!(found, (1, 0, 0), "{threads}");
    }
}

/// A small generator of numbers (xorshift), so that cases are the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below.max(1)
    }

    fn entry(&mut self) -> Vec<u8> {
        let modes = ["100644", "40000", "120000", "160000", "100755", "040000"];
        let names = ["LICENSE", "a", "config.json", "src", "models", "LICENSE 40000 a", "100644 b", "zz"];
        let mut entry = format!("{} {}", modes[self.next(6)], names[self.next(8)]).into_bytes();
        if self.next(3) == 0 {
            entry.push(b'0' + self.next(8) as u8);
        }
        entry.push(0);
        // Ids that look like entries are what a chain of entries may be led astray by.
        let look_alike = b"40000 a\x00100644 LICENSE\0";
        let kind = self.next(3);
        entry.extend((0..20).map(|at| match kind {
            0 => self.next(3) as u8,
            1 => look_alike[(at + 1) % 20],
            _ => self.next(256) as u8,
        }));
        entry
    }

    /// A delta of a base whose entries begin at `starts`: copies that are cut anywhere, with ids replaced, entries added and left out
    /// between, and rubbish once in a while. Beside it, its result.
    fn delta(&mut self, base: &[u8], starts: &[u32]) -> (Vec<u8>, Vec<u8>) {
        let mut steps = Vec::new();
        let mut result = Vec::new();
        let mut at = 0;
        let copy = |steps: &mut Vec<u8>, result: &mut Vec<u8>, from: usize, to: usize| {
            let len = to - from;
            if len > 0 {
                steps.extend_from_slice(&[0xb3, from as u8, (from >> 8) as u8, len as u8, (len >> 8) as u8]);
                result.extend_from_slice(&base[from..to]);
            }
        };
        let insert = |steps: &mut Vec<u8>, result: &mut Vec<u8>, bytes: &[u8]| {
            steps.push(bytes.len() as u8);
            steps.extend_from_slice(bytes);
            result.extend_from_slice(bytes);
        };
        for _ in 0..self.next(8) + 1 {
            let next =
                starts.iter().map(|start| *start as usize).find(|start| *start > at).unwrap_or(base.len());
            match self.next(60) {
                0..10 => {
                    copy(&mut steps, &mut result, at, next);
                    at = next;
                    insert(&mut steps, &mut result, &self.entry());
                }
                10..20 if next > at + 20 => {
                    // A new id, or its last bytes.
                    let from = next - self.next(20) - 1;
                    copy(&mut steps, &mut result, at, from);
                    let bytes: Vec<u8> = (from..next).map(|_| self.next(256) as u8).collect();
                    insert(&mut steps, &mut result, &bytes);
                    at = next;
                }
                20..28 => {
                    copy(&mut steps, &mut result, at, next);
                    at = starts[self.next(starts.len())] as usize;
                }
                28 => at = self.next(base.len()),
                29 => insert(&mut steps, &mut result, b"40000 a"),
                _ => {
                    let to = at + self.next((base.len() - at).min(200) + 1);
                    copy(&mut steps, &mut result, at, to);
                    at = to;
                }
            }
        }
        if self.next(8) > 0 {
            copy(&mut steps, &mut result, at, base.len());
        }
        let mut delta = Vec::new();
        for len in [base.len(), result.len()] {
            delta.extend_from_slice(&[len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8]);
        }
        delta.extend_from_slice(&steps);
        (delta, result)
    }
}

#[test]
fn a_tree_made_by_a_delta_says_what_its_bytes_say() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let (mut trees, mut others) = (0, 0);
    for _ in 0..3000 {
        let bytes: Vec<u8> = (0..dice.next(25) + 1).flat_map(|_| dice.entry()).collect();
        let (mut part, mut met) = (Part::default(), Met::new(NAMES));
        let mut sink = Sink { part: &mut part, met: &mut met };
        let mut base = Open::of(&bytes);
        assert!(base.read(&mut sink));
        // A chain, so that carried entries are carried on.
        for _ in 0..6 {
            if base.len == 0 {
                break;
            }
            let (delta, result) = dice.delta(&base.bytes[..base.len], base.starts());
            let before = sink.part.mark();
            let mut made = Open::default();
            let good = made.read_delta(&base, &delta, &mut sink);
            let mut full = Open::of(&result);
            let mut of_full = Part::default();
            let expected = full.read(&mut Sink { part: &mut of_full, met: sink.met });
            assert_eq!(good, expected);
            if !good {
                sink.part.back_to(before);
                others += 1;
                continue;
            }
            assert_eq!(&made.bytes[..made.len], &result[..]);
            let (starts, folders, files) = made.said(sink.part);
            let (expected_starts, expected_folders, expected_files) = full.said(&of_full);
            assert_eq!((starts, files), (expected_starts, expected_files));
            let named = |part: &Part, folders: &[(u32, Target)]| -> Vec<_> {
                folders.iter().map(|(name, target)| (*name, part.strangers[target.0 as usize])).collect()
            };
            assert_eq!(named(sink.part, &folders), named(&of_full, &expected_folders));
            trees += 1;
            base = made;
        }
    }
    assert!(trees > 3000 && others > 1000, "{trees} trees, {others} others");
}

#[test]
fn a_name_is_asked_about_once() {
    let asked = AtomicUsize::new(0);
    let wanted = |name: &[u8]| {
        asked.fetch_add(1, Ordering::Relaxed);
        name == b"LICENSE"
    };
    let mut met = Met::new(Names { wanted: &wanted });
    let mut numbers = BTreeSet::new();
    for _ in 0..3 {
        for at in 0..5000 {
            assert_eq!(met.file(format!("file{at}").as_bytes()), None);
        }
        numbers.insert(met.file(b"LICENSE").unwrap());
        numbers.insert(met.folder(b"LICENSE").unwrap());
    }
    assert_eq!((asked.load(Ordering::Relaxed), numbers.len()), (5001, 1));
}

#[test]
fn ids_are_compared_whole() {
    let mut sorted: Vec<(Id, u32)> = (0..2000_u32)
        .map(|number| {
            let mut id = [7; 20];
            id[16..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
            (id, number)
        })
        .collect();
    sorted.sort();
    let ids = Ids::new(sorted.clone(), 2000);
    for (id, number) in &sorted {
        assert_eq!((ids.find(id), ids.id(*number)), (Some(*number), id));
    }
    let mut other = sorted[1000].0;
    other[10] = 8;
    assert_eq!(ids.find(&other), None);
    assert_eq!(ids.find(&[0xff; 20]), None);
    assert_eq!(Ids::new(Vec::new(), 0).find(&[0; 20]), None);
}
