//! Recognising licence texts, beside askalono on the same texts. Run: `cargo bench --package forebear-licenses --bench recognise`.
#![allow(missing_docs, reason = "a benchmark")]

use askalono::{Store, TextData};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forebear_licenses::{recognise, text};
use forebear_types::LicenseId;

/// The text of an id, broken into lines of eleven words, so that it is not the known text byte for byte.
fn wrapped(id: &str) -> String {
    let text = text(&LicenseId::from(id)).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.chunks(11).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}

fn store() -> Store {
    let mut store = Store::new();
    for license in spdx::identifiers::LICENSES {
        let id = spdx::license_id(license.name).filter(|id| !id.is_deprecated());
        if let Some(id) = id {
            store.add_license(license.name.to_owned(), TextData::from(id.text()));
        }
    }
    store
}

/// One licence a file: unchanged, with one word changed (so that it is aligned), and a collection of ten.
fn one_file(criterion: &mut Criterion) {
    let store = store();
    let ids = [
        "MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "Zlib", "MPL-2.0", "CC-BY-4.0", "GPL-3.0-only",
        "OFL-1.1", "EPL-2.0",
    ];
    let collection = ids.map(wrapped).join("\n\n-----\n\n");
    let cases = [
        ("MIT", wrapped("MIT")),
        ("Apache-2.0", wrapped("Apache-2.0")),
        ("Apache-2.0 with a typing error", wrapped("Apache-2.0").replacen("herein", "heerin", 1)),
        ("GPL-3.0 with a typing error", wrapped("GPL-3.0-only").replacen("convey", "cnovey", 1)),
        ("ten licences", collection),
    ];
    for (name, file) in cases {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.sample_size(20);
        group.bench_function("forebear", |bencher| bencher.iter(|| recognise(&file)));
        group.bench_function("askalono", |bencher| {
            bencher.iter(|| store.analyze(&TextData::from(file.as_str())).score);
        });
        group.finish();
    }
}

/// A megabyte made to cost time.
fn hostile(criterion: &mut Criterion) {
    let mit = text(&LicenseId::from("MIT")).unwrap_or_default();
    let mut group = criterion.benchmark_group("one megabyte");
    group.sample_size(10);
    for (name, file) in [
        ("one word", "permission ".repeat(95_000)),
        ("one sentence", "permission is hereby granted free of charge ".repeat(23_000)),
        ("copies of MIT", format!("{mit}\n").repeat(970)),
        ("heads of MIT", mit[..400].repeat(2_600)),
    ] {
        group.throughput(Throughput::Bytes(file.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| recognise(&file)));
    }
    group.finish();
}

criterion_group!(benches, one_file, hostile);
criterion_main!(benches);
