//! Digests of tensors: whether two models hold the same bytes.
//!
//! A digest is the first 16 bytes of SHA-256 over the element type, the shape and the bytes. Tensors that anybody would have are left
//! out: constants, masks, counters, rotary frequencies, tables of sinusoids, Fourier and mel bases. Equal tensors of that kind prove
//! nothing (section 3.6 of the survey: three unrelated voice detectors share one Fourier basis).

use forebear_types::weights::{ModelWeights, ReadError};
use sha2::{Digest as _, Sha256};

use crate::view::{Role, View};

/// Tensors with fewer elements say too little to be proof.
const FEWEST_ELEMENTS: u64 = 32;
/// Elements looked at to tell whether a tensor is deterministic, in runs of 512 spread over it.
const RUN: u64 = 512;

/// The digest of one tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TensorDigest {
    /// The layer plus one; 0 outside layers.
    pub layer: u16,
    /// The role of its first part; `None` where it has no place.
    pub role: Option<Role>,
    /// Sixteen bytes.
    pub digest: [u8; 16],
}

/// Digests all tensors that are not deterministic. Reads the whole model. Returns also how many were left out.
pub fn digests(model: &dyn ModelWeights, view: &View) -> (Vec<TensorDigest>, u32, Vec<ReadError>) {
    let mut places = vec![(0u16, None); model.tensors().len()];
    for part in view.placed.iter().rev() {
        places[part.tensor] = (part.layer.map_or(0, |layer| layer + 1), Some(part.role));
    }
    let (mut found, mut left_out, mut problems) = (Vec::new(), 0u32, Vec::new());
    for (index, (layer, role)) in places.into_iter().enumerate() {
        match is_deterministic(model, index) {
            Ok(true) => left_out += 1,
            Ok(false) => match digest(model, index) {
                Ok(digest) => found.push(TensorDigest { layer, role, digest }),
                Err(error) => problems.push(error),
            },
            Err(error) => problems.push(error),
        }
    }
    found.sort_unstable();
    (found, left_out, problems)
}

fn digest(model: &dyn ModelWeights, index: usize) -> Result<[u8; 16], ReadError> {
    let tensor = &model.tensors()[index];
    let mut hasher = Sha256::new();
    let element = element(&tensor.element);
    hasher.update((element.len() as u64).to_le_bytes());
    hasher.update(element.as_bytes());
    hasher.update((tensor.shape.len() as u64).to_le_bytes());
    for dimension in &tensor.shape {
        hasher.update(dimension.to_le_bytes());
    }
    model.bytes(index, &mut |bytes| hasher.update(bytes))?;
    let all = hasher.finalize();
    let mut digest = [0; 16];
    digest.copy_from_slice(&all[..16]);
    Ok(digest)
}

/// The element type by one name, whichever format it is from: a tensor that was put into another format keeps its digest. GGUF and
/// safetensors write the names that stay.
fn element(name: &str) -> &str {
    match name {
        "DOUBLE" | "DoubleStorage" | "float64" => "F64",
        "FLOAT" | "FloatStorage" | "float32" => "F32",
        "FLOAT16" | "HalfStorage" | "float16" => "F16",
        "BFLOAT16" | "BFloat16Storage" | "bfloat16" => "BF16",
        "INT8" | "CharStorage" | "int8" => "I8",
        "UINT8" | "ByteStorage" | "uint8" => "U8",
        other => other,
    }
}

