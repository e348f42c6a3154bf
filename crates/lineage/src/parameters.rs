//! Parameters counted from the shapes of tensors, or from a configuration.
//!
//! By configuration only for architectures whose tensors follow from it: for any other there is no number rather than a wrong
//! one. The formulas add up the weights that the model classes of the `transformers` library create (`modeling_<model_type>.py`,
//! version 4.57); the tests hold them to the numbers that the publishers state.

use forebear_types::config::{ConfigField as Field, ConfigValue};
use forebear_types::fact::{Fact, ModelConfig};
use forebear_types::lineage::{Hop, Lineage, Strength};
use forebear_types::run::{CountedFrom, ModelSize, Parameters};
use forebear_types::{Location, RepoPath};

use crate::catalog::Catalog;
use crate::subject::{Subject, subjects};
use crate::tensors::TensorShape;

/// The sizes of the models among the facts, in order of the facts: by the shapes of all tensors where they are there and not
/// packed, else by the configuration.
///
/// A model whose architecture has an unknown name is counted as its proven base is: equal dimensions have equal tensors.
pub fn sizes(catalog: &Catalog, facts: &[Fact], lineage: &Lineage) -> Vec<ModelSize> {
    let mut sizes = Vec::new();
    for subject in subjects(facts, &mut Vec::new()) {
        let model_type = subject.config.and_then(|config| config.model_type.as_ref());
        let by_shapes = subject.shape.as_ref().and_then(|shape| by_shapes(&subject, shape));
        let counted = match by_shapes {
            Some(parameters) => Some((parameters, CountedFrom::Shapes)),
            None => subject.config.and_then(|config| {
                let parameters = count(config).or_else(|| {
                    let named = of_base(catalog, lineage, &subject.folder)?;
                    count_as(config, named)
                })?;
                Some((parameters, CountedFrom::Configuration))
            }),
        };
        let Some((parameters, counted_from)) = counted else { continue };
        let location = match model_type {
            Some(name) => Location::of(&subject.path, name),
            None => Location::file(subject.path.clone()),
        };
        let model_type = model_type.map(|name| name.value.clone()).unwrap_or_default();
        sizes.push(ModelSize { location, model_type, parameters, counted_from });
    }
    sizes.sort();
    sizes.dedup_by(|one, two| one.location.path == two.location.path);
    sizes
}

/// Counts by shapes; `None` where a mixture does not say how many experts a token takes.
fn by_shapes(subject: &Subject<'_>, shape: &TensorShape) -> Option<Parameters> {
    let elements = shape.elements?;
    let resting = match subject.whole(Field::Experts).filter(|experts| *experts > 1) {
        None if elements.routed_experts > 0 => return None,
        None => 0,
        Some(experts) => {
            let chosen = subject.whole(Field::ExpertsPerToken)?.min(experts);
            // Experts of one layer are equal, so that their sum divides by their number.
            (elements.routed_experts / experts).checked_mul(experts - chosen)?
        }
    };
    // The input embedding takes no part, unless it is the output layer too.
    let input = if shape.own_output == Some(true) { elements.embedding } else { 0 };
    Some(Parameters { total: elements.all, active: elements.all.checked_sub(resting)?.checked_sub(input)? })
}

/// The architecture of the base that a folder's model has, if that is proven.
fn of_base(catalog: &Catalog, lineage: &Lineage, folder: &RepoPath) -> Option<&'static str> {
    let proven = |hop: &&Hop| {
        hop.child.is_none()
            && hop.strength >= Strength::Structural
            && (hop.subject == *folder || hop.subject.is_root())
    };
    let hop = lineage.hops.iter().find(proven)?;
    catalog.find(hop.candidates.first()?.model.as_str())?.model_type
}

/// Counts the parameters of a language model; `None` where the architecture is not known or a dimension is missing or out of
/// range.
pub fn count(config: &ModelConfig) -> Option<Parameters> {
    count_as(config, config.model_type.as_ref()?.value.as_str())
}

