"""What people do to models, done to the real all-MiniLM-L6-v2, and what `forebear compare` says of it.

The base is a fingerprint of 256 dimensions with column norms and without digests: the tests stand alone. Robust mode runs in every
comparison. Nulls of robust mode are real strangers whose residual dimensions were renumbered.
"""

import hashlib
import json
import shutil

from weights_bench import bench as shared
from weights_bench import changes, models, pages, reference, tensors

SAME = list(range(6))
POSITIVE = {"shared-weights"}
SEED = {"shared-seed-possible"}
EMBEDDINGS = {"shared-embeddings"}
# Beyond this no statistic of strangers may be.
MOST = 4.0


def plan(numpy, minilm, e5):
    """Every derivation: name, what it makes of a random generator, the note's zN/zW/zE/zC, the verdicts allowed, the layer map."""
    c = changes

    def noisy(ratio):
        return lambda random: c.noise(numpy, minilm, ratio, random)

    def low_rank(rank, share):
        return lambda random: c.lora(numpy, minilm, rank, share, random)

    def rounding(function, *more):
        return lambda _: c.rounded(numpy, minilm, lambda value: function(numpy, value, *more))

    def merged(share):
        return lambda _: c.merge(minilm, e5, share)

    def heads(random):
        return c.permute_heads(numpy, c.permute_units(numpy, minilm, random), random)

    return [
        ("copy", lambda _: minilm, "26 / 118 / 83 / 38", POSITIVE, SAME),
        ("noise of 50 %", noisy(0.5), "20 / 85 / 60 / 34", POSITIVE, SAME),
        ("noise of 100 %", noisy(1), "17 / 63 / 43 / 30", POSITIVE, SAME),
        ("noise of 200 %", noisy(2), "13 / 38 / 23 / 25", POSITIVE, SAME),
        ("noise of 400 %", noisy(4), "9 / 19 / 13 / 18", POSITIVE, SAME),
        ("noise of 800 %", noisy(8), "0.6 / 12 / 8 / 7", POSITIVE | SEED, None),
        ("LoRA of rank 8, 30 %, merged", low_rank(8, 0.3), "26 / 97 / 83 / 34", POSITIVE, SAME),
        ("LoRA of rank 64, 100 %, merged", low_rank(64, 1), "26 / 62 / 83 / 27", POSITIVE, SAME),
        ("int8, a scale for each row", rounding(c.int8), "26 / 117 / 83 / 38", POSITIVE, SAME),
        ("int8, a scale for each tensor", rounding(c.int8_whole), "–", POSITIVE, SAME),
        ("4 bits, blocks of 32 (Q4_0)", rounding(c.blocks, 8), "26 / 111 / 79 / 38", POSITIVE, SAME),
        ("4 bits, blocks of 32 with a least value (Q4_1)", rounding(c.grids, 32, 15), "–", POSITIVE, SAME),
        ("2 bits, blocks of 16 with a least value", rounding(c.grids, 16, 3), "26 / 97 / 68 / 35", POSITIVE, SAME),
        ("ternary", rounding(c.ternary), "26 / 99 / 69 / 28", POSITIVE, SAME),
        ("layers 0 2 3 5", lambda _: c.chosen_layers(minilm, [0, 2, 3, 5]), "map, z 53", POSITIVE, [0, 2, 3, 5]),
        (
            "layers 0 1 2 3 2 3 4 5",
            lambda _: c.chosen_layers(minilm, [0, 1, 2, 3, 2, 3, 4, 5]),
            "map",
            POSITIVE,
            [0, 1, 2, 3, 2, 3, 4, 5],
        ),
        ("gains folded into readers", lambda _: c.fold_gains(minilm), "23 / 117 / 83 / 34", POSITIVE, SAME),
        ("units scaled", lambda random: c.scale_units(numpy, minilm, random), "26 / 118 / 83 / 37", POSITIVE, SAME),
        ("2,000 more tokens", lambda random: c.grow(numpy, minilm, 2000, random), "26 / 118 / 83 / 38", POSITIVE, SAME),
        ("merged with E5, 50 : 50", merged(0.5), "14 / 63 / 42 / 19", POSITIVE, SAME),
        ("merged with E5, 20 : 80", merged(0.2), "5 / 22 / 15 / 3", POSITIVE | SEED, SAME),
        ("merged with E5, 10 : 90", merged(0.1), "3 / 12 / 9 / 2", POSITIVE | SEED, None),
        ("units permuted", lambda random: c.permute_units(numpy, minilm, random), "26 / 85 / 83 / 38", POSITIVE, SAME),
        ("units and heads permuted", heads, "26 / 1 / 83 / 38", EMBEDDINGS, None),
        (
            "networks copied to 4 experts, noise of 20 %",
            lambda random: c.experts(numpy, minilm, 4, 0.2, random),
            "–",
            POSITIVE,
            SAME,
        ),
    ]