/// Whether anybody would have this tensor, by a sample of its values.
fn is_deterministic(model: &dyn ModelWeights, index: usize) -> Result<bool, ReadError> {
    let tensor = &model.tensors()[index];
    let Some(elements) = tensor.elements() else { return Ok(true) };
    if elements < FEWEST_ELEMENTS {
        return Ok(true);
    }
    let runs = elements.div_ceil(RUN).min(8);
    let mut sample = Vec::new();
    for run in 0..runs {
        let start = if runs == 1 { 0 } else { (elements.saturating_sub(RUN)) / (runs - 1) * run };
        let mut values = vec![0.0f32; RUN.min(elements - start) as usize];
        model.read(index, start, &mut values)?;
        sample.push(values);
    }
    let all: Vec<f32> = sample.iter().flatten().copied().collect();
    let mut distinct: Vec<u32> = all.iter().map(|value| value.to_bits()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    // Masks and constants have two values; three may be a ternary matrix, which only few elements make a table.
    if distinct.len() <= 2 || (distinct.len() <= 4 && elements < 4096) {
        return Ok(true);
    }
    let first = &sample[0];
    let zeros = all.iter().filter(|value| **value == 0.0).count();
    // Mel filters: mostly zero, never negative, few rows.
    let is_filter = zeros * 5 >= all.len() * 4 && all.iter().all(|value| *value >= 0.0);
    Ok(is_progression(first) || is_filter || is_mirrored(model, index)? || is_sinusoid(model, index))
}

/// Counters (`position_ids`), rotary frequencies, slopes of linear biases: one difference or one ratio.
fn is_progression(values: &[f32]) -> bool {
    let steady = |of: &dyn Fn(&[f32]) -> f32| {
        let first = of(&values[..2]);
        first.is_finite()
            && values.windows(2).all(|pair| (of(pair) - first).abs() <= 1e-3 * first.abs().max(1e-30))
    };
    values.len() >= 8 && (steady(&|pair| pair[1] - pair[0]) || steady(&|pair| pair[1] / pair[0]))
}

/// Rows that read the same from both ends, or with the sign turned, as Fourier bases and windows do. All sampled rows must.
fn is_mirrored(model: &dyn ModelWeights, index: usize) -> Result<bool, ReadError> {
    let tensor = &model.tensors()[index];
    let dimensions: Vec<u64> = tensor.shape.iter().copied().filter(|dimension| *dimension > 1).collect();
    let (rows, length) = match dimensions[..] {
        [length] => (1, length),
        [rows, length] => (rows, length),
        _ => return Ok(false),
    };
    if !(8..=1 << 16).contains(&length) {
        return Ok(false);
    }
    let sampled = rows.min(5);
    for row in 0..sampled {
        // Not the first one, which is constant or zero in a Fourier basis.
        let row = ((2 * row + 1).saturating_mul(rows) / (2 * sampled)).min(rows - 1);
        let mut values = vec![0.0f32; length as usize];
        model.read(index, row * length, &mut values)?;
        let scale = values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let is = |shift: usize, sign: f32| {
            let values = &values[shift..];
            values.iter().zip(values.iter().rev()).all(|(a, b)| (a - sign * b).abs() <= 1e-4 * scale)
        };
        if !scale.is_finite()
            || ![(0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0)].into_iter().any(|(shift, sign)| is(shift, sign))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a table is made of sinusoids along its rows: every column satisfies `x[t+1] + x[t-1] = 2 cos(w) x[t]` with one `w`.
pub(crate) fn is_sinusoid(model: &dyn ModelWeights, index: usize) -> bool {
    let tensor = &model.tensors()[index];
    let dimensions: Vec<u64> = tensor.shape.iter().copied().filter(|dimension| *dimension > 1).collect();
    let [rows, width] = dimensions[..] else { return false };
    if rows < 8 || !(4..=1 << 17).contains(&width) {
        return false;
    }
    let mut table = Vec::new();
    for row in 0..rows.min(16) {
        let mut values = vec![0.0f32; width as usize];
        if model.read(index, row * width, &mut values).is_err() {
            return false;
        }
        table.push(values);
    }
    let mut moving = 0usize;
    for column in 0..width as usize {
        let x = |row: usize| f64::from(table[row][column]);
        let rows = table.len();
        let scale = (0..rows).fold(0.0f64, |most, row| most.max(x(row).abs()));
        if !scale.is_finite() || scale > 1.001 {
            return false;
        }
        // The cosine by least squares over the rows, then the residuals.
        let (mut above, mut below) = (0.0, 0.0);
        for row in 1..rows - 1 {
            above += (x(row + 1) + x(row - 1)) * x(row);
            below += x(row) * x(row);
        }
        let cosine = if below > 0.0 { above / below } else { 0.0 };
        if (1..rows - 1).any(|row| (x(row + 1) + x(row - 1) - cosine * x(row)).abs() > 1e-2 * scale.max(1e-6))
        {
            return false;
        }
        moving += usize::from((x(0) - x(1)).abs() > 1e-3);
    }
    moving * 8 >= width as usize
}

#[cfg(test)]
mod tests {
    use forebear_types::RepoPath;
    use forebear_types::weights::{ModelWeights, ReadError, WeightTensor};

    use super::digest;

    /// One tensor of 64 bytes.
    struct One(WeightTensor);

    impl ModelWeights for One {
        fn tensors(&self) -> &[WeightTensor] {
            std::slice::from_ref(&self.0)
        }

        fn read(&self, _: usize, _: u64, out: &mut [f32]) -> Result<(), ReadError> {
            out.fill(1.0);
            Ok(())
        }

        fn bytes(&self, _: usize, each: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
            each(&[7; 64]);
            Ok(())
        }
    }

    fn of(element: &str, shape: &[u64]) -> [u8; 16] {
        let tensor = WeightTensor {
            name: "a".into(),
            path: RepoPath::root(),
            shape: shape.into(),
            element: element.into(),
            quantised: false,
        };
        digest(&One(tensor), 0).expect("its bytes are there")
    }

    #[test]
    fn another_format_keeps_the_digest_and_another_type_or_shape_does_not() {
        assert_eq!(of("F32", &[16]), of("FLOAT", &[16]));
        assert_eq!(of("F32", &[16]), of("FloatStorage", &[16]));
        assert_ne!(of("F32", &[16]), of("F32", &[4, 4]));
        assert_ne!(of("F16", &[32]), of("BF16", &[32]));
    }
}
