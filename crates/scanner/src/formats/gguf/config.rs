//! The shape of a model from the keys of its architecture, under the names that `config.json` has.
//!
//! Source of the keys: `gguf-py/gguf/constants.py` of llama.cpp; of what they hold, the `set_gguf_parameters` methods of its
//! converter, `convert_hf_to_gguf.py`.

use std::collections::BTreeMap;

use forebear_types::config::{ConfigField, ConfigFields, ConfigValue};
use forebear_types::fact::ModelConfig;
use forebear_types::{ByteSpan, Located};

use super::Header;
use super::metadata::Metadata;

/// Keys without the architecture before them. Where two stand for one field, the first that is there counts.
const KEYS: &[(&str, ConfigField)] = &[
    ("embedding_length", ConfigField::HiddenSize),
    ("block_count", ConfigField::Layers),
    ("vocab_size", ConfigField::VocabularySize),
    ("feed_forward_length", ConfigField::IntermediateSize),
    ("attention.head_count", ConfigField::AttentionHeads),
    ("attention.head_count_kv", ConfigField::KeyValueHeads),
    ("attention.key_length", ConfigField::HeadDimension),
    ("expert_count", ConfigField::Experts),
    ("expert_shared_count", ConfigField::SharedExperts),
    ("expert_feed_forward_length", ConfigField::ExpertIntermediateSize),
    ("expert_shared_feed_forward_length", ConfigField::SharedExpertIntermediateSize),
    ("leading_dense_block_count", ConfigField::FirstDenseLayers),
    ("moe_every_n_layers", ConfigField::ExpertLayerStep),
    ("attention.q_lora_rank", ConfigField::QueryLoraRank),
    ("attention.kv_lora_rank", ConfigField::KeyValueLoraRank),
    ("nextn_predict_layers", ConfigField::NextTokenLayers),
    ("decoder_block_count", ConfigField::DecoderLayers),
    ("ssm.state_size", ConfigField::StateSize),
    ("attention.indexer.head_count", ConfigField::IndexHeads),
    ("attention.indexer.key_length", ConfigField::IndexHeadDimension),
    ("expert_used_count", ConfigField::ExpertsPerToken),
    ("expert_group_count", ConfigField::ExpertGroups),
    ("expert_group_used_count", ConfigField::ExpertGroupsPerToken),
    ("expert_weights_scale", ConfigField::RoutedScalingFactor),
    ("context_length", ConfigField::MaxPositions),
    ("rope.freq_base", ConfigField::RopeTheta),
    ("attention.layer_norm_rms_epsilon", ConfigField::NormEpsilon),
    ("attention.layer_norm_epsilon", ConfigField::NormEpsilon),
    ("attention.sliding_window", ConfigField::SlidingWindow),
];

/// Keys of the tokenizer that `config.json` has, too.
const TOKENS: &[(&str, ConfigField)] = &[
    ("tokenizer.ggml.bos_token_id", ConfigField::BosToken),
    ("tokenizer.ggml.eos_token_id", ConfigField::EosToken),
    ("tokenizer.ggml.padding_token_id", ConfigField::PadToken),
    ("tokenizer.ggml.token_type_count", ConfigField::TypeVocabularySize),
];

/// Architectures and the `model_type` of the configurations that are converted to them, where the two differ.
///
/// It is a hint: `llama` stands for everything that is built as LLaMA is (Mistral, Mixtral, Yi), and `deepseek2` for all models
/// with DeepSeek's latent attention.
const MODEL_TYPES: &[(&str, &str)] = &[
    ("chatglm", "chatglm"),
    ("command-r", "cohere"),
    ("ernie4_5-moe", "ernie4_5_moe"),
    ("exaone-moe", "exaone_moe"),
    ("falcon-h1", "falcon_h1"),
    ("glm-dsa", "glm_moe_dsa"),
    ("glm4moe", "glm4_moe"),
    ("gpt-oss", "gpt_oss"),
    ("gptneox", "gpt_neox"),
    ("granitehybrid", "granitemoehybrid"),
    ("hunyuan-dense", "hunyuan_v1_dense"),
    ("hunyuan-moe", "hunyuan_v1_moe"),
    ("kimi-linear", "kimi_linear"),
    ("lfm2moe", "lfm2_moe"),
    ("mimo2", "mimo_v2_flash"),
    ("minimax-m2", "minimax_m2"),
    ("nemotron_h_moe", "nemotron_h"),
    ("phi2", "phi"),
    ("qwen2moe", "qwen2_moe"),
    ("qwen2vl", "qwen2_vl"),
    ("qwen35", "qwen3_5"),
    ("qwen35moe", "qwen3_5_moe"),
    ("qwen3moe", "qwen3_moe"),
    ("qwen3next", "qwen3_next"),
    ("qwen3vl", "qwen3_vl"),
    ("qwen3vlmoe", "qwen3_vl_moe"),
    ("starcoder", "gpt_bigcode"),
];

/// Numbers that are 0 where the architecture has no such part: not stated.
fn counts(field: ConfigField) -> bool {
    field != ConfigField::FirstDenseLayers && (field.is_shape() || field == ConfigField::ExpertsPerToken)
}

