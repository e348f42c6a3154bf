"""Statistics by which models are often compared, for the table beside ours. None of them knows its own null distribution.

All are of two models with the same tensors, in the names of a Llama on the hub. Sources: standard deviations of attention matrices by
layer (arXiv 2507.03014), cosine of gains, angles between embeddings of anchors and sampled entries (signals NLF, EAS and WVC of Cisco's
Model Provenance Kit), singular values of products (arXiv 2511.06390), kurtosis (arXiv 2405.18432).
"""

ENTRIES = 4096

# Statistics by their keys, with the heads of their columns. All grow with likeness, and 1 is equal.
COLUMNS = {
    "attention-deviations": "deviations of Q, K, V, O",
    "deviations": "deviations of all",
    "gains": "gains",
    "anchors": "anchors",
    "spectra": "spectra",
    "kurtosis": "kurtosis",
    "entries": "entries",
}


def statistics(numpy, left, right, common):
    """All of them for two models; `common` are the rows of tokens that both saw in training, which anchors are taken from."""

    def of_both(function):
        return [function(numpy, side) for side in (left, right)]

    def correlation(function):
        return float(numpy.corrcoef(*of_both(function))[0, 1])

    def cosine(function):
        one, two = of_both(function)
        return float(one @ two / numpy.sqrt((one @ one) * (two @ two)))

    return {
        "query-cosine": cosine(queries),
        "attention-deviations": correlation(attention_deviations),
        "deviations": correlation(deviations),
        "gains": cosine(gains),
        "anchors": correlation(lambda numpy, weights: anchors(numpy, weights, common)),
        "spectra": correlation(spectra),
        "kurtosis": correlation(kurtosis),
        "entries": cosine(entries),
    }


def matrices(weights):
    """Matrices of layers, in order of their names."""
    return {name: weight.astype("f8") for name, weight in sorted(weights.items()) if name.startswith("model.layers.") and weight.ndim == 2}


def queries(numpy, weights):
    """All entries of the query matrices."""
    return numpy.concatenate([weight.ravel() for name, weight in matrices(weights).items() if "q_proj" in name])


def attention_deviations(numpy, weights):
    """Deviations of Q, K, V and O by layer, those of each role centred and divided by their own deviation."""
    profiles = []
    for role in ("q_proj", "k_proj", "v_proj", "o_proj"):
        profile = numpy.array([weight.std() for name, weight in matrices(weights).items() if role in name])
        profiles.append((profile - profile.mean()) / profile.std())
    return numpy.concatenate(profiles)


def deviations(numpy, weights):
    """The deviation of each matrix."""
    return numpy.array([weight.std() for weight in matrices(weights).values()])


def gains(numpy, weights):
    """All gains."""
    return numpy.concatenate([weight.astype("f8") for _, weight in sorted(weights.items()) if weight.ndim == 1])


def anchors(numpy, weights, common):
    """Cosines between the embeddings of these tokens, each pair once."""
    rows = weights["model.embed_tokens.weight"][common].astype("f8")
    rows /= numpy.linalg.norm(rows, axis=1, keepdims=True)
    return (rows @ rows.T)[numpy.triu_indices(len(common), 1)]


def spectra(numpy, weights):
    """Logarithms of the singular values of queries times keys and of output times values, layer by layer."""
    found, values = matrices(weights), []
    for name in [name for name in found if name.endswith("q_proj.weight")]:
        query, key, value, output = (found[name.replace("q_proj", f"{part}_proj")] for part in "qkvo")
        values += [numpy.linalg.svd(product, compute_uv=False) for product in (query.T @ key, output @ value)]
    return numpy.log(numpy.concatenate(values))


def kurtosis(numpy, weights):
    """The fourth standardised moment of each matrix."""
    return numpy.array([(((weight - weight.mean()) / weight.std()) ** 4).mean() for weight in matrices(weights).values()])


def entries(numpy, weights):
    """Entries of each matrix, evenly spaced."""
    return numpy.concatenate([weight.ravel()[:: max(1, weight.size // ENTRIES)][:ENTRIES] for weight in matrices(weights).values()])
