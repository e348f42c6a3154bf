use std::sync::Arc;

use forebear_lineage::catalog::Catalog;
use forebear_types::fact::{
    Fact, FactKind, LegalFile, LegalRole, ModelCard, Scope, WeightsFile, WeightsFormat,
};
use forebear_types::history::History;
use forebear_types::license::{Coverage, LicenseMatch, MatchStatus, Recognition};
use forebear_types::lineage::{Candidate, Confidence, Hop, Lineage, Relation, Strength};
use forebear_types::{LicenseId, LineSpan, ModelId, RepoPath, Snapshot};

use super::*;
use crate::{Input, UpstreamCopy};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn fact(name: &str, kind: FactKind) -> Fact {
    Fact { path: path(name), snapshot: Snapshot::WorkTree, kind }
}

fn legal(name: &str, role: LegalRole, text: &str, license: Option<&str>) -> Fact {
    let licenses = license.map(|id| LicenseMatch {
        id: LicenseId::from(id),
        coverage: Coverage::FULL,
        status: MatchStatus::Exact,
        lines: LineSpan::line(1),
    });
    let file = LegalFile {
        role,
        scope: Scope::Model,
        recognition: Recognition { licenses: licenses.into_iter().collect(), ..Recognition::default() },
        text: Arc::from(text),
        size: text.len() as u64,
        blob: None,
        examined: true,
    };
    fact(name, FactKind::LegalFile(file))
}

fn hop(models: &[&str], relation: Relation, child: Option<&str>) -> Hop {
    let candidate = |id: &&str| Candidate { model: ModelId::from(*id), revision: None, known: true };
    Hop {
        subject: RepoPath::root(),
        child: child.map(ModelId::from),
        candidates: models.iter().map(candidate).collect(),
        relation,
        strength: Strength::Declared,
        unique: true,
        confidence: Confidence::High,
        declared: true,
        because: Vec::new(),
        against: Vec::new(),
    }
}

fn notice_of(hops: Vec<Hop>, upstream: Option<(&ModelId, &[Fact])>) -> Notice {
    let weights =
        WeightsFile { format: WeightsFormat::Safetensors, size: 1 << 30, pointer: None, adapter: false };
    let card = ModelCard { text: Arc::from("# Kaguya\n"), ..ModelCard::default() };
    let facts =
        [fact("README.md", FactKind::ModelCard(card)), fact("model.safetensors", FactKind::Weights(weights))];
    let lineage = Lineage { hops };
    let (catalog, history) = (Catalog::embedded(), History::default());
    let policy = crate::Policy::default();
    crate::judge(Input {
        upstream: upstream.map(|(model, facts)| UpstreamCopy { model, facts }),
        ..Input::of_work_tree(&facts, &catalog, &lineage, &history, &policy)
    })
    .notice
}

fn rendered(notice: &Notice) -> String {
    place(None, notice).unwrap()
}

#[test]
fn several_ancestors_under_one_licence_share_its_text() {
    let hops = vec![
        hop(&["deepseek-ai/DeepSeek-R1"], Relation::Merge, None),
        hop(&["microsoft/phi-4"], Relation::Merge, None),
    ];
    let text = rendered(&notice_of(hops, None));
    assert_eq!(text.matches("Permission is hereby granted").count(), 1, "{text}");
    assert!(text.contains("---- MIT, for deepseek-ai/DeepSeek-R1, microsoft/phi-4 ----"), "{text}");
    let found = forebear_licenses::recognise(&text);
    assert!(found.best(&LicenseId::from("MIT")).is_some_and(|found| found.whole()), "{found:?}");
}

