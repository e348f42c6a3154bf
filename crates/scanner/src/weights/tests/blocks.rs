//! GGUF: blocks, row orders, lying lists.

use sha2::{Digest as _, Sha256};

use super::*;
use crate::weights::blocks::decoder;

/// A GGUF file, version 3, of texts and numbers, and of tensors with type, dimensions (innermost first) and bytes.
fn gguf(keys: &[(&str, Key)], tensors: &[(&str, u32, &[u64], Vec<u8>)], big: bool) -> Vec<u8> {
    let u32_of = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let u64_of = |number: u64| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let text = |text: &str| [&u64_of(text.len() as u64)[..], text.as_bytes()].concat();
    let mut out =
        [&b"GGUF"[..], &u32_of(3), &u64_of(tensors.len() as u64), &u64_of(keys.len() as u64)].concat();
    for (key, value) in keys {
        out.extend(text(key));
        match value {
            Key::Text(value) => out.extend([&u32_of(8)[..], &text(value)].concat()),
            Key::Number(value) => out.extend([u32_of(4), u32_of(*value)].concat()),
        }
    }
    let mut data = Vec::new();
    for (name, element, shape, bytes) in tensors {
        data.resize(data.len().next_multiple_of(32), 0u8);
        out.extend([text(name), u32_of(shape.len() as u32).to_vec()].concat());
        for size in *shape {
            out.extend(u64_of(*size));
        }
        out.extend([&u32_of(*element)[..], &u64_of(data.len() as u64)].concat());
        data.extend_from_slice(bytes);
    }
    out.resize(out.len().next_multiple_of(32), 0);
    [out, data].concat()
}

