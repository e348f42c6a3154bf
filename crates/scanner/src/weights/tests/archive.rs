//! Checkpoints of PyTorch: views of storages, byte orders, what is refused.

use super::*;
use crate::formats::checkpoint::tests::{Pickle, zip};

/// A state of one tensor `t` that is a view of the storage `0`.
fn view(class: &str, elements: i64, offset: i64, shape: &[i64], strides: &[i64]) -> Vec<u8> {
    Pickle::new()
        .raw(b"}(")
        .text("t")
        .global("torch._utils", "_rebuild_tensor_v2")
        .raw(b"(")
        .storage(class, "0", elements)
        .int(offset)
        .ints(shape)
        .ints(strides)
        .raw(&[0x89])
        .ordered()
        .raw(b"tRu.")
        .0
}

fn checkpoint(pickle: &[u8], storage: &[u8]) -> Vec<u8> {
    zip(&[("m/data.pkl", pickle), ("m/data/0", storage), ("m/version", b"3\n")])
}

/// A matrix that is stored by columns.
pub(super) fn sample() -> Vec<u8> {
    checkpoint(&view("FloatStorage", 6, 0, &[3, 2], &[1, 3]), &floats(&[1.0; 6]))
}

#[test]
fn views_are_read_through_their_strides() {
    let six = floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    for (offset, shape, strides, wanted) in [
        (0, vec![2, 3], vec![3, 1], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
        (2, vec![2, 2], vec![2, 1], vec![2.0, 3.0, 4.0, 5.0]),
        // Transposed, every second row of a matrix, a column, a single number.
        (0, vec![3, 2], vec![1, 3], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]),
        (1, vec![2, 1], vec![3, 1], vec![1.0, 4.0]),
        (1, vec![2], vec![3], vec![1.0, 4.0]),
        (5, vec![], vec![], vec![5.0]),
        (0, vec![0, 3], vec![3, 1], vec![]),
        (4, vec![1, 1, 2], vec![99, 7, 1], vec![4.0, 5.0]),
    ] {
        let opened =
            fine("pytorch_model.bin", checkpoint(&view("FloatStorage", 6, offset, &shape, &strides), &six));
        assert_eq!(values(&opened, "t").unwrap(), wanted, "{shape:?} {strides:?}");
        assert_eq!(bytes_of(&opened, "t").unwrap(), floats(&wanted));
        let shape: Vec<u64> = shape.iter().map(|size| *size as u64).collect();
        assert_eq!(*opened.model.tensors()[0].shape, shape[..]);
    }
}

#[test]
fn types_of_storages_have_their_values() {
    for (class, bytes, wanted) in [
        ("BFloat16Storage", vec![0x80, 0x3f], 1.0),
        ("HalfStorage", vec![0x00, 0xc0], -2.0),
        ("DoubleStorage", 0.25f64.to_le_bytes().to_vec(), 0.25),
        ("LongStorage", (-7i64).to_le_bytes().to_vec(), -7.0),
        ("CharStorage", vec![0xff], -1.0),
        ("ByteStorage", vec![0xff], 255.0),
        ("BoolStorage", vec![1], 1.0),
    ] {
        let opened = fine("model.pt", checkpoint(&view(class, 1, 0, &[1], &[1]), &bytes));
        assert_eq!(values(&opened, "t").unwrap(), [wanted], "{class}");
    }
}

#[test]
fn an_archive_may_be_big_endian() {
    let pickle = view("FloatStorage", 1, 0, &[1], &[1]);
    let file = zip(&[("m/data.pkl", &pickle), ("m/byteorder", b"big"), ("m/data/0", &1.5f32.to_be_bytes())]);
    assert_eq!(values(&fine("model.pt", file), "t").unwrap(), [1.5]);
}

#[test]
fn views_that_reach_out_of_their_storage_or_repeat_it_are_refused() {
    let six = floats(&[0.0; 6]);
    for (elements, offset, shape, strides, wanted) in [
        (7, 0, vec![7], vec![1], "reaches to element 7 of its storage, which has 6"),
        (6, 5, vec![2], vec![1], "reaches to element 7"),
        (6, 0, vec![2, 2], vec![1 << 40, 1], "reaches to element"),
        (6, 0, vec![3, 3], vec![i64::MAX, i64::MAX], "beyond 64 bits"),
        (6, 0, vec![1 << 40, 6], vec![0, 1], "a view that repeats the 6"),
    ] {
        let opened = open(&[(
            "model.pt",
            checkpoint(&view("FloatStorage", elements, offset, &shape, &strides), &six),
        )]);
        let mut one = [0.0];
        let error = opened.model.read(0, 0, &mut one).unwrap_err();
        assert!(error.what.contains(wanted), "{wanted}: {error:?}");
        assert!(opened.model.bytes(0, &mut |_| {}).is_err());
    }
    let lacking = zip(&[("m/data.pkl", &view("FloatStorage", 6, 0, &[6], &[1])), ("m/version", b"3\n")]);
    let opened = open(&[("model.pt", lacking)]);
    assert!(values(&opened, "t").unwrap_err().what.contains("lacks its storage"));
    let complex = checkpoint(&view("ComplexFloatStorage", 1, 0, &[1], &[1]), &[0; 8]);
    assert!(values(&open(&[("model.pt", complex)]), "t").unwrap_err().what.contains("are not read"));
}

#[test]
fn a_checkpoint_that_is_no_archive_is_refused() {
    let opened = open(&[("model.pt", view("FloatStorage", 6, 0, &[6], &[1]))]);
    assert_eq!(names(&opened), ["t"]);
    assert!(whats(&opened).iter().any(|what| what.contains("no zip archive")), "{:?}", opened.problems);
    assert!(values(&opened, "t").is_err());
}

#[test]
fn every_prefix_of_an_archive_is_a_problem() {
    let file = checkpoint(&view("FloatStorage", 2, 0, &[2], &[1]), &floats(&[1.0, 2.0]));
    for end in 0..file.len() {
        let opened = open(&[("model.pt", file[..end].to_vec())]);
        assert!(!opened.problems.is_empty() && opened.model.tensors().is_empty(), "{end}");
    }
}
