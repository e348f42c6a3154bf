"""The null distribution, drawn: two models that are not related, and the residual dimensions of one renumbered at random.

Made models, and real ones: what holds for made ones must hold for the outlying dimensions and lopsided gains that training leaves.
"""

import json
import statistics

import support
from weights_bench import models, pages, svg

DRAWS = 12_400
FULL = ("--dimensions", "256", "--column-norms", "--no-digests")
PAIRS = [("minilm", "me5"), ("minilm", "whisper"), ("splade", "minilm")]
NORMAL = statistics.NormalDist()


def measure(bench):
    """Draws for made models and for the pairs."""
    command = ("cargo", "build", "--quiet", "--locked", "--release", "--package", "forebear-weights", "--example", "null_calibration")
    support.must(*command)
    program = support.TARGET / "release" / "examples" / "null_calibration"
    cases = [{"case": "made", "title": "two made models, n = 128"} | json.loads(support.must(program, DRAWS))]
    for left, right in PAIRS:
        files = []
        for name in (left, right):
            path = models.model(bench, name)
            if path is None:
                break
            files.append(bench.folder("prints") / f"{name}.print")
            bench.fingerprint(path, files[-1], *FULL)
        else:
            title = f"{models.MODELS[left].title} and {models.MODELS[right].title}"
            cases.append({"case": f"{left}-{right}", "title": title} | json.loads(support.must(program, DRAWS, *files)))
    for case in cases:
        for test in case["tests"]:
            conditions(bench.check, f"{case['title']}, {test['name']}", test)
    return {"draws": DRAWS, "cases": cases}


def conditions(check, name, test):
    """What the null distribution must be, within four standard errors of so many draws."""
    count = test["draws"]
    check.expect(count == DRAWS >= 10_000, f"{name}: {count} draws", test)
    error = count**-0.5
    check.expect(abs(test["mean"]) <= 4 * error, f"{name}: the mean of z is 0 ({test['mean']:.4f})")
    # The variance is exact: what is left is the error of a standard deviation, with room for tails lighter than the normal ones.
    check.expect(abs(test["sd"] - 1) <= 4 * error, f"{name}: the standard deviation of z is 1 ({test['sd']:.4f})")
    for level in ("05", "01", "001"):
        expected = float(f"0.{level}")
        allowed = expected + 4 * (expected * (1 - expected) / count) ** 0.5
        found = test[f"p_at_most_{level}"]
        check.expect(found <= allowed, f"{name}: p is at most {expected} in {found:.4f} of draws, allowed {allowed:.4f}")
    # Not an exact figure: no normal variable of so many is expected beyond 5.
    check.expect(test["greatest"] < 5, f"{name}: the greatest |z| is {test['greatest']:.2f}")


def tables(result):
    """The table of docs/weights.md."""
    head = ["models", "test", "features", "mean", "sd", "P(z > 2)", "P(z > 3)", "greatest", "P(p ≤ .05)", "P(p ≤ .01)", "P(p ≤ .001)"]
    rows = [("theory, for a normal z", "", "", "0", "1", ".0228", ".0013", "", ".05", ".01", ".001")]
    for case in result["cases"]:
        for test in case["tests"]:
            shares = [share(test[key], digits) for key, digits in SHARES]
            moments = (pages.figure(test["mean"], 3), pages.figure(test["sd"], 3))
            extremes = (*shares[:2], pages.figure(test["greatest"], 2), *shares[2:])
            rows.append((case["title"], test["name"], test["features"], *moments, *extremes))
    return {"null": pages.table(head, rows, left=2)}


SHARES = (("above_2", 4), ("above_3", 4), ("p_at_most_05", 4), ("p_at_most_01", 4), ("p_at_most_001", 4))


def share(value, digits):
    """A share without its leading zero."""
    return f"{value:.{digits}f}".removeprefix("0")


def plots(result):
    """A picture for the made models and one for the real ones of all groups."""
    found = {}
    for case in result["cases"][:2]:
        words = f"z and p of {result['draws']} draws of the null distribution: {case['title']}"
        figure = svg.Figure(words)
        edges = [-5 + index / 2 for index in range(21)]
        density = figure.panel("z: density", (-5, 5), (0, 0.5), "z", "")
        quantile = figure.panel("z: quantiles", (-4, 4), (-4, 4), "normal", "drawn")
        uniform = figure.panel("counted p: density", (0, 1), (0, 1.5), "p", "")
        for kind, test in zip(svg.SERIES, case["tests"]):
            figure.legend(test["name"], kind)
            count = test["draws"]
            density.steps(edges, [value / count * 2 for value in test["histogram"]], kind)
            points = [(NORMAL.inv_cdf((index + 0.5) / 200), z) for index, z in enumerate(test["quantiles"])]
            ends = [NORMAL.inv_cdf((index + 0.5) / count) for index in range(len(test["lowest"]))]
            points += list(zip(ends, test["lowest"])) + list(zip([-x for x in reversed(ends)], test["highest"]))
            quantile.dots(points, kind)
            bins = len(test["p_histogram"])
            uniform.steps([index / bins for index in range(bins + 1)], [value / count * bins for value in test["p_histogram"]], kind)
        figure.legend("theory", svg.PLAIN)
        density.line([(x / 10, NORMAL.pdf(x / 10)) for x in range(-50, 51)], svg.PLAIN)
        quantile.line([(-4, -4), (4, 4)], svg.PLAIN)
        uniform.line([(0, 1), (1, 1)], svg.PLAIN)
        found[f"null-{case['case']}"] = figure.text()
    return found
