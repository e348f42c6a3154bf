//! For every rule with a fix: the finding, the fix, and the check that has it met.

use forebear_testkit::repo::Repo;
use forebear_testkit::{pointer, snippet, spdx_text};

use crate::{DEEPSEEK, answers, check, fix, mends, model, read, tree};

const R1: &str = "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-R1\n---\n# Kaguya\n";
const LLAMA: &str = "---\nlicense: llama3.1\nbase_model: meta-llama/Llama-3.1-8B\n---\n# Llama-Kaguya\n";

#[test]
fn missing_license_text_of_a_base() {
    let repo = model(R1);
    let (report, _) = mends(repo.path(), "missing-license-text", "--fix", &[]);
    assert_eq!(answers(&report, "include-license-text"), ["met"]);
    assert_eq!(answers(&report, "keep-copyright-notice"), ["met"]);
    let notice = read(repo.path(), "THIRD_PARTY_NOTICES.txt");
    assert!(notice.contains(&format!("\nMIT License\n\n{DEEPSEEK}\n\nPermission")), "{notice}");
    assert_eq!(read(repo.path(), "README.md"), R1, "nothing that is there is touched");
}

#[test]
fn missing_license_text_of_the_own_licence() {
    let repo = model("---\nlicense: apache-2.0\n---\n# Kaguya\n");
    let (report, _) = mends(repo.path(), "missing-license-text", "--fix", &[]);
    assert_eq!(answers(&report, "include-license-text"), ["met"]);
    assert!(read(repo.path(), "LICENSE").starts_with("Apache License\n"));
}

/// The name of the publisher is nowhere: the place for it stays open, and that is said.
#[test]
fn the_own_licence_has_a_place_for_the_own_name() {
    let repo = model("---\nlicense: mit\n---\n# Kaguya\n");
    let (_, said) = mends(repo.path(), "missing-license-text", "--fix", &[]);
    assert!(said.contains("LICENSE: the text of MIT; fill in the year and your name"), "{said}");
    assert!(read(repo.path(), "LICENSE").contains("Copyright (c) <year> <copyright holders>"));
}

#[test]
fn a_licence_file_that_is_there_gets_a_second_beside_it() {
    let mut repo = model("---\nlicense: apache-2.0\n---\n# Kaguya\n");
    let other = spdx_text("MIT", &["Copyright (c) 2026 Somebody Else"]);
    repo.write("LICENSE", &other);
    mends(repo.path(), "missing-license-text", "--fix", &[]);
    assert_eq!(read(repo.path(), "LICENSE"), other);
    assert!(read(repo.path(), "LICENSE-Apache-2.0").starts_with("Apache License\n"));
}

/// A part of a text is completed where files may be changed; before, nothing is laid beside it.
#[test]
fn a_truncated_text_is_completed() {
    let mut repo = model("---\nlicense: mit\n---\n# Kaguya\n");
    let whole = spdx_text("MIT", &["Copyright (c) 2026 Kaguya"]);
    let part: String = whole.split_inclusive('\n').take(16).collect();
    repo.write("LICENSE", &part);
    let before = tree(repo.path());
    fix(repo.path(), "--fix", &[]);
    assert_eq!(tree(repo.path()), before);
    let (report, _) = mends(repo.path(), "license-text-incomplete", "--fix=all", &[]);
    assert_eq!(answers(&report, "include-license-text"), ["met"]);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&read(repo.path(), "LICENSE")), words(&whole));
}

#[test]
fn missing_upstream_copyright_in_a_notice_or_in_the_licence_file() {
    let text = spdx_text("MIT", &["Copyright (c) 2026 Kaguya"]);
    for reach in ["--fix=safe", "--fix=all"] {
        let mut repo = model(R1);
        repo.write("LICENSE", &text);
        let (report, _) = mends(repo.path(), "missing-upstream-copyright", reach, &[]);
        assert_eq!(answers(&report, "keep-copyright-notice"), ["met"]);
        if reach == "--fix=safe" {
            assert_eq!(read(repo.path(), "LICENSE"), text);
            let notice = read(repo.path(), "THIRD_PARTY_NOTICES.txt");
            assert!(
                notice.contains(DEEPSEEK) && notice.contains("The text is in the file LICENSE."),
                "{notice}"
            );
        } else {
            assert_eq!(
                read(repo.path(), "LICENSE"),
                spdx_text("MIT", &[DEEPSEEK, "Copyright (c) 2026 Kaguya"])
            );
            assert!(!repo.path().join("THIRD_PARTY_NOTICES.txt").exists());
        }
    }
}