fn count_as(config: &ModelConfig, model_type: &str) -> Option<Parameters> {
    let model = Model { config, model_type };
    if !model.is_plain() {
        return None;
    }
    match model_type {
        "llama" | "mistral" | "phi3" => model.decoder(Attention::default(), Feed::Dense),
        "qwen2" => model.decoder(Attention { bias: true, ..Attention::default() }, Feed::Dense),
        "qwen3" => model.decoder(Attention { norms: true, ..Attention::default() }, Feed::Dense),
        "mixtral" => model.decoder(Attention::default(), Feed::Experts(Field::IntermediateSize)),
        "qwen2_moe" => model.decoder(
            Attention { bias: true, ..Attention::default() },
            Feed::Experts(Field::ExpertIntermediateSize),
        ),
        "qwen3_moe" => model.decoder(
            Attention { norms: true, ..Attention::default() },
            Feed::Experts(Field::ExpertIntermediateSize),
        ),
        // Kimi K2 is of DeepSeek-V3's class under a name of its own.
        "deepseek_v2" | "deepseek_v3" | "kimi_k2" => model.decoder(
            Attention { latent: true, ..Attention::default() },
            Feed::Experts(Field::ExpertIntermediateSize),
        ),
        _ => None,
    }
}

/// What the attention has besides its four projections.
#[derive(Clone, Copy, Default)]
struct Attention {
    /// Biases of query, key and value.
    bias: bool,
    /// Norms of query and key heads.
    norms: bool,
    /// Multi-head latent attention (DeepSeek-V2, 2024, section 2.1).
    latent: bool,
}

/// The feed-forward part.
#[derive(Clone, Copy)]
enum Feed {
    Dense,
    /// A mixture of experts, and the field that has the width of one.
    Experts(Field),
}

struct Model<'a> {
    config: &'a ModelConfig,
    model_type: &'a str,
}

/// A dimension above this is no dimension: sums then stay far below the limits of the type.
const MOST: i64 = 1 << 24;

