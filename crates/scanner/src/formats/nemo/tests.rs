use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use forebear_types::config::ConfigValue;
use forebear_types::{RepoPath, Snapshot};

use super::super::tests::{read_bytes, read_text};
use super::*;

const YAML: &str = "encoder_seq_length: 4096\nmax_position_embeddings: ${.encoder_seq_length}\nnum_layers: 32\nhidden_size: 4096\nffn_hidden_size: 11008\nnum_attention_heads: 32\nnum_query_groups: null\nkv_channels: null\nlayernorm_epsilon: 1e-05\nrotary_base: 10000.0\nactivation: fast-swiglu\ntokenizer:\n  library: sentencepiece\ntarget: nemo.collections.nlp.models.language_modeling.megatron_gpt_model.MegatronGPTModel\nnemo_version: 1.23.0\n";

fn entry(name: &str, kind: u8, size: u64, data: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    if size < 1 << 33 {
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        header[124] = 0x80;
        header[128..136].copy_from_slice(&size.to_be_bytes());
    }
    header[156] = kind;
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = header.to_vec();
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn archive(bytes: &[u8]) -> Reading {
    let path = RepoPath::new("model.nemo").unwrap();
    let file =
        File { path: &path, bytes: &[], size: bytes.len() as u64, blob: None, snapshot: &Snapshot::WorkTree };
    let mut reading = Reading::default();
    read_archive(file, &mut Cursor::new(bytes), &mut reading);
    reading
}

fn of(reading: &Reading) -> &ModelConfig {
    match reading.facts.first().map(|fact| &fact.kind) {
        Some(FactKind::ModelConfig(config)) => config,
        other => panic!("no configuration: {other:?}, {:?}", reading.problems),
    }
}

#[test]
fn a_configuration_in_a_folder_is_read() {
    let reading = read_text("model_config.yaml", YAML);
    let config = of(&reading);
    let number = |field| config.fields.get(&field).map(|value| value.value.clone());
    assert_eq!(number(ConfigField::HiddenSize), Some(ConfigValue::Integer(4096)));
    assert_eq!(number(ConfigField::IntermediateSize), Some(ConfigValue::Integer(11008)));
    assert_eq!(number(ConfigField::Layers), Some(ConfigValue::Integer(32)));
    assert_eq!(number(ConfigField::MaxPositions), Some(ConfigValue::Integer(4096)));
    assert_eq!(number(ConfigField::NormEpsilon), Some(ConfigValue::Real("1e-5".into())));
    assert_eq!(number(ConfigField::RopeTheta), Some(ConfigValue::Integer(10_000)));
    assert_eq!(number(ConfigField::KeyValueHeads), None);
    assert_eq!(config.architectures[0].value, "MegatronGPTModel");
    assert_eq!(config.fields[&ConfigField::Layers].line, 3);
    let second = "_target_: nemo.collections.llm.gpt.model.llama.LlamaModel\nconfig:\n  num_layers: 32\n  hidden_size: 4096\n  num_query_groups: 8\n";
    let reading = read_text("context/model.yaml", second);
    assert_eq!((of(&reading).section.as_str(), of(&reading).fields.len()), ("config", 3));
}

#[test]
fn other_files_of_that_name_are_left_alone() {
    for text in ["port: 80\n", "- a\n", "a: [", "", "model: {}\n"] {
        let reading = read_text("model_config.yaml", text);
        assert!(reading.facts.is_empty() && reading.problems.is_empty(), "{text}");
    }
    let broken = read_text("model_config.yaml", "hidden_size: 1\nnum_layers: 2\nx: [1\ny: 2\n");
    assert_eq!((broken.facts.len(), broken.problems.len()), (1, 1));
    assert!(read_bytes("model_config.yaml", b"hidden_size: 1\0\xff").facts.is_empty());
}

#[test]
fn archives_are_read_plain_and_gzipped() {
    let mut tar = entry("./", b'5', 0, b"");
    tar.extend(entry("PaxHeaders/x", b'x', 20, b"20 size=1024\n\n\n\n\n\n\n\n"));
    tar.extend(entry("./model_weights.ckpt", b'0', 0, &[7; 1024]));
    tar.extend(entry("./model_config.yaml", b'0', YAML.len() as u64, YAML.as_bytes()));
    tar.extend([0; 1024]);
    let reading = archive(&tar);
    assert!(reading.problems.is_empty());
    assert_eq!(of(&reading).fields[&ConfigField::HiddenSize].value, ConfigValue::Integer(4096));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&tar).unwrap();
    assert_eq!(archive(&packed.finish().unwrap()), reading);
}

