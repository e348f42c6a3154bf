"""What `forebear check --fingerprints` says of models whose base is known by its fingerprint alone, and of strangers of the same shape.

The tiny models bear names that say nothing, and their configurations fit each other. Of the real ones the fingerprints are those that come
with the program.
"""

import json
import pathlib
import shutil

import support
from weights_bench import models, pages, tiny_models

BASE = "morning/first-light"
# The tiny models, each with whether the base must be named.
TINY = {
    "finetuned-renamed": True,
    "finetuned-gguf": True,
    "layer-dropped": True,
    "continued-2-extended": True,
    "stranger": False,
    "stranger-extended": False,
}
# The real ones, each with the model that must be named by weights or by equal tensors; None: no model at all. Of all-MiniLM-L6-v2 the catalog
# knows a parent, whose fingerprint is not there: a copy that is not byte for byte may come from either, and the parent is sure.
REAL = {
    "minilm": "sentence-transformers/all-MiniLM-L6-v2",
    "minilm-int8": "microsoft/MiniLM-L12-H384-uncased",
    "me5-enpt": "intfloat/multilingual-e5-small",
    "splade": None,
}
WORDS = {
    "finetuned-renamed": "fine-tuned, under another name",
    "finetuned-gguf": "fine-tuned, then GGUF in Q8_0",
    "layer-dropped": "fine-tuned, then one of four layers dropped",
    "continued-2-extended": "trained on for twice as many steps, then eight tokens added",
    "stranger": "another seed, same text",
    "stranger-extended": "another seed, same text, then eight tokens added",
}


def measure(bench):
    """Checks every model; says what must be named and what must not."""
    made = tiny_models.folders(bench, ["base", *TINY])
    if made is None:
        return None
    shutil.rmtree(bench.folder("checked"))
    prints = bench.folder("checked", "library")
    options = ("--dimensions", "128", "--column-norms", "--name", BASE)
    bench.fingerprint(made["base"], prints / "first-light.print", *options)
    rows = [checked(bench, WORDS[name], made[name], BASE if named else None, "--fingerprints", prints) for name, named in TINY.items()]
    for name, base in REAL.items():
        path = models.model(bench, name)
        if path is not None:
            rows.append(checked(bench, models.MODELS[name].title, repository(bench, name, path), base))
    return {"forebear": bench.version, "rows": rows}


def repository(bench, name, path):
    """A folder that holds a model alone, with a card that does not say what it is."""
    folder = bench.folder("checked", name)
    path = pathlib.Path(path)
    for file in path.iterdir() if path.is_dir() else [path]:
        if file.is_file():
            shutil.copy(file, folder / file.name)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n\n# lantern\n\nA small model.\n", encoding="utf-8")
    return folder


def checked(bench, words, folder, base, *options):
    """One model: which base the lineage names by its weights, how surely, and which findings rest on it."""
    done = support.run(bench.forebear, "check", folder, "--format", "json", *options, env=support.environment(), apart=True)
    bench.check.expect(done.code in {0, 1}, f"{words}: checked", done.errors)
    report = json.loads(done.text)
    proven = [hop for hop in report["lineage"] if hop["strength"] in {"weights", "identical"} and hop["child"] is None]
    named = [candidate for hop in proven for candidate in hop["candidates"]]
    bench.check.expect(named == ([base] if base else []), f"{words}: names {base or 'no base'}", report["lineage"])
    if base is None:
        mentioned = [candidate for hop in report["lineage"] for candidate in hop["candidates"]]
        bench.check.expect(BASE not in mentioned, f"{words}: {BASE} is not named at all", report["lineage"])
    hop = proven[0] if proven else None
    related = [one for one in report["weights"] if one["verdict"] in {"identical", "shared-weights"}]
    compared = related if base else report["weights"]
    z = [group["z"] for one in compared for group in one["groups"]]
    return {
        "words": words,
        "named": named[0] if named else None,
        "strength": hop and hop["strength"],
        "relation": hop and hop["relation"],
        "p": hop and hop["evidence"][0].get("p"),
        "z": round(max(z, key=abs), 1) if z else None,
        "findings": sorted({finding["rule"] for finding in report["findings"] if finding["upstream"] and finding["answer"] == "unmet"}),
    }


def tables(result):
    """One table."""
    head = ["model", "base named by its weights", "strength", "relation", "findings about it", "greatest z", "p at most"]
    rows = []
    for row in result["rows"]:
        findings = ", ".join(f"`{rule}`" for rule in row["findings"]) or "–"
        texts = [row["words"], f"`{row['named']}`" if row["named"] else "none", row["strength"] or "–", row["relation"] or "–", findings]
        rows.append([*texts, pages.figure(row["z"]), pages.probability(row["p"])])
    return {"checked": pages.table(head, rows, left=5)}