#[test]
fn a_text_that_forebear_does_not_have_is_a_reference_or_comes_from_the_copy() {
    let model = ModelId::from("meta-llama/Llama-3.1-8B");
    let hops = || vec![hop(&[model.as_str()], Relation::FineTune, None)];
    let bare = notice_of(hops(), None);
    let text = rendered(&bare);
    assert!(text.contains("https://huggingface.co/meta-llama/Llama-3.1-8B"), "{text}");
    assert!(
        text.contains("  Llama 3.1 is licensed under the Llama 3.1 Community License, Copyright ©"),
        "{text}"
    );
    assert!(bare.left_out.iter().any(|line| line.contains("--upstream")), "{:?}", bare.left_out);
    assert!(bare.wants_notice_file());

    let words = "STAND-IN\n\n  for  the   agreement.\n";
    let copy = [
        legal("LICENSE", LegalRole::License, words, Some("LicenseRef-llama-3.1-community")),
        legal("NOTICE", LegalRole::Notice, "Llama's own notice\n", None),
    ];
    let full = notice_of(hops(), Some((&model, &copy)));
    assert!(full.left_out.is_empty(), "{:?}", full.left_out);
    let text = rendered(&full);
    assert!(text.contains(words) && text.contains("Llama's own notice"), "{text}");
    let mut windows = copy.clone();
    windows[0] = legal(
        "LICENSE",
        LegalRole::License,
        &words.replace('\n', "\r\n"),
        Some("LicenseRef-llama-3.1-community"),
    );
    let same = notice_of(hops(), Some((&model, &windows)));
    assert_eq!(rendered(&same), text);
    assert_eq!(place(Some(&text), &same).unwrap(), text);
    // A text that looks like a mark is not taken in.
    let mut forged = copy.clone();
    forged[0] = legal(
        "LICENSE",
        LegalRole::License,
        &format!("{words}{}\n", section::END),
        Some("LicenseRef-llama-3.1-community"),
    );
    assert!(matches!(notice_of(hops(), Some((&model, &forged))).texts[0].body, Body::Elsewhere(_)));
    // The copy of another model is not this one's.
    let other = ModelId::from("meta-llama/Llama-3.2-1B");
    assert_eq!(notice_of(hops(), Some((&other, &copy))), bare);
}

#[test]
fn what_is_not_certain_is_left_out_and_said() {
    let differ = hop(&["deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-R1"], Relation::Unknown, None);
    let mut weak = hop(&["deepseek-ai/DeepSeek-R1"], Relation::Unknown, None);
    weak.strength = Strength::Structural;
    weak.unique = false;
    let unknown = hop(&["nobody/Base-7B"], Relation::Unknown, None);
    let nameless = hop(&["the local clone"], Relation::Rehost, None);
    for (hop, words) in
        [(nameless, "--base"), (differ, "--base"), (weak, "no proof"), (unknown, "[[upstream]]")]
    {
        let notice = notice_of(vec![hop], None);
        assert!(notice.is_empty());
        assert!(notice.left_out[0].contains(words), "{:?}", notice.left_out);
    }
    let hint = Hop {
        strength: Strength::Circumstantial,
        ..hop(&["deepseek-ai/DeepSeek-R1"], Relation::Unknown, None)
    };
    assert_eq!(notice_of(vec![hint], None), Notice::default());
    let same = hop(&["deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek-R1-0528"], Relation::Unknown, None);
    assert!(rendered(&notice_of(vec![same], None)).contains("\n1. one of deepseek-ai/DeepSeek-R1 or "));
}

#[test]
fn an_ancestor_of_an_ancestor_is_in_it() {
    let child = "deepseek-ai/DeepSeek-R1-Distill-Llama-8B";
    let hops = vec![
        hop(&[child], Relation::FineTune, None),
        hop(&["meta-llama/Llama-3.1-8B"], Relation::DistilledInto, Some(child)),
    ];
    let text = rendered(&notice_of(hops, None));
    assert!(text.contains(&format!("Relation: distilled-into, base of {child}")), "{text}");
    assert_eq!(text.matches(">>> deepseek-ai").count(), 1);
}

