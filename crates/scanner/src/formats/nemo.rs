//! NeMo's layouts: `model_config.yaml` in a folder, `context/model.yaml` of version 2, and `.nemo` archives that hold the former.
//!
//! Sources: NeMo `core/connectors/save_restore_connector.py` (a `.nemo` file is a tar archive, optionally gzipped, with
//! `model_config.yaml` and the weights), `examples/nlp/language_modeling/conf/megatron_gpt_config.yaml` (the keys), POSIX
//! `pax` (the ustar header; `size` records of extended headers).

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::GzDecoder;
use forebear_types::Located;
use forebear_types::config::ConfigField;
use forebear_types::fact::{FactKind, ModelConfig, Problem, ProblemKind, Reading, WeightsFormat};

use super::json::View;
use super::model_config::fields;
use super::yaml::{self, Source};
use super::{FAULTS, File, Interest, located_text};
use crate::source::ReadSeek;

/// The largest `model_config.yaml` that is read out of an archive.
const CONFIG: u64 = 1 << 20;

/// Entries of an archive that are looked at: distributed checkpoints have thousands, with the configuration among the first.
const ENTRIES: usize = 4_096;

/// Bytes of a gzipped archive that are unpacked in search of the configuration: nothing in it can be skipped unread.
const UNPACKED: u64 = 32 << 20;

/// The largest extended header that is read; a longer one is skipped.
const EXTENDED: u64 = 64 << 10;

/// Whether the file is an archive of which the header is to be read.
pub(crate) fn has_header(reading: &Reading, file: File<'_>, interest: Interest) -> bool {
    let pointer = reading.facts.iter().any(|fact| match &fact.kind {
        FactKind::Weights(weights) => weights.pointer.is_some(),
        _ => true,
    });
    interest == Interest::Weights(WeightsFormat::Other)
        && file.path.file_name().to_ascii_lowercase().ends_with(b".nemo")
        && !pointer
        && reading.problems.is_empty()
}

/// Reads a configuration file. One of another program gives nothing.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    if !configuration(file, &text, reading) {
        reading.problems.clear();
    }
}

/// Reads the configuration in a `.nemo` archive.
pub(crate) fn read_archive(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    let remedy = "save the model again with NeMo, or unpack it here";
    match find(stream) {
        Ok((bytes, whole)) => {
            if !whole {
                let what = "the archive ends in the middle of its model_config.yaml".to_owned();
                reading.problems.push(file.problem(ProblemKind::Malformed, what, remedy));
            }
            if let Some(text) = (File { bytes: &bytes, ..file }).text(&mut reading.problems) {
                configuration(file, &text, reading);
            }
        }
        Err((kind, what)) => reading.problems.push(file.problem(kind, what, remedy)),
    }
}

/// Adds the configuration that a text holds, if it describes a language model.
fn configuration(file: File<'_>, text: &str, reading: &mut Reading) -> bool {
    let mut documents = yaml::parse(Source { text, offset: 0, line: 1 });
    let document = documents.swap_remove(0);
    let Some(root) = document.root() else { return false };
    let nested = ["model", "config"].into_iter().filter_map(|key| Some((key, root.get(key)?)));
    let Some((section, part)) =
        std::iter::once(("", root)).chain(nested).find(|(_, part)| part.is_object() && shaped(*part))
    else {
        return false;
    };
    for fault in document.faults.iter().take(FAULTS) {
        reading.problems.push(Problem {
            line: Some(fault.line),
            ..file.problem(
                ProblemKind::Malformed,
                format!("model_config.yaml: {}", fault.what),
                "correct the YAML; what could be read was used",
            )
        });
    }
    let target = ["target", "_target_"]
        .iter()
        .find_map(|key| root.get(key).or_else(|| part.get(key)).and_then(located_text));
    let class = target.map(|target| Located {
        value: target.value.rsplit('.').next().unwrap_or_default().to_owned(),
        ..target
    });
    let loaded = ["restore_from_path", "language_model_path", "pretrained_checkpoint"];
    reading.facts.push(
        file.fact(FactKind::ModelConfig(ModelConfig {
            architectures: class.into_iter().collect(),
            name_or_path: loaded
                .iter()
                .find_map(|key| part.get(key).and_then(located_text))
                .filter(|name| !name.value.trim().is_empty()),
            activation: part.get("activation").and_then(located_text),
            section: section.to_owned(),
            fields: fields(part),
            text: text.into(),
            ..ModelConfig::default()
        })),
    );
    true
}

fn shaped(part: View<'_>) -> bool {
    let fields = fields(part);
    fields.contains_key(&ConfigField::HiddenSize) && fields.contains_key(&ConfigField::Layers)
}

type Fault = (ProblemKind, String);

