//! `forebear notice`.

use forebear_testkit::output::{stderr, stdout};

use crate::{DEEPSEEK, check, forebear, has, model, read, tree};

const R1: &str = "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-R1\n---\n# Kaguya\n";

#[test]
fn it_is_printed_and_nothing_is_written() {
    let repo = model(R1);
    let before = tree(repo.path());
    let output = forebear(&["notice"], repo.path());
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    for words in [
        "1. deepseek-ai/DeepSeek-R1",
        "Under: MIT (MIT License)",
        "§1 ¶2: the text",
        "<<<",
        DEEPSEEK,
        "MIT License\n",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(stdout(&forebear(&["notice"], repo.path())), text);
    assert_eq!(tree(repo.path()), before);
}

#[test]
fn writing_it_twice_changes_nothing_and_what_people_write_stays() {
    let mut repo = model(R1);
    repo.write("THIRD_PARTY_NOTICES.txt", "Fonts by Nobody.\n");
    let write = || {
        let output = forebear(&["notice", "--write"], repo.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        (read(repo.path(), "THIRD_PARTY_NOTICES.txt"), stderr(&output))
    };
    let (first, said) = write();
    assert!(
        first.starts_with("Fonts by Nobody.\n\n-- begin") && said.contains("wrote THIRD_PARTY_NOTICES.txt")
    );
    let (second, said) = write();
    assert!(second == first && said.contains("up to date"), "{said}");

    let blank = "[not known to forebear: say here what was done to it]";
    let filled = first.replace(blank, "Fine-tuned on tales,\n  twice.") + "\nAnd music by Nobody.\n";
    assert_ne!(filled, first);
    std::fs::write(repo.path().join("THIRD_PARTY_NOTICES.txt"), &filled).unwrap();
    assert_eq!(write().0, filled);
    assert!(!has(&check(repo.path(), &[]), "missing-license-text"));
    // The part follows what is declared; what was said by hand stands.
    let card = R1.replace("---\n# ", "base_model_relation: quantized\n---\n# ");
    std::fs::write(repo.path().join("README.md"), card).unwrap();
    let (declared, _) = write();
    assert!(
        declared.contains("Fine-tuned on tales,\n  twice.") && declared.contains("Relation: quantised"),
        "{declared}"
    );
}

#[test]
fn it_follows_line_ends_and_refuses_broken_marks() {
    let mut repo = model(R1);
    repo.write("NOTICE", "Ours\r\n");
    repo.write("THIRD_PARTY_NOTICES.txt", "Of others\r\n");
    forebear(&["notice", "--write"], repo.path());
    let text = read(repo.path(), "THIRD_PARTY_NOTICES.txt");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(read(repo.path(), "NOTICE"), "Ours\r\n");
    let broken = text.replace("-- end: ", "-- ");
    std::fs::write(repo.path().join("THIRD_PARTY_NOTICES.txt"), &broken).unwrap();
    let output = forebear(&["notice", "--write"], repo.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("THIRD_PARTY_NOTICES.txt: the marks"), "{}", stderr(&output));
    assert_eq!(read(repo.path(), "THIRD_PARTY_NOTICES.txt"), broken);
}

/// A statement that a person fills in does the duty; the place for it does not.
#[test]
fn an_open_statement_states_nothing() {
    let repo = model("---\nlicense: apache-2.0\nbase_model: Qwen/Qwen2.5-7B\n---\n# Kaguya\n");
    forebear(&["notice", "--write"], repo.path());
    assert!(has(&check(repo.path(), &[]), "changes-not-stated"));
    let file = repo.path().join("THIRD_PARTY_NOTICES.txt");
    let text = std::fs::read_to_string(&file).unwrap();
    let filled =
        text.replace("[not known to forebear: say here what was done to it]", "Fine-tuned on tales.");
    std::fs::write(&file, filled).unwrap();
    assert!(!has(&check(repo.path(), &[]), "changes-not-stated"));
}

#[test]
fn nothing_owed_and_nothing_there_are_said() {
    let repo = model("---\nlicense: mit\n---\n# Kaguya\n");
    let output = forebear(&["notice", "--write"], repo.path());
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), String::new()));
    assert!(stderr(&output).contains("nothing is owed"), "{}", stderr(&output));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(forebear(&["notice"], empty.path()).status.code(), Some(3));
}
