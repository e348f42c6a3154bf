//! What the names and shapes of tensors say of a model's dimensions, whatever its configuration says.
//!
//! Names are those of many libraries, and a publisher may rename them all. So the stack of layers is found by its numbers, the
//! hidden size by the vectors of its norms, and the projections by name where the name is one in use, else by how often a
//! dimension occurs beside the hidden size in a layer: three times for a gated feed-forward part, twice for queries and output,
//! twice for keys and values.

mod experts;
mod layer;
mod packed;

use std::collections::{BTreeMap, BTreeSet};

use forebear_types::RepoPath;
use forebear_types::config::ConfigField;
use forebear_types::fact::{Tensor, TensorSource, Tensors, WeightsFormat};

use layer::Layer;

/// The tensors of a stack by the number of their layer, each with what follows the number in its name.
type Stack<'a> = BTreeMap<u64, Vec<(&'a str, &'a Tensor)>>;

/// Layers that a model can have; a number in a name above this is no layer.
const MOST_LAYERS: u64 = 4096;

/// What was derived from one folder's tensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TensorShape {
    /// Fields of a configuration that the tensors fix.
    pub(crate) fields: BTreeMap<ConfigField, u64>,
    /// Rows of the query projection: attention heads times head dimension.
    pub(crate) query_rows: Option<u64>,
    /// Rows of the key projection: key-value heads times head dimension.
    pub(crate) key_rows: Option<u64>,
    /// Whether the output layer is a tensor of its own; `None` where the list is not complete.
    pub(crate) own_output: Option<bool>,
    /// All elements and, of a mixture, those of the routed experts; `None` where shapes are missing or packed.
    pub(crate) elements: Option<Elements>,
    /// What stands before the numbers of experts in a layer, where no name tells.
    pub(crate) expert_part: Option<String>,
    /// The tensors are those of an adapter.
    pub(crate) adapter: bool,
    /// A file to show as the place.
    pub(crate) place: RepoPath,
    /// How many tensors were looked at.
    pub(crate) tensors: usize,
}

/// Elements of all tensors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Elements {
    pub(crate) all: u64,
    pub(crate) routed_experts: u64,
    pub(crate) embedding: u64,
}

/// A layer's number and what follows it in a name: `model.layers.3.mlp.up_proj.weight` is layer 3 of `model.layers`.
fn numbered(name: &str) -> Option<(&str, u64, &str)> {
    let mut start = 0;
    for part in name.split_inclusive(['.', '/']) {
        let word = part.trim_end_matches(['.', '/']);
        let behind = start + part.len();
        if start > 0
            && !word.is_empty()
            && word.len() <= 4
            && word.bytes().all(|byte| byte.is_ascii_digit())
            && behind < name.len()
        {
            let number = word.parse().ok()?;
            return Some((&name[..start], number, &name[behind..]));
        }
        start = behind;
    }
    None
}

/// Whether a stack belongs to a part that sees or hears, or to a draft model beside the language model.
fn is_side_part(prefix: &str) -> bool {
    let prefix = prefix.to_ascii_lowercase();
    ["visual", "vision", "image", "audio", "speech", "mtp", "medusa", "eagle", "vq", "resampler", "talker"]
        .iter()
        .any(|word| prefix.contains(word))
}

/// The first part of a name.
fn root(name: &str) -> &str {
    name.split(['.', '/']).next().unwrap_or(name)
}

/// Parts of a model that see, whatever they are called: they embed patches of images, and no words.
fn seeing<'a>(loose: &[&'a Tensor]) -> BTreeSet<&'a str> {
    let with = |words: &[&str]| -> BTreeSet<&'a str> {
        let named = loose.iter().filter(|tensor| words.iter().any(|word| tensor.name.contains(word)));
        named.map(|tensor| root(&tensor.name)).collect()
    };
    let words =
        with(&["embed_tokens", "tok_embeddings", "word_embeddings", "wte", "lm_head", "shared.weight"]);
    with(&["patch_embed"]).difference(&words).copied().collect()
}

