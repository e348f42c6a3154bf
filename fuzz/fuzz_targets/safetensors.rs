//! Headers of safetensors by strangers: no panic, and what is listed holds.
//!
//! Of an input whose first byte is odd, the next two bytes say how many bytes of data follow a header that is the rest: a
//! length that fits the header is seldom found by chance.
#![no_main]

mod tensors;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let file = match input {
        [kind, low, high, header @ ..] if kind % 2 == 1 => {
            let data = usize::from(u16::from_le_bytes([*low, *high]));
            [&(header.len() as u64).to_le_bytes()[..], header, &vec![0; data]].concat()
        }
        _ => input.to_vec(),
    };
    if file.starts_with(b"version https://") {
        return;
    }
    tensors::hold("model.safetensors", &file, file.len());
});