enum Key {
    Text(&'static str),
    Number(u32),
}

/// A model with blocks, numbers and reordered rows.
pub(super) fn sample() -> Vec<u8> {
    let keys = [
        ("general.architecture", Key::Text("llama")),
        ("llama.embedding_length", Key::Number(8)),
        ("llama.attention.head_count", Key::Number(2)),
    ];
    let tensors = [
        ("blk.0.attn_q.weight", 0, &[2, 8][..], floats(&[1.0; 16])),
        ("a", 8, &[32, 2][..], vec![1; 68]),
        ("b", 12, &[256][..], vec![1; 144]),
        ("c", 17, &[256][..], vec![0x35; 74]),
    ];
    gguf(&keys, &tensors, false)
}

/// One half as a 16-bit float.
const HALF: [u8; 2] = [0x00, 0x38];

fn decode(name: &str, block: &[u8], elements: usize) -> Vec<f32> {
    let mut out = vec![0.0; elements];
    decoder(name).unwrap()(block, &mut out);
    out
}

#[test]
fn blocks_computed_by_hand() {
    // Scale one half; codes 0 and 15 in the first byte: -8 and 7 halves, at places 0 and 16; zero (code 8) elsewhere.
    let mut block = [&HALF[..], &[0x88; 16]].concat();
    block[2] = 0xf0;
    let found = decode("Q4_0", &block, 32);
    assert_eq!((found[0], found[16], found[1], found[31]), (-4.0, 3.5, 0.0, 0.0));
    // The same codes with an offset of one half.
    let block = [&HALF[..], &HALF, &[0xf0], &[0x88; 15]].concat();
    let found = decode("Q4_1", &block, 32);
    assert_eq!((found[0], found[16], found[1]), (0.5, 8.0, 4.5));
    // Fifth bits of elements 0 and 31.
    let block = [&HALF[..], &[1, 0, 0, 0x80], &[0xf0], &[0x00; 15]].concat();
    let found = decode("Q5_0", &block, 32);
    assert_eq!((found[0], found[16], found[1], found[31]), (0.0, -0.5, -8.0, 0.0));
    let block = [&HALF[..], &HALF, &[1, 0, 0, 0x80], &[0xf0], &[0x00; 15]].concat();
    let found = decode("Q5_1", &block, 32);
    assert_eq!((found[0], found[16], found[1], found[31]), (8.5, 8.0, 0.5, 8.5));
    for (name, extra) in [("Q8_0", 0), ("Q8_1", 2)] {
        let block = [&HALF[..], &vec![9; extra], &[0x80, 0x7f], &[2; 30]].concat();
        let found = decode(name, &block, 32);
        assert_eq!((found[0], found[1], found[31]), (-64.0, 63.5, 1.0), "{name}");
    }
    let block = [&0.25f32.to_le_bytes()[..], &[0xff; 256], &[7; 32]].concat();
    assert_eq!(decode("Q8_K", &block, 256), [-0.25; 256]);
    let found = decode("Q1_0", &[&HALF[..], &[0b10], &[0xff; 15]].concat(), 128);
    assert_eq!((found[0], found[1], found[2], found[127]), (-0.5, 0.5, -0.5, 0.5));
    let found = decode("Q2_0", &[&HALF[..], &[0b11_10_01_00], &[0; 15]].concat(), 64);
    assert_eq!(found[..5], [-0.5, 0.0, 0.5, 1.0, -0.5]);
    // Two bits: 0 is minus one, 1 zero, 2 one; the lowest bits of 32 bytes are the first 32 elements.
    let block = [&[0b10_01_00_10; 64][..], &HALF].concat();
    let found = decode("TQ2_0", &block, 256);
    assert_eq!((found[0], found[32], found[64], found[96], found[255]), (0.5, -0.5, 0.0, 0.5, 0.5));
    // Digits 2 1 0 1 2 of base three are 194, and 194 * 256 / 243 rounded up is 205.
    let block = [&[205; 52][..], &HALF].concat();
    let found = decode("TQ1_0", &block, 256);
    assert_eq!((found[0], found[32], found[64], found[96], found[128]), (0.5, 0.0, -0.5, 0.0, 0.5));
    // An exponent of 128 is two; codes 7 and 10 are 6 and -1.
    let found = decode("MXFP4", &[&[128, 0xa7][..], &[0; 15]].concat(), 32);
    assert_eq!((found[0], found[16], found[1]), (12.0, -2.0, 0.0));
    // Scales 1 (0x38) and 2 (0x40) in E4M3; code 2 is one.
    let found = decode("NVFP4", &[&[0x38, 0x40, 0, 0][..], &[0x22; 32]].concat(), 64);
    assert_eq!((found[0], found[15], found[16], found[32]), (1.0, 1.0, 2.0, 0.0));
    // Group 0 has scale 3 and offset 5, group 4 scale 16 + 2 and offset 16 + 4 (bits 4 and 5 stand with groups 0 and 4 of the first).
    let mut block = [&HALF[..], &HALF, &[0; 12], &[0x21; 128]].concat();
    (block[4], block[8], block[12]) = (3 | 0x40, 5 | 0x40, 0x42);
    let found = decode("Q4_K", &block, 256);
    assert_eq!((found[0], found[32], found[128]), (1.5 - 2.5, 0.0, 9.0 - 10.0));
    // Scales of one; code 1 in the lower places, 2 in the upper ones; minus 32.
    let block = [&[0x21; 128][..], &[0; 64], &[1; 16], &HALF].concat();
    let found = decode("Q6_K", &block, 256);
    assert_eq!((found[0], found[64], found[255]), (-15.5, -15.0, -15.0));
    // A table instead of steps.
    let found = decode("IQ4_NL", &[&HALF[..], &[0xf0; 16]].concat(), 32);
    assert_eq!((found[0], found[16]), (-63.5, 56.5));
}

/// Three blocks of bytes from a generator, and what an implementation that is not ours makes of them: the `dequantize` of the Python
/// package `gguf` 0.19.0 (NumPy). The digest is the beginning of the SHA-256 of the values as little-endian floats, minus zero made zero.
/// That implementation has neither Q1_0 nor Q2_0 nor Q8_1 nor Q8_K: these are computed by hand above.
#[test]
fn an_independent_implementation_has_the_same_values_to_the_last_bit() {
    for (name, seed, size, elements, wanted) in [
        ("Q4_0", 0, 18, 32, "1d605f25e59b3ad7"),
        ("Q4_1", 0, 20, 32, "898b61448c897ee6"),
        ("Q5_0", 0, 22, 32, "b5ef0c08bca5f5a9"),
        ("Q5_1", 1, 24, 32, "6f39ccd5a6617261"),
        ("Q8_0", 0, 34, 32, "0604af12322e0b02"),
        ("Q2_K", 1, 84, 256, "1cdea0c0bd0ae6b4"),
        ("Q3_K", 0, 110, 256, "4eb01dd46716f4cc"),
        ("Q4_K", 0, 144, 256, "b6bcccfeffaf9417"),
        ("Q5_K", 0, 176, 256, "6836371e8a0fd7c9"),
        ("Q6_K", 0, 210, 256, "4651b3a32f0a55cf"),
        ("IQ2_XXS", 0, 66, 256, "6fa071f304c13fd9"),
        ("IQ2_XS", 0, 74, 256, "b428e594bc4bf31e"),
        ("IQ3_XXS", 0, 98, 256, "6f0584acdd0e2455"),
        ("IQ1_S", 1, 50, 256, "b6f37b7a5df1bdeb"),
        ("IQ4_NL", 0, 18, 32, "05286a2c44c640f4"),
        ("IQ3_S", 0, 110, 256, "e6cad5dab3229d0c"),
        ("IQ2_S", 0, 82, 256, "9c3ff77436378a91"),
        ("IQ4_XS", 0, 136, 256, "7621ded89d5f0c1d"),
        ("IQ1_M", 0, 56, 256, "9f3166365a9c2f09"),
        ("TQ1_0", 0, 54, 256, "7297f0c2032dced5"),
        ("TQ2_0", 0, 66, 256, "28a3fc46d0e6ffd5"),
        ("MXFP4", 1, 17, 32, "de3691331b76befc"),
        ("NVFP4", 0, 36, 64, "da4253dc36e5f464"),
    ] {
        let mut state: u64 = seed;
        let bytes: Vec<u8> = (0..3 * size)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        let found: Vec<f32> = bytes
            .chunks_exact(size)
            .flat_map(|block| decode(name, block, elements))
            .map(|value| value + 0.0)
            .collect();
        let digest: String =
            Sha256::digest(floats(&found)).iter().take(8).fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").unwrap();
                text
            });
        assert_eq!(digest, wanted, "{name}");
    }
}

