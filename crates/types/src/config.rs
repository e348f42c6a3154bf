//! The canonical fields of a model configuration.
//!
//! Families name the same dimension differently (`hidden_size`, `n_embd`, `d_model`). Readers and the base-model
//! catalog both translate to [`ConfigField`], so that configurations can be compared field by field.

use std::collections::BTreeMap;

use crate::Located;

/// A field of a model configuration under its canonical name.
///
/// *Shape* fields follow from the shapes or the number of the tensors: a publisher cannot change them without changing
/// the weights. *Setting* fields are read at run time and may be changed by a fine-tune or by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each variant is documented by its canonical key in ConfigField::key")]
pub enum ConfigField {
    HiddenSize,
    Layers,
    VocabularySize,
    IntermediateSize,
    AttentionHeads,
    KeyValueHeads,
    HeadDimension,
    Experts,
    SharedExperts,
    ExpertIntermediateSize,
    SharedExpertIntermediateSize,
    FirstDenseLayers,
    ExpertLayerStep,
    QueryLoraRank,
    KeyValueLoraRank,
    QueryKeyNopeHeadDimension,
    QueryKeyRopeHeadDimension,
    ValueHeadDimension,
    NextTokenLayers,
    DecoderLayers,
    StateSize,
    EmbeddingSize,
    TypeVocabularySize,
    IndexHeads,
    IndexHeadDimension,
    ExpertsPerToken,
    ExpertGroups,
    ExpertGroupsPerToken,
    RoutedScalingFactor,
    MaxPositions,
    RopeTheta,
    RopeScalingType,
    RopeScalingFactor,
    RopeScalingOriginal,
    PartialRotaryFactor,
    NormEpsilon,
    SlidingWindow,
    TieEmbeddings,
    AttentionBias,
    BosToken,
    EosToken,
    PadToken,
}

