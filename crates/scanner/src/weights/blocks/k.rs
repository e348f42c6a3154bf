//! The K types: 256 elements in groups of 16 or 32, whose scales are themselves rounded.

use super::half_at;

/// 16 groups of 16 elements of 2 bits; scale and offset of a group share a byte.
pub(super) fn q2(block: &[u8], out: &mut [f32]) {
    let (scales, codes) = (&block[..16], &block[16..80]);
    let (d, least) = (half_at(block, 80), half_at(block, 82));
    for (group, part) in out.chunks_exact_mut(16).enumerate() {
        let scale = d * f32::from(scales[group] & 15);
        let offset = least * f32::from(scales[group] >> 4);
        for (value, code) in part.iter_mut().zip(two_bits(codes, group)) {
            *value = scale * f32::from(code) - offset;
        }
    }
}

/// The 2-bit codes of a group of 16: 32 bytes hold the lowest bits of 32 elements, then those of the next 32.
fn two_bits(codes: &[u8], group: usize) -> impl Iterator<Item = u8> {
    let shift = 2 * (group / 2 % 4);
    let start = 32 * (group / 8) + 16 * (group % 2);
    codes[start..start + 16].iter().map(move |byte| byte >> shift & 3)
}

/// 16 groups of 16 elements of 3 bits, the third in a mask; 6-bit scales with a sign.
pub(super) fn q3(block: &[u8], out: &mut [f32]) {
    let (mask, codes, scales) = (&block[..32], &block[32..96], &block[96..108]);
    let d = half_at(block, 108);
    for (group, part) in out.chunks_exact_mut(16).enumerate() {
        let low = scales[group % 8] >> (4 * (group / 8)) & 15;
        let high = scales[8 + group % 4] >> (2 * (group / 4)) & 3;
        let scale = d * f32::from((low | high << 4) as i8 - 32);
        let third = &mask[16 * (group % 2)..][..16];
        for ((value, code), bits) in part.iter_mut().zip(two_bits(codes, group)).zip(third) {
            // A bit that is set takes nothing away.
            let away = if bits >> (group / 2) & 1 == 1 { 0 } else { 4 };
            *value = scale * f32::from(code as i8 - away);
        }
    }
}

/// Scale and offset of a group of 32, 6 bits each: those of the first four groups stand whole, the upper bits of the others in
/// what these leave free.
fn scale_and_offset(scales: &[u8], group: usize) -> (f32, f32) {
    let (scale, offset) = if group < 4 {
        (scales[group] & 63, scales[group + 4] & 63)
    } else {
        (
            scales[group + 4] & 15 | scales[group - 4] >> 6 << 4,
            scales[group + 4] >> 4 | scales[group] >> 6 << 4,
        )
    };
    (f32::from(scale), f32::from(offset))
}

/// 8 groups of 32 elements of 4 bits.
pub(super) fn q4(block: &[u8], out: &mut [f32]) {
    let (d, least) = (half_at(block, 0), half_at(block, 2));
    for (group, part) in out.chunks_exact_mut(32).enumerate() {
        let (scale, offset) = scale_and_offset(&block[4..16], group);
        let (scale, offset) = (d * scale, least * offset);
        let shift = 4 * (group % 2);
        for (value, code) in part.iter_mut().zip(&block[16 + 32 * (group / 2)..]) {
            *value = scale * f32::from(code >> shift & 15) - offset;
        }
    }
}

/// 8 groups of 32 elements of 5 bits, the fifth in 32 bytes of which each group has one bit.
pub(super) fn q5(block: &[u8], out: &mut [f32]) {
    let (d, least) = (half_at(block, 0), half_at(block, 2));
    for (group, part) in out.chunks_exact_mut(32).enumerate() {
        let (scale, offset) = scale_and_offset(&block[4..16], group);
        let (scale, offset) = (d * scale, least * offset);
        let shift = 4 * (group % 2);
        let codes = &block[48 + 32 * (group / 2)..];
        for ((value, code), fifth) in part.iter_mut().zip(codes).zip(&block[16..48]) {
            let code = code >> shift & 15 | (fifth >> group & 1) << 4;
            *value = scale * f32::from(code) - offset;
        }
    }
}

/// 16 groups of 16 elements of 6 bits: 4 in one place, 2 in another; scales of 8 bits.
pub(super) fn q6(block: &[u8], out: &mut [f32]) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let d = half_at(block, 208);
    for (group, part) in out.chunks_exact_mut(16).enumerate() {
        let scale = d * f32::from(scales[group] as i8);
        // Of 128 elements: four runs of 32, the first two in the lower halves of 64 bytes.
        let (half, run, start) = (group / 8, group / 2 % 4, 16 * (group % 2));
        let low = &low[64 * half + 32 * (run % 2) + start..];
        let high = &high[32 * half + start..];
        for ((value, low), high) in part.iter_mut().zip(low).zip(high) {
            let code = low >> (4 * (run / 2)) & 15 | (high >> (2 * run) & 3) << 4;
            *value = scale * f32::from(code as i8 - 32);
        }
    }
}

/// A 32-bit scale and 256 elements of 8 bits; sums that multiplication uses follow.
pub(super) fn q8(block: &[u8], out: &mut [f32]) {
    let d = f32::from_bits(super::u32_at(block, 0));
    for (value, code) in out.iter_mut().zip(&block[4..]) {
        *value = d * f32::from(*code as i8);
    }
}
