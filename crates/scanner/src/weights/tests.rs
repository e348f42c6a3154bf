//! Models in memory, put together by hand.

mod archive;
mod blocks;
mod damage;
mod graph;
mod parts;
mod shards;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use forebear_types::RepoPath;
use forebear_types::weights::ReadError;

use super::{Opened, of_memory};

fn path(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

fn open(files: &[(&str, Vec<u8>)]) -> Opened {
    of_memory(files.iter().map(|(name, bytes)| (path(name), bytes.clone())).collect::<BTreeMap<_, _>>())
}

/// Opens one file and expects no problem.
fn fine(name: &str, bytes: Vec<u8>) -> Opened {
    let opened = open(&[(name, bytes)]);
    assert!(opened.problems.is_empty(), "{:?}", opened.problems);
    opened
}

fn whats(opened: &Opened) -> Vec<&str> {
    opened.problems.iter().map(|problem| problem.what.as_str()).collect()
}

fn names(opened: &Opened) -> Vec<&str> {
    opened.model.tensors().iter().map(|tensor| &*tensor.name).collect()
}

fn number(opened: &Opened, name: &str) -> usize {
    let found = opened.model.tensors().iter().position(|tensor| &*tensor.name == name);
    found.unwrap_or_else(|| panic!("{name} is in {:?}", names(opened)))
}

/// All values of a tensor; read at once, they are the same as read one by one.
fn values(opened: &Opened, name: &str) -> Result<Vec<f32>, ReadError> {
    let number = number(opened, name);
    let count = opened.model.tensors()[number].elements().unwrap();
    let mut whole = vec![0.0; usize::try_from(count).unwrap()];
    opened.model.read(number, 0, &mut whole)?;
    for (index, value) in whole.iter().enumerate() {
        let mut one = [0.0];
        opened.model.read(number, index as u64, &mut one)?;
        assert!(one[0].to_bits() == value.to_bits(), "{name}[{index}]: {} and {value}", one[0]);
    }
    Ok(whole)
}

fn bytes_of(opened: &Opened, name: &str) -> Result<Vec<u8>, ReadError> {
    let mut all = Vec::new();
    opened.model.bytes(number(opened, name), &mut |piece| all.extend_from_slice(piece))?;
    Ok(all)
}

/// A safetensors file of tensors with type, shape and bytes.
fn safetensors(tensors: &[(&str, &str, &[u64], Vec<u8>)]) -> Vec<u8> {
    let (mut header, mut data) = ("{".to_owned(), Vec::new());
    for (name, element, shape, bytes) in tensors {
        let (comma, begin, end) = (
            if data.is_empty() && header.len() == 1 { "" } else { "," },
            data.len(),
            data.len() + bytes.len(),
        );
        write!(
            header,
            r#"{comma}"{name}":{{"dtype":"{element}","shape":{shape:?},"data_offsets":[{begin},{end}]}}"#
        )
        .unwrap();
        data.extend_from_slice(bytes);
    }
    header.push('}');
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn every_type_of_safetensors_has_its_values() {
    let i = |bytes: &[u8]| bytes.to_vec();
    let cases: &[(&str, Vec<u8>, &[f32])] = &[
        ("F64", [1.5f64.to_le_bytes(), (-2f64).to_le_bytes()].concat(), &[1.5, -2.0]),
        ("F32", floats(&[0.1, -3.0]), &[0.1, -3.0]),
        // One, the smallest subnormal number, the largest number, minus two.
        ("F16", i(&[0x00, 0x3c, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xc0]), &[1.0, 5.960_464_5e-8, 65504.0, -2.0]),
        ("BF16", i(&[0x80, 0x3f, 0x20, 0xc1]), &[1.0, -10.0]),
        // Table 1 of the paper: largest number, smallest subnormal number, one.
        ("F8_E4M3", i(&[0x7e, 0x01, 0x38, 0xfe]), &[448.0, 0.001_953_125, 1.0, -448.0]),
        ("F8_E5M2", i(&[0x7b, 0x01, 0x3c, 0xfb]), &[57344.0, 1.525_878_9e-5, 1.0, -57344.0]),
        ("F8_E4M3FNUZ", i(&[0x7f, 0x01, 0x40, 0x00]), &[240.0, 0.000_976_562_5, 1.0, 0.0]),
        ("F8_E5M2FNUZ", i(&[0x7f, 0x01, 0x40]), &[57344.0, 7.629_394_5e-6, 1.0]),
        ("F8_E8M0", i(&[127, 128, 120, 0]), &[1.0, 2.0, 0.007_812_5, 2f32.powi(-127)]),
        ("I64", [(-5i64).to_le_bytes(), (1i64 << 40).to_le_bytes()].concat(), &[-5.0, 1_099_511_627_776.0]),
        ("I32", i(&[0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0]), &[-1.0, 7.0]),
        ("I16", i(&[0x00, 0x80, 2, 0]), &[-32768.0, 2.0]),
        ("I8", i(&[0x80, 0x7f]), &[-128.0, 127.0]),
        ("U64", u64::MAX.to_le_bytes().to_vec(), &[1.844_674_4e19]),
        ("U32", i(&[0xff, 0xff, 0xff, 0xff]), &[4_294_967_296.0]),
        ("U16", i(&[0xff, 0xff]), &[65535.0]),
        ("U8", i(&[0, 255]), &[0.0, 255.0]),
        ("BOOL", i(&[0, 1, 2]), &[0.0, 1.0, 1.0]),
    ];
    for (element, bytes, wanted) in cases {
        let opened =
            fine("model.safetensors", safetensors(&[("t", element, &[wanted.len() as u64], bytes.clone())]));
        assert_eq!(values(&opened, "t").unwrap(), *wanted, "{element}");
        assert_eq!(bytes_of(&opened, "t").unwrap(), *bytes, "{element}");
        let tensor = &opened.model.tensors()[0];
        let coarse = element.starts_with("F8") && *element != "F8_E8M0";
        assert_eq!((&*tensor.element, tensor.quantised), (*element, coarse));
    }
}

#[test]
fn what_is_no_number_stays_none() {
    let opened = fine(
        "model.safetensors",
        safetensors(&[
            ("a", "F16", &[3], vec![0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e]),
            ("b", "F8_E4M3", &[2], vec![0x7f, 0xff]),
            ("c", "F8_E5M2", &[2], vec![0x7c, 0x7f]),
            ("d", "F8_E4M3FNUZ", &[1], vec![0x80]),
            ("e", "F8_E8M0", &[1], vec![0xff]),
            ("f", "F32", &[2], floats(&[f32::NEG_INFINITY, f32::NAN])),
        ]),
    );
    let of = |name: &str| values(&opened, name).unwrap();
    assert!(of("a")[0] == f32::INFINITY && of("a")[1] == f32::NEG_INFINITY && of("a")[2].is_nan());
    assert!(of("c")[0] == f32::INFINITY && of("c")[1].is_nan());
    assert!(of("b").iter().chain(&of("d")).chain(&of("e")).all(|value| value.is_nan()));
    assert!(of("f")[0] == f32::NEG_INFINITY && of("f")[1].is_nan());
}

#[test]
fn ranges_outside_of_the_tensor_and_unknown_types_are_errors() {
    let opened = open(&[(
        "model.safetensors",
        safetensors(&[
            ("a", "F32", &[2, 2], floats(&[1.0, 2.0, 3.0, 4.0])),
            ("c", "C64", &[1], vec![0; 8]),
            ("empty", "F32", &[0, 7], Vec::new()),
            ("four", "F4", &[4], vec![0; 2]),
            ("odd", "Q9", &[1], vec![0; 3]),
        ]),
    )]);
    let mut out = [0.0; 3];
    for (start, wanted) in [(2, "2 to 5 are asked for, and it has 4"), (u64::MAX, "and it has 4")] {
        let error = opened.model.read(0, start, &mut out).unwrap_err();
        assert!(error.what.contains(wanted), "{error:?}");
        assert_eq!((&*error.tensor, error.path.to_string().as_str()), ("a", "model.safetensors"));
    }
    opened.model.read(0, 1, &mut out).unwrap();
    assert_eq!(out, [2.0, 3.0, 4.0]);
    assert!(values(&opened, "empty").unwrap().is_empty());
    assert!(opened.model.read(2, 0, &mut out).is_err());
    for name in ["c", "four", "odd"] {
        assert!(values(&opened, name).unwrap_err().what.contains("are not read"), "{name}");
    }
    // Its bytes are there all the same.
    assert_eq!(bytes_of(&opened, "odd").unwrap(), [0; 3]);
    assert!(opened.model.read(99, 0, &mut out).unwrap_err().what.contains("no tensor with the number 99"));
    assert!(opened.model.bytes(99, &mut |_| {}).is_err());
}

#[test]
fn every_prefix_of_a_file_gives_a_problem_and_never_wrong_values() {
    let whole = safetensors(&[
        ("a", "F16", &[3], vec![0, 0x3c, 0, 0x40, 0, 0x44]),
        ("b", "F32", &[2, 1], floats(&[7.0, 8.0])),
    ]);
    for end in 0..whole.len() {
        let opened = open(&[("model.safetensors", whole[..end].to_vec())]);
        assert!(!opened.problems.is_empty(), "{end}");
        for tensor in opened.model.tensors() {
            let name = &*tensor.name;
            match (name, values(&opened, name)) {
                ("a", Ok(found)) => assert_eq!(found, [1.0, 2.0, 4.0]),
                ("b", Ok(found)) => panic!("b is cut at {end}, and has {found:?}"),
                (_, Ok(_)) => panic!("{name}"),
                (_, Err(error)) => assert_eq!(error.path, path("model.safetensors")),
            }
        }
    }
}

#[test]
fn lying_headers_are_errors_of_their_tensors() {
    for (element, shape, bytes) in [
        ("F32", vec![3], 8),
        ("F32", vec![1 << 62, 4], 8),
        ("F32", vec![1 << 62], 8),
        ("F32", vec![u64::MAX], 8),
        ("BF16", vec![u64::MAX, u64::MAX, u64::MAX], 8),
    ] {
        let opened = open(&[("m.safetensors", safetensors(&[("t", element, &shape, vec![1; bytes])]))]);
        assert!(!opened.problems.is_empty());
        let mut one = [0.0];
        let error = opened.model.read(0, 0, &mut one).unwrap_err();
        assert!(error.what.contains("shape"), "{shape:?}: {error:?}");
    }
    // A shape whose size is no number, with a zero in it, is empty.
    let opened = open(&[("m.safetensors", safetensors(&[("t", "F32", &[u64::MAX, 0, 9], Vec::new())]))]);
    opened.model.read(0, 0, &mut []).unwrap();
}