/// Canonical key, other keys of the same meaning, and whether tensor shapes fix the value.
///
/// Sources of the aliases: the configuration classes of the families named on each line, as recorded in the base-model
/// catalog (`crates/lineage/catalog/`).
const FIELDS: &[(ConfigField, &str, &[&str], bool)] = &[
    // GPT-2 `n_embd`, BLOOM `n_embed`, MPT and T5 `d_model`.
    (ConfigField::HiddenSize, "hidden_size", &["n_embd", "n_embed", "d_model", "dim"], true),
    // GPT-2 `n_layer`, ChatGLM and T5 `num_layers`, MPT and Meta's params.json `n_layers`, DBRX `n_layers`, BART, mBART, Marian and
    // Whisper `encoder_layers`.
    (
        ConfigField::Layers,
        "num_hidden_layers",
        &["n_layer", "n_layers", "num_layers", "encoder_layers"],
        true,
    ),
    // ChatGLM `padded_vocab_size` is the number of rows of the embedding.
    (ConfigField::VocabularySize, "vocab_size", &["padded_vocab_size"], true),
    // GPT-2 `n_inner`, ChatGLM and Falcon `ffn_hidden_size`, the first ChatGLM `inner_hidden_size`, T5 `d_ff`, OPT `ffn_dim`,
    // BART, mBART, Marian and Whisper `encoder_ffn_dim`.
    (
        ConfigField::IntermediateSize,
        "intermediate_size",
        &["n_inner", "ffn_hidden_size", "inner_hidden_size", "d_ff", "ffn_dim", "encoder_ffn_dim"],
        true,
    ),
    // BART, mBART, Marian and Whisper `encoder_attention_heads`.
    (
        ConfigField::AttentionHeads,
        "num_attention_heads",
        &["n_head", "n_heads", "num_heads", "encoder_attention_heads"],
        true,
    ),
    // Falcon `num_kv_heads`, ChatGLM `multi_query_group_num`, Meta's params.json `n_kv_heads`, DBRX and MPT `kv_n_heads`,
    // NeMo `num_query_groups`.
    (
        ConfigField::KeyValueHeads,
        "num_key_value_heads",
        &[
            "num_kv_heads",
            "n_head_kv",
            "n_kv_heads",
            "multi_query_group_num",
            "kv_n_heads",
            "num_query_groups",
        ],
        true,
    ),
    // ChatGLM `kv_channels`, T5 `d_kv`.
    (ConfigField::HeadDimension, "head_dim", &["kv_channels", "d_kv", "attention_head_dim"], true),
    // Megatron and NeMo `num_moe_experts`; Mixtral `num_local_experts`, Qwen MoE `num_experts`, ERNIE `moe_num_experts`.
    (
        ConfigField::Experts,
        "n_routed_experts",
        &["num_local_experts", "num_experts", "moe_num_experts", "num_routed_experts", "num_moe_experts"],
        true,
    ),
    (ConfigField::SharedExperts, "n_shared_experts", &["num_shared_experts"], true),
    (ConfigField::ExpertIntermediateSize, "moe_intermediate_size", &[], true),
    (ConfigField::SharedExpertIntermediateSize, "shared_expert_intermediate_size", &[], true),
    (ConfigField::FirstDenseLayers, "first_k_dense_replace", &[], true),
    (ConfigField::ExpertLayerStep, "moe_layer_freq", &["decoder_sparse_step"], true),
    (ConfigField::QueryLoraRank, "q_lora_rank", &[], true),
    (ConfigField::KeyValueLoraRank, "kv_lora_rank", &[], true),
    (ConfigField::QueryKeyNopeHeadDimension, "qk_nope_head_dim", &[], true),
    (ConfigField::QueryKeyRopeHeadDimension, "qk_rope_head_dim", &[], true),
    (ConfigField::ValueHeadDimension, "v_head_dim", &[], true),
    // Layers for multi-token prediction are left out by many derivatives, so their number is a setting.
    (ConfigField::NextTokenLayers, "num_nextn_predict_layers", &[], false),
    (ConfigField::DecoderLayers, "num_decoder_layers", &["decoder_layers"], true),
    (ConfigField::StateSize, "ssm_state_size", &["state_size"], true),
    (ConfigField::EmbeddingSize, "embedding_size", &["word_embed_proj_dim"], true),
    (ConfigField::TypeVocabularySize, "type_vocab_size", &[], true),
    // DeepSeek-V3.2's sparse attention has an indexer of its own.
    (ConfigField::IndexHeads, "index_n_heads", &[], true),
    (ConfigField::IndexHeadDimension, "index_head_dim", &[], true),
    (
        ConfigField::ExpertsPerToken,
        "num_experts_per_tok",
        &["moe_topk", "moe_top_k", "moe_k", "num_selected_experts", "moe_router_topk"],
        false,
    ),
    (ConfigField::ExpertGroups, "n_group", &[], false),
    (ConfigField::ExpertGroupsPerToken, "topk_group", &[], false),
    (ConfigField::RoutedScalingFactor, "routed_scaling_factor", &[], false),
    (
        ConfigField::MaxPositions,
        "max_position_embeddings",
        &["n_positions", "n_ctx", "seq_length", "max_seq_len", "max_sequence_length", "encoder_seq_length"],
        false,
    ),
    (ConfigField::RopeTheta, "rope_theta", &["rotary_emb_base", "rotary_base"], false),
    // Members of `rope_scaling`, or of `rope_parameters` in newer files.
    (ConfigField::RopeScalingType, "rope_scaling.rope_type", &["rope_scaling.type"], false),
    (ConfigField::RopeScalingFactor, "rope_scaling.factor", &[], false),
    (ConfigField::RopeScalingOriginal, "rope_scaling.original_max_position_embeddings", &[], false),
    // `rotary_dim` (GPT-J, Phi-1, MiniMax) is no other name: it counts dimensions of a head, see [`rotary_share`].
    (ConfigField::PartialRotaryFactor, "partial_rotary_factor", &["rotary_pct", "rotary_percentage"], false),
    (
        ConfigField::NormEpsilon,
        "rms_norm_eps",
        &["layer_norm_epsilon", "layer_norm_eps", "layernorm_epsilon", "norm_eps", "norm_epsilon"],
        false,
    ),
    (ConfigField::SlidingWindow, "sliding_window", &[], false),
    (ConfigField::TieEmbeddings, "tie_word_embeddings", &["share_embeddings_and_output_weights"], false),
    (ConfigField::AttentionBias, "attention_bias", &["qkv_bias", "add_qkv_bias"], false),
    (ConfigField::BosToken, "bos_token_id", &[], false),
    (ConfigField::EosToken, "eos_token_id", &[], false),
    (ConfigField::PadToken, "pad_token_id", &[], false),
];

impl ConfigField {
    /// All fields, in their canonical order.
    pub fn all() -> impl Iterator<Item = Self> {
        FIELDS.iter().map(|(field, ..)| *field)
    }

