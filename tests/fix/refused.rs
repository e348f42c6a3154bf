//! What is not written, and why.

use std::os::unix::fs::symlink;

use forebear_testkit::output::stderr;
use forebear_testkit::{pointer, snippet, spdx_text};

use crate::{check, fix, forebear, has, model, shown, tree};

const R1: &str = "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-R1\n---\n# Kaguya\n";
const BASE: [&str; 2] = ["--base", "deepseek-ai/DeepSeek-V3-0324"];

#[test]
fn an_index_a_commit_and_a_cache_are_not_written_to() {
    let mut repo = model(R1);
    repo.stage_all();
    repo.commit("Release", "2026-03-01T09:00:00Z");
    let before = tree(repo.path());
    for arguments in [
        &["check", ".", "--fix", "--staged"][..],
        &["check", ".", "--diff", "--rev", "HEAD"],
        &["check", ".git", "--fix"],
        &["notice", ".", "--write", "--rev", "HEAD"],
        &["notice", ".", "--write", "--staged"],
    ] {
        let output = forebear(arguments, repo.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", shown(&output));
        assert!(stderr(&output).contains("cannot be written to"), "{}", stderr(&output));
    }
    assert_eq!(tree(repo.path()), before);
    // A commit's notice can be printed.
    assert!(shown(&forebear(&["notice", ".", "--rev", "HEAD"], repo.path())).contains("DeepSeek-R1"));

    let cache = tempfile::tempdir().unwrap();
    let snapshot = cache.path().join("models--kaguya--Kaguya/snapshots/0123abcd");
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::write(snapshot.join("README.md"), R1).unwrap();
    let output = forebear(&["check", snapshot.to_str().unwrap(), "--fix"], cache.path());
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
}

#[test]
fn nothing_is_written_through_links() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("card.md");
    std::fs::write(&target, "---\nlicense: mit\n---\n# Kaguya\n").unwrap();
    let mut repo = model("");
    repo.remove("README.md");
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    repo.write("docs/card.md", "---\nlicense: mit\n---\n# Kaguya\n");
    // Out of the repository, to a file inside of it, and to nothing.
    for leads_to in [target.clone(), "docs/card.md".into(), outside.path().join("nothing")] {
        let link = repo.path().join("README.md");
        let _ = std::fs::remove_file(&link);
        symlink(&leads_to, &link).unwrap();
        let inside = std::fs::read(repo.path().join("docs/card.md")).unwrap();
        let output = forebear(&["check", ".", "--fix=all", BASE[0], BASE[1]], repo.path());
        assert!(stderr(&output).contains("not fixed: README.md: a link"), "{}", stderr(&output));
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(repo.path().join("docs/card.md")).unwrap(), inside);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "---\nlicense: mit\n---\n# Kaguya\n");
        assert!(!outside.path().join("nothing").exists());
    }
    let mut repo = model(R1);
    repo.remove("model.safetensors");
    repo.write("model.safetensors", pointer("model.safetensors"));
    for name in ["THIRD_PARTY_NOTICES.txt", "NOTICE"] {
        symlink(outside.path().join("stolen"), repo.path().join(name)).unwrap();
    }
    let output = forebear(&["check", ".", "--fix=all"], repo.path());
    assert!(stderr(&output).contains("a link leads there"), "{}", stderr(&output));
    assert!(!outside.path().join("stolen").exists());
}

/// Nine releases have the configuration, and their licences differ: no text, no line and no name is written.
#[test]
fn candidates_whose_licences_differ_are_left_to_a_person() {
    let mut repo = model("---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    let before = tree(repo.path());
    for reach in ["--fix", "--fix=all"] {
        let (report, _) = fix(repo.path(), reach, &[]);
        assert_eq!(tree(repo.path()), before);
        let finding =
            report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "base-undeclared");
        assert!(finding.unwrap()["help"].as_str().unwrap().contains("--base"), "{finding:?}");
        assert_eq!(finding.unwrap()["fix"], serde_json::Value::Null);
    }
}

/// A shape that independent developers share is no proof.
#[test]
fn weak_evidence_writes_nothing() {
    let mut repo = model("---\nlicense: apache-2.0\n---\n# Kaguya\n");
    repo.write("LICENSE", spdx_text("Apache-2.0", &[]));
    for shape in ["llama-2-7b-config.json", "qwen2.5-7b-config.json"] {
        repo.write("config.json", snippet(shape));
        let before = tree(repo.path());
        fix(repo.path(), "--fix=all", &[]);
        assert_eq!(tree(repo.path()), before, "{shape}");
    }
}

