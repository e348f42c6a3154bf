//! The reader of `tokenizer.json` on a generated file with 128,000 tokens and 280,000 merges (9 MB, the size of Llama 3's).
//! Run: `cargo bench --package forebear-scanner --bench tokenizer`.
#![allow(missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forebear_scanner::formats::{File, interest, read};
use forebear_types::{RepoPath, Snapshot};

const TOKENS: u32 = 128_000;
const MERGES: u32 = 280_000;

/// A byte-level vocabulary: words of two to nine letters, every other one after a space, in the layout of the tokenizers library.
fn tokenizer_json() -> String {
    let mut text = String::from("{\n  \"version\": \"1.0\",\n  \"added_tokens\": [\n");
    for id in 0..256 {
        let comma = if id == 255 { "" } else { "," };
        let _ = writeln!(
            text,
            "    {{\n      \"id\": {},\n      \"content\": \"<|reserved_special_token_{id}|>\",\n      \"special\": true\n    }}{comma}",
            TOKENS + id
        );
    }
    text.push_str("  ],\n  \"model\": {\n    \"type\": \"BPE\",\n    \"vocab\": {\n");
    for id in 0..TOKENS {
        let comma = if id == TOKENS - 1 { "" } else { "," };
        let _ = writeln!(text, "      \"{}\": {id}{comma}", word(id));
    }
    text.push_str("    },\n    \"merges\": [\n");
    for number in 0..MERGES {
        let comma = if number == MERGES - 1 { "" } else { "," };
        let _ = writeln!(text, "      \"{} {}\"{comma}", word(number % TOKENS), word(number % 257));
    }
    text.push_str("    ]\n  }\n}\n");
    text
}

/// A different word for every number.
fn word(number: u32) -> String {
    let mut word = if number.is_multiple_of(2) { "\u{120}".to_owned() } else { String::new() };
    let mut rest = u64::from(number).wrapping_mul(0x9e37_79b1) % (1 << 32);
    loop {
        word.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
        if rest == 0 {
            return word;
        }
    }
}

fn tokenizer(criterion: &mut Criterion) {
    let text = tokenizer_json();
    let path = RepoPath::new("tokenizer.json").expect("a plain name");
    let interest = interest(&path).expect("a vocabulary");
    let size = text.len() as u64;
    let file = File { path: &path, bytes: text.as_bytes(), size, blob: None, snapshot: &Snapshot::WorkTree };
    assert!(read(file, interest).problems.is_empty());
    let mut group = criterion.benchmark_group("tokenizer.json");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(size));
    group.bench_function("128,000 tokens, 280,000 merges", |bencher| {
        bencher.iter(|| read(black_box(file), interest));
    });
    group.finish();
}

criterion_group!(benches, tokenizer);
criterion_main!(benches);