#[test]
fn tensors_are_read_in_blocks_from_any_place() {
    let blocks = [&HALF[..], &(0..32).collect::<Vec<u8>>(), &HALF, &(32..64).collect::<Vec<u8>>()].concat();
    let file = gguf(
        &[("general.architecture", Key::Text("qwen2"))],
        &[
            ("rounded", 8, &[32, 2], blocks.clone()),
            ("norm", 0, &[3], floats(&[1.0, 2.0, 3.0])),
            ("small", 30, &[2, 1], vec![0x80, 0x3f, 0x00, 0x40]),
        ],
        false,
    );
    let opened = fine("model.gguf", file);
    let wanted: Vec<f32> = (0..64).map(|code| code as f32 / 2.0).collect();
    assert_eq!(values(&opened, "rounded").unwrap(), wanted);
    assert_eq!(values(&opened, "norm").unwrap(), [1.0, 2.0, 3.0]);
    assert_eq!(values(&opened, "small").unwrap(), [1.0, 2.0]);
    let tensor = &opened.model.tensors()[number(&opened, "rounded")];
    assert_eq!((&*tensor.shape, &*tensor.element, tensor.quantised), (&[2, 32][..], "Q8_0", true));
    assert!(!opened.model.tensors()[number(&opened, "norm")].quantised);
    assert_eq!(bytes_of(&opened, "rounded").unwrap(), blocks);
    let mut middle = [0.0; 3];
    opened.model.read(number(&opened, "rounded"), 31, &mut middle).unwrap();
    assert_eq!(middle, wanted[31..34]);
}

