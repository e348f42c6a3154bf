//! Which files are the model, and files on disk.

use super::*;

fn one(name: &str, value: f32) -> Vec<u8> {
    safetensors(&[(name, "F32", &[1], floats(&[value]))])
}

#[test]
fn shards_are_one_model_with_and_without_an_index() {
    let index = br#"{"weight_map": {"b": "model-00002-of-00002.safetensors", "a": "model-00001-of-00002.safetensors"}}"#;
    let mut files = vec![
        ("model-00001-of-00002.safetensors", one("a", 1.0)),
        ("model-00002-of-00002.safetensors", one("b", 2.0)),
    ];
    let without = open(&files);
    files.push(("consolidated.safetensors", one("layers.0.weight", 3.0)));
    files.push(("model.safetensors.index.json", index.to_vec()));
    let with = open(&files);
    for opened in [&without, &with] {
        assert_eq!(names(opened), ["a", "b"]);
        assert_eq!(values(opened, "b").unwrap(), [2.0]);
        assert_eq!(opened.model.tensors()[1].path, path("model-00002-of-00002.safetensors"));
    }
    assert!(without.problems.is_empty());
    assert_eq!(with.problems.len(), 1);
    assert_eq!(with.problems[0].path, path("consolidated.safetensors"));
    assert!(with.problems[0].what.contains("is taken from model-00001-of-00002.safetensors"));

    // A shard that is missing is said; the others are read.
    files.remove(1);
    let opened = open(&files);
    assert_eq!(names(&opened), ["a"]);
    assert!(whats(&opened).iter().any(|what| what.contains("1 of the 2 files that it names are not there")));
}

#[test]
fn an_index_of_files_that_are_not_there_does_not_hide_those_that_are() {
    let index = br#"{"weight_map": {"a": "gone.safetensors", "b": "../../up.safetensors"}}"#;
    let opened =
        open(&[("model.safetensors", one("a", 1.0)), ("model.safetensors.index.json", index.to_vec())]);
    assert_eq!(names(&opened), ["a"]);
    assert!(whats(&opened).iter().any(|what| what.contains("1 of the 1 files")));
}

#[test]
fn of_names_in_several_files_the_most_precise_counts_and_it_is_said() {
    let half = safetensors(&[("a", "F16", &[1], vec![0, 0x40]), ("b", "F16", &[1], vec![0, 0x40])]);
    let opened = open(&[("model.fp16.safetensors", half), ("model.safetensors", one("a", 1.0))]);
    assert_eq!(values(&opened, "a").unwrap(), [1.0]);
    assert_eq!(values(&opened, "b").unwrap(), [2.0]);
    assert_eq!(opened.problems.len(), 1);
    assert_eq!(opened.problems[0].path, path("model.fp16.safetensors"));
    assert!(opened.problems[0].what.contains("1 of its tensors, `a` the first"), "{:?}", opened.problems);

    let opened = open(&[("z.safetensors", one("a", 1.0)), ("b.safetensors", one("a", 2.0))]);
    assert_eq!(values(&opened, "a").unwrap(), [2.0], "equally precise: the first path");
}

#[test]
fn one_format_is_read_and_the_others_are_named() {
    let opened = open(&[
        ("onnx/model.onnx", b"x".to_vec()),
        ("model.safetensors", one("a", 1.0)),
        ("pytorch_model.bin", b"x".to_vec()),
        ("sub/model.safetensors", one("b", 1.0)),
        ("training_args.bin", b"x".to_vec()),
    ]);
    assert_eq!(names(&opened), ["a"]);
    assert_eq!(opened.problems.len(), 1);
    assert!(opened.problems[0].what.contains("as are 2 more"), "{:?}", opened.problems);

    // Nothing at the top: the folders below.
    let opened = open(&[
        ("text_encoder/model.safetensors", one("a", 1.0)),
        ("unet/diffusion_pytorch_model.safetensors", one("b", 2.0)),
    ]);
    assert_eq!(names(&opened), ["a", "b"]);
    assert!(opened.problems.is_empty());

    let opened = open(&[("tf_model.h5", b"x".to_vec())]);
    assert!(opened.model.tensors().is_empty());
    assert!(opened.problems[0].what.contains("weights in this format are not read"));
    assert!(open(&[("README.md", b"x".to_vec())]).problems.is_empty());
}

#[test]
fn a_pointer_is_said_to_be_one() {
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
    let opened = open(&[("model.safetensors", pointer.into_bytes())]);
    assert!(opened.model.tensors().is_empty());
    assert_eq!(opened.problems.len(), 1);
    assert!(opened.problems[0].what.contains("pointer of Git LFS"));
}

#[test]
fn files_on_disk_are_read_through_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, columns) = (300u64, 700u64);
    let all: Vec<f32> = (0..rows * columns).map(|index| index as f32).collect();
    let file = folder.path().join("model.safetensors");
    std::fs::write(&file, safetensors(&[("t", "F32", &[rows, columns], floats(&all))])).unwrap();
    for path in [folder.path(), &file] {
        let opened = super::super::open(path).unwrap();
        assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        let model = &opened.model;
        // Along a row, down a column, backwards, and in pieces larger than the window.
        let places = (0..columns)
            .chain((0..rows).map(|row| row * columns + 3))
            .chain((0..rows * columns).rev().step_by(997));
        for at in places {
            let mut value = [0.0];
            model.read(0, at, &mut value).unwrap();
            assert_eq!(value[0], at as f32);
        }
        let mut whole = vec![0.0; all.len()];
        model.read(0, 0, &mut whole).unwrap();
        assert_eq!(whole, all);
        let mut sum = Vec::new();
        model.bytes(0, &mut |piece| sum.extend_from_slice(piece)).unwrap();
        assert_eq!(sum, floats(&all));
    }
    assert!(super::super::open(&folder.path().join("nothing")).is_err());
}

#[test]
fn a_file_that_shrinks_behind_our_back_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    let all = floats(&vec![1.0; 5000]);
    std::fs::write(&file, safetensors(&[("t", "F32", &[5000], all)])).unwrap();
    let opened = super::super::open(folder.path()).unwrap();
    std::fs::write(&file, b"short").unwrap();
    let mut value = [0.0];
    let error = opened.model.read(0, 4000, &mut value).unwrap_err();
    assert!(error.what.contains("shorter"), "{error:?}");
    assert!(opened.model.read(0, 4000, &mut value).is_err(), "a window that was not filled is not used");
    assert!(opened.model.bytes(0, &mut |_| {}).is_err());
}
