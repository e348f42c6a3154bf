"""Tiny language models that are trained here: what becomes of one, against strangers of the same shape, text and procedure.

Every model is compared with the fingerprint of `base`, which has no digests: the tests stand alone. Beside ours stand statistics by which
models are often compared (`popular.py`), and how many strangers each of them puts above the least of the derived models: a threshold that
finds all of these confirms so many strangers. Then all models of different seeds are compared with each other: draws of the null
distribution from models that were trained.
"""

import itertools
import math

from weights_bench import bench as shared
from weights_bench import pages, popular, svg, tensors, tiny_folder, tiny_models, tiny_plan, tiny_text

RELATIONS = {
    "base": "itself",
    "finetuned": "fine-tuned, 0.25 of the steps at a tenth of the rate",
    "finetuned-gguf": "fine-tuned, then GGUF in Q8_0",
    "layer-dropped": "fine-tuned, then one of four layers dropped",
    "finetuned-extended": "fine-tuned, then eight tokens added",
    "continued-quarter": "continued on other text at full rate, 0.25 of the steps",
    "continued-1": "continued on other text at full rate, as many steps again",
    "continued-2": "continued on other text at full rate, twice as many steps",
    "continued-2-extended": "the same, then eight tokens added",
    "same-seed-other-order": "trained anew: same seed, same text in another order",
    "same-seed-other-data": "trained anew: same seed, other text",
}
DERIVED = tuple(RELATIONS)[:9]
STRANGERS = {name: recipe for name, recipe in tiny_plan.PLAN.items() if name.startswith("stranger")}
CROWD = [name for name in tiny_plan.PLAN if name.startswith("crowd")]
# No statistic of a stranger of `base` may be beyond the first. In thousands of tests of strangers one in five runs has one of 4 by chance;
# from 5 on the program would say something.
LIMIT, CHANCE, WITNESS = 4, 5, 6


def measure(bench):
    """Trains, compares, checks."""
    made = tiny_models.folders(bench)
    if made is None:
        return None
    trainings = tiny_models.trainings(made)
    weights = {name: tensors.read(bench.numpy, made[name] / "model.safetensors") for name in trainings}
    base = bench.folder("prints") / "tiny.print"
    bench.fingerprint(made["base"], base, "--dimensions", "256", "--column-norms", "--no-digests")
    pairs = [compared(bench, made[name], base, weights, name, *told) for name, told in relations().items()]
    conditions(bench.check, pairs)
    return {
        "versions": {"forebear": bench.version, "jax": trainings["base"]["jax"]},
        "shape": tiny_folder.SHAPE,
        "parameters": sum(weight.size for weight in weights["base"].values()),
        "steps": tiny_plan.STEPS,
        "losses": {name: told["loss"] for name, told in trainings.items()},
        "pairs": pairs,
        "confirmed": {key: confirmed(pairs, key) for key in popular.COLUMNS} | {"zW": confirmed(pairs, "zW")},
        "null": null(bench, made, ["base", *STRANGERS, *CROWD]),
    }


def relations():
    """The models that are compared with `base`, each with how it was made, and what is true of it."""
    found = {name: (words, "derived" if name in DERIVED else "seed") for name, words in RELATIONS.items()}
    for name, recipe in STRANGERS.items():
        text = "same" if recipe.data == tiny_plan.PLAN["base"].data else "other"
        found[name] = (f"stranger, seed {recipe.seed}: {text} text", "stranger")
    return found | {"stranger-extended": ("stranger, seed 2: same text, then eight tokens added", "stranger")}


def compared(bench, suspect, base, weights, name, relation, truth):
    """One model against `base`."""
    said = bench.compare(suspect, base)
    pair = {"suspect": name, "relation": relation, "truth": truth, "verdict": said["verdict"]} | shared.groups(said)
    tests = {group["name"]: group for group in said["groups"]}
    pair["zU"] = tests["unused-tokens"]["z"]
    pair["p"] = tests["weights"]["corrected_p"]
    pair["reached"] = tests["weights"]["reached"]
    pair["layers"] = [base for _, base, _ in said["layer_map"]]
    if name in weights:
        seen = tiny_text.common_bytes(sorted({recipe.data for recipe in tiny_plan.PLAN.values()}))
        pair |= popular.statistics(bench.numpy, weights[name], weights["base"], seen)
    return {key: round(value, 4 if key != "p" else 8) if isinstance(value, float) else value for key, value in pair.items()}


def conditions(check, pairs):
    """What must hold."""
    names = (*shared.GROUPS.values(), "zU")
    for pair in pairs:
        words, verdict = f"{pair['suspect']}: {pair['verdict']}", pair["verdict"]
        if pair["truth"] == "derived":
            check.expect(verdict == "shared-weights" and pair["reached"] == 0, words, pair)
        elif pair["truth"] == "stranger":
            check.expect(verdict == "none" and all(abs(pair[name]) <= LIMIT for name in names), words, pair)
        else:
            # Unless the gains, which carry no seed, show one training, which the same text makes nearly one.
            witnessed = verdict == "shared-weights" and pair["zN"] >= WITNESS
            check.expect(witnessed or verdict == "shared-seed-possible", words, pair)
    dropped = next(pair for pair in pairs if pair["suspect"] == "layer-dropped")
    left = [layer for layer in range(tiny_folder.SHAPE["layers"]) if layer != tiny_models.DROPPED]
    check.expect(dropped["layers"] == left, "the layer map shows which layer was dropped", dropped)


