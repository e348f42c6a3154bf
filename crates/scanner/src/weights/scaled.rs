//! Codes with a scale, and perhaps a zero point, for each block of elements: `value = (code - zero) * scale * factor`.
//!
//! Sources: ONNX operators `DequantizeLinear` and `MatMulInteger`; `weight_dequant` in `inference/kernel.py` of DeepSeek-V3
//! (`weight_scale_inv` multiplies, blocks of 128 x 128, the last ones smaller); the `weight_scale` of compressed-tensors and FBGEMM
//! (a tensor or a row has one); `int8_vectorwise_dequant` of bitsandbytes (`SCB / 127` a row); the OCP Microscaling Formats.

use super::values::Values;

/// Codes with scales.
#[derive(Debug)]
pub(super) struct Scaled {
    pub(super) codes: Box<dyn Values>,
    pub(super) scales: Box<dyn Values>,
    pub(super) zeros: Option<Box<dyn Values>>,
    pub(super) factor: f32,
    pub(super) grid: Grid,
}

/// Which scale belongs to which element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// The dimensions of the tensor.
    shape: Vec<u64>,
    /// How far a scale reaches in each dimension; not zero.
    block: Vec<u64>,
    /// Scales between neighbours in each dimension.
    strides: Vec<u64>,
}

impl Grid {
    /// Blocks of such a size, with scales in row-major order. `None` if `there` is not the number of scales that this needs, or the
    /// lists have different lengths.
    pub(super) fn new(shape: &[u64], block: &[u64], there: u64) -> Option<Self> {
        if shape.len() != block.len() || block.contains(&0) || shape.contains(&0) {
            return None;
        }
        let mut strides = vec![0; shape.len()];
        let mut count = 1u64;
        for ((stride, size), block) in strides.iter_mut().zip(shape).zip(block).rev() {
            *stride = count;
            count = count.checked_mul(size.div_ceil(*block))?;
        }
        (count == there).then(|| Self { shape: shape.to_vec(), block: block.to_vec(), strides })
    }

    /// One scale for all.
    pub(super) fn whole(shape: &[u64]) -> Option<Self> {
        Self::new(shape, shape, 1)
    }

    /// One scale for each index of a dimension.
    pub(super) fn axis(shape: &[u64], axis: usize, there: u64) -> Option<Self> {
        let mut block = shape.to_vec();
        *block.get_mut(axis)? = 1;
        Self::new(shape, &block, there)
    }

    /// The scale of the first element of a row, leaving out the last dimension.
    fn row(&self, mut row: u64) -> u64 {
        let mut scale = 0;
        for index in (0..self.shape.len().saturating_sub(1)).rev() {
            scale += row % self.shape[index] / self.block[index] * self.strides[index];
            row /= self.shape[index];
        }
        scale
    }
}

impl Values for Scaled {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        self.codes.read(start, out)?;
        let row_length = self.grid.shape.last().copied().unwrap_or(1);
        let block = self.grid.block.last().copied().unwrap_or(1);
        let (mut scales, mut zeros) = (Vec::new(), Vec::new());
        let mut held = None;
        let mut at = start;
        let mut rest = out;
        while !rest.is_empty() {
            let (row, column) = (at / row_length, at % row_length);
            // Long rows are taken in parts, so that the scales of a part are few.
            let length = (row_length - column).min(rest.len() as u64).min(1 << 16);
            let first = column / block;
            let wanted = (self.grid.row(row) + first, (column + length - 1) / block - first + 1);
            if held != Some(wanted) {
                scales.resize(wanted.1 as usize, 0.0);
                self.scales.read(wanted.0, &mut scales)?;
                if let Some(points) = &self.zeros {
                    zeros.resize(wanted.1 as usize, 0.0);
                    points.read(wanted.0, &mut zeros)?;
                }
                held = Some(wanted);
            }
            let (mut part, after) = rest.split_at_mut(length as usize);
            rest = after;
            for (index, scale) in scales.iter().enumerate() {
                let begin = (first + index as u64).saturating_mul(block).max(column);
                let end = (first + index as u64 + 1).saturating_mul(block).min(column + length);
                let length = end - begin;
                let (run, after) = part.split_at_mut(length as usize);
                let (scale, zero) = (scale * self.factor, zeros.get(index).copied().unwrap_or(0.0));
                for value in run {
                    *value = (*value - zero) * scale;
                }
                part = after;
            }
            at += length;
        }
        Ok(())
    }

    /// Codes, scales, zero points: only together they are the tensor.
    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.codes.bytes(each)?;
        self.scales.bytes(each)?;
        self.zeros.as_ref().map_or(Ok(()), |zeros| zeros.bytes(each))
    }
}

/// The 4-bit codes of bitsandbytes: places in a table of 16 levels, the first of two in the upper half of a byte, and a largest
/// absolute value for each block.
///
/// Source: `dequantize_4bit` and `QuantState.from_dict` in `bitsandbytes/functional.py`.
#[derive(Debug)]
pub(super) struct Levels {
    /// Bytes, two codes each.
    pub(super) codes: Box<dyn Values>,
    pub(super) levels: [f32; 16],
    pub(super) largest: Box<dyn Values>,
    pub(super) block: u64,
}

impl Values for Levels {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        let mut codes = [0.0; 513];
        let mut largest = Vec::new();
        let mut at = start;
        for part in out.chunks_mut(1024) {
            let end = at + part.len() as u64;
            let codes = &mut codes[..(end.div_ceil(2) - at / 2) as usize];
            self.codes.read(at / 2, codes)?;
            let first = at / self.block;
            largest.resize(((end - 1) / self.block - first + 1) as usize, 0.0);
            self.largest.read(first, &mut largest)?;
            for (index, value) in part.iter_mut().enumerate() {
                let element = at + index as u64;
                // Bytes are exact as floats.
                let pair = codes[(element / 2 - at / 2) as usize] as u8;
                let code = if element.is_multiple_of(2) { pair >> 4 } else { pair & 15 };
                *value = self.levels[usize::from(code)] * largest[(element / self.block - first) as usize];
            }
            at = end;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.codes.bytes(each)?;
        self.largest.bytes(each)
    }
}

/// Scales that are themselves places in a table, scaled in blocks and moved: the nested quantisation of bitsandbytes.
#[derive(Debug)]
pub(super) struct NestedScales {
    pub(super) codes: Box<dyn Values>,
    pub(super) levels: Vec<f32>,
    pub(super) largest: Box<dyn Values>,
    pub(super) block: u64,
    pub(super) offset: f32,
}

impl Values for NestedScales {
    fn read(&self, start: u64, out: &mut [f32]) -> Result<(), String> {
        self.codes.read(start, out)?;
        let mut held = None;
        let mut largest = [0.0];
        for (index, value) in out.iter_mut().enumerate() {
            let block = (start + index as u64) / self.block;
            if held != Some(block) {
                self.largest.read(block, &mut largest)?;
                held = Some(block);
            }
            let level = self.levels.get(*value as usize).copied();
            *value = level.ok_or("its table of levels is too short")? * largest[0] + self.offset;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.codes.bytes(each)?;
        self.largest.bytes(each)
    }
}
