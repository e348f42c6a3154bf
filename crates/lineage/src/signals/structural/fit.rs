//! One model of the catalog beside one subject: what is equal, what differs, and how much the differences weigh.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::config::{ConfigField, ConfigValue};

use crate::catalog::{Catalog, Model, Value};
use crate::subject::Subject;

/// How a derivative changed the dimensions of its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// It did not.
    None,
    /// Tokens were added to the vocabulary, or removed.
    Vocabulary,
    /// Experts were removed or added.
    Experts,
    /// Layers were dropped or repeated.
    Layers,
    /// Several dense models of one shape became the experts of a mixture.
    Upcycled,
}

/// Fields that make a model another kind of model: where only one side has them, the two do not match. Latent ranks are not
/// among them: a configuration may leave them to the defaults of its class.
const KINDS: &[ConfigField] = &[ConfigField::Experts, ConfigField::IndexHeads, ConfigField::StateSize];

/// What a difference of a setting weighs against descent, in tenths. It is a judgement of how rarely a fine-tune changes it:
/// nobody changes the norm's epsilon or the routing of a trained model, many change the end-of-text token or the context.
/// Tied embeddings weigh little: DeepSeek-R1-Distill-Qwen-1.5B has an output layer of its own, the Qwen2.5 models of that size
/// have none.
const WEIGHTS: &[(ConfigField, u32)] = &[
    (ConfigField::NormEpsilon, 60),
    (ConfigField::PartialRotaryFactor, 50),
    (ConfigField::AttentionBias, 40),
    (ConfigField::RoutedScalingFactor, 40),
    (ConfigField::ExpertsPerToken, 30),
    (ConfigField::ExpertGroups, 30),
    (ConfigField::ExpertGroupsPerToken, 30),
    (ConfigField::RopeTheta, 25),
    (ConfigField::RopeScalingType, 8),
    (ConfigField::RopeScalingFactor, 8),
    (ConfigField::RopeScalingOriginal, 8),
    (ConfigField::SlidingWindow, 3),
    (ConfigField::TieEmbeddings, 8),
    (ConfigField::MaxPositions, 9),
    (ConfigField::BosToken, 5),
    (ConfigField::EosToken, 4),
    (ConfigField::NextTokenLayers, 3),
    (ConfigField::PadToken, 1),
];

/// What differs from an ancestor's value only weighs that many times less.
const INHERITED: u32 = 2;

/// A difference that nobody makes to a trained model weighs at least this.
pub(crate) const RULED_OUT: u32 = 25;

/// One model beside the subject.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub(crate) model: &'static Model,
    pub(crate) change: Change,
    /// Equal shape fields.
    pub(crate) equal: Vec<ConfigField>,
    /// Equal settings.
    pub(crate) settings_equal: usize,
    /// Settings that differ.
    pub(crate) settings_differ: Vec<ConfigField>,
    /// Settings that differ from what is known of a relative only: of the named ancestor, where the record of the model itself is
    /// silent, or of the release whose file its record was read from. They never rule it out, because a release may have a value of its
    /// own (Qwen2.5-14B-Instruct has another epsilon than Qwen2.5-14B, Yi-1.5 another one than Yi).
    pub(crate) inherited_differ: Vec<(ConfigField, &'static Model)>,
    /// The sum of what the differences weigh, in tenths.
    pub(crate) penalty: u32,
}

/// What an equal shape field and an equal setting weigh for descent, beside [`WEIGHTS`].
const EQUAL_SHAPE: i64 = 3;
const EQUAL_SETTING: i64 = 2;

impl Fit {
    /// Differences less what agrees: the smaller, the better. It compares models of different developers, of which one may be
    /// recorded better than another; among releases of one developer only differences count.
    pub(crate) fn score(&self) -> i64 {
        let equal = EQUAL_SHAPE * self.equal.len() as i64 + EQUAL_SETTING * self.settings_equal as i64;
        i64::from(self.penalty) - equal
    }

