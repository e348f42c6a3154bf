"""What people do to models, done to tensors in the names of BERT: each function gives new tensors, and leaves the old ones alone."""

HEADS = 12
INNER = ("intermediate.dense", "output.dense")
ATTENTION = ("attention.self.query", "attention.self.key", "attention.self.value")
READERS = (*ATTENTION, "intermediate.dense")
WRITERS = ("attention.output.dense", "output.dense")
MATRICES = READERS + WRITERS
TABLE = "embeddings.word_embeddings.weight"
TABLES = (TABLE, "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight")


def layers(tensors):
    """How many layers there are."""
    return 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))


def matrices(tensors):
    """Names of the matrices of layers."""
    return [name for name in tensors if name.startswith("encoder.layer.") and tensors[name].ndim == 2]


def floats(tensors):
    """Names of tensors of floats."""
    return [name for name in tensors if tensors[name].dtype.kind == "f"]


def noise(numpy, tensors, ratio, random):
    """Normal noise of so many times the standard deviation of each tensor."""
    found = dict(tensors)
    for name in floats(tensors):
        value = tensors[name]
        found[name] = (value + ratio * value.std() * random.standard_normal(value.shape)).astype("<f4")
    return found


def lora(numpy, tensors, rank, share, random):
    """A low-rank change, merged into every matrix of the layers; `share` is its norm over that of the matrix."""
    found = dict(tensors)
    for name in matrices(tensors):
        value = tensors[name]
        change = random.standard_normal((value.shape[0], rank)) @ random.standard_normal((rank, value.shape[1]))
        change *= share * numpy.linalg.norm(value) / numpy.linalg.norm(change)
        found[name] = (value + change).astype("<f4")
    return found


def rounded(numpy, tensors, quantise):
    """Matrices and tables rounded by a function of their rows."""
    found = dict(tensors)
    for name in [*matrices(tensors), *(table for table in TABLES if table in tensors)]:
        found[name] = quantise(tensors[name]).astype("<f4")
    return found


def int8(numpy, value):
    """One scale for each row, 127 steps on each side."""
    scale = numpy.abs(value).max(axis=1, keepdims=True) / 127
    return numpy.round(value / numpy.where(scale > 0, scale, 1)) * scale


def blocks(numpy, value, steps):
    """Blocks of 32 values as llama.cpp's Q4_0 does it: the value of greatest magnitude is at the negative end of the grid."""
    parts = value.reshape(-1, 32)
    greatest = numpy.take_along_axis(parts, numpy.abs(parts).argmax(axis=1)[:, None], axis=1)
    scale = greatest / -steps
    codes = numpy.clip(numpy.floor(parts / numpy.where(scale != 0, scale, 1) + 0.5), -steps, steps - 1)
    return (codes * scale).reshape(value.shape)


def grids(numpy, value, size, steps):
    """Blocks with a least value and a step, as llama.cpp's K-quants and Q4_1 have them: `steps` steps from least to greatest."""
    parts = value.reshape(-1, size)
    least, greatest = parts.min(axis=1, keepdims=True), parts.max(axis=1, keepdims=True)
    step = numpy.where(greatest > least, (greatest - least) / steps, 1)
    return (numpy.round((parts - least) / step) * step + least).reshape(value.shape)


def int8_whole(numpy, value):
    """One scale for the whole."""
    scale = numpy.abs(value).max() / 127
    return numpy.round(value / scale) * scale


def ternary(numpy, value):
    """Sign or zero, and one scale for the whole: the mean magnitude."""
    scale = numpy.abs(value).mean()
    return numpy.clip(numpy.round(value / scale), -1, 1) * scale


def chosen_layers(tensors, order):
    """A model of these layers, in this order."""
    found = {name: value for name, value in tensors.items() if not name.startswith("encoder.layer.")}
    for new, old in enumerate(order):
        prefix = f"encoder.layer.{old}."
        for name in tensors:
            if name.startswith(prefix):
                found[f"encoder.layer.{new}.{name.removeprefix(prefix)}"] = tensors[name]
    return found


def fold_gains(tensors):
    """Gains multiplied into the readers after them and set to one, as is done to models with a norm before each block."""
    found = dict(tensors)
    for layer in range(layers(tensors)):
        before = f"encoder.layer.{layer - 1}.output.LayerNorm" if layer else "embeddings.LayerNorm"
        inside = f"encoder.layer.{layer}.attention.output.LayerNorm"
        for norm, readers in ((before, ATTENTION), (inside, ("intermediate.dense",))):
            gain = tensors[f"{norm}.weight"]
            found[f"{norm}.weight"] = gain * 0 + 1
            found[f"{norm}.bias"] = tensors[f"{norm}.bias"] / gain
            for reader in readers:
                name = f"encoder.layer.{layer}.{reader}.weight"
                found[name] = tensors[name] * gain[None, :]
    return found


