//! Writes the seeds: `cargo run --example seeds`, in this folder.
//!
//! For `recognise`: the texts of the SPDX list that are no longer than the fuzzer's bound, and their usual disguises. For
//! `decode`: openings of some of them in every encoding that is told apart, and the first bytes of documents. For `gguf`: small
//! headers of all versions and byte orders. For the readers of lists of tensors: small files of each kind.

use std::fs;
use std::path::Path;

/// `-max_len` of the commands in the README.
const LONGEST: usize = 20_000;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (recognise, decode, gguf) = (corpus.join("recognise"), corpus.join("decode"), corpus.join("gguf"));
    fs::create_dir_all(&gguf)?;
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
    for (version, big) in [(1, false), (2, false), (2, true), (3, false), (3, true)] {
        let name = format!("v{version}-{}", if big { "big" } else { "little" });
        fs::write(gguf.join(name), header(version, big))?;
        count += 1;
    }
    fs::write(gguf.join("before"), b"lmgg\x01\0\0\0")?;
    count += 1;
    count += tensors(&corpus)?;
    count += recipes(&corpus)?;
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

/// A GGUF file with a value of every type that is read.
fn header(version: u32, big: bool) -> Vec<u8> {
    let number = |bytes: &[u8]| -> Vec<u8> {
        if big { bytes.iter().rev().copied().collect() } else { bytes.to_vec() }
    };
    let u32 = |n: u32| number(&n.to_le_bytes());
    let u64 = |n: u64| number(&n.to_le_bytes());
    let count = |n: u64| if version == 1 { u32(n as u32) } else { u64(n) };
    let text = |text: &str| [count(text.len() as u64), text.as_bytes().to_vec()].concat();
    let pair = |key: &str, kind: u32, value: Vec<u8>| [text(key), u32(kind), value].concat();
    let texts = |texts: &[&str]| {
        let all: Vec<u8> = texts.iter().flat_map(|one| text(one)).collect();
        [u32(8), count(texts.len() as u64), all].concat()
    };
    let numbers = |numbers: &[u32]| {
        let all: Vec<u8> = numbers.iter().flat_map(|one| u32(*one)).collect();
        [u32(5), count(numbers.len() as u64), all].concat()
    };
    let nested = [u32(9), count(1), numbers(&[1, 2])].concat();
    let pairs = [
        pair("general.architecture", 8, text("deepseek2")),
        pair("general.name", 8, text("Kaguya")),
        pair("general.alignment", 4, u32(32)),
        pair("general.file_type", 4, u32(15)),
        pair("general.base_model.0.name", 8, text("Base")),
        pair("general.base_model.0.repo_url", 8, text("https://huggingface.co/some/base")),
        pair("deepseek2.embedding_length", 4, u32(64)),
        pair("deepseek2.block_count", 10, u64(2)),
        pair("deepseek2.attention.head_count", 9, numbers(&[4, 4])),
        pair("deepseek2.attention.head_count_kv", 4, u32(1)),
        pair("deepseek2.attention.kv_lora_rank", 4, u32(16)),
        pair("deepseek2.attention.key_length_mla", 4, u32(24)),
        pair("deepseek2.rope.dimension_count", 4, u32(8)),
        pair("deepseek2.attention.layer_norm_rms_epsilon", 6, u32(1e-6_f32.to_bits())),
        pair("some.flag", 7, vec![1]),
        pair("some.double", 12, u64(0.5_f64.to_bits())),
        pair("some.nested", 9, nested),
        pair("tokenizer.ggml.model", 8, text("gpt2")),
        pair("tokenizer.ggml.tokens", 9, texts(&["a", "b", "<s>", "[PAD3]"])),
        pair("tokenizer.ggml.token_type", 9, numbers(&[1, 6, 3, 5])),
        pair("tokenizer.ggml.merges", 9, texts(&["a b"; 51])),
        pair("tokenizer.ggml.bos_token_id", 4, u32(2)),
        pair("tokenizer.chat_template", 8, text("{{ messages }}")),
    ];
    let tensor = |name: &str, shape: &[u64], kind: u32, offset: u64| {
        let dimensions: Vec<u8> = shape.iter().flat_map(|one| count(*one)).collect();
        [text(name), u32(shape.len() as u32), dimensions, u32(kind), u64(offset)].concat()
    };
    let tensors =
        [tensor("token_embd.weight", &[8, 4], 0, 0), tensor("blk.0.ffn_up.weight", &[256, 1], 12, 128)];
    let opening = [u32(version), count(tensors.len() as u64), count(pairs.len() as u64)].concat();
    let mut bytes = [b"GGUF".to_vec(), opening, pairs.concat(), tensors.concat()].concat();
    bytes.resize(bytes.len().next_multiple_of(32) + 128 + 144, 0);
    bytes
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
    // Blocks of GGUF and scaled codes, with their elements; the first byte is the format.
    let scaled = r#"{"w":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},"w_scale":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    let scaled =
        [&b"\x00"[..], &(scaled.len() as u64).to_le_bytes(), scaled.as_bytes(), &[0x38; 12]].concat();
    let mut blocks = [&b"\x01GGUF\x03\0\0\0"[..], &1u64.to_le_bytes(), &0u64.to_le_bytes()].concat();
    blocks.extend([&1u64.to_le_bytes()[..], b"t", &1u32.to_le_bytes(), &256u64.to_le_bytes()].concat());
    blocks.extend([&12u32.to_le_bytes()[..], &0u64.to_le_bytes()].concat());
    // The weights begin at a multiple of 32 behind the first byte.
    blocks.resize(1 + (blocks.len() - 1).next_multiple_of(32), 0);
    blocks.extend([1; 144]);
    let seeds: [(&str, &str, Vec<u8>); 16] = [
        ("weights", "scaled", scaled),
        ("weights", "blocks", blocks),
        ("weights", "onnx", [&[2][..], &model].concat()),
        ("weights", "archive", [&[3][..], &archive(&second)].concat()),
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

/// For `recipes` and `source_code`: a small file of each kind. The first byte is the place of the name in the list of the target.
fn recipes(corpus: &Path) -> std::io::Result<usize> {
    const NEMO: &str = "encoder_seq_length: 4096\nnum_layers: 32\nhidden_size: 4096\nffn_hidden_size: 11008\nnum_attention_heads: 32\nlayernorm_epsilon: 1e-05\ntarget: nemo.collections.nlp.MegatronGPTModel\n";
    const CODE: &str = "# coding=utf-8\n# Copyright 2023 A and B. All rights reserved.\n#\n# Licensed under the Apache License, Version 2.0 (the \"License\");\n\"\"\" Model.\"\"\"\nimport torch\nfrom .configuration_a import AConfig\nfrom transformers.models.llama.modeling_llama import (\n    LlamaAttention,\n)\n\n# Copied from transformers.models.llama.modeling_llama.LlamaRMSNorm with Llama->A\nclass ARMSNorm(nn.Module):\n    '''\nclass Inside(str):\n    '''\n    model_type: str = \"a_v3\"\n\nclass AForCausalLM(\n    APreTrainedModel, Mixin\n):\n    x = \"it's\" # '\n";
    let (recipes, code) = (corpus.join("recipes"), corpus.join("source_code"));
    fs::create_dir_all(&recipes)?;
    fs::create_dir_all(&code)?;
    let tar = [
        entry("./model_weights.ckpt", &[7; 600]),
        entry("./model_config.yaml", NEMO.as_bytes()),
        vec![0; 1024],
    ]
    .concat();
    let files: &[(&str, u8, &[u8])] = &[
        ("peft", 0, br#"{"peft_type": "LORA", "base_model_name_or_path": "a/b-bnb-4bit", "r": 8, "target_modules": ["q_proj"], "auto_mapping": {"base_model_class": "A", "parent_library": "b"}}"#),
        ("mlx", 0, br#"{"fine_tune_type": "dora", "model": "a/b", "lora_parameters": {"rank": 8, "keys": ["x"]}}"#),
        ("ties", 1, b"merge_method: ties\nbase_model: a/b@v1\nmodels:\n  - model: a/b+c/d\n  - model:\n      model: {path: e/f, revision: x}\n      lora: g/h\ntokenizer_source: union\n"),
        ("slices", 1, b"name: &n one\nslices:\n- sources:\n  - model: a/b\n    layer_range: [0, 24]\n  - {model: *n, layer_range: [8, 32]}\nmerge_method: passthrough\n---\nmerge_method: linear\nmodels: [{model: one}, {model: 'e/f'}]\n"),
        ("moe", 1, b"base_model: a/b\ngate_mode: hidden\nexperts:\n  - source_model: c/d\n    positive_prompts: [x]\n"),
        ("card", 2, b"---\nlicense: mit\n---\n# M\n\n```yaml\nmodels:\n  - model: a/b\n  - model: c/d\nmerge_method: slerp\n```\n"),
        ("gptq", 3, br#"{"bits": 4, "group_size": 128, "desc_act": true, "model_name_or_path": "a/b", "meta": {"quantizer": ["q:1"]}}"#),
        ("modelopt", 4, br#"{"producer": {"name": "modelopt", "version": "0.29.0"}, "quantization": {"quant_algo": "NVFP4", "group_size": 16}}"#),
        ("diffusers", 5, br#"{"_class_name": "P", "_name_or_path": "a/b", "unet": ["diffusers", "U"], "x": [null, null], "vae": ["d", "A", {"repo": "c/d"}]}"#),
        ("modules", 6, br#"[{"idx": 0, "name": "0", "path": "", "type": "a.b.C"}, {"idx": 1, "path": "1_P", "type": "a.P"}]"#),
        ("modelfile", 7, b"# c\nFROM a:b\nADAPTER ./x\nTEMPLATE \"\"\"{{ .S }}\nFROM no\n\"\"\"\nLICENSE \"\"\"\nMIT License\n\nCopyright (c) 2024 A\n\"\"\"\nPARAMETER stop \"x\"\n"),
        ("config", 8, br#"{"architectures": ["A"], "model_type": "x", "hidden_size": 8, "num_hidden_layers": 2, "attn_config": {"kv_n_heads": 8}, "rope_scaling": {"type": "yarn", "factor": 4.0}, "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}"#),
        ("params", 9, br#"{"dim": 4096, "n_layers": 32, "vocab_size": -1, "multiple_of": 1024, "ffn_dim_multiplier": 1.3, "moe": {"num_experts": 8}, "use_scaled_rope": true}"#),
        ("nemo-yaml", 10, NEMO.as_bytes()),
        ("nemo-tar", 11, &tar),
    ];
    for (name, kind, bytes) in files {
        fs::write(recipes.join(name), [&[*kind], *bytes].concat())?;
    }
    fs::write(code.join("code"), CODE)?;
    Ok(files.len() + 1)
}

/// An entry of a tar archive.
fn entry(name: &str, data: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
    header[156] = b'0';
    header[148..156].fill(b' ');
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut bytes = [&header[..], data].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
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
