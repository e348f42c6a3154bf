//! One layer of the stack.

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::config::ConfigField;
use forebear_types::fact::Tensor;

use super::experts::{expert_number, numbered_parts};
use super::{TensorShape, is_packed, packed};

/// What a matrix of a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Projection {
    Query,
    Key,
    Value,
    Output,
    /// Queries, keys and values in one matrix.
    Fused,
    Gate,
    Up,
    Down,
    /// Gate and up in one matrix.
    GateUp,
    QueryDown,
    QueryUp,
    KeyValueDown,
    KeyValueUp,
    Router,
}

/// Names of projections in use, each as a whole word of a tensor's name. Sources: the modelling code of the families in the
/// catalog, Meta's and Mistral's own layouts (`wq`, `w1`), and the tensor names of GGUF (`attn_q`, `ffn_up`; `gguf-py/gguf/constants.py`
/// of ggml-org/llama.cpp).
const NAMES: &[(&str, Projection)] = &[
    ("q_proj", Projection::Query),
    ("attn_q", Projection::Query),
    ("wq", Projection::Query),
    ("query", Projection::Query),
    ("q_lin", Projection::Query),
    ("q", Projection::Query),
    ("k_proj", Projection::Key),
    ("attn_k", Projection::Key),
    ("wk", Projection::Key),
    ("key", Projection::Key),
    ("k_lin", Projection::Key),
    ("k", Projection::Key),
    ("v_proj", Projection::Value),
    ("attn_v", Projection::Value),
    ("wv", Projection::Value),
    ("value", Projection::Value),
    ("v_lin", Projection::Value),
    ("v", Projection::Value),
    ("o_proj", Projection::Output),
    ("attn_output", Projection::Output),
    ("wo", Projection::Output),
    ("out_proj", Projection::Output),
    ("qkv_proj", Projection::Fused),
    ("attn_qkv", Projection::Fused),
    ("c_attn", Projection::Fused),
    ("query_key_value", Projection::Fused),
    ("Wqkv", Projection::Fused),
    ("wqkv", Projection::Fused),
    ("W_pack", Projection::Fused),
    ("gate_proj", Projection::Gate),
    ("ffn_gate", Projection::Gate),
    ("ffn_gate_exps", Projection::Gate),
    ("w1", Projection::Gate),
    ("wi_0", Projection::Gate),
    ("up_proj", Projection::Up),
    ("ffn_up", Projection::Up),
    ("ffn_up_exps", Projection::Up),
    ("w3", Projection::Up),
    ("wi_1", Projection::Up),
    ("wi", Projection::Up),
    ("c_fc", Projection::Up),
    ("fc1", Projection::Up),
    ("fc_in", Projection::Up),
    ("lin1", Projection::Up),
    ("dense_h_to_4h", Projection::Up),
    ("down_proj", Projection::Down),
    ("ffn_down", Projection::Down),
    ("ffn_down_exps", Projection::Down),
    ("w2", Projection::Down),
    ("fc2", Projection::Down),
    ("fc_out", Projection::Down),
    ("lin2", Projection::Down),
    ("dense_4h_to_h", Projection::Down),
    ("gate_up_proj", Projection::GateUp),
    ("q_a_proj", Projection::QueryDown),
    ("attn_q_a", Projection::QueryDown),
    ("q_b_proj", Projection::QueryUp),
    ("attn_q_b", Projection::QueryUp),
    ("kv_a_proj_with_mqa", Projection::KeyValueDown),
    ("attn_kv_a_mqa", Projection::KeyValueDown),
    ("kv_b_proj", Projection::KeyValueUp),
    ("attn_kv_b", Projection::KeyValueUp),
    ("ffn_gate_inp", Projection::Router),
];

/// A matrix of one layer: what follows the layer's number in its name, and its two last dimensions.
#[derive(Clone, Debug)]
struct Matrix<'a> {
    rest: &'a str,
    projection: Option<Projection>,
    /// Number of the expert, or of experts in one tensor.
    expert: Option<Expert>,
    shared: bool,
    rows: u64,
    columns: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expert {
    Number(u64),
    All(u64),
}

/// The matrices and norms of one layer.
pub(super) struct Layer<'a> {
    matrices: Vec<Matrix<'a>>,
    hidden: Option<u64>,
    /// Length of a norm of queries or keys: the head dimension, or all heads.
    head_norm: Option<u64>,
    query_bias: bool,
    experts: Option<u64>,
    /// What stands before the numbers of experts that no name tells.
    pub(super) expert_part: Option<&'a str>,
    names: BTreeSet<&'a str>,
}

