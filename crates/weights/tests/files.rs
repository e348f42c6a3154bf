//! Fingerprint files: exact, small, and refused where damaged.

mod common;

use common::{SMALL, Shape};
use forebear_weights::describe::Description;
use forebear_weights::file::FileError;
use forebear_weights::fingerprint::{Fingerprint, Options};
use forebear_weights::sketch::{Group, Profile};
use forebear_weights::tokenizer::TokenizerSketch;

fn print(shape: Shape, profile: Profile, digests: bool) -> Fingerprint {
    let model = common::llama(shape, 1);
    let unused: Vec<String> = (0..80).map(|index| format!("[unused{index}]")).collect();
    let unused: Vec<(&[u8], u64)> = unused.iter().map(|name| name.as_bytes()).zip(100..).collect();
    let options = Options { profile, digests, unused: &unused, ..Options::default() };
    let (mut made, problems) = Fingerprint::of(&model, options);
    assert!(problems.is_empty());
    let tokens: Vec<String> = (0..500).map(|index| format!("token{index}")).collect();
    made.tokenizer =
        Some(TokenizerSketch::of(tokens.iter().map(|token| token.as_bytes()).zip(0..), [(&b"<s>"[..], 500)]));
    made.name = Some("org/name@1".to_owned());
    made
}

#[test]
fn what_is_written_is_read() {
    let made = print(SMALL, Profile::DEFAULT, true);
    assert_eq!(made.unused.as_ref().map(|unused| unused.tokens.len()), Some(64));
    let bytes = made.to_bytes();
    assert_eq!(bytes, made.to_bytes());
    assert_eq!(Fingerprint::from_bytes(&bytes), Ok(made));
    let empty = Fingerprint { reason: Some("no matrices".to_owned()), ..Fingerprint::default() };
    assert_eq!(Fingerprint::from_bytes(&empty.to_bytes()), Ok(empty));
}

/// 111 features of 16 bytes in the sketch; the rest of the file is little.
#[test]
fn files_are_small() {
    let made = print(SMALL, Profile::DEFAULT, false);
    let sketch = made.sketch.as_ref().expect("a transformer");
    let features: Vec<usize> = Group::ALL.iter().map(|group| sketch.count(*group)).collect();
    assert_eq!(features, [13, 42, 16, 42]);
    let bare = Fingerprint {
        sketch: made.sketch.clone(),
        tokenizer: None,
        unused: None,
        name: None,
        ..made.clone()
    };
    let size = bare.to_bytes().len();
    assert!((113 * 16..113 * 16 + 160).contains(&size), "{size}");
    let unused = Fingerprint { unused: made.unused.clone(), ..bare.clone() };
    assert_eq!(unused.to_bytes().len(), size + 5 + 1 + 256 + 252);
    let tokenizer = Fingerprint { tokenizer: made.tokenizer, ..bare };
    assert_eq!(tokenizer.to_bytes().len(), size + 5 + 3 + 2 + 864 + 9);
}

/// Field names are a promise.
#[test]
fn the_description_is_frozen() {
    let made = print(SMALL, Profile::DEFAULT, true);
    let json = serde_json::to_value(Description::of(&made)).expect("plain values");
    let expected = serde_json::json!({
        "version": 1,
        "name": "org/name@1",
        "bytes": made.to_bytes().len(),
        "sketch": {
            "width": 320,
            "layers": 6,
            "dimensions": 128,
            "rows": 1,
            "features": [
                {"name": "norms", "features": 13},
                {"name": "weights", "features": 42},
                {"name": "embeddings", "features": 16},
                {"name": "column-norms", "features": 42}
            ],
            "tokens_by": "rows",
            "constant": 0,
            "not_finite": 0,
            "unreadable": 0,
            "fixed_sinusoids": false
        },
        "reason": null,
        "tensors": {"count": 56, "digests": 56, "deterministic": 0, "guessed": 0, "unplaced": 0},
        "unused_tokens": 64,
        "tokenizer": {"tokens": 500, "controls": 1, "sampled": 96}
    });
    assert_eq!(json, expected);
}

#[test]
fn damage_is_told() {
    let shape = Shape { width: 64, inner: 96, layers: 1, vocabulary: 200 };
    let bytes = print(shape, Profile::MINI, true).to_bytes();
    for length in 0..bytes.len() {
        assert!(Fingerprint::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(Fingerprint::from_bytes(&damaged).is_err(), "{at}");
    }
    let mut newer = bytes.clone();
    newer[4] = 2;
    let error = Fingerprint::from_bytes(&newer).expect_err("a newer version");
    assert_eq!(error, FileError::Newer(2));
    assert!(error.to_string().contains("version 2"));
    assert_eq!(Fingerprint::from_bytes(b"GGUF"), Err(FileError::NotAFingerprint));
}

/// Damage with a checksum that fits: content is checked by itself, and nothing panics or allocates what is not there.
#[test]
fn lies_with_a_right_checksum_are_told() {
    use sha2::{Digest as _, Sha256};
    let shape = Shape { width: 64, inner: 96, layers: 1, vocabulary: 200 };
    let bytes = print(shape, Profile::MINI, true).to_bytes();
    let mut refused = 0;
    for at in 10..bytes.len() - 8 {
        for value in [0x00, 0xff, bytes[at].wrapping_add(1)] {
            let mut damaged = bytes[..bytes.len() - 8].to_vec();
            damaged[at] = value;
            let checksum = Sha256::digest(&damaged);
            damaged.extend_from_slice(&checksum[..8]);
            match Fingerprint::from_bytes(&damaged) {
                Ok(read) => assert_eq!(read.to_bytes(), damaged, "{at}: one form for each fingerprint"),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 200, "{refused}");
}