    /// [`Fit::score`], less the differences in settings about which the record of `other` is silent.
    pub(crate) fn score_beside(&self, other: &Model, subject: &Subject<'_>) -> i64 {
        let silent = self.settings_differ.iter().filter(|field| other.field(**field).is_none());
        let unfair: u32 = silent.map(|field| weight(*field, subject, self.model)).sum();
        self.score() - i64::from(unfair)
    }

    /// Whether a setting differs that a derivative does not change.
    pub(crate) fn firm_differences(&self, subject: &Subject<'_>) -> Vec<ConfigField> {
        let firm = |field: &&ConfigField| weight(**field, subject, self.model) >= RULED_OUT;
        self.settings_differ.iter().filter(firm).copied().collect()
    }

    /// Whether its ancestors state a setting otherwise that a derivative does not change, where its own record is silent.
    pub(crate) fn differs_from_ancestors(&self, subject: &Subject<'_>) -> bool {
        self.inherited_differ.iter().any(|(field, parent)| weight(*field, subject, parent) >= RULED_OUT)
    }

    /// Whether the dimensions are equal but for a few tokens more or less.
    pub(crate) fn is_near(&self, subject: &Subject<'_>) -> bool {
        self.change == Change::None
            || (self.change == Change::Vocabulary && vocabulary(subject, self.model) <= FEW_TOKENS)
    }

    pub(crate) fn has(&self, field: ConfigField) -> bool {
        self.equal.contains(&field)
    }
}