/// Heads of latent attention, and the dimensions of a head's keys without rotation and of its values. `q_b` has rows for the keys' plain
/// and rotary dimensions, `kv_b` for plain dimensions and values, `o_proj` columns for values: of each head.
fn latent_heads(query: u64, key_value: u64, value: u64, rope: u64) -> Option<(u64, u64, u64)> {
    let plain = key_value.checked_sub(value)?;
    let rotary = query.checked_sub(plain)?;
    let heads =
        rotary.checked_div(rope).filter(|heads| *heads > 0 && heads.checked_mul(rope) == Some(rotary))?;
    (plain.is_multiple_of(heads) && value.is_multiple_of(heads)).then_some((
        heads,
        plain / heads,
        value / heads,
    ))
}

pub(super) fn is_next_token(rest: &str) -> bool {
    rest.starts_with("eh_proj")
        || rest.starts_with("enorm")
        || rest.starts_with("hnorm")
        || rest.starts_with("shared_head")
        || rest.starts_with("nextn")
}

/// Whether a layer has experts. A number behind their name says so at once; of a layer with thousands of experts little is looked
/// at.
pub(super) fn has_experts(tensors: &[(&str, &Tensor)]) -> bool {
    tensors.iter().any(|(rest, _)| expert_number(rest, None).is_some()) || Layer::new(tensors).has_experts()
}

fn projection(rest: &str) -> Option<Projection> {
    let words: Vec<&str> = rest.split(['.', '/']).collect();
    // The last word that is a name decides: `attention.self.query.weight`, `mlp.experts.3.w1.weight`.
    let found = words
        .iter()
        .rev()
        .find_map(|word| NAMES.iter().find(|(name, _)| name == word).map(|(_, projection)| *projection));
    found.or_else(|| {
        // GPT-2 and BERT name several parts alike; the part before tells them.
        let joined = words.join(".");
        let has = |part: &str| joined.contains(part);
        if has("mlp.c_proj") || (has("output.dense") && !has("attention")) {
            Some(Projection::Down)
        } else if has("intermediate.dense") {
            Some(Projection::Up)
        } else if has("attn.c_proj") || has("attention.dense") || has("attention.output.dense") {
            Some(Projection::Output)
        } else if has("mlp.gate.weight") || has("router") || has("block_sparse_moe.gate.weight") {
            Some(Projection::Router)
        } else {
            None
        }
    })
}

impl<'a> Layer<'a> {
    pub(super) fn new(tensors: &[(&'a str, &'a Tensor)]) -> Self {
        let mut layer = Self {
            matrices: Vec::new(),
            hidden: None,
            head_norm: None,
            query_bias: false,
            experts: None,
            expert_part: numbered_parts(tensors),
            names: tensors.iter().map(|(rest, _)| *rest).collect(),
        };
        let mut lengths: BTreeMap<u64, usize> = BTreeMap::new();
        let mut numbers: BTreeSet<u64> = BTreeSet::new();
        for (rest, tensor) in tensors {
            numbers.extend(expert_number(rest, layer.expert_part));
            if packed::is_beside(rest) {
                continue;
            }
            let Some(shape) = tensor.shape.as_deref() else { continue };
            let is_norm = rest.contains("norm") || rest.contains("ln_") || rest.contains("LayerNorm");
            match *shape {
                [length] if rest.contains("q_norm") || rest.contains("k_norm") => {
                    layer.head_norm = Some(length)
                }
                [length] => {
                    layer.query_bias |= rest.ends_with("q_proj.bias") || rest.ends_with("attn_q.bias");
                    *lengths.entry(length).or_default() += if is_norm { 100 } else { 1 };
                }
                [rows, columns] if !is_packed(tensor) => layer.push(rest, rows, columns, None),
                [experts, rows, columns] if !is_packed(tensor) => {
                    layer.push(rest, rows, columns, Some(experts))
                }
                _ => {}
            }
        }
        for (rest, rows, columns) in packed::unpack(tensors) {
            layer.push(rest, rows, columns, None);
        }
        layer.hidden =
            lengths.iter().max_by_key(|(length, count)| (**count, **length)).map(|(length, _)| *length);
        layer.pair_adapters();
        if layer.hidden.is_none() {
            layer.hidden = layer.shared_dimension();
        }
        let all = layer.matrices.iter().find_map(|matrix| match matrix.expert {
            Some(Expert::All(count)) if count > 1 => Some(count),
            _ => None,
        });
        let router = layer
            .matrices
            .iter()
            .find(|matrix| matrix.projection == Some(Projection::Router))
            .map(|matrix| matrix.rows.min(matrix.columns));
        layer.experts = match numbers.len() as u64 {
            0 => all.or(router),
            count => Some(count),
        };
        layer
    }

