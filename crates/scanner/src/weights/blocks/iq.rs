//! The IQ types: groups of elements are points of a grid, with signs and scales of their own; and those with a table of levels.

use super::grids::{IQ1_S, IQ2_S, IQ2_XS, IQ2_XXS, IQ3_S, IQ3_XXS};
use super::{half_at, u16_at, u32_at};

/// Levels of the grids with eight coordinates, of the grids with four, and of the table (`kvalues_iq4nl`).
const EIGHTS: [f32; 4] = [8.0, 25.0, 43.0, 0.0];
const FOURS_XXS: [f32; 8] = [4.0, 12.0, 20.0, 28.0, 36.0, 44.0, 52.0, 62.0];
const FOURS_S: [f32; 8] = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0];
const TABLE: [f32; 16] = [
    -127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0, 1.0, 13.0, 25.0, 38.0, 53.0, 69.0, 89.0, 113.0,
];

/// What the points of IQ1 are moved by.
const DELTA: f32 = 0.125;

/// Eight signs from seven bits: the eighth makes the number of minus signs even (`ksigns_iq2xs`).
fn even(bits: u32) -> u8 {
    let bits = (bits & 127) as u8;
    bits | ((bits.count_ones() & 1) as u8) << 7
}

fn signed(signs: u8, index: usize, value: f32) -> f32 {
    if signs >> index & 1 == 1 { -value } else { value }
}

/// Eight elements: a point with eight coordinates.
fn eight(point: u16, signs: u8, scale: f32, out: &mut [f32]) {
    for (index, value) in out.iter_mut().enumerate() {
        *value = signed(signs, index, scale * EIGHTS[usize::from(point >> (2 * index) & 3)]);
    }
}

/// Eight elements: two points with four coordinates.
fn fours(points: [u16; 2], levels: &[f32; 8], signs: u8, scale: f32, out: &mut [f32]) {
    for (index, value) in out.iter_mut().enumerate() {
        let level = points[index / 4] >> (3 * (index % 4)) & 7;
        *value = signed(signs, index, scale * levels[usize::from(level)]);
    }
}

/// Of each 32 elements: four numbers of points, then four times seven signs and a scale in 32 bits.
pub(super) fn iq2_xxs(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (codes, part) in block[2..].chunks_exact(8).zip(out.chunks_exact_mut(32)) {
        let rest = u32_at(codes, 4);
        let scale = d * (0.5 + (rest >> 28) as f32) * 0.25;
        for (index, eighth) in part.chunks_exact_mut(8).enumerate() {
            eight(IQ2_XXS[usize::from(codes[index])], even(rest >> (7 * index)), scale, eighth);
        }
    }
}

/// Of each 8 elements: nine bits of the point, seven of the signs; a scale for 16.
pub(super) fn iq2_xs(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (index, eighth) in out.chunks_exact_mut(8).enumerate() {
        let code = u16_at(block, 2 + 2 * index);
        let scale = d * (0.5 + f32::from(nibble(&block[66..], index / 2))) * 0.25;
        eight(IQ2_XS[usize::from(code & 511)], even(u32::from(code >> 9)), scale, eighth);
    }
}

/// Of each 8 elements: ten bits of the point in two places, eight signs; a scale for 16.
pub(super) fn iq2_s(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    let (codes, signs, upper, scales) = (&block[2..34], &block[34..66], &block[66..74], &block[74..82]);
    for (index, eighth) in out.chunks_exact_mut(8).enumerate() {
        let point = usize::from(codes[index]) | usize::from(upper[index / 4] >> (2 * (index % 4)) & 3) << 8;
        let scale = d * (0.5 + f32::from(nibble(scales, index / 2))) * 0.25;
        eight(IQ2_S[point], signs[index], scale, eighth);
    }
}

fn nibble(bytes: &[u8], index: usize) -> u8 {
    bytes[index / 2] >> (4 * (index % 2)) & 15
}

