"""Cisco's Model Provenance Kit on the same pairs, as its README says: `provenancekit compare A B --json`.

The kit needs Python 3.12 or later, and PyTorch. It is installed with pip, into an environment of its own below target/, where such a
Python is found; or `KIT_PYTHON` names a Python that has it, which may be a script that calls one in another root (a Debian 13 in a
folder, with its package python3-torch, will do where pip's PyTorch is too large). It runs offline, on the folders alone. Nothing of it
is stored but its verdicts and scores.

Its verdict has two ways: equal hashes of configurations (tier 1), or equal families of equal width and depth (tier 2), are a "Confirmed
Match" by themselves; else five statistics of weights decide (tier 3). Their mean is printed in any case, so that both ways are in the
table. Its own definition of provenance calls models of one architecture that were trained apart independent, those of one seed, too.
"""

import json
import os
import pathlib
import shutil
import sys

import support
from weights_bench import bench as shared
from weights_bench import kit_models, models, pages, real, tiny, tiny_models

PACKAGE, VERSION = "cisco-ai-provenance-kit", "1.0.0"
CALL = "from provenancekit.cli import main; main()"
SAYS = "import importlib.metadata as m, json, sys; print(json.dumps({name: m.version(name) for name in sys.argv[1:]}))"
# Its words for a relation.
MATCHES = ("Confirmed Match", "High-Confidence Match", "Weak Match")
OURS = ("identical", "shared-weights", "shared-embeddings")

# Of the pairs of real models those that it may be able to read.
READABLE = {"minilm", "minilm-twin", "minilm-int8", "paraphrase-l3", "me5", "me5-enpt", "splade", "whisper"}
# What is true of related ones, in a word.
RELATED = {"minilm": "the same", "minilm-int8": "derived", "me5-enpt": "derived", "paraphrase-l3": "one parent"}
TRUTHS = {"derived": "derived", "seed": "same seed", "stranger": "strangers"}


def measure(bench):
    """Both tools on all pairs."""
    python = kit(bench.check)
    made = python and tiny_models.folders(bench, list(tiny.relations()))
    if made is None:
        return None
    pairs = []
    for name, (relation, truth) in tiny.relations().items():
        if name == "base":
            continue
        pairs.append(pair(bench, python, (made[name], made["base"]), (made[name], made["base"]), relation, TRUTHS[truth]))
    for suspect, base, truth in real_pairs():
        paths = [models.model(bench, name) for name in (suspect, base)]
        if None in paths:
            continue
        folders = [kit_models.folder(bench, name) for name in (suspect, base)]
        words = f"{models.MODELS[suspect].title} – {models.MODELS[base].title}"
        pairs.append(pair(bench, python, folders, paths, words, truth))
    conditions(bench.check, pairs)
    versions = json.loads(support.must(python, "-c", SAYS, PACKAGE, "torch", "transformers"))
    python_version = support.must(python, "-c", "import platform; print(platform.python_version())").strip()
    return {
        "versions": {"forebear": bench.version, "python": python_version} | versions,
        "pairs": pairs,
    }


def real_pairs():
    """Suspect, base, truth."""
    related = [(suspect, base, RELATED[suspect]) for suspect, base, *_ in real.RELATED]
    strangers = [(suspect, base, "strangers") for suspect, base in real.STRANGERS]
    # That it reads no graph of int8 is said once.
    strangers = [told for told in strangers if "minilm-int8" not in told]
    return [told for told in related + strangers if READABLE.issuperset(told[:2])]


def kit(check):
    """A Python that has the kit; None, and a skip, where it cannot be had."""
    if os.environ.get("KIT_PYTHON"):
        return pathlib.Path(os.environ["KIT_PYTHON"])
    folder = support.CHECKS / "kit"
    python = folder / "bin" / "python"
    if not python.exists():
        names = [f"python3.{minor}" for minor in (14, 13, 12)]
        found = [sys.executable] if sys.version_info >= (3, 12) else filter(None, map(shutil.which, names))
        # A name may be there that starts nothing.
        if not any(support.run(program, "-m", "venv", folder).code == 0 for program in found):
            return check.skip(PACKAGE, "it needs Python 3.12 or later")
    done = support.run(python, "-m", "pip", "install", "--quiet", f"{PACKAGE}=={VERSION}")
    return python if done.code == 0 else check.skip(PACKAGE, f"pip cannot install it: {done.last()}")


