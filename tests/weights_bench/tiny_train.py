"""Trains the tiny language models of the bench: a program for a Python that has JAX and numpy, to be run in the folder tests.

    python -m weights_bench.tiny_train FOLDER MODEL…

Every model is a Llama in shape: RMSNorm with gains, rotary positions, gated feed-forward network, a head of its own. It reads bytes of
made-up text. For each model of `tiny_plan.PLAN` that is named, and each that it starts from, a folder comes out as on a model hub.
One that the same recipe made before is left as it is.
"""

import dataclasses
import hashlib
import json
import pathlib
import shutil
import sys
import time

from weights_bench import tensors, tiny_folder, tiny_plan, tiny_text
from weights_bench.tiny_folder import EPSILON, SHAPE

BATCH = 16


# ---- Model


def layout():
    """The tensors by their names of the hub, with their shapes."""
    width, inner, vocabulary = SHAPE["width"], SHAPE["inner"], SHAPE["vocabulary"]
    table = (vocabulary, width)
    shapes = {"model.embed_tokens.weight": table, "model.norm.weight": (width,), "lm_head.weight": table}
    for layer in range(SHAPE["layers"]):
        prefix = f"model.layers.{layer}."
        for part in "qkvo":
            shapes[f"{prefix}self_attn.{part}_proj.weight"] = (width, width)
        shapes[f"{prefix}mlp.gate_proj.weight"] = shapes[f"{prefix}mlp.up_proj.weight"] = (inner, width)
        shapes[f"{prefix}mlp.down_proj.weight"] = (width, inner)
        shapes[f"{prefix}input_layernorm.weight"] = shapes[f"{prefix}post_attention_layernorm.weight"] = (width,)
    return shapes


def initial(seed):
    """Normal weights with a deviation of 0.02, gains of 1."""
    import numpy

    draws = numpy.random.default_rng([0, seed])
    return {
        name: numpy.ones(shape, "f4") if len(shape) == 1 else draws.normal(0, 0.02, shape).astype("f4")
        for name, shape in sorted(layout().items())
    }


def forward(weights, tokens):
    """Logits for the next token at every place."""
    import jax
    import jax.numpy as jnp

    heads, size = SHAPE["heads"], SHAPE["width"] // SHAPE["heads"]
    count, length = tokens.shape

    def norm(x, name):
        return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + EPSILON) * weights[name]

    angles = jnp.arange(length)[:, None] * 10_000.0 ** (-jnp.arange(0, size, 2) / size)
    cosine, sine = (jnp.concatenate([part, part], -1)[:, None, :] for part in (jnp.cos(angles), jnp.sin(angles)))

    def rotate(x):
        half = size // 2
        return x * cosine + jnp.concatenate([-x[..., half:], x[..., :half]], -1) * sine

    x = weights["model.embed_tokens.weight"][tokens]
    mask = jnp.tril(jnp.ones((length, length), bool))
    for layer in range(SHAPE["layers"]):
        attention, network = f"model.layers.{layer}.self_attn.", f"model.layers.{layer}.mlp."
        y = norm(x, f"model.layers.{layer}.input_layernorm.weight")
        q, k, v = ((y @ weights[f"{attention}{part}_proj.weight"].T).reshape(count, length, heads, size) for part in "qkv")
        scores = jnp.einsum("bihd,bjhd->bhij", rotate(q), rotate(k)) / size**0.5
        mixed = jnp.einsum("bhij,bjhd->bihd", jax.nn.softmax(jnp.where(mask, scores, -1e9)), v)
        x = x + mixed.reshape(count, length, -1) @ weights[f"{attention}o_proj.weight"].T
        y = norm(x, f"model.layers.{layer}.post_attention_layernorm.weight")
        gate, up = (y @ weights[f"{network}{part}_proj.weight"].T for part in ("gate", "up"))
        x = x + (jax.nn.silu(gate) * up) @ weights[f"{network}down_proj.weight"].T
    return norm(x, "model.norm.weight") @ weights["lm_head.weight"].T


def trainer():
    """The step of AdamW, compiled: weights, moments, number of the step, rate and tokens to weights, moments and loss."""
    import jax
    import jax.numpy as jnp

    def loss(weights, tokens):
        logs = jax.nn.log_softmax(forward(weights, tokens[:, :-1]))
        return -jnp.take_along_axis(logs, tokens[:, 1:, None], -1).mean()

    @jax.jit
    def step(weights, first, second, number, rate, tokens):
        value, slopes = jax.value_and_grad(loss)(weights, tokens)
        length = jnp.sqrt(sum((slope * slope).sum() for slope in slopes.values()))
        slopes = {name: slope / jnp.maximum(1, length) for name, slope in slopes.items()}
        first = {name: 0.9 * first[name] + 0.1 * slope for name, slope in slopes.items()}
        second = {name: 0.95 * second[name] + 0.05 * slope * slope for name, slope in slopes.items()}
        moved = {}
        for name, weight in weights.items():
            change = first[name] / (1 - 0.9**number) / (jnp.sqrt(second[name] / (1 - 0.95**number)) + 1e-8)
            # Gains are not decayed.
            moved[name] = weight - rate * (change + (0.1 * weight if weight.ndim > 1 else 0))
        return moved, first, second, value

    return step


def train(step, weights, recipe):
    """Weights after training, and the mean loss of the last 20 steps. The rate rises over a tenth of the steps, then falls to a tenth."""
    import numpy

    text = numpy.frombuffer(tiny_text.corpus(recipe.data), "u1").astype("i4")
    draws = numpy.random.default_rng([1, recipe.order])
    first = {name: numpy.zeros_like(weight) for name, weight in weights.items()}
    second, losses = dict(first), []
    for number in range(1, recipe.steps + 1):
        done = number / recipe.steps
        rate = recipe.rate * min(1, 10 * done) * (0.55 + 0.45 * numpy.cos(numpy.pi * done))
        starts = draws.integers(0, len(text) - SHAPE["context"] - 1, BATCH)
        tokens = text[starts[:, None] + numpy.arange(SHAPE["context"] + 1)]
        weights, first, second, value = step(weights, first, second, float(number), float(rate), tokens)
        losses.append(value)
    return {name: numpy.asarray(weight) for name, weight in weights.items()}, float(numpy.mean(losses[-20:]))


def main():
    import jax
    import numpy

    folder, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    programs = [pathlib.Path(module).read_bytes() for module in (__file__, tiny_text.__file__, tiny_folder.__file__)]
    source = hashlib.sha256(b"".join(programs)).hexdigest()
    step, fresh = trainer(), set()
    for name in tiny_plan.wanted(names):
        recipe, place = tiny_plan.PLAN[name], folder / name
        made = {"source": source, "jax": jax.__version__} | dataclasses.asdict(recipe)
        log = place / "training.json"
        if log.is_file() and recipe.start not in fresh:
            before = json.loads(log.read_text(encoding="utf-8"))
            if {key: before.get(key) for key in made} == made:
                continue
        begun = time.monotonic()
        start = tensors.read(numpy, folder / recipe.start / "model.safetensors") if recipe.start else initial(recipe.seed)
        weights, loss = train(step, start, recipe)
        shutil.rmtree(place, ignore_errors=True)
        tiny_folder.save(numpy, place, weights, name)
        # Last: a folder without it is made anew.
        log.write_text(json.dumps(made | {"loss": round(loss, 4)}, indent=2) + "\n", encoding="utf-8")
        fresh.add(name)
        print(f"{name}: loss {loss:.3f}, {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