/// Of each 32 elements: eight points of four coordinates, then signs and scale as in IQ2_XXS.
pub(super) fn iq3_xxs(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (group, part) in out.chunks_exact_mut(32).enumerate() {
        let rest = u32_at(block, 66 + 4 * group);
        let scale = d * (0.5 + (rest >> 28) as f32) * 0.5;
        for (index, eighth) in part.chunks_exact_mut(8).enumerate() {
            let codes = &block[2 + 8 * group + 2 * index..];
            let points = [IQ3_XXS[usize::from(codes[0])], IQ3_XXS[usize::from(codes[1])]];
            fours(points, &FOURS_XXS, even(rest >> (7 * index)), scale, eighth);
        }
    }
}

/// Of each 4 elements: nine bits of the point in two places; eight signs; a scale for 32.
pub(super) fn iq3_s(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    let (codes, upper, signs, scales) = (&block[2..66], &block[66..74], &block[74..106], &block[106..110]);
    let point = |index: usize| {
        IQ3_S[usize::from(codes[index]) | usize::from(upper[index / 8] >> (index % 8) & 1) << 8]
    };
    for (index, eighth) in out.chunks_exact_mut(8).enumerate() {
        let scale = d * f32::from(1 + 2 * nibble(scales, index / 4));
        fours([point(2 * index), point(2 * index + 1)], &FOURS_S, signs[index], scale, eighth);
    }
}

/// Eight elements of IQ1: coordinates -1, 0 and 1, all moved one way.
fn ones(point: u16, delta: f32, scale: f32, out: &mut [f32]) {
    for (index, value) in out.iter_mut().enumerate() {
        *value = scale * (f32::from((point >> (2 * index) & 3) as i8 - 1) + delta);
    }
}

/// Of each 8 elements: eleven bits of the point in two places; of each 32 three bits of scale and the way to move.
pub(super) fn iq1_s(block: &[u8], out: &mut [f32]) {
    let d = half_at(block, 0);
    for (group, part) in out.chunks_exact_mut(32).enumerate() {
        let rest = u16_at(block, 34 + 2 * group);
        let scale = d * f32::from(2 * (rest >> 12 & 7) + 1);
        let delta = if rest & 0x8000 == 0 { DELTA } else { -DELTA };
        for (index, eighth) in part.chunks_exact_mut(8).enumerate() {
            let point = usize::from(block[2 + 4 * group + index]) | usize::from(rest >> (3 * index) & 7) << 8;
            ones(IQ1_S[point], delta, scale, eighth);
        }
    }
}

/// As IQ1_S, with a way to move for each 8 elements and a scale for 16. The scale of the block lies in the upper bits of four
/// numbers.
pub(super) fn iq1_m(block: &[u8], out: &mut [f32]) {
    let scales: [u16; 4] = [48, 50, 52, 54].map(|at| u16_at(block, at));
    let d = scales.iter().rev().fold(0, |bits, scale| bits << 4 | scale >> 12);
    let d = super::super::element::half(d);
    for (index, eighth) in out.chunks_exact_mut(8).enumerate() {
        let sixteenth = index / 2;
        let scale = d * f32::from(2 * (scales[sixteenth / 4] >> (3 * (sixteenth % 4)) & 7) + 1);
        let rest = nibble(&block[32..48], index);
        let delta = if rest & 8 == 0 { DELTA } else { -DELTA };
        let point = usize::from(block[index]) | usize::from(rest & 7) << 8;
        ones(IQ1_S[point], delta, scale, eighth);
    }
}

/// 32 elements of 4 bits, which are places in a table.
pub(super) fn iq4_nl(block: &[u8], out: &mut [f32]) {
    levels(half_at(block, 0), &block[2..], out);
}

/// 8 groups of 32 elements as in IQ4_NL, with scales of 6 bits and a sign.
pub(super) fn iq4_xs(block: &[u8], out: &mut [f32]) {
    let (d, upper) = (half_at(block, 0), u16_at(block, 2));
    for (group, part) in out.chunks_exact_mut(32).enumerate() {
        let scale = nibble(&block[4..8], group) | ((upper >> (2 * group) & 3) as u8) << 4;
        levels(d * f32::from(scale as i8 - 32), &block[8 + 16 * group..], part);
    }
}

fn levels(scale: f32, codes: &[u8], out: &mut [f32]) {
    let (lower, upper) = out.split_at_mut(16);
    for ((low, high), code) in lower.iter_mut().zip(upper).zip(codes) {
        *low = scale * TABLE[usize::from(code & 15)];
        *high = scale * TABLE[usize::from(code >> 4)];
    }
}
