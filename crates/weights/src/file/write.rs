//! Writes fingerprint files.

use sha2::{Digest as _, Sha256};

use super::{MAGIC, VERSION};
use crate::bits::BitRows;
use crate::digest::TensorDigest;
use crate::fingerprint::Fingerprint;
use crate::sketch::{FeatureKey, Group, Sketch};
use crate::tokenizer::{SampledToken, TokenizerSketch};
use crate::unused::UnusedGram;
use crate::view::Role;

pub(super) fn write(fingerprint: &Fingerprint) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    section(&mut out, 1, |out| {
        for value in
            [fingerprint.tensors, fingerprint.deterministic, fingerprint.guessed, fingerprint.unplaced]
        {
            varint(out, value.into());
        }
    });
    if let Some(name) = &fingerprint.name {
        section(&mut out, 2, |out| out.extend_from_slice(cut(name, 255).as_bytes()));
    }
    if let Some(reason) = &fingerprint.reason {
        section(&mut out, 3, |out| out.extend_from_slice(cut(reason, 1024).as_bytes()));
    }
    if let Some(found) = &fingerprint.sketch {
        section(&mut out, 4, |out| sketch(out, found));
    }
    if let Some(unused) = &fingerprint.unused {
        section(&mut out, 5, |out| gram(out, unused));
    }
    if let Some(found) = &fingerprint.digests {
        section(&mut out, 6, |out| digests(out, found));
    }
    if let Some(found) = &fingerprint.tokenizer {
        section(&mut out, 7, |out| tokenizer(out, found));
    }
    let length = u32::try_from(out.len() + 8).unwrap_or(u32::MAX);
    out[6..10].copy_from_slice(&length.to_le_bytes());
    let checksum = Sha256::digest(&out);
    out.extend_from_slice(&checksum[..8]);
    out
}

fn section(out: &mut Vec<u8>, tag: u8, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(tag);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    content(out);
    let length = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// At most `most` bytes, whole characters.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

fn sketch(out: &mut Vec<u8>, sketch: &Sketch) {
    let flags = u64::from(sketch.tokens_by_bytes) | u64::from(sketch.fixed_sinusoids) << 1;
    for value in [
        sketch.width.into(),
        sketch.layers.into(),
        sketch.profile.dimensions.into(),
        sketch.profile.rows.into(),
        sketch.profile.tokens.into(),
        flags,
        sketch.constant.into(),
        sketch.not_finite.into(),
        sketch.unreadable.into(),
    ] {
        varint(out, value);
    }
    // Keys by group and layer, then layers with the same keys together.
    type Codes = Vec<(Role, u16)>;
    let blocks: Vec<(Group, u16, Codes)> = sketch
        .keys
        .chunk_by(|left, right| (left.group, left.layer) == (right.group, right.layer))
        .map(|keys: &[FeatureKey]| {
            (keys[0].group, keys[0].layer, keys.iter().map(|key| (key.role, key.slot)).collect())
        })
        .collect();
    let runs: Vec<&[(Group, u16, Codes)]> = blocks
        .chunk_by(|left, right| {
            left.0 == right.0 && left.1.checked_add(1) == Some(right.1) && left.2 == right.2
        })
        .collect();
    varint(out, runs.len() as u64);
    for run in runs {
        let (group, layer, codes) = &run[0];
        out.push(*group as u8);
        varint(out, (*layer).into());
        varint(out, run.len() as u64);
        varint(out, codes.len() as u64);
        for (role, slot) in codes {
            out.push(*role as u8);
            varint(out, (*slot).into());
        }
    }
    bits(out, &sketch.bits);
}

fn bits(out: &mut Vec<u8>, rows: &BitRows) {
    let bytes = rows.columns().div_ceil(8);
    for row in 0..rows.len() {
        out.extend(rows.row(row).iter().flat_map(|word| word.to_le_bytes()).take(bytes));
    }
}

fn gram(out: &mut Vec<u8>, gram: &UnusedGram) {
    out.push(gram.tokens.len() as u8);
    for token in &gram.tokens {
        out.extend_from_slice(&token.to_le_bytes());
    }
    bits(out, &gram.bits);
}

fn digests(out: &mut Vec<u8>, digests: &[TensorDigest]) {
    varint(out, digests.len() as u64);
    for tensor in digests {
        varint(out, tensor.layer.into());
        out.push(tensor.role.map_or(255, |role| role as u8));
        out.extend_from_slice(&tensor.digest);
    }
}

fn tokenizer(out: &mut Vec<u8>, tokenizer: &TokenizerSketch) {
    varint(out, tokenizer.size.into());
    varint(out, tokenizer.controls.into());
    for sample in [&tokenizer.sample, &tokenizer.control_sample] {
        out.push(sample.len() as u8);
        for SampledToken { hash, id } in sample {
            out.extend_from_slice(&hash.to_be_bytes()[2..]);
            out.extend_from_slice(&id.to_le_bytes()[..3]);
        }
    }
}
