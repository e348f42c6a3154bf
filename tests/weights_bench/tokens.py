"""Vocabularies from packages, each with each: what forebear says of a pair from two samples of 96 tokens, beside what all tokens say.

The exact answers come from readers of their own (`vocabularies.py`) and from the rule of the method: one vocabulary comes from another if at least
95 % of the smaller one are in the other, and ids are in one order by a rank correlation of at least 0.99.
"""

import statistics

import support
from weights_bench import pages, vocabularies

# The rule, as docs/weights.md states it.
CONTAINED, ORDERED, FEWEST = 0.95, 0.99, 20
# Relations of forebear: the words of the tables, and their marks in the matrix.
WORDS = {
    "same": ("identical", "="),
    "moved": ("offset", "~"),
    "extended": ("extended", "+"),
    "pruned": ("pruned", "−"),
    "shared-tokens": ("set evidence only", "s"),
    "independent": ("independent", ""),
    "too-few": ("too few tokens", "?"),
}
DERIVED = {"same", "moved", "extended", "pruned"}
# The survey's errors of the sampled Jaccard index on 325 pairs.
NOTE = {"mean": 0.030, "most": 0.11}
# Suspect, base, and what the survey found.
FINDINGS = [
    ("qwen-ranks", "qwen-3", "same"),
    ("r1-qwen", "qwen-3", "same"),
    ("llama-3.1", "llama-3", "same"),
    ("llama-3-ranks", "llama-3", "same"),
    ("deepseek-v4", "deepseek-v3", "same"),
    ("gpt-oss", "gpt-4o", "same"),
    ("tekken-0911", "tekken-0718", "same"),
    ("llama-3", "cl100k", "extended"),
    ("qwen-3", "cl100k", "extended"),
    ("mistral-v3", "mistral-v1", "extended"),
    ("me5-enpt", "me5", "pruned"),
    ("llama-2-lenml", "mistral-v1", "same"),
    ("gemma-3", "llama-1", "shared-tokens"),
    ("cl100k", "whisper-en", "shared-tokens"),
    ("llama-2-lenml", "llama-1", "not derived"),
]


def measure(bench):
    """Fingerprints every vocabulary, compares each with each, and computes the exact answers."""
    if bench.numpy is None:
        return None
    prints, read = {}, {}
    for key, told in vocabularies.SOURCES.items():
        content = vocabularies.documents(bench, key)
        if content is None:
            return None
        file = bench.folder("vocabularies", key) / told.name
        if not file.is_file() or file.read_bytes() != content:
            file.write_bytes(content)
        prints[key] = bench.folder("prints") / f"vocabulary-{key}.print"
        # The one with weights is a part of a model: only its vocabulary is asked for.
        bench.fingerprint(file if told.name == "model.gguf" else file.parent, prints[key], "--no-digests", "--dimensions", "64")
        read[key] = vocabularies.read(key, content)
    exactly, number = {}, {}
    columns = {key: numbered(bench.numpy, one.tokens, number) for key, one in read.items()}
    for place, suspect in enumerate(read):
        for base in list(read)[place:]:
            one = exact(bench.numpy, columns[suspect], columns[base])
            exactly[suspect, base], exactly[base, suspect] = one, mirrored(one)
    every = [(suspect, base) for suspect in prints for base in prints]
    said = support.each(lambda names: sampled(bench, *(prints[name] for name in names)), every)
    pairs = [
        {"suspect": names[0], "base": names[1], "sampled": rounded(one), "exact": rounded(exactly[names])}
        for names, one in zip(every, said)
    ]
    check(bench.check, pairs)
    sizes = {key: [len(read[key].tokens), len(read[key].controls)] for key in read}
    return {
        "forebear": bench.version,
        "numpy": bench.numpy.__version__,
        "sources": {key: vocabularies.source(key) for key in prints},
        "sizes": sizes,
        "pairs": pairs,
        "jaccard": errors(pairs),
    }


def sampled(bench, suspect, base):
    """What forebear says of two vocabularies."""
    said = bench.compare(suspect, base, "--draws", "99")["tokenizer"]
    return {
        "relation": said["relation"],
        "jaccard": said["jaccard"],
        "contained": said["suspect_in_base"],
        "containing": said["base_in_suspect"],
        "spearman": said["spearman"],
        "offset": [said["offset"]["by"], said["offset"]["share"]] if said["offset"] else None,
        "controls": said["controls_shared"],
    }


def mirrored(found):
    """The same pair from the other side."""
    other = {"extended": "pruned", "pruned": "extended"}
    relation_there = other.get(found["relation"], found["relation"])
    offset = found["offset"] and [-found["offset"][0], found["offset"][1]]
    sides = {"contained": found["containing"], "containing": found["contained"]}
    return found | {"relation": relation_there, "offset": offset} | sides


def numbered(numpy, tokens, number):
    """Tokens by their numbers in all vocabularies, in order, and their ids."""
    columns = numpy.array([(number.setdefault(token, len(number)), index) for token, index in tokens.items()])
    return columns[numpy.argsort(columns[:, 0])].T


def exact(numpy, suspect, base):
    """The relation of two vocabularies from all of their tokens."""
    _, left, right = numpy.intersect1d(suspect[0], base[0], assume_unique=True, return_indices=True)
    ids = numpy.stack([suspect[1][left], base[1][right]], axis=1)
    sizes = len(suspect[0]), len(base[0])
    result = {
        "jaccard": len(ids) / (sum(sizes) - len(ids)),
        "contained": len(ids) / sizes[0],
        "containing": len(ids) / sizes[1],
        "spearman": None,
        "offset": None,
    }
    if len(ids) >= 3:
        ranks = [numpy.empty(len(ids)) for _ in range(2)]
        for side in range(2):
            ranks[side][numpy.argsort(ids[:, side], kind="stable")] = numpy.arange(len(ids))
        result["spearman"] = float(numpy.corrcoef(*ranks)[0, 1])
        moves, counts = numpy.unique(ids[:, 0] - ids[:, 1], return_counts=True)
        most = int(counts.argmax())
        result["offset"] = [int(moves[most]), float(counts[most] / len(ids))]
    equal = bool(len(ids)) and bool((ids[:, 0] == ids[:, 1]).all())
    return {"relation": relation(*sizes, result, len(ids), equal)} | result


def relation(suspect, base, found, shared, equal):
    """The rule, on all tokens."""
    contained = found["contained"] if suspect <= base else found["containing"]
    if contained >= CONTAINED and shared >= FEWEST and found["spearman"] >= ORDERED:
        if suspect == base:
            return "same" if equal and contained == 1 else "moved"
        return "extended" if suspect > base else "pruned"
    return "shared-tokens" if contained >= 0.5 else "independent"


def rounded(found):
    """Figures as far as they are told."""
    if isinstance(found, float):
        return round(found, 4)
    if isinstance(found, list):
        return [rounded(value) for value in found]
    return {key: rounded(value) for key, value in found.items()} if isinstance(found, dict) else found


def errors(pairs):
    """Mean and greatest error of the sampled Jaccard index, of each pair once and none with itself."""
    seen = {}
    for one in pairs:
        if one["suspect"] < one["base"]:
            seen[one["suspect"], one["base"]] = abs(one["sampled"]["jaccard"] - one["exact"]["jaccard"])
    worst = max(seen, key=seen.get)
    return {"pairs": len(seen), "mean": round(statistics.fmean(seen.values()), 4), "most": round(seen[worst], 4), "worst": list(worst)}


