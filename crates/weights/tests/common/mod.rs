//! Small transformers in memory, and what people do to models.
#![allow(dead_code, unreachable_pub)] // Each test binary uses a part.

use forebear_types::RepoPath;
use forebear_types::weights::{Attention, ModelWeights, ReadError, WeightTensor};
use forebear_weights::random::SplitMix64;

/// A model whose tensors are vectors of floats.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    tensors: Vec<WeightTensor>,
    values: Vec<Vec<f32>>,
    pub attention: Attention,
}

impl Memory {
    pub fn add(&mut self, name: &str, shape: &[u64], values: Vec<f32>) {
        let at = self.tensors.partition_point(|tensor| *tensor.name < *name);
        let path = RepoPath::new("model.safetensors").expect("a relative path");
        let tensor = WeightTensor {
            name: name.into(),
            path,
            shape: shape.into(),
            element: "F32".into(),
            quantised: false,
        };
        self.tensors.insert(at, tensor);
        self.values.insert(at, values);
    }

    /// Changes every tensor: name, shape, values.
    pub fn map(&self, mut each: impl FnMut(&str, &mut Vec<u64>, &mut Vec<f32>) -> Option<String>) -> Self {
        let mut out = Self { attention: self.attention.clone(), ..Self::default() };
        for (tensor, values) in self.tensors.iter().zip(&self.values) {
            let (mut shape, mut values) = (tensor.shape.to_vec(), values.clone());
            if let Some(name) = each(&tensor.name, &mut shape, &mut values) {
                out.add(&name, &shape, values);
            }
        }
        out
    }

    pub fn values(&self, name: &str) -> &[f32] {
        let at = self.tensors.iter().position(|tensor| &*tensor.name == name).expect("a tensor of that name");
        &self.values[at]
    }

    fn error(&self, tensor: usize, what: &str) -> ReadError {
        let tensor = &self.tensors[tensor];
        ReadError { path: tensor.path.clone(), tensor: tensor.name.clone(), what: what.to_owned() }
    }
}

impl ModelWeights for Memory {
    fn tensors(&self) -> &[WeightTensor] {
        &self.tensors
    }

    fn read(&self, tensor: usize, start: u64, out: &mut [f32]) -> Result<(), ReadError> {
        let start = usize::try_from(start).map_err(|_| self.error(tensor, "the range is beyond memory"))?;
        let end = start.checked_add(out.len());
        let values = end.and_then(|end| self.values[tensor].get(start..end));
        out.copy_from_slice(
            values.ok_or_else(|| self.error(tensor, "the file is shorter than its header says"))?,
        );
        Ok(())
    }

    fn bytes(&self, tensor: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        if Some(self.values[tensor].len() as u64) != self.tensors[tensor].elements() {
            return Err(self.error(tensor, "the file is shorter than its header says"));
        }
        self.values[tensor].iter().for_each(|value| each(&value.to_le_bytes()));
        Ok(())
    }

    fn attention(&self) -> Attention {
        self.attention.clone()
    }
}

/// Normal values from sums of uniform ones would have short tails: Box and Muller.
pub struct Normal(pub SplitMix64);

impl Normal {
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    pub fn next(&mut self) -> f32 {
        let uniform = |bits: u64| ((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        let (a, b) = (uniform(self.0.next_u64()), uniform(self.0.next_u64()));
        ((-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()) as f32
    }

    pub fn many(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| self.next() * scale).collect()
    }
}

#[derive(Clone, Copy)]
pub struct Shape {
    pub width: usize,
    pub inner: usize,
    pub layers: usize,
    pub vocabulary: usize,
}

/// As wide as needed for 256 sampled dimensions.
pub const SMALL: Shape = Shape { width: 320, inner: 512, layers: 6, vocabulary: 1200 };

/// A Llama-like model of random weights, with gains as training leaves them and a few outlying residual dimensions, which all models of
/// one family have in places of their own.
pub fn llama(shape: Shape, seed: u64) -> Memory {
    let Shape { width, inner, layers, vocabulary } = shape;
    let mut normal = Normal::new(seed);
    let mut model = Memory::default();
    let common: Vec<f32> = normal.many(width, 0.3);
    let mut matrix = |model: &mut Memory, name: &str, rows: usize, columns: usize, residual_last: bool| {
        let scale: Vec<f32> = common.iter().map(|common| (common + 0.2 * normal.next()).exp()).collect();
        let mut values = normal.many(rows * columns, 0.05);
        for (index, value) in values.iter_mut().enumerate() {
            *value *= scale[if residual_last { index % columns } else { index / columns }];
        }
        model.add(name, &[rows as u64, columns as u64], values);
    };
    for layer in 0..layers {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        for part in ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"] {
            matrix(&mut model, &name(part), width, width, true);
        }
        matrix(&mut model, &name("self_attn.o_proj"), width, width, false);
        matrix(&mut model, &name("mlp.gate_proj"), inner, width, true);
        matrix(&mut model, &name("mlp.up_proj"), inner, width, true);
        matrix(&mut model, &name("mlp.down_proj"), width, inner, false);
    }
    matrix(&mut model, "model.embed_tokens.weight", vocabulary, width, true);
    let mut gain = |model: &mut Memory, name: &str| {
        let values = normal.many(width, 0.1).into_iter().map(|value| 1.0 + value).collect();
        model.add(name, &[width as u64], values);
    };
    for layer in 0..layers {
        gain(&mut model, &format!("model.layers.{layer}.input_layernorm.weight"));
        gain(&mut model, &format!("model.layers.{layer}.post_attention_layernorm.weight"));
    }
    gain(&mut model, "model.norm.weight");
    model
}

fn deviation(values: &[f32]) -> f32 {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
}

/// Adds noise of `ratio` times each tensor's standard deviation.
pub fn noise(model: &Memory, ratio: f32, seed: u64) -> Memory {
    let mut normal = Normal::new(seed);
    model.map(|name, _, values| {
        let scale = ratio * deviation(values);
        values.iter_mut().for_each(|value| *value += scale * normal.next());
        Some(name.to_owned())
    })
}

/// Rounds matrices to `levels` steps on each side of zero, a scale for each `block` values (whole rows with `None`).
pub fn quantise(model: &Memory, levels: f32, block: Option<usize>) -> Memory {
    model.map(|name, shape, values| {
        if let [_, columns] = shape[..] {
            for block in values.chunks_mut(block.unwrap_or(columns as usize)) {
                let most = block.iter().fold(0.0f32, |most, value| most.max(value.abs()));
                let step = most / levels;
                block.iter_mut().for_each(|value| *value = (*value / step).round() * step);
            }
        }
        Some(name.to_owned())
    })
}

/// As ternary models: sign and zero, one scale for the mean magnitude.
pub fn ternary(model: &Memory) -> Memory {
    model.map(|name, shape, values| {
        if shape.len() == 2 {
            let mean = values.iter().map(|value| value.abs()).sum::<f32>() / values.len() as f32;
            values.iter_mut().for_each(|value| *value = (*value / mean).round().clamp(-1.0, 1.0) * mean);
        }
        Some(name.to_owned())
    })
}

/// A model of the given layers of another, in that order.
pub fn layers(model: &Memory, order: &[usize]) -> Memory {
    let mut out = model.map(|name, _, _| (!name.contains("layers.")).then(|| name.to_owned()));
    for (new, old) in order.iter().enumerate() {
        let prefix = format!("model.layers.{old}.");
        model.map(|name, shape, values| {
            if let Some(rest) = name.strip_prefix(&prefix) {
                out.add(&format!("model.layers.{new}.{rest}"), shape, values.clone());
            }
            None
        });
    }
    out
}

/// `share` of the first and the rest of the second.
pub fn merge(first: &Memory, second: &Memory, share: f32) -> Memory {
    first.map(|name, _, values| {
        for (value, other) in values.iter_mut().zip(second.values(name)) {
            *value = share * *value + (1.0 - share) * other;
        }
        Some(name.to_owned())
    })
}

/// Keeps the residual dimensions `kept`, in that order: a permutation, or a pruned width.
pub fn residual(model: &Memory, width: usize, kept: &[u32]) -> Memory {
    model.map(|name, shape, values| {
        let last = shape.last().copied() == Some(width as u64) && !name.contains("o_proj");
        if last {
            let rows = values.len() / width;
            *values = (0..rows)
                .flat_map(|row| kept.iter().map(move |dimension| row * width + *dimension as usize))
                .map(|index| values[index])
                .collect();
            *shape.last_mut().expect("no scalar") = kept.len() as u64;
        } else {
            let columns = values.len() / width;
            *values = kept
                .iter()
                .flat_map(|dimension| {
                    let from = *dimension as usize * columns;
                    values[from..from + columns].to_vec()
                })
                .collect();
            shape[0] = kept.len() as u64;
        }
        // Attention keeps its inner width; only the residual side of square matrices changes.
        Some(name.to_owned())
    })
}

/// Multiplies readers by the gain before them and sets the gain to one.
pub fn fold_gains(model: &Memory) -> Memory {
    let gains = model.clone();
    model.map(|name, shape, values| {
        let layer = name.split('.').nth(2).unwrap_or("").to_owned();
        let norm = if name.contains("gate_proj") || name.contains("up_proj") {
            Some("post_attention_layernorm")
        } else if ["q_proj", "k_proj", "v_proj"].iter().any(|part| name.contains(part)) {
            Some("input_layernorm")
        } else {
            None
        };
        if let Some(norm) = norm {
            let gain = gains.values(&format!("model.layers.{layer}.{norm}.weight"));
            let columns = shape[1] as usize;
            values.iter_mut().enumerate().for_each(|(index, value)| *value *= gain[index % columns]);
        }
        if name.contains("layernorm") {
            values.fill(1.0);
        }
        Some(name.to_owned())
    })
}

/// Adds rows to the embedding.
pub fn grow(model: &Memory, tokens: usize, seed: u64) -> Memory {
    let mut normal = Normal::new(seed);
    model.map(|name, shape, values| {
        if name.contains("embed_tokens") {
            values.extend(normal.many(tokens * shape[1] as usize, 0.05));
            shape[0] += tokens as u64;
        }
        Some(name.to_owned())
    })
}

/// Other names for everything: a renamed copy with numbered layers and no known word, or GGUF's.
pub fn rename(model: &Memory, each: impl Fn(&str) -> String) -> Memory {
    model.map(|name, _, _| Some(each(name)))
}

/// Matrices the other way round, as Conv1D and ONNX have them.
pub fn transpose(model: &Memory) -> Memory {
    model.map(|name, shape, values| {
        if let [rows, columns] = shape[..]
            && name.contains("layers")
        {
            let (rows, columns) = (rows as usize, columns as usize);
            *values = (0..columns)
                .flat_map(|c| (0..rows).map(move |r| r * columns + c))
                .map(|at| values[at])
                .collect();
            shape.swap(0, 1);
        }
        Some(name.to_owned())
    })
}