/// Derives what a folder's tensors say; `None` if they have no stack of layers. `weights` are the weight files of the folder: where
/// some have no list of tensors (they are pointers, or broken), numbers of layers and experts are those of the index, or not told.
pub(crate) fn derive(
    files: &[(&RepoPath, &Tensors)],
    weights: &[(&RepoPath, WeightsFormat)],
) -> Option<TensorShape> {
    let chosen = choose(files);
    let listed = |path: &RepoPath| chosen.iter().any(|(known, _)| *known == path);
    let missing = match chosen.first().map(|(_, file)| file.source) {
        // Of GGUF files, which hold one model at several precisions, one is chosen.
        Some(TensorSource::Header(format)) if format != WeightsFormat::Gguf => {
            weights.iter().any(|(path, other)| *other == format && !is_adapter(path) && !listed(path))
        }
        _ => false,
    };
    let complete = !missing && chosen.iter().all(|(_, file)| file.complete);
    let tensors: Vec<&Tensor> = chosen.iter().flat_map(|(_, file)| file.tensors.iter()).collect();
    let adapter =
        tensors.iter().any(|tensor| tensor.name.contains("lora_A") || tensor.name.contains("lora_a"));

    let mut stacks: BTreeMap<&str, Stack<'_>> = BTreeMap::new();
    let mut loose: Vec<&Tensor> = Vec::new();
    for tensor in &tensors {
        match numbered(&tensor.name) {
            Some((prefix, number, rest)) if number < MOST_LAYERS => {
                stacks.entry(prefix).or_default().entry(number).or_default().push((rest, tensor));
            }
            _ => loose.push(tensor),
        }
    }
    let weight = |stack: &Stack<'_>| -> u64 {
        let tensors = stack.values().flatten();
        tensors.map(|(_, tensor)| tensor.elements().unwrap_or(1)).fold(0, u64::saturating_add)
    };
    let seeing = seeing(&loose);
    let (prefix, stack) = stacks
        .iter()
        .filter(|(prefix, stack)| stack.len() > 1 && !is_side_part(prefix) && !seeing.contains(root(prefix)))
        .max_by_key(|(prefix, stack)| (weight(stack), std::cmp::Reverse(**prefix)))?;

    let mut shape = TensorShape {
        adapter,
        place: chosen.first().map(|(path, _)| (*path).clone()).unwrap_or_default(),
        tensors: tensors.len(),
        ..TensorShape::default()
    };
    // Layers for multi-token prediction stand behind the others and join two inputs (`eh_proj`).
    let counted: BTreeMap<u64, &Vec<(&str, &Tensor)>> = stack
        .iter()
        .filter(|(_, tensors)| {
            !tensors.iter().any(|(rest, _)| rest.starts_with("eh_proj") || rest.starts_with("nextn"))
        })
        .map(|(number, tensors)| (*number, tensors))
        .collect();
    let layers = match counted.last_key_value() {
        // An adapter may leave layers out; a model has them all.
        Some((last, _)) if adapter => last + 1,
        _ => counted.len() as u64,
    };
    shape.fields.insert(ConfigField::Layers, layers);
    let decoder = prefix.contains("decoder").then(|| prefix.replace("decoder", "encoder"));
    if let Some(encoder) = decoder.and_then(|name| stacks.get(name.as_str())) {
        shape.fields.insert(ConfigField::DecoderLayers, layers);
        shape.fields.insert(ConfigField::Layers, encoder.len() as u64);
    }
    // The last layer has the experts where the first ones are dense; the first layer then gives the dense part.
    let last = counted.last_key_value().map(|(_, tensors)| Layer::new(tensors));
    let first = counted.first_key_value().map(|(_, tensors)| Layer::new(tensors));
    if let Some(last) = &last {
        last.write(first.as_ref(), &mut shape);
        shape.expert_part = last.expert_part.map(str::to_owned);
        let dense = counted.values().filter(|tensors| !layer::has_experts(tensors)).count() as u64;
        if last.has_experts() && dense > 0 && complete {
            shape.fields.insert(ConfigField::FirstDenseLayers, dense);
        }
    }
    if !complete && !adapter && matches!(chosen.first(), Some((_, file)) if file.source.is_header()) {
        shape.forget_numbers(files);
    }
    embedding(&loose, complete, &mut shape);
    shape.elements = count(&tensors, complete && !adapter, &shape);
    Some(shape)
}

impl TensorShape {
    /// Leaves out what tensors that are not here could change; an index, which has all names, gives the layers.
    fn forget_numbers(&mut self, files: &[(&RepoPath, &Tensors)]) {
        const NUMBERS: &[ConfigField] = &[
            ConfigField::Layers,
            ConfigField::DecoderLayers,
            ConfigField::FirstDenseLayers,
            ConfigField::Experts,
        ];
        let indexes: Vec<(&RepoPath, &Tensors)> =
            files.iter().copied().filter(|(_, file)| !file.source.is_header()).collect();
        let named = derive(&indexes, &[]).unwrap_or_default();
        for field in NUMBERS {
            self.fields.remove(field);
            self.fields.extend(named.fields.get(field).map(|number| (*field, *number)));
        }
    }
}

/// Whether a file holds an adapter only, by its name.
fn is_adapter(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    name.starts_with(b"adapter") || name.starts_with(b"pytorch_lora")
}

