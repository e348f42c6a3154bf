use std::io::Cursor as Bytes;

use forebear_types::config::ConfigField;
use forebear_types::fact::{Fact, Tokenizer};
use forebear_types::{RepoPath, Snapshot};

use super::*;
use crate::formats::{Interest, has_header, read as read_file, read_header};

/// A value to be written.
#[derive(Clone)]
enum V {
    U32(u32),
    U64(u64),
    F32(f32),
    Flag(bool),
    Text(&'static str),
    Texts(Vec<&'static str>),
    Numbers(Vec<i32>),
}

/// Writes headers, true ones and lies.
struct Writer {
    bytes: Vec<u8>,
    version: u32,
    big: bool,
}

impl Writer {
    fn new(version: u32, big: bool, tensors: u64, keys: u64) -> Self {
        let mut writer = Self { bytes: b"GGUF".to_vec(), version, big };
        writer.u32(version);
        writer.count(tensors);
        writer.count(keys);
        writer
    }

    fn put<const N: usize>(&mut self, little: [u8; N]) {
        let mut bytes = little;
        if self.big {
            bytes.reverse();
        }
        self.bytes.extend(bytes);
    }

    fn u32(&mut self, number: u32) {
        self.put(number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.put(number.to_le_bytes());
    }

    fn count(&mut self, number: u64) {
        if self.version == 1 { self.u32(number as u32) } else { self.u64(number) }
    }

    fn text(&mut self, text: &str) {
        self.count(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn key(&mut self, key: &str, kind: u32) {
        self.text(key);
        self.u32(kind);
    }

    fn pair(&mut self, key: &str, value: &V) {
        match value {
            V::U32(number) => {
                self.key(key, 4);
                self.u32(*number);
            }
            V::U64(number) => {
                self.key(key, 10);
                self.u64(*number);
            }
            V::F32(number) => {
                self.key(key, 6);
                self.u32(number.to_bits());
            }
            V::Flag(flag) => {
                self.key(key, 7);
                self.bytes.push(u8::from(*flag));
            }
            V::Text(text) => {
                self.key(key, 8);
                self.text(text);
            }
            V::Texts(texts) => {
                self.key(key, 9);
                self.u32(8);
                self.count(texts.len() as u64);
                texts.iter().for_each(|text| self.text(text));
            }
            V::Numbers(numbers) => {
                self.key(key, 9);
                self.u32(5);
                self.count(numbers.len() as u64);
                numbers.iter().for_each(|number| self.u32(*number as u32));
            }
        }
    }

    fn tensor(&mut self, name: &str, innermost_first: &[u64], kind: u32, offset: u64) {
        self.text(name);
        self.u32(innermost_first.len() as u32);
        innermost_first.iter().for_each(|dimension| self.count(*dimension));
        self.u32(kind);
        self.u64(offset);
    }

    /// The file with room for the weights.
    fn finish(mut self, weights: usize) -> Vec<u8> {
        let start = self.bytes.len().next_multiple_of(32);
        self.bytes.resize(start + weights, 0);
        self.bytes
    }
}

fn read_bytes(path: &str, bytes: &[u8]) -> Reading {
    read_sized(path, bytes, bytes.len() as u64)
}

fn read_sized(path: &str, bytes: &[u8], size: u64) -> Reading {
    let path = RepoPath::new(path).unwrap();
    let interest = Interest::Weights(WeightsFormat::Gguf);
    let head = &bytes[..bytes.len().min(1024)];
    let file = File { path: &path, bytes: head, size, blob: None, snapshot: &Snapshot::WorkTree };
    let mut reading = read_file(file, interest);
    assert!(has_header(&reading, file, interest));
    read_header(file, interest, &mut Bytes::new(bytes), &mut reading);
    reading
}

fn gguf(reading: &Reading) -> &Gguf {
    let found = reading.facts.iter().find_map(|fact| match &fact.kind {
        FactKind::Gguf(gguf) => Some(gguf),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no header: {reading:?}"))
}

fn tokenizer(reading: &Reading) -> &Tokenizer {
    let found = reading.facts.iter().find_map(|fact| match &fact.kind {
        FactKind::Tokenizer(tokenizer) => Some(tokenizer),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no tokenizer: {reading:?}"))
}

fn tensors(facts: &[Fact]) -> Option<&Tensors> {
    facts.iter().find_map(|fact| match &fact.kind {
        FactKind::Tensors(tensors) => Some(tensors),
        _ => None,
    })
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.what.as_str()).collect()
}

fn fields(pairs: &[(&str, V)]) -> Vec<(&'static str, String)> {
    let mut writer = Writer::new(3, false, 0, pairs.len() as u64);
    pairs.iter().for_each(|(key, value)| writer.pair(key, value));
    let reading = read_bytes("model.gguf", &writer.finish(0));
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let config = gguf(&reading).config.clone().expect("a configuration");
    config.fields.iter().map(|(field, value)| (field.key(), value.value.to_string())).collect()
}

fn llama() -> Vec<(&'static str, V)> {
    vec![
        ("general.architecture", V::Text("llama")),
        ("general.name", V::Text("Kaguya 7B")),
        ("general.license", V::Text("mit")),
        ("general.file_type", V::U32(15)),
        ("general.base_model.count", V::U32(2)),
        ("general.base_model.1.name", V::Text("Second")),
        ("general.base_model.0.name", V::Text("First")),
        ("general.base_model.0.organization", V::Text("Somebody")),
        ("general.base_model.0.repo_url", V::Text("https://huggingface.co/somebody/first")),
        ("general.source.repo_url", V::Text("https://huggingface.co/kaguya/kaguya-7b")),
        ("general.tags", V::Texts(vec!["text-generation"])),
        ("llama.embedding_length", V::U32(4096)),
        ("llama.block_count", V::U64(32)),
        ("llama.feed_forward_length", V::Numbers(vec![14336; 32])),
        ("llama.attention.head_count", V::U32(32)),
        ("llama.attention.head_count_kv", V::Numbers(vec![8, 0, 8])),
        ("llama.attention.layer_norm_rms_epsilon", V::F32(1e-5)),
        ("llama.rope.freq_base", V::F32(500_000.0)),
        ("llama.rope.dimension_count", V::U32(128)),
        ("llama.expert_count", V::U32(0)),
        ("llama.some_flag", V::Flag(true)),
        ("tokenizer.ggml.model", V::Text("gpt2")),
        ("tokenizer.ggml.pre", V::Text("llama-bpe")),
        ("tokenizer.ggml.tokens", V::Texts(vec!["a", "b", "<s>", "<tool>", "[PAD4]", "<0x0A>"])),
        ("tokenizer.ggml.token_type", V::Numbers(vec![1, 1, 3, 4, 5, 6])),
        ("tokenizer.ggml.bos_token_id", V::U32(2)),
        ("tokenizer.ggml.eos_token_id", V::U32(77)),
        ("tokenizer.chat_template", V::Text("{{ messages }}")),
        ("tokenizer.chat_template.tool_use", V::Text("{{ tools }}")),
    ]
}

fn whole(version: u32, big: bool) -> Vec<u8> {
    let pairs = llama();
    let mut writer = Writer::new(version, big, 2, pairs.len() as u64);
    pairs.iter().for_each(|(key, value)| writer.pair(key, value));
    writer.tensor("token_embd.weight", &[32, 6], 0, 0);
    writer.tensor("blk.0.ffn_up.weight", &[256, 2], 12, 768);
    writer.finish(768 + 288)
}

#[test]
fn all_versions_and_both_byte_orders_say_the_same() {
    let first = read_bytes("model.gguf", &whole(3, false));
    assert!(first.problems.is_empty(), "{:?}", first.problems);
    let found = gguf(&first);
    assert_eq!(found.architecture.as_deref(), Some("llama"));
    assert_eq!((found.version, found.tensors, found.tokens), (3, 2, Some(6)));
    assert_eq!((found.license.as_deref(), found.file_type, found.adapter), (Some("mit"), Some(15), false));
    assert_eq!(found.source_repo_url.as_deref(), Some("https://huggingface.co/kaguya/kaguya-7b"));
    let names: Vec<_> = found.bases.iter().map(|base| (base.index, base.name.as_deref())).collect();
    assert_eq!(names, [(0, Some("First")), (1, Some("Second"))]);
    assert_eq!(found.bases[0].repo_url.as_deref(), Some("https://huggingface.co/somebody/first"));
    let list = tensors(&first.facts).unwrap();
    assert!(list.complete);
    let up = &list.tensors[0];
    assert_eq!(
        (&*up.name, &*up.element, up.shape.as_deref()),
        ("blk.0.ffn_up.weight", "Q4_K", Some(&[2, 256][..]))
    );
    for (version, big) in [(1, false), (2, false), (2, true), (3, true)] {
        let mut other = read_bytes("model.gguf", &whole(version, big));
        assert_eq!(gguf(&other).version, version);
        for fact in &mut other.facts {
            match &mut fact.kind {
                FactKind::Gguf(gguf) => gguf.version = 3,
                FactKind::Weights(weights) => weights.size = whole(3, false).len() as u64,
                _ => {}
            }
        }
        assert_eq!(other, first, "{version} {big}");
    }
}

#[test]
fn a_tokenizer_has_regular_and_added_tokens_templates_and_settings() {
    let reading = read_bytes("model.gguf", &whole(3, false));
    let found = tokenizer(&reading);
    // "a", "b" and the byte; the filler is neither regular nor added.
    assert_eq!(found.tokens, Some(3));
    assert_eq!(found.sketch.as_ref().map(|sketch| sketch.sample.len()), Some(3));
    let added: Vec<_> = found.added.iter().map(|one| (one.id, one.text.as_str(), one.special)).collect();
    assert_eq!(added, [(Some(2), "<s>", true), (Some(3), "<tool>", false)]);
    let templates: Vec<_> = reading
        .facts
        .iter()
        .filter_map(|fact| match &fact.kind {
            FactKind::ChatTemplate(one) => Some((one.name.as_deref(), &*one.template)),
            _ => None,
        })
        .collect();
    assert_eq!(templates, [(None, "{{ messages }}"), (Some("tool_use"), "{{ tools }}")]);
    let settings = reading.facts.iter().find_map(|fact| match &fact.kind {
        FactKind::TokenizerConfig(config) => Some(config),
        _ => None,
    });
    assert_eq!(settings.unwrap().bos.as_ref().unwrap().value, "<s>");
    assert!(settings.unwrap().eos.is_none(), "no token has that id");
}

#[test]
fn merges_are_counted_and_the_first_fifty_digested() {
    let merges: Vec<&'static str> = ["a b", "c d"].into_iter().cycle().take(60).collect();
    for (count, digested) in [(60, true), (50, true), (49, false)] {
        let mut writer = Writer::new(3, false, 0, 1);
        writer.pair("tokenizer.ggml.merges", &V::Texts(merges[..count].to_vec()));
        let reading = read_bytes("vocab.gguf", &writer.finish(0));
        let found = tokenizer(&reading);
        assert_eq!((found.tokens, found.merges), (None, Some(count as u64)));
        let wanted = vocabulary::digest(merges[..50].join("\n").as_bytes());
        assert_eq!(found.first_merges, digested.then_some(wanted));
    }
}

#[test]
fn keys_become_the_fields_of_config_json() {
    let found = fields(&llama());
    for wanted in [
        ("hidden_size", "4096"),
        ("num_hidden_layers", "32"),
        ("intermediate_size", "14336"),
        ("num_attention_heads", "32"),
        ("num_key_value_heads", "8"),
        ("rms_norm_eps", "1e-5"),
        ("rope_theta", "500000"),
        ("vocab_size", "6"),
        ("bos_token_id", "2"),
    ] {
        assert!(found.iter().any(|(key, value)| (*key, value.as_str()) == wanted), "{wanted:?} in {found:?}");
    }
    // No experts are no number of experts, and a whole head is rotated.
    assert!(found.iter().all(|(key, _)| !["n_routed_experts", "partial_rotary_factor"].contains(key)));
    let reading = read_bytes("model.gguf", &whole(3, false));
    let config = gguf(&reading).config.as_ref().unwrap();
    assert_eq!(config.model_type.as_ref().unwrap().value, "llama");
    assert!(config.quantisation.is_some());
    assert!(config.fields.values().all(|value| value.line == 0));
}

/// The numbers are those of the record of DeepSeek-V3 in the catalog; the keys those of the converter before and after it stored
/// latent attention with one key-value head.
#[test]
fn deepseek_v3_has_the_fields_of_its_configuration_however_it_was_converted() {
    let common = [
        ("general.architecture", V::Text("deepseek2")),
        ("deepseek2.embedding_length", V::U32(7168)),
        ("deepseek2.block_count", V::U32(61)),
        ("deepseek2.vocab_size", V::U32(129_280)),
        ("deepseek2.feed_forward_length", V::U32(18_432)),
        ("deepseek2.attention.head_count", V::U32(128)),
        ("deepseek2.attention.q_lora_rank", V::U32(1536)),
        ("deepseek2.attention.kv_lora_rank", V::U32(512)),
        ("deepseek2.rope.dimension_count", V::U32(64)),
        ("deepseek2.expert_count", V::U32(256)),
        ("deepseek2.expert_shared_count", V::U32(1)),
        ("deepseek2.expert_used_count", V::U32(8)),
        ("deepseek2.expert_feed_forward_length", V::U32(2048)),
        ("deepseek2.expert_weights_scale", V::F32(2.5)),
        ("deepseek2.expert_gating_func", V::U32(2)),
        ("deepseek2.leading_dense_block_count", V::U32(3)),
        ("deepseek2.attention.layer_norm_rms_epsilon", V::F32(1e-6)),
    ];
    let with = |more: &[(&'static str, V)]| fields(&[&common, more].concat());
    let before = with(&[
        ("deepseek2.attention.head_count_kv", V::U32(128)),
        ("deepseek2.attention.key_length", V::U32(192)),
        ("deepseek2.attention.value_length", V::U32(128)),
    ]);
    let after = with(&[
        ("deepseek2.attention.head_count_kv", V::U32(1)),
        ("deepseek2.attention.key_length", V::U32(576)),
        ("deepseek2.attention.value_length", V::U32(512)),
        ("deepseek2.attention.key_length_mla", V::U32(192)),
        ("deepseek2.attention.value_length_mla", V::U32(128)),
    ]);
    assert_eq!(before, after);
    for wanted in [
        ("num_key_value_heads", "128"),
        ("qk_nope_head_dim", "128"),
        ("qk_rope_head_dim", "64"),
        ("v_head_dim", "128"),
        ("first_k_dense_replace", "3"),
        ("moe_intermediate_size", "2048"),
        ("n_routed_experts", "256"),
        ("n_shared_experts", "1"),
        ("rms_norm_eps", "1e-6"),
        ("routed_scaling_factor", "2.5"),
        ("vocab_size", "129280"),
    ] {
        assert!(after.iter().any(|(key, value)| (*key, value.as_str()) == wanted), "{wanted:?} in {after:?}");
    }
    assert!(after.iter().all(|(key, _)| *key != "head_dim"));
}

#[test]
fn layers_that_predict_further_tokens_are_no_layers() {
    let found = fields(&[
        ("general.architecture", V::Text("glm4moe")),
        ("glm4moe.embedding_length", V::U32(4096)),
        ("glm4moe.block_count", V::U32(47)),
        ("glm4moe.nextn_predict_layers", V::U32(1)),
        ("glm4moe.attention.key_length", V::U32(128)),
        ("glm4moe.rope.dimension_count", V::U32(64)),
    ]);
    assert!(found.contains(&(ConfigField::Layers.key(), "46".to_owned())), "{found:?}");
    assert!(found.contains(&(ConfigField::PartialRotaryFactor.key(), "0.5".to_owned())), "{found:?}");
}

/// Gemma 4 and Llama 4 have two of what other models have one of; `config.json` gives one of the two the usual name.
#[test]
fn of_two_sizes_the_one_that_config_json_means_is_taken() {
    let found = fields(&[
        ("general.architecture", V::Text("gemma4")),
        ("gemma4.embedding_length", V::U32(2816)),
        ("gemma4.block_count", V::U32(30)),
        ("gemma4.attention.key_length", V::U32(512)),
        ("gemma4.attention.key_length_swa", V::U32(256)),
    ]);
    assert!(found.contains(&(ConfigField::HeadDimension.key(), "256".to_owned())), "{found:?}");
    let found = fields(&[
        ("general.architecture", V::Text("llama4")),
        ("llama4.embedding_length", V::U32(5120)),
        ("llama4.block_count", V::U32(48)),
        ("llama4.feed_forward_length", V::U32(16_384)),
        ("llama4.expert_feed_forward_length", V::U32(8192)),
        ("llama4.interleave_moe_layer_step", V::U32(2)),
    ]);
    assert!(found.contains(&(ConfigField::IntermediateSize.key(), "8192".to_owned())), "{found:?}");
    assert!(found.contains(&(ConfigField::ExpertLayerStep.key(), "2".to_owned())), "{found:?}");
}

#[test]
fn a_later_part_of_a_split_model_lists_tensors_and_nothing_else() {
    let mut writer = Writer::new(3, false, 1, 1);
    writer.pair("split.no", &V::U32(1));
    writer.tensor("blk.9.attn_q.weight", &[4, 4], 1, 0);
    let reading = read_bytes("model-00002-of-00002.gguf", &writer.finish(32));
    assert!(reading.problems.is_empty());
    assert_eq!((reading.facts.len(), gguf(&reading).config.is_none()), (3, true));
    assert_eq!(tensors(&reading.facts).unwrap().tensors.len(), 1);
}

/// Cut anywhere, a file gives a problem and no fault of ours; what stands before the cut is kept.
#[test]
fn a_file_that_was_cut_off_is_a_problem_wherever_the_cut_is() {
    let bytes = whole(3, false);
    for length in 1..bytes.len() {
        let reading = read_bytes("model.gguf", &bytes[..length]);
        assert!(!reading.problems.is_empty(), "{length}");
    }
    let late = read_bytes("model.gguf", &bytes[..bytes.len() - 200]);
    assert!(problems(&late)[0].contains("`blk.0.ffn_up.weight` the first, reach beyond the end"), "{late:?}");
    assert!(tensors(&late.facts).unwrap().complete);
    let at = bytes.windows(4).position(|four| four == b"<s>\x06").unwrap_or(bytes.len() / 2);
    let early = read_bytes("model.gguf", &bytes[..at]);
    assert_eq!(gguf(&early).name.as_deref(), Some("Kaguya 7B"));
    assert!(problems(&early)[0].contains("key "), "{early:?}");
    // Smaller than it says: the stream ends, whatever the size was.
    let lied = read_sized("model.gguf", &bytes[..at], bytes.len() as u64);
    assert_eq!(lied.problems.len(), 1);
}

#[test]
fn absurd_claims_are_problems_with_key_and_place() {
    let huge = 1 << 60;
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("keys", Writer::new(3, false, 0, huge).bytes, "claims 1152921504606846976 keys"),
        ("tensors", Writer::new(3, false, huge, 0).bytes, "tensor 1 of 1152921504606846976"),
        ("length of a key", lie(|writer| writer.u64(huge)), "key 1 of 1, ``"),
        (
            "length of a text",
            lie(|writer| {
                writer.key("general.name", 8);
                writer.u64(huge);
            }),
            "byte 56: key 1 of 1, `general.name`: 1152921504606846976 bytes are wanted",
        ),
        (
            "array",
            lie(|writer| {
                writer.key("tokenizer.ggml.tokens", 9);
                writer.u32(8);
                writer.u64(huge);
            }),
            "`tokenizer.ggml.tokens`: the array claims 1152921504606846976 elements",
        ),
        (
            "product beyond 64 bits",
            lie(|writer| {
                writer.key("x", 9);
                writer.u32(10);
                writer.u64(u64::MAX / 2);
            }),
            "the array claims",
        ),
        ("type", lie(|writer| writer.key("general.name", 13)), "13 is no type of values"),
        (
            "nested arrays",
            lie(|writer| {
                writer.key("deep", 9);
                for _ in 0..2000 {
                    writer.u32(9);
                    writer.u64(1);
                }
            }),
            "`deep`: arrays are nested more than 8 deep",
        ),
    ];
    for (name, bytes, wanted) in cases {
        let reading = read_bytes("model.gguf", &bytes);
        assert!(problems(&reading)[0].contains(wanted), "{name}: {:?}", problems(&reading));
        assert_eq!(reading.problems.len(), 1, "{name}: {:?}", problems(&reading));
    }
}

/// A header of one key that `write` writes.
fn lie(write: impl Fn(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new(3, false, 0, 1);
    write(&mut writer);
    writer.bytes
}

#[test]
fn tensors_that_cannot_be_are_problems() {
    let mut writer = Writer::new(3, false, 3, 0);
    writer.tensor("a", &[16], 0, 0);
    writer.tensor("b", &[16], 0, 32);
    writer.tensor("a", &[16], 0, 96);
    let reading = read_bytes("model.gguf", &writer.finish(200));
    assert!(problems(&reading).iter().any(|what| what.contains("`a` and `b` overlap")), "{reading:?}");
    assert!(problems(&reading).iter().any(|what| what.contains("1 names of tensors are there twice")));
    assert_eq!(tensors(&reading.facts).unwrap().tensors.len(), 2);
    for (shape, wanted) in [
        (vec![1 << 40, 1 << 40], "beyond 64 bits"),
        (vec![1; 9], "9 dimensions"),
        (vec![1 << 40], "reach beyond"),
    ] {
        let mut writer = Writer::new(3, false, 1, 0);
        writer.tensor("a", &shape, 0, 0);
        let reading = read_bytes("model.gguf", &writer.finish(64));
        assert!(problems(&reading)[0].contains(wanted), "{:?}", problems(&reading));
    }
}

#[test]
fn wrong_types_and_double_keys_are_problems_beside_the_rest() {
    let mut writer = Writer::new(3, false, 0, 6);
    writer.pair("general.architecture", &V::Text("llama"));
    writer.pair("general.name", &V::U32(7));
    writer.pair("llama.block_count", &V::Text("32"));
    writer.pair("general.architecture", &V::Text("qwen2"));
    writer.pair("tokenizer.ggml.tokens", &V::Numbers(vec![1, 2]));
    writer.pair("general.author", &V::Text("Somebody"));
    let reading = read_bytes("model.gguf", &writer.finish(0));
    let said = problems(&reading).join("\n");
    for wanted in [
        "the key `general.architecture` is there twice",
        "`general.name` is a whole number: a text is expected",
        "`llama.block_count` is a text: a number is expected",
        "`tokenizer.ggml.tokens`: a list of texts is expected",
    ] {
        assert!(said.contains(wanted), "{wanted} in {said}");
    }
    assert_eq!(
        (gguf(&reading).architecture.as_deref(), gguf(&reading).author.as_deref()),
        (Some("llama"), Some("Somebody"))
    );
    // Faults without end are said as some and the rest.
    let mut writer = Writer::new(3, false, 0, 1000);
    (0..1000).for_each(|_| writer.pair("same", &V::U32(1)));
    let reading = read_bytes("model.gguf", &writer.finish(0));
    assert_eq!(reading.problems.len(), FAULTS + 1);
}

#[test]
fn other_formats_and_versions_are_named() {
    let unsupported = |bytes: &[u8]| {
        let reading = read_bytes("model.gguf", bytes);
        assert_eq!(reading.facts.len(), 1, "the file is there");
        (reading.problems[0].kind, reading.problems[0].what.clone())
    };
    for magic in [b"lmgg", b"tjgg", b"fmgg", b"algg"] {
        let (kind, what) = unsupported(&[&magic[..], &[1, 0, 0, 0]].concat());
        assert!(kind == ProblemKind::Unsupported && what.contains("before GGUF"), "{what}");
    }
    let (kind, what) = unsupported(&[&b"GGUF"[..], &[4, 0, 0, 0]].concat());
    assert!(kind == ProblemKind::Unsupported && what.contains("version 4"), "{what}");
    let (kind, what) = unsupported(b"<html>not found</html>");
    assert!(kind == ProblemKind::Malformed && what.contains("begin with"), "{what}");
    assert_eq!(unsupported(b"GG").0, ProblemKind::Malformed);
}

#[test]
fn a_pointer_has_no_header() {
    let text =
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "ab".repeat(32));
    let path = RepoPath::new("model.gguf").unwrap();
    let interest = Interest::Weights(WeightsFormat::Gguf);
    let file = File {
        path: &path,
        bytes: text.as_bytes(),
        size: text.len() as u64,
        blob: None,
        snapshot: &Snapshot::WorkTree,
    };
    assert!(!has_header(&read_file(file, interest), file, interest));
}
