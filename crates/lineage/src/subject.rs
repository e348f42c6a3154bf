//! The models of a repository: what each states, and what its tensors show.
//!
//! A folder with a configuration, with weights, or a GGUF file is a model. What tensors show beats what a configuration says:
//! a file can say anything, a shape cannot.

use std::collections::BTreeMap;

use forebear_types::config::{ConfigField, ConfigValue};
use forebear_types::fact::{
    Fact, FactKind, GenerationConfig, ModelConfig, Problem, ProblemKind, RopeScaling, Tensors, WeightsFormat,
};
use forebear_types::{Location, RepoPath};

use crate::tensors::{self, TensorShape};

/// Models that are compared with the catalog. A repository with more holds checkpoints of one training, or worse.
const MOST: usize = 64;

/// Folders whose models are parts of the model above them, whatever that is.
const PARTS: &[&str] = &[
    "text_encoder", "text_encoder_2", "text_encoder_3", "unet", "vae", "transformer", "transformer_2",
    "prior", "image_encoder", "vision_tower", "vision_model", "safety_checker", "controlnet", "onnx",
    "1_pooling", "2_dense", "3_dense", "speech_tokenizer", "vocoder", "feature_extractor", "draft", "mtp",
];

/// A value with its place, and whether tensors show it.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) value: ConfigValue,
    pub(crate) location: Location,
    pub(crate) shown: bool,
}

/// One model.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    /// The folder that holds it.
    pub(crate) folder: RepoPath,
    /// Its configuration: a file, or the metadata of a GGUF file; `None` where only tensors are there.
    pub(crate) config: Option<&'a ModelConfig>,
    /// The file that the configuration was read from, or the first file with tensors.
    pub(crate) path: RepoPath,
    /// The fields that count.
    pub(crate) fields: BTreeMap<ConfigField, Stated>,
    /// What the tensors show.
    pub(crate) shape: Option<TensorShape>,
    /// Where configuration and tensors disagree, in words.
    pub(crate) disagreements: Vec<(Location, String)>,
    /// A part of the model of a folder above.
    pub(crate) part: bool,
    /// A quantised GGUF file, or a quantisation configuration beside the model.
    quantised: bool,
    /// A GGUF file.
    converted: bool,
}

impl<'a> Subject<'a> {
    pub(crate) fn get(&self, field: ConfigField) -> Option<&ConfigValue> {
        self.fields.get(&field).map(|stated| &stated.value)
    }

