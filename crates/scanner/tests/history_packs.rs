//! Damaged and forged packs: every bit of them may be wrong. What is given is true, or the gap is said.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds repositories"
)]

mod history_common;

use std::fs;
use std::path::Path;

use forebear_scanner::history::Engine;
use forebear_testkit::repo::{Repo, git_command, has_git};
use forebear_types::history::History;
use history_common::{
    LIFE, assert_incomplete, lived, refuted, removals, the_pack, tree, walk, walk_by, walk_damaged,
};

#[test]
fn a_truncated_pack_is_said() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    repo.pack();
    let intact = walk(repo.path());
    for extension in ["pack", "idx"] {
        let file = the_pack(repo.path(), extension);
        let bytes = fs::read(&file).unwrap();
        let length = bytes.len();
        for keep in [0, 5, 7, 12, 13, 500, length / 4, length / 2, length - 21, length - 20, length - 1] {
            overwrite(&file, &bytes[..keep]);
            let what = format!("{keep} of {length} bytes of the {extension}");
            assert_true_or_said(repo.path(), &intact, &what);
        }
        overwrite(&file, &bytes);
    }
    assert_eq!(walk(repo.path()), intact);
}

/// One bit in many places of the pack, of its index in both versions, and of the index over all packs. An index may claim that an
/// object lies outside its pack, at another one's place, or not at all.
#[test]
fn a_flipped_bit_is_harmless_or_said() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    repo.pack();
    let intact = walk(repo.path());
    flip(&repo, "pack", 7, &intact);
    flip(&repo, "idx", 23, &intact);
    repo.git(&["multi-pack-index", "write"]);
    flip(&repo, "multi-pack-index", 19, &intact);
    fs::remove_file(repo.path().join(".git/objects/pack/multi-pack-index")).unwrap();
    repo.git(&["-c", "pack.indexVersion=1", "repack", "-adfq"]);
    flip(&repo, "idx", 29, &intact);
}

/// Every object of the pack in turn claims to be of every type, those too that there are not (0 and 5), and to be of another size.
#[test]
fn an_entry_of_another_type_or_size_is_harmless_or_said() {
    if !has_git() {
        return;
    }
    let (repo, _) = lived();
    repo.pack();
    let intact = walk(repo.path());
    let file = the_pack(repo.path(), "pack");
    let bytes = fs::read(&file).unwrap();
    let index = fs::File::open(the_pack(repo.path(), "idx")).unwrap();
    let listing = git_command(repo.path()).arg("show-index").stdin(index).output().unwrap().stdout;
    let listing = String::from_utf8(listing).unwrap();
    let places = listing.lines().map(|line| line.split(' ').next().unwrap().parse::<usize>().unwrap());
    for at in places {
        for header in
            (0..8).map(|kind| (bytes[at] & 0x8f) | (kind << 4)).chain([bytes[at] ^ 1, bytes[at] ^ 0x80])
        {
            let mut forged = bytes.clone();
            forged[at] = header;
            overwrite(&file, &forged);
            let what = format!("the entry at {at} begins with {header:#04x}, not {:#04x}", bytes[at]);
            assert_true_or_said(repo.path(), &intact, &what);
        }
    }
}

/// Flips one bit after the other, in one file: a fresh copy for each would cost more than all walks.
fn flip(repo: &Repo, extension: &str, step: usize, intact: &History) {
    let file = the_pack(repo.path(), extension);
    let bytes = fs::read(&file).unwrap();
    for at in (0..bytes.len()).step_by(step) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        overwrite(&file, &flipped);
        let what = format!("bit {} of byte {at} of the {extension}", at % 8);
        assert_true_or_said(repo.path(), intact, &what);
    }
    overwrite(&file, &bytes);
}

/// The same in a pack: its index gives two objects each other's place.
#[test]
fn an_index_that_swaps_two_objects_is_found() {
    if !has_git() {
        return;
    }
    for (one, two) in [(1, 0), (2, 1)] {
        for trees in [true, false] {
            let (repo, ids) = lived();
            repo.git(&["repack", "-adfq", "--depth=0"]);
            let [one, two] =
                [one, two].map(|at: usize| if trees { tree(&repo, &ids[at]) } else { ids[at].clone() });
            swap_in_index(&the_pack(repo.path(), "idx"), &one, &two);
            match walk_damaged(repo.path()) {
                Ok(history) if history.complete => {
                    let refuted = refuted(repo.path(), &history).concat();
                    assert!(refuted.contains(&one) || refuted.contains(&two), "{refuted:?}");
                }
                Ok(history) => assert_incomplete(&history),
                Err(error) => assert!(!error.is_empty()),
            }
        }
    }
}

/// Swaps the offsets of two objects in a pack index of version 2 (gitformat-pack).
fn swap_in_index(index: &Path, one: &str, two: &str) {
    let mut bytes = fs::read(index).unwrap();
    let count = u32::from_be_bytes(bytes[8 + 255 * 4..8 + 256 * 4].try_into().unwrap()) as usize;
    let names = 8 + 256 * 4;
    let offsets = names + count * 24;
    let place = |id: &str| {
        let id = git2::Oid::from_str(id).unwrap();
        let at =
            (0..count).find(|at| bytes[names + at * 20..names + at * 20 + 20] == *id.as_bytes()).unwrap();
        offsets + at * 4
    };
    let (one, two) = (place(one), place(two));
    for byte in 0..4 {
        bytes.swap(one + byte, two + byte);
    }
    overwrite(index, &bytes);
}

/// Writes a file that git made read-only.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Damage may cost the history, and then it is said; what is given is true. One engine may see what the other one cannot: an index
/// with a wrong table of first bytes misleads a search, and not somebody who reads all of it.
#[track_caller]
fn assert_true_or_said(folder: &Path, intact: &History, what: &str) {
    for engine in [Engine::Objects, Engine::Packs] {
        let what = format!("{what}, by {engine:?}");
        match walk_by(folder, engine, 2, |_| {}) {
            Ok(history) if history.complete && history != *intact => {
                // A size that only the header claims makes a text one that nobody looked at: its state says so.
                let unread = history.states.iter().any(|state| !state.problems.is_empty());
                assert!(unread || !refuted(folder, &history).is_empty(), "{what}: {history:?}");
            }
            Ok(history) if history.complete => {}
            Ok(history) => {
                assert_incomplete(&history);
                for removal in removals(&history) {
                    assert!(LIFE.contains(&removal.as_str()), "{what}: {removal}");
                }
            }
            Err(error) => assert!(!error.is_empty(), "{what}"),
        }
    }
}
