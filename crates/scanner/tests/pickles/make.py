"""Writes protocol-{1,2,4}.pkl: what Python's own pickler makes of a checkpoint. PyTorch is not needed: the classes and
functions that its checkpoints name are made up here under the same names, and the storages become persistent ids as in
torch/serialization.py. Run in this folder: python3 make.py
"""

import collections
import pickle
import sys
import types

torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})
torch._utils = utils


def named(module, name, value):
    value.__module__, value.__qualname__ = module.__name__, name
    setattr(module, name, value)
    return value


FloatStorage = named(torch, "FloatStorage", type("FloatStorage", (), {}))
tensor_of = named(utils, "_rebuild_tensor_v2", lambda *arguments: None)
parameter_of = named(utils, "_rebuild_parameter", lambda *arguments: None)
tensor_of.__name__, parameter_of.__name__ = "_rebuild_tensor_v2", "_rebuild_parameter"


class Storage:
    def __init__(self, key, elements):
        self.key, self.elements = key, elements


class Tensor:
    def __init__(self, key, rows, columns):
        self.arguments = (Storage(key, rows * columns), 0, (rows, columns), (columns, 1), False)

    def __reduce_ex__(self, protocol):
        return tensor_of, (*self.arguments, collections.OrderedDict())


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        return parameter_of, (self.tensor, True, collections.OrderedDict())


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return "storage", FloatStorage, value.key, "cpu", value.elements


state = collections.OrderedDict(w=Tensor("0", 2, 3), b=Parameter(Tensor("1", 1, 4)))
rest = {"epoch": 3, "loss": 0.5, "note": [1, None, True, (1, 2, 3, 4), {5}], "big": 1 << 70, "raw": b"abc"}
for protocol in 1, 2, 4:
    with open(f"protocol-{protocol}.pkl", "wb") as file:
        Pickler(file, protocol).dump({"model": state, **rest})
