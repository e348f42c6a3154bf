"""Which tiny language models the bench trains."""

import dataclasses

STEPS, RATE, FINE_RATE = 400, 3e-3, 3e-4


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a model is made: from random weights of a seed or from another model, on which text, in an order of a seed."""

    data: str
    seed: int = 0
    start: str = ""
    order: int = 0
    steps: int = STEPS
    rate: float = RATE


# Models by name; a model stands after the one that it starts from. The crowd is for pairs of strangers, and trained for less long.
PLAN = {
    "base": Recipe("prose", seed=1),
    "finetuned": Recipe("prose-2", start="base", order=11, steps=STEPS // 4, rate=FINE_RATE),
    "continued-quarter": Recipe("code", start="base", order=12, steps=STEPS // 4),
    "continued-1": Recipe("code", start="base", order=12, steps=STEPS),
    "continued-2": Recipe("code", start="base", order=12, steps=2 * STEPS),
    "same-seed-other-order": Recipe("prose", seed=1, order=13),
    "same-seed-other-data": Recipe("code", seed=1, order=14),
    **{f"stranger-{seed}": Recipe("prose", seed=seed, order=seed) for seed in range(2, 8)},
    **{f"stranger-{seed}": Recipe("code", seed=seed, order=seed) for seed in range(8, 10)},
    **{f"crowd-{seed}": Recipe("prose", seed=seed, order=seed, steps=STEPS // 4) for seed in range(10, 30)},
}


def wanted(names):
    """These models and those that they start from, in the order of the plan."""
    starts = {PLAN[name].start for name in names} - {""}
    return [name for name in PLAN if name in {*names, *(wanted(starts) if starts else ())}]
