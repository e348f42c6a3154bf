"""Real models of packages as folders that Cisco's kit reads: those of the hub's library transformers, with a configuration.

Packages that are no such folder are given one: the values are the same, and the configuration says what the shapes say. Nothing here is
needed for forebear, which reads the files as they are.
"""

import json
import shutil

from weights_bench import convert, models, tensors

WHISPER = {
    "architectures": ["WhisperForConditionalGeneration"], "model_type": "whisper", "activation_function": "gelu", "d_model": 384,
    "encoder_layers": 4, "decoder_layers": 4, "encoder_attention_heads": 6, "decoder_attention_heads": 6, "encoder_ffn_dim": 1536,
    "decoder_ffn_dim": 1536, "num_hidden_layers": 4, "num_mel_bins": 80, "vocab_size": 51864, "max_source_positions": 1500,
    "max_target_positions": 448, "bos_token_id": 50257, "eos_token_id": 50256, "pad_token_id": 50256, "decoder_start_token_id": 50257,
}
BERT = {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": 384, "intermediate_size": 1536,
    "num_attention_heads": 12, "max_position_embeddings": 512, "layer_norm_eps": 1e-12, "initializer_range": 0.02,
    "position_embedding_type": "absolute", "pad_token_id": 0,
}
ONNX_ELEMENTS = {1: "<f4"}
# The matrices of a layer of BERT in the order in which a graph multiplies with them.
ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
ORDER = (*ATTENTION, "intermediate.dense", "output.dense")


def folder(bench, name):
    """The folder of a model for the kit; None, and a skip, where its package cannot be had."""
    path = models.model(bench, name)
    # A graph with codes of int8 is no folder of the library, and cannot be made one without changing its values.
    if path is None or (path / "config.json").is_file() or name == "minilm-int8":
        return path
    place = bench.folder("kit", name)
    if name == "paraphrase-l3":
        found = bert(bench.numpy, path / "model.onnx")
        tensors.write(bench.numpy, place / "model.safetensors", found)
    else:
        found = tensors.read(bench.numpy, path / "model.safetensors")
        # Half a gigabyte is not copied.
        (place / "model.safetensors").unlink(missing_ok=True)
        (place / "model.safetensors").symlink_to(path / "model.safetensors")
    config = WHISPER if name == "whisper" else BERT | sizes(found)
    (place / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    shutil.copy(path / "tokenizer.json", place)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
    (place / "tokenizer_config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")
    return place


def sizes(found):
    """What the shapes of a BERT say."""
    layers = 1 + max(int(part.split(".")[2]) for part in found if part.startswith("encoder.layer."))
    rows, segments = (len(found[f"embeddings.{part}_embeddings.weight"]) for part in ("word", "token_type"))
    return {"vocab_size": rows, "type_vocab_size": segments, "num_hidden_layers": layers}


def bert(numpy, path):
    """The tensors of a BERT in ONNX by the names of the hub. A graph has matrices turned, and under names that only count."""
    found, counted = {}, []
    for name, tensor in initializers(numpy, path).items():
        if name.startswith("onnx::MatMul_"):
            counted.append((int(name.rsplit("_", 1)[1]), tensor))
        elif "auto_model." in name:
            found[name.split("auto_model.")[1]] = tensor
    for place, (_, tensor) in enumerate(sorted(counted, key=lambda pair: pair[0])):
        layer, part = divmod(place, len(ORDER))
        found[f"encoder.layer.{layer}.{ORDER[part]}.weight"] = tensor.T
    return found


def initializers(numpy, path):
    """The tensors of an ONNX file: `ModelProto.graph` is field 7, `GraphProto.initializer` 5, and of `TensorProto` dims is 1,
    data_type 2, name 8 and raw_data 9 (onnx.proto of onnx/onnx)."""
    found = {}
    graph = next(value for number, value in fields(path.read_bytes()) if number == 7)
    for _, tensor in (field for field in fields(graph) if field[0] == 5):
        told = list(fields(tensor))
        shape, values = [value for number, value in told if number == 1], dict(told)
        if values[2] in ONNX_ELEMENTS and 9 in values:
            found[values[8].decode()] = numpy.frombuffer(values[9], ONNX_ELEMENTS[values[2]]).reshape(shape)
    return found


def fields(data):
    """The fields of a message of protocol buffers, with their numbers: integers, and bytes."""
    message = convert.Cursor(data)
    while message.at < len(data):
        key = varint(message)
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint(message)
        else:
            yield key >> 3, message.take({1: 8, 5: 4}[kind] if kind != 2 else varint(message))


def varint(message):
    """An integer of seven bits a byte."""
    value = shift = 0
    while True:
        byte = message.value("B")
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value
