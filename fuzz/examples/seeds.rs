//! Writes the seeds: `cargo run --example seeds`, in this folder.
//!
//! For `recognise`: the texts of the SPDX list that are no longer than the fuzzer's bound, and their usual disguises. For
//! `decode`: openings of some of them in every encoding that is told apart, and the first bytes of documents.

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