/// Of several lists of the same tensors, one: headers, else an index; of headers those of one format; adapters only where
/// there is nothing else.
fn choose<'a>(files: &[(&'a RepoPath, &'a Tensors)]) -> Vec<(&'a RepoPath, &'a Tensors)> {
    let order = [
        TensorSource::Header(WeightsFormat::Safetensors),
        TensorSource::Header(WeightsFormat::PyTorch),
        TensorSource::Header(WeightsFormat::Gguf),
        TensorSource::Header(WeightsFormat::Onnx),
        TensorSource::Index(WeightsFormat::Safetensors),
        TensorSource::Index(WeightsFormat::PyTorch),
    ];
    for adapter in [false, true] {
        for source in order {
            let mut of_kind: Vec<(&RepoPath, &Tensors)> = files
                .iter()
                .copied()
                .filter(|(path, file)| {
                    file.source == source && is_adapter(path) == adapter && !file.tensors.is_empty()
                })
                .collect();
            if of_kind.is_empty() {
                continue;
            }
            // GGUF files hold the same model at several precisions; split ones are parts of one.
            if source == TensorSource::Header(WeightsFormat::Gguf) {
                let parts = |path: &RepoPath| path.file_name().windows(4).any(|four| four == b"-of-");
                if !of_kind.iter().all(|(path, _)| parts(path)) {
                    of_kind.truncate(1);
                }
            }
            return of_kind;
        }
    }
    Vec::new()
}

/// Vocabulary and hidden size from the tensors outside of the stack.
fn embedding(loose: &[&Tensor], complete: bool, shape: &mut TensorShape) {
    let hidden = shape.fields.get(&ConfigField::HiddenSize).copied();
    let plain: Vec<(&str, [u64; 2])> = loose
        .iter()
        .filter(|tensor| !is_side_part(&tensor.name))
        .filter_map(|tensor| match tensor.shape.as_deref() {
            Some([rows, columns]) => Some((&*tensor.name, [*rows, *columns])),
            _ => None,
        })
        .filter(|(_, dimensions)| hidden.is_none_or(|hidden| dimensions.contains(&hidden)))
        .collect();
    let named = |words: &[&str]| {
        plain.iter().find(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            words.iter().any(|word| lower.contains(word))
        })
    };
    const INPUT: &[&str] = &[
        "embed_tokens", "wte", "word_embeddings", "tok_embeddings", "embed_in", "token_embd",
        "word_embedding", "shared.weight", "embeddings.word", "tokens_embed",
    ];
    const OUTPUT: &[&str] =
        &["lm_head", "output.weight", "embed_out", "output_layer", "cls.predictions.decoder"];
    let input = named(INPUT);
    let output = named(OUTPUT);
    // Without a known name: the largest matrix beside the stack is the embedding.
    let largest = plain.iter().max_by_key(|(name, [rows, columns])| (rows.saturating_mul(*columns), *name));
    if let Some((_, [rows, columns])) = input.or(output).or(largest) {
        let (vocabulary, width) = if hidden == Some(*rows) && hidden != Some(*columns) {
            (*columns, *rows)
        } else {
            (*rows, *columns)
        };
        if vocabulary > width {
            shape.fields.entry(ConfigField::HiddenSize).or_insert(width);
            shape.fields.insert(ConfigField::VocabularySize, vocabulary);
        }
    }
    let names: BTreeSet<&str> = loose.iter().map(|tensor| &*tensor.name).collect();
    if complete && !shape.adapter && input.is_some() {
        let own = names.iter().any(|name| OUTPUT.iter().any(|word| name.to_ascii_lowercase().contains(word)));
        shape.own_output = Some(own);
    }
}

/// Element types that pack several weights into one element: their number says nothing.
fn is_packed(tensor: &Tensor) -> bool {
    matches!(&*tensor.element, "U8" | "I32" | "U32" | "I16" | "ByteStorage" | "IntStorage")
        && tensor.shape.as_deref().is_some_and(|s| s.len() > 1)
}

fn count(tensors: &[&Tensor], complete: bool, shape: &TensorShape) -> Option<Elements> {
    if !complete || tensors.iter().any(|tensor| is_packed(tensor)) {
        return None;
    }
    let mut sum = Elements::default();
    let experts = shape.fields.get(&ConfigField::Experts).copied();
    let vocabulary = shape.fields.get(&ConfigField::VocabularySize).copied();
    for tensor in tensors {
        let Some((_, _, rest)) = numbered(&tensor.name) else {
            let elements = tensor.elements()?;
            sum.all = sum.all.checked_add(elements)?;
            let is_embedding = tensor.shape.as_deref().is_some_and(|dimensions| {
                dimensions.len() == 2 && vocabulary.is_some_and(|rows| dimensions.contains(&rows))
            });
            if is_embedding && sum.embedding == 0 {
                sum.embedding = elements;
            }
            continue;
        };
        if layer::is_next_token(rest) {
            continue;
        }
        let elements = tensor.elements()?;
        sum.all = sum.all.checked_add(elements)?;
        if experts::is_routed(rest, tensor, experts, shape.expert_part.as_deref()) {
            sum.routed_experts = sum.routed_experts.checked_add(elements)?;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
