"""Writes a tiny Llama as a folder of a model hub: configuration, weights, and a tokenizer of single bytes.

The vocabulary has tokens in reserve, as that of Llama 3 has.
"""

import json

from weights_bench import tensors

SHAPE = {"width": 96, "layers": 4, "heads": 4, "inner": 256, "vocabulary": 320, "context": 64}
EPSILON = 1e-6
SPECIALS = ("<|begin|>", "<|end|>")


def save(numpy, folder, weights, name):
    """A folder as on a model hub."""
    tensors.write(numpy, folder / "model.safetensors", weights)
    vocabulary = len(weights["model.embed_tokens.weight"])
    files = {"config.json": config(weights, name), "tokenizer.json": tokenizer(vocabulary), "tokenizer_config.json": settings()}
    for file, content in files.items():
        (folder / file).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def config(weights, name):
    """The configuration, with as many layers and tokens as there are weights of."""
    layers = 1 + max(int(part.split(".")[2]) for part in weights if part.startswith("model.layers."))
    rows, width = weights["model.embed_tokens.weight"].shape
    return {
        "_name_or_path": f"forebear-bench/{name}", "architectures": ["LlamaForCausalLM"], "model_type": "llama",
        "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": SHAPE["heads"],
        "num_key_value_heads": SHAPE["heads"], "intermediate_size": SHAPE["inner"], "vocab_size": rows,
        "max_position_embeddings": SHAPE["context"], "rms_norm_eps": EPSILON, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": False, "attention_bias": False, "mlp_bias": False, "torch_dtype": "float32",
        "bos_token_id": 256, "eos_token_id": 257,
    }


def settings():
    """What loads the tokenizer."""
    return {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": SPECIALS[0], "eos_token": SPECIALS[1]}


def byte_alphabet():
    """The character for each byte in byte-level vocabularies: itself where it prints, else one from 256 on (as GPT-2's encoder has it)."""
    printed = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printed else next(others)) for byte in range(256)]


def specials(vocabulary):
    """Tokens after the bytes: two that training does not use, a reserve, and what was added to the vocabulary later."""
    later = (f"<|added_{number}|>" for number in range(vocabulary - SHAPE["vocabulary"]))
    return [*SPECIALS, *(f"<|reserved_special_token_{number}|>" for number in range(SHAPE["vocabulary"] - 256 - len(SPECIALS))), *later]


def tokenizer(vocabulary):
    """A tokenizer of single bytes, as the tokenizers library stores it."""
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    added = [{"id": 256 + place, "content": content} | plain for place, content in enumerate(specials(vocabulary))]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": level, "post_processor": None, "decoder": level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False,
            "vocab": {character: byte for byte, character in enumerate(byte_alphabet())}, "merges": [],
        },
    }