def robust_plan(numpy, minilm):
    """As `plan`, for what only robust mode and unused tokens can find; the note's figures are z of weights and embeddings."""
    c = changes

    def permuted(random):
        return c.residual(minilm, random.permutation(384))

    def narrow(random):
        return c.residual(minilm, numpy.sort(random.permutation(384)[:288]))

    def then_noise(make, ratio):
        return lambda random: c.noise(numpy, make(random), ratio, random)

    def all_of_it(random, heads=False):
        made = c.permute_units(numpy, permuted(random), random)
        if heads:
            made = c.permute_heads(numpy, made, random)
        made = c.noise(numpy, made, 0.1, random)
        return c.rounded(numpy, made, lambda value: c.blocks(numpy, value, 8))

    return [
        ("residual dimensions permuted", permuted, "111 / 78", POSITIVE),
        ("permuted, noise of 50 %", then_noise(permuted, 0.5), "48 / 34", POSITIVE),
        ("permuted, noise of 100 %", then_noise(permuted, 1), "15 / 11", POSITIVE),
        ("permuted with all units, noise of 10 %, Q4_0", all_of_it, "3 / 71", POSITIVE),
        ("the same with all heads", lambda random: all_of_it(random, heads=True), "–", EMBEDDINGS),
        ("width 384 to 288", narrow, "82 / 57", POSITIVE),
        ("width 384 to 288, noise of 30 %", then_noise(narrow, 0.3), "62 / 42", POSITIVE),
        ("residual stream rotated", lambda random: c.rotate(numpy, minilm, random), "zU 46", POSITIVE),
    ]


def measure(bench):
    """Makes every derivation in turn, compares it, and takes it away again."""
    paths = [models.model(bench, name) for name in ("minilm", "me5", "whisper-decoder")]
    if None in paths:
        return None
    numpy = bench.numpy
    minilm, e5, whisper = (tensors.read(numpy, path / "model.safetensors") for path in paths)
    minilm = {name: value for name, value in minilm.items() if not name.startswith(("pooler", "embeddings.position_ids"))}
    work = Work(bench, paths[0], minilm)
    direct = [work.direct(*one) for one in plan(numpy, minilm, e5)]
    robust = [work.robust(*one) for one in robust_plan(numpy, minilm)]
    halves = {"E5, layers 0 to 5": SAME, "E5, layers 6 to 11": list(range(6, 12))}
    strangers = {name: changes.chosen_layers(e5, order) for name, order in halves.items()}
    strangers["E5, layers 11 to 0"] = changes.chosen_layers(e5, list(range(11, -1, -1)))
    nulls = [work.null(name, values, round_, paths[1]) for name, values in strangers.items() for round_ in range(3)]
    return {
        "forebear": bench.version,
        "direct": direct,
        "robust": robust,
        "nulls": nulls,
        "spread": spread(numpy, minilm),
        "choices": choices(numpy, minilm, e5, paths[0]),
    }


def spread(numpy, minilm):
    """How far single draws of great noise are from each other, by the reference: mean, deviation, least and greatest of twelve."""
    base, found = reference.features(numpy, minilm, of_suspect=False), []
    for ratio in (4, 8):
        draws = []
        for seed in range(12):
            noisy = changes.noise(numpy, minilm, ratio, numpy.random.default_rng(seed))
            mine = reference.features(numpy, noisy, of_suspect=True)
            draws.append([reference.z(numpy, mine[group], base[group]) for group in ("gains", "norms", "weights")])
        draws = numpy.array(draws)
        told = {"mean": draws.mean(axis=0), "sd": draws.std(axis=0, ddof=1), "least": draws.min(axis=0), "most": draws.max(axis=0)}
        found.append({"ratio": ratio} | {key: [round(float(value), 2) for value in values] for key, values in told.items()})
    return found


