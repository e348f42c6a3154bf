//! Runs built by hand, and files that hold what is expected of them.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;

use forebear_types::fact::{
    Fact, FactKind, LegalFile, LegalRole, LfsPointer, ModelCard, ModelConfig, Problem, ProblemKind, Scope,
    WeightsFile, WeightsFormat,
};
use forebear_types::finding::{Exposure, Finding, Fingerprint, Fix, Moment, Place, Severity};
use forebear_types::history::{About, Detail, Event, EventKind, History, Reach, Sign, SignKind};
use forebear_types::license::{Change, CopyrightLine, Coverage, LicenseMatch, MatchStatus, Recognition};
use forebear_types::lineage::{Candidate, Confidence, Evidence, EvidenceKind, Hop, Relation, Strength};
use forebear_types::obligation::{Answer, Artefact, Creditor, Duty, Obligation};
use forebear_types::run::{
    BaseLicense, Declared, DeclaredLicense, Examined, LineExposure, Maker, Part, RuleInfo, Run, WaiverUse,
};
use forebear_types::upstream::{
    ConfigurationComparison, Fate, FieldDifference, IdenticalFile, LegalFileFate, LostLine, NamedBy, SameBy,
    SameWeights, Sameness, UpstreamComparison,
};
use forebear_types::weights::{LayerOf, Verdict, WeightComparison, WeightTest};
use forebear_types::{
    ByteSpan, LicenseId, LineSpan, Located, Location, ModelId, ObjectId, RepoPath, RuleId, Sha256, Snapshot,
    Time,
};

/// What comes before `vocab_size` in the sample configuration sets the offsets of the spans below.
pub const CONFIG: &str = "{\n  \"architectures\": [\"DeepseekV3ForCausalLM\"],\n  \"hidden_size\": 7168,\n  \
                          \"n_routed_experts\": 256,\n  \"vocab_size\": 129280\n}\n";

const CARD: &str = "---\nlicense: apache-2.0\n---\n# Example\n";

/// Rules of the findings below, with the pages that they have.
macro_rules! rules {
    ($($id:literal $folder:literal $severity:ident $summary:literal,)*) => {
        &[$(RuleInfo {
            id: RuleId($id),
            since: "0.1.0",
            severity: Severity::$severity,
            summary: $summary,
            docs: include_str!(concat!("../../../rules/src/rules/", $folder, "/docs.md")),
        }),*]
    };
}

pub const RULES: &[RuleInfo] = rules![
    "missing-license-text" "missing_license_text" Violation "a licence applies, and its text is nowhere",
    "missing-upstream-copyright" "missing_upstream_copyright" Violation "the copyright line of an ancestor is nowhere",
    "base-undeclared" "base_undeclared" Violation "evidence names a base model, and no card declares one",
    "license-removed-in-history" "license_removed_in_history" Violation "a legal text that is still owed was deleted",
    "license-added-late" "license_added_late" Warning "weights were in the history before the licence text",
];

const DAY: i64 = 86_400;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

pub fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub fn commit(number: u8) -> ObjectId {
    ObjectId::from_bytes(&[number; 20]).unwrap()
}

pub fn at(number: u8) -> Snapshot {
    Snapshot::Commit { id: commit(number), time: Time::utc(START + i64::from(number) * 7 * DAY) }
}

pub fn fact(file: &str, kind: FactKind) -> Fact {
    Fact { path: path(file), snapshot: Snapshot::WorkTree, kind }
}

/// A span of the first occurrence of `part` in `text`.
pub fn spanned(file: &str, text: &str, part: &str) -> Location {
    let start = text.find(part).unwrap();
    let line = u32::try_from(text[..start].matches('\n').count() + 1).unwrap();
    Location {
        path: path(file),
        lines: Some(LineSpan::line(line)),
        span: Some(ByteSpan { start, len: part.len() }),
    }
}

pub fn config_fact() -> Fact {
    fact(
        "config.json",
        FactKind::ModelConfig(ModelConfig { text: Arc::from(CONFIG), ..ModelConfig::default() }),
    )
}

pub fn weights_fact() -> Fact {
    let weights =
        WeightsFile { format: WeightsFormat::Safetensors, size: 1_234_567, pointer: None, adapter: false };
    fact("model.safetensors", FactKind::Weights(weights))
}

fn mit() -> Recognition {
    Recognition {
        licenses: vec![LicenseMatch {
            id: "MIT".into(),
            coverage: Coverage::FULL,
            status: MatchStatus::Exact,
            lines: LineSpan::new(3, 21),
        }],
        copyright: vec![CopyrightLine {
            text: "Copyright (c) 2023 DeepSeek".into(),
            holder: Some("DeepSeek".into()),
            years: Some("2023".into()),
            line: 3,
        }],
        ..Recognition::default()
    }
}

pub fn legal(file: &str, role: LegalRole) -> Fact {
    let file_of = LegalFile {
        role,
        scope: Scope::Model,
        recognition: mit(),
        text: Arc::from("MIT License\n"),
        size: 12,
        blob: None,
        examined: true,
    };
    fact(file, FactKind::LegalFile(file_of))
}

fn declared_as(written: &str, expression: &str) -> DeclaredLicense {
    DeclaredLicense { written: written.into(), expression: Some(expression.into()) }
}

