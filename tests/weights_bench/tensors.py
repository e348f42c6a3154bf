"""Reads and writes safetensors files: a header in JSON that says where each tensor is, then the bytes.

Format: the README of huggingface/safetensors. Tensors are numpy arrays here; bf16, which numpy has not, is read as f32.
"""

import json
import struct

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1"}


def read(numpy, path):
    """All tensors of a file, by name."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    found = {}
    for name, tensor in header.items():
        start, end = (8 + length + offset for offset in tensor["data_offsets"])
        if tensor["dtype"] == "BF16":
            half = numpy.frombuffer(data[start:end], "<u2").astype("<u4") << 16
            found[name] = half.view("<f4").reshape(tensor["shape"])
        else:
            found[name] = numpy.frombuffer(data[start:end], TYPES[tensor["dtype"]]).reshape(tensor["shape"])
    return found


def write(numpy, path, tensors):
    """Writes tensors, in order of their names."""
    kinds = {numpy.dtype(kind): name for name, kind in TYPES.items()}
    header, position, parts = {}, 0, []
    for name in sorted(tensors):
        tensor = numpy.ascontiguousarray(tensors[name])
        end = position + tensor.nbytes
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensors[name].shape), "data_offsets": [position, end]}
        position = end
        parts.append(tensor)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            out.write(part.tobytes())