/// The configuration; `None` where the keys name no shape of a language model (a vision projector, an adapter, a later part of a
/// split model).
pub(super) fn model_config(
    architecture: &str,
    metadata: &Metadata,
    header: &mut Header<'_, '_>,
) -> Option<ModelConfig> {
    let mut found: BTreeMap<ConfigField, ConfigValue> = BTreeMap::new();
    for (key, field) in KEYS {
        let Some(value) = metadata.number(&format!("{architecture}.{key}"), header) else { continue };
        if !(counts(*field) && value.number() == Some(0.0)) {
            found.entry(*field).or_insert(value);
        }
    }
    if !found.contains_key(&ConfigField::HiddenSize) || !found.contains_key(&ConfigField::Layers) {
        return None;
    }
    for (key, field) in TOKENS {
        if let Some(value) = metadata.number(key, header) {
            found.insert(*field, value);
        }
    }
    if let Some(count) = metadata.vocabulary.count {
        // The converter pads the list to the rows of the embedding.
        found.insert(ConfigField::VocabularySize, ConfigValue::Integer(count.try_into().ok()?));
    }
    let mut own = |key: &str| metadata.integer(&format!("{architecture}.{key}"), header);
    layers(&mut found);
    let rotated = own("rope.dimension_count");
    if found.contains_key(&ConfigField::KeyValueLoraRank) {
        latent_attention(&mut found, rotated, &mut own);
    } else if let Some(rotated) = rotated {
        partial_rotation(architecture, &mut found, rotated);
    }
    if architecture == "llama4" {
        // `intermediate_size` of Llama 4 is that of an expert; the dense layers' is `intermediate_size_mlp`.
        if let Some(size) = found.get(&ConfigField::ExpertIntermediateSize).cloned() {
            found.insert(ConfigField::IntermediateSize, size);
        }
        if let Some(step) = own("interleave_moe_layer_step") {
            found.insert(ConfigField::ExpertLayerStep, ConfigValue::Integer(step));
        }
    }
    if architecture == "gemma4"
        && let Some(length) = own("attention.key_length_swa")
    {
        // `head_dim` of Gemma 4 is that of its local layers; the others' is `global_head_dim`.
        found.insert(ConfigField::HeadDimension, ConfigValue::Integer(length));
    }
    let gating = own("expert_gating_func");
    let fields: ConfigFields = found.into_iter().map(|(field, value)| (field, located(value))).collect();
    Some(ModelConfig {
        model_type: Some(located(model_type(architecture, gating).to_owned())),
        fields,
        ..ModelConfig::default()
    })
}

/// Blocks for the prediction of further tokens are counted among the blocks; `num_hidden_layers` does not count them.
fn layers(found: &mut BTreeMap<ConfigField, ConfigValue>) {
    let predicting = found.get(&ConfigField::NextTokenLayers).cloned();
    if let (Some(ConfigValue::Integer(predicting)), Some(ConfigValue::Integer(layers))) =
        (predicting, found.get_mut(&ConfigField::Layers))
        && (0..*layers).contains(&predicting)
    {
        *layers -= predicting;
    }
}

/// DeepSeek's latent attention. The converter stores it as attention with one key-value head that is as wide as the latent rank,
/// and the widths before compression under `…_mla`; earlier ones stored those in their place. `config.json` gives the heads
/// before compression, as many as there are query heads.
fn latent_attention(
    found: &mut BTreeMap<ConfigField, ConfigValue>,
    rotated: Option<i64>,
    own: &mut dyn FnMut(&str) -> Option<i64>,
) {
    found.remove(&ConfigField::HeadDimension);
    let absorbed = own("attention.key_length_mla");
    let (key, value) = match absorbed {
        Some(key) => (Some(key), own("attention.value_length_mla")),
        None => (own("attention.key_length"), own("attention.value_length")),
    };
    if absorbed.is_some()
        && let Some(heads) = found.get(&ConfigField::AttentionHeads).cloned()
    {
        found.insert(ConfigField::KeyValueHeads, heads);
    }
    let mut set = |field, number: Option<i64>| {
        if let Some(number) = number.filter(|number| *number > 0) {
            found.insert(field, ConfigValue::Integer(number));
        }
    };
    set(ConfigField::QueryKeyRopeHeadDimension, rotated);
    set(
        ConfigField::QueryKeyNopeHeadDimension,
        key.zip(rotated).and_then(|(key, part)| key.checked_sub(part)),
    );
    set(ConfigField::ValueHeadDimension, value);
}

/// The part of a head that is rotated, where it is not all of it. GPT-J's configuration gives the number of dimensions instead.
fn partial_rotation(architecture: &str, found: &mut BTreeMap<ConfigField, ConfigValue>, rotated: i64) {
    let number = |field| found.get(&field).and_then(ConfigValue::number);
    let head = number(ConfigField::HeadDimension)
        .or_else(|| Some(number(ConfigField::HiddenSize)? / number(ConfigField::AttentionHeads)?));
    let Some(head) = head.filter(|head| *head >= 1.0) else { return };
    let value = match rotated as f64 / head {
        _ if architecture == "gptj" => ConfigValue::Integer(rotated),
        part if part > 0.0 && part < 1.0 => ConfigValue::Real(format!("{part:?}")),
        _ => return,
    };
    found.insert(ConfigField::PartialRotaryFactor, value);
}

/// `expert_gating_func` 2 is the sigmoid that came with DeepSeek-V3; V2 weighs its experts by softmax.
fn model_type(architecture: &str, gating: Option<i64>) -> &str {
    match (architecture, gating) {
        ("deepseek2", Some(2)) => "deepseek_v3",
        ("deepseek2", _) => "deepseek_v2",
        _ => {
            MODEL_TYPES.iter().find(|(name, _)| *name == architecture).map_or(architecture, |(_, name)| name)
        }
    }
}

pub(super) fn located<T>(value: T) -> Located<T> {
    Located { value, line: 0, span: ByteSpan { start: 0, len: 0 } }
}