fn models(names: &[&str]) -> Vec<ModelId> {
    names.iter().map(|name| ModelId::new(*name)).collect()
}

fn hop(names: &[&str], strength: Strength, declared: bool) -> Hop {
    let evidence =
        |kind, detail: &str, location| Evidence { kind, strength, location, detail: detail.into(), p: None };
    Hop {
        subject: RepoPath::root(),
        child: None,
        candidates: models(names)
            .into_iter()
            .map(|model| Candidate { model, revision: None, known: true })
            .collect(),
        relation: if declared { Relation::FineTune } else { Relation::Unknown },
        strength,
        unique: true,
        confidence: Confidence::High,
        declared,
        because: match declared {
            true => vec![evidence(
                EvidenceKind::CardDeclaration,
                "base_model names it",
                Some(Location::lines(path("README.md"), LineSpan::line(3))),
            )],
            false => vec![
                evidence(
                    EvidenceKind::Configuration,
                    "the same configuration in 24 of 24 fields that tensor shapes fix",
                    Some(Location::file(path("config.json"))),
                ),
                evidence(
                    EvidenceKind::ConfigurationDetail,
                    "256 routed experts",
                    Some(spanned("config.json", CONFIG, "\"n_routed_experts\": 256")),
                ),
            ],
        },
        against: match declared {
            true => Vec::new(),
            false => vec![evidence(EvidenceKind::Catalog, "no tokenizer was compared", None)],
        },
    }
}

fn duty(
    duty: Duty,
    answer: Answer,
    candidates: &[&str],
    satisfied_by: Vec<Location>,
    reason: &str,
) -> Obligation {
    Obligation {
        creditor: Creditor::Ancestor { hop: 0, candidates: models(candidates) },
        license: LicenseId::new("MIT"),
        artefact: Artefact::Weights,
        clause: "permission notice".into(),
        duty,
        subject: if duty == Duty::KeepCopyrightNotice {
            "Copyright (c) 2023 DeepSeek".into()
        } else {
            String::new()
        },
        certain: true,
        answer,
        satisfied_by,
        reason: reason.into(),
    }
}

pub fn finding(
    rule: &'static str,
    answer: Answer,
    severity: Severity,
    message: &str,
    places: Vec<Place>,
) -> Finding {
    Finding {
        rule: RuleId(rule),
        answer,
        severity,
        confidence: Confidence::High,
        obligation: None,
        upstream: models(&["deepseek-ai/DeepSeek-V3-0324", "deepseek-ai/DeepSeek-R1"]),
        places,
        exposure: None,
        message: message.into(),
        help: "Add LICENSE with the text of MIT.".into(),
        fix: None,
        edits: Vec::new(),
        fingerprint: Fingerprint("00112233445566778899aabbccddeeff".into()),
        waived: None,
        known: false,
    }
}

pub fn here(location: Location, label: &str) -> Place {
    Place { location, commit: None, label: label.into() }
}