#[test]
fn a_card_that_cannot_be_added_to_is_left_alone() {
    for card in [
        "---\nlicense: mit\nbase_model:\n---\n# Kaguya\n",
        "---\n{license: mit}\n---\n# Kaguya\n",
        "---\nlicense: [mit\n---\n# Kaguya\n",
        "---\nlicense: mit\n<<<<<<< ours\nx: 1\n=======\nx: 2\n>>>>>>> theirs\n---\n# Kaguya\n",
    ] {
        let mut repo = model(card);
        repo.write("config.json", snippet("deepseek-v3-config.json"));
        let output = forebear(&["check", ".", "--fix", BASE[0], BASE[1]], repo.path());
        assert!(stderr(&output).contains("not fixed: README.md: "), "{card}: {}", stderr(&output));
        assert_eq!(crate::read(repo.path(), "README.md"), card);
    }
    // Not in the encoding that text is written in.
    let utf16: Vec<u8> = "\u{feff}# Kaguya\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut repo = model("");
    repo.write("README.md", &utf16);
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    let output = forebear(&["check", ".", "--fix", BASE[0], BASE[1]], repo.path());
    assert!(stderr(&output).contains("README.md: the file is not UTF-8"), "{}", stderr(&output));
    assert_eq!(std::fs::read(repo.path().join("README.md")).unwrap(), utf16);
}

/// Files of the names that a notice would have stay as they are in safe mode, and get the notice at their end in the other.
#[test]
fn files_that_are_there_are_not_overwritten() {
    let mut repo = model(R1);
    repo.write("notice", "Ours.\n");
    repo.write("THIRD_PARTY_NOTICES.txt", "Of others.");
    let before = tree(repo.path());
    let (_, said) = fix(repo.path(), "--fix", &[]);
    assert_eq!(tree(repo.path()), before);
    assert!(said.contains("not fixed: THIRD_PARTY_NOTICES.txt and NOTICE"), "{said}");
    let (report, _) = fix(repo.path(), "--fix=all", &[]);
    assert!(!has(&report, "missing-license-text"));
    assert!(crate::read(repo.path(), "THIRD_PARTY_NOTICES.txt").starts_with("Of others.\n\n-- begin"));
    assert_eq!(crate::read(repo.path(), "notice"), "Ours.\n");
}

/// A component that lies below may have a notice of its own.
#[test]
fn the_notice_of_a_component_is_not_touched() {
    let mut repo = model(R1);
    let other = model("---\nlicense: mit\nbase_model: microsoft/phi-4\n---\n# Other\n");
    fix(other.path(), "--fix", &[]);
    let theirs = crate::read(other.path(), "THIRD_PARTY_NOTICES.txt");
    repo.write("vendor/other/THIRD_PARTY_NOTICES.txt", &theirs);
    let (report, _) = fix(repo.path(), "--fix=all", &[]);
    assert!(!has(&report, "missing-license-text"));
    assert_eq!(crate::read(repo.path(), "vendor/other/THIRD_PARTY_NOTICES.txt"), theirs);
    assert!(crate::read(repo.path(), "THIRD_PARTY_NOTICES.txt").contains("DeepSeek-R1"));
}

#[test]
fn what_is_waived_is_not_fixed() {
    let mut repo = model(R1);
    repo.write(
        "forebear.toml",
        "[[waiver]]\npath = \"README.md\"\nreason = \"the base gave us another licence\"\n",
    );
    let before = tree(repo.path());
    let (report, _) = fix(repo.path(), "--fix=all", &[]);
    assert_eq!(tree(repo.path()), before, "{:#}", report["findings"]);
}

/// A folder where the file would be.
#[test]
fn what_is_no_file_is_not_replaced() {
    let repo = model(R1);
    for name in ["THIRD_PARTY_NOTICES.txt", "NOTICE"] {
        std::fs::create_dir(repo.path().join(name)).unwrap();
    }
    assert!(has(&check(repo.path(), &[]), "missing-license-text"));
    let before = tree(repo.path());
    let output = forebear(&["check", ".", "--fix=all"], repo.path());
    assert!(stderr(&output).contains("this is not a plain file"), "{}", stderr(&output));
    assert_eq!(tree(repo.path()), before);
}