/// A whole number of the catalog.
pub(crate) fn whole(model: &Model, field: ConfigField) -> Option<u64> {
    match model.field(field)? {
        Value::Integer(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// Rows of query and key projections, as the model's fields give them.
fn rows(model: &Model) -> (Option<u64>, Option<u64>) {
    let Some(heads) = whole(model, ConfigField::AttentionHeads).filter(|heads| *heads > 0) else {
        return (None, None);
    };
    let head = whole(model, ConfigField::HeadDimension)
        .or_else(|| whole(model, ConfigField::HiddenSize).map(|hidden| hidden / heads));
    let keys = whole(model, ConfigField::KeyValueHeads);
    let times = |count: u64| head.and_then(|head| head.checked_mul(count));
    (times(heads), keys.and_then(times))
}

/// Whether every layer of a mixture has experts, so that the width of a dense feed-forward part is the width of nothing: some
/// configurations state one all the same (Qwen3's mixtures).
fn all_experts(subject: &Subject<'_>) -> bool {
    subject.fields.contains_key(&ConfigField::ExpertIntermediateSize)
        && subject.whole(ConfigField::FirstDenseLayers).unwrap_or(0) == 0
        && subject.whole(ConfigField::ExpertLayerStep) == Some(1)
}

/// Compares; `None` if the two cannot be parent and child by any change that is looked for. `names` are those of
/// architectures.
pub(crate) fn fit(
    catalog: &Catalog,
    subject: &Subject<'_>,
    model: &'static Model,
    names: &Names,
) -> Option<Fit> {
    let states = |field: ConfigField| subject.fields.contains_key(&field);
    // An adapter shows no more than the modules that it changes.
    let adapter = subject.is_adapter();
    // A mixture made from dense models has the dense model's feed-forward width in each expert.
    let upcycled = states(ConfigField::Experts)
        && !states(ConfigField::ExpertIntermediateSize)
        && !states(ConfigField::SharedExperts)
        && model.field(ConfigField::Experts).is_none();
    let other_kind = |field: &ConfigField| {
        states(*field) != model.field(*field).is_some() && !(upcycled && *field == ConfigField::Experts)
    };
    // An adapter of a dense feed-forward part is none of a mixture.
    let of_dense = adapter && states(ConfigField::IntermediateSize) && !states(ConfigField::Experts);
    if (of_dense && model.field(ConfigField::Experts).is_some()) || (!adapter && KINDS.iter().any(other_kind))
    {
        return None;
    }
    let mut found = Fit {
        model,
        change: Change::None,
        equal: Vec::new(),
        settings_equal: 0,
        settings_differ: Vec::new(),
        inherited_differ: Vec::new(),
        penalty: 0,
    };
    let mut differs = Vec::new();
    for (field, stated) in &subject.fields {
        if model.field(*field).is_none() {
            let parent = inherited(catalog, model, *field);
            let other = parent.filter(|parent| !parent.accepts(*field, &stated.value));
            found.inherited_differ.extend(other.map(|parent| (*field, parent)));
            continue;
        }
        match (field.is_shape(), model.accepts(*field, &stated.value)) {
            (true, true) => found.equal.push(*field),
            (true, false) if *field == ConfigField::IntermediateSize && all_experts(subject) => {}
            (true, false) => differs.push(*field),
            (false, true) => found.settings_equal += 1,
            (false, false) if model.is_borrowed(*field) => found.inherited_differ.push((*field, model)),
            (false, false) => found.settings_differ.push(*field),
        }
    }
    if let Some(shape) = &subject.shape {
        let (query, key) = rows(model);
        let pairs = [
            (shape.query_rows, query, ConfigField::AttentionHeads),
            (shape.key_rows, key, ConfigField::KeyValueHeads),
        ];
        for (shown, theirs, field) in pairs {
            let (Some(shown), Some(theirs)) = (shown, theirs) else { continue };
            if shown == theirs {
                // The rows fit: how they are cut into heads is a matter of the configuration.
                differs.retain(|one| *one != field);
                if !found.equal.contains(&field) {
                    found.equal.push(field);
                }
            } else if !differs.contains(&field) {
                found.equal.retain(|one| *one != field);
                differs.push(field);
            }
        }
    }
    found.equal.sort();
    found.change =
        if upcycled && differs.is_empty() { Change::Upcycled } else { change(subject, model, &differs)? };
    if upcycled && found.change != Change::Upcycled {
        return None;
    }
    let width = |field| states(field) || model.field(field).is_some();
    let default_width = !width(ConfigField::IntermediateSize)
        && !width(ConfigField::ExpertIntermediateSize)
        && names.same(model);
    if !enough(&found, subject, adapter, default_width) {
        return None;
    }
    let other_name = names.differ(model);
    // Another family, and other dimensions on top: not even a hint.
    if other_name > 0 && found.change != Change::None && found.equal.len() < 6 {
        return None;
    }
    found.penalty = penalty(&found, subject) + other_name;
    Some(found)
}

/// The nearest ancestor that states a field which no derivative changes, where the model itself does not.
fn inherited(catalog: &Catalog, model: &'static Model, field: ConfigField) -> Option<&'static Model> {
    const LASTING: &[ConfigField] = &[
        ConfigField::NormEpsilon,
        ConfigField::PartialRotaryFactor,
        ConfigField::AttentionBias,
        ConfigField::RopeTheta,
    ];
    if !LASTING.contains(&field) {
        return None;
    }
    let mut at = model;
    // As long as the longest chain of the catalog, and longer.
    for _ in 0..16 {
        at = catalog.find(at.derived_from?)?;
        if at.field(field).is_some() {
            return Some(at);
        }
    }
    None
}

fn change(subject: &Subject<'_>, model: &Model, differs: &[ConfigField]) -> Option<Change> {
    match *differs {
        [] => Some(Change::None),
        [ConfigField::VocabularySize] => Some(Change::Vocabulary),
        [ConfigField::Experts] => Some(Change::Experts),
        [ConfigField::Layers] => {
            let (ours, theirs) = (subject.whole(ConfigField::Layers)?, whole(model, ConfigField::Layers)?);
            (ours > 0 && ours.checked_mul(4)? >= theirs && ours <= theirs.checked_mul(3)?)
                .then_some(Change::Layers)
        }
        _ => None,
    }
}

/// Whether enough is equal to speak of a match at all: hidden size, layers and vocabulary with one more field, or without one
/// of the three a width of the feed-forward part and the heads. `default_width` says that both are of one class and leave that
/// width to its default, as GPT-2 does.
fn enough(fit: &Fit, subject: &Subject<'_>, adapter: bool, default_width: bool) -> bool {
    let has = |field| fit.has(field);
    let inner =
        default_width || has(ConfigField::IntermediateSize) || has(ConfigField::ExpertIntermediateSize);
    let equal = fit.equal.len() + usize::from(default_width);
    let heads = has(ConfigField::AttentionHeads) || has(ConfigField::KeyValueHeads);
    if !has(ConfigField::HiddenSize) {
        return false;
    }
    match fit.change {
        Change::None if adapter => has(ConfigField::Layers) && (inner || heads),
        Change::None => {
            has(ConfigField::Layers) && has(ConfigField::VocabularySize) && equal >= 4 && (inner || heads)
        }
        // A few tokens more or less on the same body, or another vocabulary on a body that has more in common.
        Change::Vocabulary if vocabulary(subject, fit.model) <= FEW_TOKENS => {
            has(ConfigField::Layers) && (inner || heads) && equal >= 3
        }
        Change::Vocabulary => has(ConfigField::Layers) && inner && heads && equal >= 4,
        Change::Experts => has(ConfigField::Layers) && has(ConfigField::VocabularySize) && equal >= 7,
        Change::Upcycled => {
            has(ConfigField::Layers) && has(ConfigField::VocabularySize) && inner && heads && equal >= 5
        }
        Change::Layers => !adapter && has(ConfigField::VocabularySize) && inner && heads && equal >= 4,
    }
}

fn penalty(fit: &Fit, subject: &Subject<'_>) -> u32 {
    let settings: u32 = fit.settings_differ.iter().map(|field| weight(*field, subject, fit.model)).sum();
    let inherited: u32 =
        fit.inherited_differ.iter().map(|(field, parent)| weight(*field, subject, parent) / INHERITED).sum();
    let changed = match fit.change {
        Change::None => 0,
        Change::Experts => 40,
        Change::Upcycled => 45,
        Change::Layers => 50,
        Change::Vocabulary => vocabulary(subject, fit.model),
    };
    settings + inherited + changed + unknown_scaling(subject, fit.model)
}

/// What a difference weighs. A rope base is raised together with a longer context, and hardly ever without; nobody lowers it.
pub(crate) fn weight(field: ConfigField, subject: &Subject<'_>, model: &Model) -> u32 {
    let longer = || {
        let theirs = whole(model, ConfigField::MaxPositions);
        subject.whole(ConfigField::MaxPositions).zip(theirs).is_some_and(|(ours, theirs)| ours > theirs)
    };
    let lower = || {
        let theirs = match model.field(field) {
            Some(Value::Integer(number)) => Some(*number as f64),
            Some(Value::Real(number)) => Some(*number),
            _ => None,
        };
        subject
            .get(field)
            .and_then(ConfigValue::number)
            .zip(theirs)
            .is_some_and(|(ours, theirs)| ours < theirs)
    };
    match field {
        ConfigField::RopeTheta if longer() && !lower() => 12,
        // A shorter context is what many train with; only a longer one takes some doing.
        ConfigField::MaxPositions if !longer() => 4,
        // A published end-of-text list that holds ours, or ours that holds theirs, is the same setting with chat tokens added.
        ConfigField::EosToken if one_holds_the_other(subject.get(field), model.field(field)) => 3,
        _ => WEIGHTS.iter().find(|(known, _)| *known == field).map_or(5, |(_, weight)| *weight),
    }
}

fn one_holds_the_other(ours: Option<&ConfigValue>, theirs: Option<&Value>) -> bool {
    let ours: &[i64] = match ours {
        Some(ConfigValue::Integers(list)) => list,
        Some(ConfigValue::Integer(one)) => std::slice::from_ref(one),
        _ => return false,
    };
    let theirs: &[i64] = match theirs {
        Some(Value::Integers(list)) => list,
        Some(Value::Integer(one)) => std::slice::from_ref(one),
        _ => return false,
    };
    ours.iter().any(|id| theirs.contains(id))
}

/// A stretched rope that only one side is known to have: somebody stretched it, or it is another model.
fn unknown_scaling(subject: &Subject<'_>, model: &Model) -> u32 {
    let ours = subject.get(ConfigField::RopeScalingType).is_some();
    let theirs = model.field(ConfigField::RopeScalingType).is_some();
    match (ours, theirs) {
        // A record that is silent excludes nobody: as much as a release of another series may fit worse.
        (true, false) => 3,
        // A file that states its context would state how it is reached.
        (false, true) if subject.get(ConfigField::MaxPositions).is_some() => 4,
        _ => 0,
    }
}

/// What a few tokens more or less weigh.
const FEW_TOKENS: u32 = 15;

/// Vocabularies grow by a few control tokens, or by another language's; they rarely shrink by more than their padding.
fn vocabulary(subject: &Subject<'_>, model: &Model) -> u32 {
    let field = ConfigField::VocabularySize;
    let (Some(ours), Some(theirs)) = (subject.whole(field), whole(model, field)) else { return 40 };
    match ours {
        _ if ours.abs_diff(theirs) <= 1024 => FEW_TOKENS,
        _ if ours >= theirs && ours <= theirs.saturating_mul(5) / 2 => 25,
        _ => 45,
    }
}

/// What another name of the architecture weighs. It decides only between models of one shape: who renames a copy of a shape that
/// nobody else has changes nothing.
pub(crate) const OTHER_NAME: u32 = 30;

/// The names of architectures that a catalog knows, by family: releases whose own entry has none bear those of their family.
pub(crate) struct Names {
    by_family: BTreeMap<&'static str, BTreeSet<String>>,
    ours: BTreeSet<String>,
    /// Whether any model of the catalog calls its architecture as the subject does.
    known: bool,
}

impl Names {
    pub(crate) fn of(catalog: &Catalog, subject: &Subject<'_>) -> Self {
        let mut by_family: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for model in catalog.models() {
            by_family.entry(model.family).or_default().extend(own(model));
        }
        let config = subject.config.into_iter();
        let ours: BTreeSet<String> = config
            .flat_map(|config| config.architectures.iter().chain(&config.model_type))
            .map(|name| architecture(&name.value))
            .collect();
        let known = by_family.values().any(|names| !names.is_disjoint(&ours));
        Self { by_family, ours, known }
    }

    /// Another name of the architecture that is one in use: somebody may have chosen it, but it is more likely another model.
    fn differ(&self, model: &'static Model) -> u32 {
        if self.known && self.theirs(model).is_some_and(|theirs| theirs.is_disjoint(&self.ours)) {
            OTHER_NAME
        } else {
            0
        }
    }

    /// Whether both bear one name of an architecture.
    fn same(&self, model: &'static Model) -> bool {
        self.theirs(model).is_some_and(|theirs| !theirs.is_disjoint(&self.ours))
    }

    /// The names of a model, or else of its family, if any are on record.
    fn theirs(&self, model: &'static Model) -> Option<BTreeSet<String>> {
        let own: BTreeSet<String> = own(model).collect();
        let names = if own.is_empty() { self.by_family.get(model.family)?.clone() } else { own };
        (!names.is_empty()).then_some(names)
    }
}

fn own(model: &'static Model) -> impl Iterator<Item = String> {
    model.architectures.iter().copied().chain(model.model_type).map(architecture)
}

/// The architecture that a class or a `model_type` names: `BertForMaskedLM`, `BertModel` and `bert` are one, `GPT2LMHeadModel` and
/// `gpt2`, `GPTBigCodeForCausalLM` and `gpt_bigcode`. Classes of the Hub's library are named after the model and the task.
fn architecture(name: &str) -> String {
    let stem = match name.find("For") {
        Some(at) if at > 0 => &name[..at],
        _ => {
            let stem = name.strip_suffix("Model").unwrap_or(name);
            stem.strip_suffix("LMHead").or_else(|| stem.strip_suffix("DoubleHeads")).unwrap_or(stem)
        }
    };
    stem.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect()
}