impl Model<'_> {
    fn decoder(&self, attention: Attention, feed: Feed) -> Option<Parameters> {
        let (hidden, layers) = (self.dimension(Field::HiddenSize)?, self.dimension(Field::Layers)?);
        let embedding = self.dimension(Field::VocabularySize)?.checked_mul(hidden)?;
        let head = if self.ties()? { 0 } else { embedding };
        let shared = self.attention(attention, hidden)?.checked_add(2 * hidden)?;
        let (mut total, mut active) = (head.checked_add(hidden)?, embedding.checked_add(hidden)?);
        total = total.checked_add(embedding)?;
        let dense = match feed {
            Feed::Dense => layers,
            Feed::Experts(_) => self.optional(Field::FirstDenseLayers, 0)?.min(layers),
        };
        let wide =
            if dense > 0 { (3 * hidden).checked_mul(self.dimension(Field::IntermediateSize)?)? } else { 0 };
        let (all, chosen) = match feed {
            Feed::Dense => (0, 0),
            Feed::Experts(width) => self.experts(width, hidden)?,
        };
        let sparse = layers - dense;
        let both = layers.checked_mul(shared)?.checked_add(dense.checked_mul(wide)?)?;
        total = total.checked_add(both)?.checked_add(sparse.checked_mul(all)?)?;
        active = active.checked_add(both)?.checked_add(sparse.checked_mul(chosen)?)?;
        Some(Parameters { total, active })
    }

    fn attention(&self, attention: Attention, hidden: u64) -> Option<u64> {
        let heads = self.dimension(Field::AttentionHeads)?;
        if attention.latent {
            return self.latent_attention(hidden, heads);
        }
        let pairs = self.optional(Field::KeyValueHeads, heads)?;
        // The class of Qwen3 has 128 where the others divide.
        let plain = if attention.norms { 128 } else { hidden / heads };
        let size = self.optional(Field::HeadDimension, plain)?;
        let (query, pair) = (heads.checked_mul(size)?, pairs.checked_mul(size)?);
        let matrices = hidden.checked_mul(2 * query + 2 * pair)?;
        let bias = if attention.bias { query + 2 * pair } else { 0 };
        let norms = if attention.norms { 2 * size } else { 0 };
        matrices.checked_add(bias + norms)
    }

    fn latent_attention(&self, hidden: u64, heads: u64) -> Option<u64> {
        let (nope, rope) = (
            self.dimension(Field::QueryKeyNopeHeadDimension)?,
            self.dimension(Field::QueryKeyRopeHeadDimension)?,
        );
        let (value, rank) =
            (self.dimension(Field::ValueHeadDimension)?, self.dimension(Field::KeyValueLoraRank)?);
        let query = heads.checked_mul(nope + rope)?;
        // DeepSeek-V2-Lite projects the query directly.
        let query = match self.optional(Field::QueryLoraRank, 0)? {
            0 => hidden.checked_mul(query)?,
            rank => hidden.checked_mul(rank)?.checked_add(rank)?.checked_add(rank.checked_mul(query)?)?,
        };
        let compressed = hidden.checked_mul(rank + rope)?.checked_add(rank)?;
        let expanded = rank.checked_mul(heads.checked_mul(nope + value)?)?;
        let output = heads.checked_mul(value)?.checked_mul(hidden)?;
        query.checked_add(compressed)?.checked_add(expanded)?.checked_add(output)
    }

    /// The weights of one layer of experts: all, and those of one token.
    fn experts(&self, width: Field, hidden: u64) -> Option<(u64, u64)> {
        // Layers with experts that alternate with dense ones are counted for no family here.
        if self.optional(Field::ExpertLayerStep, 1)? != 1 {
            return None;
        }
        let (experts, chosen) = (self.dimension(Field::Experts)?, self.dimension(Field::ExpertsPerToken)?);
        let one = (3 * hidden).checked_mul(self.dimension(width)?)?;
        let mut shared = self.optional(Field::SharedExperts, 0)?.checked_mul(one)?;
        if let Some(width) = self.stated(Field::SharedExpertIntermediateSize)?.filter(|width| *width > 0) {
            // One expert for all tokens, with a gate of its own.
            shared = (3 * hidden).checked_mul(width)?.checked_add(hidden)?;
        }
        let corrected = matches!(self.model_type, "deepseek_v3" | "kimi_k2");
        let gate = hidden.checked_mul(experts)?.checked_add(if corrected { experts } else { 0 })?;
        let always = shared.checked_add(gate)?;
        Some((
            always.checked_add(experts.checked_mul(one)?)?,
            always.checked_add(chosen.min(experts).checked_mul(one)?)?,
        ))
    }

    /// Whether the configuration is that of a language model alone, without what the formulas do not count: further parts
    /// around it, another head, biases that its family does not have, dense layers in between.
    fn is_plain(&self) -> bool {
        let language_model =
            self.config.architectures.iter().all(|class| class.value.ends_with("ForCausalLM"));
        let has_biases = self.model_type.starts_with("qwen2");
        let biased = matches!(
            self.config.fields.get(&Field::AttentionBias).map(|found| &found.value),
            Some(ConfigValue::Flag(true))
        );
        let text: String = self.config.text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let dense_between =
            text.split_once("\"mlp_only_layers\":[").is_some_and(|(_, rest)| !rest.starts_with(']'));
        self.config.section.is_empty()
            && language_model
            && (has_biases || !biased)
            && !text.contains("\"mlp_bias\":true")
            && !dense_between
    }

    /// Whether the output shares the embedding's weights; the classes counted here share them only where the file says so.
    fn ties(&self) -> Option<bool> {
        match self.config.fields.get(&Field::TieEmbeddings).map(|found| &found.value) {
            None => Some(false),
            Some(ConfigValue::Flag(tied)) => Some(*tied),
            Some(_) => None,
        }
    }

    fn dimension(&self, field: Field) -> Option<u64> {
        self.stated(field)?.filter(|value| *value > 0)
    }

    fn optional(&self, field: Field, absent: u64) -> Option<u64> {
        Some(self.stated(field)?.unwrap_or(absent))
    }

    /// The value of a field: the outer `None` for one that is no dimension.
    fn stated(&self, field: Field) -> Option<Option<u64>> {
        match self.config.fields.get(&field).map(|found| &found.value) {
            None => Some(None),
            Some(ConfigValue::Integer(value)) if (0..=MOST).contains(value) => {
                Some(Some(value.unsigned_abs()))
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_types::{ByteSpan, Located};

    const NOWHERE: ByteSpan = ByteSpan { start: 0, len: 0 };

    fn config(model_type: &str, fields: &[(Field, i64)]) -> ModelConfig {
        let located = |value| Located { value, line: 1, span: NOWHERE };
        ModelConfig {
            model_type: Some(Located { value: model_type.to_owned(), line: 1, span: NOWHERE }),
            fields: fields
                .iter()
                .map(|(field, value)| (*field, located(ConfigValue::Integer(*value))))
                .collect(),
            ..ModelConfig::default()
        }
    }

    /// Millions, rounded, as publishers state them.
    fn millions(config: &ModelConfig) -> (u64, u64) {
        let counted = count(config).unwrap();
        ((counted.total + 500_000) / 1_000_000, (counted.active + 500_000) / 1_000_000)
    }

    fn dense(model_type: &str, [hidden, layers, heads, pairs, wide, words]: [i64; 6]) -> ModelConfig {
        config(
            model_type,
            &[
                (Field::HiddenSize, hidden),
                (Field::Layers, layers),
                (Field::AttentionHeads, heads),
                (Field::KeyValueHeads, pairs),
                (Field::IntermediateSize, wide),
                (Field::VocabularySize, words),
            ],
        )
    }

    /// The totals are those that the Hub shows for the safetensors of each model.
    #[test]
    fn dense_models() {
        let llama2 = dense("llama", [4096, 32, 32, 32, 11008, 32000]);
        assert_eq!(count(&llama2).unwrap().total, 6_738_415_616);
        let llama3 = dense("llama", [4096, 32, 32, 8, 14336, 128_256]);
        assert_eq!(count(&llama3).unwrap().total, 8_030_261_248);
        let qwen = dense("qwen2", [3584, 28, 28, 4, 18944, 152_064]);
        assert_eq!(count(&qwen).unwrap().total, 7_615_616_512);
        let mistral = dense("mistral", [4096, 32, 32, 8, 14336, 32000]);
        assert_eq!(count(&mistral).unwrap().total, 7_241_732_096);
        let qwen3 = dense("qwen3", [4096, 36, 32, 8, 12288, 151_936]);
        assert_eq!(count(&qwen3).unwrap().total, 8_190_735_360);
    }

    /// Mixtral: "46.7B total parameters but only uses 12.9B per token" (Mistral AI, 2023), the input embedding among them.
    /// Qwen3-30B-A3B: 30.5 B, 3.3 B activated (model card). DeepSeek-V3: 671 B, 37 B activated (technical report, 2024).
    #[test]
    fn mixtures_of_experts() {
        let mut mixtral = dense("mixtral", [4096, 32, 32, 8, 14336, 32000]);
        let put = |config: &mut ModelConfig, fields: &[(Field, i64)]| {
            for (field, value) in fields {
                config
                    .fields
                    .insert(*field, Located { value: ConfigValue::Integer(*value), line: 1, span: NOWHERE });
            }
        };
        put(&mut mixtral, &[(Field::Experts, 8), (Field::ExpertsPerToken, 2)]);
        assert_eq!(count(&mixtral).unwrap().total, 46_702_792_704);
        assert_eq!(millions(&mixtral).1, 12_880 - 131);
        let mut qwen = dense("qwen3_moe", [2048, 48, 32, 4, 6144, 151_936]);
        put(
            &mut qwen,
            &[
                (Field::HeadDimension, 128),
                (Field::Experts, 128),
                (Field::ExpertsPerToken, 8),
                (Field::ExpertIntermediateSize, 768),
            ],
        );
        assert_eq!(count(&qwen).unwrap().total, 30_532_122_624);
        let mut deepseek = dense("deepseek_v3", [7168, 61, 128, 128, 18432, 129_280]);
        put(
            &mut deepseek,
            &[
                (Field::QueryLoraRank, 1536),
                (Field::KeyValueLoraRank, 512),
                (Field::QueryKeyNopeHeadDimension, 128),
                (Field::QueryKeyRopeHeadDimension, 64),
                (Field::ValueHeadDimension, 128),
                (Field::Experts, 256),
                (Field::SharedExperts, 1),
                (Field::ExpertsPerToken, 8),
                (Field::ExpertIntermediateSize, 2048),
                (Field::FirstDenseLayers, 3),
            ],
        );
        let (total, active) = millions(&deepseek);
        assert_eq!((total / 1000, (active + 500) / 1000), (671, 37));
    }

    /// A mixture of two layers and four experts, of which a token takes two: by shapes, and with another name by its base.
    #[test]
    fn shapes_are_counted_where_they_are_there() {
        use forebear_types::fact::{FactKind, Tensor, TensorSource, Tensors, WeightsFormat};
        let tensor = |name: &str, shape: &[u64]| Tensor {
            name: name.into(),
            element: "BF16".into(),
            shape: Some(shape.into()),
        };
        let mut tensors =
            vec![tensor("model.embed_tokens.weight", &[100, 8]), tensor("lm_head.weight", &[100, 8])];
        tensors.push(tensor("model.norm.weight", &[8]));
        for layer in 0..2 {
            let name = |rest: &str| format!("model.layers.{layer}.{rest}.weight");
            tensors.push(tensor(&name("input_layernorm"), &[8]));
            tensors.push(tensor(&name("self_attn.q_proj"), &[8, 8]));
            tensors.push(tensor(&name("block_sparse_moe.gate"), &[4, 8]));
            for expert in 0..4 {
                for part in ["w1", "w3"] {
                    tensors
                        .push(tensor(&name(&format!("block_sparse_moe.experts.{expert}.{part}")), &[16, 8]));
                }
                tensors.push(tensor(&name(&format!("block_sparse_moe.experts.{expert}.w2")), &[8, 16]));
            }
        }
        let fact = |path: &str, kind| Fact {
            path: RepoPath::new(path).unwrap(),
            snapshot: forebear_types::Snapshot::WorkTree,
            kind,
        };
        let header = fact(
            "model.safetensors",
            FactKind::Tensors(Tensors {
                source: TensorSource::Header(WeightsFormat::Safetensors),
                tensors,
                metadata: Vec::new(),
                complete: true,
            }),
        );
        let experts = [(Field::HiddenSize, 8), (Field::Layers, 2), (Field::ExpertsPerToken, 2)];
        let facts = [fact("config.json", FactKind::ModelConfig(config("mine", &experts))), header.clone()];
        let [one] = sizes(&Catalog::embedded(), &facts, &Lineage::default()).try_into().unwrap();
        let one: ModelSize = one;
        let (shared, expert) = (8 + 64 + 32, 3 * 128);
        assert_eq!(one.counted_from, CountedFrom::Shapes);
        assert_eq!(
            one.parameters,
            Parameters {
                total: 1600 + 8 + 2 * (shared + 4 * expert),
                active: 800 + 8 + 2 * (shared + 2 * expert)
            }
        );
        assert_eq!(
            sizes(&Catalog::embedded(), &[header], &Lineage::default()),
            [],
            "how many experts is not said"
        );
    }

    #[test]
    fn what_is_not_known_has_no_number() {
        assert_eq!(count(&ModelConfig::default()), None);
        assert_eq!(count(&config("mamba", &[(Field::HiddenSize, 768)])), None);
        let full = dense("llama", [4096, 32, 32, 8, 14336, 128_256]);
        let text = |text: &str| ModelConfig { text: text.into(), ..full.clone() };
        assert!(count(&text("{\"mlp_bias\": false}")).is_some());
        assert_eq!(count(&text("{\"mlp_bias\": true}")), None);
        assert_eq!(count(&text("{\"mlp_only_layers\": [1]}")), None);
        assert_eq!(count(&ModelConfig { section: "text_config".to_owned(), ..full.clone() }), None);
        let class = Located { value: "LlamaForSequenceClassification".to_owned(), line: 1, span: NOWHERE };
        assert_eq!(count(&ModelConfig { architectures: vec![class], ..full.clone() }), None);
        for (field, value) in [(Field::Layers, 0), (Field::HiddenSize, -1), (Field::VocabularySize, i64::MAX)]
        {
            let mut broken = full.clone();
            broken
                .fields
                .insert(field, Located { value: ConfigValue::Integer(value), line: 1, span: NOWHERE });
            assert_eq!(count(&broken), None, "{field:?}");
        }
        // The largest dimensions that are believed do not overflow.
        let most = dense("llama", [MOST; 6]);
        assert!(count(&most).is_none_or(|counted| counted.total > 0));
    }
}