#[test]
fn the_rows_of_queries_and_keys_come_back_in_the_order_of_the_model() {
    // Two heads of four rows: the file has rows 0 2 1 3 of each.
    let stored: Vec<f32> =
        [0, 2, 1, 3, 4, 6, 5, 7].into_iter().flat_map(|row| [row as f32, row as f32 + 0.5]).collect();
    let keys = |architecture| {
        vec![
            ("general.architecture", Key::Text(architecture)),
            ("llama.embedding_length", Key::Number(8)),
            ("llama.attention.head_count", Key::Number(2)),
        ]
    };
    let bias: Vec<f32> = stored.iter().copied().step_by(2).collect();
    let tensors = [
        ("blk.0.attn_q.weight", 0, &[2, 8][..], floats(&stored)),
        ("blk.0.attn_k.weight", 0, &[2, 4][..], floats(&stored[..8])),
        ("blk.0.attn_k.bias", 0, &[4][..], floats(&bias[..4])),
        ("blk.0.attn_v.weight", 0, &[2, 8][..], floats(&stored)),
    ];
    let opened = fine("model.gguf", gguf(&keys("llama"), &tensors, false));
    let wanted: Vec<f32> = (0..8).flat_map(|row| [row as f32, row as f32 + 0.5]).collect();
    assert_eq!(values(&opened, "blk.0.attn_q.weight").unwrap(), wanted);
    assert_eq!(values(&opened, "blk.0.attn_k.weight").unwrap(), wanted[..8]);
    assert_eq!(values(&opened, "blk.0.attn_k.bias").unwrap(), [0.0, 1.0, 2.0, 3.0]);
    assert_eq!(values(&opened, "blk.0.attn_v.weight").unwrap(), stored);
    assert_eq!(
        bytes_of(&opened, "blk.0.attn_q.weight").unwrap(),
        floats(&stored),
        "bytes are those of the file"
    );

    // Another architecture keeps its rows; without the size of a head it is said that they cannot be put in order.
    let opened = fine("model.gguf", gguf(&keys("qwen2"), &tensors, false));
    assert_eq!(values(&opened, "blk.0.attn_q.weight").unwrap(), stored);
    let opened = open(&[("model.gguf", gguf(&keys("llama")[..1], &tensors, false))]);
    assert_eq!(values(&opened, "blk.0.attn_q.weight").unwrap(), stored);
    assert!(whats(&opened)[0].contains("the rows of 3 query and key tensors"), "{:?}", opened.problems);
}

#[test]
fn big_endian_numbers_are_read_and_big_endian_blocks_refused() {
    let numbers: Vec<u8> = [1.0f32, -2.5].into_iter().flat_map(f32::to_be_bytes).collect();
    let file = gguf(
        &[("general.architecture", Key::Text("qwen2"))],
        &[("a", 0, &[2], numbers), ("b", 1, &[1], vec![0x3c, 0]), ("c", 8, &[32], vec![0; 34])],
        true,
    );
    let opened = fine("model.gguf", file);
    assert_eq!(values(&opened, "a").unwrap(), [1.0, -2.5]);
    assert_eq!(values(&opened, "b").unwrap(), [1.0]);
    assert!(values(&opened, "c").unwrap_err().what.contains("big-endian"));
}

#[test]
fn lying_lists_are_errors_of_their_tensors() {
    let of = |element, shape: &[u64], bytes: usize| {
        open(&[("m.gguf", gguf(&[], &[("t", element, shape, vec![0; bytes])], false))])
    };
    for (element, shape, bytes, wanted) in [
        (12, vec![100, 2], 144, "no whole number of blocks"),
        (12, vec![256, 1 << 40], 144, "reach beyond the end of the file"),
        (0, vec![1 << 40], 4, "reach beyond the end of the file"),
        (99, vec![4], 4, "not known, or was removed"),
        (4, vec![4], 4, "not known, or was removed"),
        (31, vec![4], 4, "not known, or was removed"),
    ] {
        let opened = of(element, &shape, bytes);
        let mut out = [0.0];
        let last = opened.model.tensors()[0].elements().unwrap() - 1;
        let error = opened.model.read(0, last, &mut out).unwrap_err();
        assert!(error.what.contains(wanted), "{wanted}: {error:?}");
        assert!(opened.model.bytes(0, &mut |_| {}).is_err() || wanted.contains("whole"));
    }
    let whole = gguf(&[], &[("t", 8, &[32], vec![1; 34]), ("u", 0, &[1], vec![0; 4])], false);
    for end in 0..whole.len() {
        let opened = open(&[("m.gguf", whole[..end].to_vec())]);
        assert!(!opened.problems.is_empty(), "{end}");
        for tensor in opened.model.tensors() {
            let _: Result<_, ReadError> = values(&opened, &tensor.name);
        }
        assert!(
            names(&opened).is_empty() || values(&opened, names(&opened)[names(&opened).len() - 1]).is_err()
        );
    }
}