def scale_units(numpy, tensors, random):
    """Units of feed-forward networks scaled by positive factors, and back."""
    found = dict(tensors)
    for layer in range(layers(tensors)):
        up, down = (f"encoder.layer.{layer}.{part}" for part in INNER)
        factors = numpy.exp(random.standard_normal(len(tensors[f"{up}.bias"]))).astype("<f4")
        found[f"{up}.weight"] = tensors[f"{up}.weight"] * factors[:, None]
        found[f"{up}.bias"] = tensors[f"{up}.bias"] * factors
        found[f"{down}.weight"] = tensors[f"{down}.weight"] / factors[None, :]
    return found


def grow(numpy, tensors, count, random):
    """More tokens, with new rows at the end of the table."""
    table = tensors[TABLE]
    rows = (table.std() * random.standard_normal((count, table.shape[1]))).astype("<f4")
    return tensors | {TABLE: numpy.concatenate([table, rows])}


def merge(tensors, other, share):
    """`share` of the one, and of the other the rest; of tables the rows that both have."""
    found = {}
    for name in floats(tensors):
        value = tensors[name]
        if name not in other or value.shape[1:] != other[name].shape[1:]:
            continue
        merged = value.copy()
        count = min(len(value), len(other[name]))
        merged[:count] = share * value[:count] + (1 - share) * other[name][:count]
        found[name] = merged.astype("<f4")
    return found


def permute_units(numpy, tensors, random):
    """Units of feed-forward networks in another order: the model computes the same."""
    found = dict(tensors)
    for layer in range(layers(tensors)):
        up, down = (f"encoder.layer.{layer}.{part}" for part in INNER)
        order = random.permutation(len(tensors[f"{up}.bias"]))
        found[f"{up}.weight"], found[f"{up}.bias"] = tensors[f"{up}.weight"][order], tensors[f"{up}.bias"][order]
        found[f"{down}.weight"] = tensors[f"{down}.weight"][:, order]
    return found


def permute_heads(numpy, tensors, random):
    """Heads in another order, and the dimensions inside of each: queries and keys in one, values and outputs in another."""
    found = dict(tensors)
    for layer in range(layers(tensors)):
        prefix = f"encoder.layer.{layer}."
        count = len(tensors[f"{prefix}attention.self.query.bias"])
        heads, size = random.permutation(HEADS), count // HEADS
        inside = [numpy.concatenate([head * size + random.permutation(size) for head in heads]) for _ in range(2)]
        for part, order in zip(ATTENTION, (inside[0], inside[0], inside[1])):
            for kind in ("weight", "bias"):
                found[f"{prefix}{part}.{kind}"] = tensors[f"{prefix}{part}.{kind}"][order]
        out = f"{prefix}attention.output.dense.weight"
        found[out] = tensors[out][:, inside[1]]
    return found


def residual(tensors, kept):
    """Residual dimensions `kept`, in that order: a permutation, or a pruned width."""
    found = {}
    for name in floats(tensors):
        value = tensors[name]
        part = name.removeprefix("encoder.layer.").split(".", 1)[-1].removesuffix(".weight").removesuffix(".bias")
        if name in TABLES or name.endswith(("LayerNorm.weight", "LayerNorm.bias")):
            found[name] = value[..., kept]
        elif part in WRITERS:
            found[name] = value[kept]
        elif part in READERS and value.ndim == 2:
            found[name] = value[:, kept]
        elif part in READERS:
            found[name] = value
    return found


def rotate(numpy, tensors, random):
    """A random rotation of the residual stream; gains, which it would not leave diagonal, become ones."""
    width = tensors[TABLE].shape[1]
    turn, _ = numpy.linalg.qr(random.standard_normal((width, width)))
    found = {}
    for name in floats(tensors):
        value = tensors[name]
        part = name.removeprefix("encoder.layer.").split(".", 1)[-1].removesuffix(".weight").removesuffix(".bias")
        if name in TABLES or (part in READERS and value.ndim == 2):
            value = value @ turn
        elif part in WRITERS:
            value = turn.T @ value
        elif name.endswith("LayerNorm.weight"):
            value = value * 0 + 1
        elif name.endswith("LayerNorm.bias"):
            value = turn.T @ value
        elif part not in READERS:
            continue
        found[name] = value.astype("<f4")
    return found


def experts(numpy, tensors, count, ratio, random):
    """Feed-forward networks copied to experts, each with its own noise, and a new router for each layer."""
    found = {}
    for name, value in tensors.items():
        words = name.split(".", 3)
        if name.startswith("encoder.layer.") and words[3].startswith(INNER):
            for expert in range(count):
                noisy = value + ratio * value.std() * random.standard_normal(value.shape)
                found[f"encoder.layer.{words[2]}.moe.experts.{expert}.{words[3]}"] = noisy.astype("<f4")
        else:
            found[name] = value
    width = tensors[TABLE].shape[1]
    for layer in range(layers(tensors)):
        found[f"encoder.layer.{layer}.moe.router.weight"] = (0.02 * random.standard_normal((count, width))).astype("<f4")
    return found
