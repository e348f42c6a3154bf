//! Large weight files that cost no disk space: true headers before data that are holes of a sparse file.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A mixture of experts in the manner of DeepSeek-V3: `tensors` matrices of experts and their scales, over `shards` files with
/// an index. Returns the bytes of all files, as `ls` counts them.
///
/// # Errors
/// If a file cannot be written.
pub fn sharded(folder: &Path, shards: usize, tensors: usize) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    let mut index = String::new();
    let mut total = 0;
    let of_shard = tensors.div_ceil(shards.max(1));
    for shard in 0..shards {
        let name = format!("model-{:05}-of-{shards:06}.safetensors", shard + 1);
        let mut header = String::from(r#"{"__metadata__":{"format":"pt"}"#);
        let mut data = 0u64;
        for number in shard * of_shard..tensors.min((shard + 1) * of_shard) {
            let (tensor, kind, shape, bytes) = expert(number);
            let _ = write!(
                header,
                r#","{tensor}":{{"dtype":"{kind}","shape":[{},{}],"data_offsets":[{data},{}]}}"#,
                shape[0],
                shape[1],
                data + bytes
            );
            let comma = if index.is_empty() { "" } else { ",\n" };
            let _ = write!(index, "{comma}    \"{tensor}\": \"{name}\"");
            data += bytes;
        }
        header.push('}');
        // The library fills the header with spaces up to a multiple of eight bytes.
        header.push_str(&" ".repeat(header.len().next_multiple_of(8) - header.len()));
        let mut file = File::create(folder.join(name))?;
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        let size = 8 + header.len() as u64 + data;
        file.set_len(size)?;
        total += size;
    }
    let index = format!(
        "{{\n  \"metadata\": {{\"total_size\": {total}}},\n  \"weight_map\": {{\n{index}\n  }}\n}}\n"
    );
    fs::write(folder.join("model.safetensors.index.json"), index)?;
    Ok(total)
}

/// One tensor of `elements` bytes in one file.
///
/// # Errors
/// If the file cannot be written.
pub fn huge(path: &Path, elements: u64) -> io::Result<()> {
    let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{elements}],"data_offsets":[0,{elements}]}}}}"#);
    let mut file = File::create(path)?;
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    file.set_len(8 + header.len() as u64 + elements)
}

/// The name, type, shape and bytes of the tensor of this number: three matrices of each of 256 experts a layer, with a scale
/// each.
fn expert(number: usize) -> (String, &'static str, [u64; 2], u64) {
    let (matrix, scale) = (number / 2, number % 2 == 1);
    let (layer, expert) = (matrix / 3 / 256, matrix / 3 % 256);
    let part = ["gate_proj", "up_proj", "down_proj"][matrix % 3];
    let [rows, columns] = if matrix % 3 == 2 { [7168, 2048] } else { [2048, 7168] };
    let name = format!("model.layers.{layer}.mlp.experts.{expert}.{part}.weight");
    if scale {
        let shape = [rows / 128, columns / 128];
        (format!("{name}_scale_inv"), "F32", shape, shape[0] * shape[1] * 4)
    } else {
        (name, "F8_E4M3", [rows, columns], rows * columns)
    }
}