    fn push(&mut self, rest: &'a str, rows: u64, columns: u64, experts: Option<u64>) {
        let shared = rest.contains("shared_expert") || rest.contains("shexp");
        let expert = match (expert_number(rest, self.expert_part), experts) {
            (Some(number), _) if !shared => Some(Expert::Number(number)),
            (_, Some(count)) => Some(Expert::All(count)),
            _ => None,
        };
        self.matrices.push(Matrix { rest, projection: projection(rest), expert, shared, rows, columns });
    }

    /// The two thin matrices of a low-rank adapter stand for one of the module's own size.
    fn pair_adapters(&mut self) {
        let mut pairs: BTreeMap<String, (Option<u64>, Option<u64>)> = BTreeMap::new();
        let mut rest_of: BTreeMap<String, &'a str> = BTreeMap::new();
        for matrix in &self.matrices {
            for (mark, down) in [("lora_A", true), ("lora_a", true), ("lora_B", false), ("lora_b", false)] {
                let Some((module, _)) = matrix.rest.split_once(mark) else { continue };
                let pair = pairs.entry(module.to_owned()).or_default();
                rest_of.insert(module.to_owned(), matrix.rest);
                // A is rank × in and B out × rank; MLX writes both transposed, so the larger dimension is taken.
                let wide = matrix.rows.max(matrix.columns);
                if down {
                    pair.0 = Some(wide);
                } else {
                    pair.1 = Some(wide);
                }
            }
        }
        if pairs.is_empty() {
            return;
        }
        self.matrices = pairs
            .iter()
            .filter_map(|(module, pair)| {
                let (columns, rows) = (pair.0?, pair.1?);
                let rest = *rest_of.get(module)?;
                let shared = rest.contains("shared_expert");
                let expert = expert_number(rest, self.expert_part).filter(|_| !shared).map(Expert::Number);
                Some(Matrix { rest, projection: projection(module), expert, shared, rows, columns })
            })
            .collect();
    }

    /// The dimension that most matrices share.
    fn shared_dimension(&self) -> Option<u64> {
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        for matrix in &self.matrices {
            *counts.entry(matrix.rows).or_default() += 1;
            if matrix.columns != matrix.rows {
                *counts.entry(matrix.columns).or_default() += 1;
            }
        }
        let (dimension, count) =
            counts.into_iter().max_by_key(|(dimension, count)| (*count, std::cmp::Reverse(*dimension)))?;
        (count >= 2 && count == self.matrices.len()).then_some(dimension)
    }

    pub(super) fn has_experts(&self) -> bool {
        self.experts.is_some()
            || self.names.iter().any(|rest| {
                rest.contains("_exps") || (rest.contains("experts") && !rest.contains("shared_experts"))
            })
    }

    /// The dimension of a matrix that is not the hidden size.
    fn other(&self, matrix: &Matrix<'_>) -> Option<u64> {
        let hidden = self.hidden?;
        match (matrix.rows == hidden, matrix.columns == hidden) {
            (true, true) => Some(hidden),
            (true, false) => Some(matrix.columns),
            (false, true) => Some(matrix.rows),
            (false, false) => None,
        }
    }

    fn find(&self, projection: Projection, expert: bool) -> Option<u64> {
        let matrix = self.matrices.iter().find(|matrix| {
            matrix.projection == Some(projection) && matrix.expert.is_some() == expert && !matrix.shared
        })?;
        self.other(matrix)
    }

    fn inner(&self, expert: bool) -> Option<u64> {
        let find = |projection| self.find(projection, expert);
        find(Projection::Down)
            .or_else(|| find(Projection::Gate))
            .or_else(|| find(Projection::Up))
            .or_else(|| find(Projection::GateUp).map(|rows| rows / 2))
            .or_else(|| self.by_count(expert))
    }

    /// Where no name is known: the dimension that stands three times beside the hidden size, which is not the hidden size.
    fn by_count(&self, expert: bool) -> Option<u64> {
        if self.matrices.iter().any(|matrix| matrix.projection.is_some() && matrix.expert.is_some() == expert)
        {
            return None;
        }
        let counts = self.counts(expert);
        counts.iter().filter(|(_, count)| **count == 3).map(|(dimension, _)| *dimension).max()
    }