    /// The field that a key of a configuration file stands for.
    pub fn from_key(key: &str) -> Option<Self> {
        FIELDS
            .iter()
            .find(|(_, canonical, aliases, _)| *canonical == key || aliases.contains(&key))
            .map(|(field, ..)| *field)
    }

    /// The canonical key: the one that most families on the Hub use.
    pub fn key(self) -> &'static str {
        self.entry().1
    }

    /// Whether the shapes or the number of tensors fix the value.
    pub fn is_shape(self) -> bool {
        self.entry().3
    }

    fn entry(self) -> &'static (Self, &'static str, &'static [&'static str], bool) {
        // Every variant has a row; the test below holds the table to the order of the enum.
        &FIELDS[self as usize]
    }
}

/// Key of the number of rotary dimensions of a head (GPT-J, CodeGen, Phi-1, MiniMax).
pub const ROTARY_DIMENSIONS: &str = "rotary_dim";

/// The share of a head's dimensions that rotate, [`ConfigField::PartialRotaryFactor`], from their number. Where a head's dimension is
/// not stated it is hidden size by heads: so the classes that state a number compute it. `None` if the number is none of a head's.
///
/// Source: huggingface/transformers, `modeling_gptj.py`, `modeling_codegen.py`, `convert_phi_weights_to_hf.py`.
pub fn rotary_share(
    dimensions: u64,
    head: Option<u64>,
    hidden: Option<u64>,
    heads: Option<u64>,
) -> Option<f64> {
    let whole = |(hidden, heads): (u64, u64)| (heads > 0 && hidden % heads == 0).then(|| hidden / heads);
    let head = head.or_else(|| hidden.zip(heads).and_then(whole))?;
    (dimensions > 0 && dimensions <= head).then(|| dimensions as f64 / head as f64)
}

/// A value in a model configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigValue {
    /// A whole number.
    Integer(i64),
    /// Another number, in the shortest decimal form that reads back as the same 64-bit number (`1e-6`).
    Real(String),
    /// A truth value.
    Flag(bool),
    /// Whole numbers in a list (`eos_token_id` is one number or several).
    Integers(Vec<i64>),
    /// A text.
    Text(String),
}

impl ConfigValue {
    /// Whether both are the same number, text or truth value; `1` and `1.0` are the same number.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self.number(), other.number()) {
            (Some(one), Some(two)) => one == two,
            _ => self == other,
        }
    }

    /// The value as a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Real(text) => text.parse().ok(),
            Self::Flag(_) | Self::Integers(_) | Self::Text(_) => None,
        }
    }
}

impl std::fmt::Display for ConfigValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(text) | Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Integers(numbers) => {
                let parts: Vec<String> = numbers.iter().map(i64::to_string).collect();
                write!(f, "[{}]", parts.join(", "))
            }
        }
    }
}

/// The fields that a configuration states, each with its place.
pub type ConfigFields = BTreeMap<ConfigField, Located<ConfigValue>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_enum_and_keys_are_unique() {
        for (index, (field, ..)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, index);
        }
        let mut keys: Vec<&str> = FIELDS
            .iter()
            .flat_map(|(_, key, aliases, _)| std::iter::once(*key).chain(aliases.iter().copied()))
            .collect();
        keys.sort_unstable();
        let count = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), count, "a key stands for two fields");
    }

    #[test]
    fn rotary_dimensions_are_a_share_of_a_head() {
        // GPT-J-6B: 64 of 4096 / 16; Phi-1: 32 of 2048 / 32; MiniMax-M2: 64 of 128.
        assert_eq!(rotary_share(64, None, Some(4096), Some(16)), Some(0.25));
        assert_eq!(rotary_share(32, None, Some(2048), Some(32)), Some(0.5));
        assert_eq!(rotary_share(64, Some(128), Some(3072), Some(48)), Some(0.5));
        assert_eq!(rotary_share(64, None, Some(4096), None), None);
        assert_eq!(rotary_share(64, None, Some(4096), Some(0)), None);
        assert_eq!(rotary_share(512, Some(128), None, None), None, "more than a head has");
    }

    #[test]
    fn numbers_compare_by_value() {
        assert!(ConfigValue::Integer(10_000).same_as(&ConfigValue::Real("10000.0".into())));
        assert!(!ConfigValue::Integer(1).same_as(&ConfigValue::Flag(true)));
        assert_eq!(ConfigField::from_key("n_embd"), Some(ConfigField::HiddenSize));
        assert!(!ConfigField::RopeTheta.is_shape());
    }
}
