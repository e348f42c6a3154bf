//! Checkpoints by strangers: no panic, and what is listed holds.
//!
//! The first byte says what the rest is: the file as it is; the pickle in an archive whose directory is true; what follows the
//! magic number of the format before archives.
#![no_main]

mod tensors;

use libfuzzer_sys::fuzz_target;

/// What the longest input could list: a value may stand in many places of a pickle.
const MOST: usize = 1_000_000;

fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else { return };
    let file = match kind % 3 {
        0 => rest.to_vec(),
        1 => archive(rest),
        _ => [&b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."[..], rest].concat(),
    };
    if file.starts_with(b"version https://") {
        return;
    }
    tensors::hold("pytorch_model.bin", &file, MOST);
});

/// `a/data.pkl`, stored, and one storage.
fn archive(pickle: &[u8]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in [("a/data.pkl", pickle), ("a/data/0", &[0; 64][..])] {
        let start = (out.len() as u32).to_le_bytes();
        let size = (bytes.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        let local = [&b"PK\x03\x04"[..], &[0; 14], &size, &size, &length, &[0; 2], name.as_bytes(), bytes];
        out.extend(local.concat());
        let entry = [&b"PK\x01\x02"[..], &[0; 16], &size, &size, &length, &[0; 12], &start, name.as_bytes()];
        directory.extend(entry.concat());
    }
    let start = (out.len() as u32).to_le_bytes();
    let size = (directory.len() as u32).to_le_bytes();
    out.extend(directory);
    out.extend([&b"PK\x05\x06\0\0\0\0\x02\0\x02\0"[..], &size, &start, &[0; 2]].concat());
    out
}