def choices(numpy, minilm, e5, path):
    """What z rests on beside the model: whose medians are taken, which tokens, where a ternary weight becomes zero. By the reference."""
    base = reference.features(numpy, minilm, of_suspect=False)
    vocabulary = json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    words = "the of and to in is for that on with as by at from it be an are this was or not have which one all new more time other e t"
    tokens = {"common": [vocabulary[word] for word in words.split()], "rare": [1300 + 211 * index for index in range(32)]}
    rows = {}
    for name, chosen in tokens.items():
        kept = minilm[changes.TABLE][chosen]
        other = e5[changes.TABLE][chosen]
        rows[name] = [reference.rows(numpy, share * kept + (1 - share) * other, kept) for share in (1, 0.5, 0.2, 0.1)]

    def ternary(value):
        scale = value.std()
        return numpy.sign(value) * (numpy.abs(value) > 0.2 * scale) * scale

    lenient = reference.features(numpy, changes.rounded(numpy, minilm, ternary), of_suspect=True)
    return {
        "sampled_medians": {group: reference.z(numpy, base[group], base[group]) for group in base},
        "tokens": rows,
        "ternary": reference.z(numpy, lenient["weights"], base["weights"]),
    }


class Work:
    """The base, and a folder for one derivation at a time."""

    def __init__(self, bench, path, base):
        self.bench, self.path, self.base = bench, path, base
        self.folder = bench.folder("derived")
        self.print = bench.folder("prints") / "minilm-tests.print"
        bench.fingerprint(path, self.print, "--dimensions", "256", "--column-norms", "--no-digests")
        self.features = reference.features(bench.numpy, base, of_suspect=False)

    def random(self, name):
        """A generator of its own for each derivation: a new one changes no other."""
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        return self.bench.numpy.random.default_rng(seed)

    def compare(self, values, vocabulary, *options):
        """Writes a model, compares it with the base, and removes it."""
        folder = self.folder / "suspect"
        shutil.rmtree(folder, ignore_errors=True)
        tensors.write(self.bench.numpy, folder / "model.safetensors", values)
        shutil.copy(vocabulary / "tokenizer.json", folder)
        found = self.bench.compare(folder, self.print, *options)
        shutil.rmtree(folder)
        return found

    def direct(self, name, make, note, verdicts, layer_map):
        """A derivation that the direct tests see."""
        values = make(self.random(name))
        found = self.compare(values, self.path)
        check = self.bench.check
        check.expect(found["verdict"] in verdicts, f"{name}: {found['verdict']}", found)
        mapped = [cell[1] for cell in found["layer_map"]]
        if layer_map is not None:
            check.expect(mapped == layer_map, f"{name}: the layer map is {layer_map}", found["layer_map"])
        z, gains = shared.groups(found), None
        if "moe" not in "".join(values):
            mine = reference.features(self.bench.numpy, values, of_suspect=True)
            gains = reference.z(self.bench.numpy, mine["gains"], self.features["gains"])
            for group, short in (("norms", "zN"), ("weights", "zW")):
                told = [one for one in found["groups"] if one["name"] == group and one["alignment"] == "number"]
                if told and len(values) == len(self.base):
                    again = reference.z(self.bench.numpy, mine[group], self.features[group])
                    check.expect(abs(again - z[short]) < 2e-3, f"{name}: {short} is {again:.3f} by the reference, too", z)
        return {
            "name": name,
            "note": note,
            "z": z,
            "gains": gains,
            "unused": unused(found),
            "verdict": found["verdict"],
            "map": mapped,
            "map_z": [cell[2] for cell in found["layer_map"]],
            "alignment": sorted({group["alignment"] for group in found["groups"]}),
            "p": max(group["p"] for group in found["groups"] if group["z"] >= 8),
        }

    def robust(self, name, make, note, verdicts):
        """A derivation that only robust mode or unused tokens see."""
        found = self.compare(make(self.random(name)), self.path)
        check = self.bench.check
        check.expect(found["verdict"] in verdicts, f"{name}: {found['verdict']}", found)
        told = found["robust"]
        z = {shared.GROUPS[group["name"]]: group["z"] for group in told["groups"]} if told else {}
        in_place = (told["in_place"], told["dimensions"]) if told else None
        return {
            "name": name,
            "note": note,
            "z": z,
            "unused": unused(found),
            "in_place": in_place,
            "verdict": found["verdict"],
        }

    def null(self, name, values, round_, vocabulary):
        """A stranger with renumbered residual dimensions."""
        title = f"{name}, order {round_ + 1}"
        made = changes.residual(values, self.random(title).permutation(384))
        found = self.compare(made, vocabulary, "--robust", "always")
        check = self.bench.check
        check.expect(found["verdict"] == "none", f"{title}, a stranger: {found['verdict']}", found)
        z = {shared.GROUPS[group["name"]]: group["z"] for group in found["robust"]["groups"]}
        check.expect(z and all(abs(value) <= MOST for value in z.values()), f"{title}: no statistic beyond {MOST:.0f} in robust mode", z)
        direct = shared.groups(found)
        check.expect(all(abs(value) <= MOST for value in direct.values()), f"{title}: nor by number", direct)
        return {"name": title, "z": z, "direct": direct, "verdict": found["verdict"]}


