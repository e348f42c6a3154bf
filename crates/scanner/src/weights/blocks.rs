//! Tensors of GGUF whose elements are rounded in blocks.
//!
//! Layouts: the `block_*` structures of `ggml/src/ggml-common.h` of ggml-org/llama.cpp, and the order of operations of
//! `dequantize_row_*` in `ggml/src/ggml-quants.c`, so that values agree with it to the last bit. Blocks follow each other along
//! rows, and a row is a whole number of blocks.

mod grids;
mod iq;
mod k;
mod simple;

use super::bytes::Span;
use super::values::Values;

/// The largest block of any type, in elements.
const MOST: usize = 256;

/// How a block is decoded: its bytes, and as many values as it has elements.
type Decode = fn(&[u8], &mut [f32]);

/// The decoder of a type by the name that `ggml_type` has without its prefix; `None` for those that have no blocks, and those that
/// are not known.
pub(super) fn decoder(name: &str) -> Option<Decode> {
    Some(match name {
        "Q1_0" => simple::q1_0,
        "Q2_0" => simple::q2_0,
        "Q4_0" => simple::q4_0,
        "Q4_1" => simple::q4_1,
        "Q5_0" => simple::q5_0,
        "Q5_1" => simple::q5_1,
        "Q8_0" => simple::q8_0,
        "Q8_1" => simple::q8_1,
        "MXFP4" => simple::mxfp4,
        "NVFP4" => simple::nvfp4,
        "TQ1_0" => simple::tq1_0,
        "TQ2_0" => simple::tq2_0,
        "Q2_K" => k::q2,
        "Q3_K" => k::q3,
        "Q4_K" => k::q4,
        "Q5_K" => k::q5,
        "Q6_K" => k::q6,
        "Q8_K" => k::q8,
        "IQ1_S" => iq::iq1_s,
        "IQ1_M" => iq::iq1_m,
        "IQ2_XXS" => iq::iq2_xxs,
        "IQ2_XS" => iq::iq2_xs,
        "IQ2_S" => iq::iq2_s,
        "IQ3_XXS" => iq::iq3_xxs,
        "IQ3_S" => iq::iq3_s,
        "IQ4_NL" => iq::iq4_nl,
        "IQ4_XS" => iq::iq4_xs,
        _ => return None,
    })
}

/// A tensor in blocks.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    pub(super) decode: Decode,
    /// Elements and bytes of a block.
    pub(super) elements: usize,
    pub(super) size: usize,
    pub(super) span: Span,
}

/// Bytes that are read at once.
const PIECE: usize = 32 << 10;

impl Values for Blocks {
    fn read(&self, start: u64, mut out: &mut [f32]) -> Result<(), String> {
        let beyond = || "its place is beyond 64 bits".to_owned();
        let mut few = [0; 512];
        let mut many = Vec::new();
        let mut partial = [0.0; MOST];
        let per_piece = (PIECE / self.size).max(1) as u64;
        let mut block = start / self.elements as u64;
        let mut skip = (start % self.elements as u64) as usize;
        while !out.is_empty() {
            let blocks = ((skip + out.len()).div_ceil(self.elements) as u64).min(per_piece);
            let length = blocks as usize * self.size;
            let bytes = if length <= few.len() {
                &mut few[..length]
            } else {
                many.resize(length, 0);
                &mut many[..]
            };
            self.span.read(block.checked_mul(self.size as u64).ok_or_else(beyond)?, bytes)?;
            for raw in bytes.chunks_exact(self.size) {
                let length = (self.elements - skip).min(out.len());
                let (part, rest) = out.split_at_mut(length);
                if length == self.elements {
                    (self.decode)(raw, part);
                } else {
                    let values = &mut partial[..self.elements];
                    (self.decode)(raw, values);
                    part.copy_from_slice(&values[skip..skip + length]);
                }
                out = rest;
                skip = 0;
            }
            block += blocks;
        }
        Ok(())
    }

    fn bytes(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.span.each(each)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// The 16-bit float at a place.
fn half_at(bytes: &[u8], at: usize) -> f32 {
    super::element::half(u16_at(bytes, at))
}