def check(check, pairs):
    """What must hold of all pairs, and what the survey found."""
    by_pair = {(one["suspect"], one["base"]): one for one in pairs}
    wrong = [
        f"{one['suspect']} beside {one['base']}: {one['sampled']['relation']}, exactly {one['exact']['relation']}"
        for one in pairs
        if one["sampled"]["relation"] != one["exact"]["relation"]
        and {one["sampled"]["relation"], one["exact"]["relation"]} & (DERIVED | {"too-few"})
    ]
    check.expect(not wrong, f"of {len(pairs)} pairs every derived one is found, as what it is, and no other", "\n".join(wrong))
    for suspect, base, expected in FINDINGS:
        found = by_pair[suspect, base]["sampled"]["relation"]
        holds = found not in DERIVED if expected == "not derived" else found == expected
        check.expect(holds, f"{suspect} beside {base}: {expected}", f"it is said to be {found}")
    found = by_pair["mistral-v3", "mistral-v1"]["sampled"]["offset"]
    check.expect(found == [768, 1.0], "all tokens of Mistral v1 are in v3, moved by 768", found)
    figures = errors(pairs)
    check.expect(figures["mean"] <= 0.04 and figures["most"] <= 0.15, "the sampled Jaccard index is near the exact one", figures)


def tables(result):
    """The vocabularies and the matrix, the derived pairs, and the errors."""
    keys = list(result["sources"])
    by_pair = {(one["suspect"], one["base"]): one for one in result["pairs"]}
    marks = lambda one: WORDS[one["sampled"]["relation"]][1]  # noqa: E731
    rows = []
    for number, key in enumerate(keys, 1):
        told = result["sources"][key]
        place = f"{told['registry']}: {told['package']} {told['version']}"
        rows.append([number, told["title"], place, f"{result['sizes'][key][0]:,}", *(marks(by_pair[key, base]) for base in keys)])
    matrix = pages.table(["", "vocabulary", "from", "tokens", *range(1, len(keys) + 1)], rows, 3)
    derived = []
    for one in result["pairs"]:
        sampled, exact_one = one["sampled"], one["exact"]
        larger = result["sizes"][one["suspect"]][0] >= result["sizes"][one["base"]][0]
        once = larger and (one["suspect"] < one["base"] or result["sizes"][one["suspect"]][0] != result["sizes"][one["base"]][0])
        if sampled["relation"] in DERIVED and one["suspect"] != one["base"] and once:
            derived.append(row(result, one, sampled, exact_one))
    head = ["vocabulary", "beside", "is", "Jaccard", "exact", "order of ids", "exact", "commonest move", "exact"]
    return {
        "tokens": matrix,
        "tokens-derived": pages.table(head, derived, 3),
        "tokens-independent": independent(result),
        "tokens-errors": pages.table(
            ["error of the sampled Jaccard index", "mean", "greatest"],
            [
                [f"here, {result['jaccard']['pairs']} pairs", *(pages.figure(result["jaccard"][key], 3) for key in ("mean", "most"))],
                ["the survey, 325 pairs", *(pages.figure(NOTE[key], 3) for key in ("mean", "most"))],
            ],
        ),
    }


def row(result, one, sampled, exact_one):
    """A pair with its figures, sampled and exact."""
    titles = [result["sources"][one[side]]["title"] for side in ("suspect", "base")]
    moves = [f"{found['offset'][0]:+,} ({found['offset'][1]:.0%})".replace("-", "−").replace("%", " %") for found in (sampled, exact_one)]
    figures = [pages.figure(found[key], 3) for key in ("jaccard", "spearman") for found in (sampled, exact_one)]
    return [*titles, WORDS[sampled["relation"]][0], *figures, *moves]


def independent(result):
    """Pairs that share most tokens of the smaller vocabulary, and not their order: what containment alone would call derived."""
    rows = []
    for one in result["pairs"]:
        smaller = result["sizes"][one["suspect"]][0] < result["sizes"][one["base"]][0]
        if smaller and one["sampled"]["relation"] not in DERIVED and one["exact"]["contained"] >= 0.85:
            titles = [result["sources"][one[side]]["title"] for side in ("suspect", "base")]
            figures = [pages.figure(one[kind][key], 3) for key in ("contained", "spearman") for kind in ("sampled", "exact")]
            rows.append([*titles, WORDS[one["sampled"]["relation"]][0], *figures])
    rows.sort(key=lambda cells: cells[4], reverse=True)
    return pages.table(["smaller", "larger", "is", "contained", "exact", "order of ids", "exact"], rows, 3)
