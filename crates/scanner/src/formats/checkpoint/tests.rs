//! Checkpoints as PyTorch writes them, put together by hand, and what a stranger may make of them.

use std::fmt::Write as _;

use forebear_types::fact::{FactKind, ProblemKind, Reading};

use super::super::tests::{header_of, tensors_of};
use super::*;

/// A pickle, opcode by opcode.
#[derive(Clone, Default)]
pub(crate) struct Pickle(pub(crate) Vec<u8>);

impl Pickle {
    pub(crate) fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes())
    }

    pub(crate) fn int(self, number: i64) -> Self {
        match u8::try_from(number) {
            Ok(small) => self.raw(&[b'K', small]),
            Err(_) => self.raw(&[0x8a, 8]).raw(&number.to_le_bytes()),
        }
    }

    pub(crate) fn ints(self, numbers: &[i64]) -> Self {
        numbers.iter().fold(self.raw(b"("), |pickle, number| pickle.int(*number)).raw(b"t")
    }

    pub(crate) fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    /// An empty `OrderedDict`.
    pub(crate) fn ordered(self) -> Self {
        self.global("collections", "OrderedDict").raw(b")R")
    }

    pub(crate) fn storage(self, class: &str, key: &str, elements: i64) -> Self {
        self.raw(b"(").text("storage").global("torch", class).text(key).text("cpu").int(elements).raw(b"tQ")
    }

    /// A tensor in rows, as `_rebuild_tensor_v2` takes it.
    fn tensor(self, class: &str, key: &str, shape: &[i64]) -> Self {
        let strides: Vec<i64> = (0..shape.len()).map(|at| shape[at + 1..].iter().product()).collect();
        self.global("torch._utils", "_rebuild_tensor_v2")
            .raw(b"(")
            .storage(class, key, shape.iter().product())
            .int(0)
            .ints(shape)
            .ints(&strides)
            .raw(&[0x89])
            .ordered()
            .raw(b"tR")
    }
}

/// A state dictionary with two tensors, one of them a parameter; the class of its keys is `OrderedDict`.
fn state() -> Pickle {
    Pickle::new()
        .ordered()
        .raw(b"q\x00(")
        .text("layers.0.weight")
        .tensor("FloatStorage", "0", &[3, 2])
        .text("layers.0.bias")
        .global("torch._utils", "_rebuild_parameter")
        .raw(b"(")
        .tensor("BFloat16Storage", "1", &[3])
        .raw(&[0x88])
        .ordered()
        .raw(b"tRu}")
        .text("_metadata")
        .ordered()
        .raw(b"sb.")
}

/// An archive of stored entries.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    archive_of(entries, false)
}

/// An archive; with `long`, its sizes and places stand in zip64 fields and records.
fn archive_of(entries: &[(&str, &[u8])], long: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in entries {
        let offset = out.len() as u64;
        let size = bytes.len() as u64;
        let (short, extra) = if long {
            let field = [
                &1u16.to_le_bytes()[..],
                &24u16.to_le_bytes(),
                &size.to_le_bytes(),
                &size.to_le_bytes(),
                &offset.to_le_bytes(),
            ];
            (None, field.concat())
        } else {
            (Some(()), Vec::new())
        };
        let narrow = |number: u64| short.map_or(u32::MAX, |()| number as u32).to_le_bytes();
        out.extend(
            [
                &b"PK\x03\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"[..],
                &narrow(size),
                &narrow(size),
            ]
            .concat(),
        );
        out.extend(
            [&(name.len() as u16).to_le_bytes()[..], &4u16.to_le_bytes(), name.as_bytes(), b"FB\0\0", bytes]
                .concat(),
        );
        directory.extend(
            [&b"PK\x01\x02"[..], &[0; 16], &narrow(size), &narrow(size), &(name.len() as u16).to_le_bytes()]
                .concat(),
        );
        directory.extend(
            [&(extra.len() as u16).to_le_bytes()[..], &[0; 10], &narrow(offset), name.as_bytes(), &extra]
                .concat(),
        );
    }
    let (start, length, count) = (out.len() as u64, directory.len() as u64, entries.len() as u64);
    out.extend(directory);
    if long {
        let record = out.len() as u64;
        out.extend(
            [&b"PK\x06\x06"[..], &44u64.to_le_bytes(), &[0; 12], &count.to_le_bytes(), &count.to_le_bytes()]
                .concat(),
        );
        out.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
        out.extend([&b"PK\x06\x07\0\0\0\0"[..], &record.to_le_bytes(), &1u32.to_le_bytes()].concat());
        out.extend([&b"PK\x05\x06\0\0\0\0"[..], &[0xff; 12], &[0, 0]].concat());
    } else {
        out.extend(
            [&b"PK\x05\x06\0\0\0\0"[..], &(count as u16).to_le_bytes(), &(count as u16).to_le_bytes()]
                .concat(),
        );
        out.extend([&(length as u32).to_le_bytes()[..], &(start as u32).to_le_bytes(), &[0, 0]].concat());
    }
    out
}