    pub(crate) fn whole(&self, field: ConfigField) -> Option<u64> {
        match self.get(field)? {
            ConfigValue::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// Whether the weights are quantised.
    pub(crate) fn is_quantised(&self) -> bool {
        self.quantised || self.config.is_some_and(|config| config.quantisation.is_some())
    }

    /// Whether the weights are in a format that is converted from another.
    pub(crate) fn is_converted(&self) -> bool {
        self.converted
    }

    /// Whether only an adapter's tensors are there.
    pub(crate) fn is_adapter(&self) -> bool {
        self.config.is_none() && self.shape.as_ref().is_some_and(|shape| shape.adapter)
    }

    fn from_config(path: &RepoPath, config: &'a ModelConfig) -> Self {
        let mut fields: BTreeMap<ConfigField, Stated> = config
            .fields
            .iter()
            .map(|(field, value)| {
                let location = Location::of(path, value);
                (*field, Stated { value: value.value.clone(), location, shown: false })
            })
            .collect();
        if let Some(scaling) = &config.rope_scaling {
            let location = Location::of(path, scaling);
            let RopeScaling { kind, factor, original_positions } = &scaling.value;
            let whole = |number: Option<u64>| {
                number.and_then(|number| i64::try_from(number).ok()).map(ConfigValue::Integer)
            };
            let values = [
                (ConfigField::RopeScalingType, kind.clone().map(ConfigValue::Text)),
                (ConfigField::RopeScalingFactor, factor.clone()),
                (ConfigField::RopeScalingOriginal, whole(*original_positions)),
            ];
            for (field, value) in values {
                let stated = |value| Stated { value, location: location.clone(), shown: false };
                fields.extend(value.map(|value| (field, stated(value))));
            }
        }
        Self {
            folder: path.parent().unwrap_or_default(),
            config: Some(config),
            path: path.clone(),
            fields,
            shape: None,
            disagreements: Vec::new(),
            part: false,
            quantised: false,
            converted: false,
        }
    }

    fn from_tensors(folder: RepoPath, shape: TensorShape) -> Self {
        let mut subject = Self {
            folder,
            config: None,
            path: shape.place.clone(),
            fields: BTreeMap::new(),
            shape: None,
            disagreements: Vec::new(),
            part: false,
            quantised: false,
            converted: false,
        };
        subject.show(shape);
        subject
    }

    /// Takes over what tensors show.
    fn show(&mut self, shape: TensorShape) {
        let place = Location::file(shape.place.clone());
        for (field, shown) in &shape.fields {
            let Ok(number) = i64::try_from(*shown) else { continue };
            let value = ConfigValue::Integer(number);
            if let Some(stated) = self.fields.get(field) {
                // Mixtures state an inner size for dense layers that they may not have; shards that are missing hide layers.
                if stated.value.same_as(&value) || *field == ConfigField::FirstDenseLayers {
                    continue;
                }
                // Embeddings are padded: the configuration's size is the one that other configurations state too.
                let padded = *field == ConfigField::VocabularySize
                    && stated
                        .value
                        .number()
                        .is_some_and(|said| said <= *shown as f64 && *shown as f64 - said < 1024.0);
                if padded {
                    continue;
                }
                let words = format!(
                    "{} is {} in the configuration, the tensors show {number}",
                    field.key(),
                    stated.value
                );
                self.disagreements.push((stated.location.clone(), words));
            }
            self.fields.insert(*field, Stated { value, location: place.clone(), shown: true });
        }
        if let (Some(own), false) = (shape.own_output, self.fields.contains_key(&ConfigField::TieEmbeddings))
        {
            let value = ConfigValue::Flag(!own);
            self.fields.insert(ConfigField::TieEmbeddings, Stated { value, location: place, shown: true });
        }
        self.shape = Some(shape);
    }

    /// Fills in what `generation_config.json` says where the configuration is silent.
    fn generate(&mut self, path: &RepoPath, generation: &GenerationConfig) {
        for (field, ids) in [
            (ConfigField::BosToken, &generation.bos),
            (ConfigField::EosToken, &generation.eos),
            (ConfigField::PadToken, &generation.pad),
        ] {
            let value = match ids.as_slice() {
                [] => continue,
                [one] => ConfigValue::Integer(*one),
                several => ConfigValue::Integers(several.to_vec()),
            };
            let location = Location::file(path.clone());
            self.fields.entry(field).or_insert(Stated { value, location, shown: false });
        }
    }
}

/// The models of a repository, the least deep first.
pub(crate) fn subjects<'a>(facts: &'a [Fact], problems: &mut Vec<Problem>) -> Vec<Subject<'a>> {
    let mut found: Vec<Subject<'a>> = Vec::new();
    let mut tensors_of: BTreeMap<RepoPath, Vec<(&RepoPath, &Tensors)>> = BTreeMap::new();
    let mut weights_of: BTreeMap<RepoPath, Vec<(&RepoPath, WeightsFormat)>> = BTreeMap::new();
    let mut parts: Vec<RepoPath> = Vec::new();
    let mut quantised: Vec<RepoPath> = Vec::new();
    for fact in facts {
        let folder = fact.path.parent().unwrap_or_default();
        match &fact.kind {
            FactKind::ModelConfig(config) => found.push(Subject::from_config(&fact.path, config)),
            FactKind::Gguf(gguf) => {
                found.extend(gguf.config.as_ref().map(|config| Subject {
                    // File types of GGUF: 0 F32, 1 F16, 32 BF16 (`llama_ftype` in llama.h of ggml-org/llama.cpp).
                    quantised: gguf.file_type.is_some_and(|kind| ![0, 1, 32].contains(&kind)),
                    converted: true,
                    ..Subject::from_config(&fact.path, config)
                }));
            }
            FactKind::Quantisation(_) => quantised.push(folder),
            FactKind::Tensors(file) => tensors_of.entry(folder).or_default().push((&fact.path, file)),
            FactKind::Weights(file) => weights_of.entry(folder).or_default().push((&fact.path, file.format)),
            FactKind::Pipeline(pipeline) => {
                parts.extend(pipeline.parts.iter().filter_map(|part| part.folder.clone()));
            }
            _ => {}
        }
    }
    for (folder, files) in &tensors_of {
        let weights = weights_of.get(folder).map_or(&[][..], Vec::as_slice);
        let Some(shape) = tensors::derive(files, weights) else { continue };
        // Several configurations of one folder (`config.json` and `params.json`) are about the same tensors.
        let mut of_folder = found.iter_mut().filter(|subject| subject.folder == *folder).peekable();
        if of_folder.peek().is_none() {
            found.push(Subject::from_tensors(folder.clone(), shape));
        } else if !shape.adapter {
            of_folder.for_each(|subject| subject.show(shape.clone()));
        }
    }
    for fact in facts {
        if let FactKind::GenerationConfig(generation) = &fact.kind {
            let folder = fact.path.parent().unwrap_or_default();
            for subject in found.iter_mut().filter(|subject| subject.folder == folder) {
                subject.generate(&fact.path, generation);
            }
        }
    }
    let whole: Vec<RepoPath> = found.iter().map(|subject| subject.folder.clone()).collect();
    for subject in &mut found {
        subject.quantised |= quantised.contains(&subject.folder);
        subject.part = parts.contains(&subject.folder) || is_part(&subject.folder, &whole);
    }
    found.sort_by(|one, two| {
        (one.part, one.folder.depth(), &one.path).cmp(&(two.part, two.folder.depth(), &two.path))
    });
    if let Some(next) = found.get(MOST) {
        problems.push(Problem {
            path: next.path.clone(),
            line: None,
            kind: ProblemKind::Oversized,
            what: format!(
                "{} files describe models here, of which the first {MOST} were compared with the catalog",
                found.len()
            ),
            remedy: "check the folders of the other models one by one".to_owned(),
        });
        found.truncate(MOST);
    }
    found
}

/// Whether a folder's name is that of a part, and a model or pipeline stands above it.
fn is_part(folder: &RepoPath, models: &[RepoPath]) -> bool {
    let name = String::from_utf8_lossy(folder.file_name()).to_ascii_lowercase();
    PARTS.contains(&name.as_str())
        && models.iter().any(|other| other != folder && (other.is_root() || folder.is_within(other)))
}