#[test]
fn what_people_write_stays() {
    let notice = notice_of(vec![hop(&["deepseek-ai/DeepSeek-R1"], Relation::Unknown, None)], None);
    let first = place(Some("Our own words, without a line end"), &notice).unwrap();
    assert!(first.starts_with("Our own words, without a line end\n\n-- begin"), "{first}");
    let said =
        first.replace("[not known to forebear: say here what was done to it]", "Taught\n   tales.\n\nTwice.");
    let mended = format!("{said}\nBelow.\n");
    assert_eq!(place(Some(&mended), &notice).unwrap(), mended);
    // What is declared later does not take the place of what a person said, and replaces what forebear did.
    let declared = notice_of(vec![hop(&["deepseek-ai/DeepSeek-R1"], Relation::Quantised, None)], None);
    assert!(place(Some(&mended), &declared).unwrap().contains("   tales.\n\nTwice.\n"));
    let quantised = place(Some(&first), &declared).unwrap();
    assert!(quantised.contains("quantised.") && !quantised.contains("not known"), "{quantised}");
    // Also of a model that is no ancestor any more.
    let other = notice_of(vec![hop(&["microsoft/phi-4"], Relation::Unknown, None)], None);
    let kept = place(Some(&mended), &other).unwrap();
    assert!(kept.contains(">>> deepseek-ai/DeepSeek-R1\n  Taught\n"), "{kept}");
    assert_eq!(place(Some(&kept), &other).unwrap(), kept);
}

#[test]
fn line_ends_follow_the_file_and_broken_marks_are_refused() {
    let notice = notice_of(vec![hop(&["deepseek-ai/DeepSeek-R1"], Relation::FineTune, None)], None);
    let windows = place(Some("Ours\r\n"), &notice).unwrap();
    assert_eq!(windows.matches('\n').count(), windows.matches("\r\n").count());
    assert_eq!(place(Some(&windows), &notice).unwrap(), windows);
    let text = rendered(&notice);
    let cut = text.trim_end();
    assert_eq!(place(Some(cut), &notice).unwrap(), cut, "a file may end without a line end");
    for broken in [text.replace("-- end: ", ""), text.repeat(2), text.replace("-- begin: ", "")] {
        assert!(place(Some(&broken), &notice).is_err(), "{broken}");
    }
}

/// A list of what is owed is neither a licence nor a doing of it, for any licence of the tables.
#[test]
fn the_notice_reads_as_no_terms_of_its_own() {
    let catalog = Catalog::embedded();
    let mut licenses: Vec<&str> = Vec::new();
    for model in catalog.models() {
        let Some(license) = model.licenses.last().and_then(|period| period.weights) else { continue };
        if licenses.contains(&license) {
            continue;
        }
        licenses.push(license);
        let notice = notice_of(vec![hop(&[model.id], Relation::Unknown, None)], None);
        if notice.is_empty() {
            continue;
        }
        let text = rendered(&notice);
        let found = forebear_licenses::recognise(&text);
        for lines in &found.unrecognised {
            assert!(within_section(&text, *lines), "{}: {lines:?}", model.id);
        }
        for line in &found.copyright {
            let known = |owner: &String| owner.contains(&line.text) || line.text.contains(owner.as_str());
            let ours =
                notice.entries.iter().any(|entry| entry.copyright.iter().chain(&entry.lines).any(known));
            let template = notice
                .texts
                .iter()
                .any(|text| matches!(&text.body, Body::Full(words) if words.contains(&line.text)));
            assert!(ours || template, "{}: {}", model.id, line.text);
        }
        for one in &notice.texts {
            if let Body::Full(_) = one.body {
                assert!(found.best(&one.id).is_some_and(|found| found.whole()), "{}: {found:?}", one.id);
            }
        }
        assert_eq!(place(Some(&text), &notice).unwrap(), text);
    }
    assert!(licenses.len() > 30, "{licenses:?}");
}