/// The bytes of `model_config.yaml` in an archive, and whether they are all there.
fn find(mut stream: &mut dyn ReadSeek) -> Result<(Vec<u8>, bool), Fault> {
    let failed = |error: io::Error| (ProblemKind::Unreadable, format!("the archive cannot be read: {error}"));
    let size = stream.seek(SeekFrom::End(0)).map_err(failed)?;
    stream.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut magic = Vec::new();
    (&mut stream).take(2).read_to_end(&mut magic).map_err(failed)?;
    stream.seek(SeekFrom::Start(0)).map_err(failed)?;
    if magic == [0x1f, 0x8b] {
        let mut unpacked = GzDecoder::new(stream).take(UNPACKED);
        return walk(&mut unpacked, |stream, bytes| {
            let skipped = io::copy(&mut stream.by_ref().take(bytes), &mut io::sink())?;
            Ok(skipped == bytes)
        });
    }
    walk(&mut stream, |stream, bytes| {
        let at = stream.stream_position()?;
        // A sparse file may end before a last hole, so an entry that ends with the file is fine.
        match (at.checked_add(bytes), i64::try_from(bytes)) {
            (Some(end), Ok(bytes)) if end <= size => {
                stream.seek(SeekFrom::Current(bytes))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    })
}

/// Walks through the entries of a tar archive. `skip` passes over bytes and says whether they are there.
fn walk<R: Read>(
    stream: &mut R,
    mut skip: impl FnMut(&mut R, u64) -> io::Result<bool>,
) -> Result<(Vec<u8>, bool), Fault> {
    let failed = |error: io::Error| {
        let what = format!("the archive cannot be read to its model_config.yaml: {error}");
        (ProblemKind::Malformed, what)
    };
    let mut next_size = None;
    for number in 1..=ENTRIES {
        let mut header = [0; 512];
        stream.read_exact(&mut header).map_err(failed)?;
        if header.iter().all(|byte| *byte == 0) {
            return Err((ProblemKind::Malformed, "the archive holds no model_config.yaml".to_owned()));
        }
        let Some(stated) = checked_size(&header) else {
            let what = format!("entry {number} of the archive has a broken header");
            return Err((ProblemKind::Malformed, what));
        };
        let kind = header[156];
        let size = if kind == b'x' { stated } else { next_size.take().unwrap_or(stated) };
        let padded = size.checked_next_multiple_of(512).ok_or_else(|| {
            (ProblemKind::Malformed, format!("entry {number} of the archive claims {size} bytes"))
        })?;
        if matches!(kind, b'0' | 0) && is_config(&header) {
            if size > CONFIG {
                let what = format!(
                    "model_config.yaml in the archive has {size} bytes, more than the {CONFIG} that are examined"
                );
                return Err((ProblemKind::Oversized, what));
            }
            let mut bytes = Vec::new();
            stream.by_ref().take(size).read_to_end(&mut bytes).map_err(failed)?;
            let whole = bytes.len() as u64 == size;
            return Ok((bytes, whole));
        }
        if kind == b'x' && size <= EXTENDED {
            let mut bytes = Vec::new();
            stream.by_ref().take(padded).read_to_end(&mut bytes).map_err(failed)?;
            bytes.truncate(size as usize);
            next_size = extended_size(&bytes);
        } else if !skip(stream, padded).map_err(failed)? {
            let what = format!(
                "entry {number} of the archive claims {size} bytes, more than are there or are unpacked in search of model_config.yaml"
            );
            return Err((ProblemKind::Malformed, what));
        }
    }
    let what = format!("model_config.yaml is not among the first {ENTRIES} entries of the archive");
    Err((ProblemKind::Oversized, what))
}

/// The size that a header states, if its checksum is right.
fn checked_size(header: &[u8; 512]) -> Option<u64> {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| u64::from(if (148..156).contains(&at) { b' ' } else { *byte }))
        .sum();
    if octal(&header[148..156])? != sum {
        return None;
    }
    let size = &header[124..136];
    if size[0] & 0x80 == 0 {
        return octal(size);
    }
    // GNU's form for large sizes: big-endian, with the first bit set.
    if size[0] != 0x80 || size[1..4].iter().any(|byte| *byte != 0) {
        return None;
    }
    size[4..].iter().try_fold(0u64, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)))
}

fn octal(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.trim_matches(['\0', ' ']);
    u64::from_str_radix(if text.is_empty() { "0" } else { text }, 8).ok()
}

/// `model_config.yaml` at the root of the archive; the ustar prefix of so short a name is empty.
fn is_config(header: &[u8; 512]) -> bool {
    let name = header[..100].split(|byte| *byte == 0).next().unwrap_or_default();
    matches!(name.strip_prefix(b"./").unwrap_or(name), b"model_config.yaml" | b"model_config.yml")
}

/// The `size` record of an extended header (`<length> size=<bytes>\n`), which stands for sizes from 8 GiB.
fn extended_size(bytes: &[u8]) -> Option<u64> {
    bytes.split(|byte| *byte == b'\n').find_map(|record| {
        let text = std::str::from_utf8(record).ok()?;
        text.split_once(' ')?.1.strip_prefix("size=")?.parse().ok()
    })
}

#[cfg(test)]
mod tests;