fn checkpoint(pickle: &[u8]) -> Vec<u8> {
    zip(&[
        ("archive/data.pkl", pickle),
        ("archive/data/0", &[0; 24]),
        ("archive/data/1", &[0; 6]),
        ("archive/version", b"3\n"),
    ])
}

fn read(bytes: &[u8]) -> Reading {
    header_of("pytorch_model.bin", bytes)
}

fn whats(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.what.as_str()).collect()
}

/// `name element [shape]` of each tensor.
fn listed(reading: &Reading) -> Vec<String> {
    let one = |tensor: &forebear_types::fact::Tensor| {
        format!("{} {} {:?}", tensor.name, tensor.element, tensor.shape.as_deref().unwrap_or_default())
    };
    tensors_of(reading).tensors.iter().map(one).collect()
}

const TWO: [&str; 2] = ["layers.0.bias BFloat16Storage [3]", "layers.0.weight FloatStorage [3, 2]"];

#[test]
fn archives_are_read_with_and_without_zip64() {
    let entries: [(&str, &[u8]); 3] =
        [("m/data.pkl", &state().0), ("m/data/0", &[0; 24]), ("m/data/1", &[0; 6])];
    for long in [false, true] {
        let reading = read(&archive_of(&entries, long));
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        assert_eq!(listed(&reading), TWO);
        let tensors = tensors_of(&reading);
        assert_eq!(tensors.source, TensorSource::Header(WeightsFormat::PyTorch));
        assert!(tensors.complete);
    }
}

#[test]
fn files_from_before_the_archives_are_read() {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(Pickle::new().int(1001).raw(b".").0);
    bytes.extend(Pickle::new().raw(b"}").text("little_endian").raw(b"\x88s.").0);
    bytes.extend(state().0);
    bytes.extend(Pickle::new().raw(b"](").text("0").text("1").raw(b"e.").0);
    bytes.extend([0; 8 + 24 + 8 + 6]);
    let reading = read(&bytes);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    assert_eq!(listed(&reading), TWO);
    bytes.pop();
    assert!(whats(&read(&bytes))[0].contains("need 46 bytes, but only 45 follow"));
}

#[test]
fn later_protocols_and_a_pickle_by_itself_are_read() {
    // Protocol 4: frames, short texts, names from the stack, entries of the memo without numbers.
    let short = |text: &str| [&[0x8c, text.len() as u8][..], text.as_bytes(), &[0x94]].concat();
    let name = |module: &str, name: &str| [short(module), short(name), vec![0x93, 0x94]].concat();
    let body = [
        &b"}\x94"[..],
        &short("w"),
        &name("torch._utils", "_rebuild_tensor_v2"),
        b"((",
        &short("storage"),
        &name("torch", "HalfStorage"),
        &short("7"),
        &short("cpu"),
        b"K\x04tQK\x00K\x04\x85K\x01\x85\x89",
        &name("collections", "OrderedDict"),
        b")R",
    ]
    .concat();
    let pickle = [&[0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0][..], &body, b"tRs."].concat();
    let reading = read(&pickle);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    assert_eq!(listed(&reading), ["w HalfStorage [4]"]);
}