pub fn event(number: u8, kind: EventKind, file: &str, from: Option<&str>, to: Option<&str>) -> Event {
    let snapshot = at(number);
    let Snapshot::Commit { time, .. } = snapshot else { unreachable!("`at` makes commits") };
    Event {
        snapshot,
        author_time: Some(time),
        author: "Ada <ada@example.org>".into(),
        subject: format!("Change number {number}"),
        path: path(file),
        kind,
        detail: None,
        about: About::LegalFile,
        parents: 1,
        reach: Reach::Head,
        reference: None,
        in_range: true,
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

/// The runs that every bill of materials is made of, with their names.
pub fn all() -> Vec<(&'static str, Run)> {
    vec![
        ("violation", violation()),
        ("clean", clean()),
        ("adapter", adapter()),
        ("family", family()),
        ("life", life()),
        ("empty", empty()),
        ("hostile", hostile()),
    ]
}

/// Candidates of a step, and the licence that all of them are under.
pub fn under(hop: usize, models: &[&str], license: &str) -> impl Iterator<Item = BaseLicense> {
    let license = LicenseId::new(license);
    let of_model = |model: &&str| BaseLicense { hop, model: ModelId::new(*model), license: license.clone() };
    models.iter().map(of_model).collect::<Vec<_>>().into_iter()
}

pub fn empty() -> Run {
    let maker = Maker {
        version: "0.1.0",
        catalog: "3f2a".into(),
        docs: Some("https://forebear.example/docs".into()),
        rules: RULES.to_vec(),
        time: Time::utc(1_775_001_600),
    };
    Run::of_nothing(maker, "example/model".into())
}

/// The base's licence was copied, then deleted; Apache-2.0 is declared; the base is named nowhere.
pub fn violation() -> Run {
    const BASES: &[&str] = &["deepseek-ai/DeepSeek-V3-0324", "deepseek-ai/DeepSeek-R1"];
    let mut run = empty();
    run.source.head = Some(commit(3));
    run.source.examined = Examined {
        files: 9,
        legal_files: 0,
        cards: 1,
        configs: 1,
        weights: 1,
        commits: Some(4),
        history_complete: true,
    };
    let card = ModelCard { text: Arc::from(CARD), ..ModelCard::default() };
    run.facts = vec![fact("README.md", FactKind::ModelCard(card)), config_fact(), weights_fact()];
    run.problems = vec![Problem {
        path: path("docs/terms.pdf"),
        line: None,
        kind: ProblemKind::Unsupported,
        what: "the format PDF is not examined".into(),
        remedy: "read it yourself".into(),
    }];
    run.declared = Declared {
        license: Some("apache-2.0".into()),
        licenses: vec![declared_as("apache-2.0", "Apache-2.0")],
        source: Some(spanned("README.md", CARD, "license: apache-2.0")),
        ..Declared::default()
    };
    run.lineage.hops = vec![hop(BASES, Strength::Structural, false)];
    run.base_licenses = under(0, BASES, "MIT").collect();
    let nowhere = "no file, card or notice of the repository holds it";
    run.obligations = vec![
        duty(Duty::IncludeLicenseText, Answer::Unmet, BASES, Vec::new(), nowhere),
        duty(
            Duty::KeepCopyrightNotice,
            Answer::Unknown,
            BASES,
            Vec::new(),
            "docs/terms.pdf could not be read",
        ),
    ];
    let mut removed = finding(
        "license-removed-in-history",
        Answer::Unmet,
        Severity::Violation,
        "LICENSE (MIT, Copyright (c) 2023 DeepSeek) was removed in commit 0202020 “Change number 2”; the text of MIT, which \
         is still owed, was not moved elsewhere.",
        vec![
            Place {
                location: Location::file(path("LICENSE")),
                commit: Some(commit(2)),
                label: "removed here".into(),
            },
            here(spanned("config.json", CONFIG, "\"n_routed_experts\": 256"), "256 routed experts"),
        ],
    );
    removed.obligation = Some(0);
    let Snapshot::Commit { id, time } = at(2) else { unreachable!("`at` makes commits") };
    removed.exposure = Some(Exposure {
        or_earlier: false,
        from: Moment { commit: Some(id), time: Some(time) },
        to: None,
        commits: 2,
        tags: vec!["v1.1".into()],
    });
    let mut undeclared = finding(
        "base-undeclared",
        Answer::Unmet,
        Severity::Violation,
        "The model is built on deepseek-ai/DeepSeek-V3-0324 or deepseek-ai/DeepSeek-R1, and nothing in the repository names \
         it: the base is hidden.",
        vec![
            here(spanned("config.json", CONFIG, "DeepseekV3ForCausalLM"), "the architecture"),
            here(spanned("config.json", CONFIG, "\"vocab_size\": 129280"), "vocabulary of 129280"),
            here(spanned("README.md", CARD, "license: apache-2.0"), "the only declaration"),
        ],
    );
    undeclared.fix = Some(Fix { summary: "Add `base_model:` to the front matter of README.md.".into() });
    let unknown = finding(
        "missing-upstream-copyright",
        Answer::Unknown,
        Severity::Note,
        "Could not tell whether the owner's line is kept: docs/terms.pdf could not be read.",
        vec![here(Location::file(path("docs/terms.pdf")), "not examined")],
    );
    let mut waived = finding(
        "license-added-late",
        Answer::Unmet,
        Severity::Warning,
        "Weights were there before the text.",
        vec![here(Location::file(path("LICENSE")), "")],
    );
    waived.waived = Some(0);
    let met =
        finding("no-license-declared", Answer::Met, Severity::Note, "A licence is declared.", Vec::new());
    run.exposures = removed
        .exposure
        .iter()
        .map(|exposure| LineExposure { reference: "HEAD".into(), obligation: 0, exposure: exposure.clone() })
        .collect();
    run.findings = vec![removed, undeclared, unknown, waived, met];
    run.waivers = vec![WaiverUse {
        reason: "pushed late".into(),
        owner: Some("legal@example.org".into()),
        until: Some("2027-01-31".into()),
    }];
    run.history = History {
        head: Some(commit(3)),
        commits: 4,
        complete: true,
        events: vec![
            event(1, EventKind::Added, "LICENSE", None, Some("MIT, Copyright (c) 2023 DeepSeek")),
            event(2, EventKind::Removed, "LICENSE", Some("MIT, Copyright (c) 2023 DeepSeek"), None),
            Event {
                about: About::Declaration("license".into()),
                ..event(2, EventKind::Relicensed, "README.md", Some("mit"), Some("apache-2.0"))
            },
        ],
        signs: vec![Sign {
            kind: SignKind::Squashed,
            what: "the first commit holds 9 files and says “Squashed commit of the following”".into(),
            remedy: "ask for the history from before".into(),
        }],
        ..History::default()
    };
    run
}

/// A history in which everything happens, on every kind of reference.
pub fn life() -> Run {
    const MIT: &str = "MIT; Copyright (c) 2023 DeepSeek";
    let mut run = violation();
    let named = |event: Event, subject: &str| Event { subject: subject.into(), ..event };
    let more = |event: Event, detail| Event { detail: Some(detail), ..event };
    let on = |event: Event, reach, reference: &str| Event {
        reach,
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        ..event
    };
    let key = |event: Event, key: &str| Event { about: About::Declaration(key.into()), ..event };
    let changed = |number, to: &str| event(number, EventKind::Changed, "LICENSE", Some(MIT), Some(to));
    let text = |number, kind, file: &str| event(number, kind, file, None, Some(MIT));
    let merged = event(11, EventKind::Renamed, "NOTICE", Some("licenses/MIT.txt"), Some(MIT));
    let evidence = Event {
        about: About::Evidence,
        ..event(12, EventKind::Removed, "adapter_config.json", Some("an adapter's configuration"), None)
    };
    let dropped = Event {
        parents: 2,
        author_time: Some(Time::utc(START)),
        ..event(13, EventKind::Removed, "NOTICE", Some(MIT), None)
    };
    let staged = Event {
        snapshot: Snapshot::WorkTree,
        author_time: None,
        author: String::new(),
        subject: String::new(),
        ..event(14, EventKind::Restored, "NOTICE", None, Some(MIT))
    };
    run.history.events = vec![
        named(text(1, EventKind::Added, "LICENSE"), "Upload the model"),
        named(key(event(1, EventKind::Added, "README.md", None, Some("mit")), "license"), "Upload the model"),
        named(
            key(event(1, EventKind::Added, "README.md", None, Some("deepseek-ai/DeepSeek-R1")), "base_model"),
            "Upload the model",
        ),
        more(changed(2, MIT), Detail::Harmless),
        more(changed(3, MIT), Detail::Altered),
        more(changed(4, "MIT"), Detail::CopyrightRemoved),
        more(changed(5, "MIT; Copyright (c) 2026 Kaguya"), Detail::CopyrightReplaced),
        event(6, EventKind::Truncated, "LICENSE", Some(MIT), Some("MIT (part)")),
        event(7, EventKind::Relicensed, "LICENSE", Some(MIT), Some("Apache-2.0")),
        more(event(8, EventKind::Added, "licenses/MIT.txt", Some("LICENSE"), Some(MIT)), Detail::Copied),
        event(9, EventKind::Renamed, "LEGAL", Some("LICENSE"), Some(MIT)),
        more(event(10, EventKind::Restored, "COPYING", Some("LEGAL"), Some(MIT)), Detail::ReAdded),
        more(merged, Detail::MergedInto),
        evidence,
        named(dropped, "Merge branch 'topic'"),
        staged,
        on(text(4, EventKind::Added, "NOTICE"), Reach::Own, "refs/heads/release"),
        on(text(5, EventKind::Added, "LICENSE"), Reach::Own, "refs/tags/v0.9"),
        on(event(6, EventKind::Removed, "NOTICE", Some(MIT), None), Reach::Own, "refs/heads/release"),
        on(event(7, EventKind::Removed, "LICENSE", Some(MIT), None), Reach::Foreign, "refs/pull/7/head"),
        on(event(8, EventKind::Removed, "LICENSE", Some(MIT), None), Reach::Unreachable, ""),
    ];
    let moment = |number: u8| match at(number) {
        Snapshot::Commit { id, time } => Moment { commit: Some(id), time: Some(time) },
        _ => unreachable!("`at` makes commits"),
    };
    let interval = |reference: &str, obligation, from: u8, to: Option<u8>, tags: &[&str]| LineExposure {
        reference: reference.into(),
        obligation,
        exposure: Exposure {
            or_earlier: false,
            from: moment(from),
            to: to.map(moment),
            commits: usize::from(to.unwrap_or(14) - from),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        },
    };
    run.exposures = vec![
        interval("HEAD", 0, 6, Some(9), &[]),
        interval("HEAD", 0, 13, None, &["v2.0", "v2.1"]),
        interval("HEAD", 1, 4, Some(5), &["v1.1"]),
        interval("refs/heads/release", 0, 6, None, &[]),
        interval("refs/heads/old", 1, 4, Some(5), &["v1.1"]),
    ];
    run
}

/// An honest derivative, in a folder that is no git repository.
pub fn clean() -> Run {
    const BASE: &[&str] = &["deepseek-ai/DeepSeek-V3-0324"];
    let mut run = empty();
    run.source.examined =
        Examined { files: 5, legal_files: 1, cards: 1, configs: 1, weights: 1, ..Examined::default() };
    let card = ModelCard { text: Arc::from("---\nlicense: mit\n---\n"), ..ModelCard::default() };
    run.facts = vec![
        legal("LICENSE", LegalRole::License),
        fact("README.md", FactKind::ModelCard(card)),
        config_fact(),
        weights_fact(),
    ];
    run.declared = Declared {
        license: Some("mit".into()),
        licenses: vec![declared_as("mit", "MIT")],
        base_models: vec![BASE[0].into()],
        source: Some(Location::lines(path("README.md"), LineSpan::line(2))),
        ..Declared::default()
    };
    run.lineage.hops = vec![hop(BASE, Strength::Declared, true)];
    run.base_licenses = under(0, BASE, "MIT").collect();
    let kept = |lines| vec![Location { path: path("LICENSE"), lines, span: None }];
    run.obligations = vec![
        duty(Duty::IncludeLicenseText, Answer::Met, BASE, kept(Some(LineSpan::new(3, 21))), ""),
        duty(Duty::KeepCopyrightNotice, Answer::Met, BASE, kept(Some(LineSpan::line(3))), ""),
        Obligation {
            creditor: Creditor::Own,
            ..duty(Duty::IncludeLicenseText, Answer::Met, BASE, kept(None), "")
        },
    ];
    run.findings = vec![finding(
        "missing-license-text",
        Answer::Met,
        Severity::Note,
        "The text is there.",
        vec![here(Location::file(path("LICENSE")), "here")],
    )];
    run
}

/// A merge of two known models and a hint, one of them with a base of its own, in a folder with another model.
pub fn family() -> Run {
    let mut run = empty();
    let card = ModelCard { text: Arc::from(CARD), ..ModelCard::default() };
    run.facts = vec![fact("README.md", FactKind::ModelCard(card)), weights_fact()];
    run.declared.license = Some("apache-2.0".into());
    run.declared.licenses = vec![declared_as("apache-2.0", "Apache-2.0")];
    run.declared.base_models = vec!["deepseek-ai/DeepSeek-R1-Distill-Llama-70B".into()];
    let mut distill = hop(&["deepseek-ai/DeepSeek-R1-Distill-Llama-70B"], Strength::Declared, true);
    distill.relation = Relation::Merge;
    let mut other = hop(&["Qwen/Qwen2.5-72B-Instruct"], Strength::Identical, false);
    other.relation = Relation::Merge;
    let mut llama = hop(&["meta-llama/Llama-3.3-70B-Instruct"], Strength::Declared, false);
    llama.child = Some("deepseek-ai/DeepSeek-R1-Distill-Llama-70B".into());
    llama.relation = Relation::DistilledInto;
    llama.confidence = Confidence::Medium;
    let names: Vec<String> = (1..=11).map(|number| format!("an-organisation/A-Release-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut hint = hop(&names, Strength::Circumstantial, false);
    hint.confidence = Confidence::Low;
    let mut draft = hop(&["Qwen/Qwen2.5-0.5B"], Strength::Structural, false);
    draft.subject = path("draft");
    draft.unique = false;
    run.lineage.hops = vec![distill, other, llama, hint, draft];
    run.upstream = Some(comparison());
    let known: Vec<Vec<&str>> = run
        .lineage
        .hops
        .iter()
        .map(|hop| hop.candidates.iter().map(|candidate| candidate.model.as_str()).collect())
        .collect();
    run.base_licenses = under(0, &known[0], "MIT")
        .chain(under(2, &known[2], "LicenseRef-llama-3.3"))
        .chain(under(3, &known[3][..6], "MIT"))
        .chain(under(3, &known[3][5..10], "Apache-2.0"))
        .collect();
    let licensed = |hop, license: &str| Obligation {
        creditor: Creditor::Ancestor { hop, candidates: Vec::new() },
        license: LicenseId::new(license),
        ..duty(Duty::IncludeLicenseText, Answer::Unmet, &[], Vec::new(), "")
    };
    run.obligations = vec![
        licensed(0, "MIT"),
        licensed(2, "LicenseRef-llama-3.3"),
        licensed(3, "MIT"),
        licensed(3, "Apache-2.0"),
    ];
    run
}

/// A model whose weights were compared with fingerprints: of a base whose layers it has but for two, of a declared one that it has
/// nothing of, of one that gives no verdict and has a name that is markup, and of strangers.
pub fn weights() -> Run {
    let mut run = clean();
    let derived = weighed("deepseek-ai/DeepSeek-V3-0324", Verdict::SharedWeights, &[0, 1, 2, 5, 6, 7]);
    let declared = WeightComparison {
        subject: path("draft"),
        file: path("draft/model-00001-of-00002.safetensors"),
        quantised: true,
        source: "embedded".into(),
        revision: None,
        same_width: true,
        robust: true,
        ..weighed("Qwen/Qwen2.5-0.5B", Verdict::None, &[])
    };
    let mut draft = hop(&["Qwen/Qwen2.5-0.5B"], Strength::Declared, true);
    draft.subject = path("draft");
    run.lineage.hops.push(draft);
    const EVIL: &str = "evil/\"><script>alert(1)</script>\u{1b}[2J\u{202e}";
    let withheld = WeightComparison {
        subject: path(EVIL),
        source: EVIL.into(),
        revision: Some(EVIL.into()),
        tests: Vec::new(),
        layer_map: Vec::new(),
        layer_z: Vec::new(),
        base_layers: Vec::new(),
        identical_tensors: None,
        sensitivity: None,
        caveats: vec![
            format!("There is no sketch of the base: {EVIL}."),
            "Fewer than 32 residual dimensions are common to both.".into(),
        ],
        ..weighed(EVIL, Verdict::Withheld, &[])
    };
    let stranger = |base: &str| weighed(base, Verdict::None, &[]);
    run.weights = vec![
        derived,
        declared,
        stranger("meta-llama/Llama-3.1-8B"),
        stranger("mistralai/<b>Mistral</b>-7B-v0.1"),
        withheld,
    ];
    run
}

/// A model of six layers compared with a base of eight. `found`: which layers of the base those of the model are; none are if it is
/// empty. The fourth layer of the model and the last of the base share no feature.
pub fn weighed(base: &str, verdict: Verdict, found: &[u16]) -> WeightComparison {
    const BASE: u16 = 8;
    const MODEL: u16 = 6;
    // Chance, between -2.9 and 2.9.
    let chance = |row: u16, column: u16| f32::from((row * 31 + column * 17) % 30) / 5.0 - 2.9;
    let z = |row: u16, column: u16| match found.get(usize::from(row)) {
        _ if (row, column) == (3, BASE - 1) => f32::NAN,
        Some(layer) if *layer == column => 52.4 - 8.5 * f32::from(row),
        _ => chance(row, column),
    };
    let layer_z: Vec<Vec<f32>> =
        (0..MODEL).map(|row| (0..BASE).map(|column| z(row, column)).collect()).collect();
    let layer_map = layer_z.iter().zip(0..).map(|(row, suspect)| {
        let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        LayerOf { suspect, base: found.get(usize::from(suspect)).copied(), z: f64::from(greatest) }
    });
    let test = |group, z, features| WeightTest {
        group,
        z: if found.is_empty() { z / 50.0 - 0.3 } else { z },
        p: if found.is_empty() { 0.41 } else { 5e-6 },
        features,
        dimensions: 128,
    };
    WeightComparison {
        subject: RepoPath::root(),
        file: path("model.safetensors"),
        quantised: false,
        base: ModelId::new(base),
        revision: Some("9b4d1c5a".into()),
        source: "bases/deepseek.print".into(),
        verdict,
        tests: vec![
            test("norms", 23.2, 13),
            test("weights", 74.5, 84),
            test("embeddings", 41.0, 16),
            test("column-norms", 15.9, 42),
        ],
        layer_map: layer_map.collect(),
        layer_z,
        base_layers: (0..BASE).collect(),
        identical_tensors: Some(if found.is_empty() { 0 } else { 3 }),
        compared_tensors: 57,
        same_width: true,
        robust: false,
        caveats: vec!["Embeddings were chosen by row, not by token, for want of a vocabulary.".into()],
        sensitivity: Some(0.0612),
        kin: Vec::new(),
    }
}

/// An adapter of a known revision, in a folder, with a data set, a licence that no list knows and pointers to its weights.
pub fn adapter() -> Run {
    let mut run = empty();
    run.name = "example/adapters (v2)".into();
    let located =
        |value: &str| Located { value: value.to_owned(), line: 2, span: ByteSpan { start: 4, len: 1 } };
    let card = ModelCard {
        datasets: vec![
            located("example/instructions"),
            located("my own data"),
            located("example/instructions"),
        ],
        text: Arc::from("---\nlicense: other\n---\n"),
        ..ModelCard::default()
    };
    let pointer = LfsPointer { sha256: Sha256([0xab; 32]), size: 167_832_240 };
    let weights = WeightsFile {
        format: WeightsFormat::Safetensors,
        size: 167_832_240,
        pointer: Some(pointer),
        adapter: true,
    };
    run.facts = vec![
        fact("README.md", FactKind::ModelCard(card)),
        fact("lora/adapter_model.safetensors", FactKind::Weights(weights)),
    ];
    run.source.examined = Examined { files: 3, cards: 1, configs: 1, weights: 1, ..Examined::default() };
    run.source.snapshot = at(2);
    run.declared.license = Some("other".into());
    run.declared.license_name = Some("Kaguya 1.0".into());
    run.declared.license_link = Some("TERMS.md".into());
    run.declared.licenses = vec![DeclaredLicense { written: "Kaguya 1.0".into(), expression: None }];
    let mut base = hop(&["meta-llama/Llama-3.1-8B"], Strength::Declared, true);
    base.relation = Relation::Adapter;
    base.subject = path("lora");
    base.candidates[0].revision = Some("D04E592BB4F6AA9CFEE91E2E20AFA771667E1D4B".into());
    run.lineage.hops = vec![base];
    run.base_licenses = under(0, &["meta-llama/Llama-3.1-8B"], "LicenseRef-llama-3.1").collect();
    run.obligations = vec![Obligation {
        license: LicenseId::new("LicenseRef-llama-3.1"),
        ..duty(Duty::IncludeLicenseText, Answer::Unmet, &["meta-llama/Llama-3.1-8B"], Vec::new(), "")
    }];
    run
}

/// A comparison in which everything occurs.
pub fn comparison() -> UpstreamComparison {
    let legal = |file: &str, role, license: &str, fate, here: Option<Location>, differences| LegalFileFate {
        path: path(file),
        role,
        licenses: vec![license.into()],
        copyright: vec!["Copyright (c) 2023 DeepSeek".into()],
        fate,
        here,
        differences,
    };
    let change = Change { line: 9, expected: "without restriction".into(), found: "for research".into() };
    UpstreamComparison {
        model: ModelId::new("deepseek-ai/DeepSeek-V3-0324"),
        named_by: NamedBy::Address,
        license: Some("MIT".into()),
        declared_license: Some("mit".into()),
        base_models: vec!["deepseek-ai/DeepSeek-V3-Base".into()],
        legal_files: vec![
            legal("LICENSE", LegalRole::License, "MIT", Fate::Missing, None, Vec::new()),
            legal(
                "LICENSE-CODE",
                LegalRole::License,
                "MIT",
                Fate::Altered,
                Some(Location::lines(path("TERMS"), LineSpan::new(3, 21))),
                vec![change],
            ),
        ],
        copyright_lost: vec![LostLine {
            path: path("LICENSE"),
            line: 3,
            text: "Copyright (c) 2023 DeepSeek".into(),
        }],
        identical: vec![
            IdenticalFile {
                here: path("model.safetensors"),
                upstream: path("model.safetensors"),
                by: SameBy::LfsObject,
                size: Some(4_300_000_000),
                weights: true,
            },
            IdenticalFile {
                here: path("tokenizer.json"),
                upstream: path("tokenizer.json"),
                by: SameBy::Bytes,
                size: None,
                weights: false,
            },
        ],
        weights: Some(SameWeights {
            same: 4_300_000_000,
            upstream: 688_586_727_753,
            all_of_here: true,
            proof: false,
        }),
        configuration: Some(ConfigurationComparison {
            here: spanned("config.json", CONFIG, "\"hidden_size\": 7168"),
            upstream: path("config.json"),
            same_text: false,
            same_shape: 14,
            differences: vec![FieldDifference {
                field: "rope_theta".into(),
                shape: false,
                here: Some("500000".into()),
                upstream: None,
            }],
        }),
        tokenizer: Some(Sameness {
            same: true,
            here: path("tokenizer.json"),
            detail: "tokenizer.json is byte for byte that of the local copy".into(),
        }),
        chat_template: Some(Sameness {
            same: false,
            here: path("tokenizer_config.json"),
            detail: "the chat template is not that of the local copy".into(),
        }),
    }
}

/// A repository whose every text tries to escape to the terminal.
pub fn hostile() -> Run {
    poisoned("\u{1b}[2J\u{1b}]0;owned\u{7}\nnothing is missing\r\u{9b}31m\u{202e}gnp.exe")
}

/// What a text that is rendered may try: commands of a runner, HTML, links, mentions, quotes of every length.
pub const MARKUP: &str = "::error file=x::forged\n::stop-commands::t\r\n  ::add-mask::x ##[add-mask]y\n# heading\n- list\n\n<script>alert(1)</script>\
                          <img src=x onerror=alert(1)> <a href=\"javascript:alert(1)\">a</a> [b](javascript:alert(1)) ![c](https://evil.example/c.png) \
                          https://evil.example www.evil.example @octocat #1 GH-2 `d` ```e [f](1) {0} | g | \\ $h$ **i** </details> <!-- --> ]]> &amp; \
                          \u{202e}é,j:k%0A100%";

/// A repository whose every text tries to become markup or a command.
pub fn markup() -> Run {
    poisoned(MARKUP)
}

fn poisoned(bad: &str) -> Run {
    let mut run = violation();
    let evil = || bad.to_owned();
    let evil_path = path(bad);
    let text: Arc<str> = Arc::from(format!("{{\n  \"model_type\": \"{bad}\"\n}}\n"));
    let span = ByteSpan { start: 4, len: 12 + bad.len() };
    let config = FactKind::ModelConfig(ModelConfig { text, ..ModelConfig::default() });
    run.facts.push(Fact { path: evil_path.clone(), ..fact("x", config) });
    run.problems.push(Problem {
        path: evil_path.clone(),
        line: Some(7),
        kind: ProblemKind::Malformed,
        what: evil(),
        remedy: evil(),
    });
    let hop = &mut run.lineage.hops[0];
    hop.candidates[0].model = ModelId::new(bad);
    hop.subject = evil_path.clone();
    hop.because[0].detail = evil();
    hop.because[0].location = Some(Location::lines(evil_path.clone(), LineSpan::line(1)));
    hop.against[0].detail = evil();
    let mut other = hop.clone();
    other.candidates.truncate(1);
    other.candidates[0].revision = Some(evil());
    other.child = Some(ModelId::new(bad));
    run.lineage.hops.push(other);
    for obligation in &mut run.obligations {
        obligation.subject = evil();
        obligation.reason = evil();
        obligation.clause = evil();
        obligation.license = bad.into();
        obligation.satisfied_by = vec![Location::file(evil_path.clone())];
    }
    run.obligations[0].answer = Answer::Met;
    for finding in &mut run.findings {
        finding.message = evil();
        finding.help = evil();
        finding.fix = Some(Fix { summary: bad.repeat(2) });
        for place in &mut finding.places {
            place.label = evil();
            place.location.path = evil_path.clone();
            place.location.span = Some(span);
        }
    }
    run.declared.license = Some(evil());
    run.declared.licenses = vec![DeclaredLicense { written: evil(), expression: Some(evil()) }];
    run.declared.license_name = Some(evil());
    run.declared.base_models = vec![evil(); 9];
    run.declared.source = Some(Location::file(evil_path.clone()));
    run.waivers[0].reason = evil();
    run.waivers[0].owner = Some(evil());
    run.waivers[0].until = Some(evil());
    let mut event = event(1, EventKind::Renamed, "x", Some(bad), Some(bad));
    event.path = evil_path;
    event.author = evil();
    event.subject = evil();
    event.about = About::Declaration(evil());
    event.reference = Some(evil());
    run.history.events.push(event.clone());
    event.reach = Reach::Foreign;
    run.history.events.push(event.clone());
    event.reach = Reach::Own;
    event.detail = Some(Detail::MergedInto);
    run.history.events.push(event);
    run.history.signs.push(Sign { kind: SignKind::Rewritten, what: evil(), remedy: evil() });
    let mut exposure = run.exposures[0].clone();
    exposure.reference = evil();
    exposure.exposure.tags = vec![evil(); 30];
    run.exposures.push(exposure);
    run.part = Some(Part { paths: vec![path(bad)], ..Part::default() });
    run.part.as_mut().unwrap().paths.push(path("LICENSE"));
    run.baseline = Some(commit(1));
    run.findings[1].known = true;
    run.source.snapshot = Snapshot::Cached { revision: evil() };
    let mut comparison = comparison();
    comparison.model = ModelId::new(bad);
    comparison.declared_license = Some(evil());
    comparison.base_models = vec![evil()];
    comparison.legal_files[1].path = path(bad);
    comparison.legal_files[1].licenses = vec![bad.into()];
    comparison.legal_files[1].differences[0].expected = evil();
    comparison.legal_files[1].differences[0].found = evil();
    comparison.copyright_lost[0].text = evil();
    comparison.identical[1].here = path(bad);
    if let Some(configuration) = &mut comparison.configuration {
        configuration.differences[0].field = evil();
        configuration.differences[0].upstream = Some(evil());
    }
    if let Some(tokenizer) = &mut comparison.tokenizer {
        tokenizer.detail = evil();
    }
    run.upstream = Some(comparison);
    run.weights = weights().weights;
    for comparison in &mut run.weights {
        comparison.subject = path(bad);
        comparison.file = path(bad);
        comparison.base = ModelId::new(bad);
        comparison.revision = Some(evil());
        comparison.source = evil();
        comparison.caveats = vec![evil()];
    }
    run
}

/// A repository with `n` findings of every rule, severity and answer, with excerpts and places in history, and as much of
/// everything else as such a one would have: duties, configurations, weight files, problems, events.
pub fn large(n: usize) -> Run {
    let mut run = life();
    run.baseline = Some(commit(1));
    let id = |index: usize| format!("{index:032x}");
    let folder = |index: usize| format!("models/part-{index:05}");
    let (problem, duty) = (run.problems[0].clone(), run.obligations[0].clone());
    run.problems = (0..n / 10)
        .map(|index| Problem { path: path(&format!("{}/terms.pdf", folder(index))), ..problem.clone() })
        .collect();
    run.obligations = (0..n / 5)
        .map(|index| Obligation {
            answer: [Answer::Unmet, Answer::Met, Answer::Unknown][index % 3],
            satisfied_by: vec![Location::file(path(&format!("{}/LICENSE", folder(index))))],
            ..duty.clone()
        })
        .collect();
    run.facts.extend(
        (0..n / 10)
            .map(|index| Fact { path: path(&format!("{}/config.json", folder(index))), ..config_fact() }),
    );
    run.facts.extend((0..n / 10).map(|index| {
        let mut digest = [0; 32];
        digest[24..].copy_from_slice(&index.to_be_bytes());
        let pointer = Some(LfsPointer { sha256: Sha256(digest), size: 1 << 30 });
        let file = WeightsFile { format: WeightsFormat::Safetensors, size: 1 << 30, pointer, adapter: false };
        fact(&format!("{}/model.safetensors", folder(index)), FactKind::Weights(file))
    }));
    let (removed, undeclared) = (run.findings[0].clone(), run.findings[1].clone());
    run.findings = (0..n)
        .map(|index| {
            let (answer, severity) = [
                (Answer::Unmet, Severity::Violation),
                (Answer::Unmet, Severity::Warning),
                (Answer::Unmet, Severity::Note),
                (Answer::Unknown, Severity::Note),
                (Answer::Met, Severity::Note),
            ][index * 5 / n.max(1)];
            let like = if index % 2 == 0 { &removed } else { &undeclared };
            let mut places = like.places.clone();
            let at = format!("{}/config.json", folder(index % (n / 10).max(1)));
            places.push(here(Location::lines(path(&at), LineSpan::line(3)), "one of many"));
            Finding {
                rule: RULES[index / 2 % RULES.len()].id,
                answer,
                severity,
                places,
                obligation: (n >= 5).then(|| index % (n / 5)),
                message: format!("{} It is number {index}.", like.message),
                fingerprint: Fingerprint(id(index)),
                waived: (index % 97 == 0).then_some(0),
                known: index % 89 == 0,
                ..like.clone()
            }
        })
        .collect();
    let events = run.history.events.clone();
    run.history.events = events.iter().cycle().take(n / 5).cloned().collect();
    run
}

/// Compares with the file `name` of the package's or the workspace's folders; `FOREBEAR_UPDATE=1` writes it instead.
pub fn compare(name: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(&file, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&file)
        .unwrap_or_else(|cause| panic!("{name}: {cause}; FOREBEAR_UPDATE=1 writes it"));
    assert!(expected == actual, "{name} differs; FOREBEAR_UPDATE=1 rewrites it\n--- actual\n{actual}");
}

/// The page without its style sheet and its script, which are not XML and the same in every report.
pub fn bare(page: &str) -> String {
    let mut page = page.to_owned();
    for name in ["style", "script"] {
        let start = page.find(&format!("<{name}>")).unwrap() + name.len() + 2;
        let end = page.find(&format!("</{name}>")).unwrap();
        page.replace_range(start..end, "");
    }
    page
}