def pair(bench, python, folders, paths, words, truth):
    """What both say of a pair."""
    ours = bench.compare(*paths)
    # Of the groups the one that says most.
    most = min(ours["groups"], key=lambda group: (group["corrected_p"], -group["z"]), default=None)
    return {
        "pair": words,
        "truth": truth,
        "kit": theirs(python, *folders),
        "verdict": ours["verdict"],
        "z": shared.groups(ours),
        "most": most and {"name": most["name"], "z": round(most["z"], 2), "p": most["corrected_p"]},
    }


def theirs(python, suspect, base):
    """What the kit says: its decision, score, tier and signals; or its error."""
    environment = support.environment(HF_HUB_OFFLINE="1")
    done = support.run(python, "-c", CALL, "compare", suspect, base, "--json", "--no-cache", env=environment, apart=True)
    if done.code != 0:
        errors = [line for line in done.errors.splitlines() if line.startswith("Error")]
        return {"error": (errors or done.errors.splitlines() or ["no message"])[-1].replace(f"{support.ROOT}/", "")}
    told = json.loads(done.text)
    scores = told["scores"]
    return {
        "decision": scores["provenance_decision"],
        "score": scores["pipeline_score"],
        "tier": scores["mfi_tier"],
        "weights": scores["identity_score"],
        "signals": told["signals"],
    }


def conditions(check, pairs):
    """What must hold of ours; of the kit nothing is asked but that it answered for a pair in its own format."""
    for each in pairs:
        words = f"{each['pair']}: {each['verdict']}; kit: {each['kit'].get('decision', 'no answer')}"
        if each["truth"] == "strangers":
            check.expect(each["verdict"] in {"none", "withheld"}, words, each)
        elif each["truth"] != "same seed":
            check.expect(each["verdict"] in OURS, words, each)
        else:
            check.expect(each["verdict"] in {*OURS, "shared-seed-possible"}, words, each)
    answered = sum("decision" in each["kit"] for each in pairs)
    check.expect(answered >= len(pairs) - 2, f"the kit answered for {answered} of {len(pairs)} pairs: it reads no GGUF and no ONNX", pairs)


# ---- Tables


def tables(result):
    """The tables of the page."""
    return {"cisco": beside(result), "cisco-count": counted(result)}


def beside(result):
    """Pair by pair."""
    rows = []
    for each in result["pairs"]:
        told, most = each["kit"], each["most"]
        if "error" in told:
            kit_cells = ["no answer", "–", "–", "–"]
        else:
            kit_cells = [told["decision"], told["tier"], pages.figure(told["score"], 2), pages.figure(told["weights"], 2)]
        ours = [f"`{each['verdict']}`", pages.figure(most and most["z"]), pages.probability(most and most["p"])]
        rows.append([each["pair"], each["truth"], *kit_cells, *ours])
    versions = result["versions"]
    kit_head = [f"kit {versions[PACKAGE]}", "tier", "score", "weights alone"]
    return pages.table(["pair", "truth", *kit_head, versions["forebear"], "z", "corrected p"], rows, 3)


def counted(result):
    """How often each says that a pair is related: as a part of the pairs that it can read."""
    rows = [
        ["strangers", {"strangers"}],
        ["trained anew from the same seed", {"same seed"}],
        ["derived, copied, of one parent", {"derived", "the same", "one parent"}],
    ]
    return pages.table(HEAD, [[words, *shares([each for each in result["pairs"] if each["truth"] in truths])] for words, truths in rows])


HEAD = ["said to be related", "kit", "kit, where configurations decide", "kit, if weights alone decided", "forebear"]


def shares(pairs):
    """The cells of a row."""
    read = [each["kit"] for each in pairs if "decision" in each["kit"]]
    matched = [told["decision"] in MATCHES for told in read]
    gated = [told["decision"] in MATCHES for told in read if told["tier"] <= 2]
    alone = [told["weights"] > WEAK for told in read]
    ours = [each["verdict"] in OURS for each in pairs]
    return [f"{sum(said)} of {len(said)}" for said in (matched, gated, alone, ours)]


# Above it the kit speaks of a weak match (its `interpret_score`).
WEAK = 0.65
