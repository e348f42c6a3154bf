//! The four stories: fixed where the base is certain, and then clean.

use std::path::Path;

use forebear_testkit::output::stderr;
use forebear_testkit::{case, workspace};

use crate::{check, fix, forebear, read, tree};

const BASE: [&str; 2] = ["--base", "deepseek-ai/DeepSeek-V3-0324"];

fn story(letter: char, test: impl Fn(&Path)) {
    let stories = std::fs::read_to_string(workspace().join("fixtures/stories.md")).unwrap();
    let built = case::build_all(&stories).unwrap();
    let (_, repo) = built.iter().find(|(name, _)| name.starts_with(&format!("({letter})"))).unwrap();
    test(repo.path());
}

#[test]
fn the_licence_that_was_deleted_is_back() {
    story('a', |repo| {
        let before = tree(repo);
        fix(repo, "--fix", &[]);
        assert_eq!(tree(repo), before, "nine releases fit: nobody is chosen");
        assert_eq!(check(repo, &BASE)["summary"]["violations"], 4);
        let (report, _) = fix(repo, "--fix", &BASE);
        assert_eq!(report["summary"]["violations"], 0, "{:#}", report["findings"]);
        assert!(read(repo, "THIRD_PARTY_NOTICES.txt").contains("Copyright (c) 2023 DeepSeek"));
        // Declared now: nobody has to state it any more.
        assert_eq!(check(repo, &[])["summary"]["violations"], 0);
    });
}

#[test]
fn the_licence_that_was_never_copied_is_there() {
    story('b', |repo| {
        let before = tree(repo);
        fix(repo, "--fix=all", &[]);
        assert_eq!(tree(repo), before);
        let (report, _) = fix(repo, "--fix", &BASE);
        assert_eq!(report["summary"]["violations"], 0, "{:#}", report["findings"]);
        assert_eq!(check(repo, &[])["summary"]["violations"], 0);
        let notice = forebear(&["notice", "--write"], repo);
        assert!(stderr(&notice).contains("THIRD_PARTY_NOTICES.txt is up to date"), "{}", stderr(&notice));
        assert_eq!(report["declared"]["base_models"], serde_json::json!(["deepseek-ai/DeepSeek-V3-0324"]));
    });
}

#[test]
fn the_notice_that_came_late_stays_and_the_base_is_named() {
    story('c', |repo| {
        let notice = read(repo, "NOTICE");
        let (report, _) = fix(repo, "--fix", &BASE);
        let rules: Vec<&str> =
            report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(rules, ["license-added-late"], "what was is not undone");
        assert_eq!(read(repo, "NOTICE"), notice);
    });
}

#[test]
fn an_honest_derivative_is_left_as_it_is() {
    story('d', |repo| {
        let before = tree(repo);
        let (report, _) = fix(repo, "--fix=all", &[]);
        assert_eq!(report["findings"], serde_json::json!([]));
        assert_eq!(tree(repo), before);
    });
}
