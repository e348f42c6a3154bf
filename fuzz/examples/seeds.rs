//! Writes the seeds: `cargo run --example seeds`, in this folder.
//!
//! For `recognise`: the texts of the SPDX list that are no longer than the fuzzer's bound, and their usual disguises. For
//! `decode`: openings of some of them in every encoding that is told apart, and the first bytes of documents. For the readers
//! of lists of tensors: small files of each kind.

use std::fs;
use std::path::Path;

/// `-max_len` of the commands in the README.
const LONGEST: usize = 20_000;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (recognise, decode) = (corpus.join("recognise"), corpus.join("decode"));
    fs::create_dir_all(&recognise)?;
    fs::create_dir_all(&decode)?;
    let mut count = 0;
    for (number, license) in spdx::identifiers::LICENSES.iter().enumerate() {
        let Some(id) = spdx::license_id(license.name) else { continue };
        let text = id.text();
        // An even first byte: the text itself.
        let disguised = match number % 4 {
            0 => text.to_owned(),
            1 => text.lines().map(|line| format!("// {line}\r\n")).collect(),
            2 => format!("# Model\n\nCopyright (c) 2024 A\n\n{}", text.replace(['"', '\''], "\u{2019}")),
            _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        if disguised.len() < LONGEST {
            fs::write(recognise.join(license.name), format!("\0{disguised}"))?;
            count += 1;
        }
        if number % 40 == 0 {
            let opening: String = text.chars().take(600).collect();
            for (name, bytes) in encodings(&opening) {
                fs::write(decode.join(format!("{}-{name}", license.name)), bytes)?;
                count += 1;
            }
        }
    }
    // An odd first byte: orders. A whole text with an addition, two texts, pieces of one.
    for which in 0..26_u8 {
        let orders: Vec<u8> = [
            1,
            0,
            which,
            0,
            0,
            0,
            0,
            4,
            3,
            100,
            0,
            0,
            0,
            7,
            0,
            0,
            0,
            0,
            0,
            0,
            which.wrapping_add(1),
            0,
            0,
            0,
            0,
            5,
            0,
            0,
            2,
            50,
            0,
        ]
        .to_vec();
        fs::write(recognise.join(format!("orders-{which}")), orders)?;
        count += 1;
    }
    for (name, bytes) in [
        ("pdf", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"[..]),
        ("docx", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml word/document.xml"),
        ("odt", b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"),
        ("rtf", b"{\\rtf1\\ansi MIT License}"),
        ("doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
        ("elf", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0"),
        ("padded", b"MIT License\0\0\0\0\0\0\0\0"),
    ] {
        fs::write(decode.join(name), bytes)?;
        count += 1;
    }
    count += tensors(&corpus)?;
    println!("{count} seeds in {}", corpus.display());
    Ok(())
}

fn encodings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    vec![
        ("utf8", text.as_bytes().to_vec()),
        ("utf8-mark", with(b"\xef\xbb\xbf", text.as_bytes())),
        ("utf16le-mark", with(b"\xff\xfe", &le)),
        ("utf16be-mark", with(b"\xfe\xff", &be)),
        ("utf16le", le),
        ("utf16be", be),
        ("utf32le", text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()),
        ("utf32be", text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
        ("latin1", text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(0xa9)).collect()),
        ("mac", text.replace('\n', "\r").into_bytes()),
    ]
}

/// Small weight files and indexes.
fn tensors(corpus: &Path) -> std::io::Result<usize> {
    let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F4","shape":[4],"data_offsets":[12,14]}}"#;
    let whole = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 14]].concat();
    let index = r#"{"metadata":{"total_size":14},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#;
    // A tensor `w` of two times three floats, a sparse one, an external one; the producer and a pair of metadata.
    let tensor = b"\x08\x02\x08\x03\x10\x01\x42\x01w\x4a\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8][..], bytes].concat();
    let sparse = [field(1, b"\x0a\x01\x02\x10\x0a\x42\x01s"), b"\x18\x64".to_vec()].concat();
    let external = field(
        5,
        &[&b"\x0a\x02\x04\x05\x10\x10\x42\x01x"[..], &field(13, b"\x0a\x01k"), b"\x70\x01"].concat(),
    );
    let graph = [field(2, b"main"), field(5, tensor), field(15, &sparse), external].concat();
    let model =
        [&b"\x08\x08"[..], &field(2, b"pytorch"), &field(7, &graph), &field(14, b"\x0a\x01k\x12\x01v")]
            .concat();
    let pickles = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/scanner/tests/pickles");
    let [first, second, fourth] =
        [1, 2, 4].map(|protocol| fs::read(pickles.join(format!("protocol-{protocol}.pkl"))));
    let (first, second, fourth) = (first?, second?, fourth?);
    let legacy = [
        &b"\x80\x02M\xe9\x03.\x80\x02}."[..],
        &second,
        b"\x80\x02](X\x01\0\0\x000X\x01\0\0\x001e.",
        &[0; 56],
    ]
    .concat();
    let seeds: [(&str, &str, Vec<u8>); 12] = [
        ("safetensors", "whole", whole),
        ("safetensors", "header", [&b"\x01\x0e\0"[..], header.as_bytes()].concat()),
        ("safetensors", "nested", [&b"\x01\0\0"[..], b"{\"a\":[[[[[[[[[1]]]]]]]]]}"].concat()),
        ("weight_index", "whole", index.as_bytes().to_vec()),
        ("weight_index", "cut", index.as_bytes()[..90].to_vec()),
        ("onnx", "whole", model.clone()),
        ("onnx", "cut", model[..40].to_vec()),
        ("checkpoint", "protocol-1", [&[1][..], &first].concat()),
        ("checkpoint", "protocol-2", [&[1][..], &second].concat()),
        ("checkpoint", "protocol-4", [&[0][..], &fourth].concat()),
        ("checkpoint", "archive", [&[0][..], &archive(&second)].concat()),
        ("checkpoint", "legacy", [&[2][..], &legacy].concat()),
    ];
    let count = seeds.len();
    for (target, name, bytes) in seeds {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(count)
}

/// An archive with one entry, stored.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let name = b"a/data.pkl";
    let (size, length) = ((pickle.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
    let local = [&b"PK\x03\x04"[..], &[0; 14], &size, &size, &length, &[0; 2], name, pickle].concat();
    let entry = [&b"PK\x01\x02"[..], &[0; 16], &size, &size, &length, &[0; 16], name].concat();
    let (start, bytes) = ((local.len() as u32).to_le_bytes(), (entry.len() as u32).to_le_bytes());
    [&local[..], &entry, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &bytes, &start, &[0; 2]].concat()
}