/// A second base joins the notice that is there, its owner beside the first, above one text.
#[test]
fn a_second_base_joins_the_notice() {
    let mut repo = model(R1);
    fix(repo.path(), "--fix", &[]);
    let owner = "Copyright (c) 2024 Nobody Knows";
    repo.write(
        "forebear.toml",
        format!(
            "[[upstream]]\nmodel = \"nobody/Base-7B\"\nrevision = \"v2\"\nlicense = \"mit\"\n\
             copyright = [\"{owner}\"]\n"
        ),
    );
    let (report, _) = mends(repo.path(), "missing-upstream-copyright", "--fix=all", &[]);
    assert_eq!(answers(&report, "keep-copyright-notice"), ["met"]);
    let notice = read(repo.path(), "THIRD_PARTY_NOTICES.txt");
    assert_eq!(notice.matches("Permission is hereby granted").count(), 1, "{notice}");
    assert!(notice.contains("nobody/Base-7B") && notice.contains("  Revision: v2\n"), "{notice}");
    assert!(notice.contains(&format!("{DEEPSEEK}\n{owner}\n\nPermission")), "{notice}");
}

/// The prescribed line is written; the licence's text is not invented, and where to copy it from is said.
#[test]
fn notice_missing() {
    let repo = model(LLAMA);
    let (report, said) = mends(repo.path(), "notice-missing", "--fix", &[]);
    assert!(
        said.contains("not fixed: LicenseRef-llama-3.1-community: forebear does not have its text; copy"),
        "{said}"
    );
    assert_eq!(answers(&report, "prescribed-notice-line"), ["met"]);
    let notice = read(repo.path(), "NOTICE");
    let line = "Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright © Meta Platforms, Inc. All Rights Reserved.";
    assert_eq!(notice.matches(line).count(), 1, "{notice}");
    assert!(notice.contains("https://huggingface.co/meta-llama/Llama-3.1-8B/blob/main/LICENSE"), "{notice}");
    // What a list of duties names is not done by it.
    for duty in ["include-license-text", "display-phrase", "include-use-policy"] {
        assert_eq!(answers(&report, duty), ["unmet"], "{duty}");
    }
}

/// Upstream's own NOTICE is copied from a local clone.
#[test]
fn notice_missing_where_upstream_has_one() {
    let mut base = Repo::new();
    base.write("LICENSE", spdx_text("Apache-2.0", &[]));
    base.write("NOTICE", "Base\nPowered by Nobody Knows\n");
    let repo = model("---\nlicense: apache-2.0\nbase_model: nobody/Base-7B\n---\n# Kaguya\n");
    let more = ["--upstream", base.path().to_str().unwrap(), "--base", "nobody/Base-7B"];
    mends(repo.path(), "notice-missing", "--fix", &more);
    assert!(read(repo.path(), "NOTICE").contains("\nBase\nPowered by Nobody Knows\n"));
}

#[test]
fn use_policy_missing() {
    let policy = "Be kind.\r\nSee https://llama.meta.com/llama3_1/use-policy\r\n";
    let mut base = Repo::new();
    base.write("README.md", "---\nlicense: llama3.1\n---\n# Llama 3.1\n");
    base.write("USE_POLICY.md", policy);
    let repo = model(LLAMA);
    let (report, said) = fix(repo.path(), "--fix", &[]);
    assert_eq!(answers(&report, "include-use-policy"), ["unmet"]);
    assert!(said.contains("not fixed: meta-llama/Llama-3.1-8B: copy its use policy from https://"), "{said}");
    let more = ["--upstream", base.path().to_str().unwrap(), "--base", "meta-llama/Llama-3.1-8B"];
    let (report, _) = mends(repo.path(), "use-policy-missing", "--fix", &more);
    assert_eq!(answers(&report, "include-use-policy"), ["met"]);
    assert_eq!(read(repo.path(), "USE_POLICY.md"), policy, "byte for byte");
}

