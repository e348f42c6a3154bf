//! Parameters counted from a configuration.
//!
//! Only for architectures whose tensors follow from the configuration: for any other there is no number rather than a wrong
//! one. The formulas add up the weights that the model classes of the `transformers` library create (`modeling_<model_type>.py`,
//! version 4.57); the tests hold them to the numbers that the publishers state.

use forebear_types::config::{ConfigField as Field, ConfigValue};
use forebear_types::fact::{Fact, FactKind, ModelConfig};
use forebear_types::run::{ModelSize, Parameters};
use forebear_types::{LineSpan, Location};

/// The sizes of the models among the facts, in order of the facts.
pub fn sizes(facts: &[Fact]) -> Vec<ModelSize> {
    let sizes = facts.iter().filter_map(|fact| {
        let FactKind::ModelConfig(config) = &fact.kind else { return None };
        let model_type = config.model_type.as_ref()?;
        Some(ModelSize {
            location: Location {
                path: fact.path.clone(),
                lines: Some(LineSpan::line(model_type.line)),
                span: Some(model_type.span),
            },
            model_type: model_type.value.clone(),
            parameters: count(config)?,
        })
    });
    sizes.collect()
}

/// Counts the parameters of a language model; `None` where the architecture is not known or a dimension is missing or out of
/// range.
pub fn count(config: &ModelConfig) -> Option<Parameters> {
    let model = Model { config };
    if !model.is_plain() {
        return None;
    }
    match config.model_type.as_ref()?.value.as_str() {
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
        "deepseek_v2" | "deepseek_v3" => model.decoder(
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
        let corrected = self.config.model_type.as_ref().is_some_and(|name| name.value == "deepseek_v3");
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
        let has_biases = self.config.model_type.as_ref().is_some_and(|name| name.value.starts_with("qwen2"));
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
