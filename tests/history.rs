//! `forebear history`, ranges and baselines from outside.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::path::Path;
use std::process::Output;

use forebear_testkit::env;
use forebear_testkit::output::{json, stderr, stdout, validates};
use forebear_testkit::repo::Repo;
use serde_json::{Value, json};

fn forebear(arguments: &[&str], folder: &Path) -> Output {
    env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn report(arguments: &[&str], folder: &Path) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.extend(["--format", "json"]);
    let output = forebear(&arguments, folder);
    assert!(!output.stdout.is_empty(), "{arguments:?}: {}", stderr(&output));
    let report = json(&output);
    validates("forebear-report-1", &report);
    report
}

fn code(arguments: &[&str], folder: &Path) -> Option<i32> {
    forebear(arguments, folder).status.code()
}

/// Commit, event and path of each entry of a timeline; the commit by its message.
fn timeline(report: &Value) -> Vec<String> {
    let entry = |event: &Value| {
        let words = ["subject", "event", "path"].map(|key| event[key].as_str().unwrap_or("-").to_owned());
        words.join(" | ")
    };
    report["timeline"].as_array().unwrap().iter().map(entry).collect()
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn license() -> String {
    forebear_testkit::spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"])
}

/// A derivative that was honest in January, lost the licence in February, and got a tokenizer in March.
struct Story {
    repo: Repo,
    january: String,
    february: String,
    march: String,
}

fn story() -> Story {
    let mut repo = Repo::new();
    repo.write("README.md", "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n");
    repo.write("config.json", forebear_testkit::snippet("deepseek-v3-config.json"));
    repo.write("model.safetensors", forebear_testkit::pointer("model.safetensors"));
    repo.write("LICENSE", license());
    repo.stage_all();
    let january = repo.commit("Release", "2026-01-10T09:00:00Z");
    repo.remove("LICENSE");
    repo.stage_all();
    let february = repo.commit("Tidy up", "2026-02-10T09:00:00Z");
    repo.write("docs/usage.md", "# Usage\n");
    repo.stage_all();
    let march = repo.commit("Say how to use it", "2026-03-10T09:00:00Z");
    Story { repo, january, february, march }
}

#[test]
fn a_range_limits_the_timeline_and_the_findings() {
    let Story { repo, january, february, march } = story();
    let here = repo.path();
    let whole = report(&["history"], here);
    assert!(timeline(&whole).contains(&"Release | added | LICENSE".to_owned()), "{whole:#}");
    assert!(rules(&whole).contains(&"license-removed-in-history"));
    assert_eq!(whole["source"]["part"], Value::Null);

    let removed = ["Tidy up | removed | LICENSE"];
    for range in [format!("{january}..{march}"), format!("{january}.."), format!("{january}..{february}")] {
        let part = report(&["history", "--rev", &range], here);
        assert_eq!(timeline(&part), removed, "{range}");
        assert!(rules(&part).contains(&"license-removed-in-history"), "{range}");
        assert_eq!(part["source"]["part"]["after"], json!(january));
    }
    // The interval is still open at the end of the range, so that it is told; nobody removed anything in it.
    let later = report(&["history", "--rev", &format!("{february}..HEAD")], here);
    assert_eq!(timeline(&later), Vec::<String>::new());
    assert!(!rules(&later).contains(&"license-removed-in-history"), "{later:#}");
    assert_eq!(later["exposures"][0]["exposure"]["from"]["commit"], json!(february));
    assert_eq!(later["exposures"][0]["exposure"]["open"], json!(true));
}

#[test]
fn dates_and_paths_limit_the_timeline() {
    let Story { repo, .. } = story();
    let part = |arguments: &[&str]| {
        let mut all = vec!["history"];
        all.extend(arguments);
        timeline(&report(&all, repo.path()))
    };
    let removed = ["Tidy up | removed | LICENSE"];
    assert_eq!(part(&["--since", "2026-02-10", "--until", "2026-02-10"]), removed);
    assert_eq!(part(&["--since", "2026-02-10T09:00:00Z"]), removed);
    assert_eq!(part(&["--since", "2026-02-10T09:00:01Z"]), Vec::<String>::new());
    assert_eq!(part(&["--until", "2026-01-09"]), Vec::<String>::new());
    let both = ["Release | added | LICENSE", "Tidy up | removed | LICENSE"];
    assert_eq!(part(&["--path", "LICENSE"]), both);
    assert_eq!(part(&["--path", "docs/", "--path", "./LICENSE"]), both);
    assert_eq!(part(&["--path", "LICENSES"]), Vec::<String>::new());
    // What is not committed comes after every day.
    std::fs::write(repo.path().join("LICENSE"), license()).unwrap();
    assert_eq!(part(&["--since", "2026-02-11"]), ["- | restored | LICENSE"]);
    assert_eq!(part(&["--until", "2026-02-09", "--path", "LICENSE"]), ["Release | added | LICENSE"]);
}

#[test]
fn what_cannot_be_asked_is_said_with_what_to_do() {
    let Story { repo, january, march, .. } = story();
    let zeros = "0".repeat(40);
    let reversed = format!("{march}..{january}");
    let range = format!("{january}..{march}");
    for (arguments, words) in [
        (vec!["history", "--rev", "HEAD..nowhere"], ["no revision `nowhere`", "git rev-parse"]),
        (vec!["history", "--rev", "nowhere.."], ["no revision `nowhere`", "git rev-parse"]),
        (vec!["check", "--baseline", "nowhere"], ["no revision `nowhere`", "git rev-parse"]),
        (vec!["check", "--baseline", &zeros], [&zeros[..10], "a branch that is new"]),
        (vec!["check", "--rev", &reversed], ["is empty", "write the earlier commit first"]),
        (vec!["history", "--rev", &reversed], ["is empty", "write the earlier commit first"]),
        (vec!["history", "--rev", "HEAD...main"], ["HEAD...main", "write --rev A..B"]),
        (vec!["lineage", "--rev", &range], ["is a range", "`forebear history` take ranges"]),
        (vec!["history", "--since", "yesterday"], ["`yesterday` is no date", "--since 2026-01-31"]),
        (vec!["history", "--until", "2026-02-30"], ["`2026-02-30` is no date", "--until 2026-01-31"]),
        (
            vec!["history", "--since", "2026-03-01", "--until", "2026-02-01"],
            ["is after --until 2026-02-01", "the earlier date"],
        ),
        (vec!["history", "--path", "../other"], ["../other", "--path LICENSE"]),
    ] {
        let output = forebear(&arguments, repo.path());
        // The terminal's width breaks lines.
        let said = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
        for word in words {
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("README.md"), "---\nlicense: mit\n---\n").unwrap();
    let output = forebear(&["check", "--baseline", "HEAD"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("not in a git repository"), "{}", stderr(&output));
}

#[test]
fn what_stood_at_the_baseline_does_not_count() {
    let Story { repo, january, february, march } = story();
    let here = repo.path();
    assert_eq!(code(&["check"], here), Some(1));
    assert_eq!(code(&["check", "--baseline", &february], here), Some(0));
    assert_eq!(code(&["check", "--baseline", &january], here), Some(1));
    assert_eq!(code(&["check", "--rev", &format!("{january}..{february}")], here), Some(1));
    assert_eq!(code(&["check", "--rev", &format!("{february}..{march}")], here), Some(0));
    assert_eq!(code(&["check", "--rev", &format!("{february}.."), "--baseline", &january], here), Some(1));

    let known = report(&["check", "--baseline", &february], here);
    assert_eq!(known["source"]["baseline"], json!(february));
    let findings = known["findings"].as_array().unwrap();
    assert!(findings.len() > 1);
    assert!(findings.iter().all(|finding| finding["baseline"] == "unchanged"), "{known:#}");
    assert_eq!(known["summary"]["violations"], 0);
    assert_eq!(known["summary"]["known"], json!(findings.len()));
    // A baseline does not shorten the timeline; a range does.
    assert_eq!(timeline(&known).len(), timeline(&report(&["check"], here)).len());

    let new = report(&["check", "--baseline", &january], here);
    let removed = new["findings"].as_array().unwrap().iter();
    let removed = removed.filter(|finding| finding["rule"] == "license-removed-in-history");
    assert_eq!(removed.map(|finding| finding["baseline"].as_str()).collect::<Vec<_>>(), [Some("new")]);

    let words = stdout(&forebear(&["check", "--baseline", &february], here));
    assert!(words.contains(&format!("Known at {}", &february[..7])), "{words}");
}

/// The finding has the name that it had before; what made it is new.
#[test]
fn what_is_removed_again_is_new() {
    let Story { mut repo, march, .. } = story();
    repo.write("LICENSE", license());
    repo.stage_all();
    let restored = repo.commit("Put the licence back", "2026-03-11T09:00:00Z");
    repo.remove("LICENSE");
    repo.stage_all();
    repo.commit("Tidy up again", "2026-03-12T09:00:00Z");
    for baseline in [&march, &restored] {
        let report = report(&["check", "--baseline", baseline], repo.path());
        let state = |finding: &&Value| {
            finding["rule"] == "license-removed-in-history" && finding["severity"] == "violation"
        };
        let found = report["findings"].as_array().unwrap().iter().find(state).unwrap();
        assert_eq!(found["baseline"], "new", "{report:#}");
    }
    assert_eq!(code(&["check", "--baseline", &march], repo.path()), Some(1));
}

/// A rule that is made stricter says nothing new about what was there; a waiver that is taken back counts.
#[test]
fn the_baseline_is_judged_with_the_configuration_of_now() {
    let Story { mut repo, .. } = story();
    let prints: Vec<String> = report(&["check"], repo.path())["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let waivers = prints
        .iter()
        .map(|print| format!("[[waiver]]\nfingerprint = \"{print}\"\nreason = \"So be it.\"\n"))
        .collect::<String>();
    repo.write("forebear.toml", &waivers);
    repo.stage_all();
    let waived = repo.commit("Accept everything", "2026-03-20T09:00:00Z");
    assert_eq!(code(&["check"], repo.path()), Some(0));
    repo.write("forebear.toml", "[rules]\nmissing-license-text = \"violation\"\n");
    assert_eq!(code(&["check"], repo.path()), Some(1));
    // With the waivers of then, nothing would be known; with the configuration of now, everything is.
    assert_eq!(code(&["check", "--baseline", &waived], repo.path()), Some(0));
}

#[test]
fn strict_is_about_what_could_not_be_examined() {
    let Story { mut repo, february, .. } = story();
    assert_eq!(code(&["history", "--strict"], repo.path()), Some(0));
    repo.shallow(&february);
    assert_eq!(code(&["history"], repo.path()), Some(0));
    assert_eq!(code(&["history", "--strict"], repo.path()), Some(4));
}

#[test]
fn other_references_are_shown_and_others_proposals_are_not_judged() {
    let Story { mut repo, january, .. } = story();
    let main = repo.init().head().unwrap().name().unwrap().to_owned();
    let main = main.trim_start_matches("refs/heads/").to_owned();
    repo.branch("release", &january);
    repo.write("NOTICE", "Kaguya\n");
    repo.stage_all();
    repo.commit("Name ourselves", "2026-01-20T09:00:00Z");
    repo.branch("proposal", &january);
    repo.remove("LICENSE");
    repo.write("README.md", "# Nothing\n");
    repo.stage_all();
    let proposal = repo.commit("Drop it all", "2026-01-25T09:00:00Z");
    repo.checkout(&main);
    let git = repo.init();
    git.reference("refs/pull/7/head", git2::Oid::from_str(&proposal).unwrap(), false, "").unwrap();
    git.find_branch("proposal", git2::BranchType::Local).unwrap().delete().unwrap();
    let here = repo.path().to_path_buf();

    let all = report(&["history", "--all-refs"], &here);
    let reached = |subject: &str| {
        let event = all["timeline"].as_array().unwrap().iter().find(|event| event["subject"] == subject);
        let event = event.unwrap_or_else(|| panic!("{subject}: {all:#}"));
        (event["reach"].as_str().unwrap().to_owned(), event["ref"].as_str().map(str::to_owned))
    };
    assert_eq!(reached("Tidy up"), ("head".to_owned(), None));
    assert_eq!(reached("Name ourselves"), ("own".to_owned(), Some("refs/heads/release".to_owned())));
    assert_eq!(reached("Drop it all"), ("foreign".to_owned(), Some("refs/pull/7/head".to_owned())));
    let alone = report(&["history"], &here);
    assert_eq!(all["findings"], alone["findings"]);
    let text = stdout(&forebear(&["history", "--all-refs"], &here));
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}: {text}"));
    assert!(place("Tidy up") < place("Name ourselves"), "{text}");
    assert!(place("Name ourselves") < place("others' proposals; not judged"), "{text}");
    assert!(place("others' proposals; not judged") < place("Drop it all"), "{text}");

    // Engines are ways, not answers.
    for engine in ["objects", "packs", "fitting"] {
        let same = report(&["history", "--all-refs", "--engine", engine], &here);
        assert_eq!(same, all, "{engine}");
    }
}

#[test]
fn what_no_reference_reaches_is_shown_when_it_is_asked_for() {
    let Story { mut repo, january, .. } = story();
    let main = repo.init().head().unwrap().name().unwrap().to_owned();
    repo.branch("gone", &january);
    repo.write("NOTICE", "Kaguya\n");
    repo.stage_all();
    repo.commit("Written away", "2026-01-20T09:00:00Z");
    repo.checkout(main.trim_start_matches("refs/heads/"));
    repo.init().find_branch("gone", git2::BranchType::Local).unwrap().delete().unwrap();
    let shown = |arguments: &[&str]| stdout(&forebear(arguments, repo.path())).contains("Written away");
    assert!(!shown(&["history"]) && !shown(&["history", "--all-refs"]));
    assert!(shown(&["history", "--unreachable"]));
    let text = stdout(&forebear(&["history", "--unreachable"], repo.path()));
    assert!(text.find("no longer reachable").unwrap() < text.find("Written away").unwrap(), "{text}");
}

/// The repository of docs/history.md.
fn documented() -> Repo {
    let Story { mut repo, january, .. } = {
        let mut story = story();
        story.repo.write("LICENSE", license());
        story.repo.stage_all();
        story.repo.commit("Put the licence back", "2026-03-20T09:00:00Z");
        story
    };
    let main = repo.init().head().unwrap().name().unwrap().trim_start_matches("refs/heads/").to_owned();
    let tip = repo.init().head().unwrap().peel_to_commit().unwrap().id().to_string();
    repo.branch("proposal", &tip);
    repo.remove("LICENSE");
    repo.stage_all();
    let proposal = repo.commit("Make it simpler", "2026-03-25T09:00:00Z");
    repo.checkout(&main);
    {
        let git = repo.init();
        let object = |id: &str| git.find_object(git2::Oid::from_str(id).unwrap(), None).unwrap();
        git.reference("refs/pr/2", object(&proposal).id(), false, "").unwrap();
        git.find_branch("proposal", git2::BranchType::Local).unwrap().delete().unwrap();
        git.tag_lightweight("v1.0", &object(&january), false).unwrap();
        git.tag_lightweight("v1.1", &git.revparse_single("HEAD~1").unwrap(), false).unwrap();
    }
    repo
}

/// What the documentation shows is what the program says; `FOREBEAR_UPDATE=1` writes it there.
#[test]
fn the_documentation_shows_what_the_program_says() {
    let repo = documented();
    let text = stdout(&forebear(&["history", "--all-refs"], repo.path()));
    let start = text.find("Legal files and declarations").unwrap();
    let end = text.find("\nFindings\n").unwrap_or_else(|| panic!("{text}"));
    let shown = &text[start..end];

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/history.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let mark = page.find("<!-- What follows is written by tests/history.rs").unwrap();
    let open = mark + page[mark..].find("```text\n").unwrap() + "```text\n".len();
    let close = open + page[open..].find("```\n").unwrap();
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(&file, format!("{}{shown}{}", &page[..open], &page[close..])).unwrap();
        return;
    }
    assert!(page[open..close] == *shown, "docs/history.md shows something else; it is\n{shown}");
}
