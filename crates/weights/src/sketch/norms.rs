//! The norm of a matrix along each residual dimension. It does not change when rows are permuted or rotated among themselves: heads,
//! units of a feed-forward network, experts. The only feature that needs every value.

use std::collections::BTreeMap;

use forebear_types::weights::{ModelWeights, ReadError};

use crate::view::{Axis, Placed, Role, View};

/// Elements read at a time: 1 MiB of floats.
const CHUNK: usize = 1 << 18;

/// The squared norms (their ranks are those of the norms), by layer plus one and role, over all experts; `None` where a part could
/// not be read.
pub(super) fn column_norms(
    model: &dyn ModelWeights,
    view: &View,
    problems: &mut Vec<ReadError>,
) -> BTreeMap<(u16, Role), Option<Vec<f64>>> {
    let width = view.width as usize;
    let mut all: BTreeMap<(u16, Role), Option<Vec<f64>>> = BTreeMap::new();
    let mut buffer = vec![0.0f32; CHUNK.max(width)];
    for part in view.placed.iter().filter(|part| part.role.is_matrix()) {
        let key = (part.layer.map_or(0, |layer| layer + 1), part.role);
        let sums = all.entry(key).or_insert_with(|| Some(vec![0.0; width]));
        let Some(values) = sums else { continue };
        let done = match part.axis {
            Axis::Last => along_rows(model, part, width, &mut buffer, values),
            Axis::First => along_columns(model, part, width, &mut buffer, values),
        };
        if let Err(error) = done {
            *sums = None;
            if !problems.contains(&error) {
                problems.push(error);
            }
        }
    }
    all
}

/// Rows of `width` values, one after the other.
fn along_rows(
    model: &dyn ModelWeights,
    part: &Placed,
    width: usize,
    buffer: &mut [f32],
    sums: &mut [f64],
) -> Result<(), ReadError> {
    // Rows that follow each other, as far as they do.
    let rows = (buffer.len() / width).min(usize::try_from(part.run).unwrap_or(usize::MAX));
    let mut partial = vec![0.0f32; width];
    let mut free = 0u64;
    while free < part.count {
        let left = (part.count - free).min(part.run - free % part.run);
        let now = rows.min(usize::try_from(left).unwrap_or(rows));
        let buffer = &mut buffer[..now * width];
        model.read(part.tensor, part.position(free, 0, width as u64), buffer)?;
        // Single precision within a few rows, double across: fast, and as exact as ranks need.
        for rows in buffer.chunks(width * 64) {
            partial.fill(0.0);
            for row in rows.chunks_exact(width) {
                for (sum, value) in partial.iter_mut().zip(row) {
                    *sum += value * value;
                }
            }
            for (sum, partial) in sums.iter_mut().zip(&partial) {
                *sum += f64::from(*partial);
            }
        }
        free += now as u64;
    }
    Ok(())
}

/// One run of values for each residual dimension; several of them at a time where the part is the whole matrix.
fn along_columns(
    model: &dyn ModelWeights,
    part: &Placed,
    width: usize,
    buffer: &mut [f32],
    sums: &mut [f64],
) -> Result<(), ReadError> {
    let whole = part.first == 0 && part.count == part.stored && part.count <= buffer.len() as u64;
    if whole {
        let length = part.count as usize;
        let most = buffer.len() / length;
        let mut dimension = 0;
        while dimension < width {
            let now = most.min(width - dimension);
            let buffer = &mut buffer[..now * length];
            model.read(part.tensor, part.position(0, dimension as u64, width as u64), buffer)?;
            for (sum, run) in sums[dimension..].iter_mut().zip(buffer.chunks_exact(length)) {
                *sum += sum_of_squares(run);
            }
            dimension += now;
        }
        return Ok(());
    }
    // Short runs are read with what stands between them.
    let stride = usize::try_from(part.stride).ok().filter(|stride| part.run < 64 && *stride <= buffer.len());
    for (dimension, sum) in sums.iter_mut().enumerate() {
        let mut free = 0u64;
        while free < part.count {
            let start = part.position(free, dimension as u64, width as u64);
            if let Some(stride) = stride {
                let run = part.run as usize;
                let runs = (part.count - free).div_ceil(part.run).min((buffer.len() / stride) as u64);
                // What follows the last run may be beyond the tensor.
                let buffer = &mut buffer[..(runs as usize - 1) * stride + run];
                model.read(part.tensor, start, buffer)?;
                *sum += buffer.chunks(stride).map(|chunk| sum_of_squares(&chunk[..run])).sum::<f64>();
                free += runs * part.run;
                continue;
            }
            let left = (part.count - free).min(part.run - free % part.run);
            let now = buffer.len().min(usize::try_from(left).unwrap_or(buffer.len()));
            let buffer = &mut buffer[..now];
            model.read(part.tensor, start, buffer)?;
            *sum += sum_of_squares(buffer);
            free += now as u64;
        }
    }
    Ok(())
}

/// In sixteen lanes, so that the compiler may use wide registers without changing the order of additions.
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut total = 0.0f64;
    for chunk in values.chunks(4096) {
        let mut lanes = [0.0f32; 16];
        let mut runs = chunk.chunks_exact(16);
        for run in &mut runs {
            for (lane, value) in lanes.iter_mut().zip(run) {
                *lane += value * value;
            }
        }
        total += lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
        total += runs.remainder().iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>();
    }
    total
}
