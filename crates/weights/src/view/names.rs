//! What names say: the vocabulary of the families whose checkpoints are common.
//!
//! Llama-like (and Meta's own), GPT-2, GPT-NeoX and BLOOM, BERT and MiniLM, T5, Whisper, GGUF, CTranslate2, DeepSeek's latent attention,
//! Mixtral's and Qwen's experts. Prefixes never matter.

use super::Role;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// One role.
    Role(Role),
    /// Queries, keys and values, one after the other.
    FusedAttention,
    /// Queries, keys and values of each head, or each group of heads, one after the other.
    FusedByHead,
    /// Keys and values of cross-attention, one after the other.
    FusedCrossKeyValue,
    /// Gate and up, one after the other.
    FusedGateUp,
    /// A norm whose place depends on which other norms the layer has.
    PostAttention,
    /// Known, and without the residual stream on either side: the second halves of latent attention, norms inside heads.
    Inside,
}

/// Whether the tensor is a bias, by the last word of its name.
pub(super) fn is_bias(name: &str) -> bool {
    let last = name.rsplit(['.', '/', ':']).next().unwrap_or(name).to_ascii_lowercase();
    matches!(last.as_str(), "bias" | "beta" | "b")
}

/// Reads a name. `in_layer` tells `output.weight`, the head, from `output`, a part of a layer.
pub(super) fn said(name: &str, in_layer: bool) -> Option<Said> {
    let lower = name.to_ascii_lowercase();
    let mut words: Vec<&str> = lower
        .split(['.', '/', ':'])
        .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    while words.len() > 1 && is_suffix(words[words.len() - 1]) {
        words.pop();
    }
    let last = *words.last()?;
    let before = words.len().checked_sub(2).map_or("", |index| words[index]);
    let has = |part: &str| words.iter().any(|word| word.contains(part));
    let attention = has("attn") || has("attention");
    // CTranslate2 calls cross-attention `attention`, beside `self_attention`, and numbers its matrices.
    let numbered = last.starts_with("linear_") && words.contains(&"attention");
    let cross = has("cross") || has("encoder_attn") || has("encdecattention") || numbered;
    let feed_forward = ["mlp", "ffn", "feed_forward", "densereludense", "experts", "moe", "intermediate"]
        .iter()
        .any(|part| has(part));
    let shared = has("shared_expert") || last.ends_with("_shexp");
    if let Some(norm) = norm(&words, last, before, in_layer, cross, attention) {
        return Some(norm);
    }
    let of_attention = |plain: Role, crossed: Role| Some(Said::Role(if cross { crossed } else { plain }));
    let of_network = |plain: Role, all: Role| Some(Said::Role(if shared { all } else { plain }));
    match last {
        "q_proj" | "wq" | "query" | "attn_q" | "q" | "q_lin" | "to_q" | "query_proj" | "cross_attn_q" => {
            of_attention(Role::Query, Role::CrossQuery)
        }
        "k_proj" | "wk" | "key" | "attn_k" | "k" | "k_lin" | "to_k" | "key_proj" | "cross_attn_k" => {
            of_attention(Role::Key, Role::CrossKey)
        }
        "v_proj" | "wv" | "value" | "attn_v" | "v" | "v_lin" | "to_v" | "value_proj" | "cross_attn_v" => {
            of_attention(Role::Value, Role::CrossValue)
        }
        "o_proj" | "attn_output" | "out_lin" | "to_out" | "o" | "cross_attn_o" => {
            of_attention(Role::Output, Role::CrossOutput)
        }
        "out_proj" | "out" | "attn_out" if in_layer && !feed_forward => {
            of_attention(Role::Output, Role::CrossOutput)
        }
        "q_a_proj" | "attn_q_a" | "wq_a" => Some(Said::Role(Role::QueryDown)),
        "kv_a_proj_with_mqa" | "attn_kv_a_mqa" | "wkv_a" | "kv_a_proj" => {
            Some(Said::Role(Role::KeyValueDown))
        }
        "q_b_proj" | "kv_b_proj" | "attn_q_b" | "attn_kv_b" | "attn_k_b" | "attn_v_b" | "wq_b" | "wkv_b" => {
            Some(Said::Inside)
        }
        "c_attn" | "qkv_proj" | "wqkv" | "in_proj_weight" | "in_proj" | "attn_qkv" | "qkv" | "w_pack"
            if in_layer =>
        {
            Some(Said::FusedAttention)
        }
        "linear_0" if attention && !cross => Some(Said::FusedAttention),
        "linear_0" if attention => Some(Said::Role(Role::CrossQuery)),
        "linear_1" if attention && cross => Some(Said::FusedCrossKeyValue),
        "linear_1" if attention && !cross => Some(Said::Role(Role::Output)),
        "linear_2" if attention && cross => Some(Said::Role(Role::CrossOutput)),
        "linear_0" if feed_forward => Some(Said::Role(Role::Up)),
        "linear_1" if feed_forward => Some(Said::Role(Role::Down)),
        "query_key_value" => Some(Said::FusedByHead),
        "gate_up_proj" | "mlp1_weight" => Some(Said::FusedGateUp),
        "mlp2_weight" => Some(Said::Role(Role::Down)),
        "gate_proj" | "w1" | "ffn_gate" | "wi_0" | "ffn_gate_exps" | "ffn_gate_shexp" => {
            of_network(Role::Gate, Role::SharedGate)
        }
        "up_proj" | "w3" | "ffn_up" | "wi_1" | "wi" | "ffn_up_exps" | "ffn_up_shexp" => {
            of_network(Role::Up, Role::SharedUp)
        }
        "c_fc" | "fc1" | "fc_in" | "lin1" | "dense_h_to_4h" | "linear1" => {
            of_network(Role::Up, Role::SharedUp)
        }
        "down_proj" | "w2" | "ffn_down" | "ffn_down_exps" | "ffn_down_shexp" => {
            of_network(Role::Down, Role::SharedDown)
        }
        "fc2" | "fc_out" | "lin2" | "dense_4h_to_h" | "linear2" => of_network(Role::Down, Role::SharedDown),
        "gate" | "router" | "ffn_gate_inp" if feed_forward => Some(Said::Role(Role::Router)),
        "wo" | "c_proj" | "proj" if feed_forward => of_network(Role::Down, Role::SharedDown),
        "wo" | "c_proj" | "proj" if in_layer => of_attention(Role::Output, Role::CrossOutput),
        "dense" if before == "intermediate" => Some(Said::Role(Role::Up)),
        "dense" if before == "output" && attention => Some(Said::Role(Role::Output)),
        "dense" if before == "output" => Some(Said::Role(Role::Down)),
        "dense" if in_layer && attention => Some(Said::Role(Role::Output)),
        _ if in_layer => None,
        "embed_tokens" | "wte" | "word_embeddings" | "tok_embeddings" | "token_embd" | "shared"
        | "embed_in" | "token_embedding" | "embedding" => Some(Said::Role(Role::Embedding)),
        "embeddings" if !has("position") => Some(Said::Role(Role::Embedding)),
        "wpe" | "position_embeddings" | "embed_positions" | "position_embd" | "positional_embedding" => {
            Some(Said::Role(Role::Position))
        }
        "encodings" if has("position") => Some(Said::Role(Role::Position)),
        "token_type_embeddings" | "token_types" => Some(Said::Role(Role::TokenType)),
        "lm_head" | "embed_out" | "output" | "proj_out" | "unembedding" if words.len() <= 2 => {
            Some(Said::Role(Role::Head))
        }
        _ => None,
    }
}