#[test]
fn changes_not_stated_where_it_is_known_what_was_done() {
    let mut repo = model("---\nlicense: apache-2.0\nbase_model: Qwen/Qwen2.5-7B\n---\n# Kaguya\n");
    repo.write("LICENSE", spdx_text("Apache-2.0", &[]));
    repo.write("config.json", snippet("qwen2.5-7b-config.json"));
    let before = tree(repo.path());
    let (report, _) = fix(repo.path(), "--fix", &[]);
    assert_eq!(tree(repo.path()), before, "what was done is not known, and nothing is said");
    assert_eq!(answers(&report, "state-changes"), ["unmet"]);
    repo.write("quantize_config.json", "{\"quant_method\": \"gptq\", \"bits\": 4, \"group_size\": 128}\n");
    let (report, _) = mends(repo.path(), "changes-not-stated", "--fix", &[]);
    assert_eq!(answers(&report, "state-changes"), ["met"]);
    let notice = read(repo.path(), "THIRD_PARTY_NOTICES.txt");
    assert!(notice.contains("Modified: the weights were quantised."), "{notice}");
}

#[test]
fn base_undeclared_where_the_base_is_certain() {
    let mut repo = model("---\nlicense: mit\n---\n# Kaguya\n");
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    repo.write("forebear.toml", "[[upstream]]\nmodel = \"deepseek-ai/DeepSeek-V3-0324\"\n");
    let (report, _) = mends(repo.path(), "base-undeclared", "--fix", &[]);
    assert_eq!(
        read(repo.path(), "README.md"),
        "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n"
    );
    assert_eq!(report["summary"]["violations"], 0, "{:#}", report["findings"]);
}

#[test]
fn a_card_is_made_where_there_is_none() {
    let mut repo = Repo::new();
    repo.write("model.safetensors", pointer("model.safetensors"));
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    mends(repo.path(), "base-undeclared", "--fix", &["--base", "deepseek-ai/DeepSeek-V3-0324"]);
    let card = read(repo.path(), "README.md");
    assert!(card.starts_with("---\nbase_model: deepseek-ai/DeepSeek-V3-0324\n"), "{card}");
}

/// The rule is met by the file; the card says it as well, where the Hub looks.
#[test]
fn no_license_declared_where_the_licence_file_tells() {
    let mut repo = model("# Kaguya\n");
    repo.write("LICENSE", spdx_text("MIT", &["Copyright (c) 2026 Kaguya"]));
    assert_eq!(check(repo.path(), &[])["declared"]["license"], serde_json::Value::Null);
    let (report, _) = fix(repo.path(), "--fix", &[]);
    assert_eq!(read(repo.path(), "README.md"), "---\nlicense: mit\n---\n# Kaguya\n");
    assert_eq!(report["declared"]["license"], "mit");
    assert_eq!(report["findings"], serde_json::json!([]));
}

/// A licence is a grant: where nothing names one, nobody but the publisher can give it.
#[test]
fn no_license_is_chosen_for_anybody() {
    let repo = model("# Kaguya\n");
    let before = tree(repo.path());
    for reach in ["--fix", "--fix=all"] {
        let (report, _) = fix(repo.path(), reach, &[]);
        assert!(crate::has(&report, "no-license-declared"));
        assert_eq!(tree(repo.path()), before);
    }
    // The text of somebody else's licence in a notice names none either.
    let repo = model("---\nbase_model: deepseek-ai/DeepSeek-R1\n---\n# Kaguya\n");
    let (report, _) = fix(repo.path(), "--fix", &[]);
    assert!(repo.path().join("THIRD_PARTY_NOTICES.txt").exists());
    assert!(crate::has(&report, "no-license-declared"), "{:#}", report["findings"]);
}

#[test]
fn required_display_missing() {
    let repo = model(LLAMA.trim_end());
    let (report, _) = fix(repo.path(), "--fix", &[]);
    assert_eq!(answers(&report, "display-phrase"), ["unmet"], "a card is not changed");
    let (report, _) = mends(repo.path(), "required-display-missing", "--fix=all", &[]);
    assert_eq!(answers(&report, "display-phrase"), ["met"]);
    assert_eq!(read(repo.path(), "README.md"), format!("{}\n\nBuilt with Llama", LLAMA.trim_end()));
}

#[test]
fn comments_line_ends_and_a_mark_of_the_card_stay() {
    let card =
        "\u{feff}---\r\n# checked by legal\r\nlicense: \"mit\" # ours\r\ntags: [a, 'b']\r\n---\r\n# Kaguya";
    let mut repo = model(card);
    repo.write("config.json", snippet("deepseek-v3-config.json"));
    mends(repo.path(), "base-undeclared", "--fix", &["--base", "deepseek-ai/DeepSeek-V3-0324"]);
    let expected = card.replace("'b']\r\n", "'b']\r\nbase_model: deepseek-ai/DeepSeek-V3-0324\r\n");
    assert_eq!(read(repo.path(), "README.md"), expected);
}