#[test]
fn what_pythons_own_pickler_writes_is_read() {
    for pickle in [
        &include_bytes!("../../../tests/pickles/protocol-1.pkl")[..],
        include_bytes!("../../../tests/pickles/protocol-2.pkl"),
        include_bytes!("../../../tests/pickles/protocol-4.pkl"),
    ] {
        let reading = read(&zip(&[("a/data.pkl", pickle), ("a/data/0", &[0; 24]), ("a/data/1", &[0; 16])]));
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        assert_eq!(listed(&reading), ["b FloatStorage [1, 4]", "w FloatStorage [2, 3]"]);
    }
}

#[test]
fn keys_of_trainers_add_nothing_and_parts_of_models_do() {
    let part = |pickle: Pickle, key: &str| {
        pickle.text(key).raw(b"}(").text("w").tensor("FloatStorage", "0", &[2]).raw(b"u")
    };
    let inner = Pickle::new().raw(b"}(").text("model").raw(b"}(");
    let inner = part(part(inner, "language_model"), "model").raw(b"u").text("optimizer").raw(b"}(");
    let pickle = part(inner, "state").raw(b"u").text("epoch").int(3).raw(b"u.");
    let reading = read(&zip(&[("a/data.pkl", &pickle.0), ("a/data/0", &[0; 8])]));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    assert_eq!(listed(&reading), ["language_model.w FloatStorage [2]", "w FloatStorage [2]"]);
}

#[test]
fn a_pickled_module_is_read_as_its_state_and_its_class_is_told() {
    let module = |pickle: Pickle| pickle.global("shop.nets", "Net").raw(b")\x81}(");
    let parameters = |pickle: Pickle| {
        pickle.text("_parameters").raw(b"}(").text("w").tensor("FloatStorage", "0", &[2]).raw(b"u")
    };
    let inner = parameters(module(module(Pickle::new()).text("_modules").raw(b"}(").text("head"))).raw(b"ub");
    let reading = read(&zip(&[("a/data.pkl", &inner.raw(b"uub.").0), ("a/data/0", &[0; 8])]));
    assert_eq!(listed(&reading), ["head.w FloatStorage [2]"]);
    assert_eq!(
        whats(&reading),
        [
            "the checkpoint names code that is not part of loading tensors: `shop.nets Net`; it was not executed"
        ]
    );
}

#[test]
fn dangerous_code_is_told_and_the_tensors_are_listed() {
    let bomb = Pickle::new().global("posix", "system").text("echo").raw(b"\x85R0");
    let pickle = bomb.global("builtins", "eval").text("1").raw(b"\x85R0").raw(&state().0[2..]);
    let reading = read(&checkpoint(&pickle.0));
    assert_eq!(listed(&reading), TWO);
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].kind, ProblemKind::Unsupported);
    assert!(reading.problems[0].what.contains("`posix system`, `builtins eval`; it was not executed"));

    let many =
        (0..9).fold(Pickle::new(), |pickle, number| pickle.global("evil", &format!("f{number}")).raw(b"0"));
    let reading = read(&checkpoint(&many.raw(&state().0[2..]).0));
    assert!(whats(&reading)[0].contains("`evil f4` and 4 more"), "{:?}", reading.problems);
}

#[test]
fn every_prefix_of_a_pickle_keeps_what_it_built() {
    let whole = state().0;
    let mut most = 0;
    for end in 2..whole.len() {
        let reading = read(&checkpoint(&whole[..end]));
        assert_eq!(reading.problems.len(), 1, "{end}");
        assert!(reading.problems[0].what.contains("ends in the middle"), "{end}");
        let tensors = reading.facts.iter().find_map(|fact| match &fact.kind {
            FactKind::Tensors(tensors) => Some(tensors),
            _ => None,
        });
        let found = tensors.map_or(0, |tensors| tensors.tensors.len());
        assert!(found >= most, "{end}");
        most = found;
    }
    assert_eq!(most, 2);
}

