//! Writes the seeds of `tokenizer` and `tokenizer_config`: `cargo run --example tokenizer_seeds`, in this folder.

use std::fs;
use std::path::Path;

/// By the number of the format in the target.
const VOCABULARIES: &[(u8, &[u8])] = &[
    (0, br#"{"version": "1.0", "added_tokens": [{"id": 3, "content": "<|end|>", "special": true}], "model": {"type": "BPE", "vocab": {"a": 0, "\u0120b": 1, "ab": 2}, "merges": ["a b", ["a", "b"]]}}"#),
    (0, br#"{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["\u2581a", -3.5]]}, "added_tokens": []}"#),
    (0, br###"{"model": {"vocab": {"[UNK]": 0, "the": 1, "##s": 2}, "continuing_subword_prefix": "##"}}"###),
    (1, br#"{"a": 0, "\ud800": 1, "<0x0A>": 2}"#),
    (2, b"#version: 0.2\na b\nab c\n"),
    (3, b"[PAD]\n[unused0]\n[UNK]\nthe\n##s\n"),
    (4, b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02\x0a\x08\x0a\x01a\x15\0\0\x80\xbf\x12\x02\x08\x01"),
    (4, b"YQ== 0\nYg== 1\n"),
    (5, b"YQ== 0\nYg== 1\n4pY= 2\n"),
    (6, br#"{"config": {"default_vocab_size": 4, "default_num_special_tokens": 1}, "vocab": [{"rank": 0, "token_bytes": "YQ==", "token_str": "a"}], "special_tokens": [{"rank": 0, "token_str": "<s>", "is_control": true}]}"#),
];

const SETTINGS: &[(u8, &[u8])] = &[
    (0, br#"{"bos_token": {"content": "<s>"}, "eos_token": "</s>", "name_or_path": "a/b", "added_tokens_decoder": {"0": {"content": "<s>", "special": true}}, "chat_template": [{"name": "default", "template": "{{ messages }}"}]}"#),
    (1, br#"{"pad_token": "<pad>", "additional_special_tokens": ["<a>", {"content": "<b>"}]}"#),
    (2, br#"{"chat_template": "{{ bos_token }}"}"#),
    (3, b"{% for m in messages %}<|im_start|>{{ m.role }}{% endfor %}"),
    (4, br#"{"bos_token_id": 1, "eos_token_id": [1, 2], "top_p": 0.9, "do_sample": true, "transformers_version": "4.40.0"}"#),
];

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [("tokenizer", VOCABULARIES), ("tokenizer_config", SETTINGS)] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for (number, (format, bytes)) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), [&[*format], *bytes].concat())?;
        }
        println!("{} seeds in {}", seeds.len(), folder.display());
    }
    Ok(())
}
