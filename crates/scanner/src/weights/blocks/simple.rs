//! Types whose blocks have one scale: 32 elements of 4, 5 and 8 bits, and those of one bit, ternary and 4-bit float elements.

use super::super::element::{E2M1, E4M3, power};
use super::{half_at, u32_at};

/// 128 signs and the distance from zero.
pub(super) fn q1_0(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (index, value) in out.iter_mut().enumerate() {
        let bit = block[2 + index / 8] >> (index % 8) & 1;
        *value = if bit == 1 { d } else { -d };
    }
}

/// 64 elements of two bits, less one. A fork of llama.cpp writes blocks of 128 under the same number: their tensors seem to overlap,
/// which the reader of the header says.
pub(super) fn q2_0(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (index, value) in out.iter_mut().enumerate() {
        let code = block[2 + index / 4] >> (2 * (index % 4)) & 3;
        *value = f32::from(code as i8 - 1) * d;
    }
}

/// Halves of a byte: the first 16 elements are the lower ones.
fn nibbles(codes: &[u8], out: &mut [f32], value: impl Fn(usize, u8) -> f32) {
    let half = out.len() / 2;
    let (lower, upper) = out.split_at_mut(half);
    for (index, ((low, high), code)) in lower.iter_mut().zip(upper).zip(codes).enumerate() {
        *low = value(index, code & 15);
        *high = value(index + half, code >> 4);
    }
}

pub(super) fn q4_0(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    nibbles(&block[2..], out, |_, code| f32::from(code as i8 - 8) * d);
}

pub(super) fn q4_1(block: &[u8], out: &mut [f32]) {
    let (d, least) = (half_at(block, 0), half_at(block, 2));
    nibbles(&block[4..], out, |_, code| f32::from(code) * d + least);
}

/// The fifth bits stand together in 32 bits.
pub(super) fn q5_0(block: &[u8], out: &mut [f32]) {
    let (d, fifth) = (half_at(block, 0), u32_at(block, 2));
    nibbles(&block[6..], out, |index, code| f32::from((code | bit(fifth, index) << 4) as i8 - 16) * d);
}

pub(super) fn q5_1(block: &[u8], out: &mut [f32]) {
    let (d, least, fifth) = (half_at(block, 0), half_at(block, 2), u32_at(block, 4));
    nibbles(&block[8..], out, |index, code| f32::from(code | bit(fifth, index) << 4) * d + least);
}

fn bit(bits: u32, index: usize) -> u8 {
    (bits >> index & 1) as u8
}

pub(super) fn q8_0(block: &[u8], out: &mut [f32]) {
    bytes(half_at(block, 0), &block[2..], out);
}

/// Between scale and elements stands a sum that multiplication uses.
pub(super) fn q8_1(block: &[u8], out: &mut [f32]) {
    bytes(half_at(block, 0), &block[4..], out);
}

fn bytes(d: f32, codes: &[u8], out: &mut [f32]) {
    for (value, code) in out.iter_mut().zip(codes) {
        *value = f32::from(*code as i8) * d;
    }
}

/// An exponent, and 32 elements of 4-bit floats (OCP Microscaling Formats 1.0).
pub(super) fn mxfp4(block: &[u8], out: &mut [f32]) {
    // Half the scale with doubled elements: what llama.cpp computes, so that the largest exponent, which stands for no number in
    // the specification, is treated as it does.
    let half = match block[0] {
        0 => f32::from_bits(0x0020_0000),
        exponent => power(exponent - 1),
    };
    nibbles(&block[1..], out, |_, code| 2.0 * E2M1[usize::from(code)] * half);
}

/// Four groups of 16 elements of 4-bit floats, each with a scale in E4M3 without a sign.
pub(super) fn nvfp4(block: &[u8], out: &mut [f32]) {
    for ((scale, codes), part) in
        block[..4].iter().zip(block[4..].chunks_exact(8)).zip(out.chunks_exact_mut(16))
    {
        // The upper bit says nothing. Of the two codes that are no number in E4M3 llama.cpp takes one as zero, the other as 480.
        let d = match *scale {
            0x7f => 0.0,
            0xff => 480.0,
            scale => E4M3[usize::from(scale & 0x7f)],
        };
        nibbles(codes, part, |_, code| E2M1[usize::from(code)] * d);
    }
}

/// Five ternary digits to a byte, as a fixed-point fraction of 243: the first digit of all 32 bytes, then the second.
pub(super) fn tq1_0(block: &[u8], out: &mut [f32]) {
    const POWERS: [u8; 5] = [1, 3, 9, 27, 81];
    let d = half_at(block, 52);
    let mut out = out.iter_mut();
    for (bytes, digits) in [(&block[..32], 5), (&block[32..48], 5), (&block[48..52], 4)] {
        for power in &POWERS[..digits] {
            for (byte, value) in bytes.iter().zip(&mut out) {
                let digit = (u16::from(byte.wrapping_mul(*power)) * 3) >> 8;
                *value = (f32::from(digit) - 1.0) * d;
            }
        }
    }
}

/// Ternary digits in two bits: of 32 bytes the lowest two, then the next.
pub(super) fn tq2_0(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 64);
    for (bytes, part) in block[..64].chunks_exact(32).zip(out.chunks_exact_mut(128)) {
        for (shift, run) in part.chunks_exact_mut(32).enumerate() {
            for (value, byte) in run.iter_mut().zip(bytes) {
                *value = f32::from((byte >> (2 * shift) & 3) as i8 - 1) * d;
            }
        }
    }
}