    /// How often dimensions stand beside the hidden size, of experts in the first one.
    fn counts(&self, expert: bool) -> BTreeMap<u64, usize> {
        let mut counts = BTreeMap::new();
        let number = |matrix: &Matrix<'_>| match matrix.expert {
            Some(Expert::Number(number)) => Some(number),
            _ => None,
        };
        let first = self.matrices.iter().filter_map(number).min();
        let counted = |matrix: &&Matrix<'_>| {
            matrix.expert.is_some() == expert && number(matrix).is_none_or(|number| Some(number) == first)
        };
        for matrix in self.matrices.iter().filter(counted) {
            if let Some(other) = self.other(matrix) {
                *counts.entry(other).or_default() += 1;
            }
        }
        counts
    }

    /// Rows of queries and of keys.
    fn attention(&self) -> (Option<u64>, Option<u64>) {
        let query = self.find(Projection::Query, false);
        let key = self.find(Projection::Key, false);
        if query.is_some() || key.is_some() {
            return (query, key);
        }
        if let Some(output) = self.find(Projection::Output, false)
            && let Some(fused) = self.find(Projection::Fused, false)
        {
            // Queries have as many rows as the output has columns; keys and values share the rest.
            let rest = fused.checked_sub(output).filter(|rest| rest % 2 == 0);
            return (Some(output), rest.map(|rest| rest / 2));
        }
        if self.matrices.iter().any(|matrix| matrix.projection.is_some()) {
            return (None, None);
        }
        let counts = self.counts(false);
        let pairs: Vec<u64> =
            counts.iter().filter(|(_, count)| **count == 2).map(|(dimension, _)| *dimension).collect();
        match (pairs.as_slice(), counts.iter().find(|(_, count)| **count == 4)) {
            (_, Some((all, _))) => (Some(*all), Some(*all)),
            ([small, large], None) => (Some(*large), Some(*small)),
            _ => (None, None),
        }
    }

    /// Writes what this layer says; `first` gives the dense part where this one has experts.
    pub(super) fn write(&self, first: Option<&Layer<'_>>, shape: &mut TensorShape) {
        let fields = &mut shape.fields;
        fields.extend(self.hidden.map(|hidden| (ConfigField::HiddenSize, hidden)));
        let matrix = |projection| self.matrices.iter().find(|matrix| matrix.projection == Some(projection));
        if self.has_experts() {
            fields.extend(self.experts.filter(|count| *count > 1).map(|count| (ConfigField::Experts, count)));
            fields.extend(self.inner(true).map(|inner| (ConfigField::ExpertIntermediateSize, inner)));
            let dense = first.filter(|first| !first.has_experts()).and_then(|first| first.inner(false));
            fields.extend(dense.map(|inner| (ConfigField::IntermediateSize, inner)));
        } else {
            fields.extend(self.inner(false).map(|inner| (ConfigField::IntermediateSize, inner)));
        }
        if let Some(up) = matrix(Projection::KeyValueUp)
            && let Some(down) = matrix(Projection::KeyValueDown)
        {
            // Latent attention: `kv_a` has rank plus rotary rows, `kv_b` has rank columns.
            fields.insert(ConfigField::KeyValueLoraRank, up.columns);
            fields.extend(matrix(Projection::QueryDown).map(|down| (ConfigField::QueryLoraRank, down.rows)));
            let Some(rope) = down.rows.checked_sub(up.columns) else { return };
            fields.insert(ConfigField::QueryKeyRopeHeadDimension, rope);
            let query = matrix(Projection::QueryUp).or_else(|| matrix(Projection::Query));
            let output = matrix(Projection::Output);
            if let (Some(query), Some(output)) = (query, output)
                && let Some((heads, plain, value)) = latent_heads(query.rows, up.rows, output.columns, rope)
            {
                fields.insert(ConfigField::AttentionHeads, heads);
                // Each head has keys and values of its own once they are unfolded.
                fields.insert(ConfigField::KeyValueHeads, heads);
                fields.insert(ConfigField::QueryKeyNopeHeadDimension, plain);
                fields.insert(ConfigField::ValueHeadDimension, value);
            }
            return;
        }
        let (query, key) = self.attention();
        shape.query_rows = query;
        shape.key_rows = key;
        // A norm of each head has the head's dimension; a norm of all heads has as many entries as there are rows.
        if let Some(length) = self.head_norm
            && query.is_some_and(|rows| length < rows && rows % length == 0)
        {
            fields.insert(ConfigField::HeadDimension, length);
            fields.extend(query.map(|rows| (ConfigField::AttentionHeads, rows / length)));
            fields.extend(
                key.filter(|rows| rows % length == 0).map(|rows| (ConfigField::KeyValueHeads, rows / length)),
            );
        }
    }
}