#[test]
fn shapes_and_places_that_cannot_be_are_problems() {
    let with = |tensor: Pickle| {
        let pickle = Pickle::new().raw(b"}").text("w").raw(&tensor.0[2..]).raw(b"s.");
        read(&checkpoint(&pickle.0))
    };
    let rebuilt = |storage: Pickle, rest: &dyn Fn(Pickle) -> Pickle| {
        let start = Pickle::new().global("torch._utils", "_rebuild_tensor_v2").raw(b"(");
        rest(start.raw(&storage.0[2..])).raw(b"tR")
    };
    let storage = || Pickle::new().storage("FloatStorage", "0", 6);
    for (tensor, wanted) in [
        (
            rebuilt(storage(), &|p| p.int(1).ints(&[3, 2]).ints(&[2, 1])),
            "reaches beyond its storage, which has 6",
        ),
        (rebuilt(storage(), &|p| p.int(0).ints(&[1 << 62, 4]).ints(&[1 << 62, 1])), "reaches beyond"),
        (
            rebuilt(storage(), &|p| p.int(0).ints(&[-1]).ints(&[1])),
            "1 of the tensors are built from what cannot be",
        ),
        (rebuilt(storage(), &|p| p.int(0).ints(&[2, 3]).ints(&[1])), "built from what cannot be"),
        (rebuilt(storage(), &|p| p.text("x").ints(&[2]).ints(&[1])), "built from what cannot be"),
        (rebuilt(storage(), &|p| p), "built from what cannot be"),
        (
            rebuilt(Pickle::new().storage("FloatStorage", "9", 6), &|p| p.int(0).ints(&[6]).ints(&[1])),
            "the archive lacks",
        ),
        (
            rebuilt(Pickle::new().storage("DoubleStorage", "0", 6), &|p| p.int(0).ints(&[6]).ints(&[1])),
            "fewer than its elements need",
        ),
    ] {
        let reading = with(tensor);
        assert!(
            reading.problems.len() == 1 && reading.problems[0].what.contains(wanted),
            "{wanted}: {:?}",
            reading.problems
        );
    }
}

