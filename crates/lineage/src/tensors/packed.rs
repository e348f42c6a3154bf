//! Quantised weights: what packed tensors were made from, and what stands beside them.
//!
//! GPTQ and AWQ pack several weights into each element of `qweight` and put `scales` and `qzeros` of every group beside it. GPTQ packs
//! along the inputs, AWQ along the outputs; both pack the zeros along the outputs, so that `scales` and `qzeros` together tell how
//! many weights an element holds. Sources: `qlinear` of AutoGPTQ and GPTQModel, `WQLinear_GEMM` of AutoAWQ.

use std::collections::BTreeMap;

use forebear_types::fact::Tensor;

/// Last parts of names of scales, zeros and offsets beside a quantised weight (GPTQ, AWQ, MLX, compressed-tensors, FP8, bitsandbytes).
const BESIDE: &[&str] = &[
    "scales", "qzeros", "g_idx", "biases", "weight_scale", "weight_scale_inv", "weight_zero_point",
    "weight_packed", "weight_shape", "weight_g_idx", "input_scale", "SCB", "absmax", "nested_absmax",
    "quant_map",
];

/// Whether a tensor has no dimensions of the model, because it describes how another one was quantised.
pub(super) fn is_beside(rest: &str) -> bool {
    let last = rest.rsplit('.').next().unwrap_or(rest);
    BESIDE.contains(&last)
}

/// Two-dimensional tensors of a quantised module.
#[derive(Default)]
struct Parts<'a> {
    weight: Option<(&'a str, [u64; 2])>,
    scales: Option<[u64; 2]>,
    zeros: Option<[u64; 2]>,
}

/// The matrices that were packed: name, rows (outputs), columns (inputs).
pub(super) fn unpack<'a>(tensors: &[(&'a str, &'a Tensor)]) -> Vec<(&'a str, u64, u64)> {
    let mut modules: BTreeMap<&str, Parts<'a>> = BTreeMap::new();
    for (rest, tensor) in tensors {
        let (Some((module, last)), Some([rows, columns])) = (rest.rsplit_once('.'), tensor.shape.as_deref())
        else {
            continue;
        };
        let shape = [*rows, *columns];
        match last {
            "qweight" => modules.entry(module).or_default().weight = Some((rest, shape)),
            "scales" => modules.entry(module).or_default().scales = Some(shape),
            "qzeros" => modules.entry(module).or_default().zeros = Some(shape),
            _ => {}
        }
    }
    modules.values().filter_map(matrix).collect()
}

fn matrix<'a>(parts: &Parts<'a>) -> Option<(&'a str, u64, u64)> {
    let (rest, [rows, columns]) = parts.weight?;
    let ([groups, outputs], [zero_groups, packed]) = (parts.scales?, parts.zeros?);
    if groups != zero_groups || packed == 0 || packed >= outputs {
        return None;
    }
    if columns == packed {
        return Some((rest, outputs, rows));
    }
    // Weights of three bits do not fill an element: 32 of them are in three.
    let inputs = rows.checked_mul(outputs)?;
    (columns == outputs && inputs.is_multiple_of(packed)).then_some((rest, outputs, inputs / packed))
}