def confirmed(pairs, key):
    """Strangers that a threshold confirms which finds every derived model."""
    known = [pair for pair in pairs if "query-cosine" in pair]
    least = min(pair[key] for pair in known if pair["truth"] == "derived")
    return sum(pair["truth"] == "stranger" and pair[key] >= least for pair in known)


def null(bench, made, names):
    """Models of different seeds, each with each."""
    draws, verdicts = {}, []
    for suspect, base in itertools.combinations(names, 2):
        said = bench.compare(made[suspect], made[base])
        verdicts.append(said["verdict"])
        for group in said["groups"]:
            draws.setdefault(group["name"], []).append(group["z"])
        # Where the tests are silent, dimensions were assigned to each other.
        for group in said["robust"]["groups"]:
            draws.setdefault(f"{group['name']}, dimensions assigned", []).append(group["z"])
    most = max(abs(z) for all_z in draws.values() for z in all_z)
    words = f"{len(verdicts)} pairs of strangers: none, |z| at most {most:.2f}"
    bench.check.expect(set(verdicts) == {"none"} and most < CHANCE, words, verdicts)
    groups = {
        name: {
            "mean": round(sum(all_z) / len(all_z), 3),
            "deviation": round(math.sqrt(sum(z * z for z in all_z) / len(all_z)), 3),
            "beyond": {str(limit): sum(abs(z) > limit for z in all_z) for limit in (2, 3)},
            "most": round(max(abs(z) for z in all_z), 3),
        }
        for name, all_z in draws.items()
    }
    return {"pairs": len(verdicts), "groups": groups}


# ---- Tables


def tables(result):
    """The tables of the page."""
    return {"tiny": ours(result), "tiny-popular": others(result), "tiny-null": strangers(result)}


def ours(result):
    """Verdicts and z."""
    names = (*shared.GROUPS.values(), "zU")
    rows = [
        [pair["relation"], f"`{pair['verdict']}`", *(pages.figure(pair[name]) for name in names), pages.probability(pair["p"])]
        for pair in result["pairs"]
    ]
    return pages.table(["against `base`", "verdict", *names, "corrected p of weights"], rows, 2)


def others(result):
    """Other statistics of the same pairs, and what each would confirm."""
    columns = popular.COLUMNS
    rows = [
        [pair["relation"], *(pages.figure(pair[key], 3) for key in ("query-cosine", *columns)), pages.figure(pair["zW"])]
        for pair in result["pairs"]
        if "query-cosine" in pair
    ]
    count = sum(pair["truth"] == "stranger" and "query-cosine" in pair for pair in result["pairs"])
    last = [f"{result['confirmed'][key]} of {count}" for key in (*columns, "zW")]
    rows.append(["**strangers above the least derived model**", "", *last])
    return pages.table(["against `base`", "cosine of Q", *columns.values(), "zW"], rows)


def strangers(result):
    """Draws of the null distribution."""
    found = result["null"]
    rows = [
        [
            name,
            found["pairs"],
            *(pages.figure(told[key], 2) for key in ("mean", "deviation")),
            *(f"{told['beyond'][limit] / found['pairs']:.2%}" for limit in ("2", "3")),
            pages.figure(told["most"], 2),
        ]
        for name, told in found["groups"].items()
    ]
    rows.append(["*normal distribution*", "", "0.00", "1.00", "4.55%", "0.27%", ""])
    return pages.table(["group", "pairs", "mean of z", "root of mean z²", "beyond 2", "beyond 3", "greatest, without sign"], rows)


# ---- Picture

# Statistics of the picture, with the titles of their panels.
SHOWN = {
    "deviations": "deviations of all matrices",
    "gains": "cosine of gains",
    "spectra": "spectra",
    "kurtosis": "kurtosis",
    "anchors": "anchors of the embedding",
    "zW": "zW of forebear",
}
KINDS = {"derived": "a", "stranger": "b", "seed": "c"}


def plots(result):
    """Statistics against the true likeness of weights."""
    figure = svg.Figure("Statistics of derived models, of strangers, and of models of one seed, by the cosine of their weights")
    known = [pair for pair in result["pairs"] if "query-cosine" in pair]
    for key, title in SHOWN.items():
        values = [pair[key] for pair in known]
        margin = (max(values) - min(values)) / 12
        panel = figure.panel(title, (-0.1, 1.1), (min(values) - margin, max(values) + margin), "cosine of query matrices", "")
        for pair in known:
            panel.dots([(pair["query-cosine"], pair[key])], KINDS[pair["truth"]])
    for name, kind in (("derived", "a"), ("strangers", "b"), ("one seed", "c")):
        figure.legend(name, kind)
    return {"tiny": figure.text()}