/// Norms have their own words, and many of them.
fn norm(
    words: &[&str],
    last: &str,
    before: &str,
    in_layer: bool,
    cross: bool,
    attention: bool,
) -> Option<Said> {
    let role = |role| Some(Said::Role(role));
    match last {
        "q_norm" | "k_norm" | "attn_q_norm" | "attn_k_norm" | "q_a_layernorm" | "kv_a_layernorm"
        | "attn_q_a_norm" | "attn_kv_a_norm" | "q_layernorm" | "k_layernorm" | "attn_sub_norm"
        | "ffn_sub_norm" => Some(Said::Inside),
        "input_layernorm"
        | "attn_norm"
        | "attention_norm"
        | "ln_1"
        | "ln_attn"
        | "self_attn_layer_norm"
        | "norm1"
        | "attn_ln"
        | "layer_norm1" => role(Role::NormAttention),
        "pre_feedforward_layernorm" | "ffn_norm" | "ln_2" | "ln_mlp" | "norm2" | "mlp_ln" | "layer_norm2" => {
            role(Role::NormFeedForward)
        }
        "post_feedforward_layernorm"
        | "post_mlp_layernorm"
        | "post_ffw_norm"
        | "layer_output_norm"
        | "output_layer_norm" => role(Role::NormFeedForwardAfter),
        "post_self_attn_layernorm" | "attn_output_norm" | "sa_layer_norm" => role(Role::NormAttentionAfter),
        "post_attention_layernorm" | "post_attention_norm" => Some(Said::PostAttention),
        "encoder_attn_layer_norm" | "cross_attn_ln" => role(Role::NormCross),
        "final_layer_norm" | "final_layernorm" if in_layer => role(Role::NormFeedForward),
        "token_embd_norm" | "word_embeddings_layernorm" | "layernorm_embedding" => role(Role::NormEmbedding),
        "layernorm" | "layer_norm" | "norm" | "layer_norm_weight" => {
            let embeddings = before == "embeddings" || before == "embedding";
            let feed_forward = words.iter().any(|word| word.contains("ff") || *word == "mlp");
            match (in_layer, embeddings) {
                (false, true) => role(Role::NormEmbedding),
                (false, false) => role(Role::NormFinal),
                // BERT norms what a block has added: `attention.output.LayerNorm`, `output.LayerNorm`.
                (true, _) if before == "output" && attention => role(Role::NormAttentionAfter),
                (true, _) if before == "output" => role(Role::NormFeedForwardAfter),
                (true, _) if cross => role(Role::NormCross),
                (true, _) if attention => role(Role::NormAttention),
                (true, _) if feed_forward => role(Role::NormFeedForward),
                (true, _) => None,
            }
        }
        "ln_f" | "output_norm" | "final_layernorm" | "final_layer_norm" | "ln_final" | "ln_post"
        | "final_norm"
            if !in_layer =>
        {
            role(Role::NormFinal)
        }
        _ => None,
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(
        word,
        "weight"
            | "bias"
            | "gamma"
            | "beta"
            | "kernel"
            | "scale"
            | "w"
            | "b"
            | "weight_quantized"
            | "weight_q"
    )
}

#[cfg(test)]
mod tests {
    use super::{Role, Said, said};

    #[test]
    fn families_say_the_same_in_their_own_words() {
        for (name, in_layer, role) in [
            ("model.layers.3.self_attn.q_proj.weight", true, Role::Query),
            ("layers.3.attention.wq.weight", true, Role::Query),
            ("blk.3.attn_q.weight", true, Role::Query),
            ("bert.encoder.layer.3.attention.self.query.weight", true, Role::Query),
            ("decoder.block.3.layer.0.SelfAttention.q.weight", true, Role::Query),
            ("decoder.block.3.layer.1.EncDecAttention.v.weight", true, Role::CrossValue),
            ("model.decoder.layers.1.encoder_attn.out_proj.weight", true, Role::CrossOutput),
            ("model.layers.3.self_attn.kv_a_proj_with_mqa.weight", true, Role::KeyValueDown),
            ("transformer.h.0.attn.c_proj.weight", true, Role::Output),
            ("transformer.h.0.mlp.c_proj.weight", true, Role::Down),
            ("encoder.layer.3.output.dense.weight", true, Role::Down),
            ("encoder.layer.3.attention.output.dense.weight", true, Role::Output),
            ("decoder.block.3.layer.2.DenseReluDense.wo.weight", true, Role::Down),
            ("model.layers.0.block_sparse_moe.experts.7.w3.weight", true, Role::Up),
            ("model.layers.0.mlp.shared_experts.down_proj.weight", true, Role::SharedDown),
            ("blk.0.ffn_gate_inp.weight", true, Role::Router),
            ("decoder/layer_0/attention/linear_2/weight", true, Role::CrossOutput),
            ("decoder/layer_0/self_attention/linear_1/weight", true, Role::Output),
            ("decoder/layer_0/ffn/linear_1/weight", true, Role::Down),
            ("model.norm.weight", false, Role::NormFinal),
            ("encoder.layer.3.output.LayerNorm.weight", true, Role::NormFeedForwardAfter),
            ("embeddings.LayerNorm.bias", false, Role::NormEmbedding),
            ("output.weight", false, Role::Head),
            ("shared.weight", false, Role::Embedding),
        ] {
            assert_eq!(said(name, in_layer), Some(Said::Role(role)), "{name}");
        }
        assert_eq!(said("transformer.h.0.attn.c_attn.weight", true), Some(Said::FusedAttention));
        assert_eq!(said("model.layers.0.self_attn.q_norm.weight", true), Some(Said::Inside));
        assert_eq!(said("model.layers.0.obscure.weight", true), None);
    }
}