def unused(comparison):
    """z of unused tokens."""
    found = [group["z"] for group in comparison["groups"] if group["name"] == "unused-tokens"]
    return found[0] if found else None


# ---- Tables


def tables(result):
    """The tables of docs/weights.md."""
    rows = []
    for one in result["direct"]:
        zs = [pages.figure(one["z"].get(short)) for short in shared.GROUPS.values()]
        mapped = " ".join("–" if layer is None else str(layer) for layer in one["map"])
        least = pages.figure(min(one["map_z"]))
        figures = (pages.figure(one["gains"]), *zs, pages.figure(one["unused"]), one["note"])
        rows.append((one["name"], *figures, f"{mapped} (z ≥ {least})", f"`{one['verdict']}`"))
    head = ["derivation", "gains", "zN", "zW", "zE", "zC", "zU", "survey N / W / E / C", "layer map", "verdict"]
    direct = pages.table(head, rows)
    rows = []
    for one in result["robust"]:
        zs = [pages.figure(one["z"].get(short)) for short in ("zN", "zW", "zE")]
        in_place = f"{one['in_place'][0]} of {one['in_place'][1]}" if one["in_place"] else "–"
        rows.append((one["name"], *zs, pages.figure(one["unused"]), one["note"], in_place, f"`{one['verdict']}`"))
    head = ["derivation", "zN", "zW", "zE", "zU", "survey W / E", "assigned in place", "verdict"]
    robust = pages.table(head, rows)
    rows = []
    for one in result["nulls"]:
        zs = [pages.figure(one["z"].get(short)) for short in ("zW", "zE")]
        numbered = [pages.figure(one["direct"].get(short)) for short in shared.GROUPS.values()]
        rows.append((one["name"], *zs, *numbered, f"`{one['verdict']}`"))
    head = ["stranger", "zW assigned", "zE assigned", "zN", "zW", "zE", "zC", "verdict"]
    found = {"derivations": direct, "derivations-robust": robust, "derivations-nulls": pages.table(head, rows)}
    return found | {"derivations-spread": spread_table(result), "derivations-choices": choices_table(result)}


def spread_table(result):
    """What single draws of noise vary by."""
    rows = []
    for one in result["spread"]:
        cells = [
            f"{pages.figure(mean)} ± {pages.figure(sd)} ({pages.figure(least)} to {pages.figure(most)})"
            for mean, sd, least, most in zip(one["mean"], one["sd"], one["least"], one["most"])
        ]
        rows.append((f"noise of {one['ratio'] * 100} %", *cells))
    return pages.table(["twelve draws, mean ± deviation (range)", "gains", "zN", "zW"], rows)


def choices_table(result):
    """What else the figures rest on."""
    told = result["choices"]
    copy = {name: pages.figure(z) for name, z in told["sampled_medians"].items()}
    rows = [("copy, medians of the sampled dimensions on both sides", copy["gains"], copy["norms"], copy["weights"], "–")]
    for name, zs in told["tokens"].items():
        for what, z in zip(("copy", "merged 50 : 50", "merged 20 : 80", "merged 10 : 90"), zs):
            rows.append((f"{what}, embeddings of 32 {name} tokens", "–", "–", "–", pages.figure(z)))
    rows.append(("ternary, zero below 0.2 standard deviations", "–", "–", pages.figure(told["ternary"]), "–"))
    return pages.table(["by the reference", "gains", "zN", "zW", "zE"], rows)