#[test]
fn weights_are_skipped_without_being_read() {
    struct Sparse {
        at: u64,
        size: u64,
        start: Vec<u8>,
        end: Vec<u8>,
        read: u64,
    }
    impl Read for Sparse {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let tail = self.size - self.end.len() as u64;
            let mut count = 0;
            for slot in out.iter_mut().take((self.size - self.at).min(1 << 16) as usize) {
                *slot = match self.at {
                    at if at < self.start.len() as u64 => self.start[at as usize],
                    at if at >= tail => self.end[(at - tail) as usize],
                    _ => 0,
                };
                self.at += 1;
                count += 1;
            }
            self.read += count as u64;
            Ok(count)
        }
    }
    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.at = match to {
                SeekFrom::Start(at) => at,
                SeekFrom::End(by) => self.size.saturating_add_signed(by),
                SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            };
            Ok(self.at)
        }
    }
    let weights = 700u64 << 30;
    let start = entry("model_weights.ckpt", b'0', weights, b"");
    let mut end = entry("model_config.yaml", b'0', YAML.len() as u64, YAML.as_bytes());
    end.extend([0; 1024]);
    let size = start.len() as u64 + weights + end.len() as u64;
    let mut sparse = Sparse { at: 0, size, start, end, read: 0 };
    assert_eq!(find(&mut sparse).unwrap(), (YAML.as_bytes().to_vec(), true));
    assert!(sparse.read < 4096);
}

#[test]
fn hostile_archives_are_problems() {
    let whole = {
        let mut tar = entry("a", b'0', 3, b"abc");
        tar.extend(entry("model_config.yaml", b'0', YAML.len() as u64, YAML.as_bytes()));
        tar
    };
    // What pads the last entry may be missing.
    for end in (0..whole.len() - 512).step_by(97) {
        assert!(!archive(&whole[..end]).problems.is_empty(), "{end}");
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&entry("a", b'0', 1 << 40, &vec![0; 40 << 20])).unwrap();
    let mut broken = whole.clone();
    broken[0] ^= 1;
    for (bytes, kind) in [
        (Vec::new(), ProblemKind::Malformed),
        (vec![0; 1024], ProblemKind::Malformed),
        (broken, ProblemKind::Malformed),
        (b"\x1f\x8b\x08\0garbage".to_vec(), ProblemKind::Malformed),
        (packed.finish().unwrap(), ProblemKind::Malformed),
        (entry("a", b'0', u64::MAX, b""), ProblemKind::Malformed),
        (entry("a", b'0', 1 << 40, b""), ProblemKind::Malformed),
        (entry("model_config.yaml", b'0', 1 << 40, b""), ProblemKind::Oversized),
        (entry("a", b'0', 0, b"").repeat(ENTRIES + 1), ProblemKind::Oversized),
        (entry("x", b'x', 1 << 50, b""), ProblemKind::Malformed),
    ] {
        let reading = archive(&bytes);
        let kinds: Vec<_> = reading.problems.iter().map(|problem| problem.kind).collect();
        assert_eq!((kinds, reading.facts.len()), (vec![kind], 0));
    }
}

#[test]
fn only_archives_that_are_here_have_a_header() {
    let interest = Interest::Weights(WeightsFormat::Other);
    let wanted = |path: &str, bytes: &[u8]| {
        let path = RepoPath::new(path).unwrap();
        let size = bytes.len() as u64;
        let file = File { path: &path, bytes, size, blob: None, snapshot: &Snapshot::WorkTree };
        has_header(&super::super::read(file, interest), file, interest)
    };
    assert!(wanted("model.nemo", b"x"));
    assert!(!wanted("model.h5", b"x"));
    let pointer =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
    assert!(!wanted("model.nemo", pointer.as_bytes()));
}
