"""The tiny models of the bench as folders: those that `tiny_train.py` trains, and what people do to a model before they give it another
name. A script of tests may ask for some of them alone:

    check = support.Check("lineage", options.require)
    made = tiny_models.folders(bench.Bench(check), ["base", "finetuned-gguf", "stranger"])
"""

import dataclasses
import json
import shutil

import support
from weights_bench import gguf_file, tensors, tiny_folder, tiny_plan

DROPPED, ADDED = 1, 8


@dataclasses.dataclass(frozen=True)
class Variant:
    """A model that is made of a trained one: the name on its card, which says nothing of where it is from, and what was done."""

    start: str
    name: str
    change: object = None
    gguf: bool = False


def folders(bench, names=None):
    """The folders of models by name, all by default, made where they are not there; None, and a skip, without JAX."""
    names = list(names or [*tiny_plan.PLAN, *VARIANTS])
    python = support.python_with(bench.check, "jax", "numpy")
    if python is None:
        return None
    numpy, folder = python.module("numpy"), bench.folder("tiny")
    trained = sorted({VARIANTS[name].start if name in VARIANTS else name for name in names})
    command = (python.program("python"), "-m", "weights_bench.tiny_train", folder, *trained)
    done = support.run(*command, cwd=support.ROOT / "tests")
    bench.check.expect(done.code == 0, "the tiny models are trained", done.text)
    print(done.text, end="")
    for name in names:
        if name in VARIANTS:
            make(numpy, folder / name, tensors.read(numpy, folder / VARIANTS[name].start / "model.safetensors"))
    return {name: folder / name for name in names}


def make(numpy, folder, weights):
    """Writes the folder of a variant."""
    told = VARIANTS[folder.name]
    shutil.rmtree(folder, ignore_errors=True)
    weights = told.change(numpy, weights) if told.change else weights
    title = told.name.split("/")[1]
    if told.gguf:
        vocabulary = [(token, False) for token in tiny_folder.byte_alphabet()]
        vocabulary += [(token, True) for token in tiny_folder.specials(tiny_folder.SHAPE["vocabulary"])]
        gguf_file.write(numpy, folder / f"{title}-Q8_0.gguf", weights, tiny_folder.config(weights, told.name), title, vocabulary)
    else:
        tiny_folder.save(numpy, folder, weights, told.name)
    card = f"---\nlicense: mit\npipeline_tag: text-generation\n---\n\n# {title}\n\nA small model.\n"
    (folder / "README.md").write_text(card, encoding="utf-8")


def without_layer(_numpy, weights):
    """Weights without a layer; those after it move up."""
    kept = {}
    for name, weight in weights.items():
        if not name.startswith("model.layers."):
            kept[name] = weight
            continue
        layer, part = name.removeprefix("model.layers.").split(".", 1)
        if int(layer) != DROPPED:
            kept[f"model.layers.{int(layer) - (int(layer) > DROPPED)}.{part}"] = weight
    return kept


def extended(numpy, weights):
    """Weights with a few tokens more, which were not trained."""
    draws, kept = numpy.random.default_rng(ADDED), dict(weights)
    for name in ("lm_head.weight", "model.embed_tokens.weight"):
        rows = draws.normal(0, 0.02, (ADDED, weights[name].shape[1])).astype("f4")
        kept[name] = numpy.concatenate([weights[name], rows])
    return kept


VARIANTS = {
    "finetuned-renamed": Variant("finetuned", "evening/lantern"),
    "finetuned-gguf": Variant("finetuned", "evening/lantern-gguf", gguf=True),
    "layer-dropped": Variant("finetuned", "evening/ember", without_layer),
    "stranger": Variant("stranger-2", "harbour/gull"),
    "finetuned-extended": Variant("finetuned", "evening/torch", extended),
    "continued-2-extended": Variant("continued-2", "evening/glow", extended),
    "stranger-extended": Variant("stranger-2", "harbour/tern", extended),
}


def trainings(made):
    """What is kept of each training: its recipe, the version of JAX, and the loss at its end."""
    logs = {name: folder / "training.json" for name, folder in made.items()}
    return {name: json.loads(log.read_text(encoding="utf-8")) for name, log in logs.items() if log.is_file()}