#[test]
fn pickles_that_are_none_or_have_no_end_are_problems() {
    let laughs = (0..40).fold(Pickle::new().raw(b"}q\0"), |pickle, number| {
        // Each dictionary holds the one before twice.
        let pickle = pickle.raw(b"}(").text("a").raw(&[b'h', number]).text("b").raw(&[b'h', number]);
        pickle.raw(&[b'u', b'q', number + 1])
    });
    let mut cycle = Pickle::new().raw(b"}q\0").text("model").raw(b"h\0s").text("x").raw(b"h\0s");
    cycle = cycle.raw(b".");
    let nested = (0..200).fold(Pickle::new(), |pickle, _| pickle.raw(b"}").text("k")).raw(&b"s".repeat(199));
    for (pickle, wanted) in [
        (Pickle::new().raw(b"\xfe."), "0xfe is no opcode"),
        (Pickle::new().raw(b"R."), "more values than there are"),
        (Pickle::new().raw(b"t."), "more values than there are"),
        (Pickle::new().raw(b"h\x05."), "no entry 5"),
        (Pickle::new().raw(b"X\xff\xff\xff\xff."), "ends in the middle"),
        (Pickle::new().raw(b"\x8b\xff\xff\xff\xff."), "said to have -1 bytes"),
        (Pickle::new().raw(b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff."), "ends in the middle"),
        (Pickle(vec![0x80, 200, b'.']), "protocol 200"),
        (Pickle::new().raw(&b"N".repeat(1_000_001)), "values at once"),
        (Pickle::new().raw(&b")0".repeat(2_000_001)), "texts, lists and objects"),
        (laughs.raw(b"."), "examined in part"),
        (cycle, "examined in part"),
    ] {
        let reading = read(&checkpoint(&pickle.0));
        let whats = whats(&reading);
        assert!(whats.iter().any(|what| what.contains(wanted)), "{wanted}: {whats:?}");
    }
    drop(read(&checkpoint(&nested.0)));
}

#[test]
fn broken_archives_are_problems() {
    let good = checkpoint(&state().0);
    let end = good.len() - 22;
    let patched = |at: usize, bytes: &[u8]| {
        let mut out = good.clone();
        out[at..at + bytes.len()].copy_from_slice(bytes);
        out
    };
    let directory = good.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    for (bytes, wanted) in [
        (good[..good.len() - 1].to_vec(), "no end record"),
        (good[..100].to_vec(), "no end record"),
        (patched(end + 8, &[0xfe, 0xff, 0xfe, 0xff]), "said to hold 65534 entries"),
        (patched(end + 16, &[0xf0, 0xff, 0xff, 0x7f]), "beyond byte"),
        (patched(directory, b"XX"), "the entry 0 of the directory is cut or damaged"),
        (patched(directory + 42, &[0xff, 0, 0, 0]), "where the directory places one"),
        (patched(directory + 42, &[0xff, 0xff, 0xff, 0x7f]), "beyond the file"),
        (
            patched(directory + 20, &[0xff, 0xff, 0xff, 0x70, 0xff, 0xff, 0xff, 0x70]),
            "more than the 67108864",
        ),
        (patched(directory + 10, &[12, 0]), "packed in an unusual way"),
        (patched(30, b"X"), "another name"),
        (zip(&[("archive/other.pkl", b"x")]), "holds no `data.pkl`"),
        (b"PK\x05\x06".repeat(9), "no end record"),
    ] {
        let reading = read(&bytes);
        let whats = whats(&reading);
        assert!(whats.iter().any(|what| what.contains(wanted)), "{wanted}: {whats:?}");
    }
    // Two entries that share their bytes: the tensors are listed all the same.
    let second = directory + 46 + "archive/data.pkl".len();
    let reading = read(&patched(second + 42, &good[directory + 42..directory + 46]));
    assert!(whats(&reading)[0].contains("overlap others"), "{:?}", reading.problems);
    assert_eq!(listed(&reading), TWO);
}

#[test]
fn a_deflated_pickle_is_unpacked_within_its_bound() {
    let pickle = state().0;
    let packed = miniz_oxide::deflate::compress_to_vec(&pickle, 6);
    let deflated = |packed: &[u8], size: usize| {
        let mut bytes = checkpoint(packed);
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[directory + 10] = 8;
        bytes[directory + 24..directory + 28].copy_from_slice(&(size as u32).to_le_bytes());
        read(&bytes)
    };
    let reading = deflated(&packed, pickle.len());
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    assert_eq!(listed(&reading), TWO);
    // A bomb: 40 MB of zeros that are said to be 100 bytes.
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b'N'; 40 << 20], 6);
    let reading = deflated(&bomb, 100);
    assert!(whats(&reading)[0].contains("cannot be unpacked to its 100 bytes"), "{:?}", reading.problems);
}

#[test]
fn other_files_are_told_from_checkpoints() {
    for (bytes, wanted) in [
        (&b""[..], "the file is empty"),
        (b"weights", "neither a zip archive nor a pickle"),
        (b"GGUF\x03\0\0\0", "a GGUF file"),
        (b"tjgg\x03\0\0\0", "a GGML file"),
        (b"<html>", "a web page"),
    ] {
        let reading = read(bytes);
        assert_eq!(reading.problems[0].kind, ProblemKind::Unsupported);
        assert!(whats(&reading)[0].contains(wanted), "{wanted}: {:?}", reading.problems);
    }
}

#[test]
fn names_in_messages_are_escaped_and_cut() {
    let mut name = String::from("\u{1b}[31m\n");
    write!(name, "{}", "x".repeat(500)).unwrap();
    let pickle = Pickle::new().raw(b"}").text(&name).tensor("FloatStorage", "99", &[2]).raw(b"s.");
    let reading = read(&checkpoint(&pickle.0));
    assert!(whats(&reading)[0].starts_with("the tensor `\\u{1b}[31m\\n") && whats(&reading)[0].len() < 400);
}
