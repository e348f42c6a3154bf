//! Merges, case by case: what a merge itself did to a licence, and what only its sides did.
//!
//! The rule is the three-way one, per path. What a merge holds is compared with what merging its sides gives: a change that
//! one side made and the merge kept is none of the merge. Git's own `--remerge-diff` asks the same question by merging anew;
//! where git is there, each case is held against it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test builds repositories"
)]

mod history_common;

use forebear_testkit::repo::{Repo, has_git, try_git};
use forebear_testkit::spdx_text;
use history_common::{events, walk, walk_with};

/// A commit in the making: a name, its parents' names, its files besides a `README.md`.
type Commit<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, &'a str)]);

/// What git's `--remerge-diff` says of the merge.
#[derive(Clone, Copy)]
enum Git {
    /// The same as forebear, as the letters of `--name-status` of legal files.
    Agrees,
    /// It does not merge three and more sides anew, and shows nothing.
    Silent,
}

/// A history with its commits under names.
struct Built {
    repo: Repo,
    ids: Vec<(String, String)>,
}

impl Built {
    fn id(&self, name: &str) -> &str {
        &self.ids.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no commit {name}")).1
    }
}

/// Commits of one day each; `main` and HEAD are the last one. Every commit has files of its own, so that no two have one tree.
fn build(commits: &[Commit<'_>]) -> Built {
    let mut built = Built { repo: Repo::new(), ids: Vec::new() };
    for (day, (name, parents, files)) in commits.iter().enumerate() {
        let parents: Vec<String> = parents.iter().map(|parent| built.id(parent).to_owned()).collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        let mut files: Vec<(&str, &str)> = files.to_vec();
        files.push(("README.md", "# Kaguya\n"));
        let time = format!("2026-03-{:02}T00:00:00Z", day + 1);
        let id = built.repo.commit_tree(name, &time, &parents, &files);
        built.ids.push(((*name).to_owned(), id));
    }
    let last = built.ids.last().unwrap().1.clone();
    built.repo.point("refs/heads/main", &last);
    built
}

/// Asserts all events of legal files, as `kind path: commit`; by both engines, loose and packed. The merge is the commit `merge`.
#[track_caller]
fn check(commits: &[Commit<'_>], git: Git, expected: &[&str]) {
    let built = build(commits);
    if has_git() {
        let arguments = ["show", "--remerge-diff", "--no-renames", "--name-status", "--format="];
        let paths = [built.id("merge"), "--", "LICENSE*", "NOTICE"];
        let shown = try_git(built.repo.path(), &[&arguments[..], &paths].concat());
        let shown = String::from_utf8(shown.stdout).unwrap();
        let changes = shown.lines().filter(|line| line.contains('\t'));
        let letters: String = changes.filter_map(|line| line.chars().next()).collect();
        let of_merge = expected.iter().filter(|event| event.ends_with(": merge"));
        match git {
            Git::Agrees => {
                assert_eq!(letters, of_merge.map(|event| letter(event)).collect::<String>(), "{shown}")
            }
            Git::Silent => assert_eq!(letters, ""),
        }
    }
    assert_eq!(events(&walk(built.repo.path())), expected, "loose objects");
    if has_git() {
        built.repo.pack();
        assert_eq!(events(&walk(built.repo.path())), expected, "packed");
    }
}

/// The letter of git for an event.
fn letter(event: &str) -> char {
    match event.split(' ').next() {
        Some("added" | "restored") => 'A',
        Some("removed") => 'D',
        _ => 'M',
    }
}

fn mit(owner: &str) -> String {
    spdx_text("MIT", &[owner])
}

/// The MIT text with a line of its own before it and another one after it, so that both ends can be edited apart.
fn edited(top: &str, bottom: &str) -> String {
    format!("{top}\n\n{}\n{bottom}\n", mit("Copyright (c) 2023 DeepSeek"))
}

#[test]
fn m1_an_ours_merge_drops_a_new_licence() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[]),
            ("side", &["start"], &[licence, ("side", "1")]),
            ("main", &["start"], &[("main", "1")]),
            ("merge", &["main", "side"], &[("main", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: side", "removed LICENSE: merge"],
    );
}

#[test]
fn m2_deleted_only_in_the_merge() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("side", &["start"], &[licence, ("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "side"], &[("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "removed LICENSE: merge"],
    );
}

#[test]
fn m3_altered_only_in_the_merge() {
    let (mit, other) = (mit("Copyright (c) 2023 DeepSeek"), mit("Copyright (c) 2026 Somebody"));
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("side", &["start"], &[licence, ("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "side"], &[("LICENSE", &other), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "changed LICENSE: merge"],
    );
}

#[test]
fn m4_a_side_deleted_it_and_the_merge_is_clean() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("side", &["start"], &[("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "side"], &[("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "removed LICENSE: side"],
    );
}

#[test]
fn m5_the_merge_restores_what_main_deleted() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("side", &["start"], &[licence, ("side", "1")]),
            ("main", &["start"], &[("main", "1")]),
            ("merge", &["main", "side"], &[licence, ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "removed LICENSE: main", "restored LICENSE: merge"],
    );
}

#[test]
fn m6_altered_on_one_side_deleted_on_the_other_and_by_the_merge() {
    let (mit, other) = (mit("Copyright (c) 2023 DeepSeek"), mit("Copyright (c) 2026 Somebody"));
    check(
        &[
            ("start", &[], &[("LICENSE", &mit)]),
            ("side", &["start"], &[("LICENSE", &other), ("side", "1")]),
            ("main", &["start"], &[("main", "1")]),
            ("merge", &["main", "side"], &[("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "changed LICENSE: side", "removed LICENSE: main", "removed LICENSE: merge"],
    );
}

/// Two histories without a common commit: the merge holds what either brought.
#[test]
fn m7_unrelated_histories() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[("main", "1")]),
            ("other", &[], &[licence, ("other", "1")]),
            ("merge", &["start", "other"], &[licence, ("main", "1"), ("other", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: other"],
    );
}

#[test]
fn m8_an_old_topic_that_never_had_the_licence() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[]),
            ("side", &["start"], &[("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "side"], &[licence, ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: main"],
    );
}

/// The same with the topic as first parent: `main` was merged into it.
#[test]
fn m9_main_merged_into_a_topic() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[]),
            ("side", &["start"], &[("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["side", "main"], &[licence, ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: main"],
    );
}

/// Both sides edited the licence, at different places, and the merge holds both edits: it equals neither side, nor the base,
/// and did nothing of its own.
#[test]
fn m10_two_edits_merged_cleanly() {
    let (base, one) = (edited("The model", "End"), edited("The Kaguya model", "End"));
    let (two, both) = (edited("The model", "End of terms"), edited("The Kaguya model", "End of terms"));
    check(
        &[
            ("start", &[], &[("LICENSE", &base)]),
            ("side", &["start"], &[("LICENSE", &one), ("side", "1")]),
            ("main", &["start"], &[("LICENSE", &two), ("main", "1")]),
            ("merge", &["main", "side"], &[("LICENSE", &both), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "changed LICENSE: side", "changed LICENSE: main"],
    );
}

/// As before, but while merging somebody took the owner out.
#[test]
fn m10_two_edits_merged_cleanly_and_a_third_one_hidden_in_the_merge() {
    let (base, one) = (edited("The model", "End"), edited("The Kaguya model", "End"));
    let (two, both) = (edited("The model", "End of terms"), edited("The Kaguya model", "End of terms"));
    let evil = both.replace("Copyright (c) 2023 DeepSeek\n", "");
    assert_ne!(evil, both);
    check(
        &[
            ("start", &[], &[("LICENSE", &base)]),
            ("side", &["start"], &[("LICENSE", &one), ("side", "1")]),
            ("main", &["start"], &[("LICENSE", &two), ("main", "1")]),
            ("merge", &["main", "side"], &[("LICENSE", &evil), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "changed LICENSE: side", "changed LICENSE: main", "changed LICENSE: merge"],
    );
}

/// Git does not merge three sides anew: it shows nothing where an octopus merge threw the licence away.
#[test]
fn m11_an_octopus_deletes() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("one", &["start"], &[licence, ("one", "1")]),
            ("two", &["start"], &[licence, ("two", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "one", "two"], &[("main", "1"), ("one", "1"), ("two", "1")]),
        ],
        Git::Silent,
        &["added LICENSE: start", "removed LICENSE: merge"],
    );
}

/// One of its sides had deleted it: that is where it went, not in the octopus.
#[test]
fn m11_an_octopus_takes_a_deletion() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("one", &["start"], &[licence, ("one", "1")]),
            ("two", &["start"], &[("two", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "one", "two"], &[("main", "1"), ("one", "1"), ("two", "1")]),
        ],
        Git::Silent,
        &["added LICENSE: start", "removed LICENSE: two"],
    );
}

#[test]
fn m11_an_octopus_takes_edits_of_two_sides() {
    let (base, one) = (edited("The model", "End"), edited("The Kaguya model", "End"));
    let (two, both) = (edited("The model", "End of terms"), edited("The Kaguya model", "End of terms"));
    check(
        &[
            ("start", &[], &[("LICENSE", &base)]),
            ("one", &["start"], &[("LICENSE", &one), ("one", "1")]),
            ("two", &["start"], &[("LICENSE", &two), ("two", "1")]),
            ("main", &["start"], &[("LICENSE", &base), ("main", "1")]),
            (
                "merge",
                &["main", "one", "two"],
                &[("LICENSE", &both), ("main", "1"), ("one", "1"), ("two", "1")],
            ),
        ],
        Git::Silent,
        &["added LICENSE: start", "changed LICENSE: one", "changed LICENSE: two"],
    );
}

#[test]
fn m12_the_merge_keeps_ours_over_the_sides_change() {
    let (mit, other) = (mit("Copyright (c) 2023 DeepSeek"), mit("Copyright (c) 2026 Somebody"));
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence]),
            ("side", &["start"], &[("LICENSE", &other), ("side", "1")]),
            ("main", &["start"], &[licence, ("main", "1")]),
            ("merge", &["main", "side"], &[licence, ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "changed LICENSE: side", "changed LICENSE: merge"],
    );
}

/// Both sides put another owner into one line; whoever merged wrote both owners.
#[test]
fn a_true_conflict_resolved_by_hand() {
    let text = |owners: &[&str]| spdx_text("MIT", owners);
    let base = text(&["Copyright (c) 2023 DeepSeek"]);
    let one = text(&["Copyright (c) 2024 DeepSeek"]);
    let two = text(&["Copyright (c) 2025 DeepSeek"]);
    let both = text(&["Copyright (c) 2023-2025 DeepSeek"]);
    let conflict = |result: &str, expected: &[&str]| {
        check(
            &[
                ("start", &[], &[("LICENSE", &base)]),
                ("side", &["start"], &[("LICENSE", &one), ("side", "1")]),
                ("main", &["start"], &[("LICENSE", &two), ("main", "1")]),
                ("merge", &["main", "side"], &[("LICENSE", result), ("main", "1"), ("side", "1")]),
            ],
            Git::Agrees,
            expected,
        );
    };
    let expected =
        ["added LICENSE: start", "changed LICENSE: side", "changed LICENSE: main", "changed LICENSE: merge"];
    conflict(&both, &expected);
    // Taking one side throws the other one's change away: that too was decided in the merge, and nowhere else.
    conflict(&two, &expected);
}

/// Two sides that began apart brought a licence each under one name: one of them is lost by merging.
#[test]
fn unrelated_histories_with_a_licence_each() {
    let (mit, apache) = (mit("Copyright (c) 2023 DeepSeek"), spdx_text("Apache-2.0", &[]));
    check(
        &[
            ("start", &[], &[("LICENSE", &mit), ("main", "1")]),
            ("other", &[], &[("LICENSE", &apache), ("other", "1")]),
            ("merge", &["start", "other"], &[("LICENSE", &mit), ("main", "1"), ("other", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "added LICENSE: other", "relicensed LICENSE: merge"],
    );
}

/// A licence that one side moved and the other one edited: git follows the move, and so does forebear.
#[test]
fn a_move_on_one_side_and_an_edit_on_the_other() {
    let (base, edit) = (edited("The model", "End"), edited("The Kaguya model", "End"));
    check(
        &[
            ("start", &[], &[("LICENSE", &base)]),
            ("side", &["start"], &[("LICENSE.md", &base), ("side", "1")]),
            ("main", &["start"], &[("LICENSE", &edit), ("main", "1")]),
            ("merge", &["main", "side"], &[("LICENSE.md", &edit), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "renamed LICENSE.md: side", "changed LICENSE: main"],
    );
}

/// The same, but the merge lost the edit under the new name.
#[test]
fn a_move_on_one_side_and_an_edit_that_the_merge_lost() {
    let (base, edit) = (edited("The model", "End"), edited("The Kaguya model", "End"));
    check(
        &[
            ("start", &[], &[("LICENSE", &base)]),
            ("side", &["start"], &[("LICENSE.md", &base), ("side", "1")]),
            ("main", &["start"], &[("LICENSE", &edit), ("main", "1")]),
            ("merge", &["main", "side"], &[("LICENSE.md", &base), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &[
            "added LICENSE: start",
            "renamed LICENSE.md: side",
            "changed LICENSE: main",
            "changed LICENSE.md: merge",
        ],
    );
}

/// Each side was merged into the other, so there are two merge bases, and they differ. The licence was edited on `main` and
/// deleted on the topic after both merges: deleting it was clean. Seen from one base alone, both sides changed it.
#[test]
fn a_criss_cross_merge_is_judged_by_all_its_bases() {
    let (mit, other) = (mit("Copyright (c) 2023 DeepSeek"), mit("Copyright (c) 2024 DeepSeek"));
    let (old, new) = (("LICENSE", mit.as_str()), ("LICENSE", other.as_str()));
    let crossed: [Commit<'_>; 7] = [
        ("start", &[], &[old]),
        ("topic", &["start"], &[old, ("topic", "1")]),
        ("edit", &["start"], &[new, ("main", "1")]),
        ("main takes topic", &["edit", "topic"], &[new, ("main", "1"), ("topic", "1")]),
        ("topic takes main", &["topic", "edit"], &[new, ("main", "1"), ("topic", "1")]),
        ("main goes on", &["main takes topic"], &[new, ("main", "2"), ("topic", "1")]),
        ("topic deletes", &["topic takes main"], &[("main", "1"), ("topic", "2")]),
    ];
    for parents in [["main goes on", "topic deletes"], ["topic deletes", "main goes on"]] {
        let mut commits = crossed.to_vec();
        let kept: [(&str, &str); 2] = [("main", "2"), ("topic", "2")];
        commits.push(("merge", &parents, &kept));
        check(
            &commits,
            Git::Agrees,
            &["added LICENSE: start", "changed LICENSE: edit", "removed LICENSE: topic deletes"],
        );
        let mut commits = crossed.to_vec();
        let kept: [(&str, &str); 3] = [new, ("main", "2"), ("topic", "2")];
        commits.push(("merge", &parents, &kept));
        check(
            &commits,
            Git::Agrees,
            &[
                "added LICENSE: start",
                "changed LICENSE: edit",
                "removed LICENSE: topic deletes",
                "restored LICENSE: merge",
            ],
        );
    }
}

/// Two files, and the merge touched only one of them.
#[test]
fn each_path_is_judged_by_itself() {
    let (mit, other) = (mit("Copyright (c) 2023 DeepSeek"), mit("Copyright (c) 2026 Somebody"));
    let licence = ("LICENSE", mit.as_str());
    check(
        &[
            ("start", &[], &[licence, ("NOTICE", "Kaguya\nCopyright (c) 2023 DeepSeek\n")]),
            (
                "side",
                &["start"],
                &[("LICENSE", &other), ("NOTICE", "Kaguya\nCopyright (c) 2023 DeepSeek\n"), ("side", "1")],
            ),
            (
                "main",
                &["start"],
                &[licence, ("NOTICE", "Kaguya\nCopyright (c) 2023 DeepSeek\n"), ("main", "1")],
            ),
            ("merge", &["main", "side"], &[("LICENSE", &other), ("main", "1"), ("side", "1")]),
        ],
        Git::Agrees,
        &["added LICENSE: start", "added NOTICE: start", "changed LICENSE: side", "removed NOTICE: merge"],
    );
}

/// The card's declaration follows the same rule as a legal file.
#[test]
fn a_declaration_lost_only_in_a_merge() {
    let mut repo = Repo::new();
    let card = ("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3\n---\n# Kaguya\n");
    let stripped = ("README.md", "---\nlicense: mit\n---\n# Kaguya\n");
    let start = repo.commit_tree("start", "2026-03-01T00:00:00Z", &[], &[card]);
    let side = repo.commit_tree("side", "2026-03-02T00:00:00Z", &[&start], &[card, ("side", "1")]);
    let main = repo.commit_tree("main", "2026-03-03T00:00:00Z", &[&start], &[card, ("main", "1")]);
    let files = [stripped, ("main", "1"), ("side", "1")];
    let merge = repo.commit_tree("merge", "2026-03-04T00:00:00Z", &[&main, &side], &files);
    repo.point("refs/heads/main", &merge);
    let history = walk(repo.path());
    let lost: Vec<_> = history.events.iter().filter(|event| event.kind.name() == "removed").collect();
    assert_eq!(lost.len(), 1, "{:?}", history.events);
    assert_eq!(lost[0].about.declaration(), Some("base_model"));
    assert_eq!((lost[0].subject.as_str(), lost[0].parents), ("merge", 2));
    assert_eq!(lost[0].from.as_deref(), Some("deepseek-ai/DeepSeek-V3"));
}

/// A merge is an event of the history that reaches it, and of no other; the side of it that HEAD does not reach is named
/// with the reference that does.
#[test]
fn merges_on_other_branches_are_seen_with_all_references() {
    let mit = mit("Copyright (c) 2023 DeepSeek");
    let licence = ("LICENSE", mit.as_str());
    let mut built = build(&[
        ("start", &[], &[licence]),
        ("side", &["start"], &[licence, ("side", "1")]),
        ("main", &["start"], &[licence, ("main", "1")]),
    ]);
    let parents = [built.id("main").to_owned(), built.id("side").to_owned()];
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let merge = built.repo.commit_tree("merge", "2026-03-04T00:00:00Z", &parents, &[("main", "1")]);
    built.repo.point("refs/heads/release", &merge);
    assert_eq!(events(&walk(built.repo.path())), ["added LICENSE: start"]);
    let all = walk_with(built.repo.path(), |request| request.all_refs = true);
    assert_eq!(events(&all), ["added LICENSE: start", "removed LICENSE: merge"]);
    let removed = all.events.iter().find(|event| event.kind.name() == "removed").unwrap();
    assert_eq!(removed.reach.name(), "own");
    assert_eq!(removed.reference.as_deref(), Some("refs/heads/release"));
}
