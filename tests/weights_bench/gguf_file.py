"""Writes a GGUF file of a small Llama, as a conversion with llama.cpp stores it.

Format: `docs/gguf.md` of ggml-org/ggml, version 3. Names of tensors and the order of the rows of queries and keys are those of
llama.cpp's converter for the architecture "llama".
"""

import struct

NAMES = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
ALIGNMENT, F32, Q8_0 = 32, 0, 8


def write(numpy, path, weights, config, name, tokens):
    """Writes weights that have the names of the hub: matrices as Q8_0, gains as they are. `tokens` are texts, each with whether it is a
    control token."""
    infos, parts, place = [], [], 0
    for known, weight in sorted(weights.items()):
        if known.endswith(("q_proj.weight", "k_proj.weight")):
            weight = interleaved(weight, config["num_attention_heads"])
        kind, data = (F32, weight.astype("<f4").tobytes()) if weight.ndim == 1 else (Q8_0, q8_0(numpy, weight))
        sizes = b"".join(struct.pack("<Q", size) for size in reversed(weight.shape))
        infos.append(string(renamed(known)) + struct.pack("<I", weight.ndim) + sizes + struct.pack("<IQ", kind, place))
        data += bytes(-len(data) % ALIGNMENT)
        parts.append(data)
        place += len(data)
    values = metadata(config, name, tokens)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(infos), len(values)) + b"".join(values) + b"".join(infos)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + bytes(-len(head) % ALIGNMENT) + b"".join(parts))


def renamed(name):
    """A tensor's name in GGUF."""
    if name in OUTSIDE:
        return OUTSIDE[name]
    layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{NAMES[part]}.weight"


def interleaved(weight, heads):
    """Rows of queries or keys as llama.cpp rotates them: the halves of each head in turns (`permute` of its converter)."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def q8_0(numpy, weight):
    """Blocks of 32 values: a half-precision scale, the greatest value over 127, and bytes (`block_q8_0` of ggml)."""
    blocks = weight.astype("<f4").reshape(-1, 32)
    scales = numpy.abs(blocks).max(axis=1, keepdims=True) / 127
    codes = numpy.round(blocks / numpy.where(scales > 0, scales, 1))
    packed = numpy.empty(len(blocks), [("scale", "<f2"), ("codes", "i1", 32)])
    packed["scale"], packed["codes"] = scales[:, 0], codes
    return packed.tobytes()


def metadata(config, name, tokens):
    """The entries of the header."""
    heads = config["num_attention_heads"]
    texts = [string(text) for text, _ in tokens]
    # 1 is a normal token, 3 a control token.
    kinds = [struct.pack("<i", 3 if control else 1) for _, control in tokens]
    numbers = {
        "general.file_type": 7,
        "general.quantization_version": 2,
        "llama.block_count": config["num_hidden_layers"],
        "llama.context_length": config["max_position_embeddings"],
        "llama.embedding_length": config["hidden_size"],
        "llama.feed_forward_length": config["intermediate_size"],
        "llama.attention.head_count": heads,
        "llama.attention.head_count_kv": config["num_key_value_heads"],
        "llama.rope.dimension_count": config["hidden_size"] // heads,
        "llama.vocab_size": config["vocab_size"],
        "tokenizer.ggml.bos_token_id": config["bos_token_id"],
        "tokenizer.ggml.eos_token_id": config["eos_token_id"],
    }
    floats = {"llama.attention.layer_norm_rms_epsilon": config["rms_norm_eps"], "llama.rope.freq_base": config["rope_theta"]}
    words = {"general.architecture": "llama", "general.name": name, "tokenizer.ggml.model": "gpt2"}
    return [
        *(string(key) + struct.pack("<I", 8) + string(text) for key, text in words.items()),
        *(string(key) + struct.pack("<II", 4, number) for key, number in numbers.items()),
        *(string(key) + struct.pack("<If", 6, number) for key, number in floats.items()),
        array("tokenizer.ggml.tokens", 8, texts),
        array("tokenizer.ggml.token_type", 5, kinds),
        array("tokenizer.ggml.merges", 8, []),
    ]


def array(key, kind, items):
    """An entry that is a list."""
    return string(key) + struct.pack("<IIQ", 9, kind, len(items)) + b"".join(items)


def string(text):
    """A text with its length before it."""
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded
