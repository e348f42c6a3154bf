"""The statistic once more, straight from its definition in docs/weights.md, for models in the names of BERT.

It shares no code with forebear: what both say of a pair must be equal. It also gives what forebear does not print: gains without biases.
Of a suspect, forebear takes every dimension, so that its medians are those of all dimensions; of a base those of the sampled ones.
"""

MATRICES = {
    "attention.self.query": False,
    "attention.self.key": False,
    "attention.self.value": False,
    "attention.output.dense": True,
    "intermediate.dense": False,
    "output.dense": True,
}
DIMENSIONS = 256
ROWS = 2


def norms(tensors):
    """Names of the gains, each followed by its bias."""
    found = sorted(name for name in tensors if name.endswith("LayerNorm.weight"))
    return [name for gain in found for name in (gain, gain.removesuffix("weight") + "bias")]


def sampled(width):
    """The residual dimensions: floor(i d / n)."""
    count = min(DIMENSIONS, width)
    return [index * width // count for index in range(count)]


def features(numpy, tensors, of_suspect):
    """The bits of each feature, by group and key."""
    width = len(tensors["embeddings.LayerNorm.weight"])
    kept = sampled(width)

    def bits(values):
        """Above the lower median or not; None where no value is."""
        compared = values if of_suspect else values[kept]
        above = values > numpy.sort(compared)[(len(compared) - 1) // 2]
        return above[kept].astype(float) if (above if of_suspect else above[kept]).any() else None

    found = {"gains": {}, "norms": {}, "weights": {}}
    for name in norms(tensors):
        row = bits(tensors[name])
        if row is not None:
            found["norms"][name] = row
            if name.endswith("weight"):
                found["gains"][name] = row
    for name, tensor in tensors.items():
        part = name.split(".", 3)[-1].removesuffix(".weight")
        if not name.startswith("encoder.layer.") or not name.endswith(".weight") or part not in MATRICES:
            continue
        matrix = tensor.T if MATRICES[part] else tensor
        for row in range(ROWS):
            place = (2 * row + 1) * len(matrix) // (2 * ROWS)
            values = bits(matrix[place])
            if values is not None:
                found["weights"][name, row] = values
    return found


def z(numpy, left, right):
    """T = sum(X * Y) over its standard deviation under orders of the dimensions; X and Y are centred rows of common features."""
    keys = sorted(set(left) & set(right))
    if not keys:
        return None
    x, y = (numpy.array([side[key] for key in keys]) for side in (left, right))
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    variance = ((x @ x.T) * (y @ y.T)).sum() / (x.shape[1] - 1)
    return float((x * y).sum() / variance**0.5) if variance > 0 else None


def rows(numpy, left, right):
    """z of rows of two tables, medians of sampled dimensions on both sides."""
    kept = sampled(left.shape[1])
    sides = []
    for table in (left[:, kept], right[:, kept]):
        above = table > numpy.sort(table, axis=1)[:, [(len(kept) - 1) // 2]]
        sides.append({index: row.astype(float) for index, row in enumerate(above)})
    return z(numpy, *sides)
